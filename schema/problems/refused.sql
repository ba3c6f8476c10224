-- @rule REFUSED
-- @severity error
-- @explanation connect was answered with "connection refused": the machine is there, but nobody listens on that port.
-- @remedy Start the server first, or wait and try again; compare the port and the address with those the server listens on
--   (a server on 127.0.0.1 cannot be reached through ::1 or the machine's own address).
WITH attempt AS (
	SELECT s.socket_id, s.process_id, p.program, s.caller_id, s.remote_id, r.text, r.host, r.port, s.connecting_ns, s.connect_errno, s.connected_ns,
		coalesce((SELECT n.host FROM name n WHERE n.address_host = r.host AND n.process_id = s.process_id ORDER BY n.start_ns DESC LIMIT 1),
			CASE WHEN r.host IN ('127.0.0.1', '::1') THEN 'localhost' ELSE r.host END) AS target
	FROM socket s
	JOIN address r ON r.address_id = s.remote_id
	LEFT JOIN process p ON p.process_id = s.process_id
	WHERE s.connecting_ns IS NOT NULL AND s.type IN (1, 5)
), success AS MATERIALIZED (
	SELECT DISTINCT program, target, port, text FROM attempt WHERE connected_ns IS NOT NULL AND connect_errno IS NULL AND host IS NOT NULL
		AND EXISTS (SELECT 1 FROM socket WHERE connect_errno = 111)
), refused AS MATERIALIZED (
	SELECT min(a.socket_id) AS socket_id, a.process_id, a.program, a.caller_id, a.text, a.host, a.port, a.target, min(a.connecting_ns) AS at_ns,
		max(a.connecting_ns) AS last_ns, count(*) AS count
	FROM attempt a
	WHERE a.connect_errno = 111
	GROUP BY a.process_id, a.caller_id, a.remote_id
), listener AS MATERIALIZED (
	SELECT l.socket_id, l.process_id, l.listening_ns, l.closed_ns, b.text, b.port
	FROM socket l JOIN address b ON b.address_id = l.local_id
	WHERE l.listening_ns IS NOT NULL
), explained AS (
	-- Of several listeners on that port the one nearest in time: SQLite takes the other columns from min's row.
	SELECT f.*, l.socket_id AS listener_id, l.process_id AS listener_process_id, l.listening_ns, l.closed_ns, l.text AS listener_text,
		min(abs(l.listening_ns - f.at_ns)) AS distance_ns,
		EXISTS (SELECT 1 FROM success o WHERE o.program = f.program AND o.target = f.target AND o.port = f.port) AS succeeded
	FROM refused f
	LEFT JOIN listener l ON l.port = f.port OR f.port IS NULL AND l.text = f.text
	GROUP BY f.socket_id
)
SELECT e.socket_id, CASE WHEN e.succeeded THEN 'info' ELSE 'error' END AS severity, e.process_id,
	e.listener_id AS holder_id, e.listener_process_id AS holder_process_id, e.at_ns AS call_start_ns, e.caller_id,
	CASE WHEN e.count > 1 THEN e.last_ns - e.at_ns END AS duration_ns, e.count,
	'connect to ' || CASE WHEN e.target <> e.host THEN e.target || ' (' || e.text || ')' ELSE e.text END || ' was refused'
	|| CASE WHEN e.count > 1 THEN ' ' || e.count || ' times' ELSE '' END
	|| CASE
		WHEN e.listener_id IS NULL AND e.host IS NULL THEN ': the socket file is there, but nobody listens on it'
		WHEN e.listener_id IS NULL THEN ': nobody listened on that port'
		WHEN e.listening_ns > e.at_ns THEN ': s' || e.listener_id || ' began to listen ' || round((e.listening_ns - e.at_ns) / 1e9, 3) || ' s later'
		WHEN e.closed_ns < e.at_ns THEN ': s' || e.listener_id || ' had stopped listening ' || round((e.at_ns - e.closed_ns) / 1e9, 3) || ' s before'
		ELSE ': s' || e.listener_id || ' listens on ' || e.listener_text || ' only'
	END
	|| CASE WHEN e.succeeded THEN '; another attempt succeeded' ELSE '' END AS message
FROM explained e;
