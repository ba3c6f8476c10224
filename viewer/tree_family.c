/*
 * tree_family.c: the processes as they forked and executed, with the sockets each held. Data: family.
 */
#include "viewer/tree_internal.h"

#include <string.h>

#define DEPTH_MOST 24
#define PROCESSES_SHOWN 100

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
			tree_add_branch(tree, indent, last);
		if (cut) {
			text_format(&tree->line, "… and %lld more, with their children (--all)", (long long)total - shown + 1);
			print(tree);
			break;
		}
		tree->processes++;
		tree_add_name(tree, processes, 1, 2);
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

/*
 * The view family is walked from parent to child: kept once, with an index, for the walk. A parent may be the later row, of a process whose first record
 * came after its child's. Rows may also be each other's parents, in a damaged trace: of those that no root leads to, one whose parent is a later row
 * is in each circle, and becomes a root.
 */
static int keep_family(struct tree *tree)
{
	return sqlite3_exec(tree->view->database.handle, "PRAGMA query_only = OFF; CREATE TEMP TABLE shown_family AS SELECT process_id, program, pid, start_cause, end_cause, exit_status, exit_signal, "
		"held, made, unused, first_id, last_id, coalesce((SELECT q.process_id FROM process q WHERE q.process_id = f.parent_id), 0) AS parent_id FROM family f WHERE process_id <> 0; "
		"CREATE INDEX temp.shown_family_parent ON shown_family (parent_id); "
		"UPDATE shown_family SET parent_id = 0 WHERE parent_id >= process_id AND process_id NOT IN (WITH RECURSIVE reached (process_id) AS (SELECT 0 UNION "
		"SELECT f.process_id FROM reached r JOIN shown_family f ON f.parent_id = r.process_id) SELECT process_id FROM reached); PRAGMA query_only = ON;", NULL, NULL, NULL) == SQLITE_OK;
}

void tree_print_processes(struct tree *tree, int found)
{
	if (!keep_family(tree) || !database_integer(&tree->view->database, "SELECT count(*) FROM shown_family", 0))
		return;
	tree_print_title(tree, "processes", found);
	print_family(tree, 0, "", 0);
}
