-- @rule CLOSE_WAIT
-- @severity error
-- @explanation The other side closed its connection, and this side kept its own end open: it hangs in the TCP state CLOSE_WAIT and holds a descriptor.
-- @remedy Close the socket when recv returns 0 (and keep reading, so that you see it).
-- @suspect SELECT 1 FROM socket WHERE type = 1 AND domain IN (2, 10) AND connected_ns IS NOT NULL AND shutdown_send_ns IS NULL
--   AND coalesce(closed_ns, (SELECT end_ns FROM trace), 0) - opened_ns >= 500000000
WITH ended AS (
	SELECT s.*, p.closed_ns AS peer_closed_ns, min(coalesce(p.shutdown_send_ns, p.closed_ns), coalesce(p.closed_ns, p.shutdown_send_ns)) AS peer_end_ns,
		coalesce(s.closed_ns, (SELECT end_ns FROM trace), 0) AS end_ns
	FROM socket s
	LEFT JOIN socket p ON p.socket_id = s.peer_id
	WHERE s.type = 1 AND s.domain IN (2, 10) AND s.connected_ns IS NOT NULL AND s.shutdown_send_ns IS NULL AND s.reset_ns IS NULL
		-- Before the peer is looked up: idle for less than half a second is no finding.
		AND coalesce(s.closed_ns, (SELECT end_ns FROM trace), 0) - max(s.opened_ns, coalesce(s.last_send_ns, 0), coalesce(s.last_receive_ns, 0)) >= 500000000
		AND (s.eof_ns IS NOT NULL OR p.closed_ns IS NOT NULL)
), idle AS (
	-- Since the peer's end, or this side's last use of the other half.
	SELECT e.*, max(coalesce(e.peer_end_ns, e.eof_ns), coalesce(e.last_send_ns, 0), coalesce(e.last_receive_ns, 0), e.opened_ns) AS since_ns
	FROM ended e
)
SELECT i.socket_id, CASE WHEN i.origin = 'accept' AND i.how_ended NOT IN ('close', 'dup2') THEN 'error' ELSE 'warning' END AS severity,
	coalesce(i.closed_by_id, i.process_id) AS process_id, i.peer_id AS holder_id,
	(SELECT process_id FROM socket WHERE socket_id = i.peer_id) AS holder_process_id,
	i.since_ns AS call_start_ns, i.caller_id, i.end_ns - i.since_ns AS duration_ns, 1 AS count,
	'the peer ' || coalesce('s' || i.peer_id || ' ', r.text || ' ', '')
	|| CASE WHEN i.peer_id IS NULL OR i.peer_closed_ns <= i.since_ns + (i.end_ns - i.since_ns) / 2 THEN 'closed' ELSE 'ended its side (shutdown)' END
	|| CASE WHEN i.eof_ns IS NULL THEN ', nobody read the end of file' WHEN i.eof_ns > i.since_ns + 100000000 THEN ', the end of file was read late' ELSE ', the end of file was read' END
	|| ', and fd ' || coalesce((SELECT sp.fd FROM span sp WHERE sp.socket_id = i.socket_id AND sp.process_id = coalesce(i.closed_by_id, i.process_id) ORDER BY sp.closed_ns IS NULL DESC, sp.closed_ns DESC LIMIT 1), i.fd) || ' stayed open for ' || DURATION{i.end_ns - i.since_ns} || ' more'
	|| CASE i.how_ended WHEN 'close' THEN CASE WHEN e.ended_ns - i.closed_ns < 50000000 THEN ', until the program ended' ELSE '' END WHEN 'exit' THEN ', until the program ended' WHEN 'killed' THEN ', until the program was killed' WHEN 'open' THEN ' and still is' ELSE '' END AS message
FROM idle i
LEFT JOIN address r ON r.address_id = i.remote_id
-- Closed as the program ended (an interpreter's last act) is no better than left to the kernel.
LEFT JOIN process e ON e.process_id = i.closed_by_id AND e.end_cause <> 'exec'
WHERE i.end_ns - i.since_ns >= CASE WHEN i.how_ended IN ('close', 'dup2') AND (e.ended_ns IS NULL OR e.ended_ns - i.closed_ns >= 50000000 OR i.closed_ns - i.eof_ns < 50000000)
		-- A client that has its answer may work on it for a while before it ends.
		OR i.origin = 'socket' AND i.how_ended <> 'open' THEN 1000000000 ELSE 500000000 END
	-- The close, or the receive of the end, may be among the records that found no room.
	AND NOT EXISTS (SELECT 1 FROM missing m WHERE m.reason = 'dropped' AND m.process_id = coalesce(i.closed_by_id, i.process_id) AND coalesce(m.to_ns, 9223372036854775807) >= i.since_ns);
