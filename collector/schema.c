/*
 * schema.c: turns the SQL files of schema/, embedded at build, into a database: tables, then views, among them problem_<rule> for each
 * file of schema/problems/ and found_problem over all of them, and the rows that never change.
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

/* Adds the text of a view or trigger, without a semicolon, to the file. */
static int add_text(sqlite3_stmt *statement, const char *type, const char *name, const char *table, const char *sql)
{
	size_t length = strlen(sql);
	int code;

	while (length && strchr("; \n", sql[length - 1]))
		length--;
	sqlite3_bind_text(statement, 1, type, -1, SQLITE_STATIC);
	sqlite3_bind_text(statement, 2, name, -1, SQLITE_STATIC);
	sqlite3_bind_text(statement, 3, table, -1, SQLITE_STATIC);
	sqlite3_bind_text(statement, 4, sql, (int)length, SQLITE_STATIC);
	code = sqlite3_step(statement);
	sqlite3_reset(statement);
	return code == SQLITE_DONE ? SQLITE_OK : code;
}

static int add_formatted_view(sqlite3_stmt *statement, const char *name_format, const char *name, const char *sql)
{
	char *view = sqlite3_mprintf(name_format, name), *text = sqlite3_mprintf("CREATE VIEW %s AS\n%s", view, sql);
	int code = view && text ? add_text(statement, "view", view, view, text) : SQLITE_NOMEM;

	sqlite3_free(view);
	sqlite3_free(text);
	return code;
}

/* problem_<rule> for each rule, and found_problem: all of them; view `problem` of views.sql puts names to it. */
static int add_problem_views(sqlite3 *db, sqlite3_stmt *statement)
{
	sqlite3_str *all = sqlite3_str_new(db);
	char *sql;
	int code = SQLITE_OK;

	for (size_t i = 0; schema_sql_problem_files[i].name && code == SQLITE_OK; i++) {
		code = add_formatted_view(statement, "problem_%s", schema_sql_problem_files[i].name, schema_sql_problem_files[i].sql);
		sqlite3_str_appendf(all, "%s SELECT '%s' AS rule, * FROM problem_%s", i ? " UNION ALL" : "", schema_sql_problem_files[i].rule,
			schema_sql_problem_files[i].name);
	}
	sql = sqlite3_str_finish(all);
	if (code == SQLITE_OK)
		code = sql ? add_formatted_view(statement, "%s", "found_problem", sql) : SQLITE_NOMEM;
	sqlite3_free(sql);
	return code;
}

/*
 * Views go into the file as the texts that CREATE VIEW would put there (sqlite.org/fileformat2.html#storage_of_the_sql_database_schema), but are not parsed: that is
 * for who reads them, and was two thirds of what a short trace cost.
 */
static int add_views(sqlite3 *db)
{
	sqlite3_stmt *statement = NULL;
	int code = sqlite3_exec(db, "PRAGMA writable_schema = ON", NULL, NULL, NULL);

	if (code == SQLITE_OK)
		code = sqlite3_prepare_v2(db, "INSERT INTO sqlite_schema (type, name, tbl_name, rootpage, sql) VALUES (?1, ?2, ?3, 0, ?4)", -1, &statement, NULL);
	for (size_t i = 0; schema_sql_view_table[i].name && code == SQLITE_OK; i++)
		code = add_text(statement, schema_sql_view_table[i].type, schema_sql_view_table[i].name, schema_sql_view_table[i].table, schema_sql_view_table[i].sql);
	if (code == SQLITE_OK)
		code = add_problem_views(db, statement);
	sqlite3_finalize(statement);
	sqlite3_exec(db, "PRAGMA writable_schema = OFF", NULL, NULL, NULL);
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
		code = add_views(db);
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

int schema_read_views(sqlite3 *db)
{
	return translate(sqlite3_exec(db, "PRAGMA writable_schema = RESET", NULL, NULL, NULL));
}
