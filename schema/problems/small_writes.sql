-- @rule SMALL_WRITES
-- @severity warning
-- @explanation Two small writes and then a read: Nagle's algorithm holds the second one back until the peer acknowledges the first, which it delays by 40 ms.
-- @remedy Write header and body with one call (writev, or a buffer), or set TCP_NODELAY.
-- @suspect SELECT 1 FROM socket WHERE small_write_count >= 3
SELECT s.socket_id, 'warning' AS severity, s.process_id, s.peer_id AS holder_id, (SELECT process_id FROM socket WHERE socket_id = s.peer_id) AS holder_process_id,
	NULL AS call_start_ns, coalesce((SELECT c.caller_id FROM call c WHERE c.socket_id = s.socket_id AND c.start_ns = s.last_send_ns), s.caller_id) AS caller_id, s.small_write_ns AS duration_ns, s.small_write_count AS count,
	s.small_write_count || ' of ' || s.exchanges || ' answers came about 40 ms after several small writes: ' || round(min(s.small_write_ns, coalesce(s.answer_ns - p.turn_ns, s.small_write_ns)) / 1e9, 3)
		|| ' s lost to Nagle''s algorithm and delayed acknowledgements' AS message
FROM socket s
LEFT JOIN socket p ON p.socket_id = s.peer_id
WHERE s.small_write_count >= 3 AND s.small_write_count * 2 >= s.exchanges
	-- Where the peer is in the trace, it tells whether it was computing in that time.
	AND (p.socket_id IS NULL OR (s.answer_ns - p.turn_ns) * 2 >= s.small_write_ns)
	AND NOT EXISTS (SELECT 1 FROM option o WHERE o.socket_id = s.socket_id AND o.is_set AND o.level = 6 AND o.number IN (1, 3) AND o.value <> 0);
