/*
 * pairing.c: see pairing.h. Reads the sockets in an order that puts the possible partners side by side, and judges each
 * such group; a pair is stored only when nothing else is possible, else both sides get the number of candidates.
 *
 *   TCP            one group = one 4-tuple in one network namespace. A 4-tuple is one connection at a time, so the
 *                  connects and the accepts of a reused port alternate:
 *                      connect ─ accept ─ close ─ connect ─ accept …     each accept belongs to the connect before it
 *                  even when the client closed before the server came to accept.
 *   Unix stream    one group = one listener path. The kernel's queue is first in, first out: the n-th connect is the
 *                  n-th accept. connects that overlapped in time may have been queued in either order: a cluster,
 *                  in which only bytes that fit exactly one way decide.
 *   datagrams      one group = the two addresses, when both ends are connected to each other; a socket connected to the
 *                  address of one that is not gets that one as its peer, and not the other way round.
 *   socketpair     the collector's identity pairs them as they are made.
 */
#include "collector/pairing.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define NONE INT64_MIN
#define FOREVER INT64_MAX
#define CLUSTER_MAX 512
#define JITTER_NS 1000000 /* two threads that took connections from a queue may have returned from accept in the other order, this much apart */

struct end {
	int64_t socket_id, parent_id, peer_id, thread_id;
	int64_t opened_ns, connecting_ns, connected_ns, closed_ns, listening_ns; /* closed FOREVER: open; others NONE: never */
	int64_t sent_bytes, received_bytes, first_send_ns, first_receive_ns;
	bool accepted, low, connect_returned;
};

struct group {
	struct end *ends;
	size_t count, room;
};

struct pairing {
	sqlite3 *db;
	sqlite3_stmt *update;
	int code; /* first SQLite error */
};

static int64_t column(sqlite3_stmt *statement, int index, int64_t otherwise)
{
	return sqlite3_column_type(statement, index) == SQLITE_NULL ? otherwise : sqlite3_column_int64(statement, index);
}

