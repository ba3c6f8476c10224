/*
 * command_tree.c: `socklife tree`: listeners with what they accepted, grouped by who connected; what was connected to; and
 * the family of processes with the sockets each held. Data: listener, accepted_group, outgoing, holding, family.
 */
#include <string.h>

#include "viewer/describe.h"
#include "viewer/marks.h"
#include "viewer/rows.h"
#include "viewer/view.h"

#define GROUPS_SHOWN 12
#define SOCKETS_SHOWN 8
#define DEPTH_MOST 24
#define PROCESSES_SHOWN 100

struct tree {
	struct view *view;
	struct text line;
	struct marks marks;
	sqlite3_stmt *family;
	int all;
	int processes;          /* lines of them so far */
};

static void print(struct tree *tree)
{
	output_line(&tree->view->output, &tree->line);
}

static int step(struct tree *tree, sqlite3_stmt *statement)
{
	return statement && !tree->view->output.broken && database_step(&tree->view->database, statement) == 1;
}

static void add_branch(struct tree *tree, const char *indent, int last)
{
	text_style(&tree->line, STYLE_DIM);
	text_add(&tree->line, indent);
	text_add(&tree->line, last ? "└─ " : "├─ ");
	text_style(&tree->line, STYLE_NONE);
}

static void add_traffic(struct text *line, int64_t sent_bytes, int64_t received_bytes)
{
	text_add(line, " ↑");
	text_add_bytes(line, sent_bytes);
	text_add(line, " ↓");
	text_add_bytes(line, received_bytes);
}

static void add_name(struct tree *tree, sqlite3_stmt *statement, int program, int pid)
{
	text_style(&tree->line, STYLE_NAME);
	describe_add_process(&tree->line, statement, program, pid);
	text_style(&tree->line, STYLE_NONE);
}

/* What `check` calls an error. */
static void add_rule(struct text *line, const struct mark *mark)
{
	if (!mark || mark->severity != 2)
		return;
	text_style(line, STYLE_ERROR);
	text_format(line, " ✗%s", mark->rule);
	text_style(line, STYLE_NONE);
}

/* Sockets of a group about which `check` reports an error. */
static void add_errors(struct tree *tree, int64_t listener_id, const char *peer)
{
	sqlite3_stmt *member = tree->marks.errors ? view_prepare(tree->view, "SELECT 1 FROM socket s LEFT JOIN address a ON a.address_id = s.remote_id "
		"LEFT JOIN socket o ON o.socket_id = s.peer_id LEFT JOIN process p ON p.process_id = o.process_id "
		"WHERE s.parent_id = ?1 AND coalesce(a.host, p.program, '(unknown)') = ?2 AND s.socket_id = ?3", listener_id) : NULL;
	int count = 0;

	if (member)
		sqlite3_bind_text(member, 2, peer, -1, SQLITE_STATIC);
	for (int i = 0; member && i < tree->marks.count; i++) {
		const struct mark *mark = &tree->marks.list[i];

		if (mark->severity != 2 || mark != marks_of(&tree->marks, mark->socket_id))
			continue; /* the worst of a socket comes first */
		sqlite3_reset(member);
		sqlite3_bind_int64(member, 3, mark->socket_id);
		count += step(tree, member);
	}
	sqlite3_finalize(member);
	if (!count)
		return;
	text_style(&tree->line, STYLE_ERROR);
	text_format(&tree->line, " · ✗%d with errors", count);
	text_style(&tree->line, STYLE_NONE);
}

/* `s3 ← s2 mom[4711]  closed 1.90s ↑64.1K ↓55B` */
static void add_socket(struct tree *tree, sqlite3_stmt *details, int64_t id)
{
	struct text *line = &tree->line;
	struct describe_row row;
	sqlite3_stmt *peer;

	sqlite3_reset(details);
	sqlite3_bind_int64(details, 1, id);
	if (!step(tree, details))
		return;
	describe_read(&row, details);
	text_style(line, STYLE_BOLD);
	text_format(line, "s%lld", (long long)id);
	text_style(line, STYLE_NONE);
	text_add(line, " ← ");
	if (row.peer_id > 0) {
		text_format(line, "s%lld ", (long long)row.peer_id);
		peer = view_prepare(tree->view, "SELECT program, pid FROM lifecycle WHERE socket_id = ?1", row.peer_id);
		if (step(tree, peer))
			add_name(tree, peer, 0, 1);
		sqlite3_finalize(peer);
	} else {
		describe_add(line, details, TEXT_PEER);
	}
	text_add(line, "  ");
	describe_add_state(line, &row);
	text_add(line, " ");
	text_add_duration(line, row.duration_ns);
	add_traffic(line, row.sent_bytes, row.received_bytes);
	add_rule(line, marks_of(&tree->marks, id));
}

