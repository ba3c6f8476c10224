/*
 * commands.h: the list of commands, in the order of the overview. To add one: write viewer/command_<name>.c with a
 * `const struct command command_<name>`, and add its line here. Included by main.c with COMMAND defined.
 */
COMMAND(run)
COMMAND(collect)
COMMAND(ls)
COMMAND(show)
COMMAND(ladder)
COMMAND(tree)
COMMAND(follow)
COMMAND(check)
COMMAND(query)
COMMAND(doctor)
COMMAND(help)
