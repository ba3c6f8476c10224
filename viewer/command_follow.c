/*
 * command_follow.c: `socklife follow`: what happens to sockets, line by line, while it is being recorded; of a finished
 * trace, the same from its start to its end. Looks at the database ten times a second: at new sockets, and at those still
 * open; it holds no lock between the looks, so that the collector can finish the file. What happened is found by follow_events.c. Data: lifecycle.
 */
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "schema/spool.h"
#include "viewer/describe.h"
#include "viewer/follow_events.h"
#include "viewer/rows.h"
#include "viewer/view.h"

#define LOOK_MS 100
#define BEGIN_MS 2000    /* as long as it waits for a trace that is not there yet */
#define REPLACE_MS 150   /* the same where an earlier one stands */
#define EVENT_WIDTH 20   /* `connect ECONNREFUSED` */
#define ENDS_LEAST 9
#define PROCESS_LEAST 8
#define PROCESS_USUAL 12

struct follow {
	struct view *view;
	struct text line, cell;
	struct follow_events events;
	int64_t start_unix_ns;
	long open_count;
	sqlite3_stmt *details, *peer, *row;
	struct rows rows;
	int rows_opened;
	int printed;             /* 1: some event was told */
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
	{"unreturned", "▒", STYLE_WAIT, 0},
	{"closed", "⊖", STYLE_DIM, -1},
};

static void print_machine(struct follow *follow, const struct follow_event *event)
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

static void add_event(struct text *cell, const struct follow_event *event)
{
	if (!strcmp(event->phase, "error"))
		text_add(cell, event->cause);
	else if (!strcmp(event->phase, "unreturned"))
		text_format(cell, "hangs in %s", event->cause);
	else if (!strcmp(event->phase, "half-closed"))
		text_add(cell, !strcmp(event->cause, "shutdown") ? "half-closed by us" : "half-closed by peer");
	else if (!strcmp(event->phase, "closed") && !strcmp(event->cause, "exit"))
		text_add(cell, "left open at exit");
	else if (!strcmp(event->phase, "closed") && !strcmp(event->cause, "killed"))
		text_add(cell, "killed");
	else if (!strcmp(event->phase, "closed") && strcmp(event->cause, "close"))
		text_format(cell, "closed by %s", event->cause);
	else
		text_add(cell, event->phase);
}

/* `peer closed 2.0s earlier`, of an error that this explains. */
static void add_peer_closed(struct follow *follow, struct text *cell, const struct follow_event *event, const struct describe_row *row)
{
	int64_t closed_ns;

	if (strcmp(event->phase, "error") || row->peer_id <= 0 || (!strstr(event->cause, "EPIPE") && !strstr(event->cause, "ECONNRESET")))
		return;
	sqlite3_reset(follow->peer);
	sqlite3_bind_int64(follow->peer, 1, row->peer_id);
	if (database_step(&follow->view->database, follow->peer) != 1)
		return;
	closed_ns = database_column(follow->peer, 0);
	if (closed_ns < 0 || closed_ns > event->at_ns)
		return;
	text_add(cell, "peer closed ");
	text_add_duration(cell, event->at_ns - closed_ns);
	text_add(cell, " earlier");
}

/* The end of the line: `1.90s ↑64.1K ↓55B 3 open`; the number of open sockets only where there is room. */
static void add_figures(struct follow *follow, struct text *cell, const struct follow_event *event, const struct describe_row *row, int change, int room)
{
	struct text open = output_text(&follow->view->output);

	if (!strcmp(event->phase, "closed")) {
		text_add_duration(cell, row->duration_ns);
		text_add(cell, " ↑");
		text_add_bytes(cell, row->sent_bytes);
		text_add(cell, " ↓");
		text_add_bytes(cell, row->received_bytes);
	}
	add_peer_closed(follow, cell, event, row);
	if (change)
		text_format(&open, "%s%ld open", cell->columns ? " " : "", follow->open_count);
	if (cell->columns + open.columns <= room)
		text_add(cell, open.bytes ? open.bytes : "");
	text_free(&open);
}

/* Who it is, and the figures: those come first where the line is narrow, then the ends, then the process. */
static void add_rest(struct follow *follow, const struct follow_event *event, struct describe_row *row, int change)
{
	struct text *line = &follow->line, *cell = &follow->cell, figures = output_text(&follow->view->output);
	int width = follow->view->output.width, wide = width >= 120, ends_width = wide ? 24 : 21, process_width = wide ? 22 : 14;
	int room = width - line->columns - 1, rest;

	add_figures(follow, &figures, event, row, change, room - ENDS_LEAST - 1);
	rest = room - (figures.columns ? figures.columns + 1 : 0);
	if (rest - ends_width - 1 < process_width)
		process_width = rest - ends_width - 1 >= PROCESS_LEAST ? rest - ends_width - 1 : 0;
	if (!process_width && rest < ends_width)
		ends_width = rest > ENDS_LEAST ? rest : ENDS_LEAST;
	text_clear(cell);
	describe_add_ends(cell, row, ends_width);
	text_add(line, " ");
	text_add_cell(line, cell, ends_width, ALIGN_LEFT);
	if (process_width) {
		text_clear(cell);
		describe_add_process_fitted(cell, follow->details, TEXT_PROGRAM, 1, process_width);
		text_add(line, " ");
		text_style(line, STYLE_NAME);
		text_add_cell(line, cell, wide || process_width < PROCESS_USUAL ? process_width : cell->columns > PROCESS_USUAL ? cell->columns : PROCESS_USUAL, ALIGN_LEFT);
		text_style(line, STYLE_NONE);
	}
	if (figures.columns) {
		text_add(line, " ");
		text_add(line, figures.bytes);
	}
	text_free(&figures);
}

