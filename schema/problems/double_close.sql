-- @rule DOUBLE_CLOSE
-- @severity warning
-- @explanation A descriptor was closed a second time. If another thread has got the number in between, that one loses its socket.
-- @remedy Set the variable to -1 after close, and give every descriptor one owner who closes it.
-- @suspect SELECT 1 FROM socket WHERE stale_ns IS NOT NULL UNION ALL SELECT 1 FROM socket WHERE unreturned_start_ns IS NOT NULL
--   UNION ALL SELECT 1 FROM socket WHERE longest_start_ns + longest_ns >= closed_ns + 100000000
WITH stale AS (
	SELECT s.*, count(*) OVER (PARTITION BY s.process_id ORDER BY s.stale_ns RANGE BETWEEN 1000000 PRECEDING AND 1000000 FOLLOWING) AS nearby
	FROM socket s
	WHERE s.stale_ns IS NOT NULL AND s.stale_close_count > 0
), closes AS (
	SELECT q.process_id, q.fd, q.closed_ns AS at_ns, q.socket_id, NULL AS stale_id
	FROM (SELECT DISTINCT process_id FROM stale WHERE nearby < 3) p
	CROSS JOIN span q ON q.process_id = p.process_id
	WHERE q.closed_by = 'close'
	UNION ALL
	SELECT process_id, fd, stale_ns, NULL, socket_id FROM stale WHERE nearby < 3
), numbered AS (
	SELECT *, lag(fd) OVER number AS fd_1, lag(at_ns) OVER number AS at_1_ns, lag(socket_id) OVER number AS socket_1_id,
		lag(fd, 2) OVER number AS fd_2, lag(at_ns, 2) OVER number AS at_2_ns, lag(socket_id, 2) OVER number AS socket_2_id,
		lead(fd) OVER number AS fd_3, lead(at_ns) OVER number AS at_3_ns, lead(socket_id) OVER number AS socket_3_id,
		lead(fd, 2) OVER number AS fd_4, lead(at_ns, 2) OVER number AS at_4_ns, lead(socket_id, 2) OVER number AS socket_4_id
	FROM closes
	WINDOW number AS (PARTITION BY process_id ORDER BY at_ns)
), looped AS MATERIALIZED (
	-- One of at least three numbers, few apart, that were closed within 1 ms one after another: the two closes before, the two after, or one of each.
	SELECT stale_id, fd, socket_2_id AS one_id, at_2_ns AS one_ns, socket_1_id AS two_id, at_1_ns AS two_ns FROM numbered
	WHERE stale_id IS NOT NULL AND fd_2 < fd_1 AND fd_1 < fd AND fd_2 >= fd - 8 AND at_2_ns >= at_ns - 1000000
	UNION ALL
	SELECT stale_id, fd, socket_3_id, at_3_ns, socket_4_id, at_4_ns FROM numbered
	WHERE stale_id IS NOT NULL AND fd_3 > fd AND fd_4 > fd_3 AND fd_4 <= fd + 8 AND at_4_ns <= at_ns + 1000000
	UNION ALL
	SELECT stale_id, fd, socket_1_id, at_1_ns, socket_3_id, at_3_ns FROM numbered
	WHERE stale_id IS NOT NULL AND fd_1 < fd AND fd_3 > fd AND fd_3 <= fd_1 + 8 AND at_3_ns <= at_1_ns + 1000000
), hit AS (
	-- Used once more after its close, or in use at that moment.
	SELECT socket_id FROM socket WHERE stale_ns IS NOT NULL
	UNION
	SELECT socket_id FROM socket WHERE unreturned_start_ns < closed_ns AND how_ended = 'close'
	UNION
	SELECT socket_id FROM socket WHERE longest_start_ns + longest_ns >= closed_ns + 100000000 AND longest_start_ns < closed_ns AND how_ended = 'close'
), closing AS MATERIALIZED (
	-- The call that really closed it.
	SELECT s.socket_id, s.process_id, s.fd, s.opened_ns, s.closed_ns, s.caller_id, c.start_ns, c.thread_id, c.caller_id AS close_caller_id, s.thread_id AS owner_id
	FROM hit h
	CROSS JOIN socket s ON s.socket_id = h.socket_id
	CROSS JOIN call c ON c.socket_id = s.socket_id AND c.start_ns BETWEEN s.closed_ns - 1000000 AND s.closed_ns -- CROSS: the few sockets come first
	JOIN call_kind k ON k.call_kind_id = c.call_kind_id
	WHERE k.effect = 'close' AND c.result = 0
), tenancy AS MATERIALIZED (
	-- Who had each number, one after another.
	SELECT q.socket_id, q.process_id, q.fd, q.opened_ns, q.closed_ns, row_number() OVER (PARTITION BY q.process_id, q.fd ORDER BY q.opened_ns) AS place
	FROM (SELECT DISTINCT process_id FROM closing) p
	CROSS JOIN span q ON q.process_id = p.process_id
), back AS (
	-- Of those who had a number before, so many are looked at: with all of them, time would grow with their square.
	SELECT column1 AS places FROM (VALUES (1), (2), (3), (4), (5), (6), (7), (8))
), wrong AS (
	-- A thread closed a socket that it had neither made nor used, on the number of one that it had: it meant that one, and hit the new owner, who stood in a
	-- call on it or found the number closed.
	SELECT n.socket_id, n.start_ns, n.close_caller_id, n.process_id, n.fd, max(b.socket_id) AS before_id, q.closed_ns AS before_closed_ns,
		EXISTS (SELECT 1 FROM call c WHERE c.socket_id = b.socket_id AND c.thread_id = n.thread_id AND c.start_ns BETWEEN q.closed_ns - 1000000 AND q.closed_ns
			AND c.result = 0 AND c.call_kind_id IN (SELECT call_kind_id FROM call_kind WHERE effect = 'close')) AS twice
	FROM closing n
	JOIN tenancy m ON m.socket_id = n.socket_id AND m.process_id = n.process_id AND m.fd = n.fd
	CROSS JOIN back
	CROSS JOIN tenancy q ON q.process_id = n.process_id AND q.fd = n.fd AND q.place = m.place - back.places
		AND q.socket_id <> n.socket_id AND q.closed_ns <= n.opened_ns AND q.closed_ns > n.opened_ns - 10000000000
	CROSS JOIN socket b ON b.socket_id = q.socket_id
	WHERE n.thread_id IS NOT n.owner_id
		AND NOT EXISTS (SELECT 1 FROM call c WHERE c.socket_id = n.socket_id AND c.thread_id = n.thread_id AND c.start_ns <> n.start_ns AND c.errno IS NOT 9)
		AND NOT EXISTS (SELECT 1 FROM ready_row r WHERE r.socket_id = n.socket_id AND r.thread_id = n.thread_id)
		AND (b.thread_id = n.thread_id OR EXISTS (SELECT 1 FROM call c JOIN call_kind k ON k.call_kind_id = c.call_kind_id
			WHERE c.socket_id = b.socket_id AND c.thread_id = n.thread_id AND k.effect <> 'close' AND c.errno IS NOT 9))
	GROUP BY n.socket_id
)
SELECT s.socket_id, 'warning' AS severity, s.process_id, NULL AS holder_id, NULL AS holder_process_id, c.start_ns AS call_start_ns, c.caller_id,
	s.stale_ns - s.closed_ns AS duration_ns, s.stale_close_count AS count,
	'fd ' || coalesce(c.fd, s.fd) || ' was closed again ' || DURATION{s.stale_ns - s.closed_ns} || ' after its close (EBADF)'
	|| CASE WHEN (SELECT count(*) FROM thread t WHERE t.process_id = s.process_id) > 1 THEN '; the program has threads: next time the number may be another''s' ELSE '' END AS message
