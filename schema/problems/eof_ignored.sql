-- @rule EOF_IGNORED
-- @severity error
-- @explanation recv returned 0, which means that the other side will send no more, and was called again and again; or poll said again
--   and again that this can be read, and nobody did.
-- @remedy Treat 0 as the end: stop reading, and close the socket (an error is -1, not 0).
-- @without_calls does not see an end of file that only poll told of
-- @suspect SELECT 1 FROM socket WHERE eof_count >= 4 OR ready_run_count >= 1000
SELECT s.socket_id, CASE WHEN s.eof_count >= 10 THEN 'error' ELSE 'warning' END AS severity, s.process_id,
	s.peer_id AS holder_id, (SELECT process_id FROM socket WHERE socket_id = s.peer_id) AS holder_process_id,
	s.eof_ns AS call_start_ns,
	(SELECT c.caller_id FROM call c WHERE c.socket_id = s.socket_id AND c.start_ns >= s.eof_ns - s.longest_ns AND c.result = 0 AND c.requested_bytes > 0 LIMIT 1) AS caller_id,
	NULL AS duration_ns, s.eof_count AS count,
	'a receive returned 0 (end of file) ' || s.eof_count || ' times: the peer had closed, and the program went on reading' AS message
FROM socket s
WHERE s.eof_count >= 4
	-- Several layers of a program look, each once or twice, and then it closes.
	AND NOT (s.eof_count < 10 AND s.how_ended = 'close' AND s.closed_ns - s.eof_ns < 10000000)
UNION ALL
-- POLLIN, with or without POLLHUP and POLLRDHUP (16, 8192), after the peer's end.
SELECT s.socket_id, 'error', s.process_id, s.peer_id, p.process_id, s.ready_run_start_ns, coalesce(c.caller_id, s.caller_id), s.ready_run_ns, s.ready_run_count,
	coalesce(k.name, 'a wait') || ' told ' || s.ready_run_count || ' times within ' || round(s.ready_run_ns / 1e9, 3) || ' s that the peer had ended, and the program did nothing about it' AS message
FROM socket s
LEFT JOIN socket p ON p.socket_id = s.peer_id
LEFT JOIN ready_row w ON w.socket_id = s.socket_id AND w.start_ns = s.ready_run_start_ns
LEFT JOIN call c ON c.socket_id = 0 AND c.start_ns = w.start_ns AND c.thread_id = w.thread_id
LEFT JOIN call_kind k ON k.call_kind_id = c.call_kind_id
WHERE s.ready_run_count >= 1000 AND s.ready_run_ns / s.ready_run_count < 200000 AND s.type IN (1, 5) AND s.eof_count < 4
	AND coalesce(w.events, 1) & 8209 <> 0
	AND (w.events & 8208 <> 0 OR min(coalesce(p.shutdown_send_ns, p.closed_ns), coalesce(p.closed_ns, p.shutdown_send_ns)) <= s.ready_run_start_ns + coalesce(c.duration_ns, 0) + (s.ready_run_ns - coalesce(c.duration_ns, 0)) * 9 / 10);
