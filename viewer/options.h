/*
 * options.h: reads a command's line by its descriptor's option table. Options and operands may be mixed; `--` ends the
 * options; `--name=value`, `--name value`, `-o value` and `-ovalue` are the same. A word that is wrong is answered with
 * the one that would have worked.
 *
 *	struct options options = OPTIONS_START(command, argc, argv);
 *	while ((word = options_next(&options)))
 *		if (options_is(&options, "output"))
 *			path = options.value;
 *		else if (options_is_operand(&options))
 *			operand = word;
 *	if (options.stopped)
 *		return options.status;   // an error was printed, or the help
 */
#ifndef VIEWER_OPTIONS_H
#define VIEWER_OPTIONS_H

#include "viewer/command.h"

struct options {
	const struct command *command;
	int argc;
	char **argv;
	int index;                /* next word of argv */
	int only_operands;        /* after `--` */
	int operands_end_options; /* set before the first call: the first operand and all after it are operands (run) */
	const char *letters;      /* rest of a cluster of one-letter options */
	const struct command_option *option; /* the one just read; NULL: an operand */
	const char *value;        /* its argument */
	int stopped;              /* an error was printed, or the help: the command returns `status` */
	int status;
};

#define OPTIONS_START(command_, argc_, argv_) {.command = (command_), .argc = (argc_), .argv = (argv_), .index = 1}

/* The next option's name or operand; NULL at the end, or when `stopped`. */
const char *options_next(struct options *options);

/* Whether the word just read is this option / an operand. */
int options_is(const struct options *options, const char *name);
int options_is_operand(const struct options *options);

/* Prints one line about wrong usage and where the help is; returns COMMAND_ERROR. */
int options_fail(const struct command *command, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
