/*
 * fuzz_database.c: a database with bytes changed is opened and looked at: refused or read, never trusted. The input is a list of changes to a good
 * one: 3 bytes of position, 1 of value; what is longer than the list replaces the file's head.
 */
#include "tests/fuzz/fuzz.h"
#include "collector/schema.h"
#include "schema/version.h"
#include "viewer/database.h"

static char path[128];
static unsigned char *good;
static sqlite3_int64 good_size;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	static const char *const content = "INSERT INTO meta VALUES ('state', 'complete'), ('end_ns', 5000);"
		"INSERT INTO process (process_id, pid, program, started_ns, start_cause) VALUES (1, 10, 'x', 0, 'start');"
		"INSERT INTO thread VALUES (1, 1, 10, 'x'); INSERT INTO address VALUES (1, 2, '127.0.0.1:1', '127.0.0.1', 1, x'00');"
		"INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, local_id, opened_ns) VALUES (1, 2, 1, 6, 'socket', 1, 3, 1, 10);"
		"INSERT INTO call (socket_id, start_ns, sequence, thread_id, call_kind_id, fd, duration_ns, result) VALUES (1, 10, 0, 1, 1, NULL, 5, 3);";
	char pragma[128];
	sqlite3 *db;

	fuzz_begin();
	snprintf(path, sizeof(path), "%s/t.db", fuzz_directory);
	snprintf(pragma, sizeof(pragma), "PRAGMA application_id = %d; PRAGMA user_version = %d;", SCHEMA_APPLICATION_ID, SCHEMA_VERSION);
	if (sqlite3_open(":memory:", &db) != SQLITE_OK || schema_create(db) || schema_read_views(db) || sqlite3_exec(db, pragma, NULL, NULL, NULL) != SQLITE_OK ||
	    sqlite3_exec(db, content, NULL, NULL, NULL) != SQLITE_OK)
		abort();
	good = sqlite3_serialize(db, "main", &good_size, 0);
	sqlite3_close(db);
	return good ? 0 : 1;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const questions[] = { "SELECT * FROM lifecycle", "SELECT * FROM timeline", "SELECT * FROM connection", "SELECT * FROM gap" };
	unsigned char *copy = malloc((size_t)good_size);
	struct database database;

	if (!copy)
		return 0;
	memcpy(copy, good, (size_t)good_size);
	for (size_t at = 0; at + 4 <= size && at < 64; at += 4)
		copy[(data[at] | data[at + 1] << 8 | data[at + 2] << 16) % good_size] = data[at + 3];
	if (size > 64)
		memcpy(copy, data + 64, size - 64 < (size_t)good_size ? size - 64 : (size_t)good_size);
	fuzz_write(path, copy, (size_t)good_size);
	free(copy);
	if (database_open(&database, path, "ls") == 0) {
		for (unsigned i = 0; i < sizeof(questions) / sizeof(*questions); i++) {
			sqlite3_stmt *statement = database_prepare(&database, questions[i]);

			for (int rows = 0; statement && rows < 100 && database_step(&database, statement) == 1; rows++)
				continue;
			sqlite3_finalize(statement);
		}
		database_close(&database);
	}
	unlink(path);
	return 0;
}
