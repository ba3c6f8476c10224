-- @rule TIMEOUT
-- @severity error
-- @explanation The other side did not answer in time: a connection could not be made, or an answer was waited for in vain.
-- @remedy Look whether the address is right and a firewall lets the packets through (a silent drop looks like this); if the
--   server is only slow, look at what it was doing meanwhile.
WITH attempt AS (
	SELECT s.*, r.text, r.host, r.port, coalesce(s.closed_ns, (SELECT end_ns FROM trace), s.connecting_ns) AS end_ns,
		(SELECT n.host FROM name n WHERE n.address_host = r.host AND n.process_id = s.process_id ORDER BY n.start_ns DESC LIMIT 1) AS target
	FROM socket s
	LEFT JOIN address r ON r.address_id = s.remote_id
	WHERE s.connecting_ns IS NOT NULL AND s.type IN (1, 5)
		AND (s.connect_errno = 110 OR s.connect_errno IS NULL AND s.connected_ns IS NULL AND s.unreturned_start_ns IS NULL OR s.last_errno = 110)
)
SELECT a.socket_id,
	CASE WHEN EXISTS (SELECT 1 FROM socket o JOIN address x ON x.address_id = o.remote_id
		WHERE o.process_id = a.process_id AND o.connected_ns IS NOT NULL AND x.port = a.port AND o.connected_ns BETWEEN a.connecting_ns AND a.end_ns + 1000000000)
		THEN 'info' ELSE 'error' END AS severity,
	a.process_id, NULL AS holder_id, NULL AS holder_process_id, a.connecting_ns AS call_start_ns,
	coalesce((SELECT c.caller_id FROM call c WHERE c.socket_id = a.socket_id AND c.start_ns = a.connecting_ns), a.caller_id) AS caller_id,
	a.end_ns - a.connecting_ns AS duration_ns, 1 AS count,
	CASE
		WHEN a.connect_errno = 110 THEN 'connect to ' || coalesce(a.target || ' (' || a.text || ')', a.text, 'its peer') || ' timed out'
		WHEN a.connected_ns IS NULL THEN 'connect to ' || coalesce(a.target || ' (' || a.text || ')', a.text, 'its peer') || ' was not answered; the program gave up after '
			|| DURATION{a.end_ns - a.connecting_ns}
		ELSE 'the connection to ' || coalesce(a.target || ' (' || a.text || ')', a.text, 'its peer') || ' timed out: the peer stopped answering'
	END AS message
FROM attempt a
WHERE a.connect_errno = 110 OR a.last_errno = 110
	OR a.end_ns - a.connecting_ns >= 1000000000 AND a.how_ended = 'close'
		AND NOT EXISTS (SELECT 1 FROM ready w WHERE w.socket_id = a.socket_id AND w.events <> 0)
UNION ALL
-- An answer waited for with SO_RCVTIMEO: the longest call ended with EAGAIN, and after it no data came.
SELECT s.socket_id, 'warning', s.process_id, p.socket_id, p.process_id, c.start_ns, c.caller_id, c.duration_ns, 1,
	k.name || ' waited ' || DURATION{c.duration_ns} || ' for ' || coalesce(r.text, 'its peer') || ', nothing came, and the program gave up'
FROM socket s
JOIN call c ON c.socket_id = s.socket_id AND c.start_ns = s.longest_start_ns
JOIN call_kind k ON k.call_kind_id = c.call_kind_id
LEFT JOIN socket p ON p.socket_id = s.peer_id
LEFT JOIN address r ON r.address_id = s.remote_id
WHERE s.again_count > 0 AND s.longest_ns >= 200000000 AND s.origin = 'socket' AND s.listening_ns IS NULL AND s.send_calls > 0
	AND k.effect = 'receive' AND c.errno = 11
	AND coalesce(s.last_receive_ns, 0) < c.start_ns AND coalesce(s.last_send_ns, 0) <= c.start_ns AND s.how_ended = 'close' AND s.eof_ns IS NULL
UNION ALL
-- An answer waited for with poll or select: the last question was never answered, a wait after it found nothing, and the socket was closed.
SELECT s.socket_id, 'warning', s.process_id, p.socket_id, p.process_id, c.start_ns, c.caller_id, max(c.duration_ns), 1,
	k.name || ' waited ' || DURATION{max(c.duration_ns)} || ' for ' || coalesce(r.text, 'its peer') || ', nothing came, and the program gave up'
FROM socket s
JOIN ready w ON w.socket_id = s.socket_id AND w.start_ns >= s.last_send_ns AND w.events = 0
JOIN call c ON c.socket_id IN (0, s.socket_id) AND c.start_ns = w.start_ns AND c.thread_id = w.thread_id AND c.duration_ns >= 200000000
JOIN call_kind k ON k.call_kind_id = c.call_kind_id AND k.effect = 'wait'
LEFT JOIN socket p ON p.socket_id = s.peer_id
LEFT JOIN address r ON r.address_id = s.remote_id
WHERE s.origin = 'socket' AND s.listening_ns IS NULL AND s.how_ended = 'close' AND s.eof_ns IS NULL AND s.reset_ns IS NULL AND s.broken_pipe_ns IS NULL
	AND (s.last_receive_ns IS NULL OR s.last_receive_ns < s.last_send_ns) AND s.closed_ns - s.last_send_ns >= 200000000
GROUP BY s.socket_id;
