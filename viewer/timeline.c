/* timeline.c: calls become steps; see timeline.h. */
#include "viewer/timeline_internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define LONGEST_ROUND 4   /* steps of a repeating pattern */
#define ROUNDS_LEAST 3    /* repetitions that are worth collapsing */
#define MANY_CALLS 40000     /* of more, only so many are read from each end: */
#define END_CALLS 5000
#define WINDOW_KEPT (ROUNDS_LEAST * LONGEST_ROUND + 1) /* steps held back */

/*
 * An enum timeline_partner. ?3's own address, where it is known, and the call's tell; a Unix socket without a name is at no address. Bound to all addresses, it
 * is at any of them. One call may move messages of several.
 */
#define PARTNER_SQL \
	"(SELECT CASE WHEN a.text IS NULL OR timeline.call LIKE '%mmsg' AND timeline.result > 1 OR own.text IS NULL AND a.port IS NOT NULL THEN 2 " \
		"WHEN a.port IS NULL THEN a.text IS NOT own.text " \
		"ELSE a.port <> own.port OR a.host <> own.host AND own.host NOT IN ('0.0.0.0', '::') END " \
	"FROM call_row r CROSS JOIN site x ON x.site_id = r.site_id LEFT JOIN address a ON a.address_id = x.address_id " \
	"LEFT JOIN address own ON own.address_id = (SELECT local_id FROM socket WHERE socket_id = ?3) " \
	"WHERE r.socket_id = ?1 AND r.start_ns = timeline.start_ns AND r.sequence = timeline.sequence)"
/* The view hands over one socket's calls in their order: sorting them again would keep the first row waiting for the last. */
static const char calls_sql[] =
	"SELECT start_ns, duration_ns, result, bytes, requested_bytes, process_id, pid, fd, caller_id, call, effect, errno, detail, sequence, ready_ns, "
	"CASE WHEN ?3 > 0 AND effect IN ('send', 'receive') THEN " PARTNER_SQL " ELSE 0 END "
	"FROM timeline WHERE socket_id = ?1 AND start_ns >= ?2";
/* What waits found is in two places (view ready): the one that found the socket ready for a call is part of that call's row. */
#define READY_SQL(place, start, events, where) \
	"SELECT " start " AS start_ns, w.duration_ns, " events ", t.process_id, p.pid, r.fd, k.name, " \
		"(SELECT group_concat(b.name, ' ') FROM constant b WHERE b.kind = 'poll' AND b.number & " events ") " \
	"FROM " place " CROSS JOIN thread t ON t.thread_id = r.thread_id CROSS JOIN process p ON p.process_id = t.process_id " \
	"LEFT JOIN call w ON w.socket_id = 0 AND w.start_ns = " start " AND w.thread_id = r.thread_id LEFT JOIN call_kind k ON k.call_kind_id = w.call_kind_id " \
	"WHERE r.socket_id = ?1 AND " where
static const char ready_sql[] = READY_SQL("ready_row r", "r.start_ns", "r.events", "r.start_ns >= ?2 AND r.events <> 0 ORDER BY r.start_ns");
static const char call_ready_sql[] =
	READY_SQL("call_row r CROSS JOIN site x ON x.site_id = r.site_id", "r.start_ns - r.outcome", "x.ready_events", "r.start_ns = ?2 AND r.sequence = ?3 AND r.outcome >= 0");

static void copy(char *to, size_t size, sqlite3_stmt *statement, int column)
{
	const char *text = (const char *)sqlite3_column_text(statement, column);
	size_t length = text ? strlen(text) : 0;

	if (length >= size)
		length = size - 1;
	if (length)
		memcpy(to, text, length);
	to[length] = 0;
}

static void copy_detail(struct timeline_step *step, sqlite3_stmt *statement, int column)
{
	int length = sqlite3_column_bytes(statement, column);

	if (length <= 0)
		return;
	step->detail = malloc((size_t)length + 1);
	if (!step->detail)
		return;
	memcpy(step->detail, sqlite3_column_text(statement, column), (size_t)length);
	step->detail[length] = 0;
	step->detail_length = (size_t)length;
}

