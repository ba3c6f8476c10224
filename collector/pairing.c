/*
 * pairing.c: see pairing.h. Finds the groups of sockets that may be partners (pairing_group.h), and judges each; a pair is stored only
 * when nothing else is possible, else both sides get the number of candidates. Most rows have it already (partner.h) and stay as they are.
 *
 *   TCP            one group = one 4-tuple in one network namespace, which is one connection at a time: connects and accepts of
 *                  a reused port follow upon each other, even when the client closed before the server came to accept.
 *   Unix stream    one group = the listeners whose paths end alike (a client may have used a relative one; where its path led to another name, that
 *                  one counts), or one abstract name. Connects
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
#include "collector/pairing_group.h"
#include "collector/pairing_queue.h"
#include "collector/store_bulk.h"

#define NONE PAIRING_NONE
#define FOREVER PAIRING_FOREVER

/* What a socket's row says so far. */
struct stored {
	int64_t peer_id, accept_wait_ns, candidates;
};

struct group {
	struct end *ends;
	struct stored *stored; /* of each */
	size_t count, room;
};

struct pairing {
	sqlite3 *db;
	sqlite3_stmt *update;
	struct end_lost *lost;
	size_t lost_count;
	int64_t all_dim, unnamed_id;
	struct store_batch batch; /* of struct pairing_member, as the table pairing_batch */
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

static void store(struct pairing *pairing, const struct end *end, const struct stored *stored, int64_t peer_id, int64_t wait_ns, int candidates)
{
	sqlite3_stmt *update = pairing->update;
	int code;

	if (stored->peer_id == peer_id && stored->accept_wait_ns == wait_ns && stored->candidates == candidates)
		return;
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
			store(pairing, end, &group->stored[i], end->peer_id, accept_wait_ns(end), 0);
		else if (end->peer_id == NONE)
			store(pairing, end, &group->stored[i], NONE, NONE, end->candidates);
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

/*
 * Sockets of which not all is to be seen: those of processes that are not seen whole, and what was passed, maybe to others. Asked for each socket, so they are
 * found once.
 */
static const char dim_sql[] =
	"CREATE TEMP TABLE pairing_dim (socket_id INTEGER PRIMARY KEY);"
	"INSERT OR IGNORE INTO pairing_dim SELECT socket_id FROM passing;"
	"INSERT OR IGNORE INTO pairing_dim SELECT h.socket_id FROM span h WHERE h.process_id IN ("
	"SELECT m.process_id FROM missing m JOIN gap_reason g ON g.reason = m.reason WHERE g.incomplete "
	"UNION SELECT process_id FROM process WHERE intercept = 'symbols')";
#define ALL_DIM "SELECT EXISTS (SELECT 1 FROM missing m JOIN gap_reason g ON g.reason = m.reason WHERE g.incomplete AND m.process_id IS NULL)"
#define UNNAMED_ID "SELECT address_id FROM address WHERE family = 1 AND text = '(unnamed)' LIMIT 1"

#define IS_DIM "(?1 OR EXISTS (SELECT 1 FROM temp.pairing_dim d WHERE d.socket_id = s.socket_id))"
#define CONNECTING_PROCESS "(SELECT t.process_id FROM thread t WHERE t.thread_id = s.connecting_thread_id)"
#define CONNECTING_PID "(SELECT q.pid FROM thread t JOIN process q ON q.process_id = t.process_id WHERE t.thread_id = s.connecting_thread_id)"

/* pid: of who connected, on both sides of a Unix connection; nobody asks where the accepting side is not told. */
#define END_COLUMNS(pid) "s.socket_id, s.parent_id, s.opened_ns, s.connecting_ns, s.connected_ns, s.closed_ns, s.origin = 'accept', " \
	"s.connect_proof = 'connect', s.sent_bytes, s.received_bytes, s.first_send_ns, s.first_receive_ns, s.eof_ns, s.shutdown_send_ns, " \
	"s.accepting_ns, coalesce(" CONNECTING_PROCESS ", s.process_id), " pid ", " \
	"s.bound_ns, s.unreturned_start_ns IS NOT NULL, " IS_DIM ", s.peer_id, s.accept_wait_ns, s.peer_candidates, "

/*
 * Two questions for each kind. Which sockets there are: socket_id, key of the group, whether the row says something already. And what one of them
 * is like: END_COLUMNS, listening_ns, reachable_ns, low, own_name, peer_name, key, path; ?1: all are dim; ?2: the address '(unnamed)'.
 */
#define KEY_COLUMN 28
#define PATH_COLUMN 29
#define IS_JUDGED "s.peer_id IS NOT NULL OR s.peer_candidates <> 0"
#define NAME(id) "CASE WHEN " id " = ?2 THEN 0 ELSE " id " END"
#define MEMBERS "FROM pairing_batch m CROSS JOIN socket s ON s.socket_id = m.socket_id "
#define BOTH_ADDRESSES "CROSS JOIN address l ON l.address_id = s.local_id CROSS JOIN address r ON r.address_id = s.remote_id "
#define LISTENER_ADDRESS "CROSS JOIN address a " \
	"ON a.address_id = CASE WHEN s.origin = 'accept' OR s.listening_ns IS NOT NULL THEN s.local_id ELSE coalesce(s.reached_id, s.remote_id) END "

static const struct kind {
	const char *keys, *end;
	void (*judge)(struct pairing *pairing, struct group *group);
	bool forget; /* what the row says is a guess made while recording */
} kinds[] = {
	{"SELECT s.socket_id, pairing_key(" PAIRING_NAMESPACE ", l.text, r.text), " IS_JUDGED " FROM socket s " BOTH_ADDRESSES
		"WHERE s.type = 1 AND s.domain IN (2, 10) AND s.listening_ns IS NULL AND l.port IS NOT NULL AND r.port IS NOT NULL AND l.text <> r.text",
	 "SELECT " END_COLUMNS("NULL") "NULL, (SELECT coalesce(q.bound_ns, q.opened_ns) FROM socket q WHERE q.socket_id = s.parent_id AND q.listening_ns IS NOT NULL), "
		"l.text < r.text, NULL, NULL, m.key, NULL " MEMBERS BOTH_ADDRESSES, pair_tuple, true},

	{"SELECT s.socket_id, CASE WHEN a.text LIKE '@%' THEN pairing_key(" PAIRING_NAMESPACE ", a.text, '') "
		"ELSE pairing_key(0, replace(a.text, rtrim(a.text, replace(a.text, '/', '')), ''), '') END, " IS_JUDGED " FROM socket s " LISTENER_ADDRESS
		"WHERE s.type IN (1, 5) AND s.domain = 1 AND s.origin <> 'socketpair' AND a.text <> '(unnamed)'",
	 "SELECT " END_COLUMNS("coalesce(s.peer_pid, " CONNECTING_PID ")") "s.listening_ns, (SELECT coalesce(q.bound_ns, q.opened_ns) FROM socket q WHERE q.listening_ns IS NOT NULL "
		"AND q.socket_id = CASE WHEN s.origin = 'accept' THEN s.parent_id ELSE s.socket_id END), 0, " NAME("s.local_id") ", " NAME("s.remote_id") ", "
		"m.key, a.text " MEMBERS LISTENER_ADDRESS, pair_path, false},

	{"SELECT s.socket_id, pairing_key(" PAIRING_NAMESPACE ", l.text, r.text), " IS_JUDGED " FROM socket s " BOTH_ADDRESSES
		"WHERE s.type = 2 AND s.domain IN (1, 2, 10) AND l.text <> r.text AND l.text <> '(unnamed)' AND r.text <> '(unnamed)'",
	 "SELECT " END_COLUMNS("NULL") "NULL, NULL, l.text < r.text, NULL, NULL, m.key, NULL " MEMBERS BOTH_ADDRESSES, pair_datagrams, false},
};

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
		.listening_ns = column(statement, 23, NONE),
		.reachable_ns = column(statement, 24, NONE),
		.low = column(statement, 25, 0),
		.own_name = column(statement, 26, NONE),
		.peer_name = column(statement, 27, NONE),
	};
	if (sqlite3_column_type(statement, PATH_COLUMN) == SQLITE_TEXT)
		read_path((const char *)sqlite3_column_text(statement, PATH_COLUMN), end);
}

