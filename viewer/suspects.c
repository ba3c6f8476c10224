/* suspects.c: see suspects.h. Temporary views hide those of the file. */
#include "viewer/suspects.h"

#include <string.h>

#include "schema/suspected.h"

static char *text_of(struct database *database, const char *sql)
{
	sqlite3_stmt *statement = NULL;
	char *text = NULL;

	if (sqlite3_prepare_v2(database->handle, sql, -1, &statement, NULL) == SQLITE_OK && sqlite3_step(statement) == SQLITE_ROW && sqlite3_column_text(statement, 0))
		text = sqlite3_mprintf("%s", sqlite3_column_text(statement, 0));
	sqlite3_finalize(statement);
	return text;
}

/* Only the first statement of the text, which the file may have made up, and only as a view. */
static int make_view(struct database *database, const char *name, const char *select)
{
	char *sql = sqlite3_mprintf("CREATE TEMP VIEW %s AS %s", name, select);
	sqlite3_stmt *statement = NULL;
	int made = sql && sqlite3_prepare_v2(database->handle, sql, -1, &statement, NULL) == SQLITE_OK && sqlite3_step(statement) == SQLITE_DONE;

	sqlite3_finalize(statement);
	sqlite3_free(sql);
	return made;
}

void suspects_only(struct database *database)
{
	static const char start[] = "CREATE VIEW problem AS";
	char *found, *problem;

	if (database_integer(database, "SELECT count(*) FROM sqlite_schema WHERE type = 'view' AND name IN ('problem', 'found_problem', 'suspected_rule')", 0) != 3 ||
	    database_integer(database, "SELECT count(*) FROM sqlite_temp_schema WHERE name = 'problem'", 1) != 0)
		return;
	found = text_of(database, SUSPECTED_PROBLEMS_SQL);
	problem = text_of(database, "SELECT sql FROM sqlite_schema WHERE name = 'problem'");
	/* Reading only forbids temporary views as well. */
	if (found && problem && !strncmp(problem, start, sizeof start - 1) && sqlite3_exec(database->handle, "PRAGMA query_only = OFF", NULL, NULL, NULL) == SQLITE_OK) {
		if (make_view(database, "found_problem", found))
			make_view(database, "problem", problem + sizeof start - 1);
		sqlite3_exec(database->handle, "PRAGMA query_only = ON", NULL, NULL, NULL);
	}
	sqlite3_free(found);
	sqlite3_free(problem);
}
