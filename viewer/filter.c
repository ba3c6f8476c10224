/*
 * filter.c: see filter.h. A word is `[-]field:value[,value…]`, `[-]field<op>number unit`, or a bare word. Each becomes
 * one SQL condition over `socket s` and `lifecycle l`; values go into the list of bound parameters in the order of their `?`.
 * Here: which kind a word is, and the statement that all of them make.
 */
#include "viewer/filter_internal.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const struct command_term filter_term_table[] = {
	{"s12", "the socket s12; several: s12 s14, s12,s14, s12-s20"},
	{":8080", "a port, of either end"},
	{"nginx, 10.0.0.7", "a bare word: a program, address, name, protocol, role or state that contains it"},
	{"state:leaked", "new, bound, listening, connecting, connected, half-closed, failed, closed; also open (not closed) and leaked (not a listener, and open when its process ended)"},
	{"role:accepted", "client, listener, accepted, datagram, pair, inherited, unconnected"},
	{"proto:tcp", "tcp, udp, unix, netlink …"},
	{"port:8080", "a port, of either end; a range: port:8000-8099"},
	{"local:ADDR, peer:ADDR", "that end's address, host, path or its beginning followed by *; peer: the name looked up too: peer:10.0.0.7 peer:db.internal local:/run/*"},
	{"proc:nginx, pid:42", "a process that held the socket at any time; proc:py* is a pattern"},
	{"fd:7", "a descriptor number it was held by"},
	{"parent:s1", "accepted from the listener s1"},
	{"error:ECONNREFUSED", "its last error"},
	{"has:error", "error, peer (other end in the trace), name (looked up), reset, data, wait, accepted, unread (bytes the program never read)"},
	{"'age>1s', 'tx>=1M'", "age, wait, tx, rx, calls, errors, accepted, opened compared by < > <= >= = with a number and ns, us, ms, s, m or K, M, G; quoted, for the shell takes < and > for itself"},
	{"-word", "not: any of the above with a minus before it"},
	{"a,b", "one of several values: state:leaked,failed"},
	{"sort:KEY", "id, opened, age, tx, rx, wait, calls, errors, accepted; a minus puts the largest first: sort:-age"},
	{"limit:N", "only the first N"},
	{NULL, NULL},
};

static int add_limit(struct filter *filter, const char *value)
{
	int taken = filter_read_number(value, &filter->limit);

	if (taken && !value[taken] && filter->limit > 0)
		return 0;
	options_fail(filter->command, "limit:%s: a number from 1 up", value);
	return -EINVAL;
}

static int looks_like_ids(const char *word)
{
	return word[0] == 's' && isdigit((unsigned char)word[1]) && !word[strspn(word, "s0123456789-,")];
}

/* s12, s3-s9, s3-9; returns the characters taken, 0: it is none. */
static int read_range(const char *word, struct filter_range *range)
{
	int taken = word[0] == 's' ? filter_read_number(word + 1, &range->first) : 0, more;
	const char *rest = word + 1 + taken;

	if (!taken)
		return 0;
	range->last = range->first;
	if (*rest == '-') {
		rest += 1 + (rest[1] == 's');
		more = filter_read_number(rest, &range->last);
		if (!more)
			return 0;
		rest += more;
	}
	return (int)(rest - word);
}

static int note_named(struct filter *filter, struct filter_range range)
{
	struct filter_range *grown = realloc(filter->named, (size_t)(filter->named_count + 1) * sizeof *grown);

	if (!grown)
		return -ENOMEM;
	filter->named = grown;
	filter->named[filter->named_count++] = range;
	return 0;
}

/* s12,s3-s9 */
static int add_ids(struct filter *filter, struct condition *condition, const char *word)
{
	for (const char *rest = word;; rest++) {
		struct filter_range range = {0, 0};
		int taken = read_range(rest, &range), number;

		if (!taken || (rest[taken] && rest[taken] != ',')) {
			options_fail(filter->command, "%s: sockets are named as in s1, s1-s3 or s1,s3", word);
			return -EINVAL;
		}
		if (range.last < range.first) {
			options_fail(filter->command, "%s: the range ends before it begins; did you mean s%lld-s%lld?", word, (long long)range.last, (long long)range.first);
			return -EINVAL;
		}
		if (!condition->negated && note_named(filter, range))
			return -ENOMEM;
		number = condition_bind_integer(filter, range.first);
		condition_add(condition, "%ss.socket_id BETWEEN ?%d AND ?%d", rest == word ? "" : " OR ", number, condition_bind_integer(filter, range.last));
		rest += taken;
		if (!*rest)
			return 0;
	}
}