static void print_group_sockets(struct tree *tree, int64_t listener_id, const char *peer, int64_t count, const char *indent)
{
	sqlite3_stmt *ids = view_prepare(tree->view, "SELECT s.socket_id FROM socket s LEFT JOIN address a ON a.address_id = s.remote_id "
		"LEFT JOIN socket o ON o.socket_id = s.peer_id LEFT JOIN process p ON p.process_id = o.process_id "
		"WHERE s.parent_id = ?1 AND coalesce(a.host, p.program, '(unknown)') = ?2 ORDER BY s.socket_id", listener_id);
	sqlite3_stmt *details = database_prepare(&tree->view->database, "SELECT " DESCRIBE_COLUMNS " FROM lifecycle WHERE socket_id = ?1");
	int64_t shown = 0;

	if (ids && details) {
		sqlite3_bind_text(ids, 2, peer, -1, SQLITE_TRANSIENT);
		while (step(tree, ids)) {
			shown++;
			if (count > 1)
				add_branch(tree, indent, shown == count);
			add_socket(tree, details, sqlite3_column_int64(ids, 0));
			print(tree);
		}
	}
	sqlite3_finalize(ids);
	sqlite3_finalize(details);
}

static void add_group(struct text *line, sqlite3_stmt *groups, int listed)
{
	text_format(line, " ×%lld ", sqlite3_column_int64(groups, 1));
	add_traffic(line, sqlite3_column_int64(groups, 3), sqlite3_column_int64(groups, 4));
	if (sqlite3_column_int64(groups, 2))
		text_format(line, " · %lld open", sqlite3_column_int64(groups, 2));
	if (sqlite3_column_int64(groups, 5)) {
		text_style(line, STYLE_WARNING);
		text_format(line, " · ▲%lld failed calls", sqlite3_column_int64(groups, 5));
		text_style(line, STYLE_NONE);
	}
	if (!listed)
		text_format(line, "  s%lld … s%lld", sqlite3_column_int64(groups, 6), sqlite3_column_int64(groups, 7));
}

static void print_groups(struct tree *tree, int64_t listener_id)
{
	struct text *line = &tree->line;
	sqlite3_stmt *groups = view_prepare(tree->view, "SELECT peer, sockets, open_sockets, sent_bytes, received_bytes, errors, first_id, last_id, count(*) OVER () "
		"FROM accepted_group WHERE listener_id = ?1 ORDER BY sockets DESC, peer", listener_id);
	int shown = 0;

	while (step(tree, groups)) {
		const char *peer = (const char *)sqlite3_column_text(groups, 0);
		int64_t total = sqlite3_column_int64(groups, 8), count = sqlite3_column_int64(groups, 1);
		int cut = !tree->all && ++shown > GROUPS_SHOWN && total > shown, last = cut || shown == total, listed = count <= SOCKETS_SHOWN || tree->all;

		if (tree->all)
			last = ++shown == total;
		add_branch(tree, "", last);
		if (cut) {
			text_format(line, "… and %lld more peers (--all)", (long long)(total - GROUPS_SHOWN));
			print(tree);
			break;
		}
		describe_add(line, groups, 0);
		if (count == 1) {
			text_add(line, "  ");
		} else {
			add_group(line, groups, listed);
			add_errors(tree, listener_id, peer);
			print(tree);
		}
		if (listed)
			print_group_sockets(tree, listener_id, peer, count, last ? "   " : "│  ");
	}
	sqlite3_finalize(groups);
}

