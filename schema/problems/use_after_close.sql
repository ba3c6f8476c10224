-- @rule USE_AFTER_CLOSE
-- @severity error
-- @explanation A call was made on a descriptor after it had been closed, or stood in it as another thread closed it; with bad luck it would have reached another socket.
-- @remedy Stop all users of a socket before closing it; to wake a thread that waits in it, use shutdown.
-- @without_calls does not see a socket that was closed under a thread in a call, nor data that went to the next socket of that number
-- @suspect SELECT 1 FROM socket WHERE stale_ns IS NOT NULL UNION ALL SELECT 1 FROM socket WHERE unreturned_start_ns IS NOT NULL
--   UNION ALL SELECT 1 FROM socket WHERE longest_start_ns + longest_ns >= closed_ns + 100000000
--   UNION ALL SELECT 1 FROM socket WHERE other_sender_id IS NOT NULL OR other_receiver_id IS NOT NULL
WITH succession AS MATERIALIZED (
	-- Which socket had a number before, in programs that share sockets between threads.
	SELECT n.socket_id, n.process_id, n.fd, lag(n.socket_id) OVER number AS before_id, lag(n.closed_ns) OVER number AS released_ns, lag(n.closed_by) OVER number AS released_by
	FROM span n
	WHERE n.process_id IN (SELECT t.process_id FROM socket s JOIN thread t ON t.thread_id = s.thread_id WHERE s.other_sender_id IS NOT NULL OR s.other_receiver_id IS NOT NULL)
	WINDOW number AS (PARTITION BY n.process_id, n.fd ORDER BY n.opened_ns)
), successor AS (
	SELECT u.socket_id AS now_id, u.before_id, u.process_id, u.fd, u.released_ns, now.thread_id AS maker_id, now.type,
		now.sender_id, now.other_sender_id, now.receiver_id, now.other_receiver_id,
		before.sender_id AS before_sender_id, before.other_sender_id AS before_other_sender_id,
		before.receiver_id AS before_receiver_id, before.other_receiver_id AS before_other_receiver_id,
		before.domain <> now.domain OR before.type <> now.type OR before.origin <> now.origin OR before.parent_id IS NOT now.parent_id
			OR coalesce(b.port, b.text) IS NOT coalesce(a.port, a.text) AND now.origin = 'socket' AS of_another_kind
	FROM succession u
	JOIN socket now ON now.socket_id = u.socket_id
	JOIN socket before ON before.socket_id = u.before_id
	LEFT JOIN address a ON a.address_id = now.remote_id
	LEFT JOIN address b ON b.address_id = before.remote_id
	WHERE u.before_id <> u.socket_id AND u.released_by = 'close' AND (now.other_sender_id IS NOT NULL OR now.other_receiver_id IS NOT NULL)
), astray AS (
	-- A thread sends on the new socket, never looks at what comes from there, and has only ever sent on that number; others have made that socket and send on it as
	-- well. To tell it from work that was handed over: the old socket was that thread's alone, or is of another kind than the new one.
	SELECT s.*, x.thread_id, 'send' AS effect, CASE x.thread_id WHEN s.sender_id THEN s.other_sender_id ELSE s.sender_id END AS owner_id
	FROM successor s
	JOIN thread x ON x.process_id = s.process_id AND x.thread_id IN (s.sender_id, s.other_sender_id) AND x.thread_id IN (s.before_sender_id, s.before_other_sender_id)
	WHERE s.other_sender_id IS NOT NULL AND s.maker_id IS NOT x.thread_id
		AND x.thread_id IS NOT s.receiver_id AND x.thread_id IS NOT s.other_receiver_id
		AND (s.of_another_kind OR s.before_other_sender_id IS NULL AND s.before_other_receiver_id IS NULL AND coalesce(s.before_receiver_id, x.thread_id) = x.thread_id)
		AND NOT EXISTS (SELECT 1 FROM socket t WHERE x.thread_id IN (t.sender_id, t.other_sender_id) AND t.fd IS NOT s.fd)
		AND NOT EXISTS (SELECT 1 FROM ready r WHERE r.socket_id = s.now_id AND r.thread_id = x.thread_id)
	UNION ALL
	-- Two threads stand in a receive on the new stream at the same time, of which one alone had received from the old one.
	SELECT s.*, x.thread_id, 'receive', CASE x.thread_id WHEN s.receiver_id THEN s.other_receiver_id ELSE s.receiver_id END
	FROM successor s
	JOIN thread x ON x.process_id = s.process_id AND x.thread_id IN (s.receiver_id, s.other_receiver_id) AND x.thread_id = s.before_receiver_id
	WHERE s.other_receiver_id IS NOT NULL AND s.before_other_receiver_id IS NULL AND s.maker_id IS NOT x.thread_id AND s.type = 1
		AND EXISTS (SELECT 1 FROM call c JOIN call_kind k ON k.call_kind_id = c.call_kind_id AND k.effect = 'receive'
			JOIN call o ON o.socket_id = c.socket_id AND o.thread_id <> c.thread_id AND o.start_ns < coalesce(c.start_ns + c.duration_ns, 9223372036854775807)
				AND c.start_ns < coalesce(o.start_ns + o.duration_ns, 9223372036854775807)
			JOIN call_kind ok ON ok.call_kind_id = o.call_kind_id AND ok.effect = 'receive'
			WHERE c.socket_id = s.now_id AND c.thread_id = x.thread_id)
)
SELECT s.socket_id,
	CASE WHEN s.listening_ns IS NOT NULL OR coalesce(p.ended_ns, (SELECT end_ns FROM trace)) - s.stale_ns < 100000000 AND c.thread_id <> x.thread_id THEN 'info'
		-- Event loops take a socket out of their set that close has taken out already (libevent): no data can go astray.
		WHEN k.name = 'epoll_ctl' AND s.stale_use_count = 1 THEN 'warning' ELSE 'error' END AS severity,
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
	-- The victim of a close that was meant for another socket has done nothing wrong.
	AND s.socket_id NOT IN (SELECT d.socket_id FROM problem_double_close d WHERE d.severity = 'error')
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
	AND s.socket_id NOT IN (SELECT d.socket_id FROM problem_double_close d WHERE d.severity = 'error')