static void read_call(struct timeline *timeline, struct timeline_step *step)
{
	sqlite3_stmt *row = timeline->calls;

	*step = (struct timeline_step){.count = 1, .rounds = 1, .start_ns = sqlite3_column_int64(row, 0), .duration_ns = database_column(row, 1),
		.result = sqlite3_column_int64(row, 2), .bytes = database_column(row, 3), .requested_bytes = database_column(row, 4),
		.process_id = sqlite3_column_int64(row, 5), .pid = sqlite3_column_int64(row, 6), .fd = database_column(row, 7), .caller_id = database_column(row, 8)};
	step->returned = step->duration_ns >= 0;
	/* A database may hold any numbers. */
	if (__builtin_add_overflow(step->start_ns, step->returned ? step->duration_ns : 0, &step->end_ns))
		step->end_ns = step->start_ns;
	step->first_end_ns = step->end_ns;
	copy(step->call, sizeof step->call, row, 9);
	copy(step->effect, sizeof step->effect, row, 10);
	copy(step->error, sizeof step->error, row, 11);
	copy_detail(step, row, 12);
	step->partner = (enum timeline_partner)sqlite3_column_int(row, 15);
	step->is_long = !step->returned || step->duration_ns >= timeline->long_ns;
}

static void read_ready(const struct timeline *timeline, sqlite3_stmt *row, struct timeline_step *step)
{
	*step = (struct timeline_step){.count = 1, .rounds = 1, .is_ready = 1, .start_ns = sqlite3_column_int64(row, 0), .duration_ns = database_column(row, 1),
		.result = sqlite3_column_int64(row, 2), .bytes = -1, .requested_bytes = -1, .process_id = sqlite3_column_int64(row, 3),
		.pid = sqlite3_column_int64(row, 4), .fd = database_column(row, 5), .caller_id = -1};
	step->returned = 1;
	step->end_ns = step->first_end_ns = step->start_ns + (step->duration_ns > 0 ? step->duration_ns : 0);
	copy(step->call, sizeof step->call, row, 6);
	memcpy(step->effect, "wait", 5);
	copy_detail(step, row, 7);
	step->is_long = step->duration_ns >= timeline->long_ns;
}

static void advance(struct timeline *timeline, sqlite3_stmt *statement, int *has)
{
	int result = database_step(timeline->database, statement);

	*has = result == 1;
	timeline->failed |= result < 0;
}

static void advance_call(struct timeline *timeline)
{
	advance(timeline, timeline->calls, &timeline->has_call);
	timeline->has_wait = timeline->has_call && sqlite3_column_type(timeline->calls, 14) != SQLITE_NULL;
}

static void begin_at(struct timeline *timeline, int64_t start_ns)
{
	sqlite3_stmt *const statements[] = {timeline->calls, timeline->ready};

	for (int i = 0; i < 2; i++) {
		sqlite3_reset(statements[i]);
		sqlite3_bind_int64(statements[i], 2, start_ns);
	}
	advance_call(timeline);
	advance(timeline, timeline->ready, &timeline->has_ready);
	timeline->has_ready &= !timeline->without_ready;
}

int timeline_open(struct timeline *timeline, struct database *database, int64_t socket_id)
{
	*timeline = (struct timeline){.database = database, .long_ns = INT64_MAX, .pause_ns = INT64_MAX};
	timeline->calls = database_prepare(database, calls_sql);
	timeline->ready = database_prepare(database, ready_sql);
	timeline->call_ready = database_prepare(database, call_ready_sql);
	if (!timeline->calls || !timeline->ready || !timeline->call_ready) {
		timeline_close(timeline);
		return -EIO;
	}
	sqlite3_bind_int64(timeline->calls, 1, socket_id);
	sqlite3_bind_int64(timeline->ready, 1, socket_id);
	sqlite3_bind_int64(timeline->call_ready, 1, socket_id);
	begin_at(timeline, INT64_MIN);
	return 0;
}

void timeline_ask_partner(struct timeline *timeline, int64_t partner_id)
{
	sqlite3_reset(timeline->calls);
	sqlite3_bind_int64(timeline->calls, 3, partner_id);
	begin_at(timeline, INT64_MIN);
}

static int64_t end_call(struct database *database, int64_t socket_id, const char *sql)
{
	sqlite3_stmt *statement = database_prepare(database, sql);
	int64_t at_ns = 0;

	if (statement) {
		sqlite3_bind_int64(statement, 1, socket_id);
		sqlite3_bind_int64(statement, 2, END_CALLS);
		if (database_step(database, statement) == 1)
			at_ns = sqlite3_column_int64(statement, 0);
	}
	sqlite3_finalize(statement);
	return at_ns;
}

