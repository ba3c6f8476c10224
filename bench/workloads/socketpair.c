/*
 * socketpair.c CALLS [BYTES]: one thread sends to itself over a Unix stream pair: half the calls are send, half recv. The cheapest data
 * calls there are, and so the workload on which a tracer's cost per call shows most.
 */
#include "bench/workloads/measure.h"

#include <sys/socket.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	uint64_t rounds = measure_argument(argc, argv, 1, 200000) / 2;
	size_t bytes = measure_argument(argc, argv, 2, 64);
	char buffer[65536] = {0};
	int fds[2];

	CHECK(bytes <= sizeof buffer);
	CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, fds) == 0);
	measure_made("socketpair", 1);
	measure_start();
	for (uint64_t i = 0; i < rounds; i++) {
		CHECK(send(fds[0], buffer, bytes, 0) == (ssize_t)bytes);
		CHECK(recv(fds[1], buffer, bytes, 0) == (ssize_t)bytes);
	}
	measure_stop();
	measure_made("send", rounds);
	measure_made("recv", rounds);
	close(fds[0]);
	close(fds[1]);
	measure_made("close", 2);
	return measure_report(2 * rounds);
}
