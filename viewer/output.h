/*
 * output.h: the form of what a command prints: text for people or one of the machine formats, colour, drawing
 * characters, width. The options that choose them are the same in every view.
 */
#ifndef VIEWER_OUTPUT_H
#define VIEWER_OUTPUT_H

#include "viewer/command.h"

extern const struct command_option output_option_table[];

/* Columns of the terminal: COLUMNS, else the terminal's own on standard output, else 100. */
int output_measure_width(void);

#endif
