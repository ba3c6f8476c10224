-- @rule NOT_CONNECTED
-- @severity error
-- @explanation Data was to be sent or received on a socket that has no peer: the listener, or one that was never connected.
-- @remedy A client connects before it sends, and looks whether connect succeeded; a server uses the socket that accept returned, not the listener; a datagram
--   without connect needs its address (sendto).
-- @suspect SELECT 1 FROM socket WHERE broken_pipe_ns IS NOT NULL UNION ALL SELECT 1 FROM socket WHERE not_connected_ns IS NOT NULL
WITH suspect AS (
	SELECT s.*, s.broken_pipe_ns AS at_ns FROM socket s WHERE s.broken_pipe_ns IS NOT NULL
	UNION ALL
	SELECT s.*, s.not_connected_ns FROM socket s WHERE s.not_connected_ns IS NOT NULL
)
SELECT s.socket_id, CASE WHEN s.connecting_ns < s.at_ns THEN 'warning'
		-- A sender to syslog that connects, and connects anew, when a send tells it to.
		WHEN s.type = 2 AND s.domain = 1 AND s.connecting_ns - s.at_ns < 10000000 THEN 'info' ELSE 'error' END AS severity, s.process_id, NULL AS holder_id, NULL AS holder_process_id,
	min(s.at_ns) AS call_start_ns, coalesce(c.caller_id, s.caller_id) AS caller_id, NULL AS duration_ns, 1 AS count,
	coalesce(k.name, 'a data call')
	|| CASE
		WHEN s.listening_ns <= s.at_ns THEN ' on the listener, which has no peer: the connection is the socket that accept returns'
		WHEN s.connecting_ns < s.at_ns THEN ' though its connect had failed with ' || coalesce(e.name, s.connect_errno)
		WHEN s.type = 2 THEN ' without an address, on a socket that is not connected'
		WHEN s.connecting_ns IS NOT NULL THEN ' before it was connected'
		ELSE ' on a socket that was never connected'
	END || ' (' || coalesce(f.name, CASE WHEN s.at_ns = s.broken_pipe_ns THEN 'EPIPE' WHEN s.type = 2 AND s.domain IN (2, 10) THEN 'EDESTADDRREQ' ELSE 'ENOTCONN' END) || ')' AS message
FROM suspect s
LEFT JOIN call c ON c.socket_id = s.socket_id AND c.start_ns = s.at_ns
LEFT JOIN call_kind k ON k.call_kind_id = c.call_kind_id
LEFT JOIN constant e ON e.kind = 'errno' AND e.number = s.connect_errno
LEFT JOIN constant f ON f.kind = 'errno' AND f.number = c.errno
-- One that came from elsewhere may have been connected there; a connection may have ended.
WHERE s.origin = 'socket' AND (s.connected_ns IS NULL OR s.connected_ns > s.at_ns)
	AND (s.first_activity_ns IS NULL OR s.type = 2) AND (s.type IN (1, 5) OR s.not_connected_ns = s.at_ns)
	AND (s.listening_ns <= s.at_ns OR s.connecting_ns IS NULL OR s.connecting_ns > s.at_ns OR s.connect_errno IS NOT NULL)
GROUP BY s.socket_id;
