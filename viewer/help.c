/*
 * help.c: everything the tool says about itself, printed from the descriptors: overview, help of a command, man pages.
 * Paragraphs are wrapped to the terminal (100 columns at most); a line that begins with a space stays as it is.
 */
#include "viewer/help.h"

#include <ctype.h>
#include <string.h>

#include "schema/version.h"
#include "viewer/filter.h"
#include "viewer/output.h"
#include "viewer/suggest.h"

static const struct {
	enum command_group group;
	const char *title;
} groups[] = {
	{COMMAND_RECORD, "Record"},
	{COMMAND_VIEW, "Look"},
	{COMMAND_OTHER, "Other"},
};

static const struct command_term common_statuses[] = {
	{"0", "the command did what was asked"},
	{"2", "wrong usage, or the database could not be read"},
	{NULL, NULL},
};

static int width(void)
{
	int columns = output_measure_width();

	return columns > 100 ? 100 : columns < 40 ? 40 : columns;
}

/* Columns a UTF-8 text of our own takes; what we print in helps has no wide characters. */
static int columns_of(const char *text, size_t length)
{
	int columns = 0;

	for (size_t i = 0; i < length; i++)
		columns += ((unsigned char)text[i] & 0xc0) != 0x80;
	return columns;
}

/* Prints words from `column` on, wrapped; further lines are indented by `indent`. Ends with a newline. */
static void print_wrapped(FILE *file, const char *text, size_t length, int column, int indent)
{
	const char *end = text + length;
	int first = 1, limit = width();

	while (text < end) {
		size_t word = 0;
		int columns;

		while (text < end && (*text == ' ' || *text == '\n'))
			text++;
		while (text + word < end && text[word] != ' ' && text[word] != '\n')
			word++;
		if (!word)
			break;
		columns = columns_of(text, word);
		if (!first && column + 1 + columns > limit) {
			fprintf(file, "\n%*s", indent, "");
			column = indent;
		} else if (!first) {
			fputc(' ', file);
			column++;
		}
		fwrite(text, 1, word, file);
		column += columns;
		text += word;
		first = 0;
	}
	fputc('\n', file);
}

/* One term and its explanation: side by side, or below each other when the term is long. */
static void print_term(FILE *file, const char *term, const char *help, int indent)
{
	int columns = columns_of(term, strlen(term));

	fprintf(file, "  %s", term);
	if (columns + 4 > indent)
		fprintf(file, "\n%*s", indent, "");
	else
		fprintf(file, "%*s", indent - 2 - columns, "");
	print_wrapped(file, help, strlen(help), indent, indent);
}

static void print_terms(FILE *file, const char *title, const struct command_term *terms)
{
	int indent = 4;

	if (!terms)
		return;
	for (const struct command_term *term = terms; term->term; term++) {
		int columns = columns_of(term->term, strlen(term->term)) + 4;

		if (columns > indent && columns <= 28)
			indent = columns;
	}
	fprintf(file, "\n%s\n", title);
	for (const struct command_term *term = terms; term->term; term++)
		print_term(file, term->term, term->help, indent);
}

static void print_examples(FILE *file, const struct command_term *terms)
{
	if (!terms)
		return;
	fprintf(file, "\nExamples\n");
	for (const struct command_term *term = terms; term->term; term++) {
		fprintf(file, "  %s\n      ", term->term);
		print_wrapped(file, term->help, strlen(term->help), 6, 6);
	}
}

static void format_option(const struct command_option *option, char *text, size_t size)
{
	char letter[8] = "    ";

	if (option->letter)
		snprintf(letter, sizeof letter, "-%c, ", option->letter);
	snprintf(text, size, "%s--%s%s%s", letter, option->name, option->argument ? "=" : "", option->argument ? option->argument : "");
}

static void print_options(FILE *file, const char *title, const struct command_option *options)
{
	char text[64];

	if (!options || !options->name)
		return;
	fprintf(file, "\n%s\n", title);
	for (const struct command_option *option = options; option->name; option++) {
		if (!option->help)
			continue;
		format_option(option, text, sizeof text);
		print_term(file, text, option->help, 28);
	}
}

/* Calls `paragraph` or `verbatim` for each block of a manual text. */
static void print_manual(FILE *file, const char *text)
{
	while (*text) {
		size_t length = strcspn(text, "\n");

		if (!length) {
			fputc('\n', file);
			text++;
			continue;
		}
		if (*text == ' ') {
			fprintf(file, "  %.*s\n", (int)length, text);
		} else {
			while (text[length] == '\n' && text[length + 1] && text[length + 1] != '\n' && text[length + 1] != ' ')
				length += 1 + strcspn(text + length + 1, "\n");
			print_wrapped(file, text, length, 0, 0);
		}
		text += length + (text[length] == '\n');
	}
}

static void print_usage(FILE *file, const struct command *command)
{
	const char *usage = command->usage, *title = "Usage:";

	do {
		size_t length = strcspn(usage, "\n");

		fprintf(file, "%-6s socklife %s%s%.*s\n", title, command->name, length ? " " : "", (int)length, usage);
		usage += length + (usage[length] == '\n');
		title = "";
	} while (*usage);
}

void help_print_command(FILE *file, const struct command *command)
{
	fprintf(file, "socklife %s: %s\n\n", command->name, command->summary);
	print_usage(file, command);
	if (command->manual) {
		fputc('\n', file);
		print_manual(file, command->manual);
	}
	print_options(file, "Options", command->options);
	if (command->output_options)
		print_options(file, "Output", output_option_table);
	if (command->filter)
		print_terms(file, "Filter words (sockets that match all of them; each keeps its whole life)", filter_term_table);
	print_terms(file, "Columns of --json, --ndjson and --csv (times: integer nanoseconds)", command->columns);
	print_terms(file, "Exit status", command->statuses ? command->statuses : common_statuses);
	print_examples(file, command->examples);
}

