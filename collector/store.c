/* store.c: see store.h. Opening, making, transactions and finishing; rows are in store_rows.c, reading back in store_resume.c. */
#include "collector/store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "collector/materialise.h"
#include "collector/memory.h"
#include "collector/pairing.h"
#include "collector/running.h"
#include "collector/schema.h"
#include "schema/version.h"

int store_translate(int code)
{
	switch (code & 0xff) {
	case SQLITE_OK:
	case SQLITE_DONE:
	case SQLITE_ROW:
		return 0;
	case SQLITE_NOMEM:
		return -ENOMEM;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return -EBUSY;
	case SQLITE_FULL:
		return -ENOSPC;
	case SQLITE_READONLY:
	case SQLITE_PERM:
		return -EACCES;
	case SQLITE_NOTADB:
	case SQLITE_CORRUPT:
		return -EEXIST;
	default:
		return -EIO;
	}
}

const char *store_error(const struct store *store)
{
	return store && store->db ? sqlite3_errmsg(store->db) : "out of memory";
}

static int execute(struct store *store, const char *sql)
{
	return store_translate(sqlite3_exec(store->db, sql, NULL, NULL, NULL));
}

int store_run(struct store *store, sqlite3_stmt *statement)
{
	int code = sqlite3_step(statement);

	sqlite3_reset(statement);
	return store_translate(code);
}

int store_begin(struct store *store)
{
	return execute(store, "BEGIN IMMEDIATE");
}

int store_commit(struct store *store)
{
	return execute(store, "COMMIT");
}

int store_meta(struct store *store, const char *key, const char *value)
{
	sqlite3_bind_text(store->meta, 1, key, -1, SQLITE_STATIC);
	if (value)
		sqlite3_bind_text(store->meta, 2, value, -1, SQLITE_STATIC);
	else
		sqlite3_bind_null(store->meta, 2);
	return store_run(store, store->meta);
}

int store_meta_number(struct store *store, const char *key, int64_t value)
{
	sqlite3_bind_text(store->meta, 1, key, -1, SQLITE_STATIC);
	sqlite3_bind_int64(store->meta, 2, value);
	return store_run(store, store->meta);
}

static int64_t query_number(struct store *store, const char *sql, int64_t otherwise)
{
	sqlite3_stmt *statement;
	int64_t value = otherwise;

	if (sqlite3_prepare_v2(store->db, sql, -1, &statement, NULL) != SQLITE_OK)
		return otherwise;
	if (sqlite3_step(statement) == SQLITE_ROW && sqlite3_column_type(statement, 0) != SQLITE_NULL)
		value = sqlite3_column_int64(statement, 0);
	sqlite3_finalize(statement);
	return value;
}

#define APPLICATION_ID_AT 68 /* in the header of a database, big-endian (sqlite.org/fileformat2.html) */

int store_is_trace(const char *path)
{
	static const unsigned char ours[] = {SCHEMA_APPLICATION_ID >> 24 & 255, SCHEMA_APPLICATION_ID >> 16 & 255, SCHEMA_APPLICATION_ID >> 8 & 255, SCHEMA_APPLICATION_ID & 255};
	unsigned char head[APPLICATION_ID_AT + sizeof ours] = {0};
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY), answer;
	struct stat status;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &status) || (S_ISREG(status.st_mode) && pread(fd, head, sizeof head, 0) < 0))
		answer = -errno;
	else
		answer = S_ISREG(status.st_mode) && (status.st_size == 0 || memcmp(head + APPLICATION_ID_AT, ours, sizeof ours) == 0);
	close(fd);
	return answer;
}

/* SQLite creates with the umask's mode: make the file first, for our eyes only. */
static int make_private(const char *path, int *existed)
{
	struct stat status;
	int fd = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, 0600), error = 0;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &status))
		error = -errno;
	else if (!S_ISREG(status.st_mode))
		error = -EEXIST;
	*existed = !error && status.st_size > 0;
	close(fd);
	return error;
}

static int check_version(struct store *store)
{
	if (query_number(store, "PRAGMA application_id", 0) != SCHEMA_APPLICATION_ID)
		return -EEXIST;
	if (query_number(store, "PRAGMA user_version", 0) != SCHEMA_VERSION)
		return -EPROTO;
	return 0;
}

