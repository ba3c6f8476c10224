/*
 * materialise.c: see materialise.h. A view is read into a temporary table, dropped, and made anew as a table; its text is kept in the table
 * `materialised`, so that it can come back. Readers see no difference but the time it takes, since the names and columns are the same.
 *
 * Invariant: a name is in `materialised` if and only if it is a table.
 */
#include "collector/materialise.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "collector/schema.h"
#include "schema/begun.h"
#include "schema_sql.h"

/* Below both of these the views answer within a few milliseconds. */
#define SOCKETS_LEAST 1000
#define CALLS_LEAST 100000

#define OPENED_INDEX "socket_opened" /* for who asks for the latest */

/* In an order in which each reads what is still a view, or a table already. */
static const struct {
	const char *name, *index; /* what readers ask by; NULL: they read it as a whole */
} views[] = {
	{"found_problem", "found_problem (socket_id)"},
	{"listener", "listener (socket_id)"},
	{"accepted_group", "accepted_group (listener_id)"},
	{"outgoing", NULL},
	{"family", NULL},
};
#define VIEWS (sizeof views / sizeof *views)

static int translate(int code)
{
	return code == SQLITE_OK ? 0 : code == SQLITE_NOMEM ? -ENOMEM : -EIO;
}

static int execute(sqlite3 *db, const char *format, const char *name, const char *other)
{
	char *sql = sqlite3_mprintf(format, name, other);
	int code = sql ? sqlite3_exec(db, sql, NULL, NULL, NULL) : SQLITE_NOMEM;

	sqlite3_free(sql);
	return code;
}

static int64_t number_of(sqlite3 *db, const char *sql)
{
	sqlite3_stmt *statement;
	int64_t value = 0;

	if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) == SQLITE_OK && sqlite3_step(statement) == SQLITE_ROW)
		value = sqlite3_column_int64(statement, 0);
	sqlite3_finalize(statement);
	return value;
}

static int is_large(sqlite3 *db)
{
	return number_of(db, "SELECT value FROM meta WHERE key = 'sockets'") >= SOCKETS_LEAST ||
		number_of(db, "SELECT value FROM meta WHERE key = 'calls'") >= CALLS_LEAST;
}

/* A database of an earlier version has no place for the texts, and stays as it is. */
static int has_place(sqlite3 *db)
{
	return number_of(db, "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = 'materialised'") == 1;
}

/* Its rules take long to prepare: only those that may find something. */
static int keep_problems(sqlite3 *db)
{
	sqlite3_stmt *statement;
	int code = sqlite3_prepare_v2(db, schema_sql_suspected_problems, -1, &statement, NULL);

	if (code == SQLITE_OK)
		code = sqlite3_step(statement) == SQLITE_ROW ? execute(db, "CREATE TEMP TABLE kept AS %s", (const char *)sqlite3_column_text(statement, 0), NULL) : sqlite3_errcode(db);
	sqlite3_finalize(statement);
	return code;
}

static int make_table(sqlite3 *db, size_t i)
{
	int code = execute(db, "INSERT INTO materialised SELECT name, sql FROM sqlite_schema WHERE type = 'view' AND name = %Q", views[i].name, NULL);

	if (code != SQLITE_OK || sqlite3_changes(db) == 0)
		return code;
	code = strcmp(views[i].name, "found_problem") ? execute(db, "CREATE TEMP TABLE kept AS SELECT * FROM main.%s", views[i].name, NULL) : keep_problems(db);
	if (code != SQLITE_OK ||
		(code = execute(db, "DROP VIEW main.%s", views[i].name, NULL)) != SQLITE_OK ||
		(code = execute(db, "CREATE TABLE main.%s AS SELECT * FROM temp.kept", views[i].name, NULL)) != SQLITE_OK ||
		(code = execute(db, "DROP TABLE temp.kept", NULL, NULL)) != SQLITE_OK)
		return code;
	if (views[i].index)
		code = execute(db, "CREATE INDEX main.%s_asked ON %s", views[i].name, views[i].index);
	return code;
}

int materialise_run(sqlite3 *db)
{
	int code = SQLITE_OK;

	if (!is_large(db) || !has_place(db))
		return 0;
	if (schema_read_views(db) < 0)
		return -EIO;
	for (size_t i = 0; i < VIEWS && code == SQLITE_OK; i++)
		code = make_table(db, i);
	if (code == SQLITE_OK)
		code = execute(db, "CREATE INDEX main.%s ON socket (%s, socket_id, closed_ns)", SOCKET_BEGUN_INDEX, SOCKET_BEGUN_NS);
	if (code == SQLITE_OK)
		code = execute(db, "CREATE INDEX main.%s ON socket (opened_ns)", OPENED_INDEX, NULL);
	return translate(code);
}

/* The text comes from the file: one statement of it is run, and only one that makes a view. */
static int make_view(sqlite3 *db, const char *name, const char *definition)
{
	static const char start[] = "CREATE VIEW ";
	sqlite3_stmt *statement = NULL;
	int code;

	if (!definition || strncmp(definition, start, sizeof start - 1) != 0)
		return SQLITE_OK;
	code = execute(db, "DROP TABLE IF EXISTS main.%s", name, NULL);
	if (code == SQLITE_OK)
		code = sqlite3_prepare_v2(db, definition, -1, &statement, NULL);
	if (code == SQLITE_OK && sqlite3_step(statement) != SQLITE_DONE)
		code = sqlite3_errcode(db);
	sqlite3_finalize(statement);
	if (code == SQLITE_OK)
		code = execute(db, "DELETE FROM materialised WHERE name = %Q", name, NULL);
	return code;
}

int materialise_undo(sqlite3 *db)
{
	int code;

	if (!has_place(db))
		return 0;
	code = execute(db, "DROP INDEX IF EXISTS main.%s", SOCKET_BEGUN_INDEX, NULL);
	if (code == SQLITE_OK)
		code = execute(db, "DROP INDEX IF EXISTS main.%s", OPENED_INDEX, NULL);
	for (size_t i = 0; i < VIEWS && code == SQLITE_OK; i++) {
		sqlite3_stmt *statement = NULL;
		char *definition = NULL;

		code = sqlite3_prepare_v2(db, "SELECT definition FROM materialised WHERE name = ?", -1, &statement, NULL);
		if (code != SQLITE_OK)
			break;
		sqlite3_bind_text(statement, 1, views[i].name, -1, SQLITE_STATIC);
		if (sqlite3_step(statement) == SQLITE_ROW)
			definition = sqlite3_mprintf("%s", sqlite3_column_text(statement, 0));
		sqlite3_finalize(statement);
		code = make_view(db, views[i].name, definition);
		sqlite3_free(definition);
	}
	return translate(code);
}
