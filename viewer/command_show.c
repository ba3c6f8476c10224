/*
 * command_show.c: `socklife show`: the life of one or more sockets: what it was, its phases, who held it, how it ended, and
 * each call with the state it led to. Data: lifecycle, phase, ending, holding, problem, timeline, readiness.
 */
#include <string.h>

#include "viewer/describe.h"
#include "viewer/marks.h"
#include "viewer/rows.h"
#include "viewer/step.h"
#include "viewer/timeline.h"
#include "viewer/view.h"

#define PHASES_MOST 16
#define MANY_SOCKETS 10       /* `show` alone does not pour out more */
#define LONG_SHARE 50         /* a call that took 1/50 of the life stands alone */
#define LONG_LEAST_NS 100000
#define PAUSE_SHARE 10         /* a silence of 1/10 of the life ends a run */
#define ACCEPTED_NAMED 1000    /* of a listener with more, accepted sockets are not looked up */
#define HOLDERS_SHOWN 12

struct phase {
	char name[16], cause[16];
	int64_t start_ns, duration_ns;
	int known;
};

struct show {
	struct view *view;
	struct text line, cell;
	struct describe_row row;
	struct marks marks;
	struct phase phases[PHASES_MOST];
	int phase_count, phase_next;
	int all;
	int processes;               /* distinct ones that held it */
	int64_t first_ns, span_ns;   /* the time axis */
	int call_width, result_width, bar_width;
};

static void print(struct show *show)
{
	output_line(&show->view->output, &show->line);
}

static void read_phases(struct show *show)
{
	sqlite3_stmt *statement = view_prepare(show->view, "SELECT phase, cause, start_ns, duration_ns, known FROM phase WHERE socket_id = ?1 ORDER BY start_ns, step", show->row.id);

	show->phase_count = show->phase_next = 0;
	while (statement && show->phase_count < PHASES_MOST && database_step(&show->view->database, statement) == 1) {
		struct phase *phase = &show->phases[show->phase_count++];

		snprintf(phase->name, sizeof phase->name, "%s", (const char *)sqlite3_column_text(statement, 0));
		snprintf(phase->cause, sizeof phase->cause, "%s", (const char *)sqlite3_column_text(statement, 1));
		phase->start_ns = sqlite3_column_int64(statement, 2);
		phase->duration_ns = database_column(statement, 3);
		phase->known = sqlite3_column_int(statement, 4);
	}
	sqlite3_finalize(statement);
}

/* `s2  tcp client  curl[4711] fd 5  127.0.0.1:45002 → 127.0.0.1:8080  peer s3 srv[4242]` */
static void print_heading(struct show *show)
{
	struct text *line = &show->line;
	const struct describe_row *row = &show->row;
	sqlite3_stmt *statement;

	text_style(line, STYLE_BOLD);
	text_format(line, "s%lld", (long long)row->id);
	text_style(line, STYLE_NONE);
	text_format(line, "  %s %s  ", describe_text(row, TEXT_PROTOCOL), describe_text(row, TEXT_ROLE));
	text_style(line, STYLE_NAME);
	describe_add_process(line, row->statement, TEXT_PROGRAM, 1);
	text_style(line, STYLE_NONE);
	if (row->fd >= 0)
		text_format(line, " fd %lld", (long long)row->fd);
	text_add(line, "  ");
	describe_add_ends(line, row, 1000);
	if (row->peer_id > 0) {
		statement = view_prepare(show->view, "SELECT program, pid FROM lifecycle WHERE socket_id = ?1", row->peer_id);
		if (statement && database_step(&show->view->database, statement) == 1) {
			text_add(line, " ");
			text_style(line, STYLE_NAME);
			describe_add_process(line, statement, 0, 1);
			text_style(line, STYLE_NONE);
		}
		sqlite3_finalize(statement);
	}
	if (row->parent_id > 0)
		text_format(line, "  ⊂ s%lld", (long long)row->parent_id);
	print(show);
}

static void add_label(struct show *show, const char *label)
{
	text_add(&show->line, "  ");
	text_style(&show->line, STYLE_DIM);
	text_add_fitted(&show->line, label, 8, ALIGN_LEFT);
	text_style(&show->line, STYLE_NONE);
}

