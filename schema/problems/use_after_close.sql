-- @rule USE_AFTER_CLOSE
-- @severity error
-- @explanation A call was made on a descriptor after it had been closed, or stood in it as another thread closed it; with bad luck it would have reached another socket.
-- @remedy Stop all users of a socket before closing it; to wake a thread that waits in it, use shutdown.
SELECT s.socket_id,
	CASE WHEN s.listening_ns IS NOT NULL OR coalesce(p.ended_ns, (SELECT end_ns FROM trace)) - s.stale_ns < 100000000 AND c.thread_id <> x.thread_id THEN 'info' ELSE 'error' END AS severity,
	s.process_id, NULL AS holder_id, NULL AS holder_process_id, c.start_ns AS call_start_ns, c.caller_id, s.stale_ns - s.closed_ns AS duration_ns, s.stale_use_count AS count,
	coalesce(k.name, 'a call') || ' on fd ' || coalesce(c.fd, s.fd) || ' ' || DURATION{s.stale_ns - s.closed_ns} || ' after it was closed'
	|| CASE WHEN c.thread_id <> x.thread_id THEN ' by another thread' ELSE '' END
	|| CASE WHEN s.stale_use_count > 1 THEN ', ' || s.stale_use_count || ' such calls' ELSE '' END || ' (EBADF)' AS message
FROM socket s
LEFT JOIN process p ON p.process_id = s.process_id
LEFT JOIN call c ON c.socket_id = s.socket_id AND c.start_ns >= s.stale_ns AND c.errno = 9 AND c.call_kind_id NOT IN (SELECT call_kind_id FROM call_kind WHERE effect = 'close')
LEFT JOIN call_kind k ON k.call_kind_id = c.call_kind_id
LEFT JOIN call x ON x.socket_id = s.socket_id AND x.start_ns BETWEEN s.closed_ns - 1000000 AND s.closed_ns AND x.result = 0
	AND x.call_kind_id IN (SELECT call_kind_id FROM call_kind WHERE effect = 'close')
WHERE s.stale_ns IS NOT NULL AND s.stale_use_count > 0
GROUP BY s.socket_id
UNION ALL
-- Closed under a thread that stood in a call: close does not wake it, and the number is free for the next socket.
SELECT s.socket_id, 'warning', s.process_id, NULL, NULL, c.start_ns, c.caller_id, coalesce(c.start_ns + c.duration_ns, p.ended_ns, (SELECT end_ns FROM trace)) - s.closed_ns, 1,
	'fd ' || coalesce(c.fd, s.fd) || ' was closed while another thread stood in ' || k.name || ': that does not wake it, and it '
	|| CASE WHEN c.duration_ns IS NULL THEN 'had not returned ' ELSE 'returned only ' END
	|| DURATION{coalesce(c.start_ns + c.duration_ns, p.ended_ns, (SELECT end_ns FROM trace)) - s.closed_ns} || ' later'
FROM (
	SELECT *, unreturned_start_ns AS stood_ns FROM socket WHERE unreturned_start_ns < closed_ns
	UNION ALL
	SELECT *, longest_start_ns FROM socket WHERE longest_start_ns + longest_ns >= closed_ns + 100000000 AND longest_start_ns < closed_ns
) s
JOIN call c ON c.socket_id = s.socket_id AND c.start_ns = s.stood_ns
JOIN call_kind k ON k.call_kind_id = c.call_kind_id AND k.effect IN ('receive', 'accept', 'send')
JOIN call x ON x.socket_id = s.socket_id AND x.start_ns BETWEEN s.closed_ns - 1000000 AND s.closed_ns AND x.result = 0
	AND x.call_kind_id IN (SELECT call_kind_id FROM call_kind WHERE effect = 'close') AND x.thread_id <> c.thread_id
JOIN thread ct ON ct.thread_id = c.thread_id
JOIN thread xt ON xt.thread_id = x.thread_id AND xt.process_id = ct.process_id
LEFT JOIN process p ON p.process_id = ct.process_id
WHERE s.how_ended = 'close'
	-- A program that ends takes its threads along.
	AND coalesce(p.ended_ns, (SELECT end_ns FROM trace)) - s.closed_ns >= 200000000
GROUP BY s.socket_id;
