/*
 * view.h: what every view has in common: its command line (output options, the database, filter words), the opened
 * database and output.
 *
 *	struct view view = VIEW_START(command, argc, argv);
 *	while ((word = view_next_option(&view)))
 *		if (options_is(&view.options, "all")) all = 1;
 *	if (view_open(&view))
 *		return view_close(&view);
 *	...
 *	return view_close(&view);
 */
#ifndef VIEWER_VIEW_H
#define VIEWER_VIEW_H

#include "viewer/database.h"
#include "viewer/filter.h"
#include "viewer/options.h"
#include "viewer/output.h"

struct view {
	struct options options;
	struct output output;
	struct database database;
	struct filter filter;
	const char *path;      /* the database named on the command line; NULL: none was */
	int takes_text;        /* set before: operands after the database are kept in `text` instead of filter words (query) */
	const char *text;
	int operands;
	int status;            /* exit status so far */
};

#define VIEW_START(command_, argc_, argv_) \
	{.options = OPTIONS_START(command_, argc_, argv_), .output = OUTPUT_START, .filter = {.command = (command_)}}

/* The next option that is the command's own; NULL when all words are read. */
const char *view_next_option(struct view *view);

/* Opens database and output. Returns 0, or nonzero when the command is to end with view_close. */
int view_open(struct view *view);

/* Ends the output, closes everything; returns the exit status. */
int view_close(struct view *view);

/* A failure that was already reported: the exit status becomes COMMAND_ERROR. */
void view_fail(struct view *view);

/* Says that nothing matched, and what would be near; a socket that was named by its id and is not there is a failure. */
void view_explain_empty(struct view *view);

/* Prepares `SELECT …` and binds one integer to ?1; NULL after a message. */
sqlite3_stmt *view_prepare(struct view *view, const char *sql, int64_t value);

/* For each reason why calls on this socket may be missing: `▲ calls may be missing: dropped ×120: Records found no room in the spool …`, wrapped. */
void view_print_gaps(struct view *view, int64_t socket_id);

#endif
