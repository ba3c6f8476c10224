/* findings.c: reads the view `problem`, and prints the machine formats; see findings.h. Text is in findings_text.c. */
#include "viewer/findings.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "schema_sql.h"
#include "viewer/rows.h"
#include "viewer/suspects.h"

const char *const finding_severity_names[FINDING_SEVERITIES] = {"error", "warning", "info"};

/* The columns of the machine formats. Severity, source and suppressed are written by name. */
static const struct column {
	const char *name;
	enum { COLUMN_NUMBER, COLUMN_TEXT, COLUMN_SEVERITY, COLUMN_SOURCE, COLUMN_SUPPRESSED } kind; /* source: of the caller with number `index` */
	int index;
} columns[] = {
	{"rule", COLUMN_TEXT, FINDING_RULE},
	{"severity", COLUMN_SEVERITY, 0},
	{"socket_id", COLUMN_NUMBER, NUMBER_SOCKET},
	{"fd", COLUMN_NUMBER, NUMBER_FD},
	{"address", COLUMN_TEXT, FINDING_ADDRESS},
	{"process_id", COLUMN_NUMBER, NUMBER_PROCESS},
	{"pid", COLUMN_NUMBER, NUMBER_PID},
	{"program", COLUMN_TEXT, FINDING_PROGRAM},
	{"holder_id", COLUMN_NUMBER, NUMBER_HOLDER},
	{"holder_process_id", COLUMN_NUMBER, NUMBER_HOLDER_PROCESS},
	{"holder_pid", COLUMN_NUMBER, NUMBER_HOLDER_PID},
	{"holder_program", COLUMN_TEXT, FINDING_HOLDER_PROGRAM},
	{"call_start_ns", COLUMN_NUMBER, NUMBER_START},
	{"caller_id", COLUMN_NUMBER, NUMBER_CALLER},
	{"source", COLUMN_SOURCE, NUMBER_CALLER},
	{"duration_ns", COLUMN_NUMBER, NUMBER_DURATION},
	{"count", COLUMN_NUMBER, NUMBER_COUNT},
	{"message", COLUMN_TEXT, FINDING_MESSAGE},
	{"suppressed", COLUMN_SUPPRESSED, 0},
	{"holder_caller_id", COLUMN_NUMBER, NUMBER_HOLDER_CALLER},
	{"holder_source", COLUMN_SOURCE, NUMBER_HOLDER_CALLER},
};
#define COLUMNS (sizeof columns / sizeof *columns)

static const char problem_sql[] =
	"SELECT socket_id, process_id, pid, fd, holder_id, holder_process_id, holder_pid, call_start_ns, caller_id, duration_ns, count, holder_caller_id, "
	"rule, program, address, holder_program, message, severity FROM problem "
	"ORDER BY CASE severity WHEN 'error' THEN 0 WHEN 'warning' THEN 1 ELSE 2 END, rule, socket_id, call_start_ns";

struct selection {
	int64_t *ids; /* sorted */
	size_t count;
	int everything;
};

static int compare_ids(const void *left, const void *right)
{
	int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;

	return a < b ? -1 : a > b;
}

static int read_selection(struct selection *selection, struct database *database, struct filter *filter)
{
	sqlite3_stmt *statement;
	size_t room = 0;
	int result;

	*selection = (struct selection){.everything = !filter->words};
	if (selection->everything)
		return 0;
	statement = filter_prepare(filter, database, "s.socket_id", NULL);
	if (!statement)
		return -EIO;
	while ((result = database_step(database, statement)) == 1) {
		if (selection->count == room) {
			int64_t *ids = realloc(selection->ids, (room = room ? room * 2 : 256) * sizeof *ids);

			if (!ids) {
				result = -1;
				break;
			}
			selection->ids = ids;
		}
		selection->ids[selection->count++] = sqlite3_column_int64(statement, 0);
	}
	sqlite3_finalize(statement);
	if (selection->count)
		qsort(selection->ids, selection->count, sizeof *selection->ids, compare_ids);
	return result < 0 ? -EIO : 0;
}

