/*
 * command.h: what a command of `socklife` is: one descriptor, in one file viewer/command_<name>.c, named in one line of
 * commands.def. The descriptor is the one home of a command's words: the overview, `socklife help NAME`, `--help` and the
 * man page are all printed from it, and options.c reads the command line by it.
 *
 *	static const struct command_option options[] = {
 *		{"output", 'o', "FILE", "write the database to FILE (default: socklife.db)"},
 *		{"wait", 0, NULL, "wait for processes that the program leaves behind"},
 *		{NULL, 0, NULL, NULL},
 *	};
 *	const struct command command_run = {
 *		.name = "run", .group = COMMAND_RECORD, .summary = "run a program and record its sockets",
 *		.usage = "[options] [--] PROGRAM [ARG…]", .options = options, .run = run,
 *	};
 */
#ifndef VIEWER_COMMAND_H
#define VIEWER_COMMAND_H

/* Exit statuses every command shares (see docs: EXIT STATUS). */
#define COMMAND_OK 0
#define COMMAND_FINDINGS 1 /* the question was answered with "no" or with findings */
#define COMMAND_ERROR 2    /* usage, unreadable or incomplete input */

struct command_option {
	const char *name;     /* long form without dashes; NULL ends the table */
	char letter;          /* one-letter form; 0: none */
	const char *argument; /* name of its argument for the help; NULL: it takes none */
	const char *help;     /* one line, or a few sentences: wrapped when printed; NULL: accepted, not listed */
};

/* A block of text about a table column, an exit status, a word of the filter language: term and explanation. */
struct command_term {
	const char *term, *help; /* term NULL ends the table */
};

enum command_group {
	COMMAND_RECORD, /* making a trace */
	COMMAND_VIEW,   /* looking at one */
	COMMAND_OTHER,
};

struct command {
	const char *name;
	enum command_group group;
	const char *summary;                   /* a line in the overview: lower case, no full stop */
	const char *usage;                     /* what follows the name; several forms: one a line; "" when nothing does */
	const struct command_option *options;  /* NULL: none but --help */
	int minus_is_operand;                  /* 1: an unknown word with one dash is an operand (filters: -word) */
	int output_options;                    /* 1: takes the options of output.h (--json, --color …) as well */
	int filter;                            /* 1: its operands are filter words: the filter language is in its manual */
	const char *manual;                    /* paragraphs parted by an empty line; an indented line stays as it is; NULL: the summary says it */
	const struct command_term *columns;    /* columns of the machine formats; NULL: none */
	const struct command_term *statuses;   /* exit statuses; NULL: 0 and 2 as everywhere */
	const struct command_term *examples;   /* command line and what it answers; NULL: none */
	int (*run)(const struct command *command, int argc, char **argv); /* argv[0] is the command's name; returns the exit status */
};

/* All commands in the order of the overview; ended by NULL. */
extern const struct command *const command_table[];

/* The command of that name; NULL when there is none. */
const struct command *command_find(const char *name);

#endif
