/*
 * filter_rare.c: words that select few sockets of many. A condition is asked of every socket in the order of their ids, so that the first rows come at once when
 * it selects many; of a large trace that takes long when it selects few. Where an index says soon that they are few, they are named instead.
 */
#include "viewer/filter_internal.h"

#include <stdio.h>
#include <stdlib.h>

char *filter_find_rare(struct filter *filter, struct database *database, const struct condition *condition)
{
	sqlite3_stmt *statement = NULL;
	char *sql = NULL, *list = NULL;
	size_t size = 0;
	FILE *text;
	int count = 0, result = -1;

	if (condition->negated || !condition->found || asprintf(&sql, "%s LIMIT " RARE_BEYOND, condition->found) < 0)
		return NULL;
	text = open_memstream(&list, &size);
	statement = text ? database_prepare(database, sql) : NULL;
	free(sql);
	if (statement) {
		filter_bind(filter, statement);
		fputs(" AND s.socket_id IN (NULL", text);
		while ((result = database_step(database, statement)) == 1 && ++count < atoi(RARE_BEYOND))
			if (sqlite3_column_type(statement, 0) != SQLITE_NULL)
				fprintf(text, ",%lld", (long long)sqlite3_column_int64(statement, 0));
		fputc(')', text);
	}
	sqlite3_finalize(statement);
	if (text && fclose(text) == 0 && result == 0)
		return list;
	free(list);
	return NULL;
}
