/*
 * blindspot.h: what goes past the shim and can be recognised from inside: a runtime that makes its own system calls, io_uring. Each becomes a gap.
 */
#ifndef PRELOAD_BLINDSPOT_H
#define PRELOAD_BLINDSPOT_H

/* From the constructor. */
void blindspot_at_start(void);

/* When exit() runs, in a process that has a spool. */
void blindspot_at_exit(void);

/* Calls look for each open descriptor, the first `most` of them. Returns 0, or -1 when they cannot be listed. */
int blindspot_each_descriptor(int most, void (*look)(int fd));

#endif
