-- @rule SLOW_ACCEPT
-- @severity warning
-- @explanation Connections stood finished in the listener's queue, and the server took long to accept them.
-- @remedy Accept in a thread or event loop of its own; do not work between two accepts; raise the backlog if connects are dropped as well.
-- @suspect SELECT 1 FROM socket WHERE accept_wait_ns >= 100000000 OR connect_ns >= 900000000
WITH queued AS (
	SELECT a.socket_id, a.process_id, a.parent_id, a.fd, a.caller_id, a.opened_ns, a.accept_wait_ns, a.opened_ns - a.accept_wait_ns AS since_ns,
		-- The end of the wait that the listener's side was in when the connection came: a busy machine may have woken it late.
		(SELECT w.start_ns + w.duration_ns FROM ready_row r JOIN call w ON w.socket_id IN (0, r.socket_id) AND w.start_ns = r.start_ns AND w.thread_id = r.thread_id
			WHERE r.socket_id = a.parent_id AND r.start_ns <= a.opened_ns - a.accept_wait_ns AND r.events <> 0 ORDER BY r.start_ns DESC LIMIT 1) AS woken_ns
	FROM socket a
	WHERE a.accept_wait_ns >= 100000000
), late AS (
	-- Only where accept was called late: a call that stood in accept already was not slow.
	SELECT q.* FROM queued q
	WHERE EXISTS (SELECT 1 FROM call c WHERE c.socket_id = q.parent_id AND c.start_ns + c.duration_ns = q.opened_ns
			AND c.start_ns BETWEEN max(q.since_ns, coalesce(q.woken_ns, 0)) + 100000000 AND q.opened_ns)
		OR NOT EXISTS (SELECT 1 FROM call c WHERE c.socket_id = q.parent_id)
), slow AS (
	SELECT a.parent_id AS listener_id, a.socket_id, a.process_id, a.opened_ns, a.caller_id, max(a.accept_wait_ns) AS longest_ns, count(*) AS count
	FROM late a
	GROUP BY a.parent_id
	HAVING count(*) > 1 OR max(a.accept_wait_ns) >= 200000000 -- one that was just late is the machine's doing
), worst AS MATERIALIZED (
	-- The longest wait of each listener, and who ended it.
	SELECT w.listener_id, a.process_id, a.opened_ns - a.accept_wait_ns AS since_ns, a.opened_ns AS until_ns, w.longest_ns,
		(SELECT c.thread_id FROM call c WHERE c.socket_id = w.listener_id AND c.start_ns BETWEEN a.opened_ns - a.accept_wait_ns AND a.opened_ns AND c.start_ns + c.duration_ns = a.opened_ns) AS thread_id
	FROM slow w
	JOIN socket a ON a.socket_id = w.socket_id
), act AS (
	-- What that thread did meanwhile.
	SELECT w.listener_id, w.since_ns, s.socket_id, c.start_ns, c.start_ns + coalesce(c.duration_ns, 0) AS end_ns, c.site_id
	FROM worst w
	CROSS JOIN (SELECT 0 AS socket_id, NULL AS process_id, NULL AS opened_ns, NULL AS closed_ns UNION ALL SELECT socket_id, process_id, opened_ns, closed_ns FROM socket) s
		ON s.socket_id = 0 OR s.opened_ns <= w.until_ns AND coalesce(s.closed_ns, w.since_ns) >= w.since_ns
	CROSS JOIN call_row c ON c.socket_id = s.socket_id AND c.start_ns BETWEEN w.since_ns - 5000000000 AND w.until_ns AND c.thread_id = w.thread_id
		AND c.start_ns + coalesce(c.duration_ns, 0) > w.since_ns
), stay AS (
	SELECT a.listener_id, a.end_ns - max(a.start_ns, a.since_ns) AS stay_ns, a.socket_id, a.site_id FROM act a
	UNION ALL
	SELECT a.listener_id, a.start_ns - max(a.since_ns, coalesce(max(a.end_ns) OVER (PARTITION BY a.listener_id ORDER BY a.start_ns ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0)), NULL, NULL
	FROM act a
), longest AS (
	SELECT t.listener_id, max(t.stay_ns) AS stay_ns, t.socket_id, t.site_id, (SELECT coalesce(sum(o.stay_ns), 0) FROM stay o WHERE o.listener_id = t.listener_id AND o.stay_ns >= 100000000) AS away_ns
	FROM stay t GROUP BY t.listener_id
), dropped AS (
	SELECT l.socket_id AS listener_id, c.socket_id, c.process_id, c.connecting_ns, c.caller_id, max(c.connected_ns - c.connecting_ns) AS longest_ns, count(*) AS count
	FROM socket c
	JOIN socket a ON a.socket_id = c.peer_id AND a.origin = 'accept'
	JOIN socket l ON l.socket_id = a.parent_id
	WHERE c.connecting_ns IS NOT NULL AND c.connected_ns - c.connecting_ns >= 900000000 AND c.connect_proof = 'connect' AND c.connect_ns >= 900000000
		AND l.listening_ns <= c.connecting_ns AND c.type = 1
	GROUP BY l.socket_id
), either AS (
	SELECT listener_id FROM slow UNION SELECT listener_id FROM dropped
)
SELECT l.socket_id,
	-- Long stays elsewhere are the server's doing; nothing but short calls for other connections is the load's, or a busy machine's.
	CASE WHEN d.listener_id IS NULL AND t.away_ns * 2 < w.longest_ns AND w.longest_ns < 1000000000 THEN 'info' ELSE 'warning' END AS severity,
	l.process_id, coalesce(w.socket_id, d.socket_id) AS holder_id, coalesce(w.process_id, d.process_id) AS holder_process_id,
	coalesce(w.opened_ns, d.connecting_ns) AS call_start_ns, CASE WHEN w.listener_id IS NULL THEN d.caller_id ELSE w.caller_id END AS caller_id,
	max(coalesce(w.longest_ns, 0), coalesce(d.longest_ns, 0)) AS duration_ns, max(coalesce(w.count, 0), coalesce(d.count, 0)) AS count,
	coalesce(w.count || ' of ' || l.accepted_count || ' connections waited more than 0.1 s in the accept queue, at most ' || round(w.longest_ns / 1e9, 3) || ' s (s' || w.socket_id || ')'
		|| CASE
			WHEN t.listener_id IS NULL THEN ''
			WHEN t.away_ns * 2 < w.longest_ns THEN ', while the server was busy with other connections'
			WHEN t.site_id IS NULL THEN ', while the server did something else for ' || DURATION{t.stay_ns}
			ELSE ', while the server stood in ' || k.name || CASE WHEN t.socket_id > 0 THEN ' on s' || t.socket_id ELSE '' END || ' for ' || DURATION{t.stay_ns}
		END || '; ', '')
	|| coalesce(d.count || CASE d.count WHEN 1 THEN ' connect' ELSE ' connects' END || ' took a second or more (s' || d.socket_id || ': ' || round(d.longest_ns / 1e9, 3)
		|| ' s): the queue was full and packets were dropped; ', '')
	|| 'backlog ' || coalesce(l.backlog, 'not known') AS message
FROM either e
JOIN socket l ON l.socket_id = e.listener_id
LEFT JOIN slow w ON w.listener_id = e.listener_id
LEFT JOIN dropped d ON d.listener_id = e.listener_id
LEFT JOIN longest t ON t.listener_id = e.listener_id
LEFT JOIN site i ON i.site_id = t.site_id
LEFT JOIN call_kind k ON k.call_kind_id = i.call_kind_id;