/* Of the words that name ids one is enough: they are one condition, apart from the others. */
static int add_to_ids(struct filter *filter, const char *sql)
{
	char *longer = NULL;

	if (asprintf(&longer, "%s%s%s", filter->ids ? filter->ids : "", filter->ids ? " OR " : "", sql) < 0)
		return -ENOMEM;
	free(filter->ids);
	filter->ids = longer;
	return 0;
}

/* Takes the condition over. */
static int keep(struct filter *filter, struct condition *condition)
{
	struct condition *grown = realloc(filter->conditions, (size_t)(filter->condition_count + 1) * sizeof *grown);

	if (!grown)
		return -ENOMEM;
	filter->conditions = grown;
	filter->conditions[filter->condition_count++] = *condition;
	*condition = (struct condition){.sql = NULL};
	return 0;
}

static int fail_equals(const struct filter *filter, const char *word, size_t length)
{
	options_fail(filter->command, "%s: did you mean %.*s:%s?", word, (int)length, word, word + length + 1);
	return -EINVAL;
}

/* What is left of `age>1s` when the shell has taken the rest for the name of a file. */
static int fail_redirected(const struct filter *filter, const char *word)
{
	options_fail(filter->command, "%s: with what is it compared? In quotes, as a shell takes > for itself: '%s>1' (a program of that name: proc:%s)", word, word, word);
	return -EINVAL;
}

int filter_add(struct filter *filter, const char *word)
{
	struct condition condition = {.negated = word[0] == '-' && word[1]};
	const char *start = word + condition.negated;
	size_t length = strcspn(start, ":<>="), colon = strcspn(start, ":");
	int ids = looks_like_ids(start) && !condition.negated, error = 0;

	if (!*start) {
		options_fail(filter->command, "'': an empty word filters nothing");
		return -EINVAL;
	}
	if (!strncmp(start, "sort:", 5))
		return filter_add_sort(filter, start + 5);
	if (!strncmp(start, "limit:", 6))
		return add_limit(filter, start + 6);
	if (looks_like_ids(start))
		error = add_ids(filter, &condition, start);
	else if (start[0] == ':' && isdigit((unsigned char)start[1]))
		error = filter_add_port(filter, &condition, "port", start + 1);
	else if (((start[length] == '<' || start[length] == '>') && length) || (start[length] == '=' && filter_is_quantity(start, length)))
		error = filter_add_comparison(filter, &condition, start, length);
	else if (start[length] == '=' && filter_is_field(start, length))
		error = fail_equals(filter, start, length);
	else if (!start[length] && filter_is_quantity(start, length))
		error = fail_redirected(filter, start);
	else if (start[colon] == ':' && filter_looks_like_field(start, colon))
		error = filter_add_field(filter, &condition, start, colon);
	else
		filter_add_bare(filter, &condition, start);
	if (!error) {
		if (!filter->first_word && !condition.negated)
			filter->first_word = start;
		filter->words++;
		error = ids ? add_to_ids(filter, condition.sql) : keep(filter, &condition);
	}
	condition_free(&condition);
	return error;
}

void filter_free(struct filter *filter)
{
	for (int i = 0; i < filter->value_count; i++)
		free(filter->values[i].text);
	free(filter->values);
	for (int i = 0; i < filter->condition_count; i++)
		condition_free(&filter->conditions[i]);
	free(filter->conditions);
	free(filter->ids);
	free(filter->named);
	*filter = (struct filter){.command = filter->command};
}

void filter_bind(struct filter *filter, sqlite3_stmt *statement)
{
	for (int i = 0; i < filter->value_count; i++)
		if (filter->values[i].text)
			sqlite3_bind_text(statement, i + 1, filter->values[i].text, -1, SQLITE_STATIC);
		else
			sqlite3_bind_int64(statement, i + 1, filter->values[i].integer);
}

/*
 * ` AND condition` for each word. A word that few sockets fit names them; of the others the condition is asked of each in their order, with IS TRUE, so that
 * SQLite takes no index that has them in another, and NULL counts as no. (coalesce() would have every part of the condition computed, also where the first decides.)
 */
static char *make_where(struct filter *filter, struct database *database)
{
	char *where = NULL, *rare;
	size_t size = 0;
	FILE *text = open_memstream(&where, &size);

	for (int i = 0; text && i < filter->condition_count; i++) {
		const struct condition *condition = &filter->conditions[i];

		rare = filter->ids ? NULL : filter_find_rare(filter, database, condition);
		if (rare)
			fputs(rare, text);
		else
			fprintf(text, " AND (%s) IS%s TRUE", condition->sql, condition->negated ? " NOT" : "");
		free(rare);
	}
	if (text && fclose(text) == 0)
		return where;
	free(where);
	return NULL;
}

