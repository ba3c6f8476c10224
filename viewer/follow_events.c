/*
 * follow_events.c: see follow_events.h. New sockets are sorted by their first moment; the events of one are read when its turn has come, and wait in a heap
 * until no socket that is still to come could have an earlier one.
 *
 *	arrivals   s1 ── s2 ──── s3 ───────────▶ time
 *	heap          ·   · ·  ·     ·    ·      due: all before the next arrival
 *
 * Data: socket, phase, call_row.
 */
#include "viewer/follow_events.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STEP_UNRETURNED 30 /* beside the steps of the view phase */
#define STEP_ERROR 31
#define UNRETURNED_NS INT64_C(1000000000) /* a call that takes longer is an event */

struct follow_watched {
	int64_t id, errors, calls;
	int64_t unreturned_ns; /* start of the call that was said not to have returned; -1: none was */
	uint32_t printed;      /* bits: steps of the view phase already told */
};

struct follow_arrival {
	int64_t at_ns, id;
};

static void *grow(void *array, size_t count, size_t *room, size_t size)
{
	void *grown;

	if (count < *room)
		return array;
	*room = *room ? *room * 2 : 256;
	grown = realloc(array, *room * size);
	if (!grown) {
		fputs("socklife: out of memory\n", stderr);
		exit(COMMAND_ERROR);
	}
	return grown;
}

/* --- the heap --- */

static int is_before(const struct follow_event *a, const struct follow_event *b)
{
	if (a->at_ns != b->at_ns)
		return a->at_ns < b->at_ns;
	if (a->socket_id != b->socket_id)
		return a->socket_id < b->socket_id;
	return a->step < b->step;
}

static void push(struct follow_events *events, const struct follow_event *event)
{
	struct follow_event *heap;
	size_t at = events->heap_count;

	heap = events->heap = grow(events->heap, events->heap_count, &events->heap_room, sizeof *events->heap);
	events->heap_count++;
	for (; at && is_before(event, &heap[(at - 1) / 2]); at = (at - 1) / 2)
		heap[at] = heap[(at - 1) / 2];
	heap[at] = *event;
}

static void pop(struct follow_events *events, struct follow_event *event)
{
	struct follow_event *heap = events->heap, last;
	size_t at = 0, child;

	*event = heap[0];
	last = heap[--events->heap_count];
	while ((child = at * 2 + 1) < events->heap_count) {
		child += child + 1 < events->heap_count && is_before(&heap[child + 1], &heap[child]);
		if (!is_before(&heap[child], &last))
			break;
		heap[at] = heap[child];
		at = child;
	}
	heap[at] = last;
}

/* --- what happened to one socket --- */

static void note_phases(struct follow_events *events, struct follow_watched *watched)
{
	sqlite3_reset(events->phases);
	sqlite3_bind_int64(events->phases, 1, watched->id);
	while (database_step(events->database, events->phases) == 1) {
		int step = sqlite3_column_int(events->phases, 0) & 15;
		struct follow_event event = {.at_ns = sqlite3_column_int64(events->phases, 3), .socket_id = watched->id, .step = step};

		if (watched->printed >> step & 1)
			continue;
		snprintf(event.phase, sizeof event.phase, "%s", (const char *)sqlite3_column_text(events->phases, 1));
		snprintf(event.cause, sizeof event.cause, "%s", (const char *)sqlite3_column_text(events->phases, 2));
		/* An accepted socket and a pair begin as connected. */
		if (step == 4 && !(watched->printed & 1) && (!strcmp(event.cause, "accept") || !strcmp(event.cause, "pair")))
			snprintf(event.phase, sizeof event.phase, "%s", !strcmp(event.cause, "pair") ? "paired" : "accepted");
		watched->printed |= 1u << step;
		push(events, &event);
	}
}

static void note_error(struct follow_events *events, struct follow_watched *watched)
{
	struct follow_event event = {.socket_id = watched->id, .step = STEP_ERROR, .phase = "error"};

	sqlite3_reset(events->error);
	sqlite3_bind_int64(events->error, 1, watched->id);
	if (database_step(events->database, events->error) != 1)
		return;
	event.at_ns = sqlite3_column_int64(events->error, 0);
	snprintf(event.cause, sizeof event.cause, "%s %s", (const char *)sqlite3_column_text(events->error, 1), (const char *)sqlite3_column_text(events->error, 2));
	push(events, &event);
}

