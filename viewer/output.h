/*
 * output.h: the form of what a command prints: text for people or one of the machine formats, colour, drawing
 * characters, width, pager. The options that choose them are the same in every view.
 *
 *	struct output output = OUTPUT_START;
 *	...
 *	if (output_take_option(&output, &options)) continue;   // for each word of the command line
 *	...
 *	output_open(&output);
 *	while (... && !output.broken)
 *		output_line(&output, &text);
 *	return output_close(&output);
 */
#ifndef VIEWER_OUTPUT_H
#define VIEWER_OUTPUT_H

#include <stdio.h>
#include <sys/types.h>

#include "viewer/command.h"
#include "viewer/options.h"
#include "viewer/text.h"

enum output_format { OUTPUT_TEXT, OUTPUT_JSON, OUTPUT_NDJSON, OUTPUT_CSV };

struct output {
	enum output_format format;
	enum { COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER } when;
	int color, ascii;
	int width;          /* columns of a line of text */
	int no_pager;
	int terminal;       /* set by output_open: a person reads it, through a pager or not */
	int follows_terminal; /* set by output_open: the width is the terminal's, which may change */
	int live;           /* set before output_open: each line is flushed at once, and no pager starts */
	FILE *file;
	pid_t pager;        /* 0: none */
	int broken;         /* the reader went away, or the disk is full: print no more */
	int error;          /* errno of the failed write when it was not EPIPE */
	long lines;
};

#define OUTPUT_START {.format = OUTPUT_TEXT}

extern const struct command_option output_option_table[];

/* Takes the word that options_next just read when it is one of output_option_table; stops `options` on a bad argument. */
int output_take_option(struct output *output, struct options *options);

/* Settles colour, characters and width, and starts the pager when there is a terminal and the format is text. */
void output_open(struct output *output);

/* Measures the terminal again: for a command that goes on while its window is made wider. */
void output_look_at_width(struct output *output);

/* Flushes, waits for the pager; returns COMMAND_OK, or COMMAND_ERROR after a message when the output could not be written. */
int output_close(struct output *output);

/* A text with this output's colour and character mode. */
struct text output_text(const struct output *output);

/* Prints the text, cut to the width, without trailing spaces, and clears it. */
void output_line(struct output *output, struct text *text);
void output_blank(struct output *output);

/*
 * Adds words of trusted or escaped text to what the line holds, after a space when that is more than `indent` columns, and prints it, wrapped, with `indent`
 * columns before each further line. A word that is longer than the line, a path say, stays whole.
 */
void output_wrapped(struct output *output, struct text *line, const char *words, int indent);

/* One line without cutting: for what a person asked for by name. */
void output_long_line(struct output *output, struct text *text);

/* Columns of the terminal: COLUMNS, else the terminal's own on standard output, else 100. */
int output_measure_width(void);

#endif
