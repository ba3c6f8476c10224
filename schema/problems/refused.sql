-- @rule REFUSED
-- @severity error
-- @explanation Nobody listened where the program wanted to connect: on that port of the machine, or behind that path; or (Unix
--   sockets only) the listener's queue was full.
-- @remedy Start the server first, or wait and try again; compare the port and the address with those the server listens on
--   (a server on 127.0.0.1 cannot be reached through ::1 or the machine's own address).
-- @suspect SELECT 1 FROM socket WHERE connect_errno IN (2, 111) OR last_errno = 111 AND type = 2
--   UNION ALL SELECT 1 FROM socket WHERE domain = 1 AND again_count > 0 AND connecting_ns IS NOT NULL
WITH wanted AS MATERIALIZED ( -- where somebody was refused: who was not is of interest only there
	SELECT DISTINCT x.port, CASE WHEN x.port IS NULL THEN x.text END AS text FROM socket f JOIN address x ON x.address_id = f.remote_id WHERE f.connect_errno IN (2, 111)
), attempt AS (
	SELECT s.socket_id, s.process_id, s.thread_id, p.program, s.caller_id, s.remote_id, r.text, r.host, r.port, s.connecting_ns, s.connect_errno, s.connected_ns,
		coalesce((SELECT c.caller_id FROM call c WHERE c.socket_id = s.socket_id AND c.start_ns = s.connecting_ns), s.caller_id) AS connect_caller_id,
		coalesce((SELECT n.host FROM name n WHERE n.address_host = r.host AND n.process_id = s.process_id ORDER BY n.start_ns DESC LIMIT 1),
			CASE WHEN r.host IN ('127.0.0.1', '::1') THEN 'localhost' ELSE r.host END) AS target,
		(SELECT n.host FROM name n WHERE n.address_host = r.host AND n.process_id = s.process_id AND n.host <> r.host ORDER BY n.start_ns DESC LIMIT 1) AS looked_up
	FROM socket s
	JOIN address r ON r.address_id = s.remote_id
	LEFT JOIN process p ON p.process_id = s.process_id
	WHERE s.connecting_ns IS NOT NULL AND s.type IN (1, 5) AND (r.port IN (SELECT port FROM wanted) OR r.port IS NULL AND r.text IN (SELECT text FROM wanted))
), success AS MATERIALIZED (
	SELECT DISTINCT program, target, port, text FROM attempt WHERE connected_ns IS NOT NULL AND connect_errno IS NULL
		AND EXISTS (SELECT 1 FROM socket WHERE connect_errno IN (2, 111))
), refused AS MATERIALIZED (
	SELECT min(a.socket_id) AS socket_id, a.process_id, a.program, a.connect_caller_id, a.connect_errno, a.text, a.host, a.port, a.target, a.looked_up,
		min(a.connecting_ns) AS at_ns, max(a.connecting_ns) AS last_ns, count(*) AS count,
		CASE WHEN min(a.thread_id) = max(a.thread_id) THEN min(a.thread_id) END AS thread_id
	FROM attempt a
	LEFT JOIN caller m ON m.caller_id = a.connect_caller_id
	-- libc and its name services look for helpers (nscd, syslog) that need not be there; where it is not known who looked, that is presumed.
	WHERE a.connect_errno = 111
		OR a.connect_errno = 2 AND a.host IS NULL AND coalesce(m.module NOT LIKE '%/libc%' AND m.module NOT LIKE '%/libnss%' AND m.module NOT LIKE '%/libsystemd%', 0)
	GROUP BY a.process_id, a.caller_id, a.remote_id, a.connect_errno
), listener AS MATERIALIZED (
	SELECT l.socket_id, l.process_id, l.thread_id, l.listening_ns, l.closed_ns, b.text, b.port
	FROM socket l JOIN address b ON b.address_id = l.local_id
	WHERE l.listening_ns IS NOT NULL
), bound AS MATERIALIZED (
	SELECT b.socket_id, b.bound_ns, b.closed_ns, x.text, x.host, x.port
	FROM socket b JOIN address x ON x.address_id = b.local_id
	WHERE b.bound_ns IS NOT NULL AND b.type IN (1, 5) AND b.origin = 'socket' AND b.connecting_ns IS NULL AND EXISTS (SELECT 1 FROM refused)
), explained AS (
	-- Of several listeners on that port the one nearest in time: SQLite takes the other columns from min's row.
	SELECT f.*, l.socket_id AS listener_id, l.process_id AS listener_process_id, l.listening_ns, l.closed_ns, l.text AS listener_text,
		min(abs(l.listening_ns - f.at_ns)) AS distance_ns,
		-- A server asked whether another one is there already, before it took the path or the port for itself.
		l.thread_id = f.thread_id AND l.listening_ns > f.at_ns AS is_own,
		-- One that has the address, and does not listen.
		CASE WHEN l.socket_id IS NULL AND f.connect_errno = 111 THEN (SELECT max(b.socket_id) FROM bound b
			WHERE (b.port = f.port AND b.host IN (f.host, '0.0.0.0', '::') OR f.port IS NULL AND b.text = f.text) AND b.bound_ns < f.at_ns
				AND coalesce(b.closed_ns, f.at_ns) >= f.at_ns) END AS bound_id,
		EXISTS (SELECT 1 FROM success o WHERE o.program = f.program AND (o.target = f.target AND o.port = f.port OR f.port IS NULL AND o.text = f.text)) AS succeeded
	FROM refused f
	LEFT JOIN listener l ON l.port = f.port OR f.port IS NULL AND l.text = f.text
	GROUP BY f.socket_id
)
SELECT e.socket_id, CASE WHEN e.succeeded OR e.is_own THEN 'info' WHEN e.connect_errno = 2 THEN 'warning' ELSE 'error' END AS severity, e.process_id,
	coalesce(e.listener_id, e.bound_id) AS holder_id, coalesce(e.listener_process_id, (SELECT process_id FROM socket WHERE socket_id = e.bound_id)) AS holder_process_id, e.at_ns AS call_start_ns, e.connect_caller_id AS caller_id,
	CASE WHEN e.count > 1 THEN e.last_ns - e.at_ns END AS duration_ns, e.count,
	'connect to ' || coalesce(e.looked_up || ' (' || e.text || ')', e.text) || CASE e.connect_errno WHEN 2 THEN ' failed' ELSE ' was refused' END
	|| CASE WHEN e.count > 1 THEN ' ' || e.count || ' times' ELSE '' END
	|| CASE
		WHEN e.bound_id IS NOT NULL THEN ': s' || e.bound_id || ' was bound there, but did not listen'
		WHEN e.listener_id IS NULL AND e.connect_errno = 2 THEN ': there is no such path; no server has made it'
		WHEN e.listener_id IS NULL AND e.host IS NULL THEN ': the socket file is there, but nobody listens on it'
		WHEN e.listener_id IS NULL THEN ': nobody listened on that port'
		WHEN e.is_own THEN ': nobody was there yet; s' || e.listener_id || ' of its own began to listen ' || DURATION{e.listening_ns - e.at_ns} || ' later'
		WHEN e.listening_ns > e.at_ns THEN ': s' || e.listener_id || ' began to listen ' || DURATION{e.listening_ns - e.at_ns} || ' later'
		WHEN e.closed_ns < e.at_ns THEN ': s' || e.listener_id || ' had stopped listening ' || DURATION{e.at_ns - e.closed_ns} || ' before'
		ELSE ': s' || e.listener_id || ' listens on ' || e.listener_text || ' only'
	END
	|| CASE WHEN e.succeeded THEN '; another attempt succeeded' ELSE '' END AS message
FROM explained e
UNION ALL
-- A datagram that was refused: the next call on the socket says so.
SELECT s.socket_id, CASE WHEN s.received_bytes > 0 THEN 'info' ELSE 'warning' END, s.process_id, NULL, NULL, c.start_ns, coalesce(c.caller_id, s.caller_id), NULL, s.errors,
	'a datagram to ' || coalesce(r.text, 'its peer') || ' was refused' || CASE WHEN s.errors > 1 THEN ' ' || s.errors || ' times' ELSE '' END
	|| CASE WHEN s.received_bytes > 0 THEN ', others were answered' ELSE ': nobody had that port' END
FROM socket s
LEFT JOIN address r ON r.address_id = s.remote_id
LEFT JOIN call c ON c.socket_id = s.socket_id AND c.errno = 111
WHERE s.last_errno = 111 AND s.type = 2
GROUP BY s.socket_id
UNION ALL
-- A Unix socket's listener whose queue is full: a non-blocking connect fails with EAGAIN.
SELECT min(s.socket_id), CASE WHEN s.connected_ns IS NULL THEN 'warning' ELSE 'info' END, s.process_id, l.socket_id, l.process_id, c.start_ns, coalesce(c.caller_id, s.caller_id), NULL, count(DISTINCT s.socket_id),
	'connect to ' || r.text || ' failed' || CASE WHEN count(DISTINCT s.socket_id) > 1 THEN ' ' || count(DISTINCT s.socket_id) || ' times' ELSE '' END
	|| ' (EAGAIN): the listener''s queue was full' || coalesce('; backlog ' || l.backlog || ' of s' || l.socket_id, '') AS message
FROM socket s -- CROSS: sockets that may be a finding first, or SQLite begins with all addresses
CROSS JOIN call c ON c.socket_id = s.socket_id AND c.start_ns >= s.connecting_ns AND c.errno = 11
CROSS JOIN call_kind k ON k.call_kind_id = c.call_kind_id AND k.effect = 'connect'
CROSS JOIN address r ON r.address_id = coalesce(s.remote_id, c.address_id)
LEFT JOIN address b ON b.text = r.text
LEFT JOIN socket l ON l.local_id = b.address_id AND l.listening_ns <= c.start_ns AND coalesce(l.closed_ns, c.start_ns) >= c.start_ns
WHERE s.domain = 1 AND s.again_count > 0 AND s.connecting_ns IS NOT NULL
GROUP BY s.process_id, r.text, s.connected_ns IS NULL;
