-- @rule BLOCKED
-- @severity warning
-- @explanation One call took most of the socket's life: the program stood still in it.
-- @remedy See who was at work meanwhile: a computing peer must become faster, or be asked without waiting; nobody at work on either side is a deadlock.
-- @without_calls does not see a deadlock that a signal ended
-- @suspect SELECT 1 FROM socket WHERE longest_ns >= 1000000000 UNION ALL SELECT 1 FROM socket WHERE unreturned_start_ns IS NOT NULL
WITH long AS (
	-- A call that returned, and one that never did.
	SELECT s.socket_id, s.longest_start_ns AS start_ns, s.longest_ns AS duration_ns, s.longest_kind_id AS kind_id, 0 AS unreturned
	FROM socket s
	WHERE s.longest_ns >= 1000000000 AND s.listening_ns IS NULL
		AND s.longest_ns * 2 >= coalesce(s.closed_ns, (SELECT end_ns FROM trace)) - s.opened_ns
	UNION ALL
	SELECT s.socket_id, s.unreturned_start_ns, coalesce(s.closed_ns, (SELECT end_ns FROM trace)) - s.unreturned_start_ns, s.unreturned_kind_id, 1
	FROM socket s
	WHERE s.unreturned_start_ns IS NOT NULL AND s.listening_ns IS NULL
		AND coalesce(s.closed_ns, (SELECT end_ns FROM trace)) - s.unreturned_start_ns >= 1000000000
), judged AS (
	SELECT l.*, k.name, k.effect, s.process_id, s.opened_ns, s.origin, s.type, s.peer_id, s.remote_id, p.process_id AS peer_process_id, p.origin AS peer_origin,
		p.opened_ns AS peer_opened_ns, p.accept_wait_ns AS peer_accept_wait_ns, s.connect_errno,
		coalesce(s.closed_ns, (SELECT end_ns FROM trace)) - s.opened_ns AS life_ns,
		l.start_ns + l.duration_ns AS end_ns,
		s.first_send_ns < l.start_ns AS asked,
		-- The peer had the last word before.
		(SELECT ck.effect = 'receive' FROM call c JOIN call_kind ck USING (call_kind_id) WHERE c.socket_id = s.socket_id AND c.start_ns < l.start_ns
			AND ck.effect IN ('send', 'transfer', 'receive') AND c.result > 0 ORDER BY c.start_ns DESC LIMIT 1) AS answered,
		-- Each waits for the other: the peer stood in a receive as well for most of the time, and either the client's last word was never answered, or
		-- nobody has ever said anything. (After an answer it is rest: a chat in which nobody speaks.)
		pk.effect = 'receive' AND p.unreturned_start_ns <= l.start_ns + l.duration_ns / 2
			AND (s.sent_bytes = 0 AND p.sent_bytes = 0 OR s.origin = 'socket' AND s.last_send_ns > coalesce(s.last_receive_ns, 0)
				OR p.origin = 'socket' AND p.last_send_ns > coalesce(p.last_receive_ns, 0)) AS deadlock,
		-- The same, seen from a call that a signal ended (Ctrl-C, alarm), or the program's death: nothing came in it, nor after it, and the peer stood in
		-- a receive for nearly as long.
		(l.unreturned OR l.start_ns + l.duration_ns > coalesce(s.last_receive_ns, 0) AND (SELECT c.errno FROM call c WHERE c.socket_id = s.socket_id AND c.start_ns = l.start_ns) = 4)
			AND s.origin = 'socket' AND (s.sent_bytes = 0 AND p.sent_bytes = 0 OR s.last_send_ns > coalesce(s.last_receive_ns, 0))
			AND (SELECT effect FROM call_kind WHERE call_kind_id = p.longest_kind_id) = 'receive' AND p.longest_start_ns <= l.start_ns + l.duration_ns / 2
			AND p.longest_start_ns + p.longest_ns >= l.start_ns + l.duration_ns * 9 / 10 AS stood_alike,
		-- Both send, and neither reads: the peer's call began before this one was half over, and lasted for as long again.
		(pk.effect IN ('send', 'transfer') AND p.unreturned_start_ns <= l.start_ns + l.duration_ns / 2
			OR (SELECT effect FROM call_kind WHERE call_kind_id = p.longest_kind_id) IN ('send', 'transfer') AND p.longest_start_ns <= l.start_ns + l.duration_ns / 2
				AND p.longest_start_ns + p.longest_ns >= l.start_ns + l.duration_ns * 9 / 10) AS both_send,
		-- When the last process that used the other end let go of it.
		(SELECT max(coalesce(sp.closed_ns, 9223372036854775807)) FROM span sp WHERE sp.socket_id = s.peer_id AND sp.calls > 0) AS peer_released_ns,
		EXISTS (SELECT 1 FROM span d JOIN span u ON u.socket_id = d.socket_id AND u.process_id = d.process_id AND u.calls > 0
			WHERE d.socket_id = s.peer_id AND d.opened_by = 'dup' AND d.calls = 0 AND (d.closed_ns IS NULL OR d.closed_ns >= l.start_ns + l.duration_ns / 2)) AS peer_duplicated,
		-- What the other end did in the meantime: when it had read the last of the question, when it began to answer.
		(SELECT max(c.start_ns + c.duration_ns) FROM call c JOIN call_kind ck USING (call_kind_id)
			WHERE c.socket_id = s.peer_id AND c.start_ns BETWEEN l.start_ns - 60000000000 AND l.start_ns + l.duration_ns AND ck.effect = 'receive' AND c.result > 0) AS read_ns,
		(SELECT min(c.start_ns) FROM call c JOIN call_kind ck USING (call_kind_id)
			WHERE c.socket_id = s.peer_id AND c.start_ns BETWEEN l.start_ns AND l.start_ns + l.duration_ns AND ck.effect IN ('send', 'transfer') AND c.result > 0) AS answer_ns
	FROM long l
	JOIN socket s ON s.socket_id = l.socket_id
	JOIN call_kind k ON k.call_kind_id = l.kind_id
	LEFT JOIN socket p ON p.socket_id = s.peer_id
	LEFT JOIN call_kind pk ON pk.call_kind_id = p.unreturned_kind_id
), answered AS (
	SELECT j.*, (SELECT a.thread_id FROM call a WHERE a.socket_id = j.peer_id AND a.start_ns = j.answer_ns) AS answer_thread_id FROM judged j
), attributed AS (
	-- What the thread that spoke next did until then: it stood for most of the time in a call on another socket, or waited for anything to happen.
	SELECT j.*,
		(SELECT u.socket_id FROM socket u JOIN call w ON w.socket_id = u.socket_id AND w.start_ns = u.longest_start_ns
			WHERE u.longest_ns >= 1000000000 AND u.longest_ns * 2 > j.duration_ns AND u.longest_start_ns BETWEEN j.start_ns AND j.answer_ns
				AND u.socket_id NOT IN (j.socket_id, j.peer_id) AND w.thread_id = j.answer_thread_id LIMIT 1) AS peer_waits_for_id,
		coalesce((SELECT sum(min(w.start_ns + w.duration_ns, j.answer_ns) - max(w.start_ns, j.start_ns)) FROM call w JOIN call_kind wk USING (call_kind_id)
			WHERE w.socket_id IN (0, j.peer_id) AND w.start_ns BETWEEN j.start_ns - 1000000000 AND j.answer_ns AND w.start_ns + w.duration_ns > j.start_ns
				AND wk.effect IN ('wait', 'receive') AND w.thread_id = j.answer_thread_id) * 2 > j.duration_ns, 0) AS peer_waited
	FROM answered j
)
SELECT j.socket_id,
	CASE
		WHEN j.effect = 'receive' AND j.deadlock OR j.effect IN ('send', 'transfer') AND j.both_send THEN 'error'
		WHEN j.effect = 'receive' AND j.stood_alike THEN 'warning'
		WHEN j.effect = 'receive' AND (NOT coalesce(j.asked, 0) OR j.answered AND (j.peer_waited OR j.peer_id IS NULL) OR j.unreturned) THEN 'info'
		ELSE 'warning'
	END AS severity,
	j.process_id, j.peer_id AS holder_id, j.peer_process_id AS holder_process_id, j.start_ns AS call_start_ns, c.caller_id, j.duration_ns, 1 AS count,
	j.name || CASE WHEN j.unreturned THEN ' had not returned after ' ELSE ' took ' END || DURATION{j.duration_ns} || ' = '
	|| min(100, CAST(round(100.0 * j.duration_ns / max(j.life_ns, 1)) AS INTEGER)) || '% of its life; '
	|| CASE
		WHEN j.effect = 'receive' AND (j.deadlock OR j.stood_alike) THEN 'the peer s' || j.peer_id || ' stood in a receive as well: each waited for the other'
		WHEN j.effect = 'connect' AND j.unreturned THEN 'the connection was not answered'
		WHEN j.effect = 'connect' THEN 'the connection was answered late'
		WHEN j.effect IN ('send', 'transfer') AND j.both_send THEN 'the peer s' || j.peer_id || ' stood in a send as well: each waited for the other to read'
		WHEN j.effect IN ('send', 'transfer') AND j.peer_id IS NULL THEN 'the peer, which is not in the trace, or the network took the data slowly'
		WHEN j.effect IN ('send', 'transfer') THEN 'the peer s' || j.peer_id || ' did not read'
		WHEN j.peer_released_ns < j.end_ns - j.duration_ns / 2 AND j.type = 2 THEN 'the peer s' || j.peer_id || ' had been closed, of which a datagram socket is not told'
		WHEN j.peer_released_ns < j.end_ns - j.duration_ns / 2 THEN 'the peer''s program had closed s' || j.peer_id || ', but ' || CASE WHEN j.peer_duplicated THEN 'another descriptor of it (dup) still held it' ELSE 'another process still held it (see INHERITED)' END
		WHEN c.result = 0 AND j.peer_id IS NOT NULL THEN 'it waited for the end, not for data: the peer s' || j.peer_id || ' had no more to say, and did not close until then'
		WHEN j.peer_id IS NULL AND j.type = 2 AND j.remote_id IS NULL THEN 'it is not connected: whoever might have sent is not known'
		WHEN j.peer_id IS NULL THEN 'the peer is not in the trace: network or peer, that is not known'
		WHEN NOT coalesce(j.asked, 0) THEN 'this side had asked nothing, and the peer s' || j.peer_id || ' said nothing'
		WHEN j.answered AND j.peer_waited THEN 'it had had an answer before; the peer s' || j.peer_id || ' had nothing to say, and waited as well'
		WHEN j.read_ns IS NULL AND coalesce(j.asked, 0) THEN 'the peer s' || j.peer_id || ' did not read the question'
		WHEN coalesce(j.answer_ns, j.end_ns) - max(coalesce(j.read_ns, j.start_ns), j.start_ns) > j.duration_ns / 2 THEN 'the peer s' || j.peer_id || CASE
			WHEN j.peer_waits_for_id IS NOT NULL THEN ' had read the question, and waited for s' || j.peer_waits_for_id || ' itself'
			WHEN j.peer_waited THEN ' had read the question, and waited itself for something to happen'
			ELSE ' was computing, not the network' END
		WHEN j.read_ns - j.start_ns > j.duration_ns / 2 THEN 'the peer s' || j.peer_id || ' read the question only after ' || DURATION{j.read_ns - j.start_ns}
		ELSE 'the network and the kernel took most of it'
	END AS message
