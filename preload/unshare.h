/*
 * unshare.h: threads that stop sharing their descriptors with the others of their process: unshare(CLONE_FILES) and close_range with
 * CLOSE_RANGE_UNSHARE. From then on the same number may be another socket for each.
 *
 *   table = unshare_prepare();        before the real call, which copies the kernel's table
 *   real call
 *   unshare_done(table, succeeded);   after it: this thread's looks go to the copy from here on
 *
 * And threads that enter another network namespace (unshare, setns, clone): there the same addresses are others. What such threads
 * start goes where they are (thread_start.c).
 */
#ifndef PRELOAD_UNSHARE_H
#define PRELOAD_UNSHARE_H

#include "preload/hooks.h"

struct table;

/* A copy of the thread's table if other threads have it as well; NULL: nothing will change. */
struct table *unshare_prepare(void);
void unshare_done(struct table *copy, int succeeded);

/* In a new thread: it goes on with this table, which counts it among its users already. */
void unshare_join(struct table *table);

/* What this thread does with its descriptors cannot be told from here on: a gap that says how it came to that. */
void unshare_not_followed(const char *how);

/* This thread may have come into another network namespace. */
void unshare_note_network(void);

hook_through *unshare_through(long number);

#endif