/* `   held by srv[1] fd 3, worker[2] fd 3, worker[3] fd 3 (never used)` */
static void print_holders(struct tree *tree, int64_t socket_id)
{
	struct text *line = &tree->line;
	sqlite3_stmt *holders = view_prepare(tree->view, "SELECT program, pid, fd, calls, opened_by, count(*) OVER () FROM holding WHERE socket_id = ?1 ORDER BY opened_ns, span_id", socket_id);
	int shown = 0;

	while (step(tree, holders) && sqlite3_column_int64(holders, 5) > 1) {
		text_add(line, shown ? ", " : "   held by ");
		if (shown++ == SOCKETS_SHOWN && !tree->all) {
			text_format(line, "… %lld more", (long long)(sqlite3_column_int64(holders, 5) - SOCKETS_SHOWN));
			break;
		}
		add_name(tree, holders, 0, 1);
		text_format(line, " fd %lld", sqlite3_column_int64(holders, 2));
		if (!sqlite3_column_int64(holders, 3) && strcmp((const char *)sqlite3_column_text(holders, 4), "socket"))
			text_add(line, " (never used)");
	}
	sqlite3_finalize(holders);
	if (shown)
		print(tree);
}

static void print_listener(struct tree *tree, int64_t socket_id)
{
	struct text *line = &tree->line;
	sqlite3_stmt *listener = view_prepare(tree->view,
		"SELECT n.address, n.backlog, n.accepted_count, n.open_count, n.delay_count, n.delay_p50_ns, n.delay_p99_ns, n.delay_max_ns, l.program, l.pid, l.protocol "
		"FROM listener n JOIN lifecycle l ON l.socket_id = n.socket_id WHERE n.socket_id = ?1", socket_id);

	if (step(tree, listener)) {
		text_style(line, STYLE_BOLD);
		text_format(line, "s%lld ", (long long)socket_id);
		text_style(line, STYLE_NONE);
		add_name(tree, listener, 8, 9);
		text_format(line, "  %s LISTEN ", (const char *)sqlite3_column_text(listener, 10));
		describe_add(line, listener, 0);
		text_format(line, "  backlog %lld · %lld accepted", sqlite3_column_int64(listener, 1), sqlite3_column_int64(listener, 2));
		if (sqlite3_column_int64(listener, 3))
			text_format(line, ", %lld open", sqlite3_column_int64(listener, 3));
		print(tree);
		if (sqlite3_column_int64(listener, 4)) {
			text_add(line, "   accept delay p50 ");
			text_add_duration(line, sqlite3_column_int64(listener, 5));
			text_add(line, " · p99 ");
			text_add_duration(line, sqlite3_column_int64(listener, 6));
			text_add(line, " · longest ");
			text_add_duration(line, sqlite3_column_int64(listener, 7));
			print(tree);
		}
		fflush(tree->view->output.file); /* a listener with many sockets takes a moment to group */
		print_holders(tree, socket_id);
		print_groups(tree, socket_id);
	}
	sqlite3_finalize(listener);
}

static int print_listeners(struct tree *tree)
{
	sqlite3_stmt *ids;
	int found = 0;

	if (tree->view->filter.words)
		ids = filter_prepare(&tree->view->filter, &tree->view->database, "DISTINCT CASE WHEN s.listening_ns IS NULL THEN s.parent_id ELSE s.socket_id END",
			"AND (s.listening_ns IS NOT NULL OR s.parent_id IS NOT NULL) ORDER BY 1");
	else
		ids = database_prepare(&tree->view->database, "SELECT socket_id FROM listener ORDER BY socket_id");
	while (step(tree, ids)) {
		if (found++)
			output_blank(&tree->view->output);
		print_listener(tree, sqlite3_column_int64(ids, 0));
	}
	if (!ids)
		view_fail(tree->view);
	sqlite3_finalize(ids);
	return found;
}

static void print_title(struct tree *tree, const char *title, int blank)
{
	if (blank)
		output_blank(&tree->view->output);
	text_style(&tree->line, STYLE_DIM);
	text_add(&tree->line, title);
	text_style(&tree->line, STYLE_NONE);
	print(tree);
}

