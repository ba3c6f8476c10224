-- @rule ACCEPT_WITHOUT_LISTEN
-- @severity error
-- @explanation accept was called on a socket that does not listen: it can never return a connection.
-- @remedy Call listen after bind and before accept, and see that it succeeded; datagram sockets have no connections to accept: receive with recvfrom.
-- @suspect SELECT 1 FROM socket WHERE accept_errno IS NOT NULL
WITH suspect AS MATERIALIZED (
	SELECT * FROM socket WHERE accept_errno IS NOT NULL
)
SELECT s.socket_id, CASE WHEN s.listening_ns > s.accept_failed_ns THEN 'warning' ELSE 'error' END AS severity, s.process_id, NULL AS holder_id, NULL AS holder_process_id,
	s.accept_failed_ns AS call_start_ns, coalesce(c.caller_id, s.caller_id) AS caller_id, NULL AS duration_ns, 1 AS count,
	coalesce(k.name, 'accept') || ' failed: '
	|| CASE
		WHEN s.type NOT IN (1, 5) THEN 'a datagram socket has no connections (EOPNOTSUPP)'
		WHEN s.origin = 'accept' OR s.connected_ns <= s.accept_failed_ns THEN 'this is a connection, not the listener (EINVAL)'
		WHEN s.listening_ns > s.accept_failed_ns THEN 'listen was called only ' || DURATION{s.listening_ns - s.accept_failed_ns} || ' later (EINVAL)'
		WHEN s.bind_errno IS NOT NULL THEN 'bind or listen had failed (EINVAL)'
		ELSE 'listen was never called (EINVAL)'
	END AS message
FROM suspect s
LEFT JOIN call c ON c.socket_id = s.socket_id AND c.start_ns = s.accept_failed_ns
LEFT JOIN call_kind k ON k.call_kind_id = c.call_kind_id
WHERE s.accepted_count = 0 AND (s.listening_ns IS NULL OR s.listening_ns > s.accept_failed_ns)
	-- One that came from elsewhere may listen; one that was shut down to wake its threads did.
	AND s.origin IN ('socket', 'accept', 'socketpair') AND s.shutdown_receive_ns IS NULL
GROUP BY s.socket_id;
