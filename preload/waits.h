/*
 * waits.h: what poll, select and epoll have in common.
 */
#ifndef PRELOAD_WAITS_H
#define PRELOAD_WAITS_H

#include <errno.h>
#include <time.h>

#include "preload/writer.h"

static inline uint32_t milliseconds(const struct timespec *timeout)
{
	return timeout ? (uint32_t)(timeout->tv_sec * 1000 + (timeout->tv_nsec + 999999) / 1000000) : UINT32_MAX;
}

/* No socket yet in this process: no wait can be on one. */
always_inline int nothing_to_wait_on(void)
{
	return __atomic_load_n(&writer_spool, __ATOMIC_RELAXED) == NULL;
}

#endif
