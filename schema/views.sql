-- views.sql: meaning. Views over the facts of tables.sql; the terminal, JSON, CSV and a user's own sqlite3 shell all
-- read these, so that they cannot disagree. Comments as in tables.sql: `-- @view NAME: …`, then one line a column.

-- @view trace: the one row about the trace's extent.
--   start_unix_ns INTEGER: Unix time of moment 0; NULL: not known
--   end_ns INTEGER: when recording ended, or the last thing known to have happened
--   state TEXT: 'recording' or 'complete'
CREATE VIEW trace AS
SELECT (SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'start_unix_ns') AS start_unix_ns,
	coalesce((SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'end_ns'),
		(SELECT max(max(coalesce(ended_ns, started_ns)), coalesce((SELECT max(max(opened_ns, coalesce(last_activity_ns, 0), coalesce(closed_ns, 0))) FROM socket), 0)) FROM process), 0) AS end_ns,
	(SELECT value FROM meta WHERE key = 'state') AS state;

-- @view lifecycle: one row a socket: its story in short.
--   socket_id INTEGER: the socket
--   process_id INTEGER: the process that held it first; NULL: not known
--   pid INTEGER: that process's pid; NULL: not known
--   program TEXT: that process's program; NULL: not known
--   fd INTEGER: its first descriptor; NULL: not known
--   domain TEXT: 'INET', 'INET6', 'UNIX', 'NETLINK', …; 'AF_n' where no name is known
--   type TEXT: 'STREAM', 'DGRAM', 'RAW', 'SEQPACKET', …
--   protocol TEXT: 'tcp', 'udp', 'icmp', 'sctp', 'mptcp', …, the domain's name in lower case where it has no such protocols, else the number; NULL: not known
--   role TEXT: 'client', 'listener', 'accepted', 'datagram', 'pair', 'inherited' or 'unconnected'
--   local TEXT: local address; NULL: not known
--   peer TEXT: the peer's address; NULL: none, or not known
--   peer_name TEXT: the name by which the program looked the peer up; NULL: it did not
--   parent_id INTEGER: the listener it was accepted from; NULL: not accepted
--   peer_id INTEGER: the other end's socket_id; NULL: not in the trace, or not certain
--   opened_ns INTEGER: when it was made or first seen
--   bound_ns INTEGER: when it was bound; NULL: never
--   listening_ns INTEGER: when it began to listen; NULL: never
--   connected_ns INTEGER: when its connection was known to stand; NULL: never
--   closed_ns INTEGER: when its last span closed; NULL: still held
--   duration_ns INTEGER: from opened to closed; still held: to the trace's end
--   state TEXT: 'new', 'bound', 'listening', 'connecting', 'connected', 'half-closed', 'failed' (its connect) or 'closed'
--   how_ended TEXT: what closed the last span: 'close' (dup2 over it and close_range included), 'exit', 'exec', 'killed'; 'open': nothing
--   sent_bytes INTEGER: bytes the kernel took
--   received_bytes INTEGER: bytes consumed (MSG_PEEK adds none)
--   send_calls INTEGER: calls that send
--   receive_calls INTEGER: calls that receive; one that returned end of file is one
--   errors INTEGER: failed calls, not counting EAGAIN, EINPROGRESS, EINTR; and errors that SO_ERROR told, such as that of a connect in progress
--   last_error TEXT: errno name of the last of them; NULL: none
--   wait_ns INTEGER: time spent inside blocking calls
--   calls INTEGER: all recorded calls on it
--   accepted_count INTEGER: sockets accepted from it
--   backlog INTEGER: of a listener; NULL: not one
--   connect_error TEXT: errno name of the last failed attempt to connect; NULL: none failed
--   unreturned_call TEXT: a call on it that never returned, or has not yet (while recording: of those that run for 0.1 s or more); NULL: all returned
--   unreturned_ns INTEGER: time it had been running when the socket was closed, else by the trace's end; NULL: all returned
CREATE VIEW lifecycle AS
SELECT s.socket_id, s.process_id, p.pid, p.program, s.fd,
	coalesce(d.name, 'AF_' || s.domain) AS domain,
	coalesce(t.name, 'type ' || s.type) AS type,
	CASE WHEN s.domain IN (2, 10) THEN coalesce(pr.name, CAST(s.protocol AS TEXT)) ELSE lower(coalesce(d.name, 'AF_' || s.domain)) END AS protocol,
	CASE
		WHEN s.listening_ns IS NOT NULL THEN 'listener'
		WHEN s.origin = 'accept' THEN 'accepted'
		WHEN s.origin = 'socketpair' THEN 'pair'
		WHEN s.origin IN ('inherited', 'passed', 'adopted') AND s.connecting_ns IS NULL THEN 'inherited'
		WHEN s.type NOT IN (1, 5) THEN 'datagram'
		WHEN s.connecting_ns IS NOT NULL THEN 'client'
		ELSE 'unconnected'
	END AS role,
	l.text AS local, r.text AS peer,
	(SELECT n.host FROM name n WHERE n.address_host = r.host AND n.process_id = s.process_id AND n.start_ns <= s.opened_ns + coalesce(s.connecting_ns - s.opened_ns, 0)
		AND n.host <> r.host ORDER BY n.start_ns DESC LIMIT 1) AS peer_name,
	s.parent_id, s.peer_id, s.opened_ns, s.bound_ns, s.listening_ns, s.connected_ns, s.closed_ns,
	coalesce(s.closed_ns, (SELECT end_ns FROM trace), s.last_activity_ns, s.opened_ns) - s.opened_ns AS duration_ns,
	CASE
		WHEN s.closed_ns IS NOT NULL THEN 'closed'
		WHEN s.listening_ns IS NOT NULL THEN 'listening'
		WHEN s.connected_ns IS NOT NULL AND (s.eof_ns IS NOT NULL OR s.shutdown_send_ns IS NOT NULL OR s.shutdown_receive_ns IS NOT NULL) THEN 'half-closed'
		WHEN s.connected_ns IS NOT NULL THEN 'connected'
		WHEN s.connect_errno IS NOT NULL THEN 'failed'
		WHEN s.connecting_ns IS NOT NULL THEN 'connecting'
		WHEN s.bound_ns IS NOT NULL THEN 'bound'
		ELSE 'new'
	END AS state,
	CASE s.how_ended WHEN 'dup2' THEN 'close' ELSE s.how_ended END AS how_ended,
	s.sent_bytes, s.received_bytes, s.send_calls, s.receive_calls, s.errors, e.name AS last_error, s.wait_ns, s.calls,
	s.accepted_count, s.backlog, ce.name AS connect_error, k.name AS unreturned_call,
	coalesce(s.closed_ns, (SELECT end_ns FROM trace)) - s.unreturned_start_ns AS unreturned_ns
