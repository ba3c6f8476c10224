/* pairing_datagram.c: see pairing_datagram.h. What a socket was bound to, and whom it talked to, decide. */
#include "collector/pairing_datagram.h"

#include <stddef.h>

/*
 * A datagram socket that is connected to an address, or has talked to no other, which one other socket is bound to: that is its peer,
 * though the other one, which answers many, has none. Bound to all addresses counts when the address is the machine's own.
 */
static const char datagram_server_sql[] =
	"WITH bound AS MATERIALIZED ("
	" SELECT s.socket_id, s.opened_ns, coalesce(s.closed_ns, 9223372036854775807) AS closed_ns, s.domain, l.text, l.host, l.port, " PAIRING_NAMESPACE " AS space"
	" FROM socket s JOIN address l ON l.address_id = s.local_id"
	" WHERE s.type = 2 AND s.domain IN (1, 2, 10) AND s.bound_ns IS NOT NULL AND s.remote_id IS NULL AND l.text <> '(unnamed)'), "
	"sender AS (SELECT s.socket_id, s.opened_ns, coalesce(s.closed_ns, 9223372036854775807) AS closed_ns, s.domain, r.text, r.host, r.port, l.host AS own, " PAIRING_NAMESPACE " AS space"
	" FROM socket s JOIN address r ON r.address_id = coalesce(s.reached_id, s.remote_id, s.only_remote_id) LEFT JOIN address l ON l.address_id = s.local_id"
	" WHERE s.type = 2 AND s.domain IN (1, 2, 10) AND s.peer_id IS NULL AND EXISTS (SELECT 1 FROM bound)) "
	"SELECT s.socket_id, min(b.socket_id), count(*) FROM sender s JOIN bound b ON b.port IS s.port "
	"WHERE b.socket_id <> s.socket_id AND b.opened_ns <= s.closed_ns AND s.opened_ns <= b.closed_ns"
	" AND (b.text = s.text OR b.host IN ('0.0.0.0', '::') AND (s.host LIKE '127.%' OR s.host = '::1' OR s.host = s.own))"
	" AND (b.space = s.space OR s.port IS NULL AND s.text NOT LIKE '@%') "
	"GROUP BY s.socket_id";

/* A server that has talked to one address only, which is that of the only one whose peer it is. */
static const char datagram_answer_sql[] =
	"WITH asked AS MATERIALIZED (SELECT peer_id, min(socket_id) AS socket_id FROM socket WHERE type = 2 AND peer_id IS NOT NULL GROUP BY peer_id HAVING count(*) = 1) "
	"SELECT b.socket_id, s.socket_id, 1 FROM asked a JOIN socket b ON b.socket_id = a.peer_id JOIN address o ON o.address_id = b.only_remote_id "
	"JOIN socket s ON s.socket_id = a.socket_id JOIN address l ON l.address_id = s.local_id "
	"WHERE b.type = 2 AND b.peer_id IS NULL AND l.port IS o.port AND (l.text = o.text OR l.host IN ('0.0.0.0', '::'))";

/* One that others talked to as well, though no address of theirs was seen, has no peer. */
static const char datagram_several_sql[] =
	"WITH asked AS MATERIALIZED (SELECT peer_id AS socket_id, count(*) AS askers, min(socket_id) AS asker FROM socket "
	"WHERE type = 2 AND peer_id IS NOT NULL GROUP BY peer_id) "
	"UPDATE socket SET peer_id = NULL WHERE type = 2 AND remote_id IS NULL AND peer_id IS NOT NULL "
	"AND EXISTS (SELECT 1 FROM asked a WHERE a.socket_id = socket.socket_id AND (a.askers > 1 OR a.asker <> socket.peer_id))";

/* Rows: a socket, its peer, how many may be that. */
static int store_peers(sqlite3 *db, const char *sql)
{
	sqlite3_stmt *find = NULL, *update = NULL;
	int code = sqlite3_prepare_v2(db, sql, -1, &find, NULL);

	if (code == SQLITE_OK)
		code = sqlite3_prepare_v2(db, "UPDATE socket SET peer_id = iif(?3 = 1, ?2, NULL), peer_candidates = iif(?3 = 1, 0, ?3) WHERE socket_id = ?1", -1, &update, NULL);
	while (code == SQLITE_OK && (code = sqlite3_step(find)) == SQLITE_ROW) {
		for (int i = 0; i < 3; i++)
			sqlite3_bind_int64(update, i + 1, sqlite3_column_int64(find, i));
		code = sqlite3_step(update);
		sqlite3_reset(update);
		code = code == SQLITE_DONE ? SQLITE_OK : code;
	}
	sqlite3_finalize(find);
	sqlite3_finalize(update);
	return code == SQLITE_DONE ? SQLITE_OK : code;
}

int pairing_datagram_servers(sqlite3 *db)
{
	int code = store_peers(db, datagram_server_sql);

	if (code == SQLITE_OK)
		code = store_peers(db, datagram_answer_sql);
	return code == SQLITE_OK ? sqlite3_exec(db, datagram_several_sql, NULL, NULL, NULL) : code;
}