static void note_unreturned(struct follow_events *events, struct follow_watched *watched, int64_t start_ns, const char *call)
{
	struct follow_event event = {.at_ns = start_ns + UNRETURNED_NS, .socket_id = watched->id, .step = STEP_UNRETURNED, .phase = "unreturned"};

	watched->unreturned_ns = start_ns;
	snprintf(event.cause, sizeof event.cause, "%s", call ? call : "a call");
	push(events, &event);
}

/* Of a closed socket that the filter leaves out only this counts: that it was open from when to when. */
static void note_left_out(struct follow_events *events, const struct follow_arrival *arrival, int64_t closed_ns)
{
	push(events, &(struct follow_event){.at_ns = arrival->at_ns, .socket_id = arrival->id, .step = 0, .phase = "new"});
	push(events, &(struct follow_event){.at_ns = closed_ns, .socket_id = arrival->id, .step = 8, .phase = "closed"});
}

/* What happened to a socket since the look before; returns whether more can happen. arrival: NULL when it is not new. */
static int look_at(struct follow_events *events, struct follow_watched *watched, const struct follow_arrival *arrival)
{
	sqlite3_stmt *facts = events->facts;
	int64_t errors, calls, unreturned_ns;

	sqlite3_reset(facts);
	sqlite3_bind_int64(facts, 1, watched->id);
	if (database_step(events->database, facts) != 1)
		return 0;
	if (arrival && sqlite3_column_type(facts, 2) != SQLITE_NULL && !follow_events_match(events, watched->id)) {
		note_left_out(events, arrival, sqlite3_column_int64(facts, 2));
		return 0;
	}
	errors = sqlite3_column_int64(facts, 0);
	calls = sqlite3_column_int64(facts, 1);
	unreturned_ns = database_column(facts, 3);
	if (calls != watched->calls || sqlite3_column_type(facts, 2) != SQLITE_NULL || !watched->printed)
		note_phases(events, watched);
	if (errors > watched->errors)
		note_error(events, watched);
	if (unreturned_ns >= 0 && unreturned_ns != watched->unreturned_ns && sqlite3_column_int64(facts, 4) >= UNRETURNED_NS)
		note_unreturned(events, watched, unreturned_ns, (const char *)sqlite3_column_text(facts, 5));
	watched->errors = errors;
	watched->calls = calls;
	return !(watched->printed >> 8 & 1);
}

/* --- a look --- */

static int compare_arrivals(const void *a, const void *b)
{
	const struct follow_arrival *first = a, *second = b;

	if (first->at_ns != second->at_ns)
		return first->at_ns < second->at_ns ? -1 : 1;
	return first->id < second->id ? -1 : first->id > second->id;
}

static int find_new(struct follow_events *events)
{
	sqlite3_stmt *ids = database_prepare(events->database, "SELECT socket_id, min(opened_ns, coalesce(connected_ns, opened_ns), coalesce(connecting_ns, opened_ns), "
		"coalesce(bound_ns, opened_ns), coalesce(listening_ns, opened_ns)) FROM socket WHERE socket_id > ?1 ORDER BY socket_id");
	int result;

	if (!ids)
		return -1;
	events->arrival_count = events->arrival_next = 0;
	sqlite3_bind_int64(ids, 1, events->last_id);
	while ((result = database_step(events->database, ids)) == 1) {
		events->last_id = sqlite3_column_int64(ids, 0);
		events->arrivals = grow(events->arrivals, events->arrival_count, &events->arrival_room, sizeof *events->arrivals);
		events->arrivals[events->arrival_count++] = (struct follow_arrival){sqlite3_column_int64(ids, 1), events->last_id};
	}
	sqlite3_finalize(ids);
	if (events->arrival_count) {
		events->lowest_id = events->arrivals[0].id;
		qsort(events->arrivals, events->arrival_count, sizeof *events->arrivals, compare_arrivals);
	}
	return result;
}

