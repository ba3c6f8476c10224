/*
 * tcp.c CALLS: one thread plays both ends of a TCP connection over loopback: question and answer, four calls a round.
 */
#include "bench/workloads/connection.h"

int main(int argc, char **argv)
{
	uint64_t rounds = measure_argument(argc, argv, 1, 100000) / 4;
	struct sockaddr_in address;
	char buffer[64] = {0};
	int listener = connection_listen(&address);
	int fds[2], on = 1;

	connection_make(listener, &address, fds);
	for (int i = 0; i < 2; i++)
		CHECK(setsockopt(fds[i], IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) == 0);
	measure_made("socket", 1);
	measure_made("connect", 1);
	measure_made("accept", 1);
	measure_made("setsockopt", 2);
	measure_start();
	for (uint64_t i = 0; i < rounds; i++) {
		CHECK(send(fds[0], buffer, sizeof buffer, 0) == sizeof buffer);
		CHECK(recv(fds[1], buffer, sizeof buffer, 0) == sizeof buffer);
		CHECK(send(fds[1], buffer, sizeof buffer, 0) == sizeof buffer);
		CHECK(recv(fds[0], buffer, sizeof buffer, 0) == sizeof buffer);
	}
	measure_stop();
	measure_made("send", 2 * rounds);
	measure_made("recv", 2 * rounds);
	close(fds[0]);
	close(fds[1]);
	close(listener);
	measure_made("close", 3);
	return measure_report(4 * rounds);
}
