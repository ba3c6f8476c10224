-- @rule EADDRINUSE
-- @severity error
-- @explanation bind or listen failed because another socket has the address: one that listens there, or the rest of an old connection.
-- @remedy Stop the program that holds the port, or take another port; against old connections (TIME_WAIT) set SO_REUSEADDR before bind, each time that the
--   server starts: it helps only if the server before had set it as well.
-- @suspect SELECT 1 FROM socket WHERE bind_errno = 98
WITH failed AS (
	SELECT s.*, coalesce(a.host, l.host) AS host, coalesce(a.port, l.port) AS port, coalesce(a.text, l.text) AS text, c.caller_id AS bind_caller_id,
		coalesce(s.network_namespace, h.network_namespace) AS space,
		coalesce((SELECT o.value FROM option o WHERE o.socket_id = s.socket_id AND o.is_set AND o.level = 1 AND o.number = 2 AND o.start_ns < s.bind_failed_ns ORDER BY o.start_ns DESC LIMIT 1), 0) AS reuse_address,
		coalesce((SELECT o.value FROM option o WHERE o.socket_id = s.socket_id AND o.is_set AND o.level = 1 AND o.number = 15 AND o.start_ns < s.bind_failed_ns ORDER BY o.start_ns DESC LIMIT 1), 0) AS reuse_port
	FROM socket s
	LEFT JOIN call c ON c.socket_id = s.socket_id AND c.start_ns = s.bind_failed_ns AND c.errno = s.bind_errno
	LEFT JOIN address a ON a.address_id = c.address_id
	LEFT JOIN address l ON l.address_id = s.local_id
	LEFT JOIN process p ON p.process_id = s.process_id
	LEFT JOIN host h ON h.host_id = p.host_id
	WHERE s.bind_errno = 98
), there AS (
	-- What has, or had, that address. When a killed process ended is not known exactly; what its peers read tells it.
	SELECT f.socket_id, f.bind_failed_ns, o.socket_id AS holder_id, o.listening_ns, o.connected_ns, o.bound_ns, o.opened_ns, o.process_id, o.closed_by_id, o.origin, o.parent_id, o.peer_id, o.how_ended, o.eof_ns,
		o.type = 1 AND o.domain IN (2, 10) AS is_tcp,
		CASE o.how_ended WHEN 'killed' THEN min(o.closed_ns, coalesce((SELECT min(coalesce(v.eof_ns, v.reset_ns)) FROM socket d JOIN socket v ON v.socket_id = d.peer_id
			WHERE (d.socket_id = o.socket_id OR d.parent_id = o.socket_id) AND d.closed_by_id = o.closed_by_id AND d.how_ended = 'killed' AND d.shutdown_send_ns IS NULL), o.closed_ns)) ELSE o.closed_ns END AS closed_ns
	FROM failed f
	JOIN address x ON x.port = f.port AND f.port IS NOT NULL AND (x.host = f.host OR x.host IN ('0.0.0.0', '::') OR f.host IN ('0.0.0.0', '::'))
		OR f.port IS NULL AND x.text = f.text
	JOIN socket o ON o.local_id = x.address_id AND o.socket_id <> f.socket_id AND o.type = f.type
	LEFT JOIN process op ON op.process_id = o.process_id
	LEFT JOIN host oh ON oh.host_id = op.host_id
	WHERE o.opened_ns <= f.bind_failed_ns AND coalesce(o.network_namespace, oh.network_namespace) IS f.space
		AND (coalesce(o.bound_ns, o.listening_ns, o.connected_ns, o.opened_ns) <= f.bind_failed_ns)
		AND (o.closed_ns IS NULL OR o.closed_ns > f.bind_failed_ns - 60000000000)
), candidate AS MATERIALIZED (
	SELECT t.*,
		CASE
			WHEN t.closed_ns <= t.bind_failed_ns THEN 4 -- what is left of it: TIME_WAIT
			WHEN t.listening_ns <= t.bind_failed_ns THEN 1
			WHEN t.origin = 'accept' OR t.connected_ns <= t.bind_failed_ns THEN 3
			ELSE 2
		END AS place
	FROM there t
	WHERE t.closed_ns IS NULL OR t.closed_ns > t.bind_failed_ns
		OR t.is_tcp AND (t.origin = 'accept' OR t.connected_ns IS NOT NULL) AND t.bind_failed_ns - t.closed_ns < 60000000000 AND t.eof_ns IS NULL
), holder AS (
	SELECT c.*, count(*) AS count, min(c.place * 1000000000000000000 + c.bind_failed_ns - c.opened_ns) AS rank FROM candidate c GROUP BY c.socket_id
), keeper AS (
	-- Whoever still has a descriptor of it: the maker may be gone and a child may keep it.
	SELECT h.*, coalesce(min(CASE WHEN sp.process_id = h.process_id THEN sp.process_id END), min(sp.process_id), h.process_id) AS keeper_id
	FROM holder h
	LEFT JOIN span sp ON sp.socket_id = h.holder_id
		AND (sp.opened_ns <= h.bind_failed_ns OR sp.opened_by = 'exec' AND (SELECT x.started_ns FROM process x WHERE x.process_id = sp.process_id) <= h.bind_failed_ns)
		AND (sp.closed_ns IS NULL OR sp.closed_ns > h.bind_failed_ns)
	GROUP BY h.socket_id
), left_over AS (
	-- Of an old connection: who made its port's first socket, whether that had set SO_REUSEADDR (NULL: not known), and which peer has not closed yet.
	SELECT k.socket_id, m.socket_id AS maker_id,
		coalesce((SELECT o.value <> 0 FROM option o WHERE o.socket_id IN (k.holder_id, m.socket_id) AND o.is_set AND o.level = 1 AND o.number = 2 AND o.start_ns < k.bind_failed_ns ORDER BY o.start_ns DESC LIMIT 1),
			CASE m.origin WHEN 'socket' THEN 0 END) AS reuse_address,
		CASE WHEN k.place = 4 AND (p.closed_ns IS NULL OR p.closed_ns > k.bind_failed_ns) AND (p.shutdown_send_ns IS NULL OR p.shutdown_send_ns > k.bind_failed_ns) THEN p.socket_id END AS waits_for_id
	FROM keeper k
	LEFT JOIN socket m ON m.socket_id = CASE k.origin WHEN 'accept' THEN k.parent_id ELSE k.holder_id END
	LEFT JOIN socket p ON p.socket_id = k.peer_id
	WHERE k.place IN (3, 4)
), bound AS MATERIALIZED (
	SELECT o.socket_id, o.process_id, o.thread_id, o.caller_id, o.domain, o.type, o.bound_ns, x.host, x.port, x.text
	FROM socket o
	JOIN address x ON x.address_id = o.local_id
	WHERE o.bound_ns IS NOT NULL AND (o.listening_ns IS NOT NULL OR o.type = 2) AND EXISTS (SELECT 1 FROM failed)
), instead AS MATERIALIZED (
	-- Of a program that tries one port after the other, with a new socket each time: the one that it got.
	SELECT f.socket_id, b.socket_id AS other_id, b.text, min(b.bound_ns)
	FROM failed f
	JOIN bound b ON b.process_id = f.process_id AND b.thread_id = f.thread_id AND b.caller_id IS f.caller_id AND b.domain = f.domain AND b.type = f.type AND b.host IS f.host
		AND b.port BETWEEN f.port + 1 AND f.port + 10 AND b.bound_ns BETWEEN f.bind_failed_ns AND f.bind_failed_ns + 1000000000
	WHERE f.port > 0 AND f.bound_ns IS NULL AND f.closed_ns IS NOT NULL
	GROUP BY f.socket_id
)
SELECT f.socket_id,
	-- No harm was done: the same socket found another address, or its successor the next one.
	CASE WHEN f.bound_ns >= f.bind_failed_ns OR f.listening_ns >= f.bind_failed_ns OR i.socket_id IS NOT NULL THEN 'info' ELSE 'error' END AS severity, f.process_id, k.holder_id, k.keeper_id AS holder_process_id, f.bind_failed_ns AS call_start_ns,
	coalesce(f.bind_caller_id, f.caller_id) AS caller_id, f.bind_failed_ns - coalesce(k.listening_ns, k.bound_ns, k.opened_ns) AS duration_ns, 1 AS count,
	'bind to ' || coalesce(f.text, 'its address') || ' failed: '
	|| CASE
		WHEN k.socket_id IS NULL AND f.port IS NULL THEN 'the path exists already; nobody in the trace holds it (a file left behind?)'
		WHEN k.socket_id IS NULL AND o.state = 'TIME_WAIT' THEN 'an old connection, of before the trace or outside it, has the port, and is in TIME_WAIT'
		WHEN k.socket_id IS NULL AND o.state IS NOT NULL THEN coalesce(o.program || '[' || o.pid || ']', 'a process of another user') || ', which is not in the trace, '
			|| CASE o.state WHEN 'LISTEN' THEN 'listens there' WHEN 'BOUND' THEN 'has that port' ELSE 'has a connection on that port (' || o.state || ')' END
		WHEN k.socket_id IS NULL THEN 'the port is taken, by a process that is not in the trace or by an old connection in TIME_WAIT'
		WHEN k.place = 1 THEN 's' || k.holder_id || coalesce(' of ' || p.program || '[' || p.pid || ']', '') || ' has been listening there for ' || DURATION{f.bind_failed_ns - k.listening_ns}
		WHEN k.place = 2 THEN 's' || k.holder_id || coalesce(' of ' || p.program || '[' || p.pid || ']', '') || ' has been bound there for ' || DURATION{f.bind_failed_ns - coalesce(k.bound_ns, k.opened_ns)}
		WHEN k.place = 3 THEN 'connection s' || k.holder_id || coalesce(' of ' || p.program || '[' || p.pid || ']', '') || ' still uses that port'
		ELSE 'connection s' || k.holder_id || CASE k.how_ended WHEN 'killed' THEN ', whose process was killed, ' ELSE ', closed ' || DURATION{f.bind_failed_ns - k.closed_ns} || ' before, ' END
			|| CASE WHEN r.waits_for_id IS NOT NULL THEN 'waits for its peer s' || r.waits_for_id || ' to close (FIN_WAIT2)' ELSE 'is in TIME_WAIT' END
	END
	|| CASE
		WHEN f.port IS NULL THEN '; unlink the path before bind, once no server runs'
		WHEN i.socket_id IS NOT NULL THEN '; s' || i.other_id || ' was bound to ' || i.text || ' instead'
		WHEN f.bound_ns >= f.bind_failed_ns THEN '; the socket was bound to ' || coalesce(b.text, 'another address') || ' afterwards'
		WHEN r.reuse_address = 0 AND NOT f.reuse_address THEN '; SO_REUSEADDR helps only if both set it before bind: this socket, and s' || r.maker_id || ' before it'
		WHEN r.reuse_address = 0 THEN '; SO_REUSEADDR was set here, but s' || r.maker_id || ', whose connection it is, had not set it: both must'
		WHEN r.reuse_address = 1 AND NOT f.reuse_address THEN '; SO_REUSEADDR before bind would help'
		WHEN k.place IN (3, 4) AND NOT f.reuse_address THEN '; SO_REUSEADDR before bind would help, if that one had set it as well'
		WHEN k.place IN (3, 4) AND r.reuse_address IS NULL THEN '; SO_REUSEADDR was set here, but helps only if that one had set it as well'
		WHEN k.place IN (1, 2) AND NOT f.reuse_port THEN '; SO_REUSEADDR would not help, SO_REUSEPORT only if both set it'
		WHEN k.place IN (1, 2) THEN '; SO_REUSEPORT was set here, but helps only if the holder set it too'
		WHEN k.socket_id IS NULL AND NOT f.reuse_address AND (o.state = 'TIME_WAIT' OR o.state NOT IN ('LISTEN', 'BOUND')) THEN '; SO_REUSEADDR before bind would help, if that one had set it as well'
		WHEN k.socket_id IS NULL AND o.state = 'TIME_WAIT' THEN '; SO_REUSEADDR was set here, but helps only if that one had set it as well'
		WHEN k.socket_id IS NULL AND o.state IS NOT NULL THEN ''
		WHEN k.socket_id IS NULL AND NOT f.reuse_address THEN '; SO_REUSEADDR would help against TIME_WAIT only'
		ELSE ''
	END AS message
FROM failed f
LEFT JOIN keeper k ON k.socket_id = f.socket_id
LEFT JOIN instead i ON i.socket_id = f.socket_id
LEFT JOIN left_over r ON r.socket_id = f.socket_id
LEFT JOIN address b ON b.address_id = f.local_id
LEFT JOIN (SELECT socket_id, state, pid, program, max(at_ns) FROM outsider GROUP BY socket_id) o ON o.socket_id = f.socket_id
LEFT JOIN process p ON p.process_id = k.keeper_id;
