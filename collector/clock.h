/* clock.h: the clocks that the collector reads, in nanoseconds. */
#ifndef COLLECTOR_CLOCK_H
#define COLLECTOR_CLOCK_H

#include <stdint.h>
#include <time.h>

static inline int64_t clock_ns(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

/* CLOCK_MONOTONIC: nanoseconds since some moment before the boot. */
static inline int64_t clock_monotonic_ns(void)
{
	return clock_ns(CLOCK_MONOTONIC);
}

/* CLOCK_REALTIME: nanoseconds since 1970-01-01 UTC. */
static inline int64_t clock_unix_ns(void)
{
	return clock_ns(CLOCK_REALTIME);
}

#endif
