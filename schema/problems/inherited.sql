-- @rule INHERITED
-- @severity warning
-- @explanation A child process got a socket that it never uses: as long as it lives, the connection does not end, and a listening port stays taken.
-- @remedy Make the socket with SOCK_CLOEXEC (accept4, socket), or close it in the child after fork.
-- @suspect SELECT 1 FROM span WHERE calls = 0 AND fd > 2 AND opened_by IN ('fork', 'exec', 'inherited', 'spawn', 'unknown')
WITH idle AS (
	SELECT sp.*, coalesce(sp.closed_ns, (SELECT end_ns FROM trace)) AS end_ns
	FROM span sp
	WHERE sp.calls = 0 AND sp.fd > 2 AND sp.opened_by IN ('fork', 'exec', 'inherited', 'spawn', 'unknown')
		AND (sp.closed_by IS NULL OR sp.closed_by IN ('exit', 'killed', 'unknown', 'exec'))
), kept AS (
	SELECT i.*, s.listening_ns, s.local_id, s.remote_id, s.fd AS maker_fd, s.process_id AS maker_id, s.caller_id, s.peer_id, s.type, s.origin,
		-- When the last of those that do use it let go; NULL: one of them has it as long as this one. Who made it is found first, so that of many that
		-- inherited it not each is compared with all.
		CASE WHEN NOT EXISTS (SELECT 1 FROM span u WHERE u.socket_id = i.socket_id AND (u.calls > 0 OR u.span_id < i.span_id) AND u.process_id <> i.process_id
			AND coalesce(u.closed_ns, (SELECT end_ns FROM trace) + 1) >= i.end_ns)
		THEN (SELECT max(u.closed_ns) FROM span u WHERE u.socket_id = i.socket_id AND (u.calls > 0 OR u.span_id < i.span_id) AND u.process_id <> i.process_id) END AS released_ns
	FROM idle i
	JOIN socket s ON s.socket_id = i.socket_id
	WHERE s.process_id IS NOT NULL AND s.process_id <> i.process_id AND s.domain IN (1, 2, 10) AND s.origin <> 'socketpair'
		AND NOT EXISTS (SELECT 1 FROM span u WHERE u.socket_id = i.socket_id AND u.process_id = i.process_id AND (u.calls > 0 OR u.fd <= 2))
		AND (NOT EXISTS (SELECT 1 FROM span u WHERE u.socket_id = i.socket_id AND (u.calls > 0 OR u.span_id < i.span_id) AND u.process_id <> i.process_id
				AND coalesce(u.closed_ns, (SELECT end_ns FROM trace) + 1) > i.end_ns - 100000000)
			OR EXISTS (SELECT 1 FROM process p WHERE p.process_id = i.process_id AND p.start_cause = 'exec'))
		AND NOT EXISTS (SELECT 1 FROM ready_row r JOIN thread t USING (thread_id) WHERE r.socket_id = i.socket_id AND t.process_id = i.process_id)
), waited AS MATERIALIZED (
	-- Waits that do not tell all that they waited for: select and poll of many (WAITED_LISTED in preload/waits.c) only what was ready, of numbers below this; epoll_wait what
	-- was put into its instance before.
	SELECT t.process_id, w.name LIKE 'epoll%' AS is_epoll, c.fd, max(c.start_ns) AS last_ns,
		max(CASE WHEN w.name IN ('select', 'pselect') THEN CAST(d.text AS INTEGER) WHEN w.name IN ('poll', 'ppoll') AND CAST(d.text AS INTEGER) > 8 THEN 9223372036854775807 END) AS below_fd
	FROM call_row c
	CROSS JOIN site i ON i.site_id = c.site_id
	JOIN call_kind w ON w.call_kind_id = i.call_kind_id AND w.effect = 'wait'
	JOIN thread t ON t.thread_id = c.thread_id
	LEFT JOIN detail d ON d.detail_id = i.detail_id
	WHERE c.socket_id = 0 AND c.thread_id IN (SELECT thread_id FROM thread WHERE process_id IN (SELECT process_id FROM kept)) -- few of many threads
	GROUP BY t.process_id, is_epoll, c.fd
), newest AS (
	-- A process that went on by exec is judged by its last image.
	SELECT k.* FROM kept k WHERE k.closed_by IS NOT 'exec'
		AND NOT EXISTS (SELECT 1 FROM waited w WHERE w.process_id = k.process_id AND w.last_ns >= k.opened_ns AND (w.below_fd > k.fd
			OR w.is_epoll AND EXISTS (SELECT 1 FROM call a JOIN call_kind e ON e.call_kind_id = a.call_kind_id AND e.name = 'epoll_ctl' JOIN detail d ON d.detail_id = a.detail_id
				WHERE a.socket_id = k.socket_id AND a.result = 0 AND a.start_ns < k.opened_ns AND d.text LIKE 'EPOLL_CTL_ADD on fd ' || w.fd || ',%')))
)
SELECT n.socket_id, CASE WHEN n.end_ns - n.released_ns >= 100000000 THEN CASE WHEN n.listening_ns IS NOT NULL AND n.end_ns - n.released_ns >= 500000000 THEN 'error' ELSE 'warning' END ELSE 'info' END AS severity,
	n.process_id, n.socket_id AS holder_id, n.process_id AS holder_process_id, n.opened_ns AS call_start_ns, n.caller_id,
	CASE WHEN n.end_ns > n.released_ns THEN n.end_ns - n.released_ns ELSE n.end_ns - n.opened_ns END AS duration_ns, 1 AS count,
	p.program || '[' || p.pid || '] inherited fd ' || n.fd || ' (' || coalesce(CASE WHEN n.listening_ns IS NOT NULL THEN 'listening on ' || l.text END, 'connected to ' || r.text, l.text, 'a socket')
	|| coalesce(' of ' || m.program || '[' || m.pid || ']', '') || ') and never used it'
	|| CASE WHEN n.end_ns - n.released_ns >= 100000000 THEN '; it kept ' || CASE WHEN n.listening_ns IS NOT NULL THEN 'the port taken' ELSE 'the connection open' END
		|| ' for ' || DURATION{n.end_ns - n.released_ns} || ' after the others had let go' ELSE '' END AS message
FROM newest n
JOIN process p ON p.process_id = n.process_id
LEFT JOIN process m ON m.process_id = n.maker_id
LEFT JOIN address l ON l.address_id = n.local_id
LEFT JOIN address r ON r.address_id = n.remote_id
WHERE n.end_ns - n.released_ns >= 100000000
	-- Harmless so far, worth knowing: another program (exec) that got it because close-on-exec was not set.
	OR p.start_cause = 'exec' AND p.program IS NOT m.program
GROUP BY n.socket_id, n.process_id;
