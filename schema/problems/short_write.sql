-- @rule SHORT_WRITE
-- @severity error
-- @explanation send took only a part of the data, and the rest was never sent: the other side got a torn message.
-- @remedy Send in a loop until everything is taken; on a non-blocking socket keep the rest, and wait for POLLOUT.
-- @without_calls does not see that a further send began with something else than the rest
-- @suspect SELECT 1 FROM socket WHERE short_send_ns IS NOT NULL
SELECT s.socket_id, CASE WHEN s.owed_bytes > 0 THEN 'error' ELSE 'warning' END AS severity, s.process_id, s.peer_id AS holder_id,
	(SELECT process_id FROM socket WHERE socket_id = s.peer_id) AS holder_process_id,
	s.short_send_ns AS call_start_ns, c.caller_id, NULL AS duration_ns, s.short_send_count AS count,
	CASE
		WHEN s.owed_bytes = 0 THEN s.rest_dropped_count || ' times a send took fewer bytes than offered, and the next one, with no wait between until the socket takes more, offered as many again: '
			|| 'it seems to have begun with something else than the rest'
		WHEN c.requested_bytes - coalesce(c.bytes, c.result) = s.owed_bytes THEN 'a send took ' || coalesce(c.bytes, c.result) || ' of ' || BYTES{c.requested_bytes} || ', the other ' || s.owed_bytes || ' were never sent'
		ELSE 'a send took fewer bytes than offered' || coalesce(' (' || coalesce(c.bytes, c.result) || ' of ' || c.requested_bytes || ')', '') || ', and at least ' || BYTES{s.owed_bytes} || ' of the rest were never sent'
	END AS message
FROM socket s
LEFT JOIN socket p ON p.socket_id = s.peer_id
LEFT JOIN call c ON c.socket_id = s.socket_id AND c.start_ns = s.short_send_ns
WHERE s.short_send_ns IS NOT NULL AND s.reset_ns IS NULL AND s.broken_pipe_ns IS NULL
	AND (s.owed_bytes > 0 AND s.how_ended IN ('close', 'exit')
			AND (p.closed_ns IS NULL OR p.closed_ns >= min(s.closed_ns, coalesce(s.shutdown_send_ns, s.closed_ns))) AND (s.eof_ns IS NULL OR s.shutdown_send_ns IS NOT NULL)
		-- A program that sends a long text in pieces of one size looks the same, but waits until it may go on.
		OR s.rest_dropped_count > 0 AND s.rest_dropped_count >= s.short_send_count - 1 AND EXISTS (SELECT 1 FROM call w WHERE w.socket_id = s.socket_id)
			AND NOT EXISTS (SELECT 1 FROM ready w WHERE w.socket_id = s.socket_id AND w.events & 4));