FROM socket s
LEFT JOIN process p ON p.process_id = s.process_id
LEFT JOIN address l ON l.address_id = s.local_id
LEFT JOIN address r ON r.address_id = s.remote_id
LEFT JOIN constant d ON d.kind = 'domain' AND d.number = s.domain
LEFT JOIN constant t ON t.kind = 'type' AND t.number = s.type
LEFT JOIN constant pr ON pr.kind = 'protocol' AND pr.number = s.protocol
LEFT JOIN constant e ON e.kind = 'errno' AND e.number = s.last_errno
LEFT JOIN constant ce ON ce.kind = 'errno' AND ce.number = s.connect_errno
LEFT JOIN call_kind k ON k.call_kind_id = s.unreturned_kind_id;

-- @view timeline: one row a call; while recording, calls in progress for 0.1 s or more come last.
--   socket_id INTEGER: the socket; NULL: a call on none, or a wait on several (see ready)
--   process_id INTEGER: the process that made it
--   pid INTEGER: its pid
--   tid INTEGER: its thread; NULL: not known
--   thread_name TEXT: the thread's comm; NULL: not known
--   fd INTEGER: the descriptor it was made on; NULL: it takes none
--   call TEXT: its name
--   start_ns INTEGER: entry
--   duration_ns INTEGER: time until it returned; NULL: it never did
--   result INTEGER: what it returned; NULL: it never did
--   errno TEXT: error name of a failed call; NULL: it did not fail
--   requested_bytes INTEGER: bytes asked for; NULL: not a data call, or not known
--   bytes INTEGER: bytes transferred by a successful data call; NULL: not one
--   detail TEXT: address, option, flags in words; NULL: nothing to say
--   effect TEXT: what the call means in a lifecycle (call_kind.effect)
--   flags INTEGER: flag word; NULL: none
--   caller_id INTEGER: code that made it; NULL: not known
--   sequence INTEGER: order among calls that started in the same nanosecond
--   ready_ns INTEGER: time from the start of the wait (poll, select, epoll_wait) that found the socket ready for it to its own, with no other call on the socket between; NULL: there is none (readiness has all)
--
-- Rows come socket by socket, those of one socket in the order of its calls, and at once, however many there are. (Two arms, so that
-- `WHERE socket_id = …` is a search of the clustered key and never a scan of all calls. CROSS: the calls are the outer loop, so that they keep the key's order.)
CREATE VIEW timeline AS
SELECT c.socket_id AS socket_id, t.process_id, p.pid, t.tid, t.name AS thread_name, c.fd, k.name AS call,
	c.start_ns, c.duration_ns, c.result,
	CASE WHEN c.outcome < 0 THEN coalesce(e.name, CAST(-c.outcome AS TEXT)) END AS errno,
	c.rest_bytes + coalesce(c.result, 0) AS requested_bytes,
	CASE WHEN k.effect IN ('send', 'receive', 'transfer') AND c.result >= 0 THEN coalesce(CASE WHEN x.ready_events IS NULL THEN max(c.outcome, 0) END, c.result) END AS bytes,
	d.text AS detail, k.effect, x.flags, x.caller_id, c.sequence, CASE WHEN x.ready_events IS NOT NULL THEN c.outcome END AS ready_ns
FROM call_row c
CROSS JOIN site x ON x.site_id = c.site_id
CROSS JOIN call_kind k ON k.call_kind_id = x.call_kind_id
CROSS JOIN thread t ON t.thread_id = c.thread_id
CROSS JOIN process p ON p.process_id = t.process_id
LEFT JOIN detail d ON d.detail_id = x.detail_id
LEFT JOIN constant e ON e.kind = 'errno' AND e.number = -c.outcome
WHERE c.socket_id <> 0
UNION ALL
SELECT NULL, t.process_id, p.pid, t.tid, t.name AS thread_name, c.fd, k.name AS call,
	c.start_ns, c.duration_ns, c.result,
	CASE WHEN c.outcome < 0 THEN coalesce(e.name, CAST(-c.outcome AS TEXT)) END AS errno,
	c.rest_bytes + coalesce(c.result, 0) AS requested_bytes, NULL,
	d.text AS detail, k.effect, x.flags, x.caller_id, c.sequence, NULL
FROM call_row c
CROSS JOIN site x ON x.site_id = c.site_id
CROSS JOIN call_kind k ON k.call_kind_id = x.call_kind_id
CROSS JOIN thread t ON t.thread_id = c.thread_id
CROSS JOIN process p ON p.process_id = t.process_id
LEFT JOIN detail d ON d.detail_id = x.detail_id
LEFT JOIN constant e ON e.kind = 'errno' AND e.number = -c.outcome
WHERE c.socket_id = 0
UNION ALL
SELECT nullif(r.socket_id, 0), t.process_id, p.pid, t.tid, t.name AS thread_name, r.fd, k.name AS call,
	r.start_ns, NULL, NULL, NULL, r.requested_bytes, NULL, NULL, k.effect, r.flags, r.caller_id, 0, NULL
FROM running r
CROSS JOIN call_kind k ON k.call_kind_id = r.call_kind_id
CROSS JOIN thread t ON t.thread_id = r.thread_id
CROSS JOIN process p ON p.process_id = t.process_id;

-- @view readiness: what waits on several descriptors (poll, select, epoll_wait) found about a socket.
--   socket_id INTEGER: the socket
--   start_ns INTEGER: start of the wait
--   duration_ns INTEGER: how long it waited; NULL: it never returned, or is not stored
--   call TEXT: name of the wait; NULL: not stored
--   process_id INTEGER: the process that waited
--   pid INTEGER: its pid
--   tid INTEGER: its thread; NULL: not known
--   fd INTEGER: the descriptor
--   events INTEGER: POLL* bits found; 0: in the set, not ready
--   found TEXT: the same in words: 'IN OUT HUP'; '' for 0
CREATE VIEW readiness AS
SELECT r.socket_id, r.start_ns, c.duration_ns, k.name AS call, t.process_id, p.pid, t.tid, r.fd, r.events,
	coalesce((SELECT group_concat(b.name, ' ') FROM constant b WHERE b.kind = 'poll' AND b.number & r.events), '') AS found
FROM ready r
CROSS JOIN thread t ON t.thread_id = r.thread_id
CROSS JOIN process p ON p.process_id = t.process_id
LEFT JOIN call c ON c.socket_id = 0 AND c.start_ns = r.start_ns AND c.thread_id = r.thread_id
LEFT JOIN call_kind k ON k.call_kind_id = c.call_kind_id;

-- @view connection: one row a pair of sockets that are the two ends of a connection; both in the trace.
--   client_id INTEGER: the end that connected (of a socketpair: the lower socket_id)
--   server_id INTEGER: the other end
--   listener_id INTEGER: the listener it was accepted from; NULL: a pair, or not known
--   client_program TEXT: program of the client's first holder; NULL: not known
--   server_program TEXT: program of the server's first holder; NULL: not known
--   client_address TEXT: the client's local address; NULL: not known
--   server_address TEXT: the server's local address; NULL: not known
--   connected_ns INTEGER: when the client's connection was known to stand; NULL: never
--   accept_wait_ns INTEGER: time in the accept queue: from the client's connect being complete to accept's return; NULL: not accepted
--   client_sent_bytes INTEGER: bytes the client sent
--   server_sent_bytes INTEGER: bytes the server sent
--   closed_ns INTEGER: when the later of both ends was closed; NULL: one is still open
--   to_server_ns INTEGER: first byte to the server: from the client's first send to the end of the server's first receive; NULL: none was sent, or none read
--   to_client_ns INTEGER: first byte to the client: from the server's first send to the end of the client's first receive; NULL: none was sent, or none read
--   exchanges INTEGER: times that the client sent and then received
--   answer_ns INTEGER: time the client waited in them: from its last send to the receive's end; `exchange` has each one
--   server_computing_ns INTEGER: of it the server computed: from its last receive to its next send; at most answer_ns
--   elsewhere_ns INTEGER: the rest of it: network, kernel, and the server not reading
--   client_computing_ns INTEGER: time from an answer to the client's next send
--   to_server_lost_bytes INTEGER: bytes the client sent and the server never read; NULL: one is still open
--   to_client_lost_bytes INTEGER: bytes the server sent and the client never read; NULL: one is still open
CREATE VIEW connection AS
SELECT c.socket_id AS client_id, v.socket_id AS server_id, v.parent_id AS listener_id,
	cp.program AS client_program, vp.program AS server_program, ca.text AS client_address, va.text AS server_address,
	c.connected_ns,
	coalesce(v.accept_wait_ns, CASE WHEN v.origin = 'accept' THEN max(v.opened_ns - c.connected_ns, 0) END) AS accept_wait_ns,
	c.sent_bytes AS client_sent_bytes, v.sent_bytes AS server_sent_bytes,
	max(c.closed_ns, v.closed_ns) AS closed_ns,
	CASE WHEN v.first_receive_ns >= c.first_send_ns THEN v.first_receive_ns - c.first_send_ns END AS to_server_ns,
	CASE WHEN c.first_receive_ns >= v.first_send_ns THEN c.first_receive_ns - v.first_send_ns END AS to_client_ns,
	c.exchanges, c.answer_ns, min(v.turn_ns, c.answer_ns) AS server_computing_ns, max(c.answer_ns - v.turn_ns, 0) AS elsewhere_ns,
	c.turn_ns AS client_computing_ns,
	CASE WHEN c.closed_ns IS NOT NULL AND v.closed_ns IS NOT NULL THEN max(c.sent_bytes - v.received_bytes, 0) END AS to_server_lost_bytes,
	CASE WHEN c.closed_ns IS NOT NULL AND v.closed_ns IS NOT NULL THEN max(v.sent_bytes - c.received_bytes, 0) END AS to_client_lost_bytes
FROM socket c
JOIN socket v ON v.socket_id = c.peer_id AND v.peer_id = c.socket_id
LEFT JOIN process cp ON cp.process_id = c.process_id
LEFT JOIN process vp ON vp.process_id = v.process_id
LEFT JOIN address ca ON ca.address_id = c.local_id
LEFT JOIN address va ON va.address_id = v.local_id
WHERE (c.origin <> 'accept' AND v.origin = 'accept') OR (c.origin <> 'accept' AND v.origin <> 'accept' AND c.socket_id < v.socket_id);

-- @view exchange: one row a question and its answer on a connection whose two ends are in the trace, and whose time it was. Ask by asker_id.
--   asker_id INTEGER: the socket that sent, and then received
--   answerer_id INTEGER: its peer
--   asked_ns INTEGER: start of the last send before the answer
--   answered_ns INTEGER: end of the first receive after it
--   duration_ns INTEGER: from asked to answered
--   unread_ns INTEGER: of it the peer was not reading: from the send's end until the peer called receive; NULL: the peer sent without reading first
--   computing_ns INTEGER: of it the peer computed: from its receive's end to its first send; NULL: as above
--   network_ns INTEGER: the rest: network and kernel, there and back; NULL: as above
-- (From socket to calls, each looked up by its key, so that one socket's rows, and the first of all, come at once.)
CREATE VIEW exchange AS
WITH data AS NOT MATERIALIZED (
	SELECT r.*, k.effect FROM call_row r CROSS JOIN site x ON x.site_id = r.site_id CROSS JOIN call_kind k ON k.call_kind_id = x.call_kind_id
	WHERE k.effect IN ('send', 'receive', 'transfer') AND r.result > 0
), asked AS (
	SELECT s.socket_id AS asker_id, s.peer_id AS answerer_id, d.start_ns + d.duration_ns AS answered_ns,
		(SELECT CASE b.effect WHEN 'send' THEN b.start_ns END FROM data b WHERE b.socket_id = d.socket_id AND (b.start_ns, b.sequence) < (d.start_ns, d.sequence)
			AND b.effect <> 'transfer' ORDER BY b.start_ns DESC, b.sequence DESC LIMIT 1) AS asked_ns
	FROM socket s
	CROSS JOIN data d ON d.socket_id = s.socket_id
	WHERE s.peer_id IS NOT NULL AND d.effect = 'receive'
), answered AS (
	SELECT a.*, (SELECT max(b.start_ns + b.duration_ns) FROM call_row b WHERE b.socket_id = a.asker_id AND b.start_ns = a.asked_ns) AS sent_ns,
		(SELECT b.start_ns FROM data b WHERE b.socket_id = a.answerer_id AND b.start_ns BETWEEN a.asked_ns AND a.answered_ns AND b.effect <> 'receive'
			ORDER BY b.start_ns LIMIT 1) AS answer_ns
	FROM asked a
	WHERE a.asked_ns IS NOT NULL
), found AS (
	SELECT a.*, (SELECT b.start_ns FROM data b WHERE b.socket_id = a.answerer_id AND b.start_ns < a.answer_ns AND b.effect = 'receive'
			ORDER BY b.start_ns DESC LIMIT 1) AS read_ns
	FROM answered a
), timed AS (
	SELECT f.*, CASE WHEN r.start_ns + r.duration_ns >= f.asked_ns THEN r.start_ns + r.duration_ns END AS read_end_ns
	FROM found f
	LEFT JOIN call_row r ON r.socket_id = f.answerer_id AND r.start_ns = f.read_ns AND r.sequence = 0
)
SELECT asker_id, answerer_id, asked_ns, answered_ns, answered_ns - asked_ns AS duration_ns,
	CASE WHEN read_end_ns IS NOT NULL THEN max(read_ns - sent_ns, 0) END AS unread_ns,
	CASE WHEN read_end_ns IS NOT NULL THEN answer_ns - read_end_ns END AS computing_ns,
	CASE WHEN read_end_ns IS NOT NULL THEN max(answered_ns - asked_ns - (answer_ns - read_end_ns) - max(read_ns - sent_ns, 0), 0) END AS network_ns
FROM timed;

-- @view gap: what is known to be missing from this trace, with reason and remedy.
--   gap_id INTEGER: identifier
--   process_id INTEGER: the process; NULL: not one process
--   pid INTEGER: its pid; NULL: not one process
--   program TEXT: its program; NULL: not one process
--   from_ns INTEGER: since when; NULL: not known
--   to_ns INTEGER: until when; NULL: not known, or the end
--   reason TEXT: 'dropped', 'untraceable', 'io_uring', 'raw_syscalls', 'patch_refused', 'seccomp', 'descriptor_range', 'shared_descriptors', 'passed_unknown', 'no_spool', 'damaged_spool', 'unknown_record'
--   count INTEGER: how many; NULL: not countable
--   detail TEXT: which program, why; NULL: nothing to add
--   meaning TEXT: the reason in a sentence
--   remedy TEXT: what would help
--   incomplete INTEGER: 1: socket calls are missing from the trace; 0: only side facts are (addresses, statistics)
CREATE VIEW gap AS
SELECT m.missing_id AS gap_id, m.process_id, p.pid, p.program, m.from_ns, m.to_ns, m.reason, m.count, m.detail,
	g.meaning, g.remedy, g.incomplete
FROM missing m
LEFT JOIN process p ON p.process_id = m.process_id
LEFT JOIN gap_reason g ON g.reason = m.reason;

-- @view problem: what is wrong in this trace: one row a finding of a rule (see table rule).
--   rule TEXT: the rule's name: 'LEAK', 'REFUSED' …
--   severity TEXT: 'error', 'warning' or 'info' (worth knowing, harmless)
--   socket_id INTEGER: the socket it is about; NULL: none (a name lookup that failed)
--   process_id INTEGER: the process that suffers or caused it; NULL: not known
--   pid INTEGER: its pid; NULL: not known
--   program TEXT: its program; NULL: not known
--   fd INTEGER: the socket's first descriptor; NULL: not known
--   address TEXT: the peer's address, of a listener or a socket without a peer its own; NULL: not known
--   holder_id INTEGER: the socket that holds what is wanted, or caused it; NULL: none, or not known
--   holder_process_id INTEGER: the process that holds it, or caused it; NULL: none, or not known
--   holder_pid INTEGER: its pid; NULL: none
--   holder_program TEXT: its program; NULL: none
--   holder_caller_id INTEGER: code with which it did so: listened (EADDRINUSE, NEVER_ACCEPTED), closed (RESET, BROKEN_PIPE); NULL: not of these, or not known
--   call_start_ns INTEGER: start of the call in question, else the moment it began; NULL: not one moment
--   caller_id INTEGER: code in question (caller); NULL: not known
--   duration_ns INTEGER: the time in question; NULL: none
--   count INTEGER: how many calls, sockets or attempts the finding stands for
--   message TEXT: the finding in words, without rule, socket and program
CREATE VIEW problem AS
SELECT f.rule, f.severity, f.socket_id, f.process_id, p.pid, p.program, s.fd,
	CASE WHEN s.listening_ns IS NULL AND s.remote_id IS NOT NULL THEN r.text ELSE l.text END AS address,
	f.holder_id, f.holder_process_id, h.pid AS holder_pid, h.program AS holder_program,
	CASE
		WHEN f.rule IN ('RESET', 'BROKEN_PIPE') THEN (SELECT c.caller_id FROM call c JOIN call_kind k ON k.call_kind_id = c.call_kind_id
			WHERE c.socket_id = f.holder_id AND k.effect = 'close' AND c.result = 0 ORDER BY c.start_ns DESC LIMIT 1)
		WHEN f.rule IN ('EADDRINUSE', 'NEVER_ACCEPTED') THEN (SELECT c.caller_id FROM call c JOIN call_kind k ON k.call_kind_id = c.call_kind_id
			WHERE c.socket_id = f.holder_id AND c.start_ns <= coalesce(hs.listening_ns, hs.bound_ns) AND k.effect IN ('bind', 'listen') AND c.result = 0
			ORDER BY c.start_ns DESC LIMIT 1)
	END AS holder_caller_id,
	f.call_start_ns, f.caller_id, f.duration_ns, f.count, f.message
FROM found_problem f
LEFT JOIN socket s ON s.socket_id = f.socket_id
LEFT JOIN process p ON p.process_id = f.process_id
LEFT JOIN process h ON h.process_id = f.holder_process_id
LEFT JOIN socket hs ON hs.socket_id = f.holder_id
LEFT JOIN address l ON l.address_id = s.local_id
LEFT JOIN address r ON r.address_id = s.remote_id;

-- @view summary: one row: how much the trace holds.
--   command_line TEXT: what was recorded; NULL: not known
--   processes INTEGER: processes, however many programs each executed
--   sockets INTEGER: sockets
--   calls INTEGER: calls on sockets
--   failed_calls INTEGER: failures: the sum of lifecycle.errors
--   gaps INTEGER: rows of `gap` that make the trace incomplete
CREATE VIEW summary AS
SELECT (SELECT value FROM meta WHERE key = 'command_line') AS command_line,
	(SELECT count(*) FROM process WHERE previous_id IS NULL) AS processes,
	coalesce((SELECT value FROM meta WHERE key = 'sockets'), (SELECT count(*) FROM socket)) AS sockets,
	coalesce((SELECT value FROM meta WHERE key = 'calls'), (SELECT sum(calls) FROM socket), 0) AS calls,
	coalesce((SELECT value FROM meta WHERE key = 'failed_calls'), (SELECT sum(errors) FROM socket), 0) AS failed_calls,
	(SELECT count(*) FROM gap WHERE incomplete = 1) AS gaps;

-- @view phase: the phases of each socket's life, in order, in the words of the sockets API.
--   socket_id INTEGER: the socket
--   step INTEGER: orders phases that began in the same nanosecond
--   phase TEXT: 'new', 'held' (first seen open), 'bound', 'listening', 'connecting', 'connected', 'half-closed' (one direction ended), 'finished' (both ended, still open), 'reset', 'closed'
--   cause TEXT: what began it: 'socket', 'bind', 'listen', 'connect', 'accept', 'pair', 'SO_ERROR', 'getpeername', 'data', 'inherited', 'passed', 'adopted', 'shutdown' (by us), 'end of file' (by the peer), 'reset', 'close', 'dup2', 'exit', 'exec', 'killed'
--   start_ns INTEGER: when it began
--   end_ns INTEGER: when the next began; NULL: the last one
--   duration_ns INTEGER: from start to end; NULL: the last one
--   known INTEGER: 1: seen happening; 0: inferred from a later call, so that it may have begun earlier
-- (One step after the other of each socket, so that the first rows come at once; the next step is the least of those that are later.)
CREATE VIEW phase AS
WITH step (step) AS (VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8)
), begun AS (
	SELECT s.socket_id, s.origin, s.connect_proof, s.shutdown_send_ns, s.shutdown_receive_ns, s.eof_ns, s.how_ended,
		CASE WHEN s.origin NOT IN ('accept', 'socketpair') THEN s.opened_ns END AS began_at,
		s.bound_ns AS bound_at,
		s.listening_ns AS listening_at,
		s.connecting_ns AS connecting_at,
		s.connected_ns AS connected_at,
		min(coalesce(s.shutdown_send_ns, s.eof_ns, s.shutdown_receive_ns), coalesce(s.eof_ns, s.shutdown_receive_ns, s.shutdown_send_ns)) AS half_closed_at,
		max(s.shutdown_send_ns, coalesce(s.eof_ns, s.shutdown_receive_ns)) AS finished_at,
		s.reset_ns AS reset_at,
		s.closed_ns AS closed_at
	FROM socket s
), each AS (
	SELECT b.*, t.step,
		CASE t.step WHEN 0 THEN b.began_at WHEN 1 THEN b.bound_at WHEN 2 THEN b.listening_at WHEN 3 THEN b.connecting_at WHEN 4 THEN b.connected_at WHEN 5 THEN b.half_closed_at WHEN 6 THEN b.finished_at WHEN 7 THEN b.reset_at ELSE b.closed_at END AS start_ns
	FROM begun b
	CROSS JOIN step t
), followed AS (
	SELECT e.*, nullif(min(
			CASE WHEN e.began_at > e.start_ns THEN e.began_at ELSE 9223372036854775807 END,
			CASE WHEN e.bound_at > e.start_ns OR e.bound_at = e.start_ns AND e.step < 1 THEN e.bound_at ELSE 9223372036854775807 END,
			CASE WHEN e.listening_at > e.start_ns OR e.listening_at = e.start_ns AND e.step < 2 THEN e.listening_at ELSE 9223372036854775807 END,
			CASE WHEN e.connecting_at > e.start_ns OR e.connecting_at = e.start_ns AND e.step < 3 THEN e.connecting_at ELSE 9223372036854775807 END,
			CASE WHEN e.connected_at > e.start_ns OR e.connected_at = e.start_ns AND e.step < 4 THEN e.connected_at ELSE 9223372036854775807 END,
			CASE WHEN e.half_closed_at > e.start_ns OR e.half_closed_at = e.start_ns AND e.step < 5 THEN e.half_closed_at ELSE 9223372036854775807 END,
			CASE WHEN e.finished_at > e.start_ns OR e.finished_at = e.start_ns AND e.step < 6 THEN e.finished_at ELSE 9223372036854775807 END,
			CASE WHEN e.reset_at > e.start_ns OR e.reset_at = e.start_ns AND e.step < 7 THEN e.reset_at ELSE 9223372036854775807 END,
			CASE WHEN e.closed_at > e.start_ns OR e.closed_at = e.start_ns AND e.step < 8 THEN e.closed_at ELSE 9223372036854775807 END), 9223372036854775807) AS end_ns
	FROM each e
	WHERE e.start_ns IS NOT NULL
)
SELECT f.socket_id, f.step,
	CASE f.step WHEN 0 THEN CASE WHEN f.origin = 'socket' THEN 'new' ELSE 'held' END WHEN 1 THEN 'bound' WHEN 2 THEN 'listening' WHEN 3 THEN 'connecting'
		WHEN 4 THEN 'connected' WHEN 5 THEN 'half-closed' WHEN 6 THEN 'finished' WHEN 7 THEN 'reset' ELSE 'closed' END AS phase,
	CASE f.step WHEN 0 THEN f.origin WHEN 1 THEN 'bind' WHEN 2 THEN 'listen' WHEN 3 THEN 'connect' WHEN 4 THEN coalesce(f.connect_proof, f.origin)
		WHEN 5 THEN CASE WHEN f.shutdown_send_ns <= coalesce(f.eof_ns, f.shutdown_receive_ns, f.shutdown_send_ns) OR f.eof_ns IS NULL THEN 'shutdown' ELSE 'end of file' END
		WHEN 6 THEN CASE WHEN f.shutdown_send_ns >= coalesce(f.eof_ns, f.shutdown_receive_ns) OR f.eof_ns IS NULL THEN 'shutdown' ELSE 'end of file' END
		WHEN 7 THEN 'reset' ELSE f.how_ended END AS cause,
	f.start_ns, f.end_ns, f.end_ns - f.start_ns AS duration_ns,
	CASE f.step WHEN 0 THEN f.origin = 'socket' WHEN 4 THEN coalesce(f.connect_proof, '') IN ('connect', 'accept', 'pair') ELSE 1 END AS known
FROM followed f;

-- @view ending: how each socket's life ended.
--   socket_id INTEGER: the socket
--   ending TEXT: 'open', 'orderly' (closed), 'reset' (ECONNRESET was seen, or EPIPE because of the peer), 'aborted' (closed with data unread or SO_LINGER 0: the kernel sends a reset), 'failed' (never connected; or never bound, since bind failed), 'replaced' (dup2 over it), 'left open' (its process exited without closing it), 'killed'
--   closed_first TEXT: which end stopped sending first: 'this', 'peer'; NULL: not a connection, or not known
--   inferred INTEGER: 1: closed_first is inferred from this end alone; 0: both ends are in the trace
--   unread_bytes INTEGER: received and never read; NULL: not known (or read by another holder after the last close)
--   unsent_bytes INTEGER: still in the send queue; NULL: not known, or never connected (then the kernel's number means nothing)
--   tcp_state TEXT: TCP state just before the close; NULL: not TCP, or not read
--   rtt_us INTEGER: round-trip time then, microseconds; NULL: not read
--   retransmits INTEGER: segments retransmitted; NULL: not read
-- (When a killed process ended is known only from when that was noticed; its peer's end of file tells it earlier. Where several processes hold a socket, the bytes that one left unread at its close may have been read by another that never closed.)
CREATE VIEW ending AS
SELECT s.socket_id,
	CASE
		WHEN s.closed_ns IS NULL THEN 'open'
		WHEN s.how_ended = 'killed' THEN 'killed'
		WHEN s.connecting_ns IS NOT NULL AND s.connected_ns IS NULL AND (s.connect_errno IS NOT NULL OR s.type IN (1, 5)) THEN 'failed'
		WHEN s.bind_errno IS NOT NULL AND s.bound_ns IS NULL AND s.connected_ns IS NULL THEN 'failed'
		WHEN s.reset_ns IS NOT NULL THEN 'reset'
		WHEN s.connected_ns IS NOT NULL AND s.type = 1 AND s.domain IN (2, 10) AND (s.unread_bytes > 0 AND NOT coalesce(s.bytes_received < s.received_bytes + s.unread_bytes, 0) OR s.linger_seconds = 0) THEN 'aborted'
		WHEN s.how_ended = 'exit' THEN 'left open'
		WHEN s.how_ended = 'dup2' THEN 'replaced'
		ELSE 'orderly'
	END AS ending,
	CASE
		WHEN s.connected_ns IS NULL OR s.type NOT IN (1, 5) THEN NULL
		WHEN p.socket_id IS NOT NULL THEN
			CASE
				WHEN coalesce(s.shutdown_send_ns, s.closed_ns, p.eof_ns, p.reset_ns, p.shutdown_send_ns, p.closed_ns, s.eof_ns, s.reset_ns) IS NULL THEN NULL
				WHEN min(coalesce(s.shutdown_send_ns, 9223372036854775807), coalesce(s.closed_ns, 9223372036854775807), coalesce(p.eof_ns, 9223372036854775807), coalesce(p.reset_ns, 9223372036854775807))
					<= min(coalesce(p.shutdown_send_ns, 9223372036854775807), coalesce(p.closed_ns, 9223372036854775807), coalesce(s.eof_ns, 9223372036854775807), coalesce(s.reset_ns, 9223372036854775807)) THEN 'this'
				ELSE 'peer'
			END
		WHEN s.shutdown_send_ns IS NOT NULL AND s.shutdown_send_ns <= coalesce(s.eof_ns, s.shutdown_send_ns) THEN 'this'
		WHEN s.eof_ns IS NOT NULL THEN 'peer'
		WHEN s.tcp_state = 8 THEN 'peer'
		WHEN s.tcp_state = 1 AND s.closed_ns IS NOT NULL THEN 'this'
	END AS closed_first,
	p.socket_id IS NULL AS inferred,
	CASE WHEN NOT coalesce(s.bytes_received < s.received_bytes + s.unread_bytes, 0) THEN s.unread_bytes END AS unread_bytes, CASE WHEN s.connected_ns IS NOT NULL THEN s.unsent_bytes END AS unsent_bytes, t.name AS tcp_state, s.rtt_us, s.retransmits
FROM socket s
LEFT JOIN socket p ON p.socket_id = s.peer_id
LEFT JOIN constant t ON t.kind = 'tcp_state' AND t.number = s.tcp_state;

-- @view holding: who held each socket, when, with the names of process and descriptor.
--   span_id INTEGER: identifier
--   socket_id INTEGER: the socket
--   process_id INTEGER: the process
--   pid INTEGER: its pid
--   program TEXT: its program
--   fd INTEGER: the descriptor's number
--   opened_ns INTEGER: first moment
--   opened_by TEXT: what opened it, as span.opened_by
--   closed_ns INTEGER: last moment; NULL: still open
--   closed_by TEXT: what closed it, as span.closed_by; NULL: still open
--   calls INTEGER: calls made on it; 0: it was held and never used
CREATE VIEW holding AS
SELECT n.span_id, n.socket_id, n.process_id, p.pid, p.program, n.fd, n.opened_ns, n.opened_by, n.closed_ns, n.closed_by, n.calls
FROM span n
JOIN process p ON p.process_id = n.process_id;

-- @view listener: one row a listening socket: what it accepted, and how long connections waited for that.
--   socket_id INTEGER: the listener
--   address TEXT: where it listens; NULL: not known
--   backlog INTEGER: of the last listen
--   accepted_count INTEGER: sockets accepted from it
--   open_count INTEGER: of them still open at the end
--   delay_count INTEGER: of them those whose accept delay is known (the peer is in the trace)
--   delay_p50_ns INTEGER: median time from connection to accept's return; NULL: none known
--   delay_p99_ns INTEGER: 99th percentile of it; NULL: none known
--   delay_max_ns INTEGER: the longest; NULL: none known
CREATE VIEW listener AS
SELECT s.socket_id, a.text AS address, s.backlog, s.accepted_count,
	(SELECT count(*) FROM socket c WHERE c.parent_id = s.socket_id AND c.closed_ns IS NULL) AS open_count,
	(SELECT count(*) FROM socket c WHERE c.parent_id = s.socket_id AND c.accept_wait_ns IS NOT NULL) AS delay_count,
	(SELECT d.accept_wait_ns FROM (SELECT c.accept_wait_ns, row_number() OVER (ORDER BY c.accept_wait_ns) AS place, count(*) OVER () AS total
		FROM socket c WHERE c.parent_id = s.socket_id AND c.accept_wait_ns IS NOT NULL) d WHERE d.place = (d.total + 1) / 2) AS delay_p50_ns,
	(SELECT d.accept_wait_ns FROM (SELECT c.accept_wait_ns, row_number() OVER (ORDER BY c.accept_wait_ns) AS place, count(*) OVER () AS total
		FROM socket c WHERE c.parent_id = s.socket_id AND c.accept_wait_ns IS NOT NULL) d WHERE d.place = (d.total * 99 + 99) / 100) AS delay_p99_ns,
	(SELECT max(c.accept_wait_ns) FROM socket c WHERE c.parent_id = s.socket_id) AS delay_max_ns
FROM socket s
LEFT JOIN address a ON a.address_id = s.local_id
WHERE s.listening_ns IS NOT NULL;

-- @view accepted_group: the sockets accepted from each listener, grouped by who connected.
--   listener_id INTEGER: the listener
--   peer TEXT: the peer's IP address; of a Unix socket the peer's program; '(unknown)' where neither is known
--   sockets INTEGER: sockets accepted from there
--   open_sockets INTEGER: of them still open at the end
--   sent_bytes INTEGER: bytes sent to there
--   received_bytes INTEGER: bytes received from there
--   errors INTEGER: failed calls on them
--   first_id INTEGER: lowest socket_id of them
--   last_id INTEGER: highest socket_id of them
CREATE VIEW accepted_group AS
SELECT s.parent_id AS listener_id,
	coalesce(a.host, (SELECT p.program FROM socket o JOIN process p ON p.process_id = o.process_id WHERE o.socket_id = s.peer_id), '(unknown)') AS peer,
	count(*) AS sockets, sum(s.closed_ns IS NULL) AS open_sockets,
	sum(s.sent_bytes) AS sent_bytes, sum(s.received_bytes) AS received_bytes, sum(s.errors) AS errors, min(s.socket_id) AS first_id, max(s.socket_id) AS last_id
FROM socket s
LEFT JOIN address a ON a.address_id = s.remote_id
WHERE s.parent_id IS NOT NULL
GROUP BY 1, 2;

-- @view outgoing: connections made, grouped by process and where they went.
--   process_id INTEGER: the process
--   pid INTEGER: its pid
--   program TEXT: its program
--   peer TEXT: the address connected to; NULL: not known
--   sockets INTEGER: sockets that connected there
--   failed INTEGER: of them those that never connected
--   open_sockets INTEGER: of them still open at the end
--   sent_bytes INTEGER: bytes sent to there
--   received_bytes INTEGER: bytes received from there
--   first_id INTEGER: lowest socket_id of them
--   last_id INTEGER: highest socket_id of them
CREATE VIEW outgoing AS
SELECT s.process_id, p.pid, p.program, a.text AS peer, count(*) AS sockets, sum(s.connected_ns IS NULL) AS failed, sum(s.closed_ns IS NULL) AS open_sockets,
	sum(s.sent_bytes) AS sent_bytes, sum(s.received_bytes) AS received_bytes, min(s.socket_id) AS first_id, max(s.socket_id) AS last_id
FROM socket s
LEFT JOIN process p ON p.process_id = s.process_id
LEFT JOIN address a ON a.address_id = s.remote_id
WHERE s.connecting_ns IS NOT NULL AND s.origin <> 'accept'
GROUP BY s.process_id, s.remote_id;

-- @view family: one row a program image: where it comes from and what it held.
--   process_id INTEGER: the image
--   pid INTEGER: its pid
--   program TEXT: its program
--   parent_id INTEGER: the image it was forked from, or that it replaced by exec; NULL: neither is in the trace
--   start_cause TEXT: 'start', 'fork', 'vfork' or 'exec'
--   started_ns INTEGER: its first moment
--   ended_ns INTEGER: when it ended; NULL: still running
--   end_cause TEXT: 'exit', 'exec', 'killed'; NULL: still running
--   exit_status INTEGER: status given to exit; NULL: not known
--   exit_signal INTEGER: signal that killed it; NULL: none, or not known
--   held INTEGER: sockets it held
--   made INTEGER: of them those it made itself
--   unused INTEGER: sockets it came by and never used, through none of its descriptors
--   first_id INTEGER: lowest socket_id it held; NULL: none
--   last_id INTEGER: highest socket_id it held; NULL: none
CREATE VIEW family AS
SELECT p.process_id, p.pid, p.program, coalesce(p.previous_id, p.parent_id) AS parent_id, p.start_cause, p.started_ns, p.ended_ns, p.end_cause, p.exit_status, p.exit_signal,
	coalesce(h.held, 0) AS held, coalesce(h.made, 0) AS made, coalesce(h.unused, 0) AS unused, h.first_id, h.last_id
FROM process p
LEFT JOIN (
	SELECT process_id, count(DISTINCT socket_id) AS held,
		count(DISTINCT CASE WHEN opened_by IN ('socket', 'socketpair', 'accept') THEN socket_id END) AS made,
		count(DISTINCT socket_id) - count(DISTINCT CASE WHEN calls > 0 OR opened_by IN ('socket', 'socketpair', 'accept', 'dup') THEN socket_id END) AS unused, min(socket_id) AS first_id, max(socket_id) AS last_id
	FROM span GROUP BY process_id
) h ON h.process_id = p.process_id;
