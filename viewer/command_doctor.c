/* command_doctor.c: `socklife doctor PROG`: can this program be traced? What is looked at: executable.h. */
#include <errno.h>
#include <string.h>

#include "viewer/executable.h"
#include "viewer/options.h"
#include "viewer/output.h"
#include "viewer/rows.h"

static const char *const verdict_words[] = {"yes", "partly", "no"};
static const char *const verdict_marks[] = {"✓", "▲", "✗"};

static void print_text(struct output *output, const struct executable_report *report)
{
	struct text line = output_text(output);
	enum executable_verdict verdict = executable_verdict(report);

	text_style(&line, verdict == VERDICT_YES ? STYLE_GOOD : verdict == VERDICT_NO ? STYLE_ERROR : STYLE_WARNING);
	text_format(&line, "%s ", verdict_marks[verdict]);
	text_style(&line, STYLE_NONE);
	text_add_quoted(&line, report->path, strlen(report->path));
	text_add(&line, verdict == VERDICT_YES ? ": can be traced" : verdict == VERDICT_NO ? ": cannot be traced" : ": can be traced in part");
	output_long_line(output, &line);
	if (report->script[0]) {
		text_add(&line, "  runs the script ");
		text_add_quoted(&line, report->script, strlen(report->script));
		output_long_line(output, &line);
	}
	if (report->class) {
		text_format(&line, "  %s %s, %s", report->class, report->machine, report->linking);
		if (report->libc)
			text_format(&line, ", %s", report->libc);
		if (report->interpreter[0]) {
			text_add(&line, " (");
			text_add_quoted(&line, report->interpreter, strlen(report->interpreter));
			text_add(&line, ")");
		}
		output_long_line(output, &line);
	}
	for (int i = 0; i < report->finding_count; i++) {
		text_format(&line, "  %s %s", verdict_marks[report->findings[i].verdict], report->findings[i].what);
		output_long_line(output, &line);
		text_format(&line, "    → %s", report->findings[i].help);
		output_long_line(output, &line);
	}
	text_free(&line);
}

static void write_member(FILE *file, const char *name, const char *value)
{
	fprintf(file, ",\"%s\":", name);
	if (value && *value)
		rows_write_json_string(file, value, strlen(value));
	else
		fputs("null", file);
}

static void print_json(struct output *output, const struct executable_report *report)
{
	FILE *file = output->file;

	fprintf(file, "{\"traceable\":\"%s\"", verdict_words[executable_verdict(report)]);
	write_member(file, "path", report->path);
	write_member(file, "script", report->script);
	write_member(file, "class", report->class);
	write_member(file, "machine", report->machine);
	write_member(file, "linking", report->linking);
	write_member(file, "libc", report->libc);
	write_member(file, "loader", report->interpreter);
	fputs(",\"findings\":[", file);
	for (int i = 0; i < report->finding_count; i++) {
		fprintf(file, "%s{\"traceable\":\"%s\"", i ? "," : "", verdict_words[report->findings[i].verdict]);
		write_member(file, "what", report->findings[i].what);
		write_member(file, "help", report->findings[i].help);
		putc('}', file);
	}
	fputs("]}", file);
}

static int examine_program(const struct command *command, struct output *output, const char *name)
{
	struct executable_report report = {.finding_count = 0};
	int error = executable_find(name, report.path, sizeof report.path);

	if (error == -ENOENT && !strchr(name, '/')) {
		if (output->format == OUTPUT_JSON)
			fputs("null", output->file);
		fprintf(stderr, "socklife %s: %s: no such program in PATH; name it with its path, as ./%s\n", command->name, name, name);
		return COMMAND_ERROR;
	}
	if (!error)
		error = executable_examine(&report);
	if (error) {
		fprintf(stderr, "socklife %s: %s: %s\n", command->name, name, strerror(-error));
		return COMMAND_ERROR;
	}
	if (output->format == OUTPUT_TEXT)
		print_text(output, &report);
	else
		print_json(output, &report);
	return executable_verdict(&report) == VERDICT_NO ? COMMAND_FINDINGS : COMMAND_OK;
}

static int run(const struct command *command, int argc, char **argv)
{
	struct options options = OPTIONS_START(command, argc, argv);
	struct output output = OUTPUT_START;
	const char *word;
	int status = COMMAND_OK, opened = 0, closed;

	output.no_pager = 1;
	while ((word = options_next(&options))) {
		if (!options_is_operand(&options)) {
			output.format = OUTPUT_JSON;
			continue;
		}
		if (!opened)
			output_open(&output);
		if (output.format == OUTPUT_JSON)
			fputs(opened ? ",\n" : "[\n", output.file);
		opened++;
		closed = examine_program(command, &output, word);
		status = closed > status ? closed : status;
	}
	if (options.stopped)
		return options.status;
	if (!opened)
		return options_fail(command, "which program? as in: socklife doctor ./server");
	if (output.format == OUTPUT_JSON)
		fputs("\n]\n", output.file);
	closed = output_close(&output);
	return closed ? closed : status;
}

static const struct command_option option_table[] = {
	{"json", 0, NULL, "before the programs: a JSON array of objects: traceable (yes, partly, no), path, script, class, machine, linking, libc, loader, findings"},
	{NULL, 0, NULL, NULL},
};

static const struct command_term status_table[] = {
	{"0", "it can be traced, wholly or in part"},
	{"1", "it cannot be traced; the reason is printed"},
	{"2", "wrong usage, or there is no such program"},
	{NULL, NULL},
};

static const struct command_term example_table[] = {
	{"socklife doctor ./server", "can it be traced, and if not, why, and what would help"},
	{"socklife doctor curl nginx python3", "several, looked up in PATH"},
	{NULL, NULL},
};

const struct command command_doctor = {
	.name = "doctor",
	.group = COMMAND_RECORD,
	.summary = "say whether a program can be traced, and why not",
	.usage = "[--json] PROGRAM…",
	.options = option_table,
	.manual = "Looks at the file without running it: that it is dynamic (or a script: then at its interpreter), its class and machine, its libc, setuid bits and "
		"file capabilities, and whether it is a Go program, has AddressSanitizer, or may use io_uring.",
	.statuses = status_table,
	.examples = example_table,
	.run = run,
};