FROM attributed j
LEFT JOIN call c ON c.socket_id = j.socket_id AND c.start_ns = j.start_ns
WHERE j.effect IN ('receive', 'send', 'transfer', 'connect')
	-- An accepted socket that waits for the next request is a server at rest.
	AND (j.effect <> 'receive' OR j.origin <> 'accept' OR j.unreturned AND j.deadlock)
	-- Dropped by a full queue: SLOW_ACCEPT tells it.
	AND NOT coalesce(j.effect = 'connect' AND NOT j.unreturned AND j.peer_origin = 'accept' AND j.duration_ns >= 900000000, 0)
	-- What failed is told by REFUSED, TIMEOUT and UNREACHABLE; what stood in the accept queue by SLOW_ACCEPT.
	AND (j.effect <> 'connect' OR j.connect_errno IS NULL)
	AND NOT (j.effect IN ('receive', 'connect') AND coalesce(c.errno, 0) IN (4, 11) AND NOT coalesce(j.stood_alike, 0))
	-- Nor does a call stand still that the thread left by a jump out of a signal's handler: it has closed the socket since.
	AND NOT (j.unreturned AND EXISTS (SELECT 1 FROM call x WHERE x.socket_id = j.socket_id AND x.start_ns >= j.end_ns - 1000000 AND x.thread_id = c.thread_id AND x.result = 0))
	AND NOT coalesce(j.effect = 'receive' AND NOT j.unreturned AND j.peer_origin = 'accept' AND j.peer_accept_wait_ns >= 100000000 AND j.peer_opened_ns - j.start_ns > j.duration_ns / 2, 0)
	-- A long text on its way to a peer that reads all the time is no standstill.
	AND NOT (j.effect IN ('send', 'transfer') AND EXISTS (SELECT 1 FROM call r JOIN call_kind rk USING (call_kind_id)
		WHERE r.socket_id = j.peer_id AND r.start_ns BETWEEN j.start_ns + j.duration_ns / 4 AND j.end_ns - j.duration_ns / 4 AND rk.effect = 'receive' AND r.result > 0))
GROUP BY j.socket_id, j.start_ns;
