/*
 * filter_fields.c: `field:value[,value…]` and bare words as conditions over `socket s` and `lifecycle l`. A field is a row of `fields`; one that
 * takes words of its own has them in a table with their conditions.
 */
#include "viewer/filter_internal.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>

/*
 * Some addresses of a kind, joined with the sockets that a condition is to name. One that no socket has counts as well (a row of NULL): so many are not few
 * sockets either, and more need not be read to know it.
 */
#define SOME_ADDRESSES(kind) "(SELECT a.address_id FROM address a WHERE " kind " LIMIT " RARE_BEYOND ") a LEFT JOIN socket s"

/*
 * Sockets whose peer was looked up by a name. peer_name is costly: only those are asked for theirs whose peer has it for anybody, and where no name is the one, none.
 */
#define NAMES(is) " FROM name n WHERE n.host " is
#define PEER_NAMED(is) "s.remote_id IN (SELECT a.address_id FROM address a WHERE a.host IN (SELECT n.address_host" NAMES(is) ")) " \
	"AND (SELECT v.peer_name FROM lifecycle v WHERE v.socket_id = s.socket_id) " is

typedef int (*field_function)(struct filter *filter, struct condition *condition, const char *field, const char *value);

const struct keyword filter_state_words[] = {
	{"new", "l.state = 'new'", 0},
	{"bound", "l.state = 'bound'", 0},
	{"listening", "s.listening_ns IS NOT NULL AND s.closed_ns IS NULL", 1},
	{"connecting", "l.state = 'connecting'", 0},
	{"connected", "l.state = 'connected'", 0},
	{"half-closed", "l.state = 'half-closed'", 0},
	{"failed", "s.connect_errno IS NOT NULL AND s.connected_ns IS NULL", 1},
	{"closed", "l.state = 'closed'", 0},
	{"open", "s.closed_ns IS NULL", 0},
	{"leaked", "s.how_ended IN ('exit', 'killed') AND s.listening_ns IS NULL", 0},
	{NULL, NULL, 0},
};

static const struct keyword role_words[] = {
	{"client", "l.role = 'client'", 0},
	{"listener", "s.listening_ns IS NOT NULL", 1}, /* what the view says first of all, without the view */
	{"accepted", "l.role = 'accepted'", 0},
	{"datagram", "l.role = 'datagram'", 0},
	{"pair", "l.role = 'pair'", 0},
	{"inherited", "l.role = 'inherited'", 0},
	{"unconnected", "l.role = 'unconnected'", 0},
	{NULL, NULL, 0},
};

static const struct keyword has_words[] = {
	{"error", "s.errors > 0 OR s.connect_errno IS NOT NULL AND s.connected_ns IS NULL", 0},
	{"peer", "s.peer_id IS NOT NULL", 0},
	{"name", "s.remote_id IN (SELECT a.address_id FROM address a WHERE a.host IN (SELECT n.address_host FROM name n)) AND (SELECT v.peer_name FROM lifecycle v WHERE v.socket_id = s.socket_id) IS NOT NULL", 0},
	{"reset", "s.reset_ns IS NOT NULL", 1},
	{"data", "s.sent_bytes + s.received_bytes > 0", 0},
	{"wait", "s.wait_ns > 0 OR s.unreturned_start_ns IS NOT NULL", 0},
	{"accepted", "s.accepted_count > 0", 0},
	{"unread", "s.unread_bytes > 0 AND NOT coalesce(s.bytes_received < s.received_bytes + s.unread_bytes, 0)", 1},
	{NULL, NULL, 0},
};

static int add_keyword(struct filter *filter, struct condition *condition, const char *field, const char *value, const struct keyword *keywords)
{
	struct suggest suggest = SUGGEST_START(value);
	char all[300] = "";

	for (; keywords->word; keywords++) {
		if (!strcasecmp(keywords->word, value)) {
			condition_add(condition, "(%s)", keywords->sql);
			if (keywords->indexed)
				condition_find(condition, "socket s WHERE %s", keywords->sql);
			return 0;
		}
		suggest_offer(&suggest, keywords->word);
		snprintf(all + strlen(all), sizeof all - strlen(all), "%s%s", *all ? ", " : "", keywords->word);
	}
	if (suggest.nearest)
		options_fail(filter->command, "%s:%s: no such %s; did you mean %s:%s?", field, value, field, field, suggest.nearest);
	else
		options_fail(filter->command, "%s:%s: %s: takes %s", field, value, field, all);
	return -EINVAL;
}

