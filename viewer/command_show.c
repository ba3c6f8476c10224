/*
 * command_show.c: `socklife show`: the life of one or more sockets: what it was, its phases, who held it, how it ended, and
 * each call with the state it led to. Here: which sockets, and the rows for machines. Data: lifecycle, timeline.
 */
#include "viewer/rows.h"
#include "viewer/show_internal.h"

#define MANY_SOCKETS 10       /* `show` alone does not pour out more */

static void show_socket(struct show *show, sqlite3_stmt *details)
{
	describe_read(&show->row, details);
	text_clear(&show->cell);
	show_print_head(show);
	view_print_gaps(show->view, show->row.id);
	show_print_timeline(show);
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
		view_explain_empty(&view);
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
	{"…", "the columns of the view timeline: socket_id, process_id, pid, tid, thread_name, fd, call, start_ns, duration_ns (null: never returned), result, errno, requested_bytes, bytes, detail, effect, flags, caller_id, sequence, ready_ns; one row a call"},
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
		"when that was on the socket's own time axis: ▏ a moment, ▒ a call that waited long, · one that went on without waiting. On a narrow terminal the bar goes, then TOOK, then RESULT and STATE shrink: the call's name stays.\n"
		"\n"
		"Runs of like calls are one row: `recv ×12`. A pattern that repeats is shown once, its rows joined by ┌ └, with the number of calls of each. "
		"A connect that does not block is one row as well, from EINPROGRESS to what told its outcome: RESULT is the outcome, TOOK the time until then, and "
		"`+3 more` calls were part of it (the waits, getsockopt SO_ERROR); --all shows them. "
		"`poll → IN` is a wait on several sockets that found this one ready. Of a socket with more than 40,000 calls the first and the last 5000 are shown; --all shows each one.",
	.columns = column_table,
	.examples = example_table,
	.run = run,
};