static void store(struct pairing *pairing, const struct end *end, int64_t peer_id, int64_t wait_ns, int candidates)
{
	sqlite3_stmt *update = pairing->update;
	int code;

	if (peer_id == NONE)
		sqlite3_bind_null(update, 1);
	else
		sqlite3_bind_int64(update, 1, peer_id);
	if (wait_ns == NONE)
		sqlite3_bind_null(update, 2);
	else
		sqlite3_bind_int64(update, 2, wait_ns);
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

static void join(struct pairing *pairing, struct end *client, struct end *server)
{
	int64_t wait_ns = NONE;

	if (server->accepted && client->connecting_ns != NONE) {
		wait_ns = server->opened_ns - queued_ns(client);
		if (wait_ns < 0)
			wait_ns = 0;
	}
	client->peer_id = server->socket_id;
	server->peer_id = client->socket_id;
	store(pairing, client, server->socket_id, NONE, 0);
	store(pairing, server, client->socket_id, wait_ns, 0);
}

static bool overlap(const struct end *a, const struct end *b)
{
	return a->opened_ns <= b->closed_ns && b->opened_ns <= a->closed_ns;
}

static int64_t start_of(const struct end *end)
{
	return end->accepted ? end->opened_ns : end->connecting_ns != NONE ? end->connecting_ns : end->opened_ns;
}

static int compare_start(const void *left, const void *right)
{
	const struct end *a = left, *b = right;

	if (start_of(a) != start_of(b))
		return start_of(a) < start_of(b) ? -1 : 1;
	return a->accepted - b->accepted;
}

/* Could this accept have been the other end of that connect? */
static bool may_be(const struct end *client, const struct end *server)
{
	if (server->peer_id != NONE || client->peer_id != NONE || client->low == server->low)
		return false;
	if (!server->accepted)
		return overlap(client, server);
	return client->connecting_ns <= server->opened_ns
		&& (server->listening_ns == NONE || server->listening_ns <= (client->connected_ns == NONE ? client->connecting_ns : client->connected_ns));
}

static void mark_ambiguous(struct pairing *pairing, struct group *group, size_t server, int candidates)
{
	store(pairing, &group->ends[server], NONE, NONE, candidates);
	for (size_t i = 0; i < group->count; i++)
		if (!group->ends[i].accepted && may_be(&group->ends[i], &group->ends[server]))
			store(pairing, &group->ends[i], NONE, NONE, candidates);
}

/*
 * Connects and accepts of one 4-tuple in time order. Connects that no accept has answered yet wait in `first`..i; the next
 * accept takes the only one that waits, or the oldest when accepts for all of them follow before the next connect.
 */
static void pair_tuple(struct pairing *pairing, struct group *group)
{
	qsort(group->ends, group->count, sizeof *group->ends, compare_start);
	for (size_t i = 0, first = 0; i < group->count; i++) {
		struct end *server = &group->ends[i];
		struct end *client = NULL;
		int candidates = 0, accepts = 0;

		if (server->peer_id != NONE || (!server->accepted && server->connecting_ns != NONE))
			continue;
		while (first < i && (group->ends[first].accepted || group->ends[first].peer_id != NONE))
			first++;
		for (size_t j = server->accepted ? first : 0; j < (server->accepted ? i : group->count) && candidates < 64; j++) {
			struct end *end = &group->ends[j];

			if (j == i || end->accepted || (!server->accepted && end->connecting_ns == NONE && j < i) || !may_be(end, server))
				continue;
			if (candidates++ == 0)
				client = end;
		}
		for (size_t j = i; j < group->count && (group->ends[j].accepted || group->ends[j].connecting_ns == NONE); j++)
			accepts += group->ends[j].accepted;
		if (candidates == 1 || (candidates > 1 && server->accepted && accepts >= candidates))
			join(pairing, client, server);
		else if (candidates > 1)
			mark_ambiguous(pairing, group, i, candidates);
	}
}

/* Nothing was received that had not been sent, nor before. */
static bool follows(const struct end *sender, const struct end *receiver)
{
	if (receiver->received_bytes > sender->sent_bytes)
		return false;
	return receiver->first_receive_ns == NONE || (sender->first_send_ns != NONE && sender->first_send_ns <= receiver->first_receive_ns);
}

static bool is_possible(const struct end *client, const struct end *server)
{
	return server->opened_ns >= client->connecting_ns && follows(client, server) && follows(server, client);
}

/* Both ends of a cluster are known to belong together, but not who to whom: only bytes that fit exactly one way decide. */
static bool fits(const struct end *client, const struct end *server)
{
	return client->sent_bytes == server->received_bytes && client->received_bytes == server->sent_bytes && is_possible(client, server);
}

static void pair_cluster(struct pairing *pairing, struct end **clients, struct end **servers, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct end *server = NULL;
		size_t matches = 0, rivals = 0;

		for (size_t j = 0; j < count && count <= CLUSTER_MAX; j++)
			if (fits(clients[i], servers[j])) {
				server = servers[j];
				matches++;
			}
		for (size_t j = 0; j < count && matches == 1; j++)
			rivals += fits(clients[j], server);
		if (count == 1) {
			if (!is_possible(clients[0], servers[0])) {
				/* The order of the queue was not as it looked: say so rather than guess. */
				store(pairing, clients[0], NONE, NONE, 2);
				store(pairing, servers[0], NONE, NONE, 2);
				return;
			}
			join(pairing, clients[0], servers[0]);
		}
		else if (matches == 1 && rivals == 1)
			join(pairing, clients[i], server);
	}
	for (size_t i = 0; i < count; i++) {
		if (clients[i]->peer_id == NONE)
			store(pairing, clients[i], NONE, NONE, count > INT_MAX ? INT_MAX : (int)count);
		if (servers[i]->peer_id == NONE)
			store(pairing, servers[i], NONE, NONE, count > INT_MAX ? INT_MAX : (int)count);
	}
}

