/*
 * show_internal.h: what the files of `socklife show` share with each other and with nobody else: command_show.c (which sockets, and the command),
 * show_head.c (what is told of a socket before its calls), show_rows.c (its calls on the time axis).
 */
#ifndef VIEWER_SHOW_INTERNAL_H
#define VIEWER_SHOW_INTERNAL_H

#include <stdint.h>

#include "viewer/describe.h"
#include "viewer/marks.h"
#include "viewer/text.h"
#include "viewer/view.h"

#define PHASES_MOST 16

struct phase {
	char name[16], cause[16];
	int64_t start_ns, duration_ns;
	int known;
};

struct show {
	struct view *view;
	struct text line, cell;
	struct describe_row row;
	struct marks marks;
	struct phase phases[PHASES_MOST];
	int phase_count, phase_next;
	int all;
	int processes;               /* distinct ones that held it */
	int64_t first_ns, span_ns;   /* the time axis */
	int state_width, call_width, result_width, took_width, bar_width; /* took_width 0: no such column */
};

static inline void print(struct show *show)
{
	output_line(&show->view->output, &show->line);
}

/* show_head.c: reads the phases of show->row, and prints all that stands above the calls. */
void show_print_head(struct show *show);

/* show_rows.c: prints the calls and the phases between them, in the order of time; show_print_head has been there before. */
void show_print_timeline(struct show *show);

#endif
