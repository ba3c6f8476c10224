/*
 * pairing.c: see pairing.h. Reads the sockets in an order that puts the possible partners side by side, and judges each
 * such group; a pair is stored only when nothing else is possible, else both sides get the number of candidates.
 *
 *   TCP            one group = one 4-tuple in one network namespace, which is one connection at a time: connects and accepts of
 *                  a reused port follow upon each other, even when the client closed before the server came to accept.
 *   Unix stream    one group = the listeners whose paths end alike (a client may have used a relative one), or one abstract name. Connects
 *                  and accepts meet in a queue (pairing_queue.h).
 *   datagrams      one group = the two addresses, when both ends are connected to each other; a socket connected to the
 *                  address of one that is not, or that never talked to another address, gets that one as its peer; the other way round
 *                  only if that one, too, never talked to another.
 *   socketpair     the collector's identity pairs them as they are made.
 */
#include "collector/pairing.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "collector/pairing_datagram.h"
#include "collector/pairing_queue.h"

#define NONE PAIRING_NONE
#define FOREVER PAIRING_FOREVER

struct group {
	struct end *ends;
	size_t count, room;
};

struct pairing {
	sqlite3 *db;
	sqlite3_stmt *update;
	struct end_lost *lost;
	size_t lost_count;
	int code; /* first SQLite error */
};

static int64_t column(sqlite3_stmt *statement, int index, int64_t otherwise)
{
	return sqlite3_column_type(statement, index) == SQLITE_NULL ? otherwise : sqlite3_column_int64(statement, index);
}

static void bind_number(sqlite3_stmt *statement, int index, int64_t number)
{
	if (number == NONE)
		sqlite3_bind_null(statement, index);
	else
		sqlite3_bind_int64(statement, index, number);
}

static void store(struct pairing *pairing, const struct end *end, int64_t peer_id, int64_t wait_ns, int candidates)
{
	sqlite3_stmt *update = pairing->update;
	int code;

	bind_number(update, 1, peer_id);
	bind_number(update, 2, wait_ns);
	sqlite3_bind_int(update, 3, candidates);
	sqlite3_bind_int64(update, 4, end->socket_id);
	code = sqlite3_step(update);
	sqlite3_reset(update);
	if (code != SQLITE_DONE && pairing->code == SQLITE_OK)
		pairing->code = code;
}

/* A connect that did not block tells nothing about when the kernel was done with it: on one machine, at once. */
static int64_t queued_ns(const struct end *client)
{
	return client->connect_returned && client->connected_ns != NONE ? client->connected_ns : client->connecting_ns;
}

/* An accepted socket's time in the queue; NONE: not one, or not known. */
static int64_t accept_wait_ns(const struct end *end)
{
	int64_t wait_ns;

	if (!end->is_accepted || end->peer->connecting_ns == NONE)
		return NONE;
	wait_ns = end->opened_ns - queued_ns(end->peer);
	return wait_ns < 0 ? 0 : wait_ns;
}

static void join(struct end *a, struct end *b)
{
	a->peer = b;
	a->peer_id = b->socket_id;
	b->peer = a;
	b->peer_id = a->socket_id;
}

static void store_group(struct pairing *pairing, const struct group *group)
{
	for (size_t i = 0; i < group->count; i++) {
		const struct end *end = &group->ends[i];

		if (end->peer)
			store(pairing, end, end->peer_id, accept_wait_ns(end), 0);
		else if (end->peer_id == NONE && end->candidates)
			store(pairing, end, NONE, NONE, end->candidates);
	}
}

static void solve_queue(struct pairing *pairing, struct group *group, bool is_tuple)
{
	struct end_group queue = {.ends = group->ends, .count = group->count, .lost = pairing->lost, .lost_count = pairing->lost_count, .is_tuple = is_tuple};

	if (pairing_queue_solve(&queue) && pairing->code == SQLITE_OK)
		pairing->code = SQLITE_NOMEM;
}

static bool overlap(const struct end *a, const struct end *b)
{
	return a->opened_ns <= b->closed_ns && b->opened_ns <= a->closed_ns;
}

static bool may_face(const struct end *a, const struct end *b)
{
	return a->connected_ns != NONE && b->connected_ns != NONE && a->low != b->low && !a->is_accepted && !b->is_accepted && a->peer_id == NONE && b->peer_id == NONE && !a->candidates && !b->candidates
		&& overlap(a, b);
}