sqlite3_stmt *filter_prepare(struct filter *filter, struct database *database, const char *columns, const char *tail)
{
	char *where = make_where(filter, database), *sql = NULL, limit[64] = "";
	sqlite3_stmt *statement = NULL;
	int needs_view = where && (strstr(where, "l.") || strstr(filter->order, "l.") || strstr(columns, "l."));

	if (filter->limit || filter->offset)
		snprintf(limit, sizeof limit, " LIMIT %lld OFFSET %lld", filter->limit ? (long long)filter->limit : -1LL, (long long)filter->offset);
	if (where && asprintf(&sql, "SELECT %s FROM socket s %s WHERE (%s)%s %s%s%s", columns, needs_view ? "CROSS JOIN lifecycle l ON l.socket_id = s.socket_id" : "",
		filter->ids ? filter->ids : "1", where, tail ? tail : "ORDER BY ", tail ? "" : filter->order[0] ? filter->order : "s.socket_id", limit) >= 0) {
		statement = database_prepare(database, sql);
		free(sql);
	}
	free(where);
	if (statement)
		filter_bind(filter, statement);
	return statement;
}

static void suggest_programs(struct suggest *suggest, struct database *database, char *nearest, size_t size)
{
	sqlite3_stmt *statement = database_prepare(database, "SELECT DISTINCT program FROM process LIMIT 1000");
	char candidate[64];

	while (statement && database_step(database, statement) == 1) {
		snprintf(candidate, sizeof candidate, "%s", (const char *)sqlite3_column_text(statement, 0));
		suggest_offer(suggest, candidate);
		if (suggest->nearest != candidate)
			continue;
		snprintf(nearest, size, "%s", candidate);
		suggest->nearest = nearest;
	}
	sqlite3_finalize(statement);
}

static int is_there(struct database *database, struct filter_range range)
{
	sqlite3_stmt *statement = database_prepare(database, "SELECT 1 FROM socket WHERE socket_id BETWEEN ?1 AND ?2 LIMIT 1");
	int found = 1;

	if (statement) {
		sqlite3_bind_int64(statement, 1, range.first);
		sqlite3_bind_int64(statement, 2, range.last);
		found = database_step(database, statement) != 0;
	}
	sqlite3_finalize(statement);
	return found;
}

int filter_check_named(struct filter *filter, struct database *database)
{
	int64_t count = database_integer(database, "SELECT sockets FROM summary", 0);

	for (int i = 0; i < filter->named_count && count; i++) {
		struct filter_range range = filter->named[i];
		char last[32] = "";

		if (is_there(database, range))
			continue;
		if (range.last > range.first)
			snprintf(last, sizeof last, "-s%lld", (long long)range.last);
		fprintf(stderr, "socklife: no socket s%lld%s in %s: it has s1 to s%lld\n", (long long)range.first, last, database->path, (long long)count);
		filter->named_missing++;
	}
	return filter->named_missing;
}

void filter_explain_empty(struct filter *filter, struct database *database)
{
	int64_t count = database_integer(database, "SELECT sockets FROM summary", 0);
	struct suggest suggest = SUGGEST_START(filter->first_word ? filter->first_word : "");
	char nearest[64];
	const char *colon;

	if (filter->named_missing || filter_check_named(filter, database))
		return;
	if (count == 0 || !filter->words) {
		fprintf(stderr, database->recording ? "socklife: %s has no socket yet: it is being recorded\n" :
			"socklife: %s has no socket: the program opened none, or could not be traced (`socklife doctor PROGRAM`)\n", database->path);
		return;
	}
	colon = strchr(suggest.word, ':');
	if (colon && !strncmp(suggest.word, "proc:", 5))
		suggest.word = colon + 1;
	if (!colon || suggest.word == colon + 1) {
		suggest_programs(&suggest, database, nearest, sizeof nearest);
		for (const struct keyword *keyword = filter_state_words; keyword->word && !colon; keyword++)
			suggest_offer(&suggest, keyword->word);
	}
	if (suggest.nearest && strcmp(suggest.nearest, suggest.word))
		fprintf(stderr, "socklife: none of %lld socket%s matches; did you mean %s%s?\n", (long long)count, count == 1 ? "" : "s", colon ? "proc:" : "", suggest.nearest);
	else if (filter->first_word && access(filter->first_word, F_OK) == 0)
		fprintf(stderr, "socklife: none of %lld socket%s matches; %s was taken for a filter word, as it is no database\n", (long long)count, count == 1 ? "" : "s", filter->first_word);
	else
		fprintf(stderr, "socklife: none of %lld socket%s matches\n", (long long)count, count == 1 ? "" : "s");
}
