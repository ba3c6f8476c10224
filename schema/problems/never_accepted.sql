-- @rule NEVER_ACCEPTED
-- @severity error
-- @explanation The kernel completed the connection for the listening program, but that never called accept: the client talks to nobody.
-- @remedy Look why the server does not come back to accept (busy, blocked in another call, an error it did not handle).
-- @suspect SELECT 1 FROM socket WHERE connected_ns IS NOT NULL AND peer_id IS NULL AND peer_candidates = 0 AND origin = 'socket' AND type IN (1, 5)
--   AND EXISTS (SELECT 1 FROM socket WHERE listening_ns IS NOT NULL)
WITH waiting AS (
	SELECT c.socket_id, c.process_id, c.caller_id, c.connecting_ns, c.connected_ns, c.sent_bytes, c.sent_bytes > 0 AND c.reset_ns IS NULL AND c.broken_pipe_ns IS NULL AS lost, c.remote_id, c.local_id, c.domain, c.network_namespace,
		coalesce(c.closed_ns, (SELECT end_ns FROM trace), c.connected_ns) AS end_ns
	FROM socket c
	WHERE c.connecting_ns IS NOT NULL AND c.connected_ns IS NOT NULL AND c.peer_id IS NULL AND c.peer_candidates = 0 AND c.origin = 'socket' AND c.type IN (1, 5)
), listener AS MATERIALIZED (
	SELECT l.*, b.host, b.port, b.text, coalesce(l.closed_ns, (SELECT end_ns FROM trace)) AS end_ns
	FROM socket l JOIN address b ON b.address_id = l.local_id
	WHERE l.listening_ns IS NOT NULL
)
SELECT w.socket_id, CASE WHEN min(w.end_ns, l.end_ns) - w.connected_ns >= 1000000000 THEN 'error' ELSE 'warning' END AS severity,
	w.process_id, l.socket_id AS holder_id, l.process_id AS holder_process_id, w.connecting_ns AS call_start_ns,
	coalesce((SELECT c.caller_id FROM call c WHERE c.socket_id = w.socket_id AND c.start_ns = w.connecting_ns), w.caller_id) AS caller_id,
	min(w.end_ns, l.end_ns) - w.connected_ns AS duration_ns, 1 AS count,
	'connected to ' || r.text || ', but the listener s' || l.socket_id || ' never accepted it; it stood in the queue for '
		|| DURATION{min(w.end_ns, l.end_ns) - w.connected_ns}
		|| CASE WHEN w.lost AND l.how_ended IN ('close', 'exit') THEN '; the ' || BYTES{w.sent_bytes} || ' that it had sent are lost' ELSE '' END
		|| CASE l.last_errno WHEN 24 THEN '; accept failed with EMFILE: the process has as many descriptors open as it may (ulimit -n)'
			WHEN 23 THEN '; accept failed with ENFILE: the machine has too many files open' ELSE '' END AS message
FROM waiting w
JOIN address r ON r.address_id = w.remote_id
JOIN listener l ON (l.port = r.port AND (l.host = r.host OR l.host IN ('0.0.0.0', '::')) OR r.port IS NULL AND l.text = r.text)
	AND l.listening_ns <= w.connecting_ns AND l.end_ns > w.connected_ns
LEFT JOIN process wp ON wp.process_id = w.process_id
LEFT JOIN process lp ON lp.process_id = l.process_id
LEFT JOIN host wh ON wh.host_id = wp.host_id
LEFT JOIN host lh ON lh.host_id = lp.host_id
-- What was sent to a listener that then closed is lost, however short a time it stood in the queue; RESET tells it where the client saw it.
WHERE (min(w.end_ns, l.end_ns) - w.connected_ns >= 200000000 OR w.lost AND l.how_ended IN ('close', 'exit'))
	AND (r.port IS NULL OR coalesce(w.network_namespace, wh.network_namespace) IS coalesce(l.network_namespace, lh.network_namespace))
	AND (r.port IS NULL OR r.host LIKE '127.%' OR r.host = '::1' OR EXISTS (SELECT 1 FROM address x WHERE x.host = r.host AND x.address_id = w.local_id))
	AND NOT EXISTS (SELECT 1 FROM socket a WHERE a.parent_id = l.socket_id AND a.remote_id = w.local_id AND r.port IS NOT NULL)
	AND NOT (r.port IS NULL AND EXISTS (SELECT 1 FROM socket a WHERE a.parent_id = l.socket_id AND a.peer_id IS NULL))
GROUP BY w.socket_id;
