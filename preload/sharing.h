/*
 * sharing.h: thread-local storage that more than one process runs on. The children of vfork, posix_spawn, system, popen and of clone
 * with CLONE_VM use their parent's memory and thread-local storage, ours included, but are processes of their own: their records
 * carry their own pid, and what they do to descriptors must not touch the parent's table.
 *
 * While such a child may exist, `sharing` is set in the storage they share. It turns the fast paths off; each record and each look at the
 * table then asks the kernel whose it is (gettid): the owner's, or one of the borrowers'.
 *
 *   frame = sharing_begin();   parent: its cursor moves into the struct sharing
 *   real vfork, posix_spawn …  child: becomes a borrower with its first record, with a copy of the table
 *   sharing_end(frame);        parent: has its cursor back; what the child left is freed
 */
#ifndef PRELOAD_SHARING_H
#define PRELOAD_SHARING_H

#include "preload/raw.h"

struct table;
struct thread_state;
struct sharing;

extern __thread struct sharing *sharing __attribute__((visibility("hidden"))); /* NULL: this storage belongs to one thread */

/* vfork.S knows the offsets of the first two members. */
struct sharing_frame {
	long saved_register;      /* what the stub keeps its frame's address in */
	const void *return_to;    /* a vfork child writes over the return address on the stack it shares */
	struct spool_call *call;
	struct sharing *sharing;
	uintptr_t mark;           /* what the child may leave changed in the storage: patch_mark … */
	int32_t within_exec;      /* … and that of thread_state */
	int32_t depth;            /* frames below this one */
};

/* In the parent. NULL: no room, or nothing is recorded: go on without. */
struct sharing_frame *sharing_begin(void);
void sharing_end(struct sharing_frame *frame);

/* The child runs beside its parent, for longer than any call lasts: sharing never ends, the frame may be forgotten. */
void sharing_stay(struct sharing_frame *frame);

/* In a child: takes its place now, not at its first record. With CLONE_FILES it goes on with the parent's table. */
void sharing_enter(int shares_descriptors);

/* Where records of the calling process are counted; NULL: there are too many children. Only while `sharing` is set. */
struct thread_state *sharing_state(void);
struct table *sharing_table(void);

/*
 * A call from inside libc: is it that of a wrapper of ours? Where children run beside their parent, one may have overwritten the mark
 * that says so (patch.h); the calling process's latest record tells as well.
 */
int sharing_is_within_wrapper(void);

/*
 * The other way round: a thread that goes on with a descriptor table of its own (unshare(CLONE_FILES)), and has its storage for itself. Its records
 * are made on the fast path; only looks at the table take this turning. Threads that it starts go on with the same one: `table` counts its users, and
 * the last one frees it.
 */
struct table *sharing_own_table(void); /* NULL: the thread has that of its process */
int sharing_set_own_table(struct table *table); /* counted among its users already; 0, or -1: no room, and nothing has changed */
int sharing_leave_own_table(void); /* 1: nobody is left who has it */

/* Memory that a borrower's exec leaves behind when it succeeds: the owner frees it. NULL: forget the last one. */
void sharing_leave_behind(void *memory, size_t bytes);

/* In a forked child of any of them: the storage is its own. */
void sharing_after_fork(void);

#endif
