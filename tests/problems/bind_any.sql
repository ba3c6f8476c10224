-- case: everybody came from the machine itself
-- expect: BIND_ANY s9 info
-- says: every address of the machine, but the one connection came from the machine itself
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, parent_id, local_id, remote_id, opened_ns, listening_ns, bound_ns, accepted_count, connected_ns, closed_ns, how_ended) VALUES
	(9, 2, 1, 6, 'socket', 1, 3, 1, NULL, 2, NULL, 0, 0, 0, 1, NULL, 10e9, 'close'),
	(1, 2, 1, 6, 'accept', 1, 4, 1, 9, 1, 3, 1e9, NULL, NULL, 0, 1e9, 1.6e9, 'close');
-- case: one came from outside
-- expect: none
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, parent_id, local_id, remote_id, opened_ns, listening_ns, bound_ns, accepted_count, connected_ns, closed_ns, how_ended) VALUES
	(9, 2, 1, 6, 'socket', 1, 3, 1, NULL, 2, NULL, 0, 0, 0, 2, NULL, 10e9, 'close'),
	(1, 2, 1, 6, 'accept', 1, 4, 1, 9, 1, 3, 1e9, NULL, NULL, 0, 1e9, 1.6e9, 'close'),
	(2, 2, 1, 6, 'accept', 1, 4, 1, 9, 11, 7, 1e9, NULL, NULL, 0, 1e9, 1.6e9, 'close');
