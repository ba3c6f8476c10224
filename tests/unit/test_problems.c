/*
 * test_problems.c: the rules of `check`, and pairing, against traces written by hand: tests/problems/<rule>.sql. Each file
 * holds cases; each case stands on tests/problems/prelude.sql (two processes, a few addresses) and says what must be found:
 *
 *	-- case: a client is refused because nobody listens
 *	-- expect: REFUSED s1 error          one line per finding, in any order; `none`: nothing at all
 *	-- says: nobody listened             optional: some message must contain this
 *	INSERT INTO socket …;
 *
 * `-- pair` runs pairing before; `-- query: SELECT …` with `-- gives: a|b;c|d` compares a query's rows instead. Findings of
 * other rules are part of the expectation, so that no rule can cry wolf at another's case. Prints TAP. Proves first that it
 * can fail: a case with a wrong expectation must not pass.
 */
#include <glob.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collector/pairing.h"
#include "collector/schema.h"
#include "schema_sql.h"

#define TEXT_BYTES 16384

struct test {
	char title[256];
	char expect[2048], says[512], query[2048], gives[2048];
	char sql[TEXT_BYTES * 4];
	bool pair;
};

static int test_number, failures;

static void append(char *text, size_t size, const char *format, ...)
{
	size_t length = strlen(text);
	va_list list;

	va_start(list, format);
	vsnprintf(text + length, size - length, format, list);
	va_end(list);
}

static char *read_file(const char *path)
{
	FILE *file = fopen(path, "r");
	char *text = calloc(1, 1 << 20);

	if (!file || !text || fread(text, 1, (1 << 20) - 1, file) == 0) {
		printf("Bail out! cannot read %s\n", path);
		exit(1);
	}
	fclose(file);
	return text;
}

/* The rows of a query as "a|b;c|d". */
static void run_statement(sqlite3_stmt *statement, const char *row_end, char *result, size_t size)
{
	result[0] = 0;
	while (sqlite3_step(statement) == SQLITE_ROW) {
		if (result[0])
			append(result, size, "%s", row_end);
		for (int i = 0; i < sqlite3_column_count(statement); i++)
			append(result, size, "%s%s", i ? "|" : "", sqlite3_column_type(statement, i) == SQLITE_NULL ? "NULL" : (const char *)sqlite3_column_text(statement, i));
	}
	sqlite3_reset(statement);
}

/* The same of a text; an error as text. */
static void run_query(sqlite3 *db, const char *sql, const char *row_end, char *result, size_t size)
{
	sqlite3_stmt *statement;

	if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) != SQLITE_OK) {
		snprintf(result, size, "%s", sqlite3_errmsg(db));
		return;
	}
	run_statement(statement, row_end, result, size);
	sqlite3_finalize(statement);
}

/* Of what all cases ask: to prepare all rules takes longer than a case. */
static void run_kept(sqlite3 *db, sqlite3_stmt **kept, const char *sql, char *result, size_t size)
{
	if (!*kept && sqlite3_prepare_v2(db, sql, -1, kept, NULL) != SQLITE_OK) {
		printf("Bail out! %s: %s\n", sql, sqlite3_errmsg(db));
		exit(1);
	}
	run_statement(*kept, "\n", result, size);
}

