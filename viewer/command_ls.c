/* command_ls.c: `socklife ls`: one row a socket, from the view lifecycle, with its life as a bar on the trace's time axis. */
#include <math.h>
#include <string.h>

#include "viewer/describe.h"
#include "viewer/marks.h"
#include "viewer/rows.h"
#include "viewer/view.h"

#define FIRST_ROWS 200 /* of a sorted list: only so many are kept in order while the rest is read past, so that they come soon */

/* The sockets asked for, in two parts when they are sorted. */
struct listing {
	struct view *view;
	sqlite3_stmt *ids;
	int64_t limit, given;
	int parts;
};

/* Widths are fixed by the terminal, never by the data: rows stream. A width of 0 leaves the column out. */
struct layout {
	int id, process, fd, state, ends, age, bytes, wait, bar;
};

static int id_width(struct view *view)
{
	int64_t most = database_integer(&view->database, "SELECT max(socket_id) FROM socket", 1);

	return most < 100 ? 3 : most < 1000 ? 4 : most < 10000 ? 5 : most < 100000 ? 6 : 8;
}

static struct layout choose_layout(struct view *view)
{
	int width = view->output.width;
	struct layout layout = {.id = id_width(view), .age = 6, .bytes = 6, .wait = 6, .fd = 3, .process = 16, .state = 11};
	int rest;

	if (width < 98) {
		layout.fd = layout.wait = 0;
		layout.process = 13;
	}
	if (width < 70)
		layout.bytes = 0;
	if (width < 50)
		layout.age = 0;
	if (width >= 130) {
		layout.process = 18;
		layout.state = 14;
	}
	rest = width - 1 - layout.id - 1 - layout.process - (layout.fd ? layout.fd + 1 : 0) - 1 - layout.state - 1 - (layout.age ? layout.age + 1 : 0) -
		(layout.bytes ? 2 * (layout.bytes + 1) : 0) - (layout.wait ? layout.wait + 1 : 0) - 1;
	if (rest < 22) {
		layout.ends = rest < 1 ? 1 : rest;
	} else {
		layout.bar = rest / 3 < 11 ? 11 : rest / 3;
		if (layout.bar > 60)
			layout.bar = 60;
		layout.ends = rest - layout.bar - 1;
	}
	return layout;
}

/* Numbers of a damaged or foreign trace may be anything: clamped before they become a column. */
static int to_cell(int64_t at_ns, int64_t end_ns, int cells)
{
	double cell = end_ns > 0 ? (double)at_ns / (double)end_ns * cells : 0;

	return !(cell > 0) ? 0 : cell >= cells ? cells - 1 : (int)cell;
}

static double share(int64_t part, int64_t whole)
{
	double ratio = whole > 0 && part > 0 ? (double)part / (double)whole : 0;

	return ratio > 1 ? 1 : ratio;
}

/*
 * ├▒▒▒▒──┤  its life; ▒ the share of it spent waiting inside calls (not when)     ╞════╡  a listener
 * ├──────›  still open at the end, or when its process ended     │ a life shorter than one cell     ╳  it failed
 */
static void add_bar(struct text *text, const struct describe_row *row, int64_t end_ns, int cells)
{
	int first = to_cell(row->opened_ns, end_ns, cells), last = to_cell(row->opened_ns + row->duration_ns, end_ns, cells);
	int listener = row->listening_ns >= 0, inner = last - first - 1, waiting;
	int open = row->closed_ns < 0 || !strcmp(describe_text(row, TEXT_HOW_ENDED), "exit") || !strcmp(describe_text(row, TEXT_HOW_ENDED), "killed");

	text_pad_to(text, text->columns + first);
	if (inner < 0) {
		int failed = describe_mark(row) == MARK_ERROR;

		text_style(text, failed ? STYLE_ERROR : STYLE_NONE);
		text_add(text, failed ? "╳" : open ? "›" : "│");
		text_style(text, STYLE_NONE);
		return;
	}
	waiting = listener ? 0 : (int)lround(share(describe_wait_ns(row), row->duration_ns) * inner);
	text_add(text, listener ? "╞" : "├");
	text_style(text, STYLE_WAIT);
	text_repeat(text, "▒", waiting);
	text_style(text, STYLE_NONE);
	text_repeat(text, listener ? "═" : "─", inner - waiting);
	text_add(text, open ? "›" : listener ? "╡" : "┤");
}

