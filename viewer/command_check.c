/*
 * command_check.c: `socklife check`: what the rules of schema/problems found (view problem), for people, scripts and CI.
 * The exit status never turns green because something could not be seen or nothing was looked at: an incomplete trace is 2, so is a filter that matches no socket.
 */
#include <stdlib.h>
#include <string.h>

#include "schema_sql.h"
#include "viewer/findings.h"
#include "viewer/rows.h"
#include "viewer/suggest.h"
#include "viewer/suppress.h"
#include "viewer/view.h"

enum check_format { CHECK_TEXT, CHECK_MACHINE, CHECK_JUNIT };

struct check {
	struct view *view;
	enum check_format format;
	enum finding_severity fails_from; /* the mildest severity that makes the exit status 1 */
	struct suppress suppress;
	int all;
};

static int fail_unknown(const struct view *view, const char *what, const char *word, const struct suggest *suggest)
{
	if (suggest->nearest)
		return options_fail(view->options.command, "no %s '%s'; did you mean %s?", what, word, suggest->nearest);
	return options_fail(view->options.command, "no %s '%s'", what, word);
}

static int take_format(struct check *check, const char *word)
{
	static const struct { const char *name; enum check_format format; enum output_format output; } formats[] = {
		{"text", CHECK_TEXT, OUTPUT_TEXT}, {"json", CHECK_MACHINE, OUTPUT_JSON}, {"ndjson", CHECK_MACHINE, OUTPUT_NDJSON},
		{"csv", CHECK_MACHINE, OUTPUT_CSV}, {"junit", CHECK_JUNIT, OUTPUT_TEXT},
	};
	struct suggest suggest = SUGGEST_START(word);

	for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
		suggest_offer(&suggest, formats[i].name);
		if (!strcmp(word, formats[i].name)) {
			check->format = formats[i].format;
			check->view->output.format = formats[i].output;
			return 0;
		}
	}
	return fail_unknown(check->view, "format", word, &suggest);
}

static int take_severity(struct check *check, const char *word)
{
	struct suggest suggest = SUGGEST_START(word);

	for (enum finding_severity severity = FINDING_ERROR; severity <= FINDING_INFO; severity++) {
		suggest_offer(&suggest, finding_severity_names[severity]);
		if (!strcmp(word, finding_severity_names[severity])) {
			check->fails_from = severity;
			return 0;
		}
	}
	return fail_unknown(check->view, "severity", word, &suggest);
}

static void explain_rule(struct output *output, size_t i)
{
	struct text line = output_text(output);
	char sentence[1000];

	text_style(&line, STYLE_BOLD);
	text_add(&line, schema_sql_problem_files[i].rule);
	text_style(&line, STYLE_NONE);
	text_format(&line, "  (%s)", schema_sql_problem_files[i].severity);
	output_line(output, &line);
	text_add(&line, "    ");
	output_wrapped(output, &line, schema_sql_problem_files[i].explanation, 4);
	text_add(&line, "    Remedy:");
	output_wrapped(output, &line, schema_sql_problem_files[i].remedy, 4);
	if (schema_sql_problem_files[i].without_calls) {
		snprintf(sentence, sizeof sentence, "Recorded with --detail=sockets it %s.", schema_sql_problem_files[i].without_calls);
		text_add(&line, "    ");
		output_wrapped(output, &line, sentence, 4);
	}
	text_free(&line);
}

/* `--explain RULE`, or all of them; needs no database. */
static int explain(struct view *view, const char *word)
{
	struct suggest suggest = SUGGEST_START(word);
	int found = 0;

	view->output.file = stdout;
	output_open(&view->output);
	for (size_t i = 0; schema_sql_problem_files[i].name; i++) {
		suggest_offer(&suggest, schema_sql_problem_files[i].rule);
		if (strcmp(word, "all") && strcasecmp(word, schema_sql_problem_files[i].rule))
			continue;
		if (found++)
			output_blank(&view->output);
		explain_rule(&view->output, i);
	}
	view->status = output_close(&view->output);
	return found ? view->status : fail_unknown(view, "rule", word, &suggest);
}

static int set_suppressed(void *context, const char *rule, const char *program, const char *address, const char **reason)
{
	return suppress_match(context, rule, program, address, reason);
}

static void print(struct check *check, struct findings *findings)
{
	if (check->format == CHECK_JUNIT)
		findings_print_junit(findings, &check->view->output, check->fails_from);
	else if (check->view->output.format != OUTPUT_TEXT)
		findings_print_rows(findings, &check->view->output);
	else if (!findings->unselected)
		findings_print_text(findings, &check->view->output, check->all);
}

static void check_trace(struct check *check)
{
	struct view *view = check->view;
	struct findings findings;

	if (findings_read(&findings, &view->database, &view->filter, set_suppressed, &check->suppress)) {
		view_fail(view);
		return;
	}
	if (findings.unselected)
		filter_explain_empty(&view->filter, &view->database);
	print(check, &findings);
	suppress_warn_unused(&check->suppress);
	if (findings.incomplete || findings.unselected)
		view->status = COMMAND_ERROR;
	else if (!view->status && findings_count(&findings, check->fails_from) > 0)
		view->status = COMMAND_FINDINGS;
	findings_free(&findings);
}