static int field_state(struct filter *filter, struct condition *condition, const char *field, const char *value)
{
	return add_keyword(filter, condition, field, value, filter_state_words);
}

static int field_role(struct filter *filter, struct condition *condition, const char *field, const char *value)
{
	return add_keyword(filter, condition, field, value, role_words);
}

static int field_has(struct filter *filter, struct condition *condition, const char *field, const char *value)
{
	return add_keyword(filter, condition, field, value, has_words);
}

/* What is too long to be a name is cut, and no name either. */
static const char *fold_case(char word[FILTER_NAME_MOST], const char *value, int (*fold)(int))
{
	size_t length = strnlen(value, FILTER_NAME_MOST - 1);

	for (size_t i = 0; i < length; i++)
		word[i] = (char)fold((unsigned char)value[i]);
	word[length] = 0;
	return word;
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
	char word[FILTER_NAME_MOST];
	struct filter_name name = {.suggest = SUGGEST_START(fold_case(word, value, tolower)), .fold = tolower};

	if (value[strspn(value, "0123456789")] && !filter_is_name("protocol", &name) && !filter_is_name("domain", &name)) {
		options_fail(filter->command, "%s:%s: no such protocol; %s%s%s", field, value, name.suggest.nearest ? "did you mean proto:" : "tcp, udp, unix, netlink …",
			name.suggest.nearest ? name.suggest.nearest : "", name.suggest.nearest ? "?" : "");
		return -EINVAL;
	}
	add_protocol(condition, condition_bind_text(filter, value, strlen(value)));
	return 0;
}

int filter_read_number(const char *text, int64_t *number)
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
	int taken = filter_read_number(value, &low), more = 0, first, last;

	high = low;
	if (taken && value[taken] == '-')
		more = filter_read_number(value + taken + 1, &high);
	if (!taken || value[taken + (more ? more + 1 : 0)]) {
		options_fail(filter->command, "%s:%s: a number, or a range as %s:8000-8099", field, value, field);
		return -EINVAL;
	}
	if (high < low) {
		options_fail(filter->command, "%s:%s: the range ends before it begins; did you mean %s:%lld-%lld?", field, value, field, (long long)high, (long long)low);
		return -EINVAL;
	}
	first = condition_bind_integer(filter, low);
	last = condition_bind_integer(filter, high);
	condition_add(condition, "%s BETWEEN ?%d AND ?%d%s", before, first, last, after);
	return 0;
}

int filter_add_port(struct filter *filter, struct condition *condition, const char *field, const char *value)
{
	int64_t port = 0;
	int last;

	if (filter_read_number(value, &port) && port > 65535) {
		options_fail(filter->command, "%s:%s: a port is at most 65535", field, value);
		return -EINVAL;
	}
	if (add_range(filter, condition, field, value, "s.local_id IN (SELECT a.address_id FROM address a WHERE a.port", ")"))
		return -EINVAL;
	last = filter->value_count;
	condition_add(condition, " OR s.remote_id IN (SELECT a.address_id FROM address a WHERE a.port BETWEEN ?%d AND ?%d)", last - 1, last);
	condition_find(condition, SOME_ADDRESSES("a.port BETWEEN ?%d AND ?%d") " ON s.local_id = a.address_id OR s.remote_id = a.address_id", last - 1, last);
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
	if (add_range(filter, condition, field, *value == 's' ? value + 1 : value, "s.parent_id", ""))
		return -EINVAL;
	condition_find(condition, "socket s WHERE s.parent_id BETWEEN ?%d AND ?%d", filter->value_count - 1, filter->value_count);
	return 0;
}

static int field_proc(struct filter *filter, struct condition *condition, const char *field, const char *value)
{
	condition_add(condition, "EXISTS (SELECT 1 FROM span p WHERE p.socket_id = s.socket_id AND p.process_id IN (SELECT q.process_id FROM process q WHERE q.program %s ?%d))",
		strchr(value, '*') ? "GLOB" : "=", condition_bind_text(filter, value, strlen(value)));
	return 0;
}