/* Adds `cell` after a separator, on a line of its own when it does not fit; clears it. */
static void add_part(struct show *show, const char *separator)
{
	struct text *line = &show->line, *cell = &show->cell;

	if (line->columns > 10 && line->columns + 3 + cell->columns > show->view->output.width) {
		print(show);
		add_label(show, "");
		text_add(line, separator + (separator[0] == ' '));
	} else if (line->columns > 10) {
		text_add(line, separator);
	}
	text_add_cell(line, cell, cell->columns, ALIGN_LEFT);
	text_clear(cell);
}

/* `phases  new 31.0µs → connecting 212µs → connected 1.90s → half-closed by peer 10ms → closed` */
static void print_phases(struct show *show)
{
	struct text *cell = &show->cell;

	if (!show->phase_count)
		return;
	add_label(show, "phases");
	for (int i = 0; i < show->phase_count; i++) {
		const struct phase *phase = &show->phases[i];

		text_add(cell, phase->name);
		if (!strcmp(phase->name, "half-closed"))
			text_add(cell, !strcmp(phase->cause, "shutdown") ? " by us" : " by peer");
		if (phase->duration_ns >= 0) {
			text_style(cell, STYLE_DIM);
			text_add(cell, " ");
			text_add_duration(cell, phase->duration_ns);
			text_style(cell, STYLE_NONE);
		}
		if (!phase->known)
			text_format(cell, " (inferred: %s)", phase->cause);
		add_part(show, " → ");
	}
	print(show);
}

static void add_data(struct show *show, const char *verb, int64_t bytes, int64_t calls)
{
	if (calls <= 0)
		return;
	text_add(&show->cell, verb);
	text_add_bytes(&show->cell, bytes);
	text_format(&show->cell, " in %lld call%s", (long long)calls, calls == 1 ? "" : "s");
	add_part(show, " · ");
}

/* `waited 1.80s (receive 1.80s)`, `in poll 104ms`: parts below a hundredth of the whole are left out. */
static void add_waits(struct show *show)
{
	static const char *const names[] = {"connect", "accept", "send", "receive"};
	struct text *cell = &show->cell;
	sqlite3_stmt *statement = view_prepare(show->view, "SELECT connect_ns, accept_ns, send_ns, receive_ns, poll_ns FROM socket WHERE socket_id = ?1", show->row.id);
	int parts = 0;

	if (statement && database_step(&show->view->database, statement) == 1) {
		if (show->row.wait_ns > 0) {
			text_add(cell, "waited ");
			text_style(cell, STYLE_WAIT);
			text_add_duration(cell, show->row.wait_ns);
			text_style(cell, STYLE_NONE);
			for (int i = 0; i < 4; i++) {
				if (sqlite3_column_int64(statement, i) <= 0 || sqlite3_column_int64(statement, i) * 100 < show->row.wait_ns)
					continue;
				text_format(cell, "%s%s ", parts++ ? ", " : " (", names[i]);
				text_add_duration(cell, sqlite3_column_int64(statement, i));
			}
			text_add(cell, parts ? ")" : "");
			add_part(show, " · ");
		}
		if (sqlite3_column_int64(statement, 4) > 0) {
			text_add(cell, "in poll ");
			text_add_duration(cell, sqlite3_column_int64(statement, 4));
			add_part(show, " · ");
		}
	}
	sqlite3_finalize(statement);
}

static void print_totals(struct show *show)
{
	add_label(show, "life");
	text_add_duration(&show->cell, show->row.duration_ns);
	add_part(show, " · ");
	add_data(show, "sent ", show->row.sent_bytes, show->row.send_calls);
	add_data(show, "received ", show->row.received_bytes, show->row.receive_calls);
	add_waits(show);
	print(show);
}

static void add_count(struct show *show, int64_t count, const char *words)
{
	if (count <= 0)
		return;
	text_style(&show->cell, STYLE_WARNING);
	text_format(&show->cell, "%lld %s", (long long)count, words);
	text_style(&show->cell, STYLE_NONE);
	add_part(show, " · ");
}

