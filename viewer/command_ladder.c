/*
 * command_ladder.c: `socklife ladder`: both ends of a connection on one time axis, a lane for each, by process. A send's
 * arrow ends at the receive that took its last byte: streams keep order, so counting bytes on both sides tells which.
 *
 *	 0.000031s  connect                 ├───────────────▶░ in the accept queue 897µs
 *	 0.001140s                          │                │ accept → fd 4
 *	 0.001160s  send 55B                ├───────────────▶│ recv 55B  +860µs
 *	 1.800000s  recv 4.95K  +111µs      │◀───────────────┤ send 4.95K  busy 1.80s
 *
 * Here: which pairs are drawn, and the calls of both for machines. Data: lifecycle, timeline, readiness, connection.
 */
#include <stdlib.h>

#include "viewer/describe.h"
#include "viewer/ladder_internal.h"
#include "viewer/rows.h"

#define MANY_SOCKETS 10
#define SHOWN_MOST 16000000

/* Two sockets to be drawn side by side; right 0: the other end is not in the trace, or there is none. */
struct ends {
	int64_t left, right;
};

/*
 * Who a socket talked with. Of a datagram server the trace names no peer, since it may answer many: where only one socket
 * had it as its peer, that is the one.
 */
static struct ends find_ends(struct ladder *ladder, int64_t id)
{
	sqlite3_stmt *statement = view_prepare(ladder->view, "SELECT l.peer_id, l.role = 'accepted', "
		"CASE WHEN l.peer_id IS NULL AND l.role = 'datagram' THEN (SELECT iif(count(*) = 1, max(o.socket_id), NULL) FROM socket o WHERE o.peer_id = l.socket_id AND o.type = 2) END "
		"FROM lifecycle l WHERE l.socket_id = ?1", id);
	struct ends ends = {.left = id};

	if (statement && database_step(&ladder->view->database, statement) == 1) {
		int64_t peer_id = database_column(statement, 0), asker_id = database_column(statement, 2);

		if (asker_id > 0)
			ends = (struct ends){asker_id, id};
		else if (peer_id > 0)
			ends = sqlite3_column_int(statement, 1) ? (struct ends){peer_id, id} : (struct ends){id, peer_id};
	}
	sqlite3_finalize(statement);
	return ends;
}

/* The lane of an end that is no socket of the trace: its address, or what is known of it. */
static void title_absent(struct ladder *ladder, struct lane *lane, int64_t id)
{
	sqlite3_stmt *statement = view_prepare(ladder->view, "SELECT l.peer, s.peer_candidates, o.askers, o.first_id, "
		"l.connected_ns IS NOT NULL OR l.sent_bytes + l.received_bytes > 0 FROM lifecycle l JOIN socket s ON s.socket_id = l.socket_id, "
		"(SELECT count(*) AS askers, min(socket_id) AS first_id FROM socket WHERE peer_id = ?1 AND type = 2) o WHERE l.socket_id = ?1", id);

	lane->title = output_text(&ladder->view->output);
	lane->bar = "┊";
	if (!statement || database_step(&ladder->view->database, statement) != 1) {
		sqlite3_finalize(statement);
		return;
	}
	if (sqlite3_column_int64(statement, 2) > 1) {
		text_format(&lane->title, "%lld sockets (see ladder s%lld …)", sqlite3_column_int64(statement, 2), sqlite3_column_int64(statement, 3));
	} else if (sqlite3_column_int64(statement, 1) > 1) {
		text_format(&lane->title, "one of %lld sockets: which is not known", sqlite3_column_int64(statement, 1));
	} else if (sqlite3_column_bytes(statement, 0)) {
		describe_add(&lane->title, statement, 0);
		text_add(&lane->title, " (not in the trace)");
	} else if (sqlite3_column_int(statement, 4)) {
		text_add(&lane->title, "peer not known");
	} else {
		text_add(&lane->title, "no peer");
		lane->bar = " ";
	}
	sqlite3_finalize(statement);
}

