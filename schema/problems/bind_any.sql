-- @rule BIND_ANY
-- @severity info
-- @explanation The server listens on every address of the machine, though all who came were on the machine itself.
-- @remedy Bind to 127.0.0.1 (or ::1) when nobody else is meant to reach it.
-- @suspect SELECT 1 FROM socket WHERE listening_ns IS NOT NULL AND accepted_count > 0
SELECT l.socket_id, 'info' AS severity, l.process_id, NULL AS holder_id, NULL AS holder_process_id, l.bound_ns AS call_start_ns, l.caller_id,
	NULL AS duration_ns, l.accepted_count AS count,
	'listens on ' || b.text || ', every address of the machine, but ' || CASE l.accepted_count WHEN 1 THEN 'the one connection' ELSE 'all ' || l.accepted_count || ' connections' END || ' came from the machine itself' AS message
FROM socket l
JOIN address b ON b.address_id = l.local_id AND b.host IN ('0.0.0.0', '::')
WHERE l.listening_ns IS NOT NULL AND l.accepted_count > 0
	AND NOT EXISTS (SELECT 1 FROM socket a LEFT JOIN address r ON r.address_id = a.remote_id
		WHERE a.parent_id = l.socket_id AND (r.host IS NULL OR r.host NOT LIKE '127.%' AND r.host <> '::1'));
