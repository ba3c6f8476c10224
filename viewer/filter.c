/*
 * filter.c: see filter.h. A word is `[-]field:value[,value…]`, `[-]field<op>number unit`, or a bare word. Each becomes
 * one SQL condition over `socket s` and `lifecycle l`; values go into the list of bound parameters in the order of their `?`.
 */
#include "viewer/filter.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "viewer/suggest.h"

const struct command_term filter_term_table[] = {
	{"s12", "the socket s12; several: s12 s14, s12-s20"},
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
	{"age>1s, tx>=1M", "age, wait, tx, rx, calls, errors, opened compared by < > <= >= with a number and ns, us, ms, s, m or K, M, G"},
	{"-word", "not: any of the above with a minus before it"},
	{"a,b", "one of several values: state:leaked,failed"},
	{"sort:KEY", "id, opened, age, tx, rx, wait, calls, errors, accepted; a minus puts the largest first: sort:-age"},
	{"limit:N", "only the first N"},
	{NULL, NULL},
};

struct condition {
	char *sql;
	size_t length;
};

typedef int (*field_function)(struct filter *filter, struct condition *condition, const char *field, const char *value);

static void condition_add(struct condition *condition, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void condition_add(struct condition *condition, const char *format, ...)
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

/* Both keep a value and return the number of its parameter in the SQL: ?1, ?2 … */
static int bind_value(struct filter *filter, struct filter_value value)
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

static int bind_text(struct filter *filter, const char *text, size_t length)
{
	return bind_value(filter, (struct filter_value){.text = strndup(text, length)});
}

static int bind_integer(struct filter *filter, int64_t integer)
{
	return bind_value(filter, (struct filter_value){.integer = integer});
}

/* Words that a field knows, with their conditions. */
struct keyword {
	const char *word, *sql;
};

static const struct keyword state_words[] = {
	{"new", "l.state = 'new'"},
	{"bound", "l.state = 'bound'"},
	{"listening", "l.state = 'listening'"},
	{"connecting", "l.state = 'connecting'"},
	{"connected", "l.state = 'connected'"},
	{"half-closed", "l.state = 'half-closed'"},
	{"failed", "l.state = 'failed' OR s.connect_errno IS NOT NULL AND s.connected_ns IS NULL"},
	{"closed", "l.state = 'closed'"},
	{"open", "s.closed_ns IS NULL"},
	{"leaked", "s.how_ended IN ('exit', 'killed') AND s.listening_ns IS NULL"},
	{NULL, NULL},
};

static const struct keyword role_words[] = {
	{"client", "l.role = 'client'"},
	{"listener", "l.role = 'listener'"},
	{"accepted", "l.role = 'accepted'"},
	{"datagram", "l.role = 'datagram'"},
	{"pair", "l.role = 'pair'"},
	{"inherited", "l.role = 'inherited'"},
	{"unconnected", "l.role = 'unconnected'"},
	{NULL, NULL},
};

static const struct keyword has_words[] = {
	{"error", "s.errors > 0 OR s.connect_errno IS NOT NULL AND s.connected_ns IS NULL"},
	{"peer", "s.peer_id IS NOT NULL"},
	{"name", "s.remote_id IN (SELECT a.address_id FROM address a WHERE a.host IN (SELECT n.address_host FROM name n)) AND (SELECT v.peer_name FROM lifecycle v WHERE v.socket_id = s.socket_id) IS NOT NULL"},
	{"reset", "s.reset_ns IS NOT NULL"},
	{"data", "s.sent_bytes + s.received_bytes > 0"},
	{"wait", "s.wait_ns > 0"},
	{"accepted", "s.accepted_count > 0"},
	{"unread", "s.unread_bytes > 0"},
	{NULL, NULL},
};

static int add_keyword(struct filter *filter, struct condition *condition, const char *field, const char *value, const struct keyword *keywords)
{
	struct suggest suggest = SUGGEST_START(value);

	for (; keywords->word; keywords++) {
		if (!strcasecmp(keywords->word, value)) {
			condition_add(condition, "(%s)", keywords->sql);
			return 0;
		}
		suggest_offer(&suggest, keywords->word);
	}
	if (suggest.nearest)
		options_fail(filter->command, "%s:%s: no such %s; did you mean %s:%s?", field, value, field, field, suggest.nearest);
	else
		options_fail(filter->command, "%s:%s: no such %s", field, value, field);
	return -EINVAL;
}

static int field_state(struct filter *filter, struct condition *condition, const char *field, const char *value)
{
	return add_keyword(filter, condition, field, value, state_words);
}

static int field_role(struct filter *filter, struct condition *condition, const char *field, const char *value)
{
	return add_keyword(filter, condition, field, value, role_words);
}

static int field_has(struct filter *filter, struct condition *condition, const char *field, const char *value)
{
	return add_keyword(filter, condition, field, value, has_words);
}

/* As lifecycle.protocol has it, with the names looked up once. */
static void add_protocol(struct condition *condition, int number)
{
	condition_add(condition, "CASE WHEN s.domain IN (2, 10) THEN s.protocol IN (SELECT c.number FROM constant c WHERE c.kind = 'protocol' AND c.name = lower(?%d) UNION SELECT CAST(?%d AS INTEGER) WHERE ?%d GLOB '[1-9]*') "
		"ELSE s.domain IN (SELECT c.number FROM constant c WHERE c.kind = 'domain' AND lower(c.name) = lower(?%d)) END",
		number, number, number, number);
}

static int field_proto(struct filter *filter, struct condition *condition, const char *field, const char *value)
{
	add_protocol(condition, bind_text(filter, value, strlen(value)));
	return 0;
}

/* Reads `12` or `s12`; returns the characters taken, 0: neither. */
static int read_number(const char *text, int64_t *number)
{
	char *end;

	if (!isdigit((unsigned char)*text))
		return 0;
	errno = 0;
	*number = strtoll(text, &end, 10);
	return errno ? 0 : (int)(end - text);
}

/* `before` and `after`: the condition around `BETWEEN low AND high`. */
static int add_range(struct filter *filter, struct condition *condition, const char *field, const char *value, const char *before, const char *after)
{
	int64_t low = 0, high;
	int taken = read_number(value, &low), more = 0, first, last;

	high = low;
	if (taken && value[taken] == '-')
		more = read_number(value + taken + 1, &high);
	if (!taken || value[taken + (more ? more + 1 : 0)]) {
		options_fail(filter->command, "%s:%s: a number, or a range as %s:8000-8099", field, value, field);
		return -EINVAL;
	}
	first = bind_integer(filter, low);
	last = bind_integer(filter, high);
	condition_add(condition, "%s BETWEEN ?%d AND ?%d%s", before, first, last, after);
	return 0;
}

static int field_port(struct filter *filter, struct condition *condition, const char *field, const char *value)
{
	int64_t port = 0;

	if (read_number(value, &port) && port > 65535) {
		options_fail(filter->command, "%s:%s: a port is at most 65535", field, value);
		return -EINVAL;
	}
	if (add_range(filter, condition, field, value, "s.local_id IN (SELECT a.address_id FROM address a WHERE a.port", ")"))
		return -EINVAL;
	condition_add(condition, " OR s.remote_id IN (SELECT a.address_id FROM address a WHERE a.port BETWEEN ?%d AND ?%d)", filter->value_count - 1, filter->value_count);
	return 0;
}

static int field_pid(struct filter *filter, struct condition *condition, const char *field, const char *value)
{
	return add_range(filter, condition, field, value,
		"EXISTS (SELECT 1 FROM span p WHERE p.socket_id = s.socket_id AND p.process_id IN (SELECT q.process_id FROM process q WHERE q.pid", "))");
}

static int field_fd(struct filter *filter, struct condition *condition, const char *field, const char *value)
{
	return add_range(filter, condition, field, value, "EXISTS (SELECT 1 FROM span p WHERE p.socket_id = s.socket_id AND p.fd", ")");
}

static int field_parent(struct filter *filter, struct condition *condition, const char *field, const char *value)
{
	return add_range(filter, condition, field, *value == 's' ? value + 1 : value, "s.parent_id", "");
}

static int field_proc(struct filter *filter, struct condition *condition, const char *field, const char *value)
{
	condition_add(condition, "EXISTS (SELECT 1 FROM span p WHERE p.socket_id = s.socket_id AND p.process_id IN (SELECT q.process_id FROM process q WHERE q.program %s ?%d))",
		strchr(value, '*') ? "GLOB" : "=", bind_text(filter, value, strlen(value)));
	return 0;
}

static int field_error(struct filter *filter, struct condition *condition, const char *field, const char *value)
{
	int number = bind_text(filter, value, strlen(value));

	for (int i = 0; i < 2; i++)
		condition_add(condition, "%s IN (SELECT e.number FROM constant e WHERE e.kind = 'errno' AND e.name = upper(?%d))", i ? " OR s.connect_errno" : "s.last_errno", number);
	return 0;
}

static void add_address(struct filter *filter, struct condition *condition, const char *column, const char *value)
{
	size_t length = strlen(value);
	int number;

	if (value[0] == '[' && value[length - 1] == ']') {
		value++;
		length -= 2;
	}
	number = bind_text(filter, value, length);
	if (strchr(value, '*'))
		condition_add(condition, "%s IN (SELECT a.address_id FROM address a WHERE a.text GLOB ?%d)", column, number);
	else
		condition_add(condition, "%s IN (SELECT a.address_id FROM address a WHERE a.text = ?%d OR a.host = ?%d)", column, number, number);
}

static int field_local(struct filter *filter, struct condition *condition, const char *field, const char *value)
{
	add_address(filter, condition, "s.local_id", value);
	return 0;
}

static int field_peer(struct filter *filter, struct condition *condition, const char *field, const char *value)
{
	int64_t id;
	int taken = value[0] == 's' ? read_number(value + 1, &id) : 0, number;

	if (taken && !value[taken + 1]) {
		condition_add(condition, "s.peer_id = ?%d", bind_integer(filter, id));
		return 0;
	}
	/* Names are few, and peer_name is costly: only sockets whose peer has that name at all are asked for theirs. */
	number = bind_text(filter, value, strlen(value));
	condition_add(condition, "s.remote_id IN (SELECT a.address_id FROM address a WHERE a.host IN (SELECT n.address_host FROM name n WHERE n.host = ?%d)) AND (SELECT v.peer_name FROM lifecycle v WHERE v.socket_id = s.socket_id) = ?%d",
		number, number);
	condition_add(condition, " OR ");
	add_address(filter, condition, "s.remote_id", value);
	return 0;
}

static const struct {
	const char *name;
	field_function function;
} fields[] = {
	{"state", field_state},
	{"role", field_role},
	{"has", field_has},
	{"proto", field_proto},
	{"port", field_port},
	{"pid", field_pid},
	{"fd", field_fd},
	{"parent", field_parent},
	{"proc", field_proc},
	{"error", field_error},
	{"local", field_local},
	{"peer", field_peer},
};

enum unit_kind { UNIT_NS, UNIT_BYTES, UNIT_COUNT };

static const struct quantity {
	const char *name, *sql;
	enum unit_kind kind;
} quantities[] = {
	{"id", "s.socket_id", UNIT_COUNT},
	{"opened", "s.opened_ns", UNIT_NS},
	{"age", "l.duration_ns", UNIT_NS},
	{"wait", "s.wait_ns", UNIT_NS},
	{"tx", "s.sent_bytes", UNIT_BYTES},
	{"rx", "s.received_bytes", UNIT_BYTES},
	{"calls", "s.calls", UNIT_COUNT},
	{"errors", "s.errors", UNIT_COUNT},
	{"accepted", "s.accepted_count", UNIT_COUNT},
	{"duration", "l.duration_ns", UNIT_NS},
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

/* `age>1s`; the operator is at word[length]. */
static int add_comparison(struct filter *filter, struct condition *condition, const char *word, size_t length)
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
	condition_add(condition, "%s %.*s ?%d", quantity->sql, (int)(number - operator), operator, bind_integer(filter, (int64_t)(value * factor)));
	return 0;
}

static int add_sort(struct filter *filter, const char *value)
{
	int descending = value[0] == '-';
	const struct quantity *quantity = find_quantity(value + descending, strlen(value + descending));
	struct suggest suggest = SUGGEST_START(value + descending);
	char order[64];

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

static int add_limit(struct filter *filter, const char *value)
{
	int taken = read_number(value, &filter->limit);

	if (taken && !value[taken] && filter->limit > 0)
		return 0;
	options_fail(filter->command, "limit:%s: a number from 1 up", value);
	return -EINVAL;
}

/* s12, s3-s9, s3-9; returns 1 when the word is one. */
static int add_ids(struct filter *filter, struct condition *condition, const char *word)
{
	int64_t low, high;
	int taken = word[0] == 's' ? read_number(word + 1, &low) : 0;
	const char *rest = word + 1 + taken;
	int first, last;

	if (!taken)
		return 0;
	high = low;
	if (*rest == '-') {
		rest += 1 + (rest[1] == 's');
		taken = read_number(rest, &high);
		if (!taken)
			return 0;
		rest += taken;
	}
	if (*rest)
		return 0;
	first = bind_integer(filter, low);
	last = bind_integer(filter, high);
	condition_add(condition, "s.socket_id BETWEEN ?%d AND ?%d", first, last);
	return 1;
}

/* `%word%` for LIKE, which knows no case among ASCII letters: %, _ and the escape itself are taken literally. */
static int bind_pattern(struct filter *filter, const char *word)
{
	char *pattern = malloc(strlen(word) * 2 + 3), *end = pattern;
	int number = bind_value(filter, (struct filter_value){.text = pattern});

	if (!pattern)
		return number;
	*end++ = '%';
	for (; *word; word++) {
		if (strchr("%_\\", *word))
			*end++ = '\\';
		*end++ = *word;
	}
	*end++ = '%';
	*end = 0;
	return number;
}

/*
 * Whether a socket's program, address, name, protocol, role or state is the word, or has it in it. Programs, addresses and names are searched once, and
 * not for each socket; the view is asked (`v`) only about sockets that may match.
 */
static void add_bare(struct filter *filter, struct condition *condition, const char *word)
{
	static const char *const ends[] = {"s.local_id", "s.remote_id"};
	int number = bind_text(filter, word, strlen(word)), pattern = bind_pattern(filter, word);

	condition_add(condition, "s.process_id IN (SELECT q.process_id FROM process q WHERE q.program LIKE ?%d ESCAPE '\\')", pattern);
	for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++)
		condition_add(condition, " OR %s IN (SELECT a.address_id FROM address a WHERE a.text LIKE ?%d ESCAPE '\\')", ends[i], pattern);
	condition_add(condition, " OR s.remote_id IN (SELECT a.address_id FROM address a WHERE a.host IN (SELECT n.address_host FROM name n WHERE n.host LIKE ?%d ESCAPE '\\'))"
		" AND (SELECT v.peer_name FROM lifecycle v WHERE v.socket_id = s.socket_id) LIKE ?%d ESCAPE '\\'", pattern, pattern);
	condition_add(condition, " OR ");
	add_protocol(condition, number);
	for (const struct keyword *keyword = role_words; keyword->word; keyword++)
		if (!strcasecmp(keyword->word, word))
			condition_add(condition, " OR %s", keyword->sql);
	for (const struct keyword *keyword = state_words; keyword->word; keyword++)
		if (!strcasecmp(keyword->word, word))
			condition_add(condition, " OR %s", keyword->sql);
}

static int fail_field(struct filter *filter, const char *word, size_t length)
{
	struct suggest suggest = SUGGEST_START(strndupa(word, length));

	for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
		suggest_offer(&suggest, fields[i].name);
	suggest_offer(&suggest, "sort");
	suggest_offer(&suggest, "limit");
	if (suggest.nearest)
		options_fail(filter->command, "%s: no filter '%.*s:'; did you mean %s:%s?", word, (int)length, word, suggest.nearest, word + length + 1);
	else
		options_fail(filter->command, "%s: no filter '%.*s:'; state: role: proto: port: local: peer: proc: pid: fd: parent: error: has: sort: limit:", word,
			(int)length, word);
	return -EINVAL;
}

/* Whether `field:` before a colon looks like one of ours and not like an address (::1, 10.0.0.7:80). */
static int looks_like_field(const char *word, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (!islower((unsigned char)word[i]) && word[i] != '-' && word[i] != '_')
			return 0;
	return length > 1;
}

static int add_field(struct filter *filter, struct condition *condition, const char *word, size_t length)
{
	const char *value = word + length + 1;
	int error = 0, first = 1;

	for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
		if (strlen(fields[i].name) != length || memcmp(fields[i].name, word, length))
			continue;
		if (!*value) {
			options_fail(filter->command, "%s: a value is missing; see the filter words", word);
			return -EINVAL;
		}
		while (*value && !error) {
			size_t part = strcspn(value, ",");
			char *copy = strndup(value, part);

			condition_add(condition, first ? "(" : " OR ");
			error = copy ? fields[i].function(filter, condition, fields[i].name, copy) : -ENOMEM;
			free(copy);
			value += part + (value[part] == ',');
			first = 0;
		}
		condition_add(condition, ")");
		return error;
	}
	return fail_field(filter, word, length);
}