static void print_ending(struct show *show)
{
	struct text *cell = &show->cell;
	sqlite3_stmt *statement = view_prepare(show->view,
		"SELECT ending, closed_first, inferred, unread_bytes, unsent_bytes, tcp_state, rtt_us, retransmits FROM ending WHERE socket_id = ?1", show->row.id);

	if (!statement || database_step(&show->view->database, statement) != 1 || !strcmp((const char *)sqlite3_column_text(statement, 0), "open")) {
		sqlite3_finalize(statement);
		return;
	}
	add_label(show, "ended");
	text_add(cell, (const char *)sqlite3_column_text(statement, 0));
	if (!strcmp((const char *)sqlite3_column_text(statement, 0), "failed")) {
		enum describe_text error = describe_has(&show->row, TEXT_CONNECT_ERROR) ? TEXT_CONNECT_ERROR : TEXT_LAST_ERROR;

		if (describe_has(&show->row, error))
			text_format(cell, ": %s", describe_text(&show->row, error));
	}
	add_part(show, " · ");
	if (sqlite3_column_type(statement, 1) != SQLITE_NULL) {
		text_format(cell, "%s closed first%s", strcmp((const char *)sqlite3_column_text(statement, 1), "this") ? "the peer" : "this end",
			sqlite3_column_int(statement, 2) ? " (inferred)" : "");
		add_part(show, " · ");
	}
	add_count(show, sqlite3_column_int64(statement, 3), "bytes never read");
	add_count(show, sqlite3_column_int64(statement, 4), "bytes still to send");
	if (sqlite3_column_type(statement, 5) != SQLITE_NULL && show->row.listening_ns < 0) {
		text_format(cell, "TCP %s", (const char *)sqlite3_column_text(statement, 5));
		add_part(show, " · ");
	}
	if (sqlite3_column_int64(statement, 6) > 0) {
		text_add(cell, "rtt ");
		text_add_duration(cell, sqlite3_column_int64(statement, 6) * 1000);
		add_part(show, " · ");
	}
	add_count(show, sqlite3_column_int64(statement, 7), "segments sent again");
	sqlite3_finalize(statement);
	print(show);
}

/* One line a span when there is more than the obvious one. */
static void print_holders(struct show *show)
{
	struct text *line = &show->line;
	sqlite3_stmt *statement = view_prepare(show->view, "SELECT program, pid, fd, opened_ns, opened_by, closed_ns, closed_by, calls, count(*) OVER () "
		"FROM holding WHERE socket_id = ?1 ORDER BY opened_ns, span_id", show->row.id);
	int shown = 0;

	show->processes = 1;
	while (statement && database_step(&show->view->database, statement) == 1) {
		if (sqlite3_column_int64(statement, 8) < 2)
			break;
		show->processes = 2;
		if (shown++ == HOLDERS_SHOWN) {
			add_label(show, "");
			text_format(line, "… and %lld more (socklife query \"SELECT * FROM holding WHERE socket_id = %lld\")",
				(long long)(sqlite3_column_int64(statement, 8) - HOLDERS_SHOWN), (long long)show->row.id);
			print(show);
			break;
		}
		add_label(show, shown == 1 ? "held by" : "");
		text_style(line, STYLE_NAME);
		describe_add_process(line, statement, 0, 1);
		text_style(line, STYLE_NONE);
		text_format(line, " fd %lld  ", sqlite3_column_int64(statement, 2));
		text_add_duration(line, sqlite3_column_int64(statement, 3) - show->row.opened_ns);
		text_format(line, " %s – ", (const char *)sqlite3_column_text(statement, 4));
		if (sqlite3_column_type(statement, 5) == SQLITE_NULL) {
			text_add(line, "open");
		} else {
			text_add_duration(line, sqlite3_column_int64(statement, 5) - show->row.opened_ns);
			text_format(line, " %s", (const char *)sqlite3_column_text(statement, 6));
		}
		if (!sqlite3_column_int64(statement, 7)) {
			text_style(line, STYLE_DIM);
			text_add(line, "  never used");
			text_style(line, STYLE_NONE);
		}
		print(show);
	}
	sqlite3_finalize(statement);
}

/* A sentence, wrapped at the terminal's width. */
static void add_words(struct show *show, const char *sentence)
{
	while (*sentence) {
		size_t length = strcspn(sentence, " ");

		text_clear(&show->cell);
		text_add_quoted(&show->cell, sentence, length);
		if (show->line.columns > 10 && show->line.columns + show->cell.columns > show->view->output.width) {
			print(show);
			text_pad_to(&show->line, 10);
		}
		text_add_cell(&show->line, &show->cell, show->cell.columns, ALIGN_LEFT);
		if (show->line.columns < show->view->output.width)
			text_add(&show->line, " ");
		sentence += length + (sentence[length] == ' ');
	}
}

