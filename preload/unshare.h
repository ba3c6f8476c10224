/*
 * unshare.h: threads that stop sharing their descriptors with the others of their process: unshare(CLONE_FILES) and close_range with
 * CLOSE_RANGE_UNSHARE. From then on the same number may be another socket for each.
 *
 *   table = unshare_prepare(flags);   before the real call, which copies the kernel's table
 *   real call
 *   unshare_done(table, succeeded);   after it: this thread's looks go to the copy from here on
 *
 * And threads that enter another network namespace (unshare, setns, clone): there the same addresses are others.
 */
#ifndef PRELOAD_UNSHARE_H
#define PRELOAD_UNSHARE_H

#include "preload/hooks.h"

struct table;

/* A copy of the thread's table if the process has other threads; NULL: nothing will change. */
struct table *unshare_prepare(void);
void unshare_done(struct table *copy, int succeeded);

/* This thread may have come into another network namespace. */
void unshare_note_network(void);

hook_through *unshare_through(long number);

#endif