static int compare_lines(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void sort_lines(const char *text, char *sorted, size_t size)
{
	char *copy = strdup(text), *lines[256], *save;
	size_t count = 0;

	for (char *line = strtok_r(copy, "\n", &save); line && count < 256; line = strtok_r(NULL, "\n", &save))
		lines[count++] = line;
	qsort(lines, count, sizeof *lines, compare_lines);
	sorted[0] = 0;
	for (size_t i = 0; i < count; i++)
		append(sorted, size, "%s%s", i ? "\n" : "", lines[i]);
	free(copy);
}

/* The rules that have a suspect must find what all rules find. */
static void compare_suspected(sqlite3 *db, char *complaint, size_t size)
{
	static sqlite3_stmt *found, *texts;
	char select[TEXT_BYTES], all[TEXT_BYTES], suspected[TEXT_BYTES];

	run_kept(db, &texts, schema_sql_suspected_problems, select, sizeof select);
	run_query(db, select, "\n", suspected, sizeof suspected);
	run_kept(db, &found, "SELECT * FROM found_problem", all, sizeof all);
	if (strcmp(all, suspected))
		append(complaint, size, "all rules find:\n%s\nthose with a suspect:\n%s\n", all, suspected);
}

/* Runs one case; writes what is wrong into `complaint`, nothing when all is well. */
static void run_test(sqlite3 *db, const struct test *test, char *complaint, size_t size)
{
	static sqlite3_stmt *with_messages, *without_messages;
	char found[TEXT_BYTES], messages[TEXT_BYTES] = "", expected[TEXT_BYTES], sorted[TEXT_BYTES], *error = NULL;

	complaint[0] = 0;
	sqlite3_exec(db, "SAVEPOINT test", NULL, NULL, NULL);
	if (sqlite3_exec(db, test->sql, NULL, NULL, &error) != SQLITE_OK)
		append(complaint, size, "the fixture is wrong: %s\n", error);
	sqlite3_free(error);
	if (test->pair && pairing_run(db) != 0)
		append(complaint, size, "pairing failed: %s\n", sqlite3_errmsg(db));
	if (!test->query[0] || test->says[0])
		run_kept(db, &with_messages, "SELECT rule || ' ' || coalesce('s' || socket_id, '-') || ' ' || severity || ': ' || coalesce(message, 'NO MESSAGE') FROM problem", messages, sizeof messages);
	if (test->query[0]) {
		run_query(db, test->query, ";", found, sizeof found);
		if (strcmp(found, test->gives))
			append(complaint, size, "expected: %s\nfound:    %s\n", test->gives, found);
	} else {
		run_kept(db, &without_messages, "SELECT rule || ' ' || coalesce('s' || socket_id, '-') || ' ' || severity FROM problem", found, sizeof found);
		sort_lines(found[0] ? found : "none", sorted, sizeof sorted);
		sort_lines(test->expect, expected, sizeof expected);
		if (strcmp(sorted, expected))
			append(complaint, size, "expected:\n%s\nfound:\n%s\n", expected, messages[0] ? messages : "none");
	}
	if (test->says[0] && !strstr(messages, test->says))
		append(complaint, size, "no message says: %s\nfound:\n%s\n", test->says, messages);
	if (strstr(messages, "NO MESSAGE"))
		append(complaint, size, "a finding has no message:\n%s\n", messages);
	compare_suspected(db, complaint, size);
	sqlite3_exec(db, "ROLLBACK TO test; RELEASE test", NULL, NULL, NULL);
}

static void report(const char *name, const char *complaint)
{
	char *copy = strdup(complaint), *save;

	test_number++;
	failures += complaint[0] != 0;
	printf("%sok %d - %s\n", complaint[0] ? "not " : "", test_number, name);
	for (char *line = strtok_r(copy, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
		printf("# %s\n", line);
	free(copy);
}

static bool take(const char *line, const char *key, char *value, size_t size)
{
	size_t length = strlen(key);

	if (strncmp(line, key, length))
		return false;
	append(value, size, "%s%s", value[0] ? "\n" : "", line + length);
	return true;
}

static void finish_case(sqlite3 *db, const char *file, struct test *test)
{
	char complaint[TEXT_BYTES], name[512];

	if (!test->title[0])
		return;
	run_test(db, test, complaint, sizeof complaint);
	if (!test->expect[0] && !test->query[0])
		append(complaint, sizeof complaint, "the case expects nothing: write `-- expect: none`\n");
	snprintf(name, sizeof name, "%s: %s", file, test->title);
	report(name, complaint);
}

static void run_file(sqlite3 *db, const char *path)
{
	static struct test test;
	char *text = read_file(path), *save;
	const char *file = strrchr(path, '/') + 1;

	memset(&test, 0, sizeof test);
	for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		char title[256] = "";

		if (take(line, "-- case: ", title, sizeof title)) {
			finish_case(db, file, &test);
			memset(&test, 0, sizeof test);
			strcpy(test.title, title);
		} else if (!take(line, "-- expect: ", test.expect, sizeof test.expect) && !take(line, "-- says: ", test.says, sizeof test.says)
			&& !take(line, "-- query: ", test.query, sizeof test.query) && !take(line, "-- gives: ", test.gives, sizeof test.gives)) {
			if (!strcmp(line, "-- pair"))
				test.pair = true;
			else
				append(test.sql, sizeof test.sql, "%s\n", line);
		}
	}
	finish_case(db, file, &test);
	free(text);
}

/* A harness that cannot fail proves nothing. */
static void prove_failure(sqlite3 *db)
{
	static struct test test = {.title = "wrong", .expect = "LEAK s1 error"};
	char complaint[TEXT_BYTES];

	run_test(db, &test, complaint, sizeof complaint);
	report("a wrong expectation is noticed", complaint[0] ? "" : "it was not");
	strcpy(test.sql, "INSERT INTO no_such_table VALUES (1);");
	strcpy(test.expect, "none");
	run_test(db, &test, complaint, sizeof complaint);
	report("a broken fixture is noticed", complaint[0] ? "" : "it was not");
}

static void check_rules_covered(sqlite3 *db)
{
	sqlite3_stmt *statement;

	sqlite3_prepare_v2(db, "SELECT lower(name) FROM rule", -1, &statement, NULL);
	while (sqlite3_step(statement) == SQLITE_ROW) {
		char path[256], name[256];
		FILE *file;

		snprintf(path, sizeof path, "tests/problems/%s.sql", sqlite3_column_text(statement, 0));
		snprintf(name, sizeof name, "rule %s has cases", sqlite3_column_text(statement, 0));
		file = fopen(path, "r");
		report(name, file ? "" : "no file of cases");
		if (file)
			fclose(file);
	}
	sqlite3_finalize(statement);
}

int main(int argc, char **argv)
{
	sqlite3 *db;
	char *prelude = read_file("tests/problems/prelude.sql"), *error = NULL;
	glob_t paths;

	if (sqlite3_open(":memory:", &db) != SQLITE_OK || schema_create(db) != 0 || schema_read_views(db) != 0 || sqlite3_exec(db, prelude, NULL, NULL, &error) != SQLITE_OK) {
		printf("Bail out! no database: %s\n", error ? error : sqlite3_errmsg(db));
		return 1;
	}
	prove_failure(db);
	check_rules_covered(db);
	if (argc > 1)
		for (int i = 1; i < argc; i++)
			run_file(db, argv[i]);
	else if (glob("tests/problems/*.sql", 0, NULL, &paths) == 0) {
		for (size_t i = 0; i < paths.gl_pathc; i++)
			if (!strstr(paths.gl_pathv[i], "prelude.sql"))
				run_file(db, paths.gl_pathv[i]);
		globfree(&paths);
	}
	printf("1..%d\n", test_number);
	sqlite3_close(db);
	free(prelude);
	return failures != 0;
}
