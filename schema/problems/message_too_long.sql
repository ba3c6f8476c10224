-- @rule MESSAGE_TOO_LONG
-- @severity error
-- @explanation A datagram was too long to be sent in one piece: send failed with EMSGSIZE, and nothing of it was sent.
-- @remedy Send less in one datagram (UDP takes 65,507 bytes, and is best kept below 1,400), or use a stream; a Unix datagram may be as long as SO_SNDBUF allows.
-- @suspect SELECT 1 FROM socket WHERE oversize_ns IS NOT NULL
WITH suspect AS MATERIALIZED (
	SELECT * FROM socket WHERE oversize_ns IS NOT NULL
)
SELECT s.socket_id,
	-- Who forbids fragments looks for the longest datagram that the path takes.
	CASE WHEN EXISTS (SELECT 1 FROM option o WHERE o.socket_id = s.socket_id AND o.is_set AND (o.level = 0 AND o.number = 10 OR o.level = 41 AND o.number = 23) AND o.value >= 2)
		THEN 'info' ELSE 'error' END AS severity,
	s.process_id, NULL AS holder_id, NULL AS holder_process_id, s.oversize_ns AS call_start_ns, coalesce(c.caller_id, s.caller_id) AS caller_id, NULL AS duration_ns, s.oversize_count AS count,
	coalesce('a datagram of ' || BYTES{c.requested_bytes}, 'a datagram') || coalesce(' to ' || r.text, '') || ' was too long to send (EMSGSIZE)'
	|| CASE WHEN s.oversize_count > 1 THEN ', ' || s.oversize_count || ' such sends' ELSE '' END
	|| CASE WHEN s.domain IN (2, 10) AND s.type = 2 AND c.requested_bytes > 65507 THEN ': UDP takes at most 65507' ELSE '' END AS message
FROM suspect s
LEFT JOIN call c ON c.socket_id = s.socket_id AND c.start_ns = s.oversize_ns AND c.errno = 90
LEFT JOIN address r ON r.address_id = coalesce(c.address_id, s.remote_id)
GROUP BY s.socket_id;
