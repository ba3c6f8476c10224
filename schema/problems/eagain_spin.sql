-- @rule EAGAIN_SPIN
-- @severity warning
-- @explanation A non-blocking call failed with EAGAIN over and over without waiting in between, or waits returned at once because a
--   socket was ready, and nothing was done about it: the program burns a processor.
-- @remedy Wait with poll, select or epoll until the socket is ready, then call again. Wait for what you will act upon: for POLLOUT only
--   while there is something to send, and read what POLLIN tells of.
-- @suspect SELECT 1 FROM socket WHERE again_run_count >= 500 OR ready_run_count >= 1000
SELECT s.socket_id, 'warning' AS severity, s.process_id, s.peer_id AS holder_id, (SELECT process_id FROM socket WHERE socket_id = s.peer_id) AS holder_process_id,
	s.again_run_start_ns AS call_start_ns, coalesce(c.caller_id, s.caller_id) AS caller_id, s.again_run_ns AS duration_ns, s.again_run_count AS count,
	coalesce(k.name, 'a call') || ' failed with EAGAIN ' || s.again_run_count || ' times in a row within ' || round(s.again_run_ns / 1e9, 3) || ' s, without waiting between' AS message
FROM socket s
LEFT JOIN call c ON c.socket_id = s.socket_id AND c.start_ns = s.again_run_start_ns
LEFT JOIN call_kind k ON k.call_kind_id = c.call_kind_id
WHERE s.again_run_count >= 500 AND s.again_run_ns / s.again_run_count < 200000
UNION ALL
-- At its end of file it is EOF_IGNORED.
SELECT s.socket_id, 'warning', s.process_id, s.peer_id, (SELECT process_id FROM socket WHERE socket_id = s.peer_id),
	s.ready_run_start_ns, coalesce(c.caller_id, s.caller_id), s.ready_run_ns, s.ready_run_count,
	coalesce(k.name, 'a wait') || ' found it ready' || CASE w.events & 5 WHEN 1 THEN ' to be read' WHEN 4 THEN ' to be sent on' ELSE '' END || ' ' || s.ready_run_count
		|| ' times in a row within ' || round(s.ready_run_ns / 1e9, 3) || ' s, and nothing was done about it' AS message
FROM socket s
LEFT JOIN socket p ON p.socket_id = s.peer_id
LEFT JOIN ready_row w ON w.socket_id = s.socket_id AND w.start_ns = s.ready_run_start_ns
LEFT JOIN call c ON c.socket_id = 0 AND c.start_ns = w.start_ns AND c.thread_id = w.thread_id
LEFT JOIN call_kind k ON k.call_kind_id = c.call_kind_id
WHERE s.ready_run_count >= 1000 AND s.ready_run_ns >= 300000000 AND s.ready_run_ns / s.ready_run_count < 200000
	AND NOT (coalesce(w.events, 1) & 8209 <> 0 AND coalesce(w.events & 8208 <> 0 OR min(coalesce(p.shutdown_send_ns, p.closed_ns), coalesce(p.closed_ns, p.shutdown_send_ns)) <= s.ready_run_start_ns + coalesce(c.duration_ns, 0) + (s.ready_run_ns - coalesce(c.duration_ns, 0)) * 9 / 10, 0));