static int compare_queued(const void *left, const void *right)
{
	const struct end *a = *(struct end *const *)left, *b = *(struct end *const *)right;

	return a->connecting_ns < b->connecting_ns ? -1 : a->connecting_ns > b->connecting_ns;
}

static int compare_opened(const void *left, const void *right)
{
	const struct end *a = *(struct end *const *)left, *b = *(struct end *const *)right;

	return a->opened_ns < b->opened_ns ? -1 : a->opened_ns > b->opened_ns;
}

static bool is_jitter(const struct end *before, const struct end *after)
{
	return before->thread_id != after->thread_id && after->opened_ns - before->opened_ns < JITTER_NS;
}

/* Where the cluster that begins at `next` ends: connects that overlap may have queued in any order, accepts of several threads may have returned in any. */
static size_t find_cluster_end(struct end *const *clients, size_t client_count, struct end *const *servers, size_t server_count, size_t next)
{
	size_t end = next + 1;
	int64_t until = clients[next]->connected_ns;

	while (end < client_count && (clients[end]->connecting_ns <= until || (end < server_count && is_jitter(servers[end - 1], servers[end])))) {
		if (clients[end]->connected_ns > until)
			until = clients[end]->connected_ns;
		end++;
	}
	return end;
}

/* One listener's clients and accepted sockets, first in, first out. More accepts than connects: strangers came, and any pair is a guess. */
static void pair_queue(struct pairing *pairing, struct end **clients, size_t client_count, struct end **servers, size_t server_count)
{
	size_t next = 0;

	if (server_count > client_count)
		return;
	qsort(clients, client_count, sizeof *clients, compare_queued);
	qsort(servers, server_count, sizeof *servers, compare_opened);
	for (size_t i = 0; i < server_count; i++)
		if (servers[i]->opened_ns < clients[i]->connecting_ns)
			return;
	while (next < server_count) {
		size_t end = find_cluster_end(clients, client_count, servers, server_count, next);

		if (end > server_count)
			return; /* the cluster was accepted in part: nobody knows which */
		pair_cluster(pairing, clients + next, servers + next, end - next);
		next = end;
	}
}

/* One path, which several listeners may have used after one another: each has the clients of its own time. */
static void pair_path(struct pairing *pairing, struct group *group)
{
	struct end **clients = calloc(group->count * 2 + 1, sizeof *clients), **servers = clients + group->count;

	if (!clients) {
		pairing->code = SQLITE_NOMEM;
		return;
	}
	for (size_t i = 0; i < group->count; i++) {
		const struct end *listener = &group->ends[i];
		size_t client_count = 0, server_count = 0;

		if (listener->listening_ns == NONE || listener->accepted)
			continue;
		for (size_t j = 0; j < group->count; j++) {
			struct end *end = &group->ends[j];

			if (end->accepted && end->parent_id == listener->socket_id)
				servers[server_count++] = end;
			else if (!end->accepted && end->connecting_ns != NONE && end->connected_ns != NONE && end->connected_ns >= listener->listening_ns
				&& end->connecting_ns <= listener->closed_ns)
				clients[client_count++] = end;
		}
		pair_queue(pairing, clients, client_count, servers, server_count);
	}
	free(clients);
}

/* A group of datagram sockets that name the same two addresses: a pair when there is one on each side. */
static void pair_datagrams(struct pairing *pairing, struct group *group)
{
	for (size_t i = 0; i < group->count; i++) {
		struct end *a = &group->ends[i], *b = NULL;
		int candidates = 0;

		if (!a->low || a->peer_id != NONE)
			continue;
		for (size_t j = 0; j < group->count; j++)
			if (!group->ends[j].low && overlap(a, &group->ends[j])) {
				b = &group->ends[j];
				candidates++;
			}
		if (candidates == 1 && b->peer_id == NONE)
			join(pairing, a, b);
		else if (candidates > 1)
			store(pairing, a, NONE, NONE, candidates);
	}
}

