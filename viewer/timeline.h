/*
 * timeline.h: the calls of one socket in order, as steps a person can read: waits that found it ready are woven in, runs
 * of like calls become one step (`recv ×12`), and a pattern that repeats (read, write, read, write …) becomes its calls
 * with the number of rounds. A connect that does not block is one step up to its outcome. Streams: it holds a few steps, however many calls there are.
 */
#ifndef VIEWER_TIMELINE_H
#define VIEWER_TIMELINE_H

#include <sqlite3.h>
#include <stddef.h>
#include <stdint.h>

#include "viewer/database.h"

/* Of a datagram socket that talks to several: whom a call that moved data was with. */
enum timeline_partner { PARTNER_THE_ONE, PARTNER_ANOTHER, PARTNER_NOT_KNOWN };

struct timeline_step {
	int64_t start_ns, end_ns;      /* of the first call, of the last; end_ns: start_ns when it never returned */
	int64_t first_end_ns;          /* of the first call; start_ns when it never returned */
	int64_t duration_ns;           /* inside calls in all; -1: never returned */
	int64_t count;                 /* calls */
	int64_t rounds;                /* > 1: the step is part of a pattern that repeats so often */
	int64_t folded;                /* > 0: a connect that did not block, from EINPROGRESS to its outcome; so many further calls are part of it */
	int round_size, round_index;   /* steps of that pattern (1: a run), and which this is */
	int64_t result, bytes, requested_bytes, process_id, pid, fd, caller_id; /* of the first call; bytes: in all, -1: not a data call */
	int returned;                  /* 0: never returned (or not yet) */
	int is_ready;                  /* 1: a wait from the view readiness; `detail` says what it found */
	int is_long;                   /* 1: worth a row of its own */
	enum timeline_partner partner; /* PARTNER_THE_ONE, unless timeline_ask_partner was called */
	int left_out;                  /* 1: no call, but `count` of them that were not read (timeline_leave_out) */
	char call[24], effect[12], error[24];
	char *detail;                  /* NULL: none; freed by timeline_free_step */
	size_t detail_length;
};

struct timeline {
	struct database *database;
	sqlite3_stmt *calls, *ready, *call_ready;
	int has_call, has_ready;
	int has_wait;                  /* 1: a wait is part of the call at hand, and has not been read */
	int keep_all;                  /* 1: collapse nothing */
	int without_ready;             /* 1: leave out what waits on several sockets found */
	int64_t long_ns;               /* a call that took so long is not collapsed */
	int64_t pause_ns;              /* a silence so long ends a run */
	int64_t left_out_from_ns, left_out_to_ns, left_out_count; /* to 0: nothing is left out */
	int64_t boundary_ns[16];       /* moments that no run crosses: starts of phases */
	int boundary_count;
	struct timeline_step window[16];
	int window_count, drained;
	int failed;                    /* 1: reading the database failed; a message was printed */
};

/* Returns 0 or a negative errno after a message. Set keep_all, without_ready, long_ns and boundaries between open and the first next. */
int timeline_open(struct timeline *timeline, struct database *database, int64_t socket_id);
/* Right after open: has each step say whether its data was exchanged with this socket. Steps of different partners are not collapsed. */
void timeline_ask_partner(struct timeline *timeline, int64_t partner_id);
/*
 * A socket with very many calls: what was read of it grows with what is shown only if its middle is not. Returns 1 and the interval, all but some
 * thousand calls at each end, with the number of calls in it; 0: it has not so many.
 */
int timeline_find_middle(struct database *database, int64_t socket_id, int64_t *from_ns, int64_t *to_ns, int64_t *count);
/* Before the first next: the calls that start in [from, to) become one step. count: 0 when it is not known. */
void timeline_leave_out(struct timeline *timeline, int64_t from_ns, int64_t to_ns, int64_t count);

/* The next step; 0 at the end. The caller frees it with timeline_free_step. */
int timeline_next(struct timeline *timeline, struct timeline_step *step);
void timeline_free_step(struct timeline_step *step);
void timeline_close(struct timeline *timeline);

#endif