static void print_marks(struct show *show)
{
	static const char *const signs[] = {"ℹ", "▲", "✗"};
	static const enum text_style styles[] = {STYLE_DIM, STYLE_WARNING, STYLE_ERROR};
	const struct mark *mark = marks_of(&show->marks, show->row.id);
	const struct mark *end = show->marks.list + show->marks.count;

	for (; mark && mark < end && mark->socket_id == show->row.id; mark++) {
		text_add(&show->line, "  ");
		text_style(&show->line, styles[mark->severity]);
		text_format(&show->line, "%s %s", signs[mark->severity], mark->rule);
		text_style(&show->line, STYLE_NONE);
		text_add(&show->line, "  ");
		add_words(show, mark->message);
		print(show);
	}
}

static void choose_layout(struct show *show)
{
	int width = show->view->output.width, rest;

	show->result_width = 13;
	rest = width - 11 - 12 - show->result_width - 1 - 7 - 2;
	show->bar_width = rest < 34 ? 0 : rest * 2 / 5;
	show->call_width = rest - show->bar_width - (show->bar_width ? 1 : 0);
	if (show->call_width > 48) {
		show->call_width = 48;
		show->bar_width = rest - 49;
	}
}

static void print_columns(struct show *show)
{
	struct text *line = &show->line, end = output_text(&show->view->output);

	text_style(line, STYLE_DIM);
	text_add_fitted(line, "+TIME", 10, ALIGN_RIGHT);
	text_add(line, "  ");
	text_add_fitted(line, "STATE", 11, ALIGN_LEFT);
	text_add(line, " ");
	text_add_fitted(line, "CALL", show->call_width, ALIGN_LEFT);
	text_add(line, " ");
	text_add_fitted(line, "RESULT", show->result_width, ALIGN_LEFT);
	text_add_fitted(line, "TOOK", 7, ALIGN_RIGHT);
	if (show->bar_width) {
		text_add(&end, " ");
		text_add_duration(&end, show->span_ns);
		text_add(line, "  0 ");
		text_repeat(line, "─", show->bar_width - 2 - end.columns);
		text_add(line, end.bytes);
	}
	text_style(line, STYLE_NONE);
	text_free(&end);
	print(show);
}

/* Times of one column share a unit, so that they can be compared by eye. */
static void add_time(struct show *show, int64_t ns)
{
	struct text *line = &show->line;
	struct text cell = output_text(&show->view->output);

	if (show->span_ns < INT64_C(10000000))
		text_format(&cell, "%.3fms", (double)ns / 1e6);
	else if (show->span_ns < INT64_C(100000000000))
		text_format(&cell, "%.6fs", (double)ns / 1e9);
	else
		text_format(&cell, "%.3fs", (double)ns / 1e9);
	text_add_cell(line, &cell, 10, ALIGN_RIGHT);
	text_add(line, "  ");
	text_free(&cell);
}

/* Clamped before it becomes a column: numbers of a damaged trace may be anything. */
static int to_cell(const struct show *show, int64_t at_ns)
{
	double cell = ((double)at_ns - (double)show->first_ns) / (double)show->span_ns * show->bar_width;

	return !(cell > 0) ? 0 : cell >= show->bar_width ? show->bar_width - 1 : (int)cell;
}

static void add_bar(struct show *show, int64_t start_ns, int64_t end_ns, int waiting, int64_t waited_ns)
{
	struct text *line = &show->line;
	int cells = show->bar_width, first, last;

	if (!cells || show->span_ns <= 0)
		return;
	first = to_cell(show, start_ns);
	last = to_cell(show, end_ns);
	last = last < first ? first : last;
	text_add(line, "  ");
	text_repeat(line, " ", first);
	if (last == first) {
		text_add(line, "▏");
		return;
	}
	text_style(line, waiting ? STYLE_WAIT : STYLE_NONE);
	if (waiting && waited_ns * 2 > show->span_ns && last - first > 12) {
		text_repeat(line, "▒", last - first + 1 - 8);
		text_add(line, " BLOCKED");
	} else {
		text_repeat(line, waiting ? "▒" : "·", last - first + 1);
	}
	text_style(line, STYLE_NONE);
}

static void add_state(struct show *show, const char *state, enum text_style style)
{
	text_style(&show->line, style);
	text_add_fitted(&show->line, state, 11, ALIGN_LEFT);
	text_style(&show->line, STYLE_NONE);
	text_add(&show->line, " ");
}

