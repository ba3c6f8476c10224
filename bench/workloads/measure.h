/*
 * measure.h: what all workloads of `make bench` share. A workload makes a known number of socket calls in a timed loop and prints one
 * line, on which bench/run relies:
 *
 *     loop_calls=200000 loop_ns=187650123 cpu_ns=187011456 socketpair=1 send=100000 recv=100000 close=2
 *
 * loop_ns is wall time and cpu_ns processor time (of all threads) of the loop alone; the names after it say how many calls of each kind
 * the whole program made, loop and all: a trace that holds fewer has lost some. Names are those of schema/calls.def.
 *
 * The environment variable BENCH_CPU pins the workload itself, not what traces it. A call that fails ends the workload: figures of
 * failing calls mean nothing.
 */
#ifndef BENCH_MEASURE_H
#define BENCH_MEASURE_H

#include <errno.h>
#include <inttypes.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define MEASURE_KINDS 32

static struct {
	uint64_t start_ns, start_cpu_ns, loop_ns, cpu_ns;
	struct {
		const char *name;
		uint64_t count;
	} kinds[MEASURE_KINDS];
} measure;

/* Ends the workload unless `truth`: CHECK(send(fd, "x", 1, 0) == 1). */
#define CHECK(truth) \
	do { \
		if (!(truth)) { \
			fprintf(stderr, "%s:%d: %s: %s\n", __FILE__, __LINE__, #truth, strerror(errno)); \
			exit(2); \
		} \
	} while (0)

static inline uint64_t measure_clock(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* Argument number `index` as a number, or `otherwise` when it was not given. */
static inline uint64_t measure_argument(int argc, char **argv, int index, uint64_t otherwise)
{
	const char *cpu = getenv("BENCH_CPU");

	if (cpu && index == 1) {
		cpu_set_t set;

		CPU_ZERO(&set);
		CPU_SET(atoi(cpu), &set);
		sched_setaffinity(0, sizeof set, &set);
	}
	return argc > index ? strtoull(argv[index], NULL, 10) : otherwise;
}

static inline void measure_start(void)
{
	measure.start_cpu_ns = measure_clock(CLOCK_PROCESS_CPUTIME_ID);
	measure.start_ns = measure_clock(CLOCK_MONOTONIC);
}

static inline void measure_stop(void)
{
	measure.loop_ns = measure_clock(CLOCK_MONOTONIC) - measure.start_ns;
	measure.cpu_ns = measure_clock(CLOCK_PROCESS_CPUTIME_ID) - measure.start_cpu_ns;
}

/* Notes that `count` calls named `name` were made. */
static inline void measure_made(const char *name, uint64_t count)
{
	for (int i = 0; i < MEASURE_KINDS; i++) {
		if (measure.kinds[i].name && strcmp(measure.kinds[i].name, name))
			continue;
		measure.kinds[i].name = name;
		measure.kinds[i].count += count;
		return;
	}
	abort();
}

static inline int measure_report(uint64_t loop_calls)
{
	printf("loop_calls=%" PRIu64 " loop_ns=%" PRIu64 " cpu_ns=%" PRIu64, loop_calls, measure.loop_ns, measure.cpu_ns);
	for (int i = 0; i < MEASURE_KINDS && measure.kinds[i].name; i++)
		printf(" %s=%" PRIu64, measure.kinds[i].name, measure.kinds[i].count);
	printf("\n");
	return 0;
}

#endif
