/*
 * ladder_internal.h: what the files of `socklife ladder` share with each other and with nobody else: command_ladder.c (which pairs of sockets, and
 * the command), ladder_lane.c (the steps of both ends in one order, and what they add to the streams), ladder_draw.c (the layout of a row and its
 * arrows), ladder_steps.c (what is said of each step).
 *
 * A stream keeps order: what a lane sent less what the other received is on its way, whichever calls carried it. Of datagrams it is the messages that
 * are counted: one may be received in part, and its rest is gone.
 */
#ifndef VIEWER_LADDER_INTERNAL_H
#define VIEWER_LADDER_INTERNAL_H

#include <stdint.h>
#include <string.h>

#include "viewer/text.h"
#include "viewer/timeline.h"
#include "viewer/view.h"

#define MIDDLE_MOST 64
#define AHEAD_MOST 32
#define DEPARTURES_MOST 32     /* of more the last ones count as a run */
#define PAUSE_SHARE 10         /* a pause of 1/10 of the whole is marked */
#define PAUSE_LEAST_NS 1000000

/* A call or a run of them whose bytes are on their way, in part or all. */
struct departure {
	int64_t start_ns;
	int64_t from, to;              /* what of the stream it carried */
	int is_run;                    /* then only its first byte's time is known */
};

struct lane {
	int64_t id;                    /* 0: the peer is not in the trace */
	int64_t opened_ns, closed_ns, fd, eof_ns;
	int is_accepted, is_stream;
	struct text title;
	struct timeline timeline;
	struct timeline_step head;     /* next step; valid when has_head */
	int has_head, accept_pending;  /* accept_pending: the accept that made it is still to be printed */
	struct timeline_step ahead[AHEAD_MOST]; /* steps after it, by their moments: of calls that overlap the one that began last may be seen first */
	int ahead_count;
	int64_t read_ns;               /* start of the last step read */
	int64_t sent, received;        /* bytes so far, or messages; the end of data counts as one */
	struct departure departures[DEPARTURES_MOST]; /* the oldest first */
	int departure_count;
	int64_t last_receive_ns;       /* end of its last receive; -1: none since it last sent */
	int64_t asked_from_ns, asked_to_ns; /* of a datagram server that several asked: when the other end first sent, and was closed */
	int has_several;               /* 1: several asked it, and steps tell with whom they were */
	int is_uncertain;              /* 1: some of it may have been with another: neither times nor what is unread are known */
	int ended;                     /* it said that it sends no more */
	const char *end_word;          /* how it ended without a close: a row of its own; NULL: it was closed, is open, or the row is drawn */
	const char *bar;
};

struct ladder {
	struct view *view;
	struct text line, cell;
	struct lane lanes[2];          /* client and server */
	int64_t start_ns, total_ns, last_ns, queue_ns;
	int connecting;                /* connect calls so far: one that only asks how the first fares draws no arrow */
	int left, middle, right;       /* widths */
	unsigned char *shown;          /* by socket_id: already part of a ladder */
	int64_t shown_room;
	int all;
	int left_out;                  /* the row that says what was left out is printed */
};

static inline int is_effect(const struct timeline_step *step, const char *effect)
{
	return !strcmp(step->effect, effect);
}

/* ladder_lane.c */

/* Reads a socket into a zeroed lane; 0, or -1 when there is none. In either case the lane is to be closed. */
int lane_open(struct ladder *ladder, struct lane *lane, int64_t id);
/* Right after open: of a datagram server that several asked, what it exchanged with others than `asker_id` is left out, as far as addresses tell. */
void lane_keep_to(struct ladder *ladder, struct lane *lane, int64_t asker_id);
void lane_close(struct lane *lane);
void lane_load_head(struct lane *lane);

/* When a step is seen to have happened: what receives, when it returned; what sends, when it began. Of a run: its first call. */
int64_t lane_moment(const struct timeline_step *step);
int64_t lane_last_moment(const struct timeline_step *step);

/* What a step adds to what was sent or received: bytes or messages, or 1 for the end of data that the other end is known to have read. */
int64_t lane_amount_sent(struct ladder *ladder, int from, const struct timeline_step *step);
int64_t lane_amount_received(const struct lane *lane, const struct timeline_step *step);

/* The step's `amount` leaves; when what the other end will receive next left, -1: not known. */
void lane_depart(struct ladder *ladder, int from, const struct timeline_step *step, int64_t amount);
int64_t lane_departed_ns(struct ladder *ladder, int from);
void lane_forget_departures(struct lane *lane);
int lane_is_pending(const struct ladder *ladder, int from);
int lane_is_last_close(const struct lane *lane, const struct timeline_step *step);
int64_t lane_unread(const struct ladder *ladder, int side);

/* Where the axis runs from and to; reads the first step of each open lane. */
void lane_measure(struct ladder *ladder);

/* The side whose next event comes first; -1: none is left. */
int lane_next_side(struct ladder *ladder);

/* ladder_draw.c. Middles are ladder->middle strings of one column each. */
void draw_choose_layout(struct ladder *ladder);
void draw_titles(struct ladder *ladder);

/* at_ns -1: no time; left, middle and right NULL: empty. */
void draw_row(struct ladder *ladder, int64_t at_ns, const struct text *left, const char *const *middle, const struct text *right);
void draw_clear_middle(const struct ladder *ladder, const char **middle);
void draw_through(const struct ladder *ladder, const char **middle, int from);
void draw_departure(const struct ladder *ladder, const char **middle, int from, int joins);
void draw_arrival(const struct ladder *ladder, const char **middle, int from, int more);

/* ladder_steps.c: all rows of both lanes. */
void ladder_print_steps(struct ladder *ladder);

#endif