static int prepare(struct follow_events *events)
{
	struct database *database = events->database;

	events->phases = database_prepare(database, "SELECT step, phase, cause, start_ns FROM phase WHERE socket_id = ?1 ORDER BY start_ns, step");
	events->facts = database_prepare(database, "SELECT s.errors, s.calls, s.closed_ns, CASE WHEN s.listening_ns IS NULL THEN s.unreturned_start_ns END, "
		"coalesce(s.closed_ns, (SELECT end_ns FROM trace)) - s.unreturned_start_ns, k.name FROM socket s LEFT JOIN call_kind k ON k.call_kind_id = s.unreturned_kind_id WHERE s.socket_id = ?1");
	/* Backwards through the key, so that the last one is found at once. */
	events->error = database_prepare(database, "SELECT c.start_ns, k.name, coalesce(e.name, -c.outcome) FROM call_row c CROSS JOIN site x ON x.site_id = c.site_id "
		"CROSS JOIN call_kind k ON k.call_kind_id = x.call_kind_id LEFT JOIN constant e ON e.kind = 'errno' AND e.number = -c.outcome "
		"WHERE c.socket_id = ?1 AND c.outcome < 0 AND e.name IS NOT 'EAGAIN' AND e.name IS NOT 'EINPROGRESS' AND e.name IS NOT 'EINTR' "
		"ORDER BY c.start_ns DESC, c.sequence DESC LIMIT 1");
	return events->phases && events->facts && events->error ? 0 : -1;
}

int follow_events_begin(struct follow_events *events)
{
	size_t kept = 0, count = events->watched_count;

	events->matching_known = 0;
	events->lowest_id = INT64_MAX;
	if (prepare(events))
		return -1;
	sqlite3_exec(events->database->handle, "BEGIN", NULL, NULL, NULL);
	if (find_new(events) < 0)
		return -1;
	for (size_t i = 0; i < count; i++) {
		size_t before = events->heap_count;

		if (look_at(events, &events->watched[i], NULL))
			events->watched[kept++] = events->watched[i];
		if (events->heap_count > before && events->watched[i].id < events->lowest_id)
			events->lowest_id = events->watched[i].id;
	}
	events->watched_count = kept;
	return 0;
}

/* The next arrival's own events join the heap. */
static void take_arrival(struct follow_events *events)
{
	const struct follow_arrival *arrival = &events->arrivals[events->arrival_next++];
	struct follow_watched watched = {.id = arrival->id, .unreturned_ns = -1};

	if (!look_at(events, &watched, arrival))
		return;
	events->watched = grow(events->watched, events->watched_count, &events->watched_room, sizeof *events->watched);
	events->watched[events->watched_count++] = watched;
}

int follow_events_next(struct follow_events *events, struct follow_event *event)
{
	while (events->arrival_next < events->arrival_count && (!events->heap_count || events->heap[0].at_ns >= events->arrivals[events->arrival_next].at_ns))
		take_arrival(events);
	if (!events->heap_count)
		return 0;
	pop(events, event);
	return 1;
}

static void find_matching(struct follow_events *events)
{
	char tail[64];
	sqlite3_stmt *ids;

	snprintf(tail, sizeof tail, "AND s.socket_id >= ?%d ORDER BY s.socket_id", events->filter->value_count + 1);
	ids = filter_prepare(events->filter, events->database, "s.socket_id", tail);
	events->matching_count = 0;
	events->matching_known = 1;
	if (!ids)
		return;
	sqlite3_bind_int64(ids, events->filter->value_count + 1, events->lowest_id);
	while (database_step(events->database, ids) == 1) {
		events->matching = grow(events->matching, events->matching_count, &events->matching_room, sizeof *events->matching);
		events->matching[events->matching_count++] = sqlite3_column_int64(ids, 0);
	}
	sqlite3_finalize(ids);
}

static int compare_ids(const void *a, const void *b)
{
	int64_t first = *(const int64_t *)a, second = *(const int64_t *)b;

	return first < second ? -1 : first > second;
}

int follow_events_match(struct follow_events *events, int64_t socket_id)
{
	if (!events->filter->words)
		return 1;
	if (!events->matching_known)
		find_matching(events);
	return events->matching_count && bsearch(&socket_id, events->matching, events->matching_count, sizeof socket_id, compare_ids);
}

void follow_events_end(struct follow_events *events)
{
	sqlite3_finalize(events->phases);
	sqlite3_finalize(events->facts);
	sqlite3_finalize(events->error);
	events->phases = events->facts = events->error = NULL;
	sqlite3_exec(events->database->handle, "COMMIT", NULL, NULL, NULL);
}

void follow_events_free(struct follow_events *events)
{
	free(events->watched);
	free(events->arrivals);
	free(events->heap);
	free(events->matching);
}
