/*
 * command_follow.c: `socklife follow`: what happens to sockets, line by line, while it is being recorded; of a finished
 * trace, the same from its start to its end. Looks at the database ten times a second: at new sockets, and at those still
 * open; it holds no lock between the looks, so that the collector can finish the file. Data: lifecycle, phase, timeline.
 */
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "schema/spool.h"
#include "viewer/describe.h"
#include "viewer/rows.h"
#include "viewer/view.h"

#define LOOK_MS 100
#define PHASE_ERROR 31 /* beside the steps of the view phase */

/* A socket that may still change. */
struct watched {
	int64_t id, errors;
	uint32_t printed; /* bits: steps of the view phase already printed */
};

struct event {
	int64_t at_ns, socket_id;
	int step;
	char phase[16], cause[24];
};

struct follow {
	struct view *view;
	struct text line, cell;
	struct watched *watched;
	size_t watched_count, watched_room;
	struct event *events;
	size_t event_count, event_room;
	int64_t last_id, start_unix_ns;
	long open_count;
	sqlite3_stmt *phases, *details, *matches, *error, *row;
	struct rows rows;
	int rows_opened;
};

static const struct {
	const char *phase, *sign;
	enum text_style style;
	int change; /* of the number of open sockets */
} signs[] = {
	{"new", "⊕", STYLE_NONE, 1},
	{"held", "⊕", STYLE_NONE, 1},
	{"accepted", "⊕", STYLE_NONE, 1},
	{"paired", "⊕", STYLE_NONE, 1},
	{"listening", "·", STYLE_GOOD, 0},
	{"connected", "·", STYLE_GOOD, 0},
	{"reset", "✗", STYLE_ERROR, 0},
	{"error", "✗", STYLE_ERROR, 0},
	{"closed", "⊖", STYLE_DIM, -1},
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

static struct event *add_event(struct follow *follow, int64_t at_ns, int64_t id, int step)
{
	struct event *event;

	follow->events = grow(follow->events, follow->event_count, &follow->event_room, sizeof *follow->events);
	event = &follow->events[follow->event_count++];
	*event = (struct event){.at_ns = at_ns, .socket_id = id, .step = step};
	return event;
}

static void find_new(struct follow *follow)
{
	sqlite3_stmt *ids = view_prepare(follow->view, "SELECT socket_id FROM socket WHERE socket_id > ?1 ORDER BY socket_id", follow->last_id);

	while (ids && database_step(&follow->view->database, ids) == 1) {
		follow->last_id = sqlite3_column_int64(ids, 0);
		follow->watched = grow(follow->watched, follow->watched_count, &follow->watched_room, sizeof *follow->watched);
		follow->watched[follow->watched_count++] = (struct watched){.id = follow->last_id};
	}
	sqlite3_finalize(ids);
}

static void note_phases(struct follow *follow, struct watched *watched)
{
	sqlite3_reset(follow->phases);
	sqlite3_bind_int64(follow->phases, 1, watched->id);
	while (database_step(&follow->view->database, follow->phases) == 1) {
		int step = sqlite3_column_int(follow->phases, 0) & 15;
		struct event *event;

		if (watched->printed >> step & 1)
			continue;
		event = add_event(follow, sqlite3_column_int64(follow->phases, 3), watched->id, step);
		snprintf(event->phase, sizeof event->phase, "%s", (const char *)sqlite3_column_text(follow->phases, 1));
		snprintf(event->cause, sizeof event->cause, "%s", (const char *)sqlite3_column_text(follow->phases, 2));
		/* An accepted socket and a pair begin as connected. */
		if (step == 4 && !(watched->printed & 1) && (!strcmp(event->cause, "accept") || !strcmp(event->cause, "pair")))
			snprintf(event->phase, sizeof event->phase, "%s", !strcmp(event->cause, "pair") ? "paired" : "accepted");
		watched->printed |= 1u << step;
	}
}

static void note_error(struct follow *follow, struct watched *watched, int64_t errors)
{
	struct event *event;

	watched->errors = errors;
	sqlite3_reset(follow->error);
	sqlite3_bind_int64(follow->error, 1, watched->id);
	if (database_step(&follow->view->database, follow->error) != 1)
		return;
	event = add_event(follow, sqlite3_column_int64(follow->error, 0), watched->id, PHASE_ERROR);
	snprintf(event->phase, sizeof event->phase, "error");
	snprintf(event->cause, sizeof event->cause, "%s %s", (const char *)sqlite3_column_text(follow->error, 1), (const char *)sqlite3_column_text(follow->error, 2));
}

/* What happened to a socket since the last look; returns whether more can happen. */
static int look_at(struct follow *follow, struct watched *watched)
{
	int64_t errors = 0;

	note_phases(follow, watched);
	sqlite3_reset(follow->details);
	sqlite3_bind_int64(follow->details, 1, watched->id);
	if (database_step(&follow->view->database, follow->details) == 1)
		errors = sqlite3_column_int64(follow->details, 20);
	if (errors > watched->errors)
		note_error(follow, watched, errors);
	return !(watched->printed >> 8 & 1);
}

static int compare_events(const void *a, const void *b)
{
	const struct event *first = a, *second = b;

	if (first->at_ns != second->at_ns)
		return first->at_ns < second->at_ns ? -1 : 1;
	if (first->socket_id != second->socket_id)
		return first->socket_id < second->socket_id ? -1 : 1;
	return first->step - second->step;
}

static int matches(struct follow *follow, int64_t id)
{
	if (!follow->view->filter.words)
		return 1;
	sqlite3_reset(follow->matches);
	sqlite3_bind_int64(follow->matches, follow->view->filter.value_count + 1, id);
	return database_step(&follow->view->database, follow->matches) == 1;
}

static void print_machine(struct follow *follow, const struct event *event)
{
	sqlite3_stmt *row = follow->row;

	sqlite3_reset(row);
	sqlite3_bind_int64(row, 1, event->at_ns);
	sqlite3_bind_int64(row, 2, event->socket_id);
	sqlite3_bind_text(row, 3, event->phase, -1, SQLITE_STATIC);
	sqlite3_bind_text(row, 4, event->cause, -1, SQLITE_STATIC);
	if (database_step(&follow->view->database, row) != 1)
		return;
	if (!follow->rows_opened++)
		rows_open(&follow->rows, &follow->view->output, row);
	rows_add(&follow->rows, row);
}

static void add_clock(struct follow *follow, struct text *line, int64_t at_ns)
{
	int64_t unix_ns = follow->start_unix_ns + at_ns;
	time_t seconds = (time_t)(unix_ns / 1000000000);
	struct tm moment = {.tm_hour = 0};

	localtime_r(&seconds, &moment);
	text_style(line, STYLE_DIM);
	text_format(line, "%02d:%02d:%02d.%03d ", moment.tm_hour, moment.tm_min, moment.tm_sec, (int)(unix_ns / 1000000 % 1000));
	text_style(line, STYLE_NONE);
}

/* `12:01:07.301 s7   ⊕ accepted   :8080 ← 127.0.0.1:45010   srv[4242]   open 3 (+1)` */
static void print_event(struct follow *follow, const struct event *event)
{
	struct text *line = &follow->line, *cell = &follow->cell;
	struct describe_row row;
	size_t sign = 0;

	while (sign < sizeof signs / sizeof signs[0] && strcmp(signs[sign].phase, event->phase))
		sign++;
	if (sign < sizeof signs / sizeof signs[0])
		follow->open_count += signs[sign].change;
	if (!matches(follow, event->socket_id))
		return;
	if (follow->view->output.format != OUTPUT_TEXT) {
		print_machine(follow, event);
		return;
	}
	sqlite3_reset(follow->details);
	sqlite3_bind_int64(follow->details, 1, event->socket_id);
	if (database_step(&follow->view->database, follow->details) != 1)
		return;
	describe_read(&row, follow->details);
	add_clock(follow, line, event->at_ns);
	text_clear(cell);
	text_format(cell, "s%lld", (long long)event->socket_id);
	text_style(line, STYLE_BOLD);
	text_add_cell(line, cell, 5, ALIGN_LEFT);
	text_style(line, STYLE_NONE);
	text_add(line, " ");
	if (sign < sizeof signs / sizeof signs[0])
		text_style(line, signs[sign].style);
	text_add(line, sign < sizeof signs / sizeof signs[0] ? signs[sign].sign : "·");
	text_add(line, " ");
	text_clear(cell);
	if (!strcmp(event->phase, "error"))
		text_add(cell, event->cause);
	else if (!strcmp(event->phase, "half-closed"))
		text_add(cell, !strcmp(event->cause, "shutdown") ? "half-closed by us" : "half-closed by peer");
	else if (!strcmp(event->phase, "closed") && strcmp(event->cause, "close"))
		text_format(cell, "closed by %s", event->cause);
	else
		text_add(cell, event->phase);
	text_add_cell(line, cell, 19, ALIGN_LEFT);
	text_style(line, STYLE_NONE);
	text_clear(cell);
	describe_add_ends(cell, &row, 24);
	text_add(line, " ");
	text_add_cell(line, cell, 24, ALIGN_LEFT);
	text_add(line, " ");
	text_style(line, STYLE_NAME);
	describe_add_process(line, follow->details, TEXT_PROGRAM, 1);
	text_style(line, STYLE_NONE);
	if (!strcmp(event->phase, "closed")) {
		text_add(line, "  ");
		text_add_duration(line, row.duration_ns);
		text_add(line, " ↑");
		text_add_bytes(line, row.sent_bytes);
		text_add(line, " ↓");
		text_add_bytes(line, row.received_bytes);
	}
	if (sign < sizeof signs / sizeof signs[0] && signs[sign].change)
		text_format(line, "  open %ld (%+d)", follow->open_count, signs[sign].change);
	output_line(&follow->view->output, line);
}

static int prepare(struct follow *follow)
{
	struct view *view = follow->view;
	char tail[64];

	snprintf(tail, sizeof tail, "AND s.socket_id = ?%d", view->filter.value_count + 1);
	follow->phases = database_prepare(&view->database, "SELECT step, phase, cause, start_ns FROM phase WHERE socket_id = ?1 ORDER BY start_ns, step");
	follow->details = database_prepare(&view->database, "SELECT " DESCRIBE_COLUMNS " FROM lifecycle WHERE socket_id = ?1");
	/* Backwards through the key, so that the last one is found at once. */
	follow->error = database_prepare(&view->database, "SELECT c.start_ns, k.name, coalesce(e.name, -c.outcome) FROM call_row c CROSS JOIN site x ON x.site_id = c.site_id "
		"CROSS JOIN call_kind k ON k.call_kind_id = x.call_kind_id LEFT JOIN constant e ON e.kind = 'errno' AND e.number = -c.outcome "
		"WHERE c.socket_id = ?1 AND c.outcome < 0 AND e.name IS NOT 'EAGAIN' AND e.name IS NOT 'EINPROGRESS' AND e.name IS NOT 'EINTR' "
		"ORDER BY c.start_ns DESC, c.sequence DESC LIMIT 1");
	follow->row = database_prepare(&view->database, "SELECT ?1 AS at_ns, l.socket_id, l.pid, l.program, ?3 AS event, ?4 AS cause, l.local, l.peer, l.peer_id "
		"FROM lifecycle l WHERE l.socket_id = ?2");
	follow->matches = view->filter.words ? filter_prepare(&view->filter, &view->database, "1", tail) : NULL;
	follow->start_unix_ns = database_integer(&view->database, "SELECT start_unix_ns FROM trace", 0);
	return follow->phases && follow->details && follow->error && follow->row && (follow->matches || !view->filter.words) ? 0 : -1;
}

static void unprepare(struct follow *follow)
{
	sqlite3_finalize(follow->phases);
	sqlite3_finalize(follow->details);
	sqlite3_finalize(follow->error);
	sqlite3_finalize(follow->row);
	sqlite3_finalize(follow->matches);
	follow->phases = follow->details = follow->error = follow->row = follow->matches = NULL;
}

/* One look at the opened database: prints what is new in the order it happened. */
static int look(struct follow *follow)
{
	size_t kept = 0;

	if (prepare(follow)) {
		unprepare(follow);
		view_fail(follow->view);
		return -1;
	}
	sqlite3_exec(follow->view->database.handle, "BEGIN", NULL, NULL, NULL);
	find_new(follow);
	follow->event_count = 0;
	for (size_t i = 0; i < follow->watched_count; i++)
		if (look_at(follow, &follow->watched[i]))
			follow->watched[kept++] = follow->watched[i];
	follow->watched_count = kept;
	if (follow->event_count)
		qsort(follow->events, follow->event_count, sizeof *follow->events, compare_events);
	for (size_t i = 0; i < follow->event_count && !follow->view->output.broken; i++)
		print_event(follow, &follow->events[i]);
	sqlite3_exec(follow->view->database.handle, "COMMIT", NULL, NULL, NULL);
	unprepare(follow);
	return 0;
}

/* Recording, and somebody is there to record: the spools' directory stands as long as the collector works. */
static int is_live(const struct follow *follow)
{
	char directory[4096];
	struct stat status;

	snprintf(directory, sizeof directory, "%s" SPOOL_SUFFIX, follow->view->database.path);
	return follow->view->database.recording && stat(directory, &status) == 0;
}

/* Waits for the next look; returns 0 when the reader of our output went away. */
static int wait_for_more(void)
{
	struct pollfd reader = {.fd = STDOUT_FILENO, .events = 0};

	return poll(&reader, 1, LOOK_MS) <= 0 || !(reader.revents & (POLLERR | POLLHUP | POLLNVAL));
}

static void follow_to_end(struct follow *follow)
{
	struct view *view = follow->view;

	while (!look(follow) && !view->output.broken && is_live(follow)) {
		database_close(&view->database);
		if (!wait_for_more())
			return;
		if (database_open(&view->database, view->path)) {
			view_fail(view);
			return;
		}
	}
}

static int run(const struct command *command, int argc, char **argv)
{
	struct view view = VIEW_START(command, argc, argv);
	struct follow follow = {.view = &view};

	view.output.live = 1;
	while (view_next_option(&view))
		;
	if (view_open(&view))
		return view_close(&view);
	follow.line = output_text(&view.output);
	follow.cell = output_text(&view.output);
	follow_to_end(&follow);
	if (view.output.format != OUTPUT_TEXT && follow.rows_opened)
		rows_close(&follow.rows);
	else if (view.output.format == OUTPUT_JSON)
		fputs("[]\n", view.output.file);
	free(follow.watched);
	free(follow.events);
	text_free(&follow.line);
	text_free(&follow.cell);
	return view_close(&view);
}

static const struct command_term column_table[] = {
	{"at_ns", "when, since the trace's start"},
	{"socket_id", "the socket"},
	{"pid, program", "the process that held it first"},
	{"event", "new, held, accepted, paired, bound, listening, connecting, connected, half-closed, finished, reset, error, closed"},
	{"cause", "what brought it about, as in the view phase; of an error: call and errno"},
	{"local, peer, peer_id", "its ends, as far as known by then"},
	{NULL, NULL},
};

static const struct command_term example_table[] = {
	{"socklife run ./server & socklife follow", "watch it live; ends when the recording ends"},
	{"socklife follow :8080 | grep --line-buffered ✗", "errors on port 8080 as they happen"},
	{"socklife follow --ndjson | jq --unbuffered .event", "for a script"},
	{NULL, NULL},
};

const struct command command_follow = {
	.name = "follow",
	.group = COMMAND_VIEW,
	.summary = "print what happens to sockets, line by line, while it is recorded",
	.usage = "[DATABASE] [FILTER…]",
	.minus_is_operand = 1,
	.output_options = 1,
	.filter = 1,
	.manual = "⊕ a socket came to be, · it changed, ✗ a call on it failed (the last of those since the look before), ⊖ it was closed. `open 3 (+1)` counts the open sockets. "
		"Starts with what the database already holds, ends when the recording does; of a finished trace it prints all and ends.",
	.columns = column_table,
	.examples = example_table,
	.run = run,
};
