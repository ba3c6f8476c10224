/*
 * pipe.c CALLS: writes and reads over a pipe: what a program pays under a tracer of sockets for calls that are none of its business.
 * Made are CALLS read and write calls, of which a trace holds none.
 */
#include "bench/workloads/measure.h"

#include <unistd.h>

int main(int argc, char **argv)
{
	uint64_t rounds = measure_argument(argc, argv, 1, 200000) / 2;
	char buffer[64] = {0};
	int fds[2];

	CHECK(pipe(fds) == 0);
	measure_start();
	for (uint64_t i = 0; i < rounds; i++) {
		CHECK(write(fds[1], buffer, sizeof buffer) == sizeof buffer);
		CHECK(read(fds[0], buffer, sizeof buffer) == sizeof buffer);
	}
	measure_stop();
	return measure_report(2 * rounds);
}
