/*
 * children.c CALLS HOW: connection after connection over loopback, each served by a forked child of its own (HOW 0) or by a thread (1), which
 * lives no longer than that. Processor time is that of the children as well.
 */
#include "bench/workloads/connection.h"

#include <pthread.h>
#include <sys/resource.h>
#include <sys/wait.h>

static uint64_t children_ns(void)
{
	struct rusage usage;

	getrusage(RUSAGE_CHILDREN, &usage);
	return (uint64_t)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000000u + (uint64_t)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1000u;
}

static void serve(int fd)
{
	char buffer[64];

	CHECK(recv(fd, buffer, sizeof buffer, 0) == sizeof buffer);
	CHECK(send(fd, buffer, sizeof buffer, 0) == sizeof buffer);
	CHECK(close(fd) == 0);
}

static void *serve_in_thread(void *given)
{
	serve(*(int *)given);
	return NULL;
}

int main(int argc, char **argv)
{
	int in_thread = (int)measure_argument(argc, argv, 2, 0), calls = in_thread ? 9 : 12;
	uint64_t rounds = measure_argument(argc, argv, 1, 12000) / (uint64_t)calls;
	char buffer[64] = {0};
	struct sockaddr_in address;
	int listener = connection_listen(&address);
	uint64_t before_ns = children_ns();

	measure_start();
	for (uint64_t i = 0; i < rounds; i++) {
		struct linger reset = {1, 0};
		pthread_t thread;
		pid_t child = 0;
		int fds[2];

		connection_make(listener, &address, fds);
		CHECK(send(fds[0], buffer, sizeof buffer, 0) == sizeof buffer);
		if (in_thread) {
			CHECK(pthread_create(&thread, NULL, serve_in_thread, &fds[1]) == 0);
		} else {
			child = fork();
			CHECK(child >= 0);
			if (child == 0) {
				close(listener);
				close(fds[0]);
				serve(fds[1]);
				_exit(0);
			}
			close(fds[1]);
		}
		CHECK(recv(fds[0], buffer, sizeof buffer, 0) == sizeof buffer);
		CHECK(in_thread ? pthread_join(thread, NULL) == 0 : waitpid(child, NULL, 0) == child);
		/* No port is to wait in TIME_WAIT: many runs would use up the range. */
		CHECK(setsockopt(fds[0], SOL_SOCKET, SO_LINGER, &reset, sizeof reset) == 0);
		close(fds[0]);
	}
	measure_stop();
	measure.cpu_ns += children_ns() - before_ns;
	measure_made("socket", rounds);
	measure_made("connect", rounds);
	measure_made("accept", rounds);
	measure_made("send", 2 * rounds);
	measure_made("recv", 2 * rounds);
	measure_made("setsockopt", rounds);
	measure_made("close", (in_thread ? 2 : 5) * rounds + 1);
	close(listener);
	return measure_report((uint64_t)calls * rounds);
}
