/* output.c: how wide, in which form and colour to print; see output.h. */
#include "viewer/output.h"

#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

const struct command_option output_option_table[] = {
	{"json", 0, NULL, "one JSON array of objects"},
	{"ndjson", 0, NULL, "one JSON object a line"},
	{"csv", 0, NULL, "comma-separated values with a line of column names (RFC 4180)"},
	{"color", 0, "WHEN", "auto (default: on a terminal), always or never; NO_COLOR and TERM=dumb are honoured"},
	{"ascii", 0, NULL, "draw with ASCII only (the default when the locale is not UTF-8)"},
	{"no-pager", 0, NULL, "do not start a pager on a terminal"},
	{NULL, 0, NULL, NULL},
};

#define WIDTH_UNKNOWN 100
#define WIDTH_LEAST 40
#define WIDTH_MOST 1000

int output_measure_width(void)
{
	const char *text = getenv("COLUMNS");
	struct winsize size;
	long columns = text ? strtol(text, NULL, 10) : 0;

	if (columns <= 0 && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0)
		columns = size.ws_col;
	if (columns <= 0)
		return WIDTH_UNKNOWN;
	return columns < WIDTH_LEAST ? WIDTH_LEAST : columns > WIDTH_MOST ? WIDTH_MOST : (int)columns;
}
