-- @rule RESET
-- @severity warning
-- @explanation The connection was torn down with a reset instead of an orderly end; data on its way was thrown away.
-- @remedy Read everything the other side sends before closing (until recv returns 0), or shutdown(SHUT_WR) first; do not set
--   SO_LINGER to zero unless you mean it; accept what stands in the queue before closing a listener.
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
			WHEN p.unread_bytes > 0 THEN ', which closed with ' || p.unread_bytes || ' bytes unread: the kernel then resets'
			WHEN p.closed_ns IS NULL THEN ', which is still open; the cause is not known'
			WHEN v.sent_bytes > p.received_bytes AND p.how_ended = 'killed' THEN ', whose process was killed with ' || (v.sent_bytes - p.received_bytes) || ' bytes unread'
			WHEN v.sent_bytes > p.received_bytes AND p.how_ended = 'exit' THEN ', whose process ended with ' || (v.sent_bytes - p.received_bytes) || ' bytes unread'
			WHEN v.last_send_ns > p.closed_ns THEN ', which had closed ' || DURATION{v.last_send_ns - p.closed_ns} || ' before the last send'
			WHEN v.sent_bytes > p.received_bytes THEN ', which closed with ' || (v.sent_bytes - p.received_bytes) || ' bytes unread: the kernel then resets'
			ELSE '; the cause is not known'
		END
	END
	|| CASE WHEN p.sent_bytes > v.received_bytes THEN '; ' || (p.sent_bytes - v.received_bytes) || ' bytes from the peer were lost' ELSE '' END AS message
FROM victim v
LEFT JOIN socket p ON p.socket_id = v.peer_id
LEFT JOIN queued q ON q.socket_id = v.socket_id
LEFT JOIN address r ON r.address_id = v.remote_id
LEFT JOIN call c ON c.socket_id = v.socket_id AND c.start_ns BETWEEN v.reset_ns - v.longest_ns AND v.reset_ns AND c.errno = 104
GROUP BY v.socket_id;
