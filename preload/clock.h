/*
 * clock.h: the time of a record, in ticks. Where the kernel itself keeps its time by the time-stamp counter, directly or as a guest of KVM (it then is
 * invariant and in step on all processors), ticks are that counter, read with one instruction; the collector converts them.
 * Elsewhere they are nanoseconds of CLOCK_MONOTONIC, read through the vDSO. No system call is made either way, but on machines
 * whose clock source cannot be read from user space.
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

extern int clock_is_counter __attribute__((visibility("hidden")));

always_inline uint64_t clock_counter(void)
{
#if defined(__x86_64__)
	uint32_t low, high;

	__asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
	return (uint64_t)high << 32 | low;
#else
	return 0;
#endif
}

uint64_t clock_ticks_slowly(void);

always_inline uint64_t clock_ticks(void)
{
	return likely(clock_is_counter) ? clock_counter() : clock_ticks_slowly();
}

/* The same moment in ticks and in nanoseconds of CLOCK_MONOTONIC, to within some 50 ns. */
void clock_pair(uint64_t *ticks, uint64_t *monotonic_ns);

/*
 * The time-stamp counter is about to become forbidden to this thread (strict seccomp; prctl PR_SET_TSC): reading it would be a SIGSEGV, in
 * the vDSO too. Ticks go on by the kernel's coarse clock, which is plain memory, some milliseconds apart.
 */
void clock_leave_counter(void);

/* Finds the vDSO's clock_gettime and the kind of ticks; once, from the constructor. */
void clock_init(void);

#endif
