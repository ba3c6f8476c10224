-- @rule RESET
-- @severity warning
-- @explanation The connection was torn down with a reset instead of an orderly end; data on its way was thrown away.
-- @remedy Read everything the other side sends before closing (until recv returns 0), or shutdown(SHUT_WR) first; do not set
--   SO_LINGER to zero unless you mean it; accept what stands in the queue before closing a listener.
-- @suspect SELECT 1 FROM socket WHERE reset_ns IS NOT NULL UNION ALL SELECT 1 FROM socket WHERE unread_bytes > 0
--   UNION ALL SELECT 1 FROM socket s JOIN socket p ON p.socket_id = s.peer_id AND p.sent_bytes > s.received_bytes
WITH victim AS (
	SELECT s.*, count(*) OVER (PARTITION BY s.parent_id) AS siblings
	FROM socket s
	WHERE s.reset_ns IS NOT NULL AND (s.broken_pipe_ns IS NULL OR s.reset_ns < s.broken_pipe_ns) AND s.type IN (1, 5)
), queued AS (
	-- Connected, but never accepted: the listener went, and with it the connections in its queue.
	SELECT v.socket_id, l.socket_id AS listener_id, l.closed_by_id, max(l.closed_ns) AS closed_ns
	FROM victim v
	JOIN address r ON r.address_id = v.remote_id
	JOIN socket l ON l.listening_ns <= v.connecting_ns AND l.closed_ns BETWEEN v.connecting_ns AND v.reset_ns
	JOIN address b ON b.address_id = l.local_id AND (b.port = r.port AND (b.host = r.host OR b.host IN ('0.0.0.0', '::')) OR r.port IS NULL AND b.text = r.text)
	WHERE v.peer_id IS NULL AND v.peer_candidates = 0 AND v.origin = 'socket'
		AND NOT EXISTS (SELECT 1 FROM socket a WHERE a.parent_id = l.socket_id AND a.remote_id = v.local_id AND r.port IS NOT NULL)
	GROUP BY v.socket_id
), thrown AS (
	-- What was left unread when a socket went, and no error told the other side. The kernel says it at a close, as long as nothing was read since by
	-- another holder; else what the peer had sent until then says it.
	SELECT s.socket_id, s.process_id, s.closed_by_id, s.origin, s.how_ended, s.closed_ns, s.caller_id, s.type, s.domain, s.remote_id, s.peer_id, s.received_bytes, s.turns, s.last_send_ns,
		p.process_id AS peer_process_id, p.last_send_ns AS peer_last_send_ns, s.unread_bytes AS bytes
	FROM socket s
	LEFT JOIN socket p ON p.socket_id = s.peer_id
	WHERE s.unread_bytes > 0 AND s.how_ended = 'close' AND s.connected_ns IS NOT NULL AND s.type = 1 AND s.domain IN (2, 10)
		AND NOT coalesce(s.bytes_received < s.received_bytes + s.unread_bytes, 0) AND s.reset_ns IS NULL AND p.reset_ns IS NULL
	UNION ALL
	SELECT s.socket_id, s.process_id, s.closed_by_id, s.origin, s.how_ended, s.closed_ns, s.caller_id, s.type, s.domain, s.remote_id, s.peer_id, s.received_bytes, s.turns, s.last_send_ns,
		p.process_id, p.last_send_ns, p.sent_bytes - s.received_bytes
	FROM socket s
	JOIN socket p ON p.socket_id = s.peer_id AND p.sent_bytes > s.received_bytes AND p.last_send_ns < s.closed_ns
	WHERE s.origin IN ('socket', 'accept') AND s.type IN (1, 5) AND s.domain IN (1, 2, 10) AND s.peer_id <> s.socket_id
		AND (s.how_ended IN ('exit', 'exec') OR s.how_ended IN ('close', 'dup2') AND s.domain = 1)
		AND s.reset_ns IS NULL AND p.reset_ns IS NULL
		AND NOT EXISTS (SELECT 1 FROM missing m WHERE m.reason <> 'seccomp' AND (m.process_id IS NULL OR m.process_id IN (s.process_id, s.closed_by_id)))
)
SELECT v.socket_id,
	CASE
		-- Nothing was lost, and nothing asked: a client that spares itself TIME_WAIT.
		WHEN v.origin = 'accept' AND p.linger_seconds = 0 AND v.received_bytes = p.sent_bytes AND p.received_bytes = v.sent_bytes AND v.last_send_ns < p.closed_ns THEN 'info'
		WHEN v.origin = 'accept' AND (p.socket_id IS NULL OR p.how_ended IN ('exit', 'killed')
			AND (v.siblings > 3 OR (SELECT l.accepted_count FROM socket l WHERE l.socket_id = v.parent_id) >= 20)) THEN 'info'
		ELSE 'warning'
	END AS severity,
	v.process_id, coalesce(p.socket_id, q.listener_id) AS holder_id, coalesce(p.closed_by_id, p.process_id, q.closed_by_id) AS holder_process_id,
	c.start_ns AS call_start_ns, c.caller_id, CASE WHEN p.closed_ns <= v.reset_ns THEN v.reset_ns - p.closed_ns END AS duration_ns, 1 AS count,
	CASE
		WHEN q.listener_id IS NOT NULL THEN 'the listener s' || q.listener_id || ' closed while this connection stood in its queue: it was never accepted'
		WHEN p.socket_id IS NULL THEN 'reset by its peer ' || coalesce(r.text || ', which', 'which') || ' is not in the trace; the cause is not known'
		ELSE 'reset by its peer s' || p.socket_id || CASE
			WHEN p.linger_seconds = 0 THEN ', which closed with SO_LINGER 0: that means reset'
			WHEN p.unread_bytes > 0 THEN ', which closed with ' || BYTES{p.unread_bytes} || ' unread: the kernel then resets'
			WHEN p.closed_ns IS NULL THEN ', which is still open; the cause is not known'
			WHEN v.sent_bytes > p.received_bytes AND p.how_ended = 'killed' THEN ', whose process was killed with ' || BYTES{v.sent_bytes - p.received_bytes} || ' unread'
			WHEN v.sent_bytes > p.received_bytes AND p.how_ended = 'exit' THEN ', whose process ended with ' || BYTES{v.sent_bytes - p.received_bytes} || ' unread'
			WHEN v.last_send_ns > p.closed_ns THEN ', which had closed ' || DURATION{v.last_send_ns - p.closed_ns} || ' before the last send'
			WHEN v.sent_bytes > p.received_bytes THEN ', which closed with ' || BYTES{v.sent_bytes - p.received_bytes} || ' unread: the kernel then resets'
			ELSE '; the cause is not known'
		END
	END
	|| CASE WHEN p.sent_bytes > v.received_bytes THEN '; ' || BYTES{p.sent_bytes - v.received_bytes} || ' from the peer were lost' ELSE '' END AS message