static int print_outgoing(struct tree *tree, int found)
{
	struct text *line = &tree->line;
	sqlite3_stmt *groups = view_prepare(tree->view, "SELECT program, pid, peer, sockets, failed, open_sockets, sent_bytes, received_bytes, first_id, last_id, count(*) OVER () "
		"FROM outgoing WHERE ?1 OR failed < sockets OR peer IS NOT '/var/run/nscd/socket' ORDER BY sent_bytes + received_bytes > 0 DESC, sockets DESC, first_id", tree->all);
	int shown = 0;

	while (step(tree, groups)) {
		if (!shown++)
			print_title(tree, "connections made", found);
		if (shown > GROUPS_SHOWN && !tree->all) {
			text_format(line, "… and %lld more (--all)", (long long)(sqlite3_column_int64(groups, 10) - GROUPS_SHOWN));
			print(tree);
			break;
		}
		add_name(tree, groups, 0, 1);
		text_add(line, " → ");
		describe_add(line, groups, 2);
		if (sqlite3_column_int64(groups, 3) > 1)
			text_format(line, " ×%lld  s%lld … s%lld", sqlite3_column_int64(groups, 3), sqlite3_column_int64(groups, 8), sqlite3_column_int64(groups, 9));
		else
			text_format(line, "  s%lld", sqlite3_column_int64(groups, 8));
		add_traffic(line, sqlite3_column_int64(groups, 6), sqlite3_column_int64(groups, 7));
		if (sqlite3_column_int64(groups, 4)) {
			text_style(line, STYLE_ERROR);
			text_format(line, " · ✗%lld failed", sqlite3_column_int64(groups, 4));
			text_style(line, STYLE_NONE);
		}
		print(tree);
	}
	sqlite3_finalize(groups);
	return shown;
}

static void add_end(struct text *line, sqlite3_stmt *process)
{
	const char *cause = (const char *)sqlite3_column_text(process, 4);

	if (!cause)
		text_add(line, "running");
	else if (!strcmp(cause, "killed") && sqlite3_column_type(process, 6) != SQLITE_NULL)
		text_format(line, "killed by signal %lld", sqlite3_column_int64(process, 6));
	else if (!strcmp(cause, "exit") && sqlite3_column_type(process, 5) != SQLITE_NULL)
		text_format(line, "exit %lld", sqlite3_column_int64(process, 5));
	else
		text_add(line, cause);
}

static void add_holdings(struct text *line, sqlite3_stmt *process)
{
	int64_t held = sqlite3_column_int64(process, 7), made = sqlite3_column_int64(process, 8), unused = sqlite3_column_int64(process, 9);
	int64_t first = sqlite3_column_int64(process, 10), last = sqlite3_column_int64(process, 11);

	if (!held) {
		text_add(line, " · no socket");
		return;
	}
	text_format(line, " · %lld socket%s s%lld", (long long)held, held == 1 ? "" : "s", (long long)first);
	if (held > 1)
		text_format(line, " %s s%lld", last - first + 1 == held ? "–" : "…", (long long)last);
	if (made < held)
		text_format(line, ", %lld inherited", (long long)(held - made));
	if (unused)
		text_format(line, ", %lld never used", (long long)unused);
}

/* Processes below `parent_id` (0: the roots), each with its own children. */
static void print_family(struct tree *tree, int64_t parent_id, const char *indent, int depth)
{
	sqlite3_stmt *processes = view_prepare(tree->view, "SELECT process_id, program, pid, start_cause, end_cause, exit_status, exit_signal, held, made, unused, first_id, last_id, count(*) OVER () "
		"FROM shown_family WHERE parent_id = ?1 ORDER BY process_id", parent_id);
	char deeper[DEPTH_MOST * 8];
	int shown = 0;

	while (step(tree, processes)) {
		int64_t total = sqlite3_column_int64(processes, 12);
		int cut = ++shown < total && (shown > GROUPS_SHOWN || tree->processes >= PROCESSES_SHOWN) && !tree->all, last = cut || shown == total;

		if (parent_id)
			add_branch(tree, indent, last);
		if (cut) {
			text_format(&tree->line, "… and %lld more, with their children (--all)", (long long)(total - shown + 1));
			print(tree);
			break;
		}
		tree->processes++;
		add_name(tree, processes, 1, 2);
		text_format(&tree->line, " %s%s", parent_id ? (const char *)sqlite3_column_text(processes, 3) : "", parent_id ? ", " : "");
		add_end(&tree->line, processes);
		add_holdings(&tree->line, processes);
		print(tree);
		if (depth + 1 >= DEPTH_MOST)
			continue;
		snprintf(deeper, sizeof deeper, "%s%s", indent, !parent_id ? "" : last ? "   " : "│  ");
		print_family(tree, sqlite3_column_int64(processes, 0), deeper, depth + 1);
	}
	sqlite3_finalize(processes);
}

