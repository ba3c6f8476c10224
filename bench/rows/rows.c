/*
 * rows.c TRACE PLACE: what SQLite alone takes for the rows of a trace. The rows of its tables call_row and ready_row are read into memory, a million calls and what
 * was found ready meanwhile, and inserted into a new database in the directory PLACE in the order of time and in batches, by the collector's own statement: once into tables that are clustered as the
 * collector's are, and once into tables without any key or index, which is the least that rows can cost. Prints how many there are, and the processor
 * time of both, in nanoseconds for all rows together.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "collector/store_bulk.h"

#define BATCH 16384 /* as the collector's where it keeps up (COMMIT_RECORDS); where it is behind, batches are longer */
#define CALLS_MAX 1000000
#define COLUMNS_MAX FACT_CALL_COLUMNS

struct kind {
	const char *table, *columns, *key;
	int count;
	int64_t (*rows)[COLUMNS_MAX];
	const void **order;
	size_t used, room;
	struct store_batch batch;
};

static struct kind kinds[] = {
	{.table = "call_row", .columns = STORE_CALL_COLUMNS, .key = "socket_id, start_ns, sequence", .count = FACT_CALL_COLUMNS},
	{.table = "ready_row", .columns = STORE_READY_COLUMNS, .key = "socket_id, start_ns, thread_id, fd", .count = 5},
};

static void need(int is_good, const char *what)
{
	if (is_good)
		return;
	fprintf(stderr, "rows: %s\n", what);
	exit(1);
}

static int64_t processor_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static void read_rows(sqlite3 *trace, struct kind *kind)
{
	char *sql = sqlite3_mprintf("SELECT %.*s FROM %s WHERE start_ns < coalesce((SELECT start_ns FROM call_row ORDER BY start_ns LIMIT 1 OFFSET %d), 9223372036854775807) "
		"ORDER BY start_ns", (int)strlen(kind->columns) - 1, kind->columns, kind->table, CALLS_MAX);
	sqlite3_stmt *statement;

	need(sqlite3_prepare_v2(trace, sql, -1, &statement, NULL) == SQLITE_OK, "the trace cannot be read");
	while (sqlite3_step(statement) == SQLITE_ROW) {
		if (kind->used == kind->room) {
			kind->room = kind->room ? 2 * kind->room : 65536;
			kind->rows = realloc(kind->rows, kind->room * sizeof *kind->rows);
			need(kind->rows != NULL, "no memory");
		}
		for (int i = 0; i < kind->count; i++)
			kind->rows[kind->used][i] = sqlite3_column_type(statement, i) == SQLITE_NULL ? FACT_NULL : sqlite3_column_int64(statement, i);
		kind->used++;
	}
	need(sqlite3_finalize(statement) == SQLITE_OK, "the trace cannot be read");
	sqlite3_free(sql);
	kind->order = malloc((kind->used + 1) * sizeof *kind->order);
	need(kind->order != NULL, "no memory");
}

static int by_key(const void *a, const void *b)
{
	const int64_t *one = *(const int64_t *const *)a, *two = *(const int64_t *const *)b;

	for (int i = 0; i < 3; i++)
		if (one[i] != two[i])
			return one[i] < two[i] ? -1 : 1;
	return 0;
}

static void prepare(sqlite3 *db, struct kind *kind, int is_keyed)
{
	int length = (int)strlen(kind->columns) - 1;
	char *create = is_keyed ? sqlite3_mprintf("CREATE TABLE %s (%.*s, PRIMARY KEY (%s)) WITHOUT ROWID", kind->table, length, kind->columns, kind->key) :
		sqlite3_mprintf("CREATE TABLE %s (%.*s)", kind->table, length, kind->columns);
	char *source = sqlite3_mprintf("batch_%s", kind->table), *insert = sqlite3_mprintf("INSERT OR FAIL INTO %s SELECT * FROM %s", kind->table, source);

	need(sqlite3_exec(db, create, NULL, NULL, NULL) == SQLITE_OK && store_bulk_source(db, &kind->batch, source, kind->columns) == SQLITE_OK &&
		sqlite3_prepare_v3(db, insert, -1, SQLITE_PREPARE_PERSISTENT, &kind->batch.statement, NULL) == SQLITE_OK, "the tables cannot be made");
	sqlite3_free(create);
	sqlite3_free(source);
	sqlite3_free(insert);
}

/* The ordering of a batch is not counted: it is the collector's, not SQLite's. */
static int64_t insert(const char *path, int is_keyed)
{
	int64_t spent = 0, started;
	size_t most = kinds[0].used > kinds[1].used ? kinds[0].used : kinds[1].used;
	sqlite3 *db;

	unlink(path);
	need(sqlite3_open(path, &db) == SQLITE_OK, "no database can be made there");
	sqlite3_exec(db, "PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF; PRAGMA wal_autocheckpoint = 4000; PRAGMA cache_size = -16000", NULL, NULL, NULL);
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		prepare(db, &kinds[i], is_keyed);
	for (size_t from = 0; from < most; from += BATCH) {
		started = processor_ns();
		need(sqlite3_exec(db, "BEGIN", NULL, NULL, NULL) == SQLITE_OK, "no transaction can begin");
		spent += processor_ns() - started;
		for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
			struct kind *kind = &kinds[i];
			size_t count = from >= kind->used ? 0 : kind->used - from < BATCH ? kind->used - from : BATCH;

			for (size_t row = 0; row < count; row++)
				kind->order[row] = kind->rows[from + row];
			qsort(kind->order, count, sizeof *kind->order, by_key);
			started = processor_ns();
			need(store_bulk_insert(&kind->batch, kind->order, count) == SQLITE_OK, "a batch cannot be inserted");
			spent += processor_ns() - started;
		}
		started = processor_ns();
		need(sqlite3_exec(db, "COMMIT", NULL, NULL, NULL) == SQLITE_OK, "a transaction cannot be committed");
		spent += processor_ns() - started;
	}
	started = processor_ns();
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		sqlite3_finalize(kinds[i].batch.statement);
	need(sqlite3_close(db) == SQLITE_OK, "the database cannot be closed");
	unlink(path);
	return spent + processor_ns() - started;
}

int main(int argc, char **argv)
{
	int64_t keyed, keyless;
	sqlite3 *trace;
	char *path;

	need(argc == 3, "give a trace and a directory");
	sqlite3_config(SQLITE_CONFIG_SINGLETHREAD);
	need(sqlite3_open_v2(argv[1], &trace, SQLITE_OPEN_READONLY, NULL) == SQLITE_OK, "the trace cannot be opened");
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		read_rows(trace, &kinds[i]);
	sqlite3_close(trace);
	path = sqlite3_mprintf("%s/rows.db", argv[2]);
	keyed = insert(path, 1);
	keyless = insert(path, 0);
	printf("calls=%zu ready=%zu clustered_ns=%lld keyless_ns=%lld\n", kinds[0].used, kinds[1].used, (long long)keyed, (long long)keyless);
	return 0;
}
