/* command_help.c: `socklife help [COMMAND]`, and the man pages in their source form. */
#include <stdio.h>

#include "viewer/command.h"
#include "viewer/help.h"
#include "viewer/options.h"

static int run(const struct command *self, int argc, char **argv)
{
	struct options options = OPTIONS_START(self, argc, argv);
	const struct command *command = NULL;
	const char *word;
	int man = 0, names = 0;

	while ((word = options_next(&options))) {
		if (options_is(&options, "man"))
			man = 1;
		else if (options_is(&options, "names"))
			names = 1;
		else if (!(command = command_find(word)))
			return help_fail_unknown(word);
	}
	if (options.stopped)
		return options.status;
	for (const struct command *const *each = command_table; names && *each; each++)
		puts((*each)->name);
	if (names)
		return COMMAND_OK;
	if (man)
		help_print_man(stdout, command);
	else if (command)
		help_print_command(stdout, command);
	else
		help_print_overview(stdout);
	return COMMAND_OK;
}

static const struct command_option option_table[] = {
	{"man", 0, NULL, "print the manual page in the form that man(1) reads"},
	{"names", 0, NULL, "print the names of the commands, one a line"},
	{NULL, 0, NULL, NULL},
};

static const struct command_term example_table[] = {
	{"socklife help ls", "options, columns and examples of ls"},
	{"socklife help --man ls | man -l -", "the same as a manual page"},
	{NULL, NULL},
};

const struct command command_help = {
	.name = "help",
	.group = COMMAND_OTHER,
	.summary = "explain a command",
	.usage = "[COMMAND]",
	.options = option_table,
	.examples = example_table,
	.run = run,
};
