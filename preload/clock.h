/*
 * clock.h: the time of a record: nanoseconds of CLOCK_MONOTONIC, read through the vDSO, so that no system call is made
 * where the kernel offers one (it does wherever its clock source can be read from user space).
 */
#ifndef PRELOAD_CLOCK_H
#define PRELOAD_CLOCK_H

#include "preload/raw.h"

#include <time.h>

extern int (*clock_vdso_gettime)(clockid_t, struct timespec *) __attribute__((visibility("hidden")));

always_inline uint64_t clock_read(clockid_t clock)
{
	struct timespec now;

	if (likely(clock_vdso_gettime != NULL))
		clock_vdso_gettime(clock, &now);
	else
		raw_syscall(SYS_clock_gettime, clock, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

always_inline uint64_t clock_ticks(void)
{
	return clock_read(CLOCK_MONOTONIC);
}

/* Finds the vDSO's clock_gettime; once, from the constructor. */
void clock_init(void);

#endif