static int field_error(struct filter *filter, struct condition *condition, const char *field, const char *value)
{
	char word[FILTER_NAME_MOST];
	struct filter_name name = {.suggest = SUGGEST_START(fold_case(word, value, toupper)), .fold = toupper};
	int number;

	if (!filter_is_name("errno", &name)) {
		options_fail(filter->command, "%s:%s: no such error; %s error:%s%s", field, value, name.suggest.nearest ? "did you mean" : "as in",
			name.suggest.nearest ? name.suggest.nearest : "ECONNREFUSED", name.suggest.nearest ? "?" : "");
		return -EINVAL;
	}
	number = condition_bind_text(filter, value, strlen(value));
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
	number = condition_bind_text(filter, value, length);
	if (strchr(value, '*')) {
		condition_add(condition, "%s IN (SELECT a.address_id FROM address a WHERE a.text GLOB ?%d)", column, number);
		condition_find(condition, SOME_ADDRESSES("a.text GLOB ?%d") " ON %s = a.address_id", number, column);
	} else {
		condition_add(condition, "%s IN (SELECT a.address_id FROM address a WHERE a.text = ?%d OR a.host = ?%d)", column, number, number);
		condition_find(condition, SOME_ADDRESSES("a.text = ?%d OR a.host = ?%d") " ON %s = a.address_id", number, number, column);
	}
}

static int field_local(struct filter *filter, struct condition *condition, const char *field, const char *value)
{
	add_address(filter, condition, "s.local_id", value);
	return 0;
}

static int field_peer(struct filter *filter, struct condition *condition, const char *field, const char *value)
{
	int64_t id;
	int taken = value[0] == 's' ? filter_read_number(value + 1, &id) : 0, number;

	if (taken && !value[taken + 1]) {
		condition_add(condition, "s.peer_id = ?%d", condition_bind_integer(filter, id));
		return 0;
	}
	number = condition_bind_text(filter, value, strlen(value));
	condition_add(condition, "EXISTS (SELECT 1" NAMES("= ?%d") ") AND " PEER_NAMED("= ?%d"), number, number, number);
	condition_find(condition, "(SELECT 1" NAMES("= ?%d") " LIMIT 1) CROSS JOIN socket s WHERE " PEER_NAMED("= ?%d"), number, number, number);
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
	{"port", filter_add_port},
	{"pid", field_pid},
	{"fd", field_fd},
	{"parent", field_parent},
	{"proc", field_proc},
	{"error", field_error},
	{"local", field_local},
	{"peer", field_peer},
};

static int fail_field(struct filter *filter, const char *word, size_t length)
{
	struct suggest suggest = SUGGEST_START(strndupa(word, length));

	for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
		suggest_offer(&suggest, fields[i].name);
	suggest_offer(&suggest, "sort");
	suggest_offer(&suggest, "limit");
	if (filter_is_quantity(word, length))
		options_fail(filter->command, "%s: '%.*s' is compared; did you mean '%.*s>=%s'?", word, (int)length, word, (int)length, word, word + length + 1);
	else if (suggest.nearest)
		options_fail(filter->command, "%s: no filter '%.*s:'; did you mean %s:%s?", word, (int)length, word, suggest.nearest, word + length + 1);
	else
		options_fail(filter->command, "%s: no filter '%.*s:'; state: role: proto: port: local: peer: proc: pid: fd: parent: error: has: sort: limit:", word,
			(int)length, word);
	return -EINVAL;
}

/* Whether `field:` before a colon looks like one of ours and not like an address (::1, 10.0.0.7:80). */
int filter_looks_like_field(const char *word, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (!islower((unsigned char)word[i]) && word[i] != '-' && word[i] != '_')
			return 0;
	return length > 1;
}

static int is_word(const char *name, const char *word, size_t length)
{
	return strlen(name) == length && !memcmp(name, word, length);
}

int filter_is_field(const char *word, size_t length)
{
	for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
		if (is_word(fields[i].name, word, length))
			return 1;
	return is_word("sort", word, length) || is_word("limit", word, length);
}

int filter_add_field(struct filter *filter, struct condition *condition, const char *word, size_t length)
{
	const char *value = word + length + 1;
	int error = 0, first = 1, all_found = 1;

	for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
		if (!is_word(fields[i].name, word, length))
			continue;
		if (!*value) {
			options_fail(filter->command, "%s: a value is missing; see the filter words", word);
			return -EINVAL;
		}
		while (*value && !error) {
			size_t part = strcspn(value, ","), found;
			char *copy = strndup(value, part);

			condition_add(condition, first ? "(" : " OR ");
			found = condition->found ? strlen(condition->found) : 0;
			error = copy ? fields[i].function(filter, condition, fields[i].name, copy) : -ENOMEM;
			free(copy);
			all_found &= condition->found && strlen(condition->found) > found;
			value += part + (value[part] == ',');
			first = 0;
		}
		condition_add(condition, ")");
		if (!all_found) {
			free(condition->found);
			condition->found = NULL;
		}
		return error;
	}
	return fail_field(filter, word, length);
}

