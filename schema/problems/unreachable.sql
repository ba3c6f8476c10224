-- @rule UNREACHABLE
-- @severity error
-- @explanation There is no way to the address: no route, no such machine on its network, or no free local port.
-- @remedy Check the address and the route (ip route get ADDRESS); with "no free local port", reuse connections instead of opening new ones.
-- @suspect SELECT 1 FROM socket WHERE connect_errno IN (99, 100, 101, 112, 113, 1, 13)
SELECT min(s.socket_id) AS socket_id,
	CASE WHEN EXISTS (SELECT 1 FROM socket o JOIN address x ON x.address_id = o.remote_id
		WHERE o.process_id = s.process_id AND o.connected_ns IS NOT NULL AND x.port = r.port AND o.type = s.type
			AND o.connected_ns BETWEEN s.connecting_ns AND s.connecting_ns + 10000000000)
		THEN 'info' ELSE 'error' END AS severity,
	s.process_id, NULL AS holder_id, NULL AS holder_process_id, min(s.connecting_ns) AS call_start_ns,
	coalesce((SELECT c.caller_id FROM call c WHERE c.socket_id = s.socket_id AND c.start_ns = s.connecting_ns), s.caller_id) AS caller_id,
	CASE WHEN count(*) > 1 THEN max(s.connecting_ns) - min(s.connecting_ns) END AS duration_ns, count(*) AS count,
	'connect to ' || coalesce((SELECT n.host FROM name n WHERE n.address_host = r.host AND n.process_id = s.process_id AND n.host <> r.host ORDER BY n.start_ns DESC LIMIT 1)
		|| ' (' || r.text || ')', r.text, 'its peer') || ' failed'
	|| CASE WHEN count(*) > 1 THEN ' ' || count(*) || ' times' ELSE '' END || ': '
	|| CASE s.connect_errno
		WHEN 101 THEN 'no route to that network'
		WHEN 113 THEN 'no route to that host'
		WHEN 112 THEN 'that host is down'
		WHEN 100 THEN 'the network is down'
		WHEN 99 THEN 'no local address or port was free for it'
		ELSE 'a firewall or policy forbids it'
	END AS message
FROM socket s
LEFT JOIN address r ON r.address_id = s.remote_id
WHERE s.connect_errno IN (99, 100, 101, 112, 113, 1, 13) AND s.type IN (1, 5) AND s.domain IN (2, 10)
GROUP BY s.process_id, s.caller_id, s.remote_id, s.connect_errno;
