/*
 * filter_compare.c: quantities of a socket, compared (`age>1s`) or sorted by (`sort:-age`). A quantity is a row of `quantities`, a unit one of `units`.
 */
#include "viewer/filter_internal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum unit_kind { UNIT_NS, UNIT_BYTES, UNIT_COUNT };

/* As lifecycle.duration_ns says, but without the view, whose joins would be made for every socket. */
#define DURATION_NS "coalesce(s.closed_ns, (SELECT end_ns FROM trace), s.last_activity_ns, s.opened_ns) - s.opened_ns"

/* As ls shows it: a call that has not returned, or never did, waited as well. */
#define WAIT_NS "s.wait_ns + coalesce(max(coalesce(s.closed_ns, (SELECT end_ns FROM trace)) - s.unreturned_start_ns, 0), 0)"

static const struct quantity {
	const char *name, *sql;
	enum unit_kind kind;
} quantities[] = {
	{"id", "s.socket_id", UNIT_COUNT},
	{"opened", "s.opened_ns", UNIT_NS},
	{"age", DURATION_NS, UNIT_NS},
	{"wait", WAIT_NS, UNIT_NS},
	{"tx", "s.sent_bytes", UNIT_BYTES},
	{"rx", "s.received_bytes", UNIT_BYTES},
	{"calls", "s.calls", UNIT_COUNT},
	{"errors", "s.errors", UNIT_COUNT},
	{"accepted", "s.accepted_count", UNIT_COUNT},
	{"duration", DURATION_NS, UNIT_NS},
};

static const struct {
	enum unit_kind kind;
	const char *name;
	double factor;
} units[] = {
	{UNIT_NS, "ns", 1}, {UNIT_NS, "us", 1e3}, {UNIT_NS, "µs", 1e3}, {UNIT_NS, "ms", 1e6}, {UNIT_NS, "s", 1e9}, {UNIT_NS, "m", 6e10},
	{UNIT_BYTES, "", 1}, {UNIT_BYTES, "B", 1}, {UNIT_BYTES, "K", 1024}, {UNIT_BYTES, "M", 1048576}, {UNIT_BYTES, "G", 1073741824},
	{UNIT_COUNT, "", 1}, {UNIT_COUNT, "k", 1e3}, {UNIT_COUNT, "M", 1e6},
};

static const struct quantity *find_quantity(const char *name, size_t length)
{
	for (size_t i = 0; i < sizeof quantities / sizeof quantities[0]; i++)
		if (strlen(quantities[i].name) == length && !memcmp(quantities[i].name, name, length))
			return &quantities[i];
	return NULL;
}

int filter_is_quantity(const char *word, size_t length)
{
	return find_quantity(word, length) != NULL;
}

/* `age>1s`, `errors=1`; the operator is at word[length]. */
int filter_add_comparison(struct filter *filter, struct condition *condition, const char *word, size_t length)
{
	const struct quantity *quantity = find_quantity(word, length);
	struct suggest suggest = SUGGEST_START(strndupa(word, length));
	const char *operator = word + length, *number = operator + 1 + (operator[1] == '=');
	double value, factor = -1;
	char *end;

	if (!quantity) {
		for (size_t i = 0; i < sizeof quantities / sizeof quantities[0]; i++)
			suggest_offer(&suggest, quantities[i].name);
		options_fail(filter->command, "%s: nothing called '%.*s' to compare; did you mean %s%s?", word, (int)length, word,
			suggest.nearest ? suggest.nearest : "age", operator);
		return -EINVAL;
	}
	value = strtod(number, &end);
	for (size_t i = 0; i < sizeof units / sizeof units[0]; i++)
		if (end != number && units[i].kind == quantity->kind && !strcmp(end, units[i].name))
			factor = units[i].factor;
	if (factor < 0 || !(value >= 0) || value * factor > 9e18) {
		options_fail(filter->command, "%s: a number and %s, as in %.*s%.*s", word,
			quantity->kind == UNIT_NS ? "ns, us, ms, s or m" : quantity->kind == UNIT_BYTES ? "nothing, K, M or G" : "nothing, k or M",
			(int)(number - word), word, 4, quantity->kind == UNIT_NS ? "10ms" : quantity->kind == UNIT_BYTES ? "64K" : "100");
		return -EINVAL;
	}
	condition_add(condition, "%s %.*s ?%d", quantity->sql, (int)(number - operator), operator, condition_bind_integer(filter, (int64_t)(value * factor)));
	return 0;
}

int filter_add_sort(struct filter *filter, const char *value)
{
	int descending = value[0] == '-';
	const struct quantity *quantity = find_quantity(value + descending, strlen(value + descending));
	struct suggest suggest = SUGGEST_START(value + descending);
	char order[160];

	if (!quantity) {
		for (size_t i = 0; i < sizeof quantities / sizeof quantities[0]; i++)
			suggest_offer(&suggest, quantities[i].name);
		if (suggest.nearest)
			options_fail(filter->command, "sort:%s: no such key; did you mean sort:%s%s?", value, descending ? "-" : "", suggest.nearest);
		else
			options_fail(filter->command, "sort:%s: no such key; one of id, opened, age, tx, rx, wait, calls, errors, accepted", value);
		return -EINVAL;
	}
	snprintf(order, sizeof order, "%s %s, s.socket_id", quantity->sql, descending ? "DESC" : "ASC");
	memcpy(filter->order, order, sizeof order);
	return 0;
}
