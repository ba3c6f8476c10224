-- @rule EOF_IGNORED
-- @severity error
-- @explanation recv returned 0, which means that the other side will send no more, and was called again and again.
-- @remedy Treat 0 as the end: stop reading, and close the socket (an error is -1, not 0).
SELECT s.socket_id, CASE WHEN s.eof_count >= 10 THEN 'error' ELSE 'warning' END AS severity, s.process_id,
	s.peer_id AS holder_id, (SELECT process_id FROM socket WHERE socket_id = s.peer_id) AS holder_process_id,
	s.eof_ns AS call_start_ns,
	(SELECT c.caller_id FROM call c WHERE c.socket_id = s.socket_id AND c.start_ns >= s.eof_ns - s.longest_ns AND c.result = 0 AND c.requested_bytes > 0 LIMIT 1) AS caller_id,
	NULL AS duration_ns, s.eof_count AS count,
	'a receive returned 0 (end of file) ' || s.eof_count || ' times: the peer had closed, and the program went on reading' AS message
FROM socket s
WHERE s.eof_count >= 4;
