/*
 * findings_text.c: findings for people: one block for each rule, which says once what the rule means and what to do.
 *
 *	✗ LEAK  A socket was no longer used, yet never closed …
 *	    s4 srv[4242]  fd 6 open at exit, 2.1 s after accept; its peer had closed …
 *	       at srv.c:88 serve_one()
 *	       s5 is curl[4711]'s
 *	       and 3 more like it: s7 s9 s11
 *	  → Close the socket on every way out of the code that uses it, also after an error.
 */
#include <stdlib.h>
#include <string.h>

#include "schema_sql.h"
#include "viewer/findings.h"
#include "viewer/script.h"

#define IDS_SHOWN 8
#define PLACES_SHOWN 20 /* of one rule */

static const char *const marks[] = {"✗", "▲", "·"};
static const enum text_style styles[] = {STYLE_ERROR, STYLE_WARNING, STYLE_DIM};

/* Of one rule and severity: findings are sorted by them. */
static int is_kin(const struct finding *a, const struct finding *b)
{
	return a->severity == b->severity && !strcmp(a->texts[FINDING_RULE], b->texts[FINDING_RULE]);
}

/* What a message says after its last semicolon, such as what would help; empty: nothing. */
static const char *last_clause(const struct finding *finding)
{
	const char *clause = finding->texts[FINDING_MESSAGE] ? strrchr(finding->texts[FINDING_MESSAGE], ';') : NULL;

	return clause ? clause : "";
}

/* The same words, numbers apart. */
static int is_worded_alike(const char *a, const char *b)
{
	static const char digits[] = "0123456789.";

	do {
		a += strspn(a, digits);
		b += strspn(b, digits);
		if (*a != *b)
			return 0;
		b++;
	} while (*a++);
	return 1;
}

static int is_alike(const struct finding *a, const struct finding *b)
{
	const char *left = a->texts[FINDING_PROGRAM], *right = b->texts[FINDING_PROGRAM];

	return a->numbers[NUMBER_CALLER] == b->numbers[NUMBER_CALLER] && !a->suppressed == !b->suppressed && (left && right ? !strcmp(left, right) : left == right) &&
		is_worded_alike(last_clause(a), last_clause(b));
}

/* Those like the one that was told in full (one program, place and advice): they are told by their number. */
static void print_more(struct output *output, struct text *line, const struct findings *findings, size_t first, char *told)
{
	const struct finding *finding = &findings->list[first];
	size_t total = 0, ids[IDS_SHOWN];

	for (size_t i = first + 1; i < findings->count && is_kin(finding, &findings->list[i]); i++) {
		if (told[i] || !is_alike(finding, &findings->list[i]))
			continue;
		told[i] = 2;
		if (total < IDS_SHOWN)
			ids[total] = i;
		total++;
	}
	if (!total)
		return;
	text_format(line, "       and %zu more like it:", total);
	for (size_t i = 0; i < total && i < IDS_SHOWN; i++)
		text_format(line, " s%lld", (long long)findings->list[ids[i]].numbers[NUMBER_SOCKET]);
	if (total > IDS_SHOWN)
		text_add(line, " …");
	output_line(output, line);
}

/* Of one rule enough places were told: the rest of its findings is a number. */
static void print_others(struct output *output, struct text *line, const struct findings *findings, size_t first, char *told)
{
	const struct finding *finding = &findings->list[first];
	size_t total = 0;

	for (size_t i = first; i < findings->count && is_kin(finding, &findings->list[i]); i++) {
		if (!told[i] && findings->list[i].suppressed)
			told[i] = 3;
		if (told[i])
			continue;
		told[i] = 2;
		total++;
	}
	text_format(line, "    … and %zu more, at other places (--all)", total);
	output_line(output, line);
}

static void print_place(struct findings *findings, struct output *output, struct text *line, const char *word, int64_t caller_id, int64_t process_id)
{
	char source[512], script[300];

	callsite_describe(findings->callsite, caller_id, source, sizeof source);
	if (!*source) {
		if (line->columns)
			output_line(output, line);
		return;
	}
	text_format(line, "%s%s ", line->columns ? " " : "       ", word);
	text_style(line, STYLE_NAME);
	text_add_quoted(line, source, strlen(source));
	text_style(line, STYLE_NONE);
	script_describe(findings->database, process_id, script, sizeof script);
	if (*script) {
		text_add(line, ", called by ");
		text_add_quoted(line, script, strlen(script));
	}
	output_line(output, line);
}

static const char *holder_word(const char *rule)
{
	return !strcmp(rule, "RESET") || !strcmp(rule, "BROKEN_PIPE") ? "closed at" : "set up at";
}