int timeline_find_middle(struct database *database, int64_t socket_id, int64_t *from_ns, int64_t *to_ns, int64_t *count)
{
	sqlite3_stmt *statement = database_prepare(database, "SELECT calls FROM socket WHERE socket_id = ?1");
	int64_t calls = 0;

	if (statement) {
		sqlite3_bind_int64(statement, 1, socket_id);
		if (database_step(database, statement) == 1)
			calls = sqlite3_column_int64(statement, 0);
	}
	sqlite3_finalize(statement);
	if (calls <= MANY_CALLS)
		return 0;
	*from_ns = end_call(database, socket_id, "SELECT start_ns FROM call_row WHERE socket_id = ?1 ORDER BY start_ns LIMIT 1 OFFSET ?2");
	*to_ns = end_call(database, socket_id, "SELECT start_ns FROM call_row WHERE socket_id = ?1 ORDER BY start_ns DESC LIMIT 1 OFFSET ?2");
	*count = calls - 2 * END_CALLS;
	return *from_ns < *to_ns;
}

void timeline_leave_out(struct timeline *timeline, int64_t from_ns, int64_t to_ns, int64_t count)
{
	timeline->left_out_from_ns = from_ns;
	timeline->left_out_to_ns = to_ns;
	timeline->left_out_count = count;
}

static int is_left_out(sqlite3_stmt *statement, int has, const struct timeline *timeline)
{
	return !has || sqlite3_column_int64(statement, 0) >= timeline->left_out_from_ns;
}

/* Where the middle begins, one step stands for it, and reading goes on behind it. */
static int leave_out(struct timeline *timeline, struct timeline_step *step)
{
	if (timeline->left_out_to_ns == 0 || (!timeline->has_call && !timeline->has_ready) || !is_left_out(timeline->calls, timeline->has_call, timeline) ||
		!is_left_out(timeline->ready, timeline->has_ready, timeline))
		return 0;
	*step = (struct timeline_step){.left_out = 1, .count = timeline->left_out_count, .rounds = 1, .returned = 1, .start_ns = timeline->left_out_from_ns,
		.end_ns = timeline->left_out_to_ns, .duration_ns = -1, .bytes = -1, .requested_bytes = -1, .caller_id = -1};
	begin_at(timeline, timeline->left_out_to_ns);
	timeline->left_out_to_ns = 0;
	return 1;
}

/* Of two things that are there: did what this wait found come first? */
static int comes_first(const struct timeline *timeline, int64_t other_ns)
{
	return timeline->has_ready && sqlite3_column_int64(timeline->ready, 0) < other_ns;
}

/* The wait that is part of the call at hand. Returns 0 when there is none, or none that it can be read from. */
static int read_wait(struct timeline *timeline, struct timeline_step *step)
{
	sqlite3_stmt *row = timeline->call_ready;
	int64_t start_ns = sqlite3_column_int64(timeline->calls, 0);
	int has_row;

	if (!timeline->has_wait || timeline->without_ready)
		return 0;
	if (comes_first(timeline, start_ns - sqlite3_column_int64(timeline->calls, 14)))
		return 0;
	timeline->has_wait = 0;
	sqlite3_bind_int64(row, 2, start_ns);
	sqlite3_bind_int64(row, 3, sqlite3_column_int64(timeline->calls, 13));
	advance(timeline, row, &has_row);
	if (has_row)
		read_ready(timeline, row, step);
	sqlite3_reset(row);
	return has_row;
}

static int read_next(struct timeline *timeline, struct timeline_step *step)
{
	timeline->has_ready &= !timeline->without_ready;
	if (leave_out(timeline, step))
		return 1;
	if (timeline->has_call && read_wait(timeline, step))
		return 1;
	if (timeline->has_ready && (!timeline->has_call || comes_first(timeline, sqlite3_column_int64(timeline->calls, 0)))) {
		read_ready(timeline, timeline->ready, step);
		advance(timeline, timeline->ready, &timeline->has_ready);
		return 1;
	}
	if (!timeline->has_call)
		return 0;
	read_call(timeline, step);
	advance_call(timeline);
	return 1;
}

/* End of data, success and failure are different steps; so are calls of different processes. */
static int is_end_of_file(const struct timeline_step *step)
{
	return !strcmp(step->effect, "receive") && step->returned && !step->error[0] && step->bytes == 0 && step->requested_bytes > 0 && step->count == 1;
}

static int is_alike(const struct timeline_step *a, const struct timeline_step *b)
{
	return !a->is_long && !b->is_long && a->is_ready == b->is_ready && a->partner == b->partner && a->process_id == b->process_id && !strcmp(a->call, b->call) &&
		!strcmp(a->error, b->error) && is_end_of_file(a) == is_end_of_file(b);
}

