/*
 * blindspot.h: what goes past the shim and can be recognised from inside: a runtime that makes its own system calls, io_uring. Each becomes a gap.
 */
#ifndef PRELOAD_BLINDSPOT_H
#define PRELOAD_BLINDSPOT_H

#include <stddef.h>

/* From the constructor. */
void blindspot_at_start(void);

/* First in a forked child. */
void blindspot_after_fork(void);

/* When exit() runs, or _exit is called: is an io_uring open? Async-signal-safe. */
void blindspot_at_exit(void);

/* The process uses io_uring; `how` (a constant) tells how that was seen. Says it once. */
void blindspot_ring(const char *how);

/* Calls look for each open descriptor, the first `most` of them; reads them into buffer. Returns 0, or -1 when they cannot be listed. */
int blindspot_each_descriptor(char *buffer, size_t bytes, int most, void (*look)(int fd));

#endif
