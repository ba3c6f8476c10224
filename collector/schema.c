/*
 * schema.c: turns the SQL files of schema/, embedded at build, into a database: tables, then views, then one view
 * problem_<rule> for each file of schema/problems/, the view `problem` over all of them, and the rows that never change.
 */
#include "collector/schema.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "collector/constant.h"
#include "schema/spool.h"
#include "schema_sql.h"

static const struct {
	int number;
	const char *name;
	enum call_effect effect;
} call_kinds[] = {
#define CALL(number, name, effect, ...) {number, #name, effect},
#define CALL_BY_HAND(number, name, effect, ...) {number, #name, effect},
#include "schema/calls.def"
};

static const char *const effect_names[] = {
	[EFFECT_NONE] = "none", [EFFECT_CREATE] = "create", [EFFECT_PAIR] = "pair", [EFFECT_BIND] = "bind", [EFFECT_LISTEN] = "listen",
	[EFFECT_ACCEPT] = "accept", [EFFECT_CONNECT] = "connect", [EFFECT_SHUTDOWN] = "shutdown", [EFFECT_CLOSE] = "close",
	[EFFECT_SEND] = "send", [EFFECT_RECEIVE] = "receive", [EFFECT_TRANSFER] = "transfer", [EFFECT_DUPLICATE] = "duplicate",
	[EFFECT_CONTROL] = "control", [EFFECT_OPTION] = "option", [EFFECT_ADDRESS] = "address", [EFFECT_WAIT] = "wait",
	[EFFECT_EPOLL] = "epoll", [EFFECT_PROCESS] = "process", [EFFECT_NAME] = "name",
};

#define COUNT(array) (sizeof(array) / sizeof *(array))

static int translate(int code)
{
	return code == SQLITE_OK ? 0 : code == SQLITE_NOMEM ? -ENOMEM : code == SQLITE_ERROR ? -EEXIST : -EIO;
}

/* Inserts one row of up to four values, given as text; a NULL is a NULL. SQLite converts to a column's type. */
static int insert_row(sqlite3_stmt *statement, const char *const values[4])
{
	int code;

	for (int i = 0; i < sqlite3_bind_parameter_count(statement); i++)
		sqlite3_bind_text(statement, i + 1, values[i], -1, SQLITE_STATIC);
	code = sqlite3_step(statement);
	sqlite3_reset(statement);
	return code == SQLITE_DONE ? SQLITE_OK : code;
}

static int fill(sqlite3 *db, const char *sql, size_t count, void (*row)(size_t index, char number[24], const char *values[4]))
{
	sqlite3_stmt *statement;
	int code = sqlite3_prepare_v2(db, sql, -1, &statement, NULL);

	for (size_t i = 0; i < count && code == SQLITE_OK; i++) {
		const char *values[4] = {0};
		char number[24];

		row(i, number, values);
		code = insert_row(statement, values);
	}
	sqlite3_finalize(statement);
	return code;
}

static void constant_row(size_t i, char number[24], const char *values[4])
{
	const struct constant_row *row = &constant_rows[i];

	snprintf(number, 24, "%lld", (long long)row->number);
	memcpy(values, (const char *[]){row->kind, number, row->name, row->meaning}, 4 * sizeof *values);
}

static void gap_reason_row(size_t i, char number[24], const char *values[4])
{
	const struct constant_gap_reason *row = &constant_gap_reasons[i];

	memcpy(values, (const char *[]){row->reason, row->meaning, row->remedy, row->incomplete ? "1" : "0"}, 4 * sizeof *values);
}

static void call_kind_row(size_t i, char number[24], const char *values[4])
{
	snprintf(number, 24, "%d", call_kinds[i].number);
	memcpy(values, (const char *[]){number, call_kinds[i].name, effect_names[call_kinds[i].effect]}, 3 * sizeof *values);
}

static void rule_row(size_t i, char number[24], const char *values[4])
{
	memcpy(values, (const char *[]){schema_sql_problem_files[i].rule, schema_sql_problem_files[i].severity,
		schema_sql_problem_files[i].explanation, schema_sql_problem_files[i].remedy}, 4 * sizeof *values);
}

static int execute_format(sqlite3 *db, const char *format, const char *a, const char *b)
{
	char *sql = sqlite3_mprintf(format, a, b);
	int code = sql ? sqlite3_exec(db, sql, NULL, NULL, NULL) : SQLITE_NOMEM;

	sqlite3_free(sql);
	return code;
}

/* problem_<rule> for each rule, and found_problem: all of them; view `problem` of views.sql puts names to it. */
static int create_problem_views(sqlite3 *db)
{
	sqlite3_str *all = sqlite3_str_new(db);
	char *sql;
	int code = SQLITE_OK;

	sqlite3_str_appendall(all, "CREATE VIEW found_problem AS");
	for (size_t i = 0; schema_sql_problem_files[i].name && code == SQLITE_OK; i++) {
		code = execute_format(db, "CREATE VIEW problem_%s AS\n%s", schema_sql_problem_files[i].name, schema_sql_problem_files[i].sql);
		sqlite3_str_appendf(all, "%s SELECT '%s' AS rule, * FROM problem_%s", i ? " UNION ALL" : "", schema_sql_problem_files[i].rule,
			schema_sql_problem_files[i].name);
	}
	sql = sqlite3_str_finish(all);
	if (code == SQLITE_OK)
		code = sql ? sqlite3_exec(db, sql, NULL, NULL, NULL) : SQLITE_NOMEM;
	sqlite3_free(sql);
	return code;
}

int schema_create(sqlite3 *db)
{
	size_t rules = 0, constants = 0, reasons = 0;
	int code;

	while (schema_sql_problem_files[rules].name)
		rules++;
	while (constant_rows[constants].name)
		constants++;
	while (constant_gap_reasons[reasons].reason)
		reasons++;
	code = sqlite3_exec(db, "SAVEPOINT schema_create", NULL, NULL, NULL);
	if (code != SQLITE_OK)
		return translate(code);
	code = sqlite3_exec(db, schema_sql_tables, NULL, NULL, NULL);
	if (code == SQLITE_OK)
		code = create_problem_views(db);
	if (code == SQLITE_OK)
		code = sqlite3_exec(db, schema_sql_views, NULL, NULL, NULL);
	if (code == SQLITE_OK)
		code = fill(db, "INSERT INTO constant VALUES (?, ?, ?, ?)", constants, constant_row);
	if (code == SQLITE_OK)
		code = fill(db, "INSERT INTO gap_reason VALUES (?, ?, ?, ?)", reasons, gap_reason_row);
	if (code == SQLITE_OK)
		code = fill(db, "INSERT INTO call_kind VALUES (?, ?, ?)", COUNT(call_kinds), call_kind_row);
	if (code == SQLITE_OK)
		code = fill(db, "INSERT INTO rule VALUES (?, ?, ?, ?)", rules, rule_row);
	if (code != SQLITE_OK)
		sqlite3_exec(db, "ROLLBACK TO schema_create", NULL, NULL, NULL);
	sqlite3_exec(db, "RELEASE schema_create", NULL, NULL, NULL);
	return translate(code);
}