/* Whether a phase began after `from` and until `to`. */
static int crosses_boundary(const struct timeline *timeline, int64_t from_ns, int64_t to_ns)
{
	for (int i = 0; i < timeline->boundary_count; i++)
		if (timeline->boundary_ns[i] > from_ns && timeline->boundary_ns[i] <= to_ns)
			return 1;
	return 0;
}

/* Options, addresses and life-cycle calls say something each time; only data and waits are worth collapsing. */
static int may_collapse(const struct timeline_step *step)
{
	static const char *const effects[] = {"send", "receive", "transfer", "wait", "accept", "epoll", "control"};

	for (size_t i = 0; i < sizeof effects / sizeof effects[0]; i++)
		if (!strcmp(step->effect, effects[i]))
			return 1;
	return 0;
}

static void absorb(struct timeline_step *into, struct timeline_step *step)
{
	if (step->end_ns > into->end_ns)
		into->end_ns = step->end_ns;
	into->count += step->count;
	if (into->duration_ns >= 0 && step->duration_ns >= 0)
		into->duration_ns += step->duration_ns;
	if (into->bytes >= 0 && step->bytes >= 0)
		into->bytes += step->bytes;
	timeline_free_step(step);
}

/* Steps of one pattern must not lie too far apart: a pause is part of the story. */
static int pauses(const struct timeline *timeline, const struct timeline_step *before, const struct timeline_step *after)
{
	return after->start_ns - before->end_ns > timeline->pause_ns;
}

/* Whether the `size` steps from `first` on are like the `size` steps after them. */
static int repeats(const struct timeline *timeline, const struct timeline_step *first, int size)
{
	const struct timeline_step *second = first + size;

	for (int i = 0; i < size; i++)
		if (!may_collapse(&second[i]) || second[i].round_size || !is_alike(&first[i], &second[i]) ||
		    (first[i].round_size && (first[i].round_size != size || first[i].round_index != i)))
			return 0;
	return !pauses(timeline, &second[-1], second) && !crosses_boundary(timeline, first->start_ns, second[size - 1].end_ns);
}

static void fold(struct timeline *timeline, int at, int size)
{
	struct timeline_step *first = timeline->window + at;

	for (int i = 0; i < size; i++) {
		absorb(&first[i], &first[size + i]);
		first[i].rounds++;
		first[i].round_size = size;
		first[i].round_index = i;
	}
	timeline->window_count -= size;
	memmove(first + size, first + 2 * size, (size_t)(timeline->window_count - at - size) * sizeof *first);
}

/* When the last steps repeat those before them often enough, they become another round of the same: a run when it is one step. */
static void fold_rounds(struct timeline *timeline)
{
	for (int size = 1; size <= LONGEST_ROUND; size++) {
		int at = timeline->window_count - 2 * size, earlier = at - size;

		if (at < 0 || !repeats(timeline, timeline->window + at, size))
			continue;
		if (timeline->window[at].round_size) {
			fold(timeline, at, size);
			return;
		}
		if (earlier < 0 || !repeats(timeline, timeline->window + earlier, size))
			continue;
		fold(timeline, earlier, size);
		fold(timeline, earlier, size);
		return;
	}
}

int timeline_next(struct timeline *timeline, struct timeline_step *step)
{
	int kept = timeline->keep_all ? 0 : WINDOW_KEPT;

	while (!timeline->drained && timeline->window_count <= kept) {
		struct timeline_step next;

		if (!read_next(timeline, &next)) {
			timeline->drained = 1;
			break;
		}
		timeline->window[timeline->window_count++] = next;
		if (timeline->keep_all)
			continue;
		timeline_fold_connect(timeline);
		fold_rounds(timeline);
	}
	if (!timeline->window_count)
		return 0;
	*step = timeline->window[0];
	timeline->window_count--;
	memmove(timeline->window, timeline->window + 1, (size_t)timeline->window_count * sizeof timeline->window[0]);
	return 1;
}

void timeline_free_step(struct timeline_step *step)
{
	free(step->detail);
	step->detail = NULL;
}

void timeline_close(struct timeline *timeline)
{
	for (int i = 0; i < timeline->window_count; i++)
		timeline_free_step(&timeline->window[i]);
	timeline->window_count = 0;
	sqlite3_finalize(timeline->calls);
	sqlite3_finalize(timeline->ready);
	sqlite3_finalize(timeline->call_ready);
	timeline->calls = timeline->ready = timeline->call_ready = NULL;
}
