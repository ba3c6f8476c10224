-- @rule UDP_TRUNCATED
-- @severity error
-- @explanation A datagram was longer than the buffer given to receive it; the kernel threw the rest away.
-- @remedy Give the receive call a larger buffer (65535 bytes take any UDP datagram), or ask with MSG_TRUNC for the real length.
WITH cut AS (
	SELECT s.socket_id, s.truncated_count AS count, NULL AS sender_id, NULL AS start_ns, NULL AS buffer, NULL AS sent
	FROM socket s WHERE s.truncated_count > 0
	UNION ALL
	-- recv and recvfrom do not say it: the buffer was filled to the last byte, and a sender in the trace sent more in one datagram just before.
	SELECT s.socket_id, count(DISTINCT c.start_ns), min(q.socket_id), min(c.start_ns), min(c.result), max(m.result)
	FROM socket s
	JOIN call c ON c.socket_id = s.socket_id AND c.result = c.requested_bytes AND c.result >= s.full_receive_bytes
	JOIN call_kind ck ON ck.call_kind_id = c.call_kind_id AND ck.effect = 'receive'
	JOIN socket q ON q.type = s.type AND q.domain = s.domain AND q.socket_id <> s.socket_id AND q.largest_send_bytes > s.full_receive_bytes
		AND (q.opened_ns <= c.start_ns + c.duration_ns)
	LEFT JOIN address sl ON sl.address_id = s.local_id
	JOIN call m ON m.socket_id = q.socket_id AND m.result > c.result AND m.start_ns <= c.start_ns + c.duration_ns AND m.start_ns >= s.opened_ns
	JOIN call_kind mk ON mk.call_kind_id = m.call_kind_id AND mk.effect = 'send'
	LEFT JOIN address ma ON ma.address_id = coalesce(m.address_id, q.remote_id)
	LEFT JOIN address ca ON ca.address_id = c.address_id
	LEFT JOIN address ql ON ql.address_id = q.local_id
	WHERE s.full_receive_bytes IS NOT NULL AND s.truncated_count = 0 AND s.type IN (2, 5)
		-- One that was never bound by the program has a port that nobody asked for: who has ever had one partner only sent it to that one.
		AND (q.peer_id = s.socket_id OR s.peer_id = q.socket_id AND q.only_remote_id > 0 OR ma.port = sl.port OR ma.port IS NULL AND ma.text = sl.text)
		AND (ca.port IS NULL OR ql.port IS NULL OR ca.port = ql.port)
	GROUP BY s.socket_id
)
SELECT s.socket_id, 'error' AS severity, s.process_id, coalesce(t.sender_id, s.peer_id) AS holder_id, (SELECT process_id FROM socket WHERE socket_id = coalesce(t.sender_id, s.peer_id)) AS holder_process_id,
	t.start_ns AS call_start_ns, coalesce((SELECT caller_id FROM call c WHERE c.socket_id = s.socket_id AND c.start_ns = t.start_ns), s.caller_id) AS caller_id, NULL AS duration_ns, t.count,
	t.count || CASE t.count WHEN 1 THEN ' datagram was' ELSE ' datagrams were' END || ' cut, because the buffer was smaller'
	|| CASE WHEN t.buffer IS NOT NULL THEN ': ' || t.buffer || ' bytes, and s' || t.sender_id || ' sent ' || t.sent ELSE ' (MSG_TRUNC)' END AS message
FROM cut t
JOIN socket s ON s.socket_id = t.socket_id;