#define END_COLUMNS "s.socket_id, s.parent_id, s.opened_ns, s.connecting_ns, s.connected_ns, s.closed_ns, s.origin = 'accept', " \
	"s.connect_proof = 'connect', s.sent_bytes, s.received_bytes, s.thread_id, s.first_send_ns, s.first_receive_ns, "
#define NAMESPACE "coalesce((SELECT h.network_namespace FROM process p JOIN host h ON h.host_id = p.host_id WHERE p.process_id = s.process_id), 0)"

/* Columns: END_COLUMNS, listening_ns, low, group key … */
static const char tuple_sql[] =
	"SELECT " END_COLUMNS "(SELECT q.listening_ns FROM socket q WHERE q.socket_id = s.parent_id), l.text < r.text, "
	NAMESPACE " AS space, min(l.text, r.text) AS first, max(l.text, r.text) AS second, s.peer_id "
	"FROM socket s JOIN address l ON l.address_id = s.local_id JOIN address r ON r.address_id = s.remote_id "
	"WHERE s.type = 1 AND s.domain IN (2, 10) AND s.listening_ns IS NULL AND l.port IS NOT NULL AND r.port IS NOT NULL AND l.text <> r.text "
	"ORDER BY space, first, second";

static const char path_sql[] =
	"SELECT " END_COLUMNS "s.listening_ns, 0, CASE WHEN a.text LIKE '@%' THEN " NAMESPACE " ELSE 0 END AS space, a.text AS first, '', s.peer_id "
	"FROM socket s JOIN address a ON a.address_id = CASE WHEN s.origin = 'accept' OR s.listening_ns IS NOT NULL THEN s.local_id ELSE s.remote_id END "
	"WHERE s.type IN (1, 5) AND s.domain = 1 AND s.origin <> 'socketpair' AND a.text <> '(unnamed)' "
	"ORDER BY space, first";

static const char datagram_sql[] =
	"SELECT " END_COLUMNS "NULL, l.text < r.text, "
	NAMESPACE " AS space, min(l.text, r.text) AS first, max(l.text, r.text) AS second, s.peer_id "
	"FROM socket s JOIN address l ON l.address_id = s.local_id JOIN address r ON r.address_id = s.remote_id "
	"WHERE s.type = 2 AND s.domain IN (1, 2, 10) AND l.text <> r.text AND l.text <> '(unnamed)' AND r.text <> '(unnamed)' "
	"ORDER BY space, first, second";

