/*
 * show_head.c: what `socklife show` tells of a socket before its calls: what it was, its phases, its totals, how it ended, who held it, and what
 * `check` finds about it. Data: lifecycle, phase, ending, holding, problem.
 */
#include "viewer/show_internal.h"

#include <string.h>

#define HOLDERS_SHOWN 12

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

/* `s2  tcp client  curl[4711] fd 5  127.0.0.1:45002 → s3 srv[4242]`, the ends on a line of their own where that is narrow */
static void print_heading(struct show *show)
{
	struct text *line = &show->line, *cell = &show->cell;
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
	describe_add_ends(cell, row, 1000);
	if (row->peer_id > 0) {
		statement = view_prepare(show->view, "SELECT program, pid FROM lifecycle WHERE socket_id = ?1", row->peer_id);
		if (statement && database_step(&show->view->database, statement) == 1) {
			text_add(cell, " ");
			text_style(cell, STYLE_NAME);
			describe_add_process(cell, statement, 0, 1);
			text_style(cell, STYLE_NONE);
		}
		sqlite3_finalize(statement);
	}
	if (row->parent_id > 0)
		text_format(cell, "  ⊂ s%lld", (long long)row->parent_id);
	if (line->columns + 2 + cell->columns > show->view->output.width)
		print(show);
	text_add(line, line->columns ? "  " : "          ");
	text_add_cell(line, cell, cell->columns, ALIGN_LEFT);
	text_clear(cell);
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

/* `waited 1.80s (receive 1.20s, in recv 600ms)`, the last not returned; `in poll 104ms`: parts below a hundredth of the whole are left out. */
static void add_waits(struct show *show)
{
	static const char *const names[] = {"connect", "accept", "send", "receive"};
	struct text *cell = &show->cell;
	int64_t wait_ns = describe_wait_ns(&show->row);
	sqlite3_stmt *statement = view_prepare(show->view, "SELECT connect_ns, accept_ns, send_ns, receive_ns, poll_ns FROM socket WHERE socket_id = ?1", show->row.id);
	int parts = 0;

	if (statement && database_step(&show->view->database, statement) == 1) {
		if (wait_ns > 0) {
			text_add(cell, "waited ");
			text_style(cell, STYLE_WAIT);
			text_add_duration(cell, wait_ns);
			text_style(cell, STYLE_NONE);
			for (int i = 0; i < 4; i++) {
				if (sqlite3_column_int64(statement, i) <= 0 || sqlite3_column_int64(statement, i) * 100 < wait_ns)
					continue;
				text_format(cell, "%s%s ", parts++ ? ", " : " (", names[i]);
				text_add_duration(cell, sqlite3_column_int64(statement, i));
			}
			if (show->row.unreturned_ns > 0 && show->row.unreturned_ns * 100 >= wait_ns) {
				text_format(cell, "%sin %s ", parts++ ? ", " : " (", describe_text(&show->row, TEXT_UNRETURNED));
				text_add_duration(cell, show->row.unreturned_ns);
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

/* `1 byte never read`, `3 bytes never read` */
static void add_count(struct show *show, int64_t count, const char *noun, const char *rest)
{
	if (count <= 0)
		return;
	text_style(&show->cell, STYLE_WARNING);
	text_format(&show->cell, "%lld %s%s %s", (long long)count, noun, count == 1 ? "" : "s", rest);
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
		enum describe_text error = describe_failure(&show->row);

		if (describe_has(&show->row, error))
			text_format(cell, ": %s", describe_text(&show->row, error));
		else
			text_add(cell, ": it never connected");
	}
	add_part(show, " · ");
	if (sqlite3_column_type(statement, 1) != SQLITE_NULL) {
		text_format(cell, "%s closed first%s", strcmp((const char *)sqlite3_column_text(statement, 1), "this") ? "the peer" : "this end",
			sqlite3_column_int(statement, 2) ? " (inferred)" : "");
		add_part(show, " · ");
	}
	add_count(show, sqlite3_column_int64(statement, 3), "byte", "never read");
	add_count(show, sqlite3_column_int64(statement, 4), "byte", "still to send");
	if (sqlite3_column_type(statement, 5) != SQLITE_NULL && show->row.listening_ns < 0) {
		text_format(cell, "TCP %s", (const char *)sqlite3_column_text(statement, 5));
		add_part(show, " · ");
	}
	if (sqlite3_column_int64(statement, 6) > 0) {
		text_add(cell, "rtt ");
		text_add_duration(cell, sqlite3_column_int64(statement, 6) * 1000);
		add_part(show, " · ");
	}
	add_count(show, sqlite3_column_int64(statement, 7), "segment", "sent again");
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

void show_print_head(struct show *show)
{
	read_phases(show);
	print_heading(show);
	print_phases(show);
	print_totals(show);
	print_ending(show);
	print_holders(show);
	print_marks(show);
}