static void add_number(struct text *text, int width, void (*add)(struct text *, int64_t), int64_t value)
{
	struct text cell = {.color = text->color, .ascii = text->ascii};

	add(&cell, value);
	text_add(text, " ");
	text_add_cell(text, &cell, width, ALIGN_RIGHT);
	text_free(&cell);
}

/* What `check` calls an error stands in place of the state: ✗LEAK. */
static void add_state(struct text *cell, const struct describe_row *row, const struct mark *mark)
{
	if (mark && mark->severity == 2 && describe_mark(row) != MARK_ERROR) {
		text_style(cell, STYLE_ERROR);
		text_format(cell, "✗%s", mark->rule);
		text_style(cell, STYLE_NONE);
	} else {
		describe_add_state(cell, row);
	}
}

/* The ends; of a socket that found its address taken: who has it. */
static void add_ends(struct text *cell, const struct describe_row *row, const struct mark *mark, int width)
{
	if (mark && mark->holder_id > 0 && describe_mark(row) == MARK_ERROR)
		text_format(cell, "held by s%lld", (long long)mark->holder_id);
	else
		describe_add_ends(cell, row, width);
}

static void print_row(struct view *view, struct text *line, struct text *cell, const struct layout *layout, const struct describe_row *row, const struct mark *mark)
{
	int moved = row->send_calls + row->receive_calls > 0;

	text_clear(cell);
	text_format(cell, "s%lld", (long long)row->id);
	text_add(line, " ");
	text_style(line, STYLE_BOLD);
	text_add_cell(line, cell, layout->id, ALIGN_RIGHT);
	text_style(line, STYLE_NONE);
	text_add(line, " ");
	text_clear(cell);
	describe_add_process_fitted(cell, row->statement, TEXT_PROGRAM, 1, layout->process);
	text_add_cell(line, cell, layout->process, ALIGN_LEFT);
	if (layout->fd) {
		text_clear(cell);
		if (row->fd >= 0)
			text_format(cell, "%lld", (long long)row->fd);
		else
			text_add(cell, "–");
		text_add(line, " ");
		text_add_cell(line, cell, layout->fd, ALIGN_RIGHT);
	}
	text_add(line, " ");
	text_clear(cell);
	add_state(cell, row, mark);
	text_add_cell(line, cell, layout->state, ALIGN_LEFT);
	text_add(line, " ");
	text_clear(cell);
	add_ends(cell, row, mark, layout->ends);
	text_add_cell(line, cell, layout->ends, ALIGN_LEFT);
	if (layout->age)
		add_number(line, layout->age, text_add_duration, row->duration_ns);
	if (layout->bytes) {
		add_number(line, layout->bytes, text_add_bytes, moved ? row->sent_bytes : -1);
		add_number(line, layout->bytes, text_add_bytes, moved ? row->received_bytes : -1);
	}
	if (layout->wait)
		add_number(line, layout->wait, text_add_duration, describe_wait_ns(row) > 0 ? describe_wait_ns(row) : -1);
	if (layout->bar) {
		text_add(line, " ");
		add_bar(line, row, view->database.end_ns, layout->bar);
	}
	output_line(&view->output, line);
}

#define CHECK_HINT " (socklife check)"

