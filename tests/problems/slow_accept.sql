-- case: two of three connections wait in the queue
-- expect: SLOW_ACCEPT s9 warning
-- says: 2 of 3 connections waited more than 0.1 s in the accept queue, at most 0.9 s (s2); backlog 5
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, parent_id, local_id, remote_id, opened_ns, listening_ns, bound_ns, backlog, accepted_count, connected_ns, closed_ns, how_ended, accept_wait_ns) VALUES
	(9, 2, 1, 6, 'socket', 1, 3, 1, NULL, 1, NULL, 0, 0, 0, 5, 3, NULL, 10e9, 'close', NULL),
	(1, 2, 1, 6, 'accept', 1, 4, 1, 9, 1, 3, 1e9, NULL, NULL, NULL, 0, 1e9, 1.6e9, 'close', 4e8),
	(2, 2, 1, 6, 'accept', 1, 4, 1, 9, 1, 4, 2e9, NULL, NULL, NULL, 0, 2e9, 2.6e9, 'close', 9e8),
	(3, 2, 1, 6, 'accept', 1, 4, 1, 9, 1, 4, 3e9, NULL, NULL, NULL, 0, 3e9, 3.6e9, 'close', 1e5);
-- case: all are accepted at once
-- expect: none
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, parent_id, local_id, remote_id, opened_ns, listening_ns, bound_ns, backlog, accepted_count, connected_ns, closed_ns, how_ended, accept_wait_ns) VALUES
	(9, 2, 1, 6, 'socket', 1, 3, 1, NULL, 1, NULL, 0, 0, 0, 5, 1, NULL, 10e9, 'close', NULL),
	(1, 2, 1, 6, 'accept', 1, 4, 1, 9, 1, 3, 1e9, NULL, NULL, NULL, 0, 1e9, 1.6e9, 'close', 4e7);
-- case: accept stood waiting, but a busy machine woke it late
-- expect: none
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, parent_id, local_id, remote_id, opened_ns, listening_ns, bound_ns, backlog, accepted_count, connected_ns, closed_ns, how_ended, accept_wait_ns) VALUES
	(9, 2, 1, 6, 'socket', 1, 3, 1, NULL, 1, NULL, 0, 0, 0, 5, 1, NULL, 10e9, 'close', NULL),
	(1, 2, 1, 6, 'accept', 1, 4, 1, 9, 1, 3, 1e9, NULL, NULL, NULL, 0, 1e9, 1.6e9, 'close', 2e8);
INSERT INTO call VALUES (9, 0.5e9, 0, 11, 18, 3, 0.5e9, 4, NULL, NULL, NULL, NULL, NULL, NULL, 1);
-- case: poll stood waiting, but a busy machine woke it late
-- expect: none
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, parent_id, local_id, remote_id, opened_ns, listening_ns, bound_ns, backlog, accepted_count, connected_ns, closed_ns, how_ended, accept_wait_ns) VALUES
	(9, 2, 1, 6, 'socket', 1, 3, 1, NULL, 1, NULL, 0, 0, 0, 5, 1, NULL, 10e9, 'close', NULL),
	(1, 2, 1, 6, 'accept', 1, 4, 1, 9, 1, 3, 1e9, NULL, NULL, NULL, 0, 1e9, 1.6e9, 'close', 2e8);
INSERT INTO call VALUES (9, 0.5e9, 0, 11, 45, 3, 0.49e9, 1, NULL, NULL, NULL, NULL, NULL, NULL, 1), (9, 0.999e9, 0, 11, 18, 3, 1e6, 4, NULL, NULL, NULL, NULL, NULL, NULL, 1);
INSERT INTO ready VALUES (9, 0.5e9, 11, 3, 1);
-- case: the server was at work, and came to accept late
-- expect: SLOW_ACCEPT s9 warning
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, parent_id, local_id, remote_id, opened_ns, listening_ns, bound_ns, backlog, accepted_count, connected_ns, closed_ns, how_ended, accept_wait_ns) VALUES
	(9, 2, 1, 6, 'socket', 1, 3, 1, NULL, 1, NULL, 0, 0, 0, 5, 1, NULL, 10e9, 'close', NULL),
	(1, 2, 1, 6, 'accept', 1, 4, 1, 9, 1, 3, 1e9, NULL, NULL, NULL, 0, 1e9, 1.6e9, 'close', 2e8);
INSERT INTO call VALUES (9, 0.999e9, 0, 11, 18, 3, 1e6, 4, NULL, NULL, NULL, NULL, NULL, NULL, 1);
