-- @rule LEAK
-- @severity error
-- @explanation A socket was no longer used, yet never closed, while others like it were closed or more and more were opened: the program forgot it.
-- @remedy Close the socket on every way out of the code that uses it, also after an error.
-- @suspect SELECT 1 FROM socket WHERE how_ended IN ('exit', 'killed', 'open') AND listening_ns IS NULL
--   UNION ALL SELECT 1 FROM socket s JOIN process p ON p.process_id = s.closed_by_id WHERE s.how_ended = 'close' AND p.ended_ns - s.closed_ns < 500000000
--
-- Not a leak: a listener that is open until the end, a connection still in use, or one whose peer left as the program was ending. Nor where records
-- found no room after its last use: its close may be among them.
WITH unclosed AS MATERIALIZED (
	SELECT s.socket_id, coalesce(s.closed_by_id, s.process_id) AS keeper_id, s.process_id, s.closed_by_id, s.origin, s.caller_id, coalesce(s.parent_id, s.remote_id, 0) AS kind, s.fd, s.opened_ns, s.how_ended, s.peer_id,
		coalesce(s.closed_ns, (SELECT end_ns FROM trace)) AS end_ns,
		max(s.opened_ns, coalesce(s.connecting_ns, 0), coalesce(s.last_activity_ns, 0), coalesce(s.last_send_ns, 0), coalesce(s.eof_ns, 0), coalesce(s.reset_ns, 0)) AS used_ns,
		s.connect_errno IS NOT NULL AND s.connected_ns IS NULL AS failed, s.eof_ns,
		-- Not left to a child, which ends with it.
		coalesce(s.closed_by_id, s.process_id) IS s.process_id
			OR EXISTS (SELECT 1 FROM span n WHERE n.socket_id = s.socket_id AND n.process_id = s.closed_by_id AND n.opened_by = 'passed') AS own,
		-- When this side could know that nothing more will come.
		min(coalesce(s.eof_ns, s.reset_ns, p.closed_ns), coalesce(s.reset_ns, s.eof_ns, p.closed_ns), coalesce(p.closed_ns, s.eof_ns, s.reset_ns)) AS dead_ns
	FROM socket s
	-- Closed as the program ended (an interpreter's last act: in the last tenth of its time, between 100 and 500 ms) counts as not closed where
	-- the peer was gone for longer than that. Other programs close in time what they close themselves, be it at their end.
	LEFT JOIN (SELECT process_id, ended_ns, min(500000000, max(100000000, (ended_ns - started_ns) / 10)) AS last_act_ns FROM process
			WHERE end_cause <> 'exec' AND (executable GLOB '*/python*' OR executable GLOB '*/pypy*' OR executable GLOB '*/perl*' OR executable GLOB '*/ruby*' OR executable GLOB '*/php*'
				OR executable GLOB '*/lua*' OR executable GLOB '*/node*')) e
		ON e.process_id = s.closed_by_id AND s.how_ended = 'close'
	LEFT JOIN socket p ON p.socket_id = s.peer_id AND s.type IN (1, 5) AND p.closed_ns < coalesce(s.closed_ns, (SELECT end_ns FROM trace))
	WHERE (s.how_ended IN ('exit', 'killed', 'open') OR e.ended_ns - s.closed_ns < e.last_act_ns) -- before the peer is looked up
		AND (s.how_ended IN ('exit', 'killed', 'open') OR e.ended_ns - s.closed_ns < e.last_act_ns AND coalesce(s.eof_ns, p.closed_ns) < s.closed_ns - e.last_act_ns)
		AND s.origin IN ('socket', 'accept', 'socketpair') AND s.listening_ns IS NULL
		AND s.domain IN (1, 2, 10) AND (s.bound_ns IS NULL OR s.connecting_ns IS NOT NULL) AND s.unreturned_start_ns IS NULL
		AND coalesce(s.closed_ns, (SELECT end_ns FROM trace)) > s.opened_ns
), alike AS MATERIALIZED (
	SELECT coalesce(s.closed_by_id, s.process_id) AS keeper_id, s.origin, s.caller_id, coalesce(s.parent_id, s.remote_id, 0) AS kind,
		count(*) AS count, sum(s.how_ended IN ('close', 'dup2')) AS closed_count,
		sum(s.how_ended IN ('close', 'dup2') AND s.eof_ns IS NULL) AS closed_first_count,
		max(s.opened_ns) AS last_opened_ns, max(CASE WHEN s.how_ended IN ('close', 'dup2') THEN s.opened_ns END) AS last_closed_opened_ns
	FROM socket s
	WHERE EXISTS (SELECT 1 FROM unclosed) AND (coalesce(s.closed_by_id, s.process_id), s.origin) IN (SELECT keeper_id, origin FROM unclosed) AND s.listening_ns IS NULL
	GROUP BY 1, 2, 3, 4
), judged AS (
	SELECT u.*, a.closed_count, a.closed_first_count, a.count,
		max(u.used_ns, coalesce(u.dead_ns, 0)) AS idle_since_ns,
		-- Dead and kept: later ones of its kind were made and closed, or half a second went by.
		u.dead_ns IS NOT NULL AND (u.own AND (a.last_closed_opened_ns > max(u.dead_ns, u.used_ns) OR a.last_opened_ns > max(u.dead_ns, u.used_ns) + 50000000)
			OR u.how_ended <> 'close' AND u.end_ns - max(u.dead_ns, u.used_ns) >= 500000000) AS dead,
		-- Dead and kept, while new ones were made. One may be work in progress; three are a habit.
		u.dead_ns IS NOT NULL AND u.own AND a.last_opened_ns > max(u.dead_ns, u.used_ns) AND u.end_ns - max(u.dead_ns, u.used_ns) >= 50000000 AS forgotten,
		-- Never used again, while new ones were made for the same purpose.
		u.own AND a.last_opened_ns > u.used_ns AS abandoned
	FROM unclosed u
	JOIN alike a ON a.keeper_id IS u.keeper_id AND a.origin = u.origin AND a.caller_id IS u.caller_id AND a.kind = u.kind
), counted AS (
	SELECT j.*, sum(j.abandoned) OVER alike AS abandoned_count, sum(j.forgotten) OVER alike AS forgotten_count, sum(j.dead AND j.own) OVER alike AS dead_count,
		j.closed_count - sum(j.how_ended = 'close') OVER alike AS closed_in_time_count, sum(j.abandoned AND j.dead_ns IS NULL AND NOT j.failed) OVER alike AS alive_count,
		-- Read their end of data, were not used again, and stayed open for a while all the same.
		sum(j.origin = 'accept' AND j.own AND j.how_ended <> 'close' AND j.eof_ns >= j.used_ns AND j.end_ns - j.eof_ns >= 50000000) OVER alike AS finished_count
	FROM judged j
	WINDOW alike AS (PARTITION BY j.keeper_id, j.origin, j.caller_id, j.kind)
), found AS (
	SELECT c.*,
		CASE
			WHEN c.forgotten_count >= 3 THEN 0
			WHEN c.finished_count >= 2 AND c.eof_ns >= c.used_ns THEN 0
			WHEN c.dead AND (c.origin = 'accept' OR c.closed_count > 0 OR c.count > 2) THEN 0
			WHEN c.origin = 'socket' AND c.abandoned AND (c.failed OR c.closed_count > 0 OR c.kind = 0 AND c.abandoned_count > 1) THEN 0
			ELSE 1
		END AS rank
	FROM counted c
	WHERE NOT EXISTS (SELECT 1 FROM missing m WHERE m.reason = 'dropped' AND m.process_id = c.keeper_id AND coalesce(m.to_ns, 9223372036854775807) >= c.used_ns)
		AND (c.finished_count >= 2 AND c.eof_ns >= c.used_ns AND c.own AND c.how_ended <> 'close'
		OR c.forgotten AND c.forgotten_count >= 3
		-- Where others are known to be forgotten, the last ones are as well.
		OR (c.forgotten_count >= 3 OR c.dead_count >= 2) AND c.dead_ns IS NOT NULL AND c.own AND c.how_ended <> 'close' AND c.origin <> 'socketpair' AND c.end_ns - c.idle_since_ns >= 50000000
		OR (c.origin = 'accept' OR c.origin = 'socket' AND c.how_ended <> 'close') AND c.dead AND (c.origin = 'accept' OR c.closed_count > 0 OR c.count > 2)
		OR c.origin = 'socket' AND c.how_ended <> 'close' AND (c.abandoned AND (c.failed OR c.closed_count > 0 OR c.abandoned_count >= 3)
			OR c.abandoned_count >= 3 AND c.dead_ns IS NULL
			-- Open at an orderly exit although the program closed the others on its own account.
			OR c.how_ended = 'exit' AND c.end_ns - c.idle_since_ns >= 50000000 AND c.closed_first_count > 0 AND c.closed_first_count * 2 >= c.count)
		OR c.origin = 'accept' AND c.abandoned AND c.dead_ns IS NULL AND (c.closed_count = 0 AND c.alive_count >= 20
			OR c.peer_id IS NULL AND c.closed_first_count >= 2 AND c.closed_first_count * 2 >= c.count AND c.how_ended = 'exit'))
)
SELECT c.socket_id,
	-- The same code is to blame for all of them, so that they weigh the same.
	CASE min(c.rank) OVER (PARTITION BY c.keeper_id, c.origin, c.caller_id, c.kind) WHEN 0 THEN 'error' ELSE 'warning' END AS severity,
	coalesce(c.closed_by_id, c.process_id) AS process_id, c.peer_id AS holder_id,
	(SELECT process_id FROM socket WHERE socket_id = c.peer_id) AS holder_process_id,
	c.opened_ns AS call_start_ns, c.caller_id, c.end_ns - c.idle_since_ns AS duration_ns, 1 AS count,
	'fd ' || coalesce((SELECT max(n.fd) FROM span n WHERE n.socket_id = c.socket_id AND n.process_id = c.closed_by_id AND n.closed_ns = c.end_ns), c.fd) || CASE c.how_ended WHEN 'exit' THEN ' open at exit' WHEN 'killed' THEN ' open when the program was killed' WHEN 'close' THEN ' closed only as the program ended' ELSE ' still open' END
	|| ', ' || DURATION{c.end_ns - c.opened_ns} || ' after ' || CASE c.origin WHEN 'socket' THEN 'socket()' ELSE c.origin END
	|| CASE WHEN c.failed THEN '; its connect had failed' WHEN c.dead_ns IS NOT NULL THEN '; its peer had closed' ELSE '' END
	|| '; not used for ' || DURATION{c.end_ns - c.idle_since_ns}
	|| CASE WHEN c.closed_in_time_count > 0 THEN '; ' || c.closed_in_time_count || ' like it ' || CASE c.closed_in_time_count WHEN 1 THEN 'was' ELSE 'were' END || ' closed'
		WHEN c.count > 1 THEN '; none of the ' || c.count || ' like it was closed' ELSE '' END
	|| coalesce((SELECT '; ' || p.program || '[' || p.pid || '] had closed its copy' FROM span n JOIN process p ON p.process_id = n.process_id
		WHERE n.socket_id = c.socket_id AND n.process_id <> coalesce(c.closed_by_id, c.process_id) AND n.opened_by = 'fork' AND n.closed_by IN ('close', 'exit') AND n.calls > 0 LIMIT 1), '') AS message
FROM found c;
