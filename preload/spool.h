/*
 * spool.h: makes, maps and extends the spool file (its layout: schema/spool.h), and starts a collector for it when none is running.
 * No descriptor is held: the file is opened, mapped and closed again at once (own_table.h).
 */
#ifndef PRELOAD_SPOOL_H
#define PRELOAD_SPOOL_H

#include "schema/spool.h"

/* Where the spool goes and how large it may grow; filled by the constructor. */
struct spool_options {
	char directory[4096];   /* <database>.spool, absolute */
	char around[4096];      /* the directory it is in */
	char database[4096];    /* absolute */
	char collector[4096];   /* program to start as collector; empty: none */
	const char *detail;     /* the environment's entry SOCKLIFE_DETAIL=…, for the collector; NULL: none */
	uint64_t max_bytes;
	uint64_t start_ticks;   /* when the shim's constructor ran, or this process was forked */
	int follows_exec;
	int forked_from;        /* the process that forked this one before either had a spool; 0: none */
	uint32_t intercept, patched_sites, unpatched_sites;
};

extern struct spool_options spool_options __attribute__((visibility("hidden")));

/*
 * The process's spool, made now if there is none. NULL: it cannot be made (no permission, disk full, descriptors exhausted, seccomp); tried
 * again a few times later. Threads that race each make one; one wins, the others' are removed.
 */
struct spool_header *spool_open(void);

/* Could this process make a spool now, as far as the way to the directory goes? */
int spool_is_reachable(void);

/* Inode of the network namespace that this thread is in; 0: not known. */
uint64_t spool_network_namespace(void);

/*
 * Takes a chunk that was never used, beyond those that have room, and makes room for it and a few others, which it puts on the free list. Any number of threads may do
 * so at once, each on its own. Its index, or -1: no room.
 */
int64_t spool_claim(struct spool_header *spool);

/*
 * The chunk `taken` was taken. Maps those beside it, if it is the first of a run that nobody has used; else, where there is no other to take, takes a run of those that were
 * never used, makes their pages all at once, and puts them on the free list. Nothing goes wrong if it cannot: chunks are taken one by one then, and pages made as
 * they are touched. Returns `passed`, so that it can be the last thing its caller does.
 */
void *spool_make_run(struct spool_header *spool, uint32_t taken, void *passed);

/*
 * How many chunks this process has mapped: all, unless its address space is limited. The mapping counts as the program's (RLIMIT_AS), so that it may not
 * take more than a small part of what the program may have.
 */
extern uint32_t spool_window __attribute__((visibility("hidden")));

/* The address space has just been limited: gives back what is not used. limits.c. */
void spool_shrink_window(uint64_t limit_bytes);

/* The program has locked all its memory (mlockall): ours would count against what it may lock. limits.c. */
void spool_unlock_memory(void);

/* In a forked child: what failed for the parent may work here; a spool that it makes itself says who its parent is. */
void spool_after_fork(int parent_pid);

/* Starts a collector unless one holds the lock; collector_start.c. */
void spool_start_collector(void);

/* The program's soft limit; UINT64_MAX: none, or not known. */
uint64_t spool_limit_of(int resource);

#endif
