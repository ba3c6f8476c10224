/* help.h: prints the overview and a command's help from the descriptors. */
#ifndef VIEWER_HELP_H
#define VIEWER_HELP_H

#include <stdio.h>

#include "viewer/command.h"

void help_print_overview(FILE *file);
void help_print_command(FILE *file, const struct command *command);

/* A command's page in man(7) form; command NULL: socklife(1) itself. */
void help_print_man(FILE *file, const struct command *command);

/* Says that there is no such command, with the nearest one; returns COMMAND_ERROR. */
int help_fail_unknown(const char *word);

#endif