/* Whose the other socket is, when it is not this process's, and where it was made what it is. */
static void print_holder(struct findings *findings, struct output *output, struct text *line, const struct finding *finding)
{
	int other = finding->numbers[NUMBER_HOLDER_PROCESS] != finding->numbers[NUMBER_PROCESS];

	if (finding->numbers[NUMBER_HOLDER] == FINDING_NULL || finding->numbers[NUMBER_HOLDER] == finding->numbers[NUMBER_SOCKET] ||
	    (!other && finding->numbers[NUMBER_HOLDER_CALLER] == FINDING_NULL))
		return;
	text_format(line, "       s%lld", (long long)finding->numbers[NUMBER_HOLDER]);
	if (other && finding->texts[FINDING_HOLDER_PROGRAM]) {
		text_add(line, " is ");
		text_add_quoted(line, finding->texts[FINDING_HOLDER_PROGRAM], strlen(finding->texts[FINDING_HOLDER_PROGRAM]));
		if (finding->numbers[NUMBER_HOLDER_PID] != FINDING_NULL)
			text_format(line, "[%lld]", (long long)finding->numbers[NUMBER_HOLDER_PID]);
		text_add(line, finding->numbers[NUMBER_HOLDER_CALLER] != FINDING_NULL ? "'s," : "'s");
	} else {
		text_add(line, " was");
	}
	print_place(findings, output, line, holder_word(finding->texts[FINDING_RULE]), finding->numbers[NUMBER_HOLDER_CALLER],
		other ? finding->numbers[NUMBER_HOLDER_PROCESS] : FINDING_NULL);
}

/* What is told of it: of `logger[103] inherited fd 3` without the process, which stands before it here. */
static const char *message_of(const struct finding *finding)
{
	const char *message = finding->texts[FINDING_MESSAGE] ? finding->texts[FINDING_MESSAGE] : "";
	char process[300];
	int length = finding->texts[FINDING_PROGRAM] && finding->numbers[NUMBER_PID] != FINDING_NULL ?
		snprintf(process, sizeof process, "%s[%lld] ", finding->texts[FINDING_PROGRAM], (long long)finding->numbers[NUMBER_PID]) : 0;

	return length > 0 && length < (int)sizeof process && !strncmp(message, process, (size_t)length) ? message + length : message;
}

static void print_finding(struct findings *findings, struct output *output, struct text *line, const struct finding *finding)
{
	text_add(line, "    ");
	text_style(line, STYLE_BOLD);
	if (finding->numbers[NUMBER_SOCKET] != FINDING_NULL)
		text_format(line, "s%lld ", (long long)finding->numbers[NUMBER_SOCKET]);
	text_style(line, STYLE_NONE);
	if (finding->texts[FINDING_PROGRAM])
		text_add_quoted(line, finding->texts[FINDING_PROGRAM], strlen(finding->texts[FINDING_PROGRAM]));
	if (finding->numbers[NUMBER_PID] != FINDING_NULL)
		text_format(line, "[%lld] ", (long long)finding->numbers[NUMBER_PID]);
	output_wrapped(output, line, message_of(finding), 7);
	print_place(findings, output, line, "at", finding->numbers[NUMBER_CALLER], finding->numbers[NUMBER_PROCESS]);
	print_holder(findings, output, line, finding);
}

static size_t find_rule(const char *rule)
{
	size_t i = 0;

	while (schema_sql_problem_files[i].name && strcmp(schema_sql_problem_files[i].rule, rule))
		i++;
	return i;
}

/* Findings of one rule may be of several severities, the worst first: what the rule means, and what to do, is said there. */
static int is_explained(const struct findings *findings, const struct finding *finding)
{
	for (const struct finding *other = findings->list; other < finding; other++)
		if (!other->suppressed && other->severity != finding->severity && !strcmp(other->texts[FINDING_RULE], finding->texts[FINDING_RULE]))
			return 1;
	return 0;
}

static void print_heading(const struct findings *findings, struct output *output, struct text *line, const struct finding *finding)
{
	size_t rule = find_rule(finding->texts[FINDING_RULE]);

	text_style(line, styles[finding->severity]);
	text_format(line, "%s ", marks[finding->severity]);
	text_style(line, STYLE_BOLD);
	text_add_quoted(line, finding->texts[FINDING_RULE], strlen(finding->texts[FINDING_RULE]));
	text_style(line, STYLE_NONE);
	text_add(line, " ");
	output_wrapped(output, line, is_explained(findings, finding) ? "(see above)" : schema_sql_problem_files[rule].name ? schema_sql_problem_files[rule].explanation : "", 4);
}

