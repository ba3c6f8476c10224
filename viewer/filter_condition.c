/*
 * filter_condition.c: a condition in the making, and the list of bound parameters that its `?` number.
 */
#include "viewer/filter_internal.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void condition_free(struct condition *condition)
{
	free(condition->sql);
	free(condition->found);
	*condition = (struct condition){.sql = NULL};
}

static void append(char **sql, const char *format, va_list list)
{
	char *added = NULL, *grown;
	size_t length = *sql ? strlen(*sql) : 0;

	if (vasprintf(&added, format, list) < 0)
		return;
	grown = realloc(*sql, length + strlen(added) + 1);
	if (grown) {
		strcpy(grown + length, added);
		*sql = grown;
	}
	free(added);
}

void condition_add(struct condition *condition, const char *format, ...)
{
	va_list list;

	va_start(list, format);
	append(&condition->sql, format, list);
	va_end(list);
}

void condition_find(struct condition *condition, const char *format, ...)
{
	char *from = NULL;
	va_list list;

	if (asprintf(&from, "%sSELECT s.socket_id FROM %s", condition->found ? " UNION ALL " : "", format) < 0)
		return;
	va_start(list, format);
	append(&condition->found, from, list);
	va_end(list);
	free(from);
}

/* Each keeps a value and returns the number of its parameter in the SQL: ?1, ?2 … */
int condition_bind_value(struct filter *filter, struct filter_value value)
{
	struct filter_value *grown = realloc(filter->values, (size_t)(filter->value_count + 1) * sizeof *grown);

	if (!grown) {
		free(value.text);
		return 1;
	}
	filter->values = grown;
	filter->values[filter->value_count++] = value;
	return filter->value_count;
}

int condition_bind_text(struct filter *filter, const char *text, size_t length)
{
	return condition_bind_value(filter, (struct filter_value){.text = strndup(text, length)});
}

int condition_bind_integer(struct filter *filter, int64_t integer)
{
	return condition_bind_value(filter, (struct filter_value){.integer = integer});
}