FROM stale s
LEFT JOIN call c ON c.socket_id = s.socket_id AND c.start_ns >= s.stale_ns AND c.errno = 9 AND c.call_kind_id IN (SELECT call_kind_id FROM call_kind WHERE effect = 'close')
WHERE s.nearby < 3 AND s.socket_id NOT IN (SELECT socket_id FROM wrong)
	-- A loop over all numbers (closefrom by hand) closes what is open and what is not, all from one place.
	AND NOT EXISTS (SELECT 1 FROM looped l WHERE l.stale_id = s.socket_id AND coalesce(c.fd, s.fd) = l.fd
		AND (l.one_id IS NULL OR (SELECT o.caller_id FROM call o WHERE o.socket_id = l.one_id AND o.start_ns = l.one_ns) IS c.caller_id)
		AND (l.two_id IS NULL OR (SELECT o.caller_id FROM call o WHERE o.socket_id = l.two_id AND o.start_ns = l.two_ns) IS c.caller_id))
	AND s.process_id IS coalesce((SELECT t.process_id FROM thread t WHERE t.thread_id = c.thread_id), s.process_id)
GROUP BY s.socket_id
UNION ALL
SELECT w.socket_id, 'error', w.process_id, w.before_id, w.process_id, w.start_ns, w.close_caller_id, NULL, 1,
	'closed by mistake: fd ' || w.fd || ' had been s' || w.before_id || CASE WHEN w.twice THEN ', was closed a second time ' ELSE ', which another thread had closed, was closed once more ' END
	|| DURATION{w.start_ns - w.before_closed_ns} || ' later, and by then was this socket of another thread'
FROM wrong w;
