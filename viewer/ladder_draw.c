/*
 * ladder_draw.c: a row of a ladder: its time, the text of the left lane, the space between the lanes with what is on its way, the text of the right
 * lane. What is under way runs down its own column, a third of the space from where it arrives, so that both directions can be under way at once:
 *
 *	send 1K   ├───────────────╮        │
 *	          │               │        │ something else
 *	          │               ╰───────▶│ recv 1K
 */
#include "viewer/ladder_internal.h"

#define TIME_WIDTH 10

void draw_choose_layout(struct ladder *ladder)
{
	int rest = ladder->view->output.width - TIME_WIDTH - 2 - 1 - 2 - 1;

	ladder->middle = rest / 4 > MIDDLE_MOST ? MIDDLE_MOST : rest / 4;
	ladder->left = (rest - ladder->middle) * 45 / 100;
	ladder->right = rest - ladder->middle - ladder->left;
}

void draw_titles(struct ladder *ladder)
{
	struct text *line = &ladder->line;

	text_pad_to(line, TIME_WIDTH + 2);
	text_add_cell(line, &ladder->lanes[0].title, ladder->left + 1 + ladder->middle, ALIGN_LEFT);
	text_add(line, "  ");
	text_add_cell(line, &ladder->lanes[1].title, ladder->right, ALIGN_LEFT);
	output_line(&ladder->view->output, line);
}

/* The three parts of a row: text of the left lane, the space between the lanes, text of the right lane. */
void draw_row(struct ladder *ladder, int64_t at_ns, const struct text *left, const char *const *middle, const struct text *right)
{
	struct text *line = &ladder->line, *cell = &ladder->cell;
	int joined = middle && (!strcmp(middle[0], "─") || !strcmp(middle[0], "◀"));

	text_clear(cell);
	if (at_ns >= 0) {
		if (ladder->total_ns < INT64_C(10000000))
			text_format(cell, "%.3fms", (double)(at_ns - ladder->start_ns) / 1e6);
		else if (ladder->total_ns < INT64_C(100000000000))
			text_format(cell, "%.6fs", (double)(at_ns - ladder->start_ns) / 1e9);
		else
			text_format(cell, "%.3fs", (double)(at_ns - ladder->start_ns) / 1e9);
	}
	text_add_cell(line, cell, TIME_WIDTH, ALIGN_RIGHT);
	text_add(line, "  ");
	if (left)
		text_add_cell(line, left, ladder->left, ALIGN_LEFT);
	else
		text_pad_to(line, line->columns + ladder->left);
	text_add(line, " ");
	text_add(line, joined && !strcmp(middle[0], "─") ? "├" : ladder->lanes[0].bar);
	for (int i = 0; i < ladder->middle; i++)
		text_add(line, middle ? middle[i] : " ");
	text_add(line, middle && !strcmp(middle[ladder->middle - 1], "─") ? "┤" : ladder->lanes[1].bar);
	text_add(line, " ");
	if (right)
		text_add_cell(line, right, right->columns, ALIGN_LEFT);
	output_line(&ladder->view->output, line);
}

static int column_of(const struct ladder *ladder, int from)
{
	return from == 0 ? ladder->middle * 2 / 3 : ladder->middle / 3;
}

/* Lines of what is on its way. */
void draw_clear_middle(const struct ladder *ladder, const char **middle)
{
	for (int i = 0; i < ladder->middle; i++)
		middle[i] = " ";
	for (int from = 0; from < 2; from++)
		if (lane_is_pending(ladder, from))
			middle[column_of(ladder, from)] = "│";
}

static void draw_between(const char **middle, int first, int last)
{
	for (int i = first; i <= last; i++)
		middle[i] = !strcmp(middle[i], "│") ? "┼" : "─";
}

/* A whole arrow in one row. */
void draw_through(const struct ladder *ladder, const char **middle, int from)
{
	draw_between(middle, 0, ladder->middle - 1);
	middle[from == 0 ? ladder->middle - 1 : 0] = from == 0 ? "▶" : "◀";
}

void draw_departure(const struct ladder *ladder, const char **middle, int from, int joins)
{
	int column = column_of(ladder, from);

	if (from == 0)
		draw_between(middle, 0, column - 1);
	else
		draw_between(middle, column + 1, ladder->middle - 1);
	middle[column] = joins ? (from == 0 ? "┤" : "├") : from == 0 ? "╮" : "╭";
}

void draw_arrival(const struct ladder *ladder, const char **middle, int from, int more)
{
	int column = column_of(ladder, from);

	if (from == 0) {
		draw_between(middle, column + 1, ladder->middle - 1);
		middle[ladder->middle - 1] = "▶";
	} else {
		draw_between(middle, 0, column - 1);
		middle[0] = "◀";
	}
	middle[column] = more ? (from == 0 ? "├" : "┤") : from == 0 ? "╰" : "╯";
}
