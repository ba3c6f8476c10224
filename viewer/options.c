/* options.c: the command line, read by a command's own table; see options.h. Messages go to standard error. */
#include "viewer/options.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "viewer/help.h"
#include "viewer/output.h"
#include "viewer/suggest.h"

static const struct command_option no_options[] = {{NULL, 0, NULL, NULL}};
static const struct command_option help_option = {"help", 'h', NULL, "print this help"};

int options_fail(const struct command *command, const char *format, ...)
{
	va_list list;

	fprintf(stderr, "socklife %s: ", command->name);
	va_start(list, format);
	vfprintf(stderr, format, list);
	va_end(list);
	fprintf(stderr, " (see `socklife help %s`)\n", command->name);
	return COMMAND_ERROR;
}

static const char *stop(struct options *options, int status)
{
	options->stopped = 1;
	options->status = status;
	return NULL;
}

static const struct command_option *option_table(const struct command *command, int which)
{
	if (which == 0)
		return command->options ? command->options : no_options;
	return command->output_options ? output_option_table : no_options;
}

static const struct command_option *find_name(const struct command *command, const char *name, size_t length)
{
	for (int which = 0; which < 2; which++)
		for (const struct command_option *option = option_table(command, which); option->name; option++)
			if (strlen(option->name) == length && !memcmp(option->name, name, length))
				return option;
	return length == 4 && !memcmp(name, "help", 4) ? &help_option : NULL;
}

static const struct command_option *find_letter(const struct command *command, char letter)
{
	for (int which = 0; which < 2; which++)
		for (const struct command_option *option = option_table(command, which); option->name; option++)
			if (option->letter == letter)
				return option;
	return letter == 'h' ? &help_option : NULL;
}

static const char *fail_unknown(struct options *options, const char *name, size_t length)
{
	char typed[64];
	struct suggest suggest = SUGGEST_START(typed);

	snprintf(typed, sizeof typed, "%.*s", (int)length, name);
	for (int which = 0; which < 2; which++)
		for (const struct command_option *option = option_table(options->command, which); option->name; option++)
			suggest_offer(&suggest, option->name);
	suggest_offer(&suggest, "help");
	if (suggest.nearest)
		return stop(options, options_fail(options->command, "no option --%s; did you mean --%s?", typed, suggest.nearest));
	return stop(options, options_fail(options->command, "no option --%s", typed));
}

static const char *found(struct options *options, const struct command_option *option)
{
	if (option == &help_option) {
		help_print_command(stdout, options->command);
		return stop(options, COMMAND_OK);
	}
	options->option = option;
	return option->name;
}

static const char *next_letter(struct options *options)
{
	char letter = *options->letters++;
	const struct command_option *option = find_letter(options->command, letter);

	if (!*options->letters)
		options->index++;
	if (!option)
		return stop(options, options_fail(options->command, "no option -%c", letter));
	options->value = NULL;
	if (option->argument) {
		if (*options->letters) {
			options->value = options->letters;
			options->index++;
		} else if (options->index < options->argc) {
			options->value = options->argv[options->index++];
		} else {
			return stop(options, options_fail(options->command, "-%c needs %s", letter, option->argument));
		}
		options->letters = "";
	}
	return found(options, option);
}

static const char *next_name(struct options *options, const char *name)
{
	size_t length = strcspn(name, "=");
	const struct command_option *option = find_name(options->command, name, length);

	options->index++;
	if (!option)
		return fail_unknown(options, name, length);
	options->value = name[length] ? name + length + 1 : NULL;
	if (options->value && !option->argument)
		return stop(options, options_fail(options->command, "--%s takes no argument", option->name));
	if (!options->value && option->argument) {
		if (options->index >= options->argc)
			return stop(options, options_fail(options->command, "--%s needs %s", option->name, option->argument));
		options->value = options->argv[options->index++];
	}
	return found(options, option);
}

static const char *next_operand(struct options *options)
{
	options->option = NULL;
	options->value = NULL;
	if (options->operands_end_options)
		options->only_operands = 1;
	return options->argv[options->index++];
}

const char *options_next(struct options *options)
{
	const char *word;

	if (options->stopped)
		return NULL;
	if (options->letters && *options->letters)
		return next_letter(options);
	if (options->index >= options->argc)
		return NULL;
	word = options->argv[options->index];
	if (options->only_operands || word[0] != '-' || !word[1])
		return next_operand(options);
	if (!strcmp(word, "--")) {
		options->only_operands = 1;
		options->index++;
		return options_next(options);
	}
	if (word[1] == '-')
		return next_name(options, word + 2);
	if (options->command->minus_is_operand && (word[2] || !find_letter(options->command, word[1])))
		return next_operand(options);
	options->letters = word + 1;
	return next_letter(options);
}

int options_is(const struct options *options, const char *name)
{
	return options->option && !strcmp(options->option->name, name);
}

int options_is_operand(const struct options *options)
{
	return !options->option;
}
