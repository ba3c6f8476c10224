/*
 * follow_events.c: see follow_events.h. New sockets come in the order of their first moment; the events of one are read when its turn has come, and wait in a heap
 * until no socket that is still to come could have an earlier one.
 *
 *	arrivals   s1 ── s2 ──── s3 ───────────▶ time
 *	heap          ·   · ·  ·     ·    ·      due: all before the next arrival
 *
 * Data: socket, phase, call_row, option.
 */
#include "viewer/follow_events.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "schema/begun.h"

#define STEP_UNRETURNED 30 /* beside the steps of the view phase */
#define STEP_ERROR 31
#define UNRETURNED_NS INT64_C(1000000000) /* a call that takes longer is an event */
#define BLOCK_IDS 1024 /* sockets that the filter is asked about at once; twice as many each further time */

struct follow_watched {
	int64_t id, errors, calls;
	int64_t error_ns;      /* start of the last failure that was told; -1: none was */
	int64_t unreturned_ns; /* start of the call that was said not to have returned; -1: none was */
	uint32_t printed;      /* bits: steps of the view phase already told */
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

/* Those that have not been told: how its connect failed, and the last failure. */
static void note_errors(struct follow_events *events, struct follow_watched *watched)
{
	struct follow_event event = {.socket_id = watched->id, .step = STEP_ERROR, .phase = "error"};

	sqlite3_reset(events->error);
	sqlite3_bind_int64(events->error, 1, watched->id);
	while (database_step(events->database, events->error) == 1) {
		event.at_ns = sqlite3_column_int64(events->error, 0);
		if (event.at_ns <= watched->error_ns)
			continue;
		watched->error_ns = event.at_ns;
		snprintf(event.cause, sizeof event.cause, "%s %s", (const char *)sqlite3_column_text(events->error, 1), (const char *)sqlite3_column_text(events->error, 2));
		push(events, &event);
	}
}

static void note_unreturned(struct follow_events *events, struct follow_watched *watched, int64_t start_ns, const char *call)
{
	struct follow_event event = {.at_ns = start_ns + UNRETURNED_NS, .socket_id = watched->id, .step = STEP_UNRETURNED, .phase = "unreturned"};

	watched->unreturned_ns = start_ns;
	snprintf(event.cause, sizeof event.cause, "%s", call ? call : "a call");
	push(events, &event);
}

/* Of a closed socket that the filter leaves out only this counts: that it was open from when to when. */
static void note_left_out(struct follow_events *events, const struct follow_arrival *arrival)
{
	push(events, &(struct follow_event){.at_ns = arrival->at_ns, .socket_id = arrival->id, .step = 0, .phase = "new"});
	push(events, &(struct follow_event){.at_ns = arrival->closed_ns, .socket_id = arrival->id, .step = 8, .phase = "closed"});
}

/* What happened to a socket since the look before; returns whether more can happen. */
static int look_at(struct follow_events *events, struct follow_watched *watched)
{
	sqlite3_stmt *facts = events->facts;
	int64_t errors, calls, unreturned_ns;

	sqlite3_reset(facts);
	sqlite3_bind_int64(facts, 1, watched->id);
	if (database_step(events->database, facts) != 1)
		return 0;
	errors = sqlite3_column_int64(facts, 0);
	calls = sqlite3_column_int64(facts, 1);
	unreturned_ns = database_column(facts, 3);
	if (calls != watched->calls || sqlite3_column_type(facts, 2) != SQLITE_NULL || !watched->printed)
		note_phases(events, watched);
	if (errors > watched->errors)
		note_errors(events, watched);
	if (unreturned_ns >= 0 && unreturned_ns != watched->unreturned_ns && sqlite3_column_int64(facts, 4) >= UNRETURNED_NS)
		note_unreturned(events, watched, unreturned_ns, (const char *)sqlite3_column_text(facts, 5));
	watched->errors = errors;
	watched->calls = calls;
	return !(watched->printed >> 8 & 1);
}

/* --- a look --- */

/* A large finished trace has them in that order (an index); else they are sorted first. */
static sqlite3_stmt *prepare_arrivals(struct database *database)
{
	static const char ordered[] = "SELECT socket_id, " SOCKET_BEGUN_NS ", closed_ns FROM socket INDEXED BY " SOCKET_BEGUN_INDEX " WHERE socket_id > ?1 "
		"ORDER BY " SOCKET_BEGUN_NS ", socket_id";
	static const char sorted[] = "SELECT socket_id, " SOCKET_BEGUN_NS " AS begun_ns, closed_ns FROM socket WHERE socket_id > ?1 ORDER BY begun_ns, socket_id";

	return database_prepare(database, database_integer(database, "SELECT count(*) FROM sqlite_schema WHERE type = 'index' AND name = '" SOCKET_BEGUN_INDEX "'", 0) ?
		ordered : sorted);
}

static int next_arrival(struct follow_events *events)
{
	int result = database_step(events->database, events->arrivals);

	events->arrival = (struct follow_arrival){.id = 0};
	if (result == 1)
		events->arrival = (struct follow_arrival){.at_ns = sqlite3_column_int64(events->arrivals, 1), .id = sqlite3_column_int64(events->arrivals, 0),
			.closed_ns = database_column(events->arrivals, 2)};
	return result < 0 ? -1 : 0;
}

static int find_new(struct follow_events *events)
{
	events->arrivals = prepare_arrivals(events->database);
	if (!events->arrivals)
		return -1;
	sqlite3_bind_int64(events->arrivals, 1, events->last_id);
	events->last_id = database_integer(events->database, "SELECT max(socket_id) FROM socket", 0);
	return next_arrival(events);
}

static int prepare(struct follow_events *events)
{
	struct database *database = events->database;

	events->phases = database_prepare(database, "SELECT step, phase, cause, start_ns FROM phase WHERE socket_id = ?1 ORDER BY start_ns, step");
	events->facts = database_prepare(database, "SELECT s.errors, s.calls, s.closed_ns, CASE WHEN s.listening_ns IS NULL THEN s.unreturned_start_ns END, "
		"coalesce(s.closed_ns, (SELECT end_ns FROM trace)) - s.unreturned_start_ns, k.name FROM socket s LEFT JOIN call_kind k ON k.call_kind_id = s.unreturned_kind_id WHERE s.socket_id = ?1");
	/* How its connect failed, and its last failure, but for one by which programs find out that there is no peer (backwards through the key, so that it is found at once): a call's, or one that SO_ERROR told. */
	events->error = database_prepare(database, "WITH told AS (SELECT o.start_ns, CASE WHEN o.value = s.connect_errno THEN 'connect' ELSE 'SO_ERROR' END AS name, o.value AS error, s.connect_errno "
		"FROM option o CROSS JOIN socket s ON s.socket_id = o.socket_id WHERE o.socket_id = ?1 AND NOT o.is_set AND o.level = 1 AND o.number = 4 AND o.value <> 0), "
		"failed AS (SELECT c.start_ns, c.sequence, k.name, -c.outcome AS error, k.effect FROM call_row c CROSS JOIN site x ON x.site_id = c.site_id "
		"CROSS JOIN call_kind k ON k.call_kind_id = x.call_kind_id WHERE c.socket_id = ?1 AND c.outcome < 0), "
		"connected AS (SELECT start_ns, name, error, 0 AS place FROM told WHERE error = connect_errno "
		"UNION ALL SELECT * FROM (SELECT f.start_ns, f.name, f.error, 0 FROM socket s CROSS JOIN failed f ON f.error = s.connect_errno WHERE s.socket_id = ?1 AND s.connect_errno IS NOT NULL AND f.start_ns >= s.connecting_ns "
		"ORDER BY f.start_ns LIMIT 1) UNION ALL SELECT connecting_ns, 'connect', connect_errno, 1 FROM socket WHERE socket_id = ?1 AND connect_errno IS NOT NULL), "
		"last AS (SELECT * FROM (SELECT f.start_ns, f.name, f.error FROM failed f JOIN constant e ON e.kind = 'errno' AND e.number = f.error "
		"WHERE e.name NOT IN ('EAGAIN', 'EINPROGRESS', 'EINTR') AND NOT (e.name = 'ENOTCONN' AND f.effect IN ('address', 'shutdown')) ORDER BY f.start_ns DESC, f.sequence DESC LIMIT 1) UNION ALL SELECT start_ns, name, error FROM told) "
		"SELECT start_ns, v.name, coalesce(e.name, v.error) FROM (SELECT * FROM (SELECT start_ns, name, error FROM connected ORDER BY place, start_ns LIMIT 1) "
		"UNION SELECT * FROM (SELECT * FROM last ORDER BY start_ns DESC LIMIT 1)) v LEFT JOIN constant e ON e.kind = 'errno' AND e.number = v.error ORDER BY start_ns");
	return events->phases && events->facts && events->error ? 0 : -1;
}

static void forget_matching(struct follow_events *events)
{
	for (size_t i = 0; i < events->matching_room; i++)
		free(events->matching[i]);
	free(events->matching);
	events->matching = NULL;
	events->matching_room = events->matching_read = 0;
}

int follow_events_begin(struct follow_events *events)
{
	size_t kept = 0, count = events->watched_count;

	forget_matching(events);
	if (prepare(events))
		return -1;
	sqlite3_exec(events->database->handle, "BEGIN", NULL, NULL, NULL);
	if (find_new(events) < 0)
		return -1;
	for (size_t i = 0; i < count; i++)
		if (look_at(events, &events->watched[i]))
			events->watched[kept++] = events->watched[i];
	events->watched_count = kept;
	return 0;
}

/* The next arrival's own events join the heap. */
static void take_arrival(struct follow_events *events)
{
	const struct follow_arrival arrival = events->arrival;
	struct follow_watched watched = {.id = arrival.id, .error_ns = -1, .unreturned_ns = -1};

	next_arrival(events);
	if (arrival.closed_ns >= 0 && !follow_events_match(events, arrival.id)) {
		note_left_out(events, &arrival);
		return;
	}
	if (!look_at(events, &watched))
		return;
	events->watched = grow(events->watched, events->watched_count, &events->watched_room, sizeof *events->watched);
	events->watched[events->watched_count++] = watched;
}

int follow_events_next(struct follow_events *events, struct follow_event *event)
{
	while (events->arrival.id && (!events->heap_count || events->heap[0].at_ns >= events->arrival.at_ns))
		take_arrival(events);
	if (!events->heap_count)
		return 0;
	pop(events, event);
	return 1;
}

/* Which sockets of the blocks first … end - 1 the filter selects. */
static void read_blocks(struct follow_events *events, size_t first, size_t end)
{
	const int count = events->filter->value_count;
	char tail[96];

	for (size_t i = first; i < end; i++)
		if (!events->matching[i] && !(events->matching[i] = calloc(1, BLOCK_IDS / 8)))
			return;
	if (!events->select) {
		snprintf(tail, sizeof tail, "AND s.socket_id >= ?%d AND s.socket_id < ?%d", count + 1, count + 2);
		events->select = filter_prepare(events->filter, events->database, "s.socket_id", tail);
	}
	if (!events->select)
		return;
	sqlite3_reset(events->select);
	sqlite3_bind_int64(events->select, count + 1, (int64_t)first * BLOCK_IDS);
	sqlite3_bind_int64(events->select, count + 2, (int64_t)end * BLOCK_IDS);
	while (database_step(events->database, events->select) == 1) {
		size_t id = (size_t)sqlite3_column_int64(events->select, 0), bit = id % BLOCK_IDS;

		events->matching[id / BLOCK_IDS][bit / 8] |= (uint8_t)(1 << bit % 8);
	}
}

/* `limit:` counts all that are selected. */
static void read_more(struct follow_events *events, size_t block)
{
	size_t wanted = events->filter->limit ? events->matching_room : events->matching_read ? events->matching_read * 2 : 1;
	size_t first = events->filter->limit ? 0 : block;

	events->matching_read = wanted;
	read_blocks(events, first, wanted > events->matching_room - first ? events->matching_room : first + wanted);
}

int follow_events_match(struct follow_events *events, int64_t socket_id)
{
	size_t block = (size_t)socket_id / BLOCK_IDS, bit = (size_t)socket_id % BLOCK_IDS;

	if (!events->filter->words)
		return 1;
	if (!events->matching) {
		events->matching_room = (size_t)events->last_id / BLOCK_IDS + 1;
		events->matching = calloc(events->matching_room, sizeof *events->matching);
	}
	if (!events->matching || block >= events->matching_room)
		return 0;
	if (!events->matching[block])
		read_more(events, block);
	return events->matching[block] && events->matching[block][bit / 8] >> bit % 8 & 1;
}

void follow_events_end(struct follow_events *events)
{
	sqlite3_finalize(events->phases);
	sqlite3_finalize(events->facts);
	sqlite3_finalize(events->error);
	sqlite3_finalize(events->arrivals);
	sqlite3_finalize(events->select);
	events->arrivals = events->select = NULL;
	events->phases = events->facts = events->error = NULL;
	sqlite3_exec(events->database->handle, "COMMIT", NULL, NULL, NULL);
}

void follow_events_free(struct follow_events *events)
{
	free(events->watched);
	free(events->heap);
	forget_matching(events);
}
