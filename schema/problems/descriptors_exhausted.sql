-- @rule DESCRIPTORS_EXHAUSTED
-- @severity error
-- @explanation A call that would have made a socket failed because no descriptor was free: the process has as many open as it may (EMFILE), or the machine (ENFILE).
-- @remedy Look whether sockets are left open that should be closed (LEAK); if all are needed, raise the limit (ulimit -n, LimitNOFILE=), and stop accepting before it is reached.
-- @suspect SELECT 1 FROM process WHERE exhausted_count > 0
WITH exhausted AS MATERIALIZED (
	SELECT * FROM process WHERE exhausted_count > 0
), held AS MATERIALIZED (
	SELECT e.process_id, count(DISTINCT n.fd) AS descriptors
	FROM exhausted e
	JOIN span n ON n.process_id = e.process_id AND n.opened_ns <= e.exhausted_ns AND (n.closed_ns IS NULL OR n.closed_ns > e.exhausted_ns)
	GROUP BY e.process_id
)
SELECT s.socket_id, 'error' AS severity, e.process_id, NULL AS holder_id, NULL AS holder_process_id, e.exhausted_ns AS call_start_ns, coalesce(c.caller_id, s.caller_id) AS caller_id,
	NULL AS duration_ns, e.exhausted_count AS count,
	coalesce(k.name, 'a call') || ' failed' || CASE WHEN e.exhausted_count > 1 THEN ', and ' || (e.exhausted_count - 1) || ' such call' || CASE e.exhausted_count WHEN 2 THEN '' ELSE 's' END || ' later' ELSE '' END
	|| ': ' || CASE c.errno WHEN 23 THEN 'the machine had too many files open (ENFILE)' ELSE 'the process had as many descriptors open as it may (EMFILE)' END
	|| '; ' || coalesce(h.descriptors, 0) || ' of them were sockets' AS message
FROM exhausted e
LEFT JOIN held h ON h.process_id = e.process_id
LEFT JOIN socket s ON s.socket_id = e.exhausted_socket_id
LEFT JOIN call c ON c.socket_id = coalesce(e.exhausted_socket_id, 0) AND c.start_ns = e.exhausted_ns AND c.errno IN (23, 24)
LEFT JOIN call_kind k ON k.call_kind_id = c.call_kind_id
GROUP BY e.process_id;
