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
