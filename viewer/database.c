/* database.c: the trace as the viewer reads it; see database.h. */
#include "viewer/database.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "schema/spool.h"
#include "schema/version.h"

#if __has_include("collector/collector.h")
#include "collector/collector.h"
#endif

/*
 * What is sorted and does not fit the cache goes to a temporary file: memory stays bounded, whatever is asked. The cache is small, since a page is read again
 * from the kernel's for less than fresh memory costs: with 16 MB a command that reads all of 100,000 sockets took 1.2 to 1.4 times as long.
 */
#define CACHE_PRAGMAS "PRAGMA cache_size = -2048; PRAGMA temp_store = FILE; PRAGMA trusted_schema = OFF; PRAGMA query_only = ON;"
#define BUSY_MS 5000
#define CHANGE_MS 500           /* as long as a collector may take to put a database away, or to finish it */
#define MADE_MS 2000            /* as long as a collector may take to make its database */
#define UNMADE_BYTES_MOST 4096  /* one page: no table yet */

int database_is_sqlite(const char *path)
{
	char magic[16] = "";
	int file = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t count = file < 0 ? -1 : read(file, magic, sizeof magic);

	if (file >= 0)
		close(file);
	return count == sizeof magic && !memcmp(magic, "SQLite format 3", sizeof magic);
}

static int ends_in_db(const char *word)
{
	size_t length = strlen(word);

	return length > 3 && !strcmp(word + length - 3, ".db");
}

int database_is_certain(const char *word)
{
	return ends_in_db(word) || database_is_sqlite(word);
}

/* In a directory with the program `server`, the word server is the program; s2 is always a socket. */
int database_is_named(const char *word)
{
	struct stat status;

	if (ends_in_db(word))
		return 1;
	if (word[0] == 's' && word[1] && word[1 + strspn(word + 1, "0123456789")] == 0)
		return 0;
	return stat(word, &status) == 0 && S_ISREG(status.st_mode) && (strpbrk(word, "/.") || database_is_sqlite(word));
}

static int fail(int error, const char *path, const char *sentence)
{
	fprintf(stderr, "socklife: %s: %s\n", path, sentence);
	return -error;
}

static int has_spools(const char *path)
{
	char directory[4096];
	struct stat status;

	if (snprintf(directory, sizeof directory, "%s" SPOOL_SUFFIX, path) >= (int)sizeof directory)
		return 0;
	return stat(directory, &status) == 0 && S_ISDIR(status.st_mode);
}

/* Whether the file is not there yet, or has no table: a collector makes it in a moment. */
static int is_unmade(const char *path)
{
	struct stat status;
	struct database database = {.path = path};
	int unmade = 0;

	if (stat(path, &status))
		return errno == ENOENT;
	if (!S_ISREG(status.st_mode) || status.st_size > UNMADE_BYTES_MOST)
		return 0;
	if (status.st_size == 0)
		return 1;
	if (sqlite3_open_v2(path, &database.handle, SQLITE_OPEN_READONLY, NULL) == SQLITE_OK)
		unmade = database_integer(&database, "PRAGMA application_id", 0) == SCHEMA_APPLICATION_ID && database_integer(&database, "SELECT count(*) FROM sqlite_schema", 1) == 0;
	sqlite3_close(database.handle);
	return unmade;
}

/* Somebody who looks as recording begins finds a database. */
static void wait_until_made(const char *path)
{
	for (int waited_ms = 0; waited_ms < MADE_MS && has_spools(path) && is_unmade(path); waited_ms += 10)
		poll(NULL, 0, 10);
}

static void ingest(const char *path)
{
#if __has_include("collector/collector.h")
	char message[512] = "";
	int error = collector_ingest(path, message);

	if (error && error != -EBUSY && error != -EAGAIN)
		fprintf(stderr, "socklife: %s" SPOOL_SUFFIX ": could not be taken in (%s); showing what the database has\n", path, strerror(-error));
#endif
}

static int fail_missing(const char *path, const char *command, int named)
{
	if (errno != ENOENT)
		return fail(errno, path, strerror(errno));
	if (named)
		fprintf(stderr, "socklife: %s: no such file; `socklife run -o %s PROGRAM` records it\n", path, path);
	else
		fprintf(stderr, "socklife: no %s here; `socklife run PROGRAM` records it, or name a database: socklife %s FILE.db\n", path, command);
	return -ENOENT;
}

/* What the first 100 bytes say, before SQLite is asked: https://sqlite.org/fileformat2.html */
static int check_header(const char *path)
{
	unsigned char header[100];
	struct stat status;
	int file = open(path, O_RDONLY | O_CLOEXEC), error;
	ssize_t count;

	if (file < 0)
		return fail(errno, path, strerror(errno));
	if (fstat(file, &status) == 0 && S_ISDIR(status.st_mode)) {
		close(file);
		return fail(EISDIR, path, "is a directory; name a database in it");
	}
	count = read(file, header, sizeof header);
	error = errno;
	close(file);
	if (count < 0)
		return fail(error, path, strerror(error));
	if (count == 0)
		return fail(EINVAL, path, "is empty: nothing was recorded into it; `socklife run -o FILE PROGRAM` records one");
	if (count < (ssize_t)sizeof header || memcmp(header, "SQLite format 3", 16))
		return fail(EINVAL, path, "not a socklife database (not SQLite at all); `socklife run -o FILE PROGRAM` records one");
	return 0;
}