/* `run.db · 3 processes · 5 sockets · 41 calls · 4.21s · ✗2 errors ▲1 (socklife check)` */
static void print_summary(struct view *view, struct text *line, const struct marks *marks)
{
	sqlite3_stmt *statement = view_prepare(view, "SELECT processes, sockets, calls, failed_calls, gaps FROM summary", 0);
	const char *name = strrchr(view->database.path, '/');

	if (!statement || database_step(&view->database, statement) != 1) {
		sqlite3_finalize(statement);
		return;
	}
	text_style(line, STYLE_BOLD);
	text_add_quoted(line, name ? name + 1 : view->database.path, strlen(name ? name + 1 : view->database.path));
	text_style(line, STYLE_NONE);
	text_format(line, " · %lld process%s · %lld socket%s · ", sqlite3_column_int64(statement, 0), sqlite3_column_int64(statement, 0) == 1 ? "" : "es",
		sqlite3_column_int64(statement, 1), sqlite3_column_int64(statement, 1) == 1 ? "" : "s");
	text_add_count(line, sqlite3_column_int64(statement, 2));
	text_add(line, sqlite3_column_int64(statement, 2) == 1 ? " call · " : " calls · ");
	text_add_duration(line, view->database.end_ns);
	if (marks->errors || marks->warnings) {
		text_add(line, " · ");
		text_style(line, marks->errors ? STYLE_ERROR : STYLE_WARNING);
		if (marks->errors)
			text_format(line, "✗%d error%s%s", marks->errors, marks->errors == 1 ? "" : "s", marks->warnings ? " " : "");
		if (marks->warnings)
			text_format(line, "▲%d", marks->warnings);
		text_style(line, STYLE_NONE);
		if (line->columns + (int)strlen(CHECK_HINT) <= view->output.width)
			text_add(line, CHECK_HINT);
	} else if (!marks->known && sqlite3_column_int64(statement, 3)) {
		text_add(line, " · ");
		text_style(line, STYLE_ERROR);
		text_add(line, "✗");
		text_add_count(line, sqlite3_column_int64(statement, 3));
		text_format(line, " failed call%s", sqlite3_column_int64(statement, 3) == 1 ? "" : "s");
		text_style(line, STYLE_NONE);
	}
	if (sqlite3_column_int64(statement, 4)) {
		text_style(line, STYLE_WARNING);
		text_format(line, " · ▲%lld gap%s", sqlite3_column_int64(statement, 4), sqlite3_column_int64(statement, 4) == 1 ? "" : "s");
		text_style(line, STYLE_NONE);
	}
	if (view->database.recording) {
		text_style(line, STYLE_WARNING);
		text_add(line, " · recording");
		text_style(line, STYLE_NONE);
	}
	sqlite3_finalize(statement);
	output_line(&view->output, line);
}

static void print_heading(struct view *view, struct text *line, const struct layout *layout)
{
	struct text end = output_text(&view->output);

	text_style(line, STYLE_DIM);
	text_add(line, " ");
	text_add_fitted(line, "ID", layout->id, ALIGN_RIGHT);
	text_add(line, " ");
	text_add_fitted(line, "PROCESS", layout->process, ALIGN_LEFT);
	if (layout->fd) {
		text_add(line, " ");
		text_add_fitted(line, "FD", layout->fd, ALIGN_RIGHT);
	}
	text_add(line, " ");
	text_add_fitted(line, "STATE", layout->state, ALIGN_LEFT);
	text_add(line, " ");
	text_add_fitted(line, "LOCAL → PEER", layout->ends, ALIGN_LEFT);
	for (const char *const *name = (const char *const[]){"AGE", "TX", "RX", NULL}; *name; name++) {
		int columns = strcmp(*name, "AGE") ? layout->bytes : layout->age;

		text_add(line, columns ? " " : "");
		text_add_fitted(line, *name, columns, ALIGN_RIGHT);
	}
	if (layout->wait) {
		text_add(line, " ");
		text_add_fitted(line, "WAIT", layout->wait, ALIGN_RIGHT);
	}
	if (layout->bar) {
		text_add(&end, " ");
		text_add_duration(&end, view->database.end_ns);
		text_add(line, " 0 ");
		text_repeat(line, "─", layout->bar - 2 - end.columns);
		text_add(line, end.bytes);
	}
	text_style(line, STYLE_NONE);
	text_free(&end);
	output_line(&view->output, line);
}

static void open_part(struct listing *listing)
{
	struct filter *filter = &listing->view->filter;

	sqlite3_finalize(listing->ids);
	filter->offset = listing->given;
	filter->limit = listing->limit ? listing->limit - listing->given : 0;
	if (filter->order[0] && !listing->parts++ && (!filter->limit || filter->limit > FIRST_ROWS))
		filter->limit = FIRST_ROWS;
	listing->ids = filter_prepare(filter, &listing->view->database, "s.socket_id", NULL);
}

/* 1: the next socket is in column 0 of listing->ids; 0: no more; negative: failed. */
static int next_socket(struct listing *listing)
{
	int result = listing->ids ? database_step(&listing->view->database, listing->ids) : -1;

	if (!result && listing->parts == 1 && listing->given == FIRST_ROWS && listing->limit != FIRST_ROWS) {
		open_part(listing);
		result = listing->ids ? database_step(&listing->view->database, listing->ids) : -1;
	}
	listing->given += result == 1;
	return result;
}

