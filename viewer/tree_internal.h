/*
 * tree_internal.h: what the files of `socklife tree` share with each other and with nobody else: command_tree.c (the command), tree_line.c (parts of
 * a line), tree_listeners.c (listeners with what they accepted), tree_outgoing.c (connections made), tree_family.c (processes).
 */
#ifndef VIEWER_TREE_INTERNAL_H
#define VIEWER_TREE_INTERNAL_H

#include <sqlite3.h>
#include <stdint.h>

#include "viewer/marks.h"
#include "viewer/text.h"
#include "viewer/view.h"

#define GROUPS_SHOWN 12

struct tree {
	struct view *view;
	struct text line;
	struct marks marks;
	int all;
	int processes;          /* lines of them so far */
};

static inline void print(struct tree *tree)
{
	output_line(&tree->view->output, &tree->line);
}

static inline int step(struct tree *tree, sqlite3_stmt *statement)
{
	return statement && !tree->view->output.broken && database_step(&tree->view->database, statement) == 1;
}

/* tree_line.c. The title's line is printed, with an empty one before it when blank; the others add to tree->line, `└─ ` when last. */
void tree_print_title(struct tree *tree, const char *title, int blank);
void tree_add_branch(struct tree *tree, const char *indent, int last);
void tree_add_traffic(struct text *line, int64_t sent_bytes, int64_t received_bytes);

/* program and pid: their columns in the statement. */
void tree_add_name(struct tree *tree, sqlite3_stmt *statement, int program, int pid);

/* An address, shortened where it would leave no room for the figures behind it (a path may be longer than the line), and those, which are cleared. */
void tree_add_address(struct tree *tree, sqlite3_stmt *statement, int column, struct text *figures);

/* tree_listeners.c, tree_outgoing.c, tree_family.c. The first two return how many entries they have; found: whether something stands above. */
int64_t *tree_find_listeners(struct tree *tree, size_t *count); /* those that the filter selects, or of whose accepted sockets it selects one; to be freed */
int tree_print_listeners(struct tree *tree);
int tree_print_outgoing(struct tree *tree, int found);
void tree_print_processes(struct tree *tree, int found);

#endif
