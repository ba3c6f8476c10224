/*
 * tree_outgoing.c: the connections made, by process and destination. Data: outgoing.
 */
#include "viewer/tree_internal.h"

#include "viewer/describe.h"

int tree_print_outgoing(struct tree *tree, int found)
{
	struct text *line = &tree->line, figures = output_text(&tree->view->output);
	sqlite3_stmt *groups = view_prepare(tree->view, "SELECT program, pid, peer, sockets, failed, open_sockets, sent_bytes, received_bytes, first_id, last_id, count(*) OVER () "
		"FROM outgoing WHERE ?1 OR failed < sockets OR peer IS NOT '/var/run/nscd/socket' ORDER BY sent_bytes + received_bytes > 0 DESC, sockets DESC, first_id", tree->all);
	int shown = 0;

	while (step(tree, groups)) {
		if (!shown++)
			tree_print_title(tree, "connections made", found);
		if (shown > GROUPS_SHOWN && !tree->all) {
			text_format(line, "… and %lld more (--all)", (long long)(sqlite3_column_int64(groups, 10) - GROUPS_SHOWN));
			print(tree);
			break;
		}
		tree_add_name(tree, groups, 0, 1);
		text_add(line, " → ");
		if (sqlite3_column_int64(groups, 3) > 1)
			text_format(&figures, " ×%lld  s%lld … s%lld", sqlite3_column_int64(groups, 3), sqlite3_column_int64(groups, 8), sqlite3_column_int64(groups, 9));
		else
			text_format(&figures, "  s%lld", sqlite3_column_int64(groups, 8));
		tree_add_traffic(&figures, sqlite3_column_int64(groups, 6), sqlite3_column_int64(groups, 7));
		if (sqlite3_column_int64(groups, 4)) {
			text_style(&figures, STYLE_ERROR);
			text_format(&figures, " · ✗%lld failed", sqlite3_column_int64(groups, 4));
			text_style(&figures, STYLE_NONE);
		}
		tree_add_address(tree, groups, 2, &figures);
		print(tree);
	}
	text_free(&figures);
	sqlite3_finalize(groups);
	return shown;
}