static const struct {
	const char *cause, *words;
} cause_words[] = {
	{"accept", "(accepted)"},
	{"inherited", "(held when its process was first seen)"},
	{"passed", "(received in a message)"},
	{"adopted", "(seen for the first time)"},
	{"data", "(as the first data showed)"},
	{"exit", "(its process exited)"},
	{"killed", "(its process was killed)"},
	{"exec", "(close-on-exec)"},
	{"dup2", "(another descriptor took its number)"},
};

/* A phase that no recorded call led to: the process exited, was killed. */
static void print_phase_row(struct show *show, const struct phase *phase)
{
	const char *words = phase->cause;

	for (size_t i = 0; i < sizeof cause_words / sizeof cause_words[0]; i++)
		if (!strcmp(cause_words[i].cause, phase->cause))
			words = cause_words[i].words;
	add_time(show, phase->start_ns - show->first_ns);
	add_state(show, phase->name, STYLE_BOLD);
	text_style(&show->line, STYLE_DIM);
	text_add_fitted(&show->line, words, show->call_width, ALIGN_LEFT);
	text_style(&show->line, STYLE_NONE);
	text_add_fitted(&show->line, "", show->result_width + 8, ALIGN_LEFT);
	add_bar(show, phase->start_ns, phase->start_ns, 0, 0);
	print(show);
}

static const char *round_mark(const struct timeline_step *step)
{
	return step->round_index == 0 ? "┌" : step->round_index == step->round_size - 1 ? "└" : "│";
}

/* The socket that an accept made: a child of the listener with that descriptor, opened while the call ran. */
static void add_accepted(struct show *show, struct text *cell, const struct timeline_step *step)
{
	sqlite3_stmt *statement;

	if (strcmp(step->effect, "accept") || step->count > 1 || step->error[0] || !step->returned || show->row.accepted_count > ACCEPTED_NAMED)
		return;
	statement = view_prepare(show->view, "SELECT socket_id FROM socket WHERE parent_id = ?1 AND fd = ?2 AND opened_ns BETWEEN ?3 AND ?4", show->row.id);
	if (!statement)
		return;
	sqlite3_bind_int64(statement, 2, step->result);
	sqlite3_bind_int64(statement, 3, step->start_ns);
	sqlite3_bind_int64(statement, 4, step->end_ns);
	if (database_step(&show->view->database, statement) == 1)
		text_format(cell, " → s%lld", sqlite3_column_int64(statement, 0));
	sqlite3_finalize(statement);
}

static void print_left_out(struct show *show, const struct timeline_step *step)
{
	sqlite3_stmt *longest = view_prepare(show->view, "SELECT longest_ns, longest_start_ns FROM socket WHERE socket_id = ?1 AND longest_start_ns >= ?2 AND longest_start_ns < ?3", show->row.id);

	if (longest) {
		sqlite3_bind_int64(longest, 2, step->start_ns);
		sqlite3_bind_int64(longest, 3, step->end_ns);
	}
	add_time(show, step->start_ns - show->first_ns);
	add_state(show, "┊", STYLE_DIM);
	text_style(&show->line, STYLE_DIM);
	text_format(&show->line, "%lld calls are left out (--all shows them)", (long long)step->count);
	if (longest && database_step(&show->view->database, longest) == 1) {
		text_add(&show->line, "; the longest took ");
		text_add_duration(&show->line, sqlite3_column_int64(longest, 0));
		text_add(&show->line, ", at ");
		text_add_duration(&show->line, sqlite3_column_int64(longest, 1) - show->first_ns);
	}
	sqlite3_finalize(longest);
	text_style(&show->line, STYLE_NONE);
	print(show);
}

