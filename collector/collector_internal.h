/*
 * collector_internal.h: what the files of the collector's loop share with each other and with nobody else: collector.c (a step, the end, the
 * beginning), collector_directory.c (which spools are there), collector_read.c (records to the state machine), collector_backlog.c (which of them first, when
 * more wait than one turn reads), collector_ends.c (processes that are gone), collector_run.c (the loop as a command).
 */
#ifndef COLLECTOR_COLLECTOR_INTERNAL_H
#define COLLECTOR_COLLECTOR_INTERNAL_H

#include "collector/collector.h"

#include <limits.h>
#include <time.h>

#include "collector/contention.h"
#include "collector/feed.h"
#include "collector/running.h"
#include "collector/store.h"

#define LOOK_INTERVAL_NS 20000000 /* at processes */

/* Chunks that wait to be read, when there are more than a turn reads: collector_backlog.c. */
struct backlog {
	struct waiting_chunk {
		int64_t taken_ns;
		struct feed *feed;
		uint32_t number;
		int32_t tid;
		size_t first, refs;            /* what this turn has of it, in collector.refs */
	} *chunks;
	size_t room, count;
	size_t turn, at;                   /* those of the last turn; those from `at` on are still to be read */
	size_t feeds;                      /* spools there were when it was made */
	int64_t looked_ns;                 /* when that was */
};

struct collector {
	char database[PATH_MAX], directory[PATH_MAX];
	int directory_fd, lock_fd;
	int64_t prepared_ns;               /* on CLOCK_MONOTONIC: before anything that `run` starts */
	struct store *store;
	struct identity *identity;
	struct callers callers;
	struct running running;
	struct feed **feeds;
	size_t feed_count, feed_room;
	struct map feeds_by_name;          /* hash of a spool's name → struct feed */
	size_t living_count;               /* feeds that the last look at ends left: their processes live */
	int spools_left;                   /* more are there than a scan takes up, or may be open: when some have ended the next scan goes on */
	size_t scanned_count, scanned_new; /* feeds, and those of which it was not known that they live, after the last scan */
	size_t batch_records;              /* records of one batch at most */
	size_t turn_records;               /* and of this turn's */
	int holders_asked;                 /* how often the machine was asked who has a port */
	struct record_ref *refs;           /* batch_records of them */
	struct ordered { int64_t at_ns; struct feed *feed; const struct record_ref *ref; } *order, *order_spare;
	struct backlog backlog;
	int behind;                        /* records are left that the last turn had no room for */
	union record_slot record[1 + SPOOL_MAX_PARTS];
	struct map skipped;                /* hash of names that are no spools of ours, so that each is told once */
	int64_t last_commit_ns, last_look_ns, last_scan_ns, busy_until_ns;
	int64_t look_took_ns;
	int64_t directory_seen_ns;         /* when its present time was first seen */
	struct timespec directory_changed;
	size_t uncommitted;                /* records applied since the last commit */
	int ended_pid, ended_status, ended_signal; /* the launcher's child, once it has ended */
	struct contention contention;
	int yields;                        /* to those who need the processors; what waits goes first when one of them ends */
	int ending;                        /* somebody has ended: his records and his end are to be stored */
	int64_t last_peek_ns;
	int failed;
};

int64_t collector_trace_now_ns(const struct collector *collector);

/* Feeds of which it is not known that their processes live. */
static inline size_t collector_new_count(const struct collector *collector)
{
	return collector->feed_count > collector->living_count ? collector->feed_count - collector->living_count : 0;
}

/* The number of a place in code (identity_config.caller). */
uint32_t collector_find_caller(void *context, struct process *process, uint64_t address);

/* Opens the directory and takes the lock; make 1: makes the directory when it is not there. message: see collector_open. */
int collector_prepare(struct collector **collector, const char *database, int make, char *message);
int collector_open_store(struct collector *collector, const struct collector_options *options, char *message);
void collector_free(struct collector *collector);
const char *collector_reason_of(int error);

/* collector_directory.c. Functions that return int: 0 or a negative errno. */
/* Opens the directory and takes the lock in it, both as they are found by their names then. -EAGAIN: another has it. */
int directory_take(struct collector *collector, int make);
void directory_earliest_start(int directory_fd, int64_t *start_ns);
int directory_scan(struct collector *collector, int64_t now_ns); /* the number of new spools, or a negative errno */
void directory_drop(struct collector *collector, struct feed *feed); /* it is finished: removes the spool, closes the feed */
int directory_has_spools(const struct collector *collector);
void directory_remove(struct collector *collector);

/* collector_read.c: the number of records read, or a negative errno; 0 or a negative errno. */
long feeds_read(struct collector *collector);
int feed_apply_unreturned(struct collector *collector, struct feed *feed, int pid);
int feeds_look_at_running(struct collector *collector);

/* collector_backlog.c */
/*
 * Fills refs and order with a turn's worth of what was taken first; sets `behind`. *until_ns: what is not before it is left for the next turn, since chunks that found no
 * place may have something older. The number of records, or a negative errno.
 */
long backlog_collect(struct collector *collector, int64_t *until_ns);
int backlog_goes_on(const struct collector *collector); /* 1: the next turn goes on with a list made before */
void backlog_settle(struct backlog *backlog);            /* the turn's records have been applied: what has nothing left leaves the list */
void backlog_forget(struct backlog *backlog);

/* collector_ends.c */
int feeds_look_at_ends(struct collector *collector, int64_t now_ns);
int feeds_any_ended(struct collector *collector); /* 1: somebody is gone, and his end not stored yet */
void watch_forget(struct process *process);

#endif
