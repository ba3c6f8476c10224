-- @rule TIMEOUT
-- @severity error
-- @explanation The other side did not answer in time: a connection could not be made, or an answer was waited for in vain.
-- @remedy Look whether the address is right and a firewall lets the packets through (a silent drop looks like this); if the
--   server is only slow, look at what it was doing meanwhile; one whose queue is full must accept sooner, or listen with a larger backlog.
-- @without_calls does not see what was waited for in vain with select or epoll, nor a receive that never returned
-- @suspect SELECT 1 FROM socket WHERE connect_errno = 110 OR last_errno = 110
--   OR connecting_ns IS NOT NULL AND connected_ns IS NULL AND connect_errno IS NULL AND type IN (1, 5)
--   OR origin = 'socket' AND send_calls > 0 AND how_ended = 'close' AND closed_ns - last_send_ns >= 200000000 AND coalesce(last_receive_ns, 0) < last_send_ns
WITH attempt AS (
	SELECT s.*, r.text, r.host, r.port, coalesce(s.closed_ns, (SELECT end_ns FROM trace), s.connecting_ns) AS end_ns,
		(SELECT n.host FROM name n WHERE n.address_host = r.host AND n.process_id = s.process_id ORDER BY n.start_ns DESC LIMIT 1) AS target
	FROM socket s
	LEFT JOIN address r ON r.address_id = s.remote_id
	WHERE s.connecting_ns IS NOT NULL AND s.type IN (1, 5)
		AND (s.connect_errno = 110 OR s.connect_errno IS NULL AND s.connected_ns IS NULL AND s.unreturned_start_ns IS NULL OR s.last_errno = 110)
), listener AS MATERIALIZED (
	SELECT l.socket_id, l.process_id, l.backlog, l.listening_ns, l.closed_ns, x.host, x.port, coalesce(l.network_namespace, h.network_namespace) AS space
	FROM socket l
	JOIN address x ON x.address_id = l.local_id
	LEFT JOIN process p ON p.process_id = l.process_id
	LEFT JOIN host h ON h.host_id = p.host_id
	WHERE l.listening_ns IS NOT NULL
), unaccepted AS MATERIALIZED (
	SELECT c.remote_id, count(*) AS count
	FROM socket c
	WHERE c.remote_id IN (SELECT remote_id FROM attempt) AND c.connected_ns IS NOT NULL AND c.origin = 'socket' AND c.peer_id IS NULL AND c.peer_candidates = 0
	GROUP BY c.remote_id
), queue AS MATERIALIZED (
	-- Who listened there, though: a listener whose queue is full answers as little as a firewall.
	SELECT a.socket_id, l.socket_id AS listener_id, l.process_id, l.backlog, u.count AS waiting
	FROM attempt a
	JOIN listener l ON l.port = a.port AND (l.host = a.host OR l.host IN ('0.0.0.0', '::')) AND l.listening_ns <= a.connecting_ns AND coalesce(l.closed_ns, a.end_ns) >= a.end_ns
	LEFT JOIN unaccepted u ON u.remote_id = a.remote_id
	LEFT JOIN process p ON p.process_id = a.process_id
	LEFT JOIN host h ON h.host_id = p.host_id
	WHERE a.connected_ns IS NULL AND (a.host LIKE '127.%' OR a.host = '::1') AND coalesce(a.network_namespace, h.network_namespace) IS l.space
	GROUP BY a.socket_id
), asked AS (
	-- Closed by us a while after a question, without an answer, and without a sign that the connection had ended.
	SELECT s.socket_id, s.fd, s.process_id, s.peer_id, s.remote_id, s.last_send_ns AS since_ns, s.closed_ns, s.longest_ns, s.longest_start_ns, s.longest_kind_id, s.unreturned_start_ns, s.unreturned_kind_id, s.again_count,
		s.type, s.exchanges, s.first_send_ns, s.vain_wait_ns, s.caller_id
	FROM socket s
	WHERE s.origin = 'socket' AND s.listening_ns IS NULL AND s.send_calls > 0 AND s.how_ended = 'close'
		AND s.eof_ns IS NULL AND s.reset_ns IS NULL AND s.broken_pipe_ns IS NULL
		AND coalesce(s.last_receive_ns, 0) < s.last_send_ns AND s.closed_ns - s.last_send_ns >= 200000000
), unconnected AS (
	SELECT s.socket_id, s.fd, s.process_id, s.connecting_ns AS since_ns, s.closed_ns
	FROM socket s
	WHERE s.connecting_ns IS NOT NULL AND s.connected_ns IS NULL AND s.connect_errno IS NULL AND s.type IN (1, 5) AND s.how_ended = 'close'
		AND s.closed_ns - s.connecting_ns >= 200000000
), other AS (
	-- What the other end had made of the question.
	SELECT s.socket_id, CASE
			WHEN p.received_bytes = 0 THEN '; the peer s' || p.socket_id || ' never read the question'
			WHEN p.received_bytes < q.sent_bytes THEN '; the peer s' || p.socket_id || ' read only ' || p.received_bytes || ' of the ' || BYTES{q.sent_bytes} || ' asked with'
			WHEN p.last_receive_ns <= s.closed_ns THEN '; the peer s' || p.socket_id || ' had read the question, and not answered it'
		END AS peer_did
	FROM asked s
	JOIN socket q ON q.socket_id = s.socket_id
	JOIN socket p ON p.socket_id = s.peer_id AND p.origin = 'accept'
), waiting AS MATERIALIZED (
	SELECT socket_id, fd, process_id, since_ns, closed_ns, 0 AS connecting FROM asked
	UNION ALL
	SELECT socket_id, fd, process_id, since_ns, closed_ns, 1 FROM unconnected
), waited AS MATERIALIZED (
	-- Waits that found nothing. poll names what it waited for.
	SELECT g.socket_id, g.connecting, w.start_ns, w.thread_id, 1 AS certain
	FROM waiting g
	CROSS JOIN ready_row w ON w.socket_id = g.socket_id AND w.start_ns >= g.since_ns AND w.events = 0
	UNION ALL
	-- select and epoll_wait do not; but the thread that came out of one for nothing closed the socket at once.
	SELECT g.socket_id, g.connecting, w.start_ns, w.thread_id, 0
	FROM waiting g
	CROSS JOIN call x ON x.socket_id = g.socket_id AND x.start_ns BETWEEN g.closed_ns - 1000000 AND g.closed_ns AND x.result = 0
		AND x.call_kind_id IN (SELECT call_kind_id FROM call_kind WHERE effect = 'close')
	CROSS JOIN call_row w ON w.socket_id = 0 AND w.start_ns BETWEEN g.since_ns AND g.closed_ns AND w.thread_id = x.thread_id AND w.result = 0
		AND w.duration_ns >= 1000000 AND w.start_ns + w.duration_ns >= g.closed_ns - 50000000
	CROSS JOIN site i ON i.site_id = w.site_id
	CROSS JOIN call_kind k ON k.call_kind_id = i.call_kind_id AND (k.name LIKE 'epoll%' AND EXISTS (SELECT 1 FROM call e JOIN call_kind ek ON ek.call_kind_id = e.call_kind_id
			WHERE e.socket_id = g.socket_id AND ek.effect = 'epoll') OR k.name IN ('select', 'pselect'))
)
SELECT a.socket_id,
	CASE WHEN EXISTS (SELECT 1 FROM socket o JOIN address x ON x.address_id = o.remote_id
		WHERE o.process_id = a.process_id AND o.connected_ns IS NOT NULL AND x.port = a.port AND o.connected_ns BETWEEN a.connecting_ns AND a.end_ns + 1000000000)
		THEN 'info' ELSE 'error' END AS severity,
	a.process_id, q.listener_id AS holder_id, q.process_id AS holder_process_id, a.connecting_ns AS call_start_ns,
	coalesce((SELECT c.caller_id FROM call c WHERE c.socket_id = a.socket_id AND c.start_ns = a.connecting_ns), a.caller_id) AS caller_id,
	a.end_ns - a.connecting_ns AS duration_ns, 1 AS count,
	CASE
		WHEN a.connect_errno = 110 THEN 'connect to ' || coalesce(a.target || ' (' || a.text || ')', a.text, 'its peer') || ' timed out'
		WHEN a.connected_ns IS NULL THEN 'connect to ' || coalesce(a.target || ' (' || a.text || ')', a.text, 'its peer') || ' was not answered; the program gave up after '
			|| DURATION{a.end_ns - a.connecting_ns}
		ELSE 'the connection to ' || coalesce(a.target || ' (' || a.text || ')', a.text, 'its peer') || ' timed out: the peer stopped answering'
	END
	|| coalesce('; s' || q.listener_id || ' listens there, with a backlog of ' || q.backlog || ': its queue was full'
		|| coalesce(' of ' || q.waiting || CASE q.waiting WHEN 1 THEN ' connection' ELSE ' connections' END || ' that it never accepted', ', as it did not accept'), '') AS message