static int append(struct group *group, sqlite3_stmt *statement)
{
	if (group->count == group->room) {
		size_t room = group->room ? group->room * 2 : 16;
		struct end *ends = realloc(group->ends, room * sizeof *ends);
		struct stored *stored;

		if (!ends)
			return SQLITE_NOMEM;
		group->ends = ends;
		stored = realloc(group->stored, room * sizeof *stored);
		if (!stored)
			return SQLITE_NOMEM;
		group->stored = stored;
		group->room = room;
	}
	group->stored[group->count] = (struct stored){column(statement, 20, NONE), column(statement, 21, NONE), column(statement, 22, 0)};
	read_end(statement, &group->ends[group->count++]);
	return SQLITE_OK;
}

static void member_column(sqlite3_context *context, const void *row, int column)
{
	const struct pairing_member *member = row;

	sqlite3_result_int64(context, column == 0 ? (sqlite3_int64)member->key : member->socket_id);
}

/* Reads the ends of a part's sockets; judges each group as soon as it is whole. */
static int judge_part(struct pairing *pairing, const struct kind *kind, sqlite3_stmt *statement, struct group *group)
{
	int64_t key = 0;
	int code;

	group->count = 0;
	while (pairing->code == SQLITE_OK && (code = sqlite3_step(statement)) == SQLITE_ROW) {
		if (group->count && key != sqlite3_column_int64(statement, KEY_COLUMN)) {
			kind->judge(pairing, group);
			group->count = 0;
		}
		key = sqlite3_column_int64(statement, KEY_COLUMN);
		if (append(group, statement) != SQLITE_OK)
			return SQLITE_NOMEM;
		if (kind->forget)
			group->ends[group->count - 1].peer_id = NONE;
	}
	sqlite3_reset(statement);
	if (pairing->code != SQLITE_OK)
		return pairing->code;
	if (group->count && code == SQLITE_DONE)
		kind->judge(pairing, group);
	return code == SQLITE_DONE ? SQLITE_OK : code;
}