GROUP BY s.socket_id
UNION ALL
-- The number had become another socket's: no error tells it, and the data goes astray. Never certain: threads may hand a number over unseen.
SELECT a.before_id, 'warning', a.process_id, a.now_id, a.process_id, min(c.start_ns), c.caller_id, c.start_ns - a.released_ns, count(*),
	k.name || ' on fd ' || a.fd || ' ' || DURATION{c.start_ns - a.released_ns} || ' after another thread had closed it: by then the number was s' || a.now_id
	|| ', which ' || CASE WHEN a.owner_id = a.maker_id THEN 'that thread had made and uses' ELSE 'another thread uses' END || '; '
	|| CASE WHEN count(*) > 1 THEN count(*) || ' such calls seem' ELSE 'it seems' END || CASE a.effect WHEN 'send' THEN ' to have sent there what was meant for s' ELSE ' to have taken from there what was looked for on s' END || a.before_id AS message
FROM astray a
JOIN call x ON x.socket_id = a.before_id AND x.start_ns BETWEEN a.released_ns - 1000000 AND a.released_ns AND x.result = 0 AND x.thread_id <> a.thread_id
	AND x.call_kind_id IN (SELECT call_kind_id FROM call_kind WHERE effect = 'close')
JOIN call c ON c.socket_id = a.now_id AND c.thread_id = a.thread_id
JOIN call_kind k ON k.call_kind_id = c.call_kind_id AND k.effect IN (a.effect, CASE a.effect WHEN 'send' THEN 'transfer' END)
GROUP BY a.now_id, a.thread_id, a.effect;
