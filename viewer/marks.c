/* marks.c: see marks.h. Data: problem, summary. */
#include "viewer/marks.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "viewer/suspects.h"

#define SOCKETS_MOST 5000 /* the rules take about 5 µs a socket */

static const char findings_sql[] =
	"SELECT socket_id, severity, rule, holder_id, message FROM problem WHERE socket_id IS NOT NULL "
	"ORDER BY socket_id, severity = 'error' DESC, severity = 'warning' DESC, rule";

static int take(struct marks *marks, sqlite3_stmt *statement, int *room)
{
	const char *severity = (const char *)sqlite3_column_text(statement, 1), *rule = (const char *)sqlite3_column_text(statement, 2);
	const char *message = (const char *)sqlite3_column_text(statement, 4);
	struct mark *mark;

	if (marks->count == *room) {
		int more = *room ? *room * 2 : 64;
		struct mark *grown = realloc(marks->list, (size_t)more * sizeof *grown);

		if (!grown)
			return 0;
		marks->list = grown;
		*room = more;
	}
	mark = &marks->list[marks->count++];
	*mark = (struct mark){.socket_id = sqlite3_column_int64(statement, 0), .holder_id = sqlite3_column_int64(statement, 3),
		.severity = severity && !strcmp(severity, "error") ? 2 : severity && !strcmp(severity, "warning") ? 1 : 0, .message = strdup(message ? message : "")};
	snprintf(mark->rule, sizeof mark->rule, "%s", rule ? rule : "");
	marks->errors += mark->severity == 2;
	marks->warnings += mark->severity == 1;
	return 1;
}

void marks_read(struct marks *marks, struct database *database)
{
	sqlite3_stmt *statement = NULL;
	int room = 0;

	*marks = (struct marks){.known = 0};
	if (database_integer(database, "SELECT sockets FROM summary", 0) > SOCKETS_MOST)
		return;
	suspects_only(database);
	/* A database made without the rules simply has no findings. */
	if (sqlite3_prepare_v2(database->handle, findings_sql, -1, &statement, NULL) == SQLITE_OK) {
		marks->known = 1;
		while (sqlite3_step(statement) == SQLITE_ROW && take(marks, statement, &room))
			;
	}
	sqlite3_finalize(statement);
}

void marks_free(struct marks *marks)
{
	for (int i = 0; i < marks->count; i++)
		free(marks->list[i].message);
	free(marks->list);
	*marks = (struct marks){.known = 0};
}

const struct mark *marks_of(const struct marks *marks, int64_t socket_id)
{
	int low = 0, high = marks->count;

	while (low < high) {
		int middle = low + (high - low) / 2;

		if (marks->list[middle].socket_id < socket_id)
			low = middle + 1;
		else
			high = middle;
	}
	return low < marks->count && marks->list[low].socket_id == socket_id ? &marks->list[low] : NULL;
}
