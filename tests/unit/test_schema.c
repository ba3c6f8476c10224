/* test_schema.c: views and triggers are put into a new database as texts; they must be just what CREATE VIEW and CREATE TRIGGER would have put there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#include "collector/schema.h"

static sqlite3 *open_created(void)
{
	sqlite3 *db;

	assert_int_equal(sqlite3_open(":memory:", &db), SQLITE_OK);
	assert_int_equal(schema_create(db), 0);
	return db;
}

/* Copies what is in the schema into another database as statements, and compares what that one then says of it. */
static void texts_are_as_sqlite_stores_them(void **state)
{
	static const char texts[] = "SELECT type, name, tbl_name, rootpage, sql FROM sqlite_schema WHERE sql IS NOT NULL AND type IN ('table', 'view', 'trigger') ORDER BY rowid";
	sqlite3 *db = open_created(), *other;
	sqlite3_stmt *ours, *theirs;
	int views = 0, triggers = 0;

	assert_int_equal(sqlite3_open(":memory:", &other), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, texts, -1, &ours, NULL), SQLITE_OK);
	while (sqlite3_step(ours) == SQLITE_ROW)
		assert_int_equal(sqlite3_exec(other, (const char *)sqlite3_column_text(ours, 4), NULL, NULL, NULL), SQLITE_OK);
	sqlite3_reset(ours);
	assert_int_equal(sqlite3_prepare_v2(other, texts, -1, &theirs, NULL), SQLITE_OK);
	while (sqlite3_step(ours) == SQLITE_ROW) {
		assert_int_equal(sqlite3_step(theirs), SQLITE_ROW);
		for (int i = 0; i < 5; i++)
			if (i != 3 || strcmp((const char *)sqlite3_column_text(ours, 0), "table"))
				assert_string_equal((const char *)sqlite3_column_text(ours, i), (const char *)sqlite3_column_text(theirs, i));
		views += !strcmp((const char *)sqlite3_column_text(ours, 0), "view");
		triggers += !strcmp((const char *)sqlite3_column_text(ours, 0), "trigger");
	}
	assert_int_equal(sqlite3_step(theirs), SQLITE_DONE);
	assert_in_range(views, 30, 1000);
	assert_int_equal(triggers, 2);
	sqlite3_finalize(ours);
	sqlite3_finalize(theirs);
	sqlite3_close(db);
	sqlite3_close(other);
}

static void views_are_known_after_reading_them(void **state)
{
	sqlite3 *db = open_created();
	sqlite3_stmt *names, *view;
	char sql[128];

	assert_int_equal(sqlite3_exec(db, "SELECT * FROM lifecycle", NULL, NULL, NULL), SQLITE_ERROR);
	assert_int_equal(schema_read_views(db), 0);
	assert_int_equal(sqlite3_prepare_v2(db, "SELECT name FROM sqlite_schema WHERE type = 'view'", -1, &names, NULL), SQLITE_OK);
	while (sqlite3_step(names) == SQLITE_ROW) {
		snprintf(sql, sizeof sql, "SELECT * FROM %s", (const char *)sqlite3_column_text(names, 0));
		assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &view, NULL), SQLITE_OK);
		sqlite3_finalize(view);
	}
	sqlite3_finalize(names);
	sqlite3_close(db);
}

static void a_schema_is_made_once(void **state)
{
	sqlite3 *db = open_created();

	assert_int_not_equal(schema_create(db), 0);
	assert_int_equal(schema_read_views(db), 0);
	assert_int_equal(sqlite3_exec(db, "SELECT * FROM lifecycle", NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts_are_as_sqlite_stores_them),
		cmocka_unit_test(views_are_known_after_reading_them),
		cmocka_unit_test(a_schema_is_made_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