static int point_at(struct store_batch *batch, const struct pairing_members *members)
{
	const void **rows = realloc((void *)batch->rows, members->count * sizeof *rows + 1);

	if (!rows)
		return SQLITE_NOMEM;
	for (size_t i = 0; i < members->count; i++)
		rows[i] = &members->rows[i];
	batch->rows = rows;
	batch->count = members->count;
	return SQLITE_OK;
}

static void judge_groups(struct pairing *pairing, const struct kind *kind)
{
	struct pairing_members members;
	struct group group = {0};
	sqlite3_stmt *statement = NULL;
	int code = pairing_members_open(&members, pairing->db, kind->keys);

	if (code == SQLITE_OK)
		code = sqlite3_prepare_v2(pairing->db, kind->end, -1, &statement, NULL);
	sqlite3_bind_int64(statement, 1, pairing->all_dim);
	sqlite3_bind_int64(statement, 2, pairing->unnamed_id);
	while (code == SQLITE_OK && (code = pairing_members_next(&members)) == SQLITE_ROW) {
		code = point_at(&pairing->batch, &members);
		if (code == SQLITE_OK)
			code = judge_part(pairing, kind, statement, &group);
	}
	if (code != SQLITE_DONE && pairing->code == SQLITE_OK)
		pairing->code = code;
	pairing->batch.count = 0;
	pairing_members_close(&members);
	sqlite3_finalize(statement);
	free(group.ends);
	free(group.stored);
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

static int read_number(sqlite3 *db, const char *sql, int64_t *number)
{
	sqlite3_stmt *statement = NULL;
	int code = sqlite3_prepare_v2(db, sql, -1, &statement, NULL);

	if (code == SQLITE_OK && (code = sqlite3_step(statement)) == SQLITE_ROW)
		*number = column(statement, 0, *number);
	sqlite3_finalize(statement);
	return code == SQLITE_ROW || code == SQLITE_DONE ? SQLITE_OK : code;
}

/* What is asked of all sockets alike. */
static int prepare(struct pairing *pairing)
{
	int code = sqlite3_prepare_v2(pairing->db, "UPDATE socket SET peer_id = ?, accept_wait_ns = ?, peer_candidates = ? WHERE socket_id = ?", -1,
		&pairing->update, NULL);

	pairing->batch.column = member_column;
	if (code == SQLITE_OK)
		code = store_bulk_source(pairing->db, &pairing->batch, "pairing_batch", "key,socket_id,");
	if (code == SQLITE_OK)
		code = sqlite3_exec(pairing->db, dim_sql, NULL, NULL, NULL);
	if (code == SQLITE_OK)
		code = read_number(pairing->db, ALL_DIM, &pairing->all_dim);
	if (code == SQLITE_OK)
		code = read_number(pairing->db, UNNAMED_ID, &pairing->unnamed_id);
	return code == SQLITE_OK ? read_lost(pairing) : code;
}

/* Who connected to the address it is bound to talks to itself. */
static const char self_sql[] =
	"UPDATE socket SET peer_id = socket_id WHERE type = 1 AND domain IN (2, 10) AND origin <> 'accept' AND connected_ns IS NOT NULL AND peer_id IS NULL "
	"AND (SELECT text FROM address WHERE address_id = local_id) = (SELECT text FROM address WHERE address_id = remote_id)";

int pairing_run(sqlite3 *db)
{
	struct pairing pairing = {.db = db, .code = SQLITE_OK};

	pairing.code = prepare(&pairing);
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds && pairing.code == SQLITE_OK; i++)
		judge_groups(&pairing, &kinds[i]);
	if (pairing.code == SQLITE_OK)
		pairing.code = sqlite3_exec(db, self_sql, NULL, NULL, NULL);
	if (pairing.code == SQLITE_OK)
		pairing.code = pairing_datagram_servers(db);
	if (pairing.code == SQLITE_OK)
		pairing.code = sqlite3_exec(db, "DROP TABLE temp.pairing_dim", NULL, NULL, NULL);
	sqlite3_finalize(pairing.update);
	sqlite3_create_module(db, "pairing_batch", NULL, NULL); /* it points here */
	sqlite3_free(pairing.batch.declaration);
	free((void *)pairing.batch.rows);
	free(pairing.lost);
	return pairing.code == SQLITE_OK ? 0 : pairing.code == SQLITE_NOMEM ? -ENOMEM : -EIO;
}
