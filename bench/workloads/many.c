/*
 * many.c CALLS [OPEN] [SPREAD]: OPEN sockets are held while one pair of them (or, with SPREAD 1, each in turn) carries the traffic. The
 * price of a call must not depend on how many sockets there are.
 */
#include "bench/workloads/measure.h"

#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	uint64_t rounds = measure_argument(argc, argv, 1, 200000) / 2;
	uint64_t pairs = (measure_argument(argc, argv, 2, 10000) + 1) / 2;
	uint64_t spread = measure_argument(argc, argv, 3, 0);
	int (*fds)[2] = calloc(pairs, sizeof *fds);
	char buffer[64] = {0};
	struct rlimit limit;

	CHECK(getrlimit(RLIMIT_NOFILE, &limit) == 0);
	limit.rlim_cur = limit.rlim_max;
	CHECK(setrlimit(RLIMIT_NOFILE, &limit) == 0);
	for (uint64_t i = 0; i < pairs; i++)
		CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, fds[i]) == 0);
	measure_made("socketpair", pairs);
	measure_start();
	for (uint64_t i = 0; i < rounds; i++) {
		int *pair = fds[spread ? i % pairs : pairs - 1];

		CHECK(send(pair[0], buffer, sizeof buffer, 0) == sizeof buffer);
		CHECK(recv(pair[1], buffer, sizeof buffer, 0) == sizeof buffer);
	}
	measure_stop();
	measure_made("send", rounds);
	measure_made("recv", rounds);
	for (uint64_t i = 0; i < pairs; i++) {
		close(fds[i][0]);
		close(fds[i][1]);
	}
	measure_made("close", 2 * pairs);
	return measure_report(2 * rounds);
}