static int is_selected(const struct selection *selection, int64_t socket_id)
{
	return selection->everything || (selection->count && bsearch(&socket_id, selection->ids, selection->count, sizeof socket_id, compare_ids));
}

static void free_finding(struct finding *finding)
{
	for (int i = 0; i < FINDING_TEXTS; i++)
		free(finding->texts[i]);
}

static int read_finding(struct finding *finding, sqlite3_stmt *statement)
{
	const char *severity = (const char *)sqlite3_column_text(statement, FINDING_NUMBERS + FINDING_TEXTS);

	*finding = (struct finding){.severity = FINDING_INFO};
	for (int i = 0; i < FINDING_NUMBERS; i++)
		finding->numbers[i] = sqlite3_column_type(statement, i) == SQLITE_NULL ? FINDING_NULL : sqlite3_column_int64(statement, i);
	for (int i = 0; i < FINDING_TEXTS; i++) {
		const char *text = (const char *)sqlite3_column_text(statement, FINDING_NUMBERS + i);

		if (text && !(finding->texts[i] = strdup(text))) {
			free_finding(finding);
			return -ENOMEM;
		}
	}
	for (int i = 0; i < FINDING_SEVERITIES; i++)
		if (severity && !strcmp(severity, finding_severity_names[i]))
			finding->severity = i;
	return 0;
}

static int append(struct findings *findings, size_t *room, sqlite3_stmt *statement)
{
	int error;

	if (findings->count == *room) {
		size_t larger = *room ? *room * 2 : 64;
		struct finding *list = realloc(findings->list, larger * sizeof *list);

		if (!list)
			return -ENOMEM;
		findings->list = list;
		*room = larger;
	}
	error = read_finding(&findings->list[findings->count], statement);
	if (!error)
		findings->count++;
	return error;
}

int findings_read(struct findings *findings, struct database *database, struct filter *filter, finding_suppress suppress, void *context)
{
	struct selection selection;
	sqlite3_stmt *statement = NULL;
	size_t room = 0;
	int error, result;

	*findings = (struct findings){.database = database};
	error = read_selection(&selection, database, filter);
	if (error)
		goto free_selection;
	findings->unselected = !selection.everything && !selection.count;
	findings->incomplete = database->recording || database_integer(database, "SELECT count(*) FROM gap WHERE incomplete = 1", 1) > 0;
	findings->without_calls = database_integer(database, "SELECT value = 'sockets' FROM meta WHERE key = 'detail'", 0) == 1;
	suspects_only(database);
	statement = database_prepare(database, problem_sql);
	error = statement ? 0 : -EIO;
	while (!error && (result = database_step(database, statement)) != 0) {
		error = result < 0 ? -EIO : 0;
		if (!error && is_selected(&selection, sqlite3_column_int64(statement, NUMBER_SOCKET)))
			error = append(findings, &room, statement);
	}
	sqlite3_finalize(statement);
	for (size_t i = 0; i < findings->count && !error; i++) {
		struct finding *finding = &findings->list[i];

		suppress(context, finding->texts[FINDING_RULE], finding->texts[FINDING_PROGRAM], finding->texts[FINDING_ADDRESS], &finding->suppressed);
	}
	findings->callsite = callsite_open(database);
	if (error)
		findings_free(findings);
free_selection:
	free(selection.ids);
	return error;
}

void findings_free(struct findings *findings)
{
	for (size_t i = 0; i < findings->count; i++)
		free_finding(&findings->list[i]);
	free(findings->list);
	callsite_close(findings->callsite);
	*findings = (struct findings){0};
}

size_t findings_count(const struct findings *findings, enum finding_severity mildest)
{
	size_t count = 0;

	for (size_t i = 0; i < findings->count; i++)
		count += !findings->list[i].suppressed && findings->list[i].severity <= mildest;
	return count;
}

