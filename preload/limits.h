/*
 * limits.h: limits that the program sets for itself and that concern us.
 */
#ifndef PRELOAD_LIMITS_H
#define PRELOAD_LIMITS_H

struct rlimit;

/* A limit of this process has been set, by whatever call. limit: NULL: it was only asked for. */
void limits_changed(unsigned resource, const struct rlimit *limit);

/* mlockall(2), by whatever call: libc's convention. */
int limits_lock_all(int flags);

#endif