/* `12:01:07.301 s7   ⊕ accepted   :8080 ← 127.0.0.1:45010   srv[4242]   3 open` */
static void print_event(struct follow *follow, const struct follow_event *event)
{
	struct text *line = &follow->line, *cell = &follow->cell;
	struct describe_row row;
	size_t sign = 0, count = sizeof signs / sizeof signs[0];

	while (sign < count && strcmp(signs[sign].phase, event->phase))
		sign++;
	if (sign < count)
		follow->open_count += signs[sign].change;
	if (!follow_events_match(&follow->events, event->socket_id))
		return;
	follow->printed = 1;
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
	if (sign < count)
		text_style(line, signs[sign].style);
	text_add(line, sign < count ? signs[sign].sign : "·");
	text_add(line, " ");
	text_clear(cell);
	add_event(cell, event);
	text_add_cell(line, cell, EVENT_WIDTH, ALIGN_LEFT);
	text_style(line, STYLE_NONE);
	add_rest(follow, event, &row, sign < count && signs[sign].change);
	output_line(&follow->view->output, line);
}

static int prepare(struct follow *follow)
{
	struct view *view = follow->view;

	follow->details = database_prepare(&view->database, "SELECT " DESCRIBE_COLUMNS " FROM lifecycle WHERE socket_id = ?1");
	follow->peer = database_prepare(&view->database, "SELECT closed_ns FROM socket WHERE socket_id = ?1");
	follow->row = database_prepare(&view->database, "SELECT ?1 AS at_ns, l.socket_id, l.pid, l.program, ?3 AS event, ?4 AS cause, l.local, l.peer, l.peer_id "
		"FROM lifecycle l WHERE l.socket_id = ?2");
	follow->start_unix_ns = database_integer(&view->database, "SELECT start_unix_ns FROM trace", 0);
	return follow->details && follow->peer && follow->row ? 0 : -1;
}

/* One look at the opened database: prints what is new in the order it happened. */
static int look(struct follow *follow)
{
	struct follow_event event;
	int error = follow_events_begin(&follow->events);

	output_look_at_width(&follow->view->output);
	if (!error)
		error = prepare(follow);
	while (!error && !follow->view->output.broken && follow_events_next(&follow->events, &event))
		print_event(follow, &event);
	sqlite3_finalize(follow->details);
	sqlite3_finalize(follow->peer);
	sqlite3_finalize(follow->row);
	follow->details = follow->peer = follow->row = NULL;
	follow_events_end(&follow->events);
	if (error)
		view_fail(follow->view);
	return error;
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
		if (database_open(&view->database, view->path, view->options.command->name)) {
			view_fail(view);
			return;
		}
	}
}

static int exists(const char *path, const char *suffix)
{
	char name[4096];
	struct stat status;

	snprintf(name, sizeof name, "%s%s", path, suffix);
	return stat(name, &status) == 0;
}

/* Who follows may be a moment earlier than the recording: `socklife run ./server & socklife follow`. A trace that stands there already may be an old one. */
static void wait_for_recording(const struct view *view)
{
	const char *path = view->path ? view->path : DATABASE_DEFAULT;
	int most_ms = !exists(path, "") ? BEGIN_MS : view->path ? 0 : REPLACE_MS;

	for (int waited_ms = 0; waited_ms < most_ms && !exists(path, SPOOL_SUFFIX); waited_ms += 5)
		poll(NULL, 0, 5);
}

static int run(const struct command *command, int argc, char **argv)
{
	struct view view = VIEW_START(command, argc, argv);
	struct follow follow = {.view = &view};

	view.output.live = 1;
	while (view_next_option(&view))
		;
	if (!view.options.stopped)
		wait_for_recording(&view);
	if (view_open(&view))
		return view_close(&view);
	follow.line = output_text(&view.output);
	follow.cell = output_text(&view.output);
	follow.events = (struct follow_events){.database = &view.database, .filter = &view.filter};
	follow_to_end(&follow);
	if (!follow.printed && view.database.handle && !view.status)
		view_explain_empty(&view);
	if (view.output.format != OUTPUT_TEXT && follow.rows_opened)
		rows_close(&follow.rows);
	else if (view.output.format == OUTPUT_JSON)
		fputs("[]\n", view.output.file);
	follow_events_free(&follow.events);
	text_free(&follow.line);
	text_free(&follow.cell);
	return view_close(&view);
}

static const struct command_term column_table[] = {
	{"at_ns", "when, since the trace's start"},
	{"socket_id", "the socket"},
	{"pid, program", "the process that held it first"},
	{"event", "new, held, accepted, paired, bound, listening, connecting, connected, half-closed, finished, reset, error, unreturned (a call has not returned for a second), closed"},
	{"cause", "what brought it about, as in the view phase; of an error: call and errno; of unreturned: the call"},
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
	.manual = "⊕ a socket came to be, · it changed, ✗ a call on it failed (the last of those since the look before), ▒ a call has not returned for a second, ⊖ it was closed. `3 open` counts the open sockets. "
		"Starts with what the database already holds, ends when the recording does; of a finished trace it prints all and ends. "
		"Where there is none it waits two seconds for one to begin. An error that the peer's end explains says how long before that was.",
	.columns = column_table,
	.examples = example_table,
	.run = run,
};
