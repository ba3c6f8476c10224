/* suspects.c: see suspects.h. Temporary views hide those of the file; their text is our own, since a temporary view may do what one of the file may not. */
#include "viewer/suspects.h"

#include <string.h>

#include "schema_sql.h"

static char *suspected_problems(struct database *database)
{
	sqlite3_stmt *statement = NULL;
	char *text = NULL;

	if (sqlite3_prepare_v2(database->handle, schema_sql_suspected_problems, -1, &statement, NULL) == SQLITE_OK && sqlite3_step(statement) == SQLITE_ROW)
		text = sqlite3_mprintf(" AS %s", sqlite3_column_text(statement, 0));
	sqlite3_finalize(statement);
	return text;
}

static const char *definition_of(const char *view)
{
	size_t i = 0;

	while (strcmp(schema_sql_view_table[i].name, view))
		i++;
	return strstr(schema_sql_view_table[i].sql, " AS");
}

static int make_view(struct database *database, const char *name, const char *definition)
{
	char *sql = sqlite3_mprintf("CREATE TEMP VIEW %s%s", name, definition);
	int made = sql && sqlite3_exec(database->handle, sql, NULL, NULL, NULL) == SQLITE_OK;

	sqlite3_free(sql);
	return made;
}

void suspects_only(struct database *database)
{
	char *found;

	if (database_integer(database, "SELECT count(*) FROM sqlite_schema WHERE type = 'view' AND name IN ('problem', 'found_problem')", 0) != 2 ||
	    database_integer(database, "SELECT count(*) FROM sqlite_temp_schema WHERE name = 'problem'", 1) != 0)
		return;
	found = suspected_problems(database);
	/* Reading only forbids temporary views as well. */
	if (found && sqlite3_exec(database->handle, "PRAGMA query_only = OFF", NULL, NULL, NULL) == SQLITE_OK) {
		if (make_view(database, "found_problem", found))
			make_view(database, "problem", definition_of("problem"));
		sqlite3_exec(database->handle, "PRAGMA query_only = ON", NULL, NULL, NULL);
	}
	sqlite3_free(found);
}
