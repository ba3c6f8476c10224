/*
 * database.h: opens a trace for reading: finds the file, lets the collector take in what spools still hold, refuses what
 * is not ours with one line that says the way out. Never writes to a database.
 */
#ifndef VIEWER_DATABASE_H
#define VIEWER_DATABASE_H

#include <sqlite3.h>
#include <stdint.h>

#define DATABASE_DEFAULT "socklife.db"

struct database {
	const char *path;
	sqlite3 *handle;
	int recording;      /* 1: meta.state says that it is being recorded */
	int64_t end_ns;     /* the trace's end (view trace) */
};

/* Whether a word of the command line names a database: ends in .db, or is a file that exists and is SQLite or has a dot or slash in its name. */
int database_is_named(const char *word);

/* Whether this file is an SQLite database. */
int database_is_sqlite(const char *path);

/* The same of a word that does not come first, where a filter would be expected: ends in .db, or is SQLite. */
int database_is_certain(const char *word);

/* Opens `path`, NULL: DATABASE_DEFAULT. Returns 0, or a negative errno after one line on standard error. */
int database_open(struct database *database, const char *path, const char *command);
void database_close(struct database *database);

/* Prepares a statement; NULL after a message. */
sqlite3_stmt *database_prepare(struct database *database, const char *sql);

/* Steps; returns 1 for a row, 0 at the end, -1 after a message. */
int database_step(struct database *database, sqlite3_stmt *statement);

/* A single integer; `otherwise` when there is no row, or it is NULL. */
int64_t database_integer(struct database *database, const char *sql, int64_t otherwise);

/* A column as int64_t, -1 when NULL. */
int64_t database_column(sqlite3_stmt *statement, int column);

#endif
