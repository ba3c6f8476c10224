/*
 * filter_condition.c: a condition in the making, and the list of bound parameters that its `?` number.
 */
#include "viewer/filter_internal.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void condition_add(struct condition *condition, const char *format, ...)
{
	va_list list;
	char *added = NULL, *grown;
	int length;

	va_start(list, format);
	length = vasprintf(&added, format, list);
	va_end(list);
	if (length < 0)
		return;
	grown = realloc(condition->sql, condition->length + (size_t)length + 1);
	if (grown) {
		memcpy(grown + condition->length, added, (size_t)length + 1);
		condition->sql = grown;
		condition->length += (size_t)length;
	}
	free(added);
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
