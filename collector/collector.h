/*
 * collector.h: tails the spools beside a database and stores what they hold. One collector per database: it holds the lock
 * <database>.spool/collector.lock as long as it works.
 *
 *   collector_open        takes the lock, opens or makes the database, resumes what an earlier collector left
 *   collector_step        one round over all spools; commits when there is enough
 *   collector_close       the last round; finishes the database when no traced process is left, else leaves the rest to a successor
 *
 * Functions that return int: 0 or a negative errno unless said otherwise. Not for several threads.
 */
#ifndef COLLECTOR_COLLECTOR_H
#define COLLECTOR_COLLECTOR_H

#include <stddef.h>

struct collector;

struct collector_options {
	const char *database;      /* path; its directory must be writable */
	int keep_data_calls;       /* 1: --detail=calls; 0: --detail=sockets */
	int yields;                /* 1: while the machine has no processor to spare, what is recorded waits in the spools, up to a bound */
	const char *command_line;  /* for meta; NULL: not started by `run` */
	/* Called when the lock is held, before the database is looked at: an older one may be put away. As `ready`. */
	int (*locked)(void *context);
	/* Called when the lock is held and the database can be written, before it is made: what is to be recorded may start. Not 0: collector_open returns it. NULL: nothing. */
	int (*ready)(void *context);
	void *context;
};

/* -EAGAIN: another collector holds the lock. On another failure `message` (room for 512 bytes) says it in a sentence. */
int collector_open(struct collector **collector, const struct collector_options *options, char *message);

/* Notes a gap that the caller knows of; reason: a word of missing.reason. */
void collector_missing(struct collector *collector, const char *reason, const char *detail);

/*
 * Returns how many records were read (0: idle, or the processors are needed by others; 1 at least when spools were taken up and more are left), or a negative
 * errno. Commits at most every 200 ms, and at once when idle.
 */
long collector_step(struct collector *collector);

/* The next steps look at every process at once, whatever that costs: somebody waits for them to have ended. */
void collector_hurry(struct collector *collector);

/* 1: the last step had no room for all that waits, records or spools. */
int collector_is_behind(const struct collector *collector);

/* Traced processes that have a spool and are still alive. */
size_t collector_live_count(struct collector *collector);

/* The end of a process that the caller has waited for. */
void collector_process_ended(struct collector *collector, int pid, int exit_status, int exit_signal);

/*
 * Reads and commits what is there, and lets go of the lock. finish 1: no traced process is left (or nobody will go on): the database
 * becomes one plain finished file. 0: a successor goes on. Frees the collector. Returns 0 or a negative errno.
 */
int collector_close(struct collector *collector, int finish);

/*
 * Stores what spools left beside a finished or interrupted recording hold, when no collector is at it; quick when there is
 * nothing. Called by every command that opens a database. Returns 0, or a negative errno with a sentence in `message`.
 */
int collector_ingest(const char *database, char *message);

/* 1: there are spools beside the database, and no collector is at them. */
int collector_is_wanted(const char *database);

/* `socklife collect`: collects until the last traced process has ended. Returns 0 also when another collector is at work. */
int collector_run(const char *database, char *message);

#endif