static int fail_sqlite(struct database *database)
{
	int code = sqlite3_errcode(database->handle);

	if (code == SQLITE_CORRUPT || code == SQLITE_NOTADB)
		fprintf(stderr, "socklife: %s: the database is damaged (%s); `sqlite3 %s .recover` may save what is left\n", database->path,
			sqlite3_errmsg(database->handle), database->path);
	else
		fprintf(stderr, "socklife: %s: %s\n", database->path, sqlite3_errmsg(database->handle));
	return -EIO;
}

sqlite3_stmt *database_prepare(struct database *database, const char *sql)
{
	sqlite3_stmt *statement = NULL;

	if (sqlite3_prepare_v2(database->handle, sql, -1, &statement, NULL) == SQLITE_OK)
		return statement;
	fail_sqlite(database);
	return NULL;
}

int database_step(struct database *database, sqlite3_stmt *statement)
{
	int code = sqlite3_step(statement);

	if (code == SQLITE_ROW)
		return 1;
	if (code == SQLITE_DONE)
		return 0;
	fail_sqlite(database);
	return -1;
}

int64_t database_column(sqlite3_stmt *statement, int column)
{
	return sqlite3_column_type(statement, column) == SQLITE_NULL ? -1 : sqlite3_column_int64(statement, column);
}

int64_t database_integer(struct database *database, const char *sql, int64_t otherwise)
{
	sqlite3_stmt *statement = NULL;
	int64_t value = otherwise;

	if (sqlite3_prepare_v2(database->handle, sql, -1, &statement, NULL) == SQLITE_OK && sqlite3_step(statement) == SQLITE_ROW &&
	    sqlite3_column_type(statement, 0) != SQLITE_NULL)
		value = sqlite3_column_int64(statement, 0);
	sqlite3_finalize(statement);
	return value;
}

static int check_versions(struct database *database)
{
	int64_t application, version;

	application = database_integer(database, "PRAGMA application_id", -1);
	if (application < 0)
		return fail_sqlite(database);
	if (application != SCHEMA_APPLICATION_ID)
		return fail(EINVAL, database->path, "not a socklife database (SQLite, but another program's); `socklife run -o FILE PROGRAM` records one");
	version = database_integer(database, "PRAGMA user_version", -1);
	if (version == SCHEMA_VERSION)
		return 0;
	fprintf(stderr, version > SCHEMA_VERSION ?
		"socklife: %s: written by a newer socklife (schema %lld; this one, %s, reads %d): use that one\n" :
		"socklife: %s: written by an earlier socklife (schema %lld; this one, %s, reads %d): record again, or ask it with sqlite3\n",
		database->path, (long long)version, SOCKLIFE_VERSION, SCHEMA_VERSION);
	return -EINVAL;
}

static int read_facts(struct database *database)
{
	sqlite3_stmt *statement = database_prepare(database, "SELECT state = 'recording', end_ns FROM trace");
	int result;

	if (!statement)
		return -EIO;
	result = database_step(database, statement);
	if (result == 1) {
		database->recording = sqlite3_column_int(statement, 0);
		database->end_ns = sqlite3_column_int64(statement, 1);
	}
	sqlite3_finalize(statement);
	return result < 0 ? -EIO : 0;
}

static int open_handle(struct database *database)
{
	int code = sqlite3_open_v2(database->path, &database->handle, SQLITE_OPEN_READONLY, NULL);

	if (code != SQLITE_OK)
		return code;
	sqlite3_busy_timeout(database->handle, BUSY_MS);
	sqlite3_db_config(database->handle, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	return sqlite3_exec(database->handle, "SELECT 1 FROM sqlite_schema LIMIT 1", NULL, NULL, NULL) & 0xff;
}

static int is_in_change(struct database *database, int code)
{
	return code == SQLITE_IOERR || code == SQLITE_CANTOPEN || code == SQLITE_READONLY ||
		(code == SQLITE_OK && has_spools(database->path) && database_integer(database, "SELECT count(*) FROM sqlite_schema", 1) == 0);
}

/*
 * Where a recording begins or ends in this moment, a file may go between two that SQLite opens: it says that it cannot open or read, or that it may not write (what is
 * left of the write-ahead log would have to be gone through). Or the earlier trace was put away just now, and the next has no table yet.
 */
static int open_settled(struct database *database)
{
	int code = open_handle(database);

	for (int waited_ms = 0; waited_ms < CHANGE_MS && is_in_change(database, code); waited_ms += 10) {
		sqlite3_close(database->handle);
		poll(NULL, 0, 10);
		code = open_handle(database);
	}
	return code == SQLITE_IOERR || code == SQLITE_CANTOPEN ? fail_sqlite(database) : 0;
}

int database_open(struct database *database, const char *path, const char *command)
{
	int named = path != NULL, error;
	struct stat status;

	*database = (struct database){.path = named ? path : DATABASE_DEFAULT};
	path = database->path;
	if (has_spools(path))
		ingest(path);
	wait_until_made(path);
	if (stat(path, &status) < 0)
		return fail_missing(path, command, named);
	error = check_header(path);
	if (error)
		return error;
	error = open_settled(database);
	if (error)
		goto close_database;
	error = check_versions(database);
	if (error)
		goto close_database;
	sqlite3_exec(database->handle, CACHE_PRAGMAS, NULL, NULL, NULL);
	error = read_facts(database);
	if (!error)
		return 0;
close_database:
	database_close(database);
	return error;
}

void database_close(struct database *database)
{
	sqlite3_close(database->handle);
	database->handle = NULL;
}