static int fill_meta(struct store *store, const struct store_origin *origin)
{
	struct utsname names;
	int error;

	if (uname(&names))
		return -errno;
	if ((error = store_meta_number(store, "start_unix_ns", origin->start_unix_ns)) ||
		(error = store_meta_number(store, "start_monotonic_ns", origin->start_monotonic_ns)) ||
		(error = store_meta_number(store, "schema_version", SCHEMA_VERSION)) ||
		(error = store_meta(store, "tool_version", SOCKLIFE_VERSION)) ||
		(error = store_meta(store, "host", names.nodename)) ||
		(error = store_meta(store, "kernel", names.release)) ||
		(error = store_meta(store, "command_line", origin->command_line)) ||
		(error = store_meta(store, "detail", origin->keep_data_calls ? "calls" : "sockets")))
		return error;
	return 0;
}

#define META_SQL "INSERT OR REPLACE INTO meta VALUES (?, ?)"

/* What the file is, with the very first write: journal_mode writes as well, and no moment shows a foreign file. */
static int identify(struct store *store)
{
	char pragma[128];

	snprintf(pragma, sizeof pragma, "PRAGMA synchronous = OFF; BEGIN; PRAGMA application_id = %d; PRAGMA user_version = %d; COMMIT", SCHEMA_APPLICATION_ID, SCHEMA_VERSION);
	return execute(store, pragma);
}

/* What only a collector that goes on needs to know: of sockets without a cookie, and of images that have not ended (struct process). */
#define RECORDING_TABLES \
	"CREATE TABLE IF NOT EXISTS recording_socket (spool TEXT, number INTEGER, socket_id INTEGER);" \
	"CREATE TABLE IF NOT EXISTS recording_process (process_id INTEGER PRIMARY KEY, last_ns INTEGER, exiting_ns INTEGER, exec_ns INTEGER)"

static int create(struct store *store, const struct store_origin *origin)
{
	int error;

	if ((error = store_begin(store)) ||
		(error = schema_create(store->db)) ||
		(error = execute(store, RECORDING_TABLES)) ||
		(error = store_translate(sqlite3_prepare_v2(store->db, META_SQL, -1, &store->meta, NULL))) ||
		(error = fill_meta(store, origin)) ||
		(error = store_meta(store, "state", "recording")) ||
		(error = store_commit(store)))
		return error;
	return 0;
}

static int reopen(struct store *store)
{
	int error = check_version(store);

	if (error)
		return error;
	if ((error = store_translate(sqlite3_prepare_v2(store->db, META_SQL, -1, &store->meta, NULL))) ||
		(error = store_begin(store)) ||
		(error = materialise_undo(store->db)) ||
		(error = running_forget(store->db)) ||
		(error = execute(store, RECORDING_TABLES)) ||
		(error = store_meta(store, "state", "recording")) ||
		(error = store_commit(store)))
		return error;
	return 0;
}

int store_prepare_rows(struct store *store);

/*
 * What SQLite sorts for the end of a large trace goes to files of its own beside the database, where there is room for as much, and not to
 * memory; TMPDIR may be the traced program's.
 */
static void put_sorting_beside(const char *path)
{
	const char *slash = strrchr(path, '/');

	sqlite3_free(sqlite3_temp_directory);
	sqlite3_temp_directory = slash ? sqlite3_mprintf("%.*s", (int)(slash - path) + 1, path) : sqlite3_mprintf(".");
}

int store_open(struct store **result, const char *path, const struct store_origin *origin)
{
	struct store *store = calloc(1, sizeof *store);
	int error;

	if (!store)
		return -ENOMEM;
	put_sorting_beside(path);
	error = make_private(path, &store->existed);
	if (error)
		goto close_store;
	/* One thread uses it. */
	error = store_translate(sqlite3_open_v2(path, &store->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOFOLLOW | SQLITE_OPEN_NOMUTEX, NULL));
	if (error)
		goto close_store;
	sqlite3_busy_timeout(store->db, 10000);
	sqlite3_limit(store->db, SQLITE_LIMIT_LENGTH, 1 << 24);
	/* What another collector began and did not finish is made whole here: reading the file recovers its WAL. */
	if (store->existed && query_number(store, "SELECT count(*) FROM sqlite_schema", -1) == 0)
		store->existed = 0;
	if ((error = store->existed ? check_version(store) : identify(store)) ||
		(error = execute(store, "PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF; PRAGMA wal_autocheckpoint = 4000; "
			"PRAGMA temp_store = FILE; PRAGMA secure_delete = OFF; " /* Debian's default overwrites what is replaced */
			"PRAGMA ignore_check_constraints = ON")) /* the words of CHECK come from our own lists */ ||
		(error = execute(store, memory_is_short() ? "PRAGMA cache_size = -4000" : "PRAGMA cache_size = -16000")) ||
		(error = store->existed ? reopen(store) : create(store, origin)) ||
		(error = store_prepare_rows(store)))
		goto close_store;
	store->start_monotonic_ns = query_number(store, "SELECT value FROM meta WHERE key = 'start_monotonic_ns'", origin->start_monotonic_ns);
	store->start_unix_ns = query_number(store, "SELECT value FROM meta WHERE key = 'start_unix_ns'", origin->start_unix_ns);
	store->asked_up_to_id = -1;
	if (store->existed) /* to be continued: any key may be taken */
		store->asked_up_to_id = query_number(store, "SELECT max(socket_id) FROM socket", 0);
	store->last_host_id = query_number(store, "SELECT max(host_id) FROM host", 0);
	store->keep_data_calls = !query_number(store, "SELECT value = 'sockets' FROM meta WHERE key = 'detail'", 0);
	*result = store;
	return 0;

close_store:
	store_close(store);
	return error;
}

