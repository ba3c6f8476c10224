/*
 * fuzz_spool.c: a spool of hostile bytes goes the whole way: reader, identity, store. Whatever it holds, the collector ends, and the database that
 * it leaves is sound. Its input: see spool_input.h. A run makes a whole database; fuzz_reader.c runs hundreds of times as often.
 */
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/spool_input.h"
#include "collector/collector.h"

#include <sqlite3.h>

static char database[128], spool_directory[128], spool_path[160];

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	fuzz_begin();
	snprintf(database, sizeof(database), "%s/t.db", fuzz_directory);
	snprintf(spool_directory, sizeof(spool_directory), "%s/t.db.spool", fuzz_directory);
	snprintf(spool_path, sizeof(spool_path), "%s/" SPOOL_NAME, spool_directory);
	return 0;
}

static void check_database(void)
{
	sqlite3 *db;
	sqlite3_stmt *statement;

	if (sqlite3_open_v2(database, &db, SQLITE_OPEN_READONLY, NULL) == SQLITE_OK &&
	    sqlite3_prepare_v2(db, "SELECT (SELECT integrity_check FROM pragma_integrity_check), (SELECT count(detail) FROM timeline), (SELECT count(state) FROM lifecycle)", -1, &statement, NULL) == SQLITE_OK) {
		if (sqlite3_step(statement) == SQLITE_ROW && strcmp((const char *)sqlite3_column_text(statement, 0), "ok"))
			abort();
		sqlite3_finalize(statement);
	}
	sqlite3_close(db);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static unsigned runs;
	char message[512];

	spool_input_lay_out(data, size);
	mkdir(spool_directory, 0700);
	fuzz_write(spool_path, spool, sizeof(spool));
	if (collector_ingest(database, message) == 0 && access(database, F_OK) == 0 && runs++ % 16 == 0)
		check_database();
	unlink(spool_path);
	unlink(database);
	return 0;
}