static void print_step(struct show *show, const struct timeline_step *step)
{
	struct text *line = &show->line, *cell = &show->cell;
	const char *state = NULL;

	while (show->phase_next < show->phase_count && show->phases[show->phase_next].start_ns < step->start_ns && strcmp(step->effect, "create"))
		print_phase_row(show, &show->phases[show->phase_next++]);
	if (step->left_out) {
		print_left_out(show, step);
		return;
	}
	while (show->phase_next < show->phase_count && show->phases[show->phase_next].start_ns <= step->end_ns && !step->is_ready)
		state = show->phases[show->phase_next++].name;
	if (!strcmp(step->effect, "create") && show->phase_next == 0 && show->phase_count)
		state = show->phases[show->phase_next++].name;
	add_time(show, step->start_ns - show->first_ns);
	add_state(show, state ? state : "│", state ? STYLE_BOLD : STYLE_DIM);
	text_clear(cell);
	if (step->round_size > 1)
		text_format(cell, "%s ", round_mark(step));
	step_add_call(cell, step);
	if (show->processes > 1) {
		struct text who = output_text(&show->view->output);

		text_format(&who, " [%lld]", (long long)step->pid);
		text_cut(cell, show->call_width - who.columns);
		text_style(cell, STYLE_DIM);
		text_add(cell, who.bytes);
		text_style(cell, STYLE_NONE);
		text_free(&who);
	}
	text_add_cell(line, cell, show->call_width, ALIGN_LEFT);
	text_add(line, " ");
	text_clear(cell);
	step_add_result(cell, step);
	add_accepted(show, cell, step);
	text_add_cell(line, cell, show->result_width, ALIGN_LEFT);
	text_clear(cell);
	if (step->is_long)
		text_style(cell, STYLE_WAIT);
	text_add_duration(cell, step->duration_ns);
	text_style(cell, STYLE_NONE);
	text_add_cell(line, cell, 7, ALIGN_RIGHT);
	add_bar(show, step->start_ns, step->returned ? step->end_ns : show->first_ns + show->span_ns, step->is_long && step->count == 1,
		step->returned ? step->duration_ns : show->first_ns + show->span_ns - step->start_ns);
	print(show);
}

static void print_timeline(struct show *show)
{
	struct timeline timeline;
	struct timeline_step step;
	int64_t from_ns, to_ns, count;

	show->first_ns = show->row.opened_ns;
	if (timeline_open(&timeline, &show->view->database, show->row.id)) {
		view_fail(show->view);
		return;
	}
	if (timeline.has_call && sqlite3_column_int64(timeline.calls, 0) < show->first_ns)
		show->first_ns = sqlite3_column_int64(timeline.calls, 0);
	show->span_ns = show->row.opened_ns + show->row.duration_ns - show->first_ns;
	timeline.keep_all = show->all;
	if (!show->all && timeline_find_middle(&show->view->database, show->row.id, &from_ns, &to_ns, &count))
		timeline_leave_out(&timeline, from_ns, to_ns, count);
	timeline.long_ns = show->row.duration_ns / LONG_SHARE > LONG_LEAST_NS ? show->row.duration_ns / LONG_SHARE : LONG_LEAST_NS;
	timeline.pause_ns = show->span_ns / PAUSE_SHARE;
	for (int i = 0; i < show->phase_count; i++)
		timeline.boundary_ns[timeline.boundary_count++] = show->phases[i].start_ns;
	print_columns(show);
	while (!show->view->output.broken && timeline_next(&timeline, &step)) {
		print_step(show, &step);
		timeline_free_step(&step);
	}
	while (show->phase_next < show->phase_count)
		print_phase_row(show, &show->phases[show->phase_next++]);
	if (database_integer(&show->view->database, "SELECT value = 'sockets' FROM meta WHERE key = 'detail'", 0)) {
		text_style(&show->line, STYLE_DIM);
		text_add(&show->line, "            (calls that send and receive are in the totals only: recorded with --detail=sockets)");
		text_style(&show->line, STYLE_NONE);
		print(show);
	}
	if (timeline.failed)
		view_fail(show->view);
	timeline_close(&timeline);
}

static void show_socket(struct show *show, sqlite3_stmt *details)
{
	describe_read(&show->row, details);
	text_clear(&show->cell);
	choose_layout(show);
	read_phases(show);
	print_heading(show);
	print_phases(show);
	print_totals(show);
	print_ending(show);
	print_holders(show);
	print_marks(show);
	view_print_gaps(show->view, show->row.id);
	print_timeline(show);
}

static int show_all(struct show *show, sqlite3_stmt *ids)
{
	sqlite3_stmt *details = database_prepare(&show->view->database, "SELECT " DESCRIBE_COLUMNS " FROM lifecycle WHERE socket_id = ?1");
	int result = -1, found = 0;

	while (details && !show->view->output.broken && (result = database_step(&show->view->database, ids)) == 1) {
		sqlite3_reset(details);
		sqlite3_bind_int64(details, 1, sqlite3_column_int64(ids, 0));
		if (database_step(&show->view->database, details) != 1)
			continue;
		if (found++)
			output_blank(&show->view->output);
		show_socket(show, details);
	}
	if (result < 0 && !show->view->output.broken)
		view_fail(show->view);
	sqlite3_finalize(details);
	return found;
}