static void print_ladder(struct ladder *ladder, struct ends ends)
{
	sqlite3_stmt *statement;

	memset(ladder->lanes, 0, sizeof ladder->lanes);
	ladder->queue_ns = -1;
	ladder->connecting = 0;
	if (lane_open(ladder, &ladder->lanes[0], ends.left))
		goto close_lanes;
	if (ends.right > 0) {
		if (lane_open(ladder, &ladder->lanes[1], ends.right))
			goto close_lanes;
		lane_keep_to(ladder, &ladder->lanes[1], ends.left);
		statement = view_prepare(ladder->view, "SELECT accept_wait_ns FROM connection WHERE client_id = ?1", ends.left);
		if (statement && database_step(&ladder->view->database, statement) == 1)
			ladder->queue_ns = database_column(statement, 0);
		sqlite3_finalize(statement);
	} else {
		title_absent(ladder, &ladder->lanes[1], ends.left);
	}
	lane_measure(ladder);
	draw_titles(ladder);
	ladder_print_steps(ladder);
	view_print_gaps(ladder->view, ends.left);
	if (ends.right > 0)
		view_print_gaps(ladder->view, ends.right);
close_lanes:
	lane_close(&ladder->lanes[0]);
	lane_close(&ladder->lanes[1]);
}

static int was_shown(struct ladder *ladder, int64_t id)
{
	return id >= 0 && id < ladder->shown_room && ladder->shown[id];
}

static void note_shown(struct ladder *ladder, int64_t id)
{
	if (id < 0 || id > SHOWN_MOST)
		return; /* then it may be drawn twice */
	if (id >= ladder->shown_room) {
		int64_t room = (id + 1) * 2;
		unsigned char *grown = realloc(ladder->shown, (size_t)room);

		if (!grown)
			return;
		memset(grown + ladder->shown_room, 0, (size_t)(room - ladder->shown_room));
		ladder->shown = grown;
		ladder->shown_room = room;
	}
	ladder->shown[id] = 1;
}

static void note_ends_shown(struct ladder *ladder, struct ends ends)
{
	note_shown(ladder, ends.left);
	if (ends.right > 0)
		note_shown(ladder, ends.right);
}

static int print_ladders(struct ladder *ladder, sqlite3_stmt *ids)
{
	int found = 0;

	while (!ladder->view->output.broken && database_step(&ladder->view->database, ids) == 1) {
		struct ends ends;

		if (was_shown(ladder, sqlite3_column_int64(ids, 0)))
			continue;
		if (sqlite3_column_int(ids, 1) && !ladder->view->filter.ids)
			continue; /* a listener talks to nobody */
		ends = find_ends(ladder, sqlite3_column_int64(ids, 0));
		if (found++)
			output_blank(&ladder->view->output);
		print_ladder(ladder, ends);
		note_ends_shown(ladder, ends);
	}
	return found;
}

#define CALLS_SQL "SELECT * FROM timeline WHERE socket_id = ?1"
#define CALLS_START 7     /* columns of timeline: start_ns, sequence */
#define CALLS_SEQUENCE 17

static int is_earlier(sqlite3_stmt *a, sqlite3_stmt *b)
{
	int64_t left = sqlite3_column_int64(a, CALLS_START), right = sqlite3_column_int64(b, CALLS_START);

	return left != right ? left < right : sqlite3_column_int64(a, CALLS_SEQUENCE) <= sqlite3_column_int64(b, CALLS_SEQUENCE);
}

/* The calls of both ends in one order: each end's come in theirs, and are merged as they are read. */
static void merge_calls(struct ladder *ladder, sqlite3_stmt *const calls[2], struct ends ends, struct rows *rows)
{
	const int64_t ids[2] = {ends.left, ends.right};
	int has[2] = {0, 0};

	for (int end = 0; end < 2; end++) {
		sqlite3_reset(calls[end]);
		sqlite3_bind_int64(calls[end], 1, ids[end]);
		has[end] = ids[end] > 0 && database_step(&ladder->view->database, calls[end]) == 1;
	}
	while ((has[0] || has[1]) && !ladder->view->output.broken) {
		int end = !has[0] || (has[1] && !is_earlier(calls[0], calls[1]));

		rows_add(rows, calls[end]);
		has[end] = database_step(&ladder->view->database, calls[end]) == 1;
	}
}