FROM attempt a
LEFT JOIN queue q ON q.socket_id = a.socket_id
WHERE a.connect_errno = 110 OR a.last_errno = 110
	OR a.how_ended = 'close' AND a.ready_run_count = 0 AND NOT EXISTS (SELECT 1 FROM ready w WHERE w.socket_id = a.socket_id AND w.events <> 0)
		AND (a.end_ns - a.connecting_ns >= 1000000000
			OR a.vain_wait_ns >= 200000000
			OR EXISTS (SELECT 1 FROM waited w WHERE w.socket_id = a.socket_id AND w.connecting)
			-- Interrupted by a signal, or limited by SO_SNDTIMEO.
			OR EXISTS (SELECT 1 FROM call c WHERE c.socket_id = a.socket_id AND c.start_ns = a.connecting_ns AND c.errno IN (4, 115) AND c.duration_ns >= 200000000))
UNION ALL
-- An answer waited for in a receive: with SO_RCVTIMEO, until a signal came (alarm), or left by a jump out of a signal's handler.
SELECT s.socket_id, 'warning', s.process_id, s.peer_id, p.process_id, v.start_ns, c.caller_id, v.duration_ns, 1,
	k.name || ' waited ' || DURATION{v.duration_ns} || ' for ' || coalesce(r.text, 'its peer') || ', nothing came'
	|| CASE WHEN coalesce(c.errno, CASE WHEN s.again_count > 0 THEN 11 END) = 11 THEN '' ELSE ' until a signal interrupted it' END || ', and the program gave up' || coalesce(o.peer_did, '') AS message