/* Machine formats: the rows of timeline of each socket, nothing collapsed. */
static int print_machine(struct show *show, sqlite3_stmt *ids)
{
	sqlite3_stmt *calls = database_prepare(&show->view->database, "SELECT * FROM timeline WHERE socket_id = ?1");
	struct rows rows;
	int found = 0, result = 1;

	if (!calls) {
		view_fail(show->view);
		return 1;
	}
	rows_open(&rows, &show->view->output, calls);
	while (result >= 0 && !show->view->output.broken && (result = database_step(&show->view->database, ids)) == 1) {
		found++;
		sqlite3_reset(calls);
		sqlite3_bind_int64(calls, 1, sqlite3_column_int64(ids, 0));
		while (!show->view->output.broken && (result = database_step(&show->view->database, calls)) == 1)
			rows_add(&rows, calls);
	}
	if (result < 0)
		view_fail(show->view);
	rows_close(&rows);
	sqlite3_finalize(calls);
	return found;
}

static int run(const struct command *command, int argc, char **argv)
{
	struct view view = VIEW_START(command, argc, argv);
	struct show show = {.view = &view};
	sqlite3_stmt *ids;

	while (view_next_option(&view))
		show.all = 1;
	if (view_open(&view))
		return view_close(&view);
	if (!view.filter.words && database_integer(&view.database, "SELECT sockets FROM summary", 0) > MANY_SOCKETS) {
		view.status = options_fail(command, "which socket? `socklife ls` lists them, `socklife show s1` shows one");
		return view_close(&view);
	}
	show.line = output_text(&view.output);
	show.cell = output_text(&view.output);
	if (view.output.format == OUTPUT_TEXT)
		marks_read(&show.marks, &view.database);
	ids = filter_prepare(&view.filter, &view.database, "s.socket_id", NULL);
	if (!ids) {
		view_fail(&view);
	} else if (!(view.output.format == OUTPUT_TEXT ? show_all(&show, ids) : print_machine(&show, ids)) && !view.status) {
		filter_explain_empty(&view.filter, &view.database);
		view.status = view.filter.first_id ? COMMAND_ERROR : COMMAND_OK;
	}
	sqlite3_finalize(ids);
	text_free(&show.line);
	text_free(&show.cell);
	marks_free(&show.marks);
	return view_close(&view);
}

static const struct command_option option_table[] = {
	{"all", 0, NULL, "one row a call: collapse nothing"},
	{NULL, 0, NULL, NULL},
};

static const struct command_term column_table[] = {
	{"…", "the columns of the view timeline: socket_id, process_id, pid, tid, thread_name, fd, call, start_ns, duration_ns (null: never returned), result, errno, requested_bytes, bytes, detail, effect, flags, caller_id, sequence; one row a call"},
	{NULL, NULL},
};

static const struct command_term example_table[] = {
	{"socklife show s2", "the life of s2 in socklife.db"},
	{"socklife show trace.db s2 s3 --all", "both ends of a connection, each call on a row of its own"},
	{"socklife show error:ECONNREFUSED", "every socket whose connection was refused"},
	{"socklife show --csv s2 > s2.csv", "for a spreadsheet"},
	{NULL, NULL},
};

const struct command command_show = {
	.name = "show",
	.group = COMMAND_VIEW,
	.summary = "show the life of a socket, call by call",
	.usage = "[DATABASE] SOCKET… [--all]\n[DATABASE] FILTER… [--all]",
	.options = option_table,
	.minus_is_operand = 1,
	.output_options = 1,
	.filter = 1,
	.manual = "First what the socket was: its ends, its phases with their lengths, its totals, how it ended and who held it. Then its calls: "
		"STATE is the phase that a call led to, RESULT what it returned (55/55: sent of offered; `0 = end`: the peer's end of data), TOOK its time, and the bar "
		"when that was on the socket's own time axis: ▏ a moment, ▒ a call that waited long.\n"
		"\n"
		"Runs of like calls are one row: `recv ×12`. A pattern that repeats is shown once, its rows joined by ┌ └, with the number of calls of each. "
		"`poll → IN` is a wait on several sockets that found this one ready. Of a socket with more than 40,000 calls the first and the last 5000 are shown; --all shows each one.",
	.columns = column_table,
	.examples = example_table,
	.run = run,
};