static struct end *find_only_one(struct group *group, const struct end *facing, int *count)
{
	struct end *found = NULL;

	*count = 0;
	for (size_t i = 0; i < group->count; i++)
		if (may_face(facing, &group->ends[i])) {
			found = &group->ends[i];
			++*count;
		}
	return *count == 1 ? found : NULL;
}

/*
 * Ends that no accept made: both connected at once (RFC 9293, 3.5), or one was found or passed when it stood already. They are a
 * pair when there is no other on either side at that time.
 */
static void pair_facing(struct group *group)
{
	for (size_t i = 0; i < group->count; i++) {
		struct end *a = &group->ends[i], *b;
		int count;

		if (!a->low || a->is_accepted || a->peer_id != NONE)
			continue;
		b = find_only_one(group, a, &count);
		if (b && find_only_one(group, b, &count) == a)
			join(a, b);
		else if (count > 1)
			a->candidates = count;
	}
}

static void pair_tuple(struct pairing *pairing, struct group *group)
{
	solve_queue(pairing, group, true);
	pair_facing(group);
	store_group(pairing, group);
}

static void pair_path(struct pairing *pairing, struct group *group)
{
	solve_queue(pairing, group, false);
	store_group(pairing, group);
}

/* A group of datagram sockets that name the same two addresses: a pair when there is one on each side. */
static void pair_datagrams(struct pairing *pairing, struct group *group)
{
	pair_facing(group);
	store_group(pairing, group);
}

/* The part of `process` that is not all there to see, and what went to those who are not seen. */
#define DIM_PROCESSES "SELECT m.process_id FROM missing m JOIN gap_reason g ON g.reason = m.reason WHERE g.incomplete " \
	"UNION SELECT process_id FROM process WHERE intercept = 'symbols'"
#define IS_DIM "(s.socket_id IN (SELECT socket_id FROM passing) OR EXISTS (SELECT 1 FROM missing m JOIN gap_reason g ON g.reason = m.reason " \
	"WHERE g.incomplete AND m.process_id IS NULL) OR (EXISTS (" DIM_PROCESSES ") AND EXISTS (SELECT 1 FROM span h WHERE h.socket_id = s.socket_id " \
	"AND h.process_id IN (" DIM_PROCESSES "))))"
#define CONNECTING(column) "(SELECT " column " FROM thread t JOIN process q ON q.process_id = t.process_id WHERE t.thread_id = s.connecting_thread_id)"

#define END_COLUMNS "s.socket_id, s.parent_id, s.opened_ns, s.connecting_ns, s.connected_ns, s.closed_ns, s.origin = 'accept', " \
	"s.connect_proof = 'connect', s.sent_bytes, s.received_bytes, s.first_send_ns, s.first_receive_ns, s.eof_ns, s.shutdown_send_ns, " \
	"s.accepting_ns, coalesce(" CONNECTING("q.process_id") ", s.process_id), coalesce(s.peer_pid, " CONNECTING("q.pid") "), " \
	"s.bound_ns, s.unreturned_start_ns IS NOT NULL, " IS_DIM ", s.peer_id, "

/* Columns: END_COLUMNS, listening_ns, reachable_ns, low, own_name, peer_name, three of the group's key, path. */
#define KEY_COLUMN 26
#define PATH_COLUMN 29
static const char tuple_sql[] =
	"SELECT " END_COLUMNS "NULL, (SELECT coalesce(q.bound_ns, q.opened_ns) FROM socket q WHERE q.socket_id = s.parent_id AND q.listening_ns IS NOT NULL), "
	"l.text < r.text, NULL, NULL, " PAIRING_NAMESPACE " AS space, min(l.text, r.text) AS first, max(l.text, r.text) AS second "
	"FROM socket s JOIN address l ON l.address_id = s.local_id JOIN address r ON r.address_id = s.remote_id "
	"WHERE s.type = 1 AND s.domain IN (2, 10) AND s.listening_ns IS NULL AND l.port IS NOT NULL AND r.port IS NOT NULL AND l.text <> r.text "
	"ORDER BY space, first, second";