static void print_rows(struct view *view, sqlite3_stmt *details)
{
	struct listing listing = {.view = view, .limit = view->filter.limit};
	struct layout layout = choose_layout(view);
	struct text line = output_text(&view->output), cell = output_text(&view->output);
	struct describe_row row;
	struct marks findings = {.known = 0};
	struct rows rows;
	int result = 0, found = 0;

	if (view->output.format != OUTPUT_TEXT)
		rows_open(&rows, &view->output, details);
	open_part(&listing);
	while (!view->output.broken && (result = next_socket(&listing)) == 1) {
		sqlite3_reset(details);
		sqlite3_bind_int64(details, 1, sqlite3_column_int64(listing.ids, 0));
		if (database_step(&view->database, details) != 1)
			continue;
		if (view->output.format != OUTPUT_TEXT) {
			rows_add(&rows, details);
			continue;
		}
		if (!found++) {
			marks_read(&findings, &view->database);
			print_summary(view, &line, &findings);
			print_heading(view, &line, &layout);
		}
		describe_read(&row, details);
		print_row(view, &line, &cell, &layout, &row, marks_of(&findings, row.id));
	}
	if (result < 0)
		view_fail(view);
	if (view->output.format != OUTPUT_TEXT)
		rows_close(&rows);
	else if (!found && !view->output.broken && result == 0)
		view_explain_empty(view);
	sqlite3_finalize(listing.ids);
	marks_free(&findings);
	text_free(&line);
	text_free(&cell);
}

static int run(const struct command *command, int argc, char **argv)
{
	struct view view = VIEW_START(command, argc, argv);
	sqlite3_stmt *details;

	while (view_next_option(&view))
		;
	if (view_open(&view))
		return view_close(&view);
	details = database_prepare(&view.database, view.output.format == OUTPUT_TEXT ?
		"SELECT " DESCRIBE_COLUMNS " FROM lifecycle WHERE socket_id = ?1" : "SELECT * FROM lifecycle WHERE socket_id = ?1");
	if (details)
		print_rows(&view, details);
	else
		view_fail(&view);
	sqlite3_finalize(details);
	return view_close(&view);
}

static const struct command_term column_table[] = {
	{"…", "the columns of the view lifecycle: socket_id, process_id, pid, program, fd, domain, type, protocol, role, local, peer, peer_name, parent_id, peer_id, opened_ns, bound_ns, listening_ns, connected_ns, closed_ns, duration_ns, state, how_ended, sent_bytes, received_bytes, send_calls, receive_calls, errors, last_error, wait_ns, calls, accepted_count, backlog, connect_error, unreturned_call, unreturned_ns"},
	{NULL, NULL},
};

static const struct command_term example_table[] = {
	{"socklife ls", "all sockets of socklife.db in the order they were opened"},
	{"socklife ls trace.db state:leaked -nginx", "what was left open when its process ended, nginx aside"},
	{"socklife ls :8080 sort:-wait limit:10", "the ten sockets on port 8080 that waited longest"},
	{"socklife ls --json has:error | jq '.[].last_error'", "for a script"},
	{NULL, NULL},
};

const struct command command_ls = {
	.name = "ls",
	.group = COMMAND_VIEW,
	.summary = "list the sockets, one row each, with their lives on a time axis",
	.usage = "[DATABASE] [FILTER…]",
	.minus_is_operand = 1,
	.output_options = 1,
	.filter = 1,
	.manual = "One row a socket, however many descriptors and processes shared it. `s3` names it in every other command.\n"
		"\n"
		"STATE is what it was in at the end: LISTEN, connected, half-closed …, closed, `in recv` (that call has not returned yet), `at exit` (its process ended without closing it), `no cache` (libc looked for the name service cache daemon: harmless). "
		"✗ marks a socket that came to nothing, with the error, or about which `socklife check` reports an error, with the rule (in traces of up to 5000 sockets); ▲ one on which calls failed, with the last error.\n"
		"LOCAL → PEER: → it connected, ← it was accepted, ⇄ a pair or datagrams; s3 is the peer when it is in the trace too; ←2 behind a listener are 2 accepted, where there is no room for the words. `–` is unknown, which is not 0.\n"
		"WAIT is time spent inside calls that block, one that has not returned included. The bar:\n"
		"  ├▒▒▒▒──┤   its life; ▒ is the share of it spent waiting inside calls (not at which moments)\n"
		"  ╞══════╡   a listener\n"
		"  ├──────›   still open at the end of the trace or of its process\n"
		"  │  ╳       a life shorter than one cell; one that failed",
	.columns = column_table,
	.examples = example_table,
	.run = run,
};
