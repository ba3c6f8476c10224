-- @rule SHORT_WRITE
-- @severity error
-- @explanation send took only a part of the data, and the rest was never sent: the other side got a torn message.
-- @remedy Send in a loop until everything is taken; on a non-blocking socket keep the rest, and wait for POLLOUT.
SELECT s.socket_id, 'error' AS severity, s.process_id, s.peer_id AS holder_id, (SELECT process_id FROM socket WHERE socket_id = s.peer_id) AS holder_process_id,
	s.short_send_ns AS call_start_ns, c.caller_id, NULL AS duration_ns, s.short_send_count AS count,
	CASE WHEN s.short_send_ns = s.last_send_ns
		THEN 'the last send took ' || coalesce(coalesce(c.bytes, c.result) || ' of ' || c.requested_bytes, 'fewer') || ' bytes'
			|| coalesce(', the other ' || (c.requested_bytes - coalesce(c.bytes, c.result)) || ' were never sent', '; the rest was never sent')
		ELSE s.rest_dropped_count || ' times a send took fewer bytes than offered, and the next send began with something else'
	END AS message
FROM socket s
LEFT JOIN socket p ON p.socket_id = s.peer_id
LEFT JOIN call c ON c.socket_id = s.socket_id AND c.start_ns = s.short_send_ns
WHERE s.short_send_ns IS NOT NULL AND s.reset_ns IS NULL AND s.broken_pipe_ns IS NULL
	AND (s.short_send_ns = s.last_send_ns AND s.how_ended IN ('close', 'exit')
			AND (p.closed_ns IS NULL OR p.closed_ns >= s.closed_ns) AND (s.eof_ns IS NULL OR s.shutdown_send_ns IS NOT NULL)
		OR s.rest_dropped_count > 0 AND s.rest_dropped_count >= s.short_send_count - 1);