#define NAME(id) "CASE WHEN " id " = (SELECT address_id FROM address WHERE family = 1 AND text = '(unnamed)' LIMIT 1) THEN 0 ELSE " id " END"
static const char path_sql[] =
	"SELECT " END_COLUMNS "s.listening_ns, (SELECT coalesce(q.bound_ns, q.opened_ns) FROM socket q WHERE q.listening_ns IS NOT NULL "
	"AND q.socket_id = CASE WHEN s.origin = 'accept' THEN s.parent_id ELSE s.socket_id END), 0, " NAME("s.local_id") ", " NAME("s.remote_id") ", "
	"CASE WHEN a.text LIKE '@%' THEN " PAIRING_NAMESPACE " ELSE 0 END AS space, "
	"CASE WHEN a.text LIKE '@%' THEN a.text ELSE replace(a.text, rtrim(a.text, replace(a.text, '/', '')), '') END AS first, '', a.text "
	"FROM socket s JOIN address a ON a.address_id = CASE WHEN s.origin = 'accept' OR s.listening_ns IS NOT NULL THEN s.local_id ELSE s.remote_id END "
	"WHERE s.type IN (1, 5) AND s.domain = 1 AND s.origin <> 'socketpair' AND a.text <> '(unnamed)' "
	"ORDER BY space, first";

static const char datagram_sql[] =
	"SELECT " END_COLUMNS "NULL, NULL, l.text < r.text, NULL, NULL, "
	PAIRING_NAMESPACE " AS space, min(l.text, r.text) AS first, max(l.text, r.text) AS second "
	"FROM socket s JOIN address l ON l.address_id = s.local_id JOIN address r ON r.address_id = s.remote_id "
	"WHERE s.type = 2 AND s.domain IN (1, 2, 10) AND l.text <> r.text AND l.text <> '(unnamed)' AND r.text <> '(unnamed)' "
	"ORDER BY space, first, second";

/* FNV-1a. */
static void read_path(const char *text, struct end *end)
{
	end->path = UINT64_C(0xcbf29ce484222325);
	end->is_relative = text && text[0] != '/' && text[0] != '@';
	for (; text && *text; text++)
		end->path = (end->path ^ (unsigned char)*text) * UINT64_C(0x100000001b3);
}

static void read_end(sqlite3_stmt *statement, struct end *end)
{
	*end = (struct end){
		.socket_id = column(statement, 0, NONE),
		.parent_id = column(statement, 1, NONE),
		.opened_ns = column(statement, 2, 0),
		.connecting_ns = column(statement, 3, NONE),
		.connected_ns = column(statement, 4, NONE),
		.closed_ns = column(statement, 5, FOREVER),
		.is_accepted = column(statement, 6, 0),
		.connect_returned = column(statement, 7, 0),
		.sent_bytes = column(statement, 8, 0),
		.received_bytes = column(statement, 9, 0),
		.first_send_ns = column(statement, 10, NONE),
		.first_receive_ns = column(statement, 11, NONE),
		.eof_ns = column(statement, 12, NONE),
		.shutdown_send_ns = column(statement, 13, NONE),
		.accepting_ns = column(statement, 14, NONE),
		.process_id = column(statement, 15, NONE),
		.pid = column(statement, 16, NONE),
		.bound_ns = column(statement, 17, NONE),
		.is_cut = column(statement, 18, 0),
		.is_dim = column(statement, 19, 0),
		.peer_id = column(statement, 20, NONE),
		.listening_ns = column(statement, 21, NONE),
		.reachable_ns = column(statement, 22, NONE),
		.low = column(statement, 23, 0),
		.own_name = column(statement, 24, NONE),
		.peer_name = column(statement, 25, NONE),
	};
	if (sqlite3_column_count(statement) > PATH_COLUMN)
		read_path((const char *)sqlite3_column_text(statement, PATH_COLUMN), end);
}

static bool same_text(const unsigned char *text, const char *before)
{
	return before && !strcmp(text ? (const char *)text : "", before);
}

static int append(struct group *group, sqlite3_stmt *statement)
{
	if (group->count == group->room) {
		size_t room = group->room ? group->room * 2 : 16;
		struct end *ends = realloc(group->ends, room * sizeof *ends);

		if (!ends)
			return SQLITE_NOMEM;
		group->ends = ends;
		group->room = room;
	}
	read_end(statement, &group->ends[group->count++]);
	return SQLITE_OK;
}

