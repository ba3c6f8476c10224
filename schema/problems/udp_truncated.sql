-- @rule UDP_TRUNCATED
-- @severity error
-- @explanation A datagram was longer than the buffer given to receive it; the kernel threw the rest away.
-- @remedy Give the receive call a larger buffer (65535 bytes take any UDP datagram), or ask with MSG_TRUNC for the real length.
-- @without_calls tells of one only where as many datagrams were received as sent, or the receiver was told (recvmsg)
-- @suspect SELECT 1 FROM socket WHERE truncated_count > 0 UNION ALL SELECT 1 FROM socket WHERE full_receive_bytes IS NOT NULL
WITH suspect AS MATERIALIZED (
	-- recv and recvfrom do not say it: the buffer was filled to the last byte, as by a datagram of just that length.
	SELECT s.socket_id, s.domain, s.type, s.peer_id, s.opened_ns, s.full_receive_bytes, s.received_messages, s.received_bytes, l.host, coalesce(l.port, l.text) AS place,
		-- The order of calls is that of the datagrams in one thread only. 20,000 of them, of the sockets with the fewest, are read in the time that check has.
		s.other_receiver_id IS NULL AND sum(s.receive_calls) OVER (ORDER BY s.receive_calls, s.socket_id) <= 20000
			AND coalesce((SELECT value FROM meta WHERE key = 'detail'), 'calls') = 'calls' AS in_order
	FROM socket s
	LEFT JOIN address l ON l.address_id = s.local_id
	WHERE s.full_receive_bytes IS NOT NULL AND s.truncated_count = 0 AND s.type IN (2, 5)
), sender AS MATERIALIZED (
	SELECT q.socket_id, q.domain, q.type, q.peer_id, q.only_remote_id, q.largest_send_bytes, q.sent_messages, q.sent_bytes, r.host, coalesce(r.port, r.text) AS place, l.port,
		q.other_sender_id IS NULL AND sum(q.send_calls) OVER (ORDER BY q.send_calls, q.socket_id) <= 20000 AS in_order
	FROM socket q
	LEFT JOIN address r ON r.address_id = coalesce(q.remote_id, nullif(q.only_remote_id, 0))
	LEFT JOIN address l ON l.address_id = q.local_id
	WHERE q.type IN (2, 5) AND q.largest_send_bytes > (SELECT min(full_receive_bytes) FROM suspect)
), sent AS MATERIALIZED (
	-- What a sender sent, and its number among the datagrams to the same place; of sendmmsg only how many.
	SELECT d.*, sum(d.messages) OVER (PARTITION BY d.socket_id, d.place ORDER BY d.start_ns, d.sequence) AS number, sum(d.messages) OVER (PARTITION BY d.socket_id, d.place) AS total,
		min(d.bytes) OVER (PARTITION BY d.socket_id, d.place ORDER BY d.start_ns, d.sequence ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING) AS shortest_of_rest
	FROM (
		SELECT q.socket_id, m.start_ns, m.sequence, CASE WHEN m.bytes IS NULL THEN m.result ELSE 0 END AS bytes, CASE WHEN m.bytes IS NULL THEN 1 ELSE m.result END AS messages,
			coalesce(a.host, q.host) AS host, coalesce(a.port, a.text, q.place) AS place
		FROM sender q
		CROSS JOIN call m ON m.socket_id = q.socket_id AND m.result >= 0
		CROSS JOIN call_kind k ON k.call_kind_id = m.call_kind_id AND k.effect = 'send'
		LEFT JOIN address a ON a.address_id = m.address_id
		WHERE q.in_order
	) d
), received AS MATERIALIZED (
	-- What a receiver took, and its number among all and among those from the same port.
	SELECT d.*, sum(d.messages) OVER (PARTITION BY d.socket_id ORDER BY d.start_ns, d.sequence) AS number, sum(d.messages) OVER (PARTITION BY d.socket_id) AS total,
		sum(d.messages) OVER (PARTITION BY d.socket_id, d.port ORDER BY d.start_ns, d.sequence) AS port_number, sum(d.messages) OVER (PARTITION BY d.socket_id, d.port) AS port_total,
		min(d.port IS NOT NULL) OVER (PARTITION BY d.socket_id) AS tells_ports
	FROM (
		SELECT s.socket_id, s.domain, c.start_ns, c.sequence, c.start_ns + c.duration_ns AS end_ns, c.result AS bytes, CASE WHEN c.bytes IS NULL THEN 1 ELSE c.result END AS messages,
			c.bytes IS NULL AND c.result > 0 AND c.result = c.requested_bytes AS is_full, a.port
		FROM suspect s
		CROSS JOIN call c ON c.socket_id = s.socket_id AND c.result >= 0 AND NOT coalesce(c.flags, 0) & 2 AND (s.type = 2 OR c.result > 0)
		CROSS JOIN call_kind k ON k.call_kind_id = c.call_kind_id AND k.effect = 'receive'
		LEFT JOIN address a ON a.address_id = c.address_id
		WHERE s.in_order
	) d
), link AS MATERIALIZED (
	-- Who sent to whom: a pair, or to the receiver's address.
	SELECT s.socket_id, q.socket_id AS sender_id, NULL AS place, q.port, 1 AS senders
	FROM suspect s
	JOIN sender q ON q.socket_id = s.peer_id AND (q.peer_id = s.socket_id OR q.only_remote_id > 0)
	UNION ALL
	SELECT s.socket_id, d.socket_id, d.place, q.port, count(*) OVER (PARTITION BY s.socket_id)
	FROM suspect s
	JOIN (SELECT socket_id, place, host FROM sent GROUP BY socket_id, place, host) d ON d.place = s.place AND d.socket_id <> s.socket_id
		AND (d.host IS s.host OR s.host IN ('0.0.0.0', '::') OR d.host IN ('0.0.0.0', '::'))
	JOIN sender q ON q.socket_id = d.socket_id AND q.type = s.type AND q.domain = s.domain
	WHERE NOT (q.socket_id IS s.peer_id AND (q.peer_id IS s.socket_id OR q.only_remote_id > 0))
), full AS MATERIALIZED (
	-- A receive that filled its buffer, and its number among the datagrams of that sender. Where nothing names the sender of each, there must be one sender only.
	SELECT l.sender_id, l.place, r.socket_id, r.domain, r.start_ns, r.end_ns, r.bytes,
		CASE WHEN r.tells_ports AND l.port IS NOT NULL THEN r.port_number ELSE r.number END AS number,
		CASE WHEN r.tells_ports AND l.port IS NOT NULL THEN r.port_total ELSE r.total END AS total
	FROM link l
	JOIN received r ON r.socket_id = l.socket_id AND r.is_full
	WHERE CASE WHEN r.tells_ports AND l.port IS NOT NULL THEN r.port = l.port ELSE l.senders = 1 END
), cut AS (
	SELECT s.socket_id, s.truncated_count AS count, NULL AS sender_id, NULL AS start_ns, ' (MSG_TRUNC)' AS evidence
	FROM socket s WHERE s.truncated_count > 0
	UNION ALL
	-- It was the datagram of the same number, or a later one if some were lost on the way (never in Unix sockets): all of these were longer.
	SELECT f.socket_id, count(*), f.sender_id, min(f.start_ns), ': ' || BYTES{f.bytes} || ', and s' || f.sender_id || ' sent ' || f.shortest
	FROM (
		SELECT r.socket_id, r.start_ns, r.bytes, r.sender_id, CASE WHEN r.domain = 1 OR r.total = m.total THEN m.bytes ELSE m.shortest_of_rest END AS shortest
		FROM full r
		JOIN sent m ON m.socket_id = r.sender_id AND m.number = r.number AND m.place IS coalesce(r.place, m.place) AND m.start_ns <= r.end_ns
	) f
	WHERE f.shortest > f.bytes
	GROUP BY f.socket_id
	UNION ALL
	-- Where calls do not tell: as many as were sent were received, and they had been longer.
	SELECT s.socket_id, NULL, min(q.socket_id), NULL, ': of ' || sum(q.sent_bytes) || ' bytes sent in ' || s.received_messages || ', ' || (sum(q.sent_bytes) - s.received_bytes) || ' are missing'
	FROM (
		SELECT s.socket_id, q.socket_id AS sender_id FROM suspect s JOIN sender q ON q.socket_id = s.peer_id AND q.peer_id = s.socket_id WHERE NOT s.in_order
		UNION
		SELECT s.socket_id, q.socket_id FROM suspect s JOIN sender q ON q.place = s.place AND q.type = s.type AND q.domain = s.domain
			AND (q.host IS s.host OR s.host IN ('0.0.0.0', '::') OR q.host IN ('0.0.0.0', '::'))
		WHERE NOT s.in_order
	) l
	JOIN suspect s ON s.socket_id = l.socket_id
	JOIN sender q ON q.socket_id = l.sender_id
	GROUP BY s.socket_id
	HAVING sum(q.sent_messages) = s.received_messages AND sum(q.sent_bytes) > s.received_bytes
)
SELECT s.socket_id, 'error' AS severity, s.process_id, coalesce(t.sender_id, s.peer_id) AS holder_id, (SELECT process_id FROM socket WHERE socket_id = coalesce(t.sender_id, s.peer_id)) AS holder_process_id,
	t.start_ns AS call_start_ns, coalesce((SELECT caller_id FROM call c WHERE c.socket_id = s.socket_id AND c.start_ns = t.start_ns), s.caller_id) AS caller_id, NULL AS duration_ns, coalesce(t.count, 1) AS count,
	CASE WHEN t.count IS NULL THEN 'datagrams were' WHEN t.count = 1 THEN '1 datagram was' ELSE t.count || ' datagrams were' END || ' cut, because the buffer was smaller' || t.evidence AS message
FROM cut t
JOIN socket s ON s.socket_id = t.socket_id;
