-- @rule USE_AFTER_CLOSE
-- @severity error
-- @explanation A call was made on a descriptor after it had been closed; it failed with EBADF, and with bad luck would have reached another socket.
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
GROUP BY s.socket_id;