static void print_remedy(const struct findings *findings, struct output *output, struct text *line, const struct finding *finding)
{
	size_t rule = find_rule(finding->texts[FINDING_RULE]);

	if (!schema_sql_problem_files[rule].name || finding->severity == FINDING_INFO || is_explained(findings, finding))
		return;
	text_add(line, "  → ");
	output_wrapped(output, line, schema_sql_problem_files[rule].remedy, 4);
}

static void add_count(struct text *line, size_t count, const char *what)
{
	text_format(line, "%zu %s%s", count, what, count == 1 ? "" : "s");
}

static void print_gaps(struct findings *findings, struct output *output, struct text *line)
{
	sqlite3_stmt *statement;

	if (!findings->incomplete)
		return;
	text_style(line, STYLE_ERROR);
	text_add(line, "✗ The trace is incomplete:");
	text_style(line, STYLE_NONE);
	if (findings->database->recording) {
		output_wrapped(output, line, "it is still being recorded.", 4);
		return;
	}
	output_wrapped(output, line, "what is not found here may still have happened.", 4);
	statement = database_prepare(findings->database, "SELECT coalesce(program || '[' || pid || ']  ', '') || reason || CASE WHEN count > 1 THEN ' ×' || count ELSE '' END || coalesce(' (' || nullif(detail, '') || ')', '') || ': ' "
		"|| coalesce(meaning, '') || ' ' || coalesce(remedy, '') FROM gap WHERE incomplete = 1 LIMIT 10");
	while (statement && database_step(findings->database, statement) == 1) {
		text_add(line, "    ");
		output_wrapped(output, line, (const char *)sqlite3_column_text(statement, 0), 7);
	}
	sqlite3_finalize(statement);
	output_blank(output);
}

/* What silence does not prove. */
static void print_blind(const struct findings *findings, struct output *output, struct text *line)
{
	if (!findings->without_calls)
		return;
	text_style(line, STYLE_DIM);
	text_format(line, "%s ", marks[FINDING_INFO]);
	text_style(line, STYLE_NONE);
	output_wrapped(output, line, "Recorded with --detail=sockets: calls were not kept, and some rules see less.", 2);
	for (size_t i = 0; schema_sql_problem_files[i].name; i++) {
		if (!schema_sql_problem_files[i].without_calls)
			continue;
		text_format(line, "    %s", schema_sql_problem_files[i].rule);
		output_wrapped(output, line, schema_sql_problem_files[i].without_calls, 7);
	}
}

static void print_summary(const struct findings *findings, struct output *output, struct text *line)
{
	size_t counts[FINDING_SEVERITIES] = {0}, suppressed = 0;

	for (size_t i = 0; i < findings->count; i++)
		if (findings->list[i].suppressed)
			suppressed++;
		else
			counts[findings->list[i].severity]++;
	if (!counts[FINDING_ERROR] && !counts[FINDING_WARNING] && !counts[FINDING_INFO]) {
		text_style(line, findings->incomplete || findings->without_calls ? STYLE_NONE : STYLE_GOOD);
		text_add(line, findings->incomplete || findings->without_calls ? "nothing found in what was recorded" : "nothing found");
		text_style(line, STYLE_NONE);
	} else {
		add_count(line, counts[FINDING_ERROR], "error");
		text_add(line, ", ");
		add_count(line, counts[FINDING_WARNING], "warning");
		text_format(line, ", %zu for information", counts[FINDING_INFO]);
	}
	if (suppressed)
		text_format(line, ", %zu suppressed", suppressed);
	output_line(output, line);
}

/* told: 0 not yet, 1 in full, 2 gathered under one that was told in full, 3 suppressed */
void findings_print_text(struct findings *findings, struct output *output, int all)
{
	struct text line = output_text(output);
	char *told = calloc(findings->count + 1, 1);
	const struct finding *before = NULL;
	int places = 0; /* told in full under this heading */

	for (size_t i = 0; i < findings->count && told && !output->broken; i++) {
		const struct finding *finding = &findings->list[i];

		if (finding->suppressed)
			told[i] = 3;
		if (told[i])
			continue;
		if (!before || !is_kin(before, finding)) {
			places = 0;
			if (before) {
				print_remedy(findings, output, &line, before);
				output_blank(output);
			}
			print_heading(findings, output, &line, finding);
		}
		before = finding;
		if (places++ == PLACES_SHOWN && !all) {
			print_others(output, &line, findings, i, told);
			continue;
		}
		told[i] = 1;
		print_finding(findings, output, &line, finding);
		if (!all)
			print_more(output, &line, findings, i, told);
	}
	if (before) {
		print_remedy(findings, output, &line, before);
		output_blank(output);
	}
	print_gaps(findings, output, &line);
	print_blind(findings, output, &line);
	print_summary(findings, output, &line);
	text_free(&line);
	free(told);
}