static void read_end(sqlite3_stmt *statement, struct end *end)
{
	*end = (struct end){
		.socket_id = column(statement, 0, NONE),
		.parent_id = column(statement, 1, NONE),
		.opened_ns = column(statement, 2, 0),
		.connecting_ns = column(statement, 3, NONE),
		.connected_ns = column(statement, 4, NONE),
		.closed_ns = column(statement, 5, FOREVER),
		.accepted = column(statement, 6, 0),
		.connect_returned = column(statement, 7, 0),
		.sent_bytes = column(statement, 8, 0),
		.received_bytes = column(statement, 9, 0),
		.thread_id = column(statement, 10, NONE),
		.first_send_ns = column(statement, 11, NONE),
		.first_receive_ns = column(statement, 12, NONE),
		.listening_ns = column(statement, 13, NONE),
		.low = column(statement, 14, 0),
		.peer_id = column(statement, 18, NONE),
	};
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

/* Calls `judge` for each group of rows that agree in the key columns 15, 16 and 17. */
static void judge_groups(struct pairing *pairing, const char *sql, void (*judge)(struct pairing *pairing, struct group *group))
{
	struct group group = {0};
	sqlite3_stmt *statement = NULL;
	char *first = NULL, *second = NULL;
	int64_t space = 0;
	int code = sqlite3_prepare_v2(pairing->db, sql, -1, &statement, NULL);

	while (code == SQLITE_OK && (code = sqlite3_step(statement)) == SQLITE_ROW) {
		if (!same_text(sqlite3_column_text(statement, 16), first) || !same_text(sqlite3_column_text(statement, 17), second)
			|| space != sqlite3_column_int64(statement, 15)) {
			if (group.count > 1)
				judge(pairing, &group);
			group.count = 0;
			free(first);
			free(second);
			first = strdup((const char *)sqlite3_column_text(statement, 16));
			second = strdup((const char *)sqlite3_column_text(statement, 17));
			space = sqlite3_column_int64(statement, 15);
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

/*
 * A datagram socket connected to an address that one other socket is bound to: that is its peer, though the other one,
 * which answers many, has none. Bound to all addresses counts when the address is the machine's own.
 */
static const char datagram_server_sql[] =
	"WITH bound AS MATERIALIZED ("
	" SELECT s.socket_id, s.opened_ns, coalesce(s.closed_ns, 9223372036854775807) AS closed_ns, s.domain, l.text, l.host, l.port, " NAMESPACE " AS space"
	" FROM socket s JOIN address l ON l.address_id = s.local_id"
	" WHERE s.type = 2 AND s.domain IN (1, 2, 10) AND s.bound_ns IS NOT NULL AND s.remote_id IS NULL AND l.text <> '(unnamed)'), "
	"sender AS (SELECT s.socket_id, s.opened_ns, coalesce(s.closed_ns, 9223372036854775807) AS closed_ns, s.domain, r.text, r.host, r.port, l.host AS own, " NAMESPACE " AS space"
	" FROM socket s JOIN address r ON r.address_id = s.remote_id LEFT JOIN address l ON l.address_id = s.local_id"
	" WHERE s.type = 2 AND s.domain IN (1, 2, 10) AND s.peer_id IS NULL AND EXISTS (SELECT 1 FROM bound)) "
	"SELECT s.socket_id, min(b.socket_id), count(*) FROM sender s JOIN bound b ON b.port IS s.port "
	"WHERE b.socket_id <> s.socket_id AND b.opened_ns <= s.closed_ns AND s.opened_ns <= b.closed_ns"
	" AND (b.text = s.text OR b.host IN ('0.0.0.0', '::') AND (s.host LIKE '127.%' OR s.host = '::1' OR s.host = s.own))"
	" AND (b.space = s.space OR s.port IS NULL AND s.text NOT LIKE '@%') "
	"GROUP BY s.socket_id";

static void pair_with_datagram_servers(struct pairing *pairing)
{
	sqlite3_stmt *statement = NULL;
	int code = sqlite3_prepare_v2(pairing->db, datagram_server_sql, -1, &statement, NULL);

	while (code == SQLITE_OK && (code = sqlite3_step(statement)) == SQLITE_ROW) {
		struct end sender = {.socket_id = sqlite3_column_int64(statement, 0)};
		int candidates = sqlite3_column_int(statement, 2);

		store(pairing, &sender, candidates == 1 ? sqlite3_column_int64(statement, 1) : NONE, NONE, candidates == 1 ? 0 : candidates);
		code = SQLITE_OK;
	}
	if (code != SQLITE_DONE && pairing->code == SQLITE_OK)
		pairing->code = code;
	sqlite3_finalize(statement);
}

int pairing_run(sqlite3 *db)
{
	struct pairing pairing = {.db = db, .code = SQLITE_OK};

	pairing.code = sqlite3_prepare_v2(db, "UPDATE socket SET peer_id = ?, accept_wait_ns = ?, peer_candidates = ? WHERE socket_id = ?", -1, &pairing.update, NULL);
	if (pairing.code == SQLITE_OK) {
		judge_groups(&pairing, tuple_sql, pair_tuple);
		judge_groups(&pairing, path_sql, pair_path);
		judge_groups(&pairing, datagram_sql, pair_datagrams);
		pair_with_datagram_servers(&pairing);
	}
	sqlite3_finalize(pairing.update);
	return pairing.code == SQLITE_OK ? 0 : pairing.code == SQLITE_NOMEM ? -ENOMEM : -EIO;
}
