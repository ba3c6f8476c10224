/* launcher_summary.c: what `socklife run` says at its end, read back from the database it has just made. */
#include "collector/launcher.h"

#include <limits.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static sqlite3_int64 number(sqlite3 *db, const char *sql)
{
	sqlite3_stmt *statement;
	sqlite3_int64 value = -1;

	if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) == SQLITE_OK && sqlite3_step(statement) == SQLITE_ROW)
		value = sqlite3_column_int64(statement, 0);
	sqlite3_finalize(statement);
	return value;
}

static const char *plural(sqlite3_int64 count)
{
	return count == 1 ? "" : "s";
}

/* As a shell takes it for one word: 'my trace.db'. The room has 4 bytes for each, and 3. */
static void quote(const char *word, char *room)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./,:@%+=-";
	int quoted = word[strspn(word, plain)] != 0;

	if (quoted)
		*room++ = '\'';
	for (; *word; word++) {
		if (*word == '\'')
			room = stpcpy(room, "'\\'");
		*room++ = *word;
	}
	if (quoted)
		*room++ = '\'';
	*room = 0;
}

/* The shortest way to name the database on the next command line: nothing when it is the default one, here. */
static const char *argument_for(const char *database)
{
	char here[PATH_MAX];
	size_t length;

	if (!getcwd(here, sizeof here))
		return database;
	length = strlen(here);
	if (strncmp(database, here, length) || database[length] != '/')
		return database;
	return strcmp(database + length + 1, "socklife.db") ? database + length + 1 : "";
}

void launcher_summarize(const char *database)
{
	char argument[4 * PATH_MAX + 3];
	const char *space;
	sqlite3_int64 sockets, calls, processes, errors, gaps, first;
	sqlite3 *db;

	quote(argument_for(database), argument);
	space = *argument ? " " : "";
	if (sqlite3_open_v2(database, &db, SQLITE_OPEN_READONLY, NULL) != SQLITE_OK) {
		sqlite3_close(db);
		return;
	}
	sockets = number(db, "SELECT count(*) FROM socket");
	calls = number(db, "SELECT coalesce(sum(calls), 0) FROM socket");
	processes = number(db, "SELECT processes FROM summary");
	errors = number(db, "SELECT count(*) FROM socket WHERE errors > 0");
	gaps = number(db, "SELECT count(*) FROM gap WHERE incomplete = 1");
	first = number(db, "SELECT socket_id FROM socket ORDER BY (errors > 0) DESC, calls DESC, socket_id LIMIT 1");
	if (sockets == 0)
		fprintf(stderr, "socklife: no socket was seen\n");
	else if (sockets > 0)
		fprintf(stderr, "socklife: %s: %lld socket%s, %lld call%s, %lld process%s%s\n", database, sockets, plural(sockets), calls, plural(calls),
			processes, processes == 1 ? "" : "es", errors > 0 ? "; some calls failed" : "");
	if (gaps > 0)
		fprintf(stderr, "socklife: the trace is not complete: %lld gap%s; see: socklife query%s%s \"SELECT * FROM gap\"\n", gaps, plural(gaps), space, argument);
	if (sockets > 0)
		fprintf(stderr, "socklife: next: socklife check%s%s    socklife ls%s%s    socklife show%s%s s%lld\n", space, argument, space, argument, space, argument, first);
	sqlite3_close(db);
}