void help_print_overview(FILE *file)
{
	fprintf(file, "socklife %s: the life of every socket of a program\n\n"
		"Usage: socklife COMMAND [ARG…]\n", SOCKLIFE_VERSION);
	for (size_t i = 0; i < sizeof groups / sizeof groups[0]; i++) {
		int titled = 0;

		for (const struct command *const *command = command_table; *command; command++) {
			if ((*command)->group != groups[i].group)
				continue;
			if (!titled++)
				fprintf(file, "\n%s\n", groups[i].title);
			print_term(file, (*command)->name, (*command)->summary, 12);
		}
	}
	fprintf(file, "\nA first look:\n"
		"  socklife run ./server          record into socklife.db\n"
		"  socklife ls                    every socket, one row each\n"
		"  socklife show s2               the life of socket s2, call by call\n"
		"\n`socklife help COMMAND` explains a command with examples.\n");
}

int help_fail_unknown(const char *word)
{
	struct suggest suggest = SUGGEST_START(word);

	for (const struct command *const *command = command_table; *command; command++)
		suggest_offer(&suggest, (*command)->name);
	if (suggest.nearest)
		fprintf(stderr, "socklife: no command '%s'; did you mean `socklife %s`?\n", word, suggest.nearest);
	else
		fprintf(stderr, "socklife: no command '%s'; `socklife help` lists them\n", word);
	return COMMAND_ERROR;
}

/* man(7): hyphens and backslashes escaped, a leading dot or quote protected. */
static void man_text(FILE *file, const char *text, size_t length)
{
	if (length && (*text == '.' || *text == '\''))
		fputs("\\&", file);
	for (size_t i = 0; i < length; i++)
		if (text[i] == '\\')
			fputs("\\e", file);
		else if (text[i] == '-')
			fputs("\\-", file);
		else
			fputc(text[i], file);
}

static void man_term(FILE *file, const char *term, const char *help)
{
	fputs(".TP\n.B \"", file);
	man_text(file, term, strlen(term));
	fputs("\"\n", file);
	man_text(file, help, strlen(help));
	fputc('\n', file);
}

static void man_terms(FILE *file, const char *title, const struct command_term *terms)
{
	if (!terms)
		return;
	fprintf(file, ".SH %s\n", title);
	for (; terms->term; terms++)
		man_term(file, terms->term, terms->help);
}

static void man_options(FILE *file, const char *title, const struct command_option *options)
{
	char text[64];

	if (!options || !options->name)
		return;
	fprintf(file, ".SH %s\n", title);
	for (; options->name; options++) {
		if (!options->help)
			continue;
		format_option(options, text, sizeof text);
		man_term(file, text + strspn(text, " "), options->help);
	}
}

static void man_manual(FILE *file, const char *text)
{
	int verbatim = 0;

	while (*text) {
		size_t length = strcspn(text, "\n");

		if ((*text == ' ') != verbatim && length) {
			fputs(verbatim ? ".EE\n" : ".EX\n", file);
			verbatim = !verbatim;
		}
		if (!length && !verbatim)
			fputs(".PP", file);
		man_text(file, text, length);
		fputc('\n', file);
		text += length + (text[length] == '\n');
	}
	if (verbatim)
		fputs(".EE\n", file);
}

static void man_overview(FILE *file)
{
	fprintf(file, ".TH SOCKLIFE 1 \"\" \"socklife %s\"\n.SH NAME\nsocklife \\- the life of every socket of a program\n"
		".SH SYNOPSIS\n.B socklife\nCOMMAND [ARG…]\n.SH COMMANDS\n", SOCKLIFE_VERSION);
	for (const struct command *const *command = command_table; *command; command++)
		man_term(file, (*command)->name, (*command)->summary);
	fputs(".PP\nEach has a page of its own:\n.BR socklife\\-ls (1)\nand so on.\n", file);
}

void help_print_man(FILE *file, const struct command *command)
{
	const char *usage;

	if (!command) {
		man_overview(file);
		return;
	}
	fputs(".TH SOCKLIFE\\-", file);
	for (const char *letter = command->name; *letter; letter++)
		fputc(toupper((unsigned char)*letter), file);
	fprintf(file, " 1 \"\" \"socklife %s\"\n.SH NAME\nsocklife\\-%s \\- ", SOCKLIFE_VERSION, command->name);
	man_text(file, command->summary, strlen(command->summary));
	fputs("\n.SH SYNOPSIS\n", file);
	usage = command->usage;
	do {
		size_t length = strcspn(usage, "\n");

		fprintf(file, ".B socklife %s\n", command->name);
		man_text(file, usage, length);
		usage += length + (usage[length] == '\n');
		fputs(*usage ? "\n.br\n" : "\n", file);
	} while (*usage);
	if (command->manual) {
		fputs(".SH DESCRIPTION\n", file);
		man_manual(file, command->manual);
	}
	man_options(file, "OPTIONS", command->options);
	if (command->output_options)
		man_options(file, "OUTPUT", output_option_table);
	if (command->filter)
		man_terms(file, "FILTER WORDS", filter_term_table);
	man_terms(file, "COLUMNS", command->columns);
	man_terms(file, "\"EXIT STATUS\"", command->statuses ? command->statuses : common_statuses);
	man_terms(file, "EXAMPLES", command->examples);
	fputs(".SH \"SEE ALSO\"\n.BR socklife (1)\n", file);
}
