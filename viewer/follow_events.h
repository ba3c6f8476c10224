/*
 * follow_events.h: what happened to sockets, in the order of time, one event at a time: of a finished trace all of it, of one being recorded what is
 * new since the look before. Memory grows with the sockets that are open at one time, not with what happened.
 *
 *	struct follow_events events = {.database = …, .filter = …};
 *	follow_events_begin(&events);                      // a look: a consistent view of the opened database
 *	while (follow_events_next(&events, &event)) …
 *	follow_events_end(&events);                        // before the database is closed; sockets still open are kept
 *	follow_events_free(&events);
 */
#ifndef VIEWER_FOLLOW_EVENTS_H
#define VIEWER_FOLLOW_EVENTS_H

#include <stddef.h>
#include <stdint.h>

#include "viewer/database.h"
#include "viewer/filter.h"

struct follow_event {
	int64_t at_ns, socket_id;
	int step;                  /* orders those of one moment */
	char phase[16], cause[24];
};

struct follow_watched;

struct follow_events {
	struct database *database;
	struct filter *filter;
	struct follow_watched *watched; /* sockets that may still change */
	size_t watched_count, watched_room;
	struct follow_arrival { int64_t at_ns, id, closed_ns; } arrival; /* the next new socket, by its first moment; id 0: no more come; closed_ns -1: it is open */
	struct follow_event *heap;      /* known and not yet due; the earliest first */
	size_t heap_count, heap_room;
	uint8_t **matching;             /* a bit for each id that the filter selects, in blocks of ids, each read when first asked for; NULL: not yet */
	size_t matching_room, matching_read; /* blocks; how many were read at once the last time */
	int64_t last_id;
	sqlite3_stmt *arrivals, *select, *phases, *facts, *error;
};

/* 0, or negative after a message. */
int follow_events_begin(struct follow_events *events);
/* 1: the next event of this look; 0: no more. */
int follow_events_next(struct follow_events *events, struct follow_event *event);
/* Whether the filter selects the socket, as the database stands in this look. */
int follow_events_match(struct follow_events *events, int64_t socket_id);
void follow_events_end(struct follow_events *events);
void follow_events_free(struct follow_events *events);

#endif