FROM asked s
LEFT JOIN other o ON o.socket_id = s.socket_id
JOIN (
	-- The longest call, as no data came after the last send: one that failed.
	SELECT socket_id, longest_start_ns AS start_ns, longest_ns AS duration_ns, longest_kind_id AS kind_id FROM asked WHERE longest_start_ns >= since_ns AND longest_ns >= 200000000
	UNION ALL
	SELECT a.socket_id, a.unreturned_start_ns, a.closed_ns - a.unreturned_start_ns, a.unreturned_kind_id
	FROM asked a
	JOIN call c ON c.socket_id = a.socket_id AND c.start_ns = a.unreturned_start_ns
	WHERE a.unreturned_start_ns >= a.since_ns AND a.closed_ns - a.unreturned_start_ns >= 200000000 AND EXISTS (SELECT 1 FROM call x WHERE x.socket_id = a.socket_id
		AND x.start_ns BETWEEN a.closed_ns - 1000000 AND a.closed_ns AND x.result = 0 AND x.thread_id = c.thread_id)
) v ON v.socket_id = s.socket_id
JOIN call_kind k ON k.call_kind_id = v.kind_id AND k.effect = 'receive'
LEFT JOIN call c ON c.socket_id = s.socket_id AND c.start_ns = v.start_ns
LEFT JOIN socket p ON p.socket_id = s.peer_id
LEFT JOIN address r ON r.address_id = s.remote_id
WHERE c.errno IS NULL OR c.errno IN (4, 11)
GROUP BY s.socket_id
UNION ALL
-- An answer waited for with poll, select or epoll.
SELECT s.socket_id, 'warning', s.process_id, s.peer_id, p.process_id, c.start_ns, c.caller_id, s.closed_ns - s.since_ns, 1,
	k.name || CASE WHEN max(w.certain) THEN ' waited ' || DURATION{max(c.duration_ns)} ELSE ' came back empty ' || DURATION{s.closed_ns - s.since_ns} || ' after the last send' END
	|| CASE WHEN max(w.certain) THEN ' for ' || coalesce(r.text, 'its peer') || ', nothing came' ELSE ' to ' || coalesce(r.text, 'its peer') || ', nothing had come' END
	|| ', and the program gave up' || coalesce(o.peer_did, '') AS message
FROM asked s
LEFT JOIN other o ON o.socket_id = s.socket_id
JOIN waited w ON w.socket_id = s.socket_id AND NOT w.connecting
JOIN call c ON c.socket_id IN (0, s.socket_id) AND c.start_ns = w.start_ns AND c.thread_id = w.thread_id AND (c.duration_ns >= 200000000 OR NOT w.certain)
JOIN call_kind k ON k.call_kind_id = c.call_kind_id AND k.effect = 'wait'
LEFT JOIN socket p ON p.socket_id = s.peer_id
LEFT JOIN address r ON r.address_id = coalesce(s.remote_id, (SELECT only_remote_id FROM socket o WHERE o.socket_id = s.socket_id))
WHERE w.certain
	-- Who only tells something (a log) does not wait for an answer: it had gone on without one before, or nobody has ever got one there.
	OR NOT (s.type = 1 AND s.exchanges = 0 AND (s.since_ns - s.first_send_ns >= 100000000
		OR coalesce((SELECT count(*) > 2 AND sum(o.sent_bytes) = 0 FROM socket o WHERE o.parent_id = p.parent_id), 0)))
GROUP BY s.socket_id
UNION ALL
-- The same where calls were not kept.
SELECT s.socket_id, 'warning', s.process_id, s.peer_id, p.process_id, s.since_ns, s.caller_id, s.vain_wait_ns, 1,
	'poll waited ' || DURATION{s.vain_wait_ns} || ' for ' || coalesce(r.text, 'its peer') || ', nothing came, and the program gave up' || coalesce(o.peer_did, '') AS message
FROM asked s
LEFT JOIN other o ON o.socket_id = s.socket_id
LEFT JOIN socket p ON p.socket_id = s.peer_id
LEFT JOIN address r ON r.address_id = s.remote_id
WHERE s.vain_wait_ns >= 200000000 AND (SELECT value FROM meta WHERE key = 'detail') = 'sockets';
