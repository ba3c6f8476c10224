-- @rule DNS
-- @severity warning
-- @explanation Looking up the host's name failed, or took most of the time until the connection stood.
-- @remedy Look at /etc/resolv.conf and /etc/nsswitch.conf (an unreachable name server costs 5 s a try), keep the result, or use a resolver with a cache.
-- @suspect SELECT 1 FROM name WHERE duration_ns >= 100000000 OR error <> 0
WITH lookup AS (
	SELECT n.process_id, n.start_ns, n.host, max(n.duration_ns) AS duration_ns, max(n.error) AS error, min(n.error) AS worst
	FROM name n
	WHERE n.duration_ns >= 100000000 OR n.error <> 0
	GROUP BY n.process_id, n.start_ns, n.host
), used AS (
	SELECT l.*, (SELECT s.socket_id FROM name n JOIN address a ON a.host = n.address_host JOIN socket s ON s.remote_id = a.address_id
		WHERE n.process_id = l.process_id AND n.start_ns = l.start_ns AND s.process_id = l.process_id AND s.connecting_ns >= l.start_ns
		ORDER BY s.connecting_ns LIMIT 1) AS socket_id
	FROM lookup l
)
SELECT u.socket_id,
	CASE WHEN u.worst <> 0 THEN 'warning' WHEN u.duration_ns >= 500000000 THEN 'warning' ELSE 'info' END AS severity,
	u.process_id, NULL AS holder_id, NULL AS holder_process_id, u.start_ns AS call_start_ns,
	(SELECT c.caller_id FROM call c WHERE c.socket_id = 0 AND c.start_ns = u.start_ns) AS caller_id, u.duration_ns, 1 AS count,
	CASE WHEN u.worst <> 0
		THEN 'the name ' || u.host || ' could not be looked up: ' || coalesce(e.meaning, e.name, 'error ' || u.worst) || coalesce(', after ' || DURATION{u.duration_ns}, '')
		ELSE 'looking up ' || u.host || ' took ' || DURATION{u.duration_ns}
			|| coalesce(', its connect ' || DURATION{max(s.connected_ns - s.connecting_ns, 0)}, '')
	END AS message
FROM used u
LEFT JOIN socket s ON s.socket_id = u.socket_id
LEFT JOIN constant e ON e.kind = 'eai' AND e.number = u.worst
WHERE u.worst < 0 AND NOT EXISTS (SELECT 1 FROM name o WHERE o.process_id = u.process_id AND o.host = u.host AND o.error = 0)
	OR u.worst = 0 AND u.duration_ns >= 100000000 AND u.duration_ns > coalesce(s.connected_ns - s.connecting_ns, 0);
