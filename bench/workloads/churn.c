/*
 * churn.c CALLS: connection after connection over loopback: socket, connect, accept, send, recv, close, close. Where a tracer asks the
 * kernel about each socket it meets, this shows what that costs.
 */
#include "bench/workloads/connection.h"

int main(int argc, char **argv)
{
	uint64_t rounds = measure_argument(argc, argv, 1, 35000) / 7;
	struct sockaddr_in address;
	char buffer[64] = {0};
	int listener = connection_listen(&address);
	int fds[2];

	measure_start();
	for (uint64_t i = 0; i < rounds; i++) {
		struct linger reset = {1, 0};

		connection_make(listener, &address, fds);
		CHECK(send(fds[0], buffer, sizeof buffer, 0) == sizeof buffer);
		CHECK(recv(fds[1], buffer, sizeof buffer, 0) == sizeof buffer);
		/* Once in a while, so that the waiting ports (TIME_WAIT) of many runs do not use up the range. */
		if (i % 2 == 0) {
			CHECK(setsockopt(fds[0], SOL_SOCKET, SO_LINGER, &reset, sizeof reset) == 0);
			measure_made("setsockopt", 1);
		}
		close(fds[0]);
		close(fds[1]);
	}
	measure_stop();
	measure_made("socket", rounds);
	measure_made("connect", rounds);
	measure_made("accept", rounds);
	measure_made("send", rounds);
	measure_made("recv", rounds);
	measure_made("close", 2 * rounds + 1);
	close(listener);
	return measure_report(7 * rounds);
}