void store_close(struct store *store)
{
	sqlite3_stmt *statement;

	if (!store)
		return;
	while (store->db && (statement = sqlite3_next_stmt(store->db, NULL)))
		sqlite3_finalize(statement);
	sqlite3_close(store->db);
	store_bulk_free(&store->bulk);
	free(store->order);
	free(store->order_spare);
	map_free(&store->last_starts);
	free(store->sites);
	partner_free(store->partner);
	free(store);
}

int64_t store_host(struct store *store, uint64_t network_namespace)
{
	sqlite3_stmt *find = NULL, *insert = NULL;
	struct utsname names;
	int64_t host_id = 0;

	if (uname(&names))
		return 0;
	if (sqlite3_prepare_v2(store->db, "SELECT host_id FROM host WHERE hostname = ? AND network_namespace IS ?", -1, &find, NULL) == SQLITE_OK &&
	    sqlite3_prepare_v2(store->db, "INSERT INTO host (hostname, network_namespace, kernel, machine) VALUES (?, ?, ?, ?)", -1, &insert,
		    NULL) == SQLITE_OK) {
		for (int i = 0; i < 2; i++) {
			sqlite3_stmt *statement = i ? insert : find;

			sqlite3_bind_text(statement, 1, names.nodename, -1, SQLITE_STATIC);
			if (network_namespace)
				sqlite3_bind_int64(statement, 2, (int64_t)network_namespace);
			else
				sqlite3_bind_null(statement, 2);
		}
		sqlite3_bind_text(insert, 3, names.release, -1, SQLITE_STATIC);
		sqlite3_bind_text(insert, 4, names.machine, -1, SQLITE_STATIC);
		if (sqlite3_step(find) == SQLITE_ROW)
			host_id = sqlite3_column_int64(find, 0);
		else if (sqlite3_step(insert) == SQLITE_DONE)
			host_id = sqlite3_last_insert_rowid(store->db);
		if (host_id > store->last_host_id)
			store->last_host_id = host_id;
	}
	sqlite3_finalize(find);
	sqlite3_finalize(insert);
	return host_id;
}

static int count_all(struct store *store)
{
	return execute(store,
		"INSERT OR REPLACE INTO meta SELECT 'sockets', count(*) FROM socket;"
		"INSERT OR REPLACE INTO meta SELECT 'failed_calls', coalesce(sum(errors), 0) FROM socket;"
		"INSERT OR REPLACE INTO meta SELECT 'calls', coalesce(sum(calls), 0) FROM socket");
}

int store_finish(struct store *store, int64_t end_ns)
{
	sqlite3_stmt *statement;
	int error;

	if ((error = store_begin(store)) ||
		(error = pairing_run(store->db)) ||
		(error = store_meta_number(store, "end_ns", end_ns)) ||
		(error = store_meta(store, "state", "complete")) ||
		(error = count_all(store)) ||
		(error = materialise_run(store->db)) ||
		(error = execute(store, "DELETE FROM progress; DELETE FROM running; DROP TABLE recording_socket; DROP TABLE recording_process; DROP INDEX IF EXISTS " STORE_COOKIE_INDEX)) ||
		(error = store_commit(store)))
		return error;
	while ((statement = sqlite3_next_stmt(store->db, NULL)))
		sqlite3_finalize(statement);
	store->meta = NULL;
	/* A reader that looks on keeps the WAL; then the next one to close last leaves the plain file. */
	execute(store, "PRAGMA wal_checkpoint(TRUNCATE)");
	execute(store, "PRAGMA synchronous = NORMAL; PRAGMA journal_mode = DELETE");
	return 0;
}