static const char *column_text(struct findings *findings, const struct finding *finding, const struct column *column, char *source, size_t size)
{
	switch (column->kind) {
	case COLUMN_TEXT: return finding->texts[column->index];
	case COLUMN_SEVERITY: return finding_severity_names[finding->severity];
	case COLUMN_SUPPRESSED: return finding->suppressed;
	case COLUMN_SOURCE:
		callsite_describe(findings->callsite, finding->numbers[column->index], source, size);
		return *source ? source : NULL;
	default: return NULL;
	}
}

static void print_json(struct findings *findings, FILE *file, const struct finding *finding)
{
	char source[512];

	putc('{', file);
	for (size_t i = 0; i < COLUMNS; i++) {
		const char *text = column_text(findings, finding, &columns[i], source, sizeof source);

		fprintf(file, "%s\"%s\":", i ? "," : "", columns[i].name);
		if (text)
			rows_write_json_string(file, text, strlen(text));
		else if (columns[i].kind == COLUMN_NUMBER && finding->numbers[columns[i].index] != FINDING_NULL)
			fprintf(file, "%lld", (long long)finding->numbers[columns[i].index]);
		else
			fputs("null", file);
	}
	putc('}', file);
}

static void print_csv(struct findings *findings, struct output *output, const struct finding *finding)
{
	FILE *file = output->file;
	char source[512];

	for (size_t i = 0; i < COLUMNS; i++) {
		const char *text = column_text(findings, finding, &columns[i], source, sizeof source);

		if (i)
			putc(',', file);
		if (columns[i].kind == COLUMN_NUMBER && finding->numbers[columns[i].index] != FINDING_NULL)
			fprintf(file, "%lld", (long long)finding->numbers[columns[i].index]);
		if (text)
			rows_write_csv_field(file, text, strlen(text), output->terminal);
	}
	putc('\n', file);
}

void findings_print_rows(struct findings *findings, struct output *output)
{
	FILE *file = output->file;

	if (output->format == OUTPUT_JSON)
		putc('[', file);
	for (size_t i = 0; i < COLUMNS && output->format == OUTPUT_CSV; i++)
		fprintf(file, "%s%s", columns[i].name, i + 1 < COLUMNS ? "," : "\n");
	for (size_t i = 0; i < findings->count && !ferror(file); i++) {
		if (output->format == OUTPUT_CSV) {
			print_csv(findings, output, &findings->list[i]);
			continue;
		}
		if (output->format == OUTPUT_JSON)
			fputs(i ? ",\n" : "\n", file);
		print_json(findings, file, &findings->list[i]);
		if (output->format == OUTPUT_NDJSON)
			putc('\n', file);
	}
	if (output->format == OUTPUT_JSON)
		fputs(findings->count ? "\n]\n" : "]\n", file);
	if (findings->incomplete)
		fputs("socklife: the trace is incomplete: absence of a finding proves nothing; `socklife query 'SELECT * FROM gap'` says what is missing\n", stderr);
	if (findings->without_calls)
		fputs("socklife: recorded with --detail=sockets: some rules see less; `socklife check` names them\n", stderr);
}

/* Text as XML 1.0 takes it: control characters other than tab and newline have no place there, not even escaped. */
static void print_xml(FILE *file, const char *text)
{
	while (text && *text) {
		uint32_t code;
		int length = text_decode(text, strlen(text), &code);

		if (length <= 0 || (code < 0x20 && code != '\t' && code != '\n') || code == 0xfffe || code == 0xffff)
			fputs("\xef\xbf\xbd", file);
		else if (*text == '<')
			fputs("&lt;", file);
		else if (*text == '>')
			fputs("&gt;", file);
		else if (*text == '&')
			fputs("&amp;", file);
		else if (*text == '"')
			fputs("&quot;", file);
		else
			fwrite(text, 1, (size_t)length, file);
		text += length > 0 ? length : 1;
	}
}

