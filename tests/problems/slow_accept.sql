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
-- says: while the server did something else for 0.199 s
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, parent_id, local_id, remote_id, opened_ns, listening_ns, bound_ns, backlog, accepted_count, connected_ns, closed_ns, how_ended, accept_wait_ns) VALUES
	(9, 2, 1, 6, 'socket', 1, 3, 1, NULL, 1, NULL, 0, 0, 0, 5, 1, NULL, 10e9, 'close', NULL),
	(1, 2, 1, 6, 'accept', 1, 4, 1, 9, 1, 3, 1e9, NULL, NULL, NULL, 0, 1e9, 1.6e9, 'close', 2e8);
INSERT INTO call VALUES (9, 0.999e9, 0, 11, 18, 3, 1e6, 4, NULL, NULL, NULL, NULL, NULL, NULL, 1);
-- case: the server stood in a call on another connection
-- expect: SLOW_ACCEPT s9 warning
-- says: while the server stood in recv on s2 for 0.189 s
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, parent_id, local_id, remote_id, opened_ns, listening_ns, bound_ns, backlog, accepted_count, connected_ns, closed_ns, how_ended, accept_wait_ns) VALUES
	(9, 2, 1, 6, 'socket', 1, 3, 1, NULL, 1, NULL, 0, 0, 0, 5, 1, NULL, 10e9, 'close', NULL),
	(1, 2, 1, 6, 'accept', 1, 4, 1, 9, 1, 3, 1e9, NULL, NULL, NULL, 0, 1e9, 1.6e9, 'close', 2e8);
INSERT INTO call VALUES (9, 0.999e9, 0, 11, 18, 3, 1e6, 4, NULL, NULL, NULL, NULL, NULL, NULL, 1);
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, opened_ns, connected_ns) VALUES (2, 2, 1, 6, 'accept', 1, 5, 0.1e9, 0.1e9);
INSERT INTO call VALUES (2, 0.7e9, 0, 11, 24, 5, 0.289e9, 5, NULL, 10, NULL, NULL, NULL, NULL, 1);
-- case: the server served one connection after the other meanwhile: it has much to do, and nothing that keeps it away
-- expect: SLOW_ACCEPT s9 info
-- says: while the server was busy with other connections
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, parent_id, local_id, remote_id, opened_ns, listening_ns, bound_ns, backlog, accepted_count, connected_ns, closed_ns, how_ended, accept_wait_ns) VALUES
	(9, 2, 1, 6, 'socket', 1, 3, 1, NULL, 1, NULL, 0, 0, 0, 5, 1, NULL, 10e9, 'close', NULL),
	(1, 2, 1, 6, 'accept', 1, 4, 1, 9, 1, 3, 1e9, NULL, NULL, NULL, 0, 1e9, 1.6e9, 'close', 2e8);
INSERT INTO call VALUES (9, 0.999e9, 0, 11, 18, 3, 1e6, 4, NULL, NULL, NULL, NULL, NULL, NULL, 1);
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, opened_ns, connected_ns) VALUES (2, 2, 1, 6, 'accept', 1, 5, 0.1e9, 0.1e9);
INSERT INTO call VALUES (2, 0.85e9, 0, 11, 24, 5, 1e6, 5, NULL, 10, NULL, NULL, NULL, NULL, 1), (2, 0.9e9, 0, 11, 20, 5, 1e6, 5, NULL, 5, NULL, NULL, NULL, NULL, 1),
	(2, 0.95e9, 0, 11, 24, 5, 1e6, 5, NULL, 10, NULL, NULL, NULL, NULL, 1);