static int print_machine(struct ladder *ladder, sqlite3_stmt *ids)
{
	sqlite3_stmt *const calls[2] = {database_prepare(&ladder->view->database, CALLS_SQL), database_prepare(&ladder->view->database, CALLS_SQL)};
	struct rows rows;
	int found = 0;

	if (!calls[0] || !calls[1]) {
		view_fail(ladder->view);
		return 1;
	}
	rows_open(&rows, &ladder->view->output, calls[0]);
	while (!ladder->view->output.broken && database_step(&ladder->view->database, ids) == 1) {
		struct ends ends;

		found++;
		if (was_shown(ladder, sqlite3_column_int64(ids, 0)))
			continue;
		ends = find_ends(ladder, sqlite3_column_int64(ids, 0));
		note_ends_shown(ladder, ends);
		merge_calls(ladder, calls, ends, &rows);
	}
	rows_close(&rows);
	sqlite3_finalize(calls[0]);
	sqlite3_finalize(calls[1]);
	return found;
}

static int run(const struct command *command, int argc, char **argv)
{
	struct view view = VIEW_START(command, argc, argv);
	struct ladder ladder = {.view = &view};
	sqlite3_stmt *ids;

	while (view_next_option(&view))
		ladder.all = 1;
	if (view_open(&view))
		return view_close(&view);
	if (!view.filter.words && database_integer(&view.database, "SELECT sockets FROM summary", 0) > MANY_SOCKETS) {
		view.status = options_fail(command, "which socket? `socklife ls` lists them, `socklife ladder s2` draws s2 and its peer");
		return view_close(&view);
	}
	ladder.line = output_text(&view.output);
	ladder.cell = output_text(&view.output);
	draw_choose_layout(&ladder);
	ids = filter_prepare(&view.filter, &view.database, "s.socket_id, s.listening_ns IS NOT NULL", NULL);
	if (!ids) {
		view_fail(&view);
	} else if (!(view.output.format == OUTPUT_TEXT ? print_ladders(&ladder, ids) : print_machine(&ladder, ids)) && !view.status) {
		view_explain_empty(&view);
	}
	sqlite3_finalize(ids);
	text_free(&ladder.line);
	text_free(&ladder.cell);
	free(ladder.shown);
	return view_close(&view);
}

static const struct command_option option_table[] = {
	{"all", 0, NULL, "one row a call and wait: collapse nothing, leave out nothing"},
	{NULL, 0, NULL, NULL},
};

static const struct command_term column_table[] = {
	{"…", "the columns of the view timeline, the calls of both ends in one order: socket_id, process_id, pid, tid, thread_name, fd, call, start_ns, duration_ns, result, errno, requested_bytes, bytes, detail, effect, flags, caller_id, sequence, ready_ns"},
	{NULL, NULL},
};

static const struct command_term example_table[] = {
	{"socklife ladder s2", "s2 and its peer, side by side"},
	{"socklife ladder trace.db curl", "every connection of curl"},
	{NULL, NULL},
};

const struct command command_ladder = {
	.name = "ladder",
	.group = COMMAND_VIEW,
	.summary = "draw both ends of a connection side by side on one time axis",
	.usage = "[DATABASE] SOCKET… [--all]\n[DATABASE] FILTER… [--all]",
	.options = option_table,
	.minus_is_operand = 1,
	.output_options = 1,
	.filter = 1,
	.manual = "Left the end that connected or, of datagrams, asked; right the one that was accepted or asked; each a lane by its process, so that both ends of a loopback connection are told apart. "
		"An arrow runs from a send to the receive that took its last byte, with the time that took (+860µs); of datagrams the messages are counted, not their bytes, and what a server exchanged with others is left out, as far as addresses tell. An arrow that bends was under way while other things happened. "
		"`busy 1.80s` is the time from the server's last receive to its answer: it was computing, or waited for somebody else; this network was not in question. ░ is the time in the listener's accept queue. "
		"`close ✗39B unread` threw away what had arrived, which TCP tells the sender with a reset; `killed` and `left open at exit` end a lane that no close ended. "
		"Runs of like calls are one row (×12) where the first of them was, with the time that a long one went on (in 1.50s); waits, options and addresses asked for are left out (--all) and count as silence; a silence of both ends of a tenth of the whole is marked ┊.",
	.columns = column_table,
	.examples = example_table,
	.run = run,
};