/*
 * Appends `joint condition` to *where. Ids stay as they are, so that they are looked up; else sockets are read in their order, and NULL counts as no. (IS
 * TRUE, since coalesce() would have every part of the condition computed, also where the first decides.)
 */
static void join(char **where, int ids, int negated, const char *sql)
{
	char *longer = NULL;

	if (asprintf(&longer, "%s%s(%s)%s", *where ? *where : "", !*where ? "" : ids ? " OR " : " AND ", sql, ids ? "" : negated ? " IS NOT TRUE" : " IS TRUE") < 0)
		return;
	free(*where);
	*where = longer;
}

int filter_add(struct filter *filter, const char *word)
{
	struct condition condition = {NULL, 0};
	int negated = word[0] == '-' && word[1], ids = 0, error = 0;
	const char *start = word + negated;
	size_t length = strcspn(start, ":<>");

	if (!*start) {
		options_fail(filter->command, "'': an empty word filters nothing");
		return -EINVAL;
	}
	if (!strncmp(start, "sort:", 5))
		return add_sort(filter, start + 5);
	if (!strncmp(start, "limit:", 6))
		return add_limit(filter, start + 6);
	if (add_ids(filter, &condition, start))
		ids = !negated;
	else if (start[0] == ':' && isdigit((unsigned char)start[1]))
		error = field_port(filter, &condition, "port", start + 1);
	else if ((start[length] == '<' || start[length] == '>') && length)
		error = add_comparison(filter, &condition, start, length);
	else if (start[length] == ':' && looks_like_field(start, length))
		error = add_field(filter, &condition, start, length);
	else
		add_bare(filter, &condition, start);
	if (!error) {
		join(ids ? &filter->ids : &filter->where, ids, negated, condition.sql);
		if (ids && !filter->first_id)
			filter->first_id = filter->values[filter->value_count - 2].integer;
		if (!filter->first_word && !negated)
			filter->first_word = start;
		filter->words++;
	}
	free(condition.sql);
	return error;
}