FROM victim v
LEFT JOIN socket p ON p.socket_id = v.peer_id
LEFT JOIN queued q ON q.socket_id = v.socket_id
LEFT JOIN address r ON r.address_id = v.remote_id
LEFT JOIN call c ON c.socket_id = v.socket_id AND c.start_ns BETWEEN v.reset_ns - v.longest_ns AND v.reset_ns AND c.errno = 104
GROUP BY v.socket_id
UNION ALL
SELECT t.socket_id,
	CASE
		-- A client has chosen to hear no more.
		WHEN t.origin <> 'accept' THEN 'info'
		-- A short word after the last answer is a farewell and no request.
		WHEN t.turns > 0 AND t.bytes < 32 AND coalesce(t.peer_last_send_ns > t.last_send_ns, 1) THEN 'info'
		ELSE 'warning'
	END,
	coalesce(t.closed_by_id, t.process_id), t.peer_id, t.peer_process_id, coalesce(c.start_ns, t.closed_ns), coalesce(c.caller_id, t.caller_id), NULL, 1,
	CASE t.how_ended WHEN 'close' THEN 'closed' WHEN 'dup2' THEN 'closed (dup2)' WHEN 'exec' THEN 'closed on exec' ELSE 'its process ended' END
	|| ' with ' || BYTES{t.bytes} || ' unread that ' || coalesce('its peer s' || t.peer_id, r.text, 'its peer') || ' had sent'
	|| CASE WHEN t.received_bytes > 0 THEN ', ' || t.received_bytes || ' read' ELSE ', none read' END
	|| ': they are lost' || CASE WHEN t.domain <> 1 THEN ', and the kernel sent a reset' ELSE '' END || CASE WHEN t.peer_id IS NOT NULL THEN '; the other side saw no error' ELSE '' END AS message
FROM thrown t
LEFT JOIN address r ON r.address_id = t.remote_id
LEFT JOIN call c ON t.how_ended = 'close' AND c.socket_id = t.socket_id AND c.start_ns BETWEEN t.closed_ns - 1000000 AND t.closed_ns AND c.result = 0
	AND c.call_kind_id IN (SELECT call_kind_id FROM call_kind WHERE effect = 'close')
-- As long as TLS's close_notify, after a conversation: told to nobody who would listen.
WHERE NOT (t.received_bytes > 0 AND t.bytes IN (23, 24, 31))
GROUP BY t.socket_id
UNION ALL
-- Sent after the other side had closed, and over before the reset could be seen: the first send after a close always succeeds. A short one may be a
-- farewell, one as long as TLS's close_notify is; and an answer to a client that has gone is that client's choice.
SELECT v.socket_id, CASE WHEN v.sent_bytes - p.received_bytes < 64 THEN 'info' ELSE 'warning' END, v.process_id, p.socket_id, coalesce(p.closed_by_id, p.process_id),
	v.last_send_ns, coalesce(c.caller_id, v.caller_id), v.last_send_ns - p.closed_ns, 1,
	'sent to s' || p.socket_id || ' ' || DURATION{v.last_send_ns - p.closed_ns} || ' after that had closed: '
	|| BYTES{v.sent_bytes - p.received_bytes} || ' were lost, and no call told it' AS message
FROM socket v
JOIN socket p ON p.socket_id = v.peer_id AND p.closed_ns < v.last_send_ns AND p.received_bytes < v.sent_bytes AND coalesce(p.unread_bytes, 0) = 0 AND p.how_ended IN ('close', 'dup2', 'exit')
LEFT JOIN call c ON c.socket_id = v.socket_id AND c.start_ns = v.last_send_ns
WHERE v.type = 1 AND v.domain IN (2, 10) AND v.origin = 'socket' AND v.reset_ns IS NULL AND v.broken_pipe_ns IS NULL
	AND NOT (p.received_bytes > 0 AND v.sent_bytes - p.received_bytes IN (23, 24, 31)) AND v.how_ended IN ('close', 'exit') AND v.peer_id <> v.socket_id
	AND NOT EXISTS (SELECT 1 FROM missing m WHERE m.reason <> 'seccomp' AND (m.process_id IS NULL OR m.process_id IN (p.process_id, p.closed_by_id)))
GROUP BY v.socket_id;