static int run(const struct command *command, int argc, char **argv)
{
	struct view view = VIEW_START(command, argc, argv);
	struct check check = {.view = &view, .fails_from = FINDING_WARNING};
	const char *word, *rule = NULL;
	int status = 0;

	while (!status && (word = view_next_option(&view))) {
		if (options_is(&view.options, "format"))
			status = take_format(&check, view.options.value);
		else if (options_is(&view.options, "fail-on"))
			status = take_severity(&check, view.options.value);
		else if (options_is(&view.options, "suppress"))
			status = suppress_read(&check.suppress, view.options.value) ? COMMAND_ERROR : 0;
		else if (options_is(&view.options, "explain"))
			rule = view.options.value;
		else if (options_is(&view.options, "all"))
			check.all = 1;
	}
	if (status || (rule && !view.options.stopped)) {
		status = status ? status : explain(&view, rule);
		filter_free(&view.filter);
		suppress_free(&check.suppress);
		return status;
	}
	if (!view_open(&view))
		check_trace(&check);
	suppress_free(&check.suppress);
	return view_close(&view);
}

static const struct command_option option_table[] = {
	{"format", 0, "FORMAT", "text, json, ndjson, csv, or junit for a CI server (default: text)"},
	{"suppress", 's', "FILE", "leave out the findings that FILE lists, each with its reason; may be given several times"},
	{"fail-on", 0, "SEVERITY", "the mildest severity that makes the exit status 1: error, warning or info (default: warning)"},
	{"explain", 'e', "RULE", "say what a rule means and what to do about it, and end; all: every rule"},
	{"all", 'a', NULL, "print every finding; otherwise like ones of one program and one place in its code are told once, with their number, and of a rule 20 such places"},
	{NULL, 0, NULL, NULL},
};

static const struct command_term column_table[] = {
	{"rule", "the rule's name: LEAK, REFUSED …"},
	{"severity", "error, warning, or info: worth knowing, harmless"},
	{"socket_id, fd, address", "the socket it is about, its first descriptor, its peer's address (of a listener: its own)"},
	{"process_id, pid, program", "the process that suffers or caused it"},
	{"holder_id, holder_process_id, holder_pid, holder_program", "the socket and process that hold what is wanted, or caused it; null: none, or not known"},
	{"call_start_ns", "start of the call in question; null: not one moment"},
	{"caller_id, source", "code in question: row of table caller, and its place: file:line function()"},
	{"duration_ns", "the time in question; null: none"},
	{"count", "calls, sockets or attempts that the finding stands for"},
	{"message", "the finding in words"},
	{"suppressed", "the reason given in the suppressions file; null: not suppressed"},
	{"holder_caller_id, holder_source", "where the holder listened (EADDRINUSE, NEVER_ACCEPTED) or closed (RESET, BROKEN_PIPE)"},
	{NULL, NULL},
};

static const struct command_term status_table[] = {
	{"0", "nothing was found (but suppressed findings, and ones milder than --fail-on)"},
	{"1", "something was found"},
	{"2", "usage, unreadable, no socket matches the filter, or the trace is incomplete: calls are known to be missing from it, so that silence would prove nothing"},
	{NULL, NULL},
};

static const struct command_term example_table[] = {
	{"socklife check", "what is wrong in socklife.db"},
	{"socklife check trace.db s4 --explain LEAK", "what LEAK means"},
	{"socklife check --format=junit --suppress=known.txt trace.db > report.xml", "for a CI server"},
	{"socklife check --fail-on=error trace.db proc:nginx", "one program's findings; warnings are told but do not fail"},
	{NULL, NULL},
};

const struct command command_check = {
	.name = "check",
	.group = COMMAND_VIEW,
	.summary = "say what went wrong: leaks, refused and reset connections, ports in use …",
	.usage = "[options] [DATABASE] [FILTER…]",
	.options = option_table,
	.minus_is_operand = 1,
	.output_options = 1,
	.filter = 1,
	.manual = "Each finding names the rule, the socket, the process, what happened in numbers, who holds or caused it, and the place in the code. "
		"Rules are SQL (schema/problems); the view `problem` gives the same findings to any SQLite shell.\n"
		"\n"
		"A suppressions file has one line for each known and accepted finding: rule, program, address, reason. "
		"Rule, program and address are patterns with * and ?; a reason is required; # begins a comment:\n"
		"  # rule     program    address       reason\n"
		"  LEAK       legacyd    *:9000        fixed upstream in 2.1\n"
		"  RESET      *          10.0.0.*      the load balancer's health check",
	.columns = column_table,
	.statuses = status_table,
	.examples = example_table,
	.run = run,
};