void filter_free(struct filter *filter)
{
	for (int i = 0; i < filter->value_count; i++)
		free(filter->values[i].text);
	free(filter->values);
	free(filter->where);
	free(filter->ids);
	*filter = (struct filter){.command = filter->command};
}

sqlite3_stmt *filter_prepare(struct filter *filter, struct database *database, const char *columns, const char *tail)
{
	char *sql = NULL, limit[64] = "";
	sqlite3_stmt *statement;
	int needs_view = (filter->where && strstr(filter->where, "l.")) || strstr(filter->order, "l.") || strstr(columns, "l.");

	if (filter->limit || filter->offset)
		snprintf(limit, sizeof limit, " LIMIT %lld OFFSET %lld", filter->limit ? (long long)filter->limit : -1LL, (long long)filter->offset);
	if (asprintf(&sql, "SELECT %s FROM socket s %s WHERE (%s) AND (%s) %s%s%s", columns, needs_view ? "CROSS JOIN lifecycle l ON l.socket_id = s.socket_id" : "",
		filter->ids ? filter->ids : "1", filter->where ? filter->where : "1", tail ? tail : "ORDER BY ",
		tail ? "" : filter->order[0] ? filter->order : "s.socket_id", limit) < 0)
		return NULL;
	statement = database_prepare(database, sql);
	free(sql);
	for (int i = 0; statement && i < filter->value_count; i++)
		if (filter->values[i].text)
			sqlite3_bind_text(statement, i + 1, filter->values[i].text, -1, SQLITE_STATIC);
		else
			sqlite3_bind_int64(statement, i + 1, filter->values[i].integer);
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

void filter_explain_empty(struct filter *filter, struct database *database)
{
	int64_t count = database_integer(database, "SELECT sockets FROM summary", 0);
	struct suggest suggest = SUGGEST_START(filter->first_word ? filter->first_word : "");
	char nearest[64];
	const char *colon;

	if (count == 0) {
		fprintf(stderr, "socklife: %s has no socket: the program opened none, or could not be traced (`socklife doctor PROGRAM`)\n", database->path);
		return;
	}
	if (filter->first_id && filter->words == 1) {
		fprintf(stderr, "socklife: no socket s%lld in %s: it has s1 to s%lld\n", (long long)filter->first_id, database->path, (long long)count);
		return;
	}
	colon = strchr(suggest.word, ':');
	if (colon && !strncmp(suggest.word, "proc:", 5))
		suggest.word = colon + 1;
	if (!colon || suggest.word == colon + 1) {
		suggest_programs(&suggest, database, nearest, sizeof nearest);
		for (const struct keyword *keyword = state_words; keyword->word && !colon; keyword++)
			suggest_offer(&suggest, keyword->word);
	}
	if (suggest.nearest && strcmp(suggest.nearest, suggest.word))
		fprintf(stderr, "socklife: none of %lld sockets matches; did you mean %s%s?\n", (long long)count, colon ? "proc:" : "", suggest.nearest);
	else
		fprintf(stderr, "socklife: none of %lld sockets matches\n", (long long)count);
}