/* Calls `judge` for each group of rows that agree in the three key columns. */
static void judge_groups(struct pairing *pairing, const char *sql, void (*judge)(struct pairing *pairing, struct group *group))
{
	struct group group = {0};
	sqlite3_stmt *statement = NULL;
	char *first = NULL, *second = NULL;
	int64_t space = 0;
	int code = sqlite3_prepare_v2(pairing->db, sql, -1, &statement, NULL);

	while (code == SQLITE_OK && (code = sqlite3_step(statement)) == SQLITE_ROW) {
		if (!same_text(sqlite3_column_text(statement, KEY_COLUMN + 1), first) || !same_text(sqlite3_column_text(statement, KEY_COLUMN + 2), second)
			|| space != sqlite3_column_int64(statement, KEY_COLUMN)) {
			if (group.count > 1)
				judge(pairing, &group);
			group.count = 0;
			free(first);
			free(second);
			first = strdup((const char *)sqlite3_column_text(statement, KEY_COLUMN + 1));
			second = strdup((const char *)sqlite3_column_text(statement, KEY_COLUMN + 2));
			space = sqlite3_column_int64(statement, KEY_COLUMN);
			if (!first || !second) {
				code = SQLITE_NOMEM;
				break;
			}
		}
		code = append(&group, statement);
	}
	if (group.count > 1 && code == SQLITE_DONE)
		judge(pairing, &group);
	if (code != SQLITE_DONE && pairing->code == SQLITE_OK)
		pairing->code = code;
	sqlite3_finalize(statement);
	free(first);
	free(second);
	free(group.ends);
}

/* Accepts that never returned. CROSS JOIN keeps the order: SQLite would rather look through all calls than at the listeners' alone. */
static int read_lost(struct pairing *pairing)
{
	static const char sql[] =
		"SELECT s.socket_id, c.start_ns FROM socket s CROSS JOIN call_row c ON c.socket_id = s.socket_id CROSS JOIN site t ON t.site_id = c.site_id "
		"WHERE s.unreturned_start_ns IS NOT NULL AND s.listening_ns IS NOT NULL AND c.result IS NULL "
		"AND t.call_kind_id IN (SELECT call_kind_id FROM call_kind WHERE effect = 'accept')";
	sqlite3_stmt *statement = NULL;
	int code = sqlite3_prepare_v2(pairing->db, sql, -1, &statement, NULL);

	while (code == SQLITE_OK && (code = sqlite3_step(statement)) == SQLITE_ROW) {
		struct end_lost *lost = realloc(pairing->lost, (pairing->lost_count + 1) * sizeof *lost);

		code = SQLITE_NOMEM;
		if (!lost)
			break;
		pairing->lost = lost;
		lost[pairing->lost_count++] = (struct end_lost){sqlite3_column_int64(statement, 0), sqlite3_column_int64(statement, 1)};
		code = SQLITE_OK;
	}
	sqlite3_finalize(statement);
	return code == SQLITE_DONE ? SQLITE_OK : code;
}

/* Who connected to the address it is bound to talks to itself. */
static const char self_sql[] =
	"UPDATE socket SET peer_id = socket_id WHERE type = 1 AND domain IN (2, 10) AND origin <> 'accept' AND connected_ns IS NOT NULL AND peer_id IS NULL "
	"AND (SELECT text FROM address WHERE address_id = local_id) = (SELECT text FROM address WHERE address_id = remote_id)";

int pairing_run(sqlite3 *db)
{
	struct pairing pairing = {.db = db, .code = SQLITE_OK};

	pairing.code = sqlite3_prepare_v2(db, "UPDATE socket SET peer_id = ?, accept_wait_ns = ?, peer_candidates = ? WHERE socket_id = ?", -1, &pairing.update, NULL);
	if (pairing.code == SQLITE_OK)
		pairing.code = read_lost(&pairing);
	if (pairing.code == SQLITE_OK) {
		judge_groups(&pairing, tuple_sql, pair_tuple);
		judge_groups(&pairing, path_sql, pair_path);
		judge_groups(&pairing, datagram_sql, pair_datagrams);
		if (pairing.code == SQLITE_OK)
			pairing.code = sqlite3_exec(db, self_sql, NULL, NULL, NULL);
		if (pairing.code == SQLITE_OK)
			pairing.code = pairing_datagram_servers(db);
	}
	sqlite3_finalize(pairing.update);
	free(pairing.lost);
	return pairing.code == SQLITE_OK ? 0 : pairing.code == SQLITE_NOMEM ? -ENOMEM : -EIO;
}