static void print_junit_case(struct findings *findings, FILE *file, const struct finding *finding, enum finding_severity fails_from)
{
	const char *rule = finding->texts[FINDING_RULE];
	char source[512];

	callsite_describe(findings->callsite, finding->numbers[NUMBER_CALLER], source, sizeof source);
	fprintf(file, "    <testcase classname=\"socklife.%s\" name=\"", rule);
	if (finding->numbers[NUMBER_SOCKET] != FINDING_NULL)
		fprintf(file, "s%lld ", (long long)finding->numbers[NUMBER_SOCKET]);
	print_xml(file, finding->texts[FINDING_PROGRAM]);
	fputs("\">", file);
	if (finding->suppressed) {
		fputs("<skipped message=\"", file);
		print_xml(file, finding->suppressed);
		fputs("\"/>", file);
	} else if (finding->severity <= fails_from) {
		fprintf(file, "<failure type=\"%s\" message=\"", rule);
		print_xml(file, finding->texts[FINDING_MESSAGE]);
		fputs("\">", file);
		print_xml(file, source);
		fputs("</failure>", file);
	} else {
		fputs("<system-out>", file);
		print_xml(file, finding->texts[FINDING_MESSAGE]);
		fputs("</system-out>", file);
	}
	fputs("</testcase>\n", file);
}

static void print_junit_clean(FILE *file, size_t rule, int without_calls)
{
	fprintf(file, "    <testcase classname=\"socklife.%s\" name=\"nothing found\"", schema_sql_problem_files[rule].rule);
	if (without_calls && schema_sql_problem_files[rule].without_calls)
		fprintf(file, "><system-out>Recorded with --detail=sockets it %s.</system-out></testcase>\n", schema_sql_problem_files[rule].without_calls);
	else
		fputs("/>\n", file);
}

static size_t count_of_rule(const struct findings *findings, const char *rule)
{
	size_t count = 0;

	for (size_t i = 0; i < findings->count; i++)
		count += !strcmp(findings->list[i].texts[FINDING_RULE], rule);
	return count;
}

/* One test case per finding, one for each rule that found nothing, one for the trace being whole, and one for a filter that matches nothing. */
void findings_print_junit(struct findings *findings, struct output *output, enum finding_severity fails_from)
{
	size_t suppressed = 0, clean = 0;
	FILE *file = output->file;

	for (size_t i = 0; i < findings->count; i++)
		suppressed += findings->list[i].suppressed != NULL;
	for (size_t i = 0; schema_sql_problem_files[i].name; i++)
		clean += count_of_rule(findings, schema_sql_problem_files[i].rule) == 0;
	fprintf(file, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n  <testsuite name=\"socklife check\" tests=\"%zu\" failures=\"%zu\" errors=\"%d\" skipped=\"%zu\">\n",
		findings->count + clean + 1 + (size_t)findings->unselected, findings_count(findings, fails_from), findings->incomplete + findings->unselected, suppressed);
	fputs("    <testcase classname=\"socklife\" name=\"the trace is complete\">", file);
	if (findings->incomplete)
		fputs("<error message=\"calls are missing from the trace, or it is still being recorded\"/>", file);
	fputs("</testcase>\n", file);
	if (findings->unselected)
		fputs("    <testcase classname=\"socklife\" name=\"the filter matches a socket\"><error message=\"none does: nothing was checked\"/></testcase>\n", file);
	for (size_t i = 0; schema_sql_problem_files[i].name; i++)
		if (!count_of_rule(findings, schema_sql_problem_files[i].rule))
			print_junit_clean(file, i, findings->without_calls);
	for (size_t i = 0; i < findings->count; i++)
		print_junit_case(findings, file, &findings->list[i], fails_from);
	fputs("  </testsuite>\n</testsuites>\n", file);
}