/* The view family is walked from parent to child: kept once, with an index, for the walk. A parent is always the older row. */
static int keep_family(struct tree *tree)
{
	return sqlite3_exec(tree->view->database.handle, "PRAGMA query_only = OFF; CREATE TEMP TABLE shown_family AS SELECT process_id, program, pid, start_cause, end_cause, exit_status, exit_signal, "
		"held, made, unused, first_id, last_id, coalesce((SELECT q.process_id FROM process q WHERE q.process_id = f.parent_id AND q.process_id < f.process_id), 0) AS parent_id FROM family f; "
		"CREATE INDEX temp.shown_family_parent ON shown_family (parent_id); PRAGMA query_only = ON;", NULL, NULL, NULL) == SQLITE_OK;
}

static void print_machine(struct tree *tree)
{
	sqlite3_stmt *groups = database_prepare(&tree->view->database, "SELECT * FROM accepted_group ORDER BY listener_id, first_id");

	if (!groups || rows_print_all(&tree->view->output, tree->view->database.handle, groups))
		view_fail(tree->view);
	sqlite3_finalize(groups);
}

static void print_text(struct tree *tree)
{
	int found = print_listeners(tree);

	if (!tree->view->filter.words) {
		found += print_outgoing(tree, found);
		if (keep_family(tree)) {
			print_title(tree, "processes", found);
			print_family(tree, 0, "", 0);
		}
	} else if (!found && !tree->view->status) {
		filter_explain_empty(&tree->view->filter, &tree->view->database);
	}
}

static int run(const struct command *command, int argc, char **argv)
{
	struct view view = VIEW_START(command, argc, argv);
	struct tree tree = {.view = &view};

	while (view_next_option(&view))
		tree.all = 1;
	if (view_open(&view))
		return view_close(&view);
	tree.line = output_text(&view.output);
	if (view.output.format == OUTPUT_TEXT) {
		marks_read(&tree.marks, &view.database);
		print_text(&tree);
		marks_free(&tree.marks);
	} else {
		print_machine(&tree);
	}
	text_free(&tree.line);
	return view_close(&view);
}

static const struct command_option option_table[] = {
	{"all", 0, NULL, "every group, every socket and every process, however many"},
	{NULL, 0, NULL, NULL},
};

static const struct command_term column_table[] = {
	{"…", "the columns of the view accepted_group: listener_id, peer, sockets, open_sockets, sent_bytes, received_bytes, errors, first_id, last_id; one row a listener and peer"},
	{NULL, NULL},
};

static const struct command_term example_table[] = {
	{"socklife tree", "listeners and whom they accepted, connections made, processes"},
	{"socklife tree :8080 --all", "the listener on port 8080 with every socket"},
	{NULL, NULL},
};

const struct command command_tree = {
	.name = "tree",
	.group = COMMAND_VIEW,
	.summary = "listeners with what they accepted, and the family of processes",
	.usage = "[DATABASE] [FILTER…] [--all]",
	.options = option_table,
	.minus_is_operand = 1,
	.output_options = 1,
	.filter = 1,
	.manual = "Below each listener stand the sockets accepted from it, grouped by who connected: ↑ sent, ↓ received. The accept delay is the time that a finished connection "
		"waited in the queue until accept returned it; known where the peer is in the trace too. ✗ marks what `socklife check` calls an error (in traces of up to 5000 sockets).\n"
		"\n"
		"Then the connections made, by process and destination (without libc's vain look for the name service cache daemon: --all), and the processes as they forked and executed, with the sockets each held: "
		"`inherited` ones came with fork, exec or a message; `never used` ones were held and not called upon (a close-on-exec forgotten?).",
	.columns = column_table,
	.examples = example_table,
	.run = run,
};
