/*
 * command_tree.c: `socklife tree`: listeners with what they accepted, grouped by who connected; what was connected to; and
 * the family of processes with the sockets each held. Here: which of these, and the rows for machines. Data: accepted_group.
 */
#include "viewer/tree_internal.h"

#include <stdlib.h>

#include "viewer/rows.h"

/* With a filter listeners are shown, those that it selects or that accepted what it selects: it may select others. */
static void explain_empty(struct tree *tree)
{
	sqlite3_stmt *ids = filter_prepare(&tree->view->filter, &tree->view->database, "s.socket_id", NULL);
	int found = ids && database_step(&tree->view->database, ids) == 1;
	long long first = found ? sqlite3_column_int64(ids, 0) : 0;

	sqlite3_finalize(ids);
	if (found)
		fprintf(stderr, "socklife: what matches neither listens nor was accepted by a listener of the trace; try: socklife show %s%ss%lld\n",
			tree->view->path ? tree->view->path : "", tree->view->path ? " " : "", first);
	else
		view_explain_empty(tree->view);
}

static void print_all(struct tree *tree)
{
	sqlite3_stmt *groups = database_prepare(&tree->view->database, "SELECT * FROM accepted_group ORDER BY listener_id, first_id");

	if (!groups || rows_print_all(&tree->view->output, tree->view->database.handle, groups))
		view_fail(tree->view);
	sqlite3_finalize(groups);
}

/* Of the listeners that the text shows. */
static void print_selected(struct tree *tree)
{
	sqlite3_stmt *groups = database_prepare(&tree->view->database, "SELECT * FROM accepted_group WHERE listener_id = ?1 ORDER BY first_id");
	size_t count = 0;
	int64_t *ids = tree_find_listeners(tree, &count);
	struct rows rows;

	if (groups)
		rows_open(&rows, &tree->view->output, groups);
	for (size_t i = 0; groups && ids && i < count; i++) {
		sqlite3_reset(groups);
		sqlite3_bind_int64(groups, 1, ids[i]);
		while (!tree->view->output.broken && database_step(&tree->view->database, groups) == 1)
			rows_add(&rows, groups);
	}
	if (groups)
		rows_close(&rows);
	else
		view_fail(tree->view);
	if (!count && !tree->view->status)
		explain_empty(tree);
	sqlite3_finalize(groups);
	free(ids);
}

static void print_text(struct tree *tree)
{
	int found = tree_print_listeners(tree);

	if (!tree->view->filter.words) {
		found += tree_print_outgoing(tree, found);
		tree_print_processes(tree, found);
		if (!found && !database_integer(&tree->view->database, "SELECT sockets FROM summary", 0))
			view_explain_empty(tree->view);
	} else if (!found && !tree->view->status) {
		explain_empty(tree);
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
	} else if (view.filter.words) {
		print_selected(&tree);
	} else {
		print_all(&tree);
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
		"`inherited` ones came with fork, exec or a message; `never used` ones were held and not called upon (a close-on-exec forgotten?).\n"
		"\n"
		"With filter words only listeners are shown: those that match, and those that accepted a socket that does.",
	.columns = column_table,
	.examples = example_table,
	.run = run,
};
