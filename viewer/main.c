/* main.c: finds the command that the first word names and runs it. What a command is: command.h; which there are: commands.def. */
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#include "schema/version.h"
#include "viewer/command.h"
#include "viewer/help.h"

#define COMMAND(name) extern const struct command command_##name;
#include "viewer/commands.def"
#undef COMMAND

const struct command *const command_table[] = {
#define COMMAND(name) &command_##name,
#include "viewer/commands.def"
#undef COMMAND
	NULL,
};

const struct command *command_find(const char *name)
{
	for (const struct command *const *command = command_table; *command; command++)
		if (!strcmp((*command)->name, name))
			return *command;
	return NULL;
}

int main(int argc, char **argv)
{
	const struct command *command;

	/* One thread, which needs no locks; and nobody asks how much memory is in use. */
	sqlite3_config(SQLITE_CONFIG_SINGLETHREAD);
	sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
	if (argc < 2) {
		help_print_overview(stderr);
		return COMMAND_ERROR;
	}
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h")) {
		help_print_overview(stdout);
		return COMMAND_OK;
	}
	if (!strcmp(argv[1], "--version") || !strcmp(argv[1], "-V")) {
		printf("socklife %s\n", SOCKLIFE_VERSION);
		return COMMAND_OK;
	}
	command = command_find(argv[1]);
	if (!command)
		return help_fail_unknown(argv[1]);
	return command->run(command, argc - 1, argv + 1);
}
