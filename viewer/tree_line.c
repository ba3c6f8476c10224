/*
 * tree_line.c: the parts that the lines of `socklife tree` have in common: titles, branches, names of processes, traffic.
 */
#include "viewer/tree_internal.h"

#include "viewer/describe.h"

void tree_print_title(struct tree *tree, const char *title, int blank)
{
	if (blank)
		output_blank(&tree->view->output);
	text_style(&tree->line, STYLE_DIM);
	text_add(&tree->line, title);
	text_style(&tree->line, STYLE_NONE);
	print(tree);
}

void tree_add_branch(struct tree *tree, const char *indent, int last)
{
	text_style(&tree->line, STYLE_DIM);
	text_add(&tree->line, indent);
	text_add(&tree->line, last ? "└─ " : "├─ ");
	text_style(&tree->line, STYLE_NONE);
}

void tree_add_traffic(struct text *line, int64_t sent_bytes, int64_t received_bytes)
{
	text_add(line, " ↑");
	text_add_bytes(line, sent_bytes);
	text_add(line, " ↓");
	text_add_bytes(line, received_bytes);
}

void tree_add_name(struct tree *tree, sqlite3_stmt *statement, int program, int pid)
{
	text_style(&tree->line, STYLE_NAME);
	describe_add_process(&tree->line, statement, program, pid);
	text_style(&tree->line, STYLE_NONE);
}

#define ADDRESS_LEAST 12

void tree_add_address(struct tree *tree, sqlite3_stmt *statement, int column, struct text *figures)
{
	struct text address = output_text(&tree->view->output);
	int room = tree->view->output.width - tree->line.columns - figures->columns;

	describe_add(&address, statement, column);
	if (address.columns > room)
		text_cut(&address, room > ADDRESS_LEAST ? room : ADDRESS_LEAST);
	text_add_cell(&tree->line, &address, address.columns, ALIGN_LEFT);
	text_add_cell(&tree->line, figures, figures->columns, ALIGN_LEFT);
	text_free(&address);
	text_clear(figures);
}
