/* fuzz_filter.c: any words as a filter: an answer or a message, and never SQL of the words' own. The input is split at newlines. */
#include "tests/fuzz/fuzz.h"
#include "collector/schema.h"
#include "viewer/command.h"
#include "viewer/filter.h"

static struct database database;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	fuzz_begin();
	if (sqlite3_open(":memory:", &database.handle) != SQLITE_OK || schema_create(database.handle) || schema_read_views(database.handle))
		abort();
	sqlite3_exec(database.handle, "PRAGMA query_only = 1", NULL, NULL, NULL);
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct command command = { .name = "ls" };
	struct filter filter = { .command = &command };
	char *copy = malloc(size + 1), *rest = copy, *word;
	sqlite3_stmt *statement;
	int good = 1;

	if (!copy)
		return 0;
	memcpy(copy, data, size);
	copy[size] = 0;
	while (good && (word = strsep(&rest, "\n")))
		good = filter_add(&filter, word) == 0;
	if (good) {
		statement = filter_prepare(&filter, &database, "s.socket_id", NULL);
		/* What was taken as a filter is one: but for SQLite's limits nothing is wrong with its SQL. */
		if (!statement && !strstr(sqlite3_errmsg(database.handle), "too large") && !strstr(sqlite3_errmsg(database.handle), "too many"))
			abort();
		if (statement) {
			while (database_step(&database, statement) == 1)
				continue;
			sqlite3_finalize(statement);
		}
		filter_explain_empty(&filter, &database);
	}
	filter_free(&filter);
	free(copy);
	return 0;
}