/* `%word%` for LIKE, which knows no case among ASCII letters: %, _ and the escape itself are taken literally. */
static int bind_pattern(struct filter *filter, const char *word)
{
	char *pattern = malloc(strlen(word) * 2 + 3), *end = pattern;
	int number = condition_bind_value(filter, (struct filter_value){.text = pattern});

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

/* Whether a word is a protocol's number or name at all. */
#define MAY_BE_PROTOCOL "?%d NOT GLOB '*[^0-9]*' OR EXISTS (SELECT 1 FROM constant c WHERE c.kind IN ('protocol', 'domain') AND lower(c.name) = lower(?%d))"

static int add_word_of(struct condition *condition, const struct keyword *keywords, const char *word)
{
	int found = 0;

	for (; keywords->word; keywords++)
		if (!strcasecmp(keywords->word, word)) {
			condition_add(condition, " OR %s", keywords->sql);
			found = 1;
		}
	return found;
}

/*
 * The same by indexes. Programs and protocols have none and come first: of one that has many sockets they are soon too many to be few, and where no program has
 * the word no socket is asked.
 */
static void find_bare(struct condition *condition, int number, int pattern)
{
	struct condition protocol = {.sql = NULL};

	add_protocol(&protocol, number);
	condition_find(condition, "(SELECT 1 FROM process q WHERE q.program LIKE ?%d ESCAPE '\\' LIMIT 1) CROSS JOIN socket s "
		"WHERE s.process_id IN (SELECT q.process_id FROM process q WHERE q.program LIKE ?%d ESCAPE '\\')", pattern, pattern);
	condition_find(condition, "(SELECT 1 WHERE " MAY_BE_PROTOCOL ") CROSS JOIN socket s WHERE %s", number, number, protocol.sql);
	condition_find(condition, SOME_ADDRESSES("a.text LIKE ?%d ESCAPE '\\'") " ON s.local_id = a.address_id OR s.remote_id = a.address_id", pattern);
	condition_find(condition, "(SELECT 1" NAMES("LIKE ?%d ESCAPE '\\'") " LIMIT 1) CROSS JOIN socket s WHERE " PEER_NAMED("LIKE ?%d ESCAPE '\\'"), pattern, pattern, pattern);
	condition_free(&protocol);
}

/*
 * Whether a socket's program, address, name, protocol, role or state is the word, or has it in it. Programs, addresses and names are searched once, and
 * not for each socket, and where none has the word no socket is asked for its own; the view is asked (`v`) only about sockets that may match.
 */
void filter_add_bare(struct filter *filter, struct condition *condition, const char *word)
{
	char address[32];
	int number, pattern;

	/* As ls writes what is bound to any address (describe.c). */
	if (word[0] == '*' && word[1] == ':' && strlen(word) < 16) {
		snprintf(address, sizeof address, "0.0.0.0%s", word + 1);
		word = address;
	}
	number = condition_bind_text(filter, word, strlen(word));
	pattern = bind_pattern(filter, word);
	condition_add(condition, "s.process_id IN (SELECT q.process_id FROM process q WHERE q.program LIKE ?%d ESCAPE '\\')", pattern);
	condition_add(condition, " OR EXISTS (SELECT 1 FROM address a WHERE a.text LIKE ?%d ESCAPE '\\') AND ("
		"s.local_id IN (SELECT a.address_id FROM address a WHERE a.text LIKE ?%d ESCAPE '\\')"
		" OR s.remote_id IN (SELECT a.address_id FROM address a WHERE a.text LIKE ?%d ESCAPE '\\'))", pattern, pattern, pattern);
	condition_add(condition, " OR EXISTS (SELECT 1" NAMES("LIKE ?%d ESCAPE '\\'") ") AND " PEER_NAMED("LIKE ?%d ESCAPE '\\'"), pattern, pattern, pattern);
	condition_add(condition, " OR (" MAY_BE_PROTOCOL ") AND ", number, number);
	add_protocol(condition, number);
	if (!(add_word_of(condition, role_words, word) | add_word_of(condition, filter_state_words, word)))
		find_bare(condition, number, pattern);
}
