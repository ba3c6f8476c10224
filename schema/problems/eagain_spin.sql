-- @rule EAGAIN_SPIN
-- @severity warning
-- @explanation A non-blocking call failed with EAGAIN over and over without waiting in between: the program burns a processor.
-- @remedy Wait with poll, select or epoll until the socket is ready, then call again.
SELECT s.socket_id, 'warning' AS severity, s.process_id, s.peer_id AS holder_id, (SELECT process_id FROM socket WHERE socket_id = s.peer_id) AS holder_process_id,
	s.again_run_start_ns AS call_start_ns, coalesce(c.caller_id, s.caller_id) AS caller_id, s.again_run_ns AS duration_ns, s.again_run_count AS count,
	coalesce(k.name, 'a call') || ' failed with EAGAIN ' || s.again_run_count || ' times in a row within ' || round(s.again_run_ns / 1e9, 3) || ' s, without waiting between' AS message
FROM socket s
LEFT JOIN call c ON c.socket_id = s.socket_id AND c.start_ns = s.again_run_start_ns
LEFT JOIN call_kind k ON k.call_kind_id = c.call_kind_id
WHERE s.again_run_count >= 500 AND s.again_run_ns / s.again_run_count < 200000;
