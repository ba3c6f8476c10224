-- @rule BROKEN_PIPE
-- @severity warning
-- @explanation Data was sent after the other side had closed, or after the program itself had ended its direction: send fails with EPIPE, and the signal SIGPIPE kills a program that is not prepared.
-- @remedy Watch for the peer's end of file while sending, and stop; use MSG_NOSIGNAL or ignore SIGPIPE, and handle EPIPE.
-- @suspect SELECT 1 FROM socket WHERE broken_pipe_ns IS NOT NULL UNION ALL SELECT 1 FROM socket WHERE unreturned_start_ns IS NOT NULL
WITH victim AS (
	SELECT s.*, count(*) OVER (PARTITION BY s.parent_id) AS siblings, s.broken_pipe_ns AS at_ns, 0 AS fatal
	FROM socket s
	WHERE s.broken_pipe_ns IS NOT NULL AND (s.reset_ns IS NULL OR s.reset_ns >= s.broken_pipe_ns)
		AND s.socket_id NOT IN (SELECT n.socket_id FROM problem_not_connected n)
	UNION ALL
	SELECT s.*, 1, s.unreturned_start_ns, 1
	FROM process p
	JOIN socket s ON s.closed_by_id = p.process_id
	JOIN call_kind k ON k.call_kind_id = s.unreturned_kind_id
	LEFT JOIN socket o ON o.socket_id = s.peer_id
	WHERE k.effect IN ('send', 'transfer') AND s.broken_pipe_ns IS NULL AND s.unreturned_start_ns > p.ended_ns - 1000000000
		-- The signal is known of the program that `run` started; of others, the death in a send to a peer that had closed speaks for itself.
		AND (p.exit_signal = 13 OR p.exit_signal IS NULL AND p.end_cause = 'killed' AND o.closed_ns <= s.unreturned_start_ns)
)
SELECT v.socket_id,
	CASE
		WHEN v.fatal OR w.exit_signal = 13 THEN 'error'
		WHEN v.origin = 'accept' AND (p.socket_id IS NULL OR p.how_ended IN ('exit', 'killed')
			AND (v.siblings > 3 OR (SELECT l.accepted_count FROM socket l WHERE l.socket_id = v.parent_id) >= 20)) THEN 'info'
		ELSE 'warning'
	END AS severity,
	v.process_id, p.socket_id AS holder_id, coalesce(p.closed_by_id, p.process_id) AS holder_process_id, v.at_ns AS call_start_ns, c.caller_id,
	CASE WHEN p.closed_ns <= v.at_ns THEN v.at_ns - p.closed_ns END AS duration_ns, 1 AS count,
	CASE
		WHEN v.listening_ns <= v.at_ns THEN 'sent on the listener'
		WHEN v.origin = 'socket' AND v.connecting_ns IS NULL AND v.connected_ns IS NULL THEN 'sent on a socket that was never connected'
		ELSE 'sent to ' || coalesce('s' || v.peer_id, r.text, 'its peer')
	END
	|| CASE
		WHEN v.listening_ns <= v.at_ns OR v.origin = 'socket' AND v.connecting_ns IS NULL AND v.connected_ns IS NULL THEN ''
		WHEN v.shutdown_send_ns <= v.at_ns THEN ' ' || DURATION{v.at_ns - v.shutdown_send_ns} || ' after its own shutdown(SHUT_WR)'
		WHEN p.closed_ns <= v.at_ns THEN ' ' || DURATION{v.at_ns - p.closed_ns} || ' after that had closed'
		WHEN v.eof_ns <= v.at_ns THEN ' ' || DURATION{v.at_ns - v.eof_ns} || ' after its end of file was read'
		ELSE ' after that had closed'
	END
	|| CASE WHEN v.fatal OR w.exit_signal = 13 THEN '; SIGPIPE killed the program' ELSE ' (EPIPE)' END AS message
FROM victim v
-- After its own shutdown it is nobody else's doing.
LEFT JOIN socket p ON p.socket_id = v.peer_id AND (v.shutdown_send_ns IS NULL OR v.shutdown_send_ns > v.at_ns)
LEFT JOIN process w ON w.process_id = v.closed_by_id AND v.how_ended = 'killed'
LEFT JOIN address r ON r.address_id = v.remote_id
LEFT JOIN call c ON c.socket_id = v.socket_id AND c.start_ns = v.at_ns
GROUP BY v.socket_id;
