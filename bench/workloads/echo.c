/*
 * echo.c CALLS [CONNECTIONS]: what an event-driven server does: epoll_wait, then read and write on each connection that is ready, with
 * the clients' write and read in the same thread. CONNECTIONS of them; each round all clients ask at once.
 */
#include "bench/workloads/connection.h"

#include <sys/epoll.h>

int main(int argc, char **argv)
{
	uint64_t calls = measure_argument(argc, argv, 1, 100000);
	unsigned connections = (unsigned)measure_argument(argc, argv, 2, 16);
	uint64_t rounds = calls / (4 * connections + 1), waits = 0;
	int (*fds)[2] = calloc(connections, sizeof *fds);
	struct epoll_event *events = calloc(connections, sizeof *events);
	struct sockaddr_in address;
	char buffer[64] = {0};
	int listener = connection_listen(&address);
	int instance = epoll_create1(0);

	CHECK(fds && events && instance >= 0);
	for (unsigned i = 0; i < connections; i++) {
		struct epoll_event event = {.events = EPOLLIN};

		connection_make(listener, &address, fds[i]);
		event.data.fd = fds[i][1];
		CHECK(epoll_ctl(instance, EPOLL_CTL_ADD, fds[i][1], &event) == 0);
	}
	measure_made("socket", connections);
	measure_made("connect", connections);
	measure_made("accept", connections);
	measure_made("epoll_create1", 1);
	measure_made("epoll_ctl", connections);
	measure_start();
	for (uint64_t round = 0; round < rounds; round++) {
		unsigned answered = 0;

		for (unsigned i = 0; i < connections; i++)
			CHECK(write(fds[i][0], buffer, sizeof buffer) == sizeof buffer);
		while (answered < connections) {
			int ready = epoll_wait(instance, events, (int)connections, -1);

			CHECK(ready > 0);
			waits++;
			for (int i = 0; i < ready; i++) {
				CHECK(read(events[i].data.fd, buffer, sizeof buffer) == sizeof buffer);
				CHECK(write(events[i].data.fd, buffer, sizeof buffer) == sizeof buffer);
			}
			answered += (unsigned)ready;
		}
		for (unsigned i = 0; i < connections; i++)
			CHECK(read(fds[i][0], buffer, sizeof buffer) == sizeof buffer);
	}
	measure_stop();
	measure_made("write", 2 * connections * rounds);
	measure_made("read", 2 * connections * rounds);
	measure_made("epoll_wait", waits);
	for (unsigned i = 0; i < connections; i++) {
		close(fds[i][0]);
		close(fds[i][1]);
	}
	close(listener);
	measure_made("close", 2 * connections + 1);
	return measure_report(4 * connections * rounds + waits);
}
