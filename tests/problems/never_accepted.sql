-- case: the listener never accepts a connection that stands in its queue for two seconds
-- expect: NEVER_ACCEPTED s1 error
-- says: the listener s9 never accepted it; it stood in the queue for 2.0 s
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, local_id, remote_id, opened_ns, connecting_ns, connected_ns, connect_proof, listening_ns, bound_ns, closed_ns, how_ended) VALUES
	(9, 2, 1, 6, 'socket', 1, 3, 1, 2, NULL, 0, NULL, NULL, NULL, 0, 0, 10e9, 'close'),
	(1, 2, 1, 6, 'socket', 2, 3, 2, 3, 1, 1e9, 1e9, 1e9, 'connect', NULL, NULL, 3e9, 'close');
-- case: it was accepted, only the pairing is not certain
-- expect: none
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, parent_id, local_id, remote_id, opened_ns, connecting_ns, connected_ns, connect_proof, listening_ns, bound_ns, closed_ns, how_ended) VALUES
	(9, 2, 1, 6, 'socket', 1, 3, 1, NULL, 1, NULL, 0, NULL, NULL, NULL, 0, 0, 10e9, 'close'),
	(1, 2, 1, 6, 'socket', 2, 3, 2, NULL, 3, 1, 1e9, 1e9, 1e9, 'connect', NULL, NULL, 3e9, 'close'),
	(2, 2, 1, 6, 'accept', 1, 4, 1, 9, 1, 3, 1e9, NULL, 1e9, 'accept', NULL, NULL, 3e9, 'close');
-- case: the server stopped just after the connection came
-- expect: none
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, local_id, remote_id, opened_ns, connecting_ns, connected_ns, connect_proof, listening_ns, bound_ns, closed_ns, how_ended) VALUES
	(9, 2, 1, 6, 'socket', 1, 3, 1, 1, NULL, 0, NULL, NULL, NULL, 0, 0, 1.05e9, 'close'),
	(1, 2, 1, 6, 'socket', 2, 3, 2, 3, 1, 1e9, 1e9, 1e9, 'connect', NULL, NULL, 3e9, 'close');
-- case: the listener's process had no descriptor left for it
-- expect: NEVER_ACCEPTED s1 error
-- says: accept failed with EMFILE
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, local_id, remote_id, opened_ns, connecting_ns, connected_ns, connect_proof, listening_ns, bound_ns, errors, last_errno, closed_ns, how_ended) VALUES
	(9, 2, 1, 6, 'socket', 1, 3, 1, 2, NULL, 0, NULL, NULL, NULL, 0, 0, 1, 24, 10e9, 'close'),
	(1, 2, 1, 6, 'socket', 2, 3, 2, 3, 1, 1e9, 1e9, 1e9, 'connect', NULL, NULL, 0, NULL, 3e9, 'close');
-- case: a client says something and leaves at once; the listener closes later and has never accepted it
-- expect: NEVER_ACCEPTED s1 warning
-- says: it stood in the queue for 0.01 s; the 50 bytes that it had sent are lost
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, local_id, remote_id, opened_ns, connecting_ns, connected_ns, connect_proof, listening_ns, bound_ns, closed_ns, how_ended, sent_bytes) VALUES
	(9, 2, 1, 6, 'socket', 1, 3, 1, 2, NULL, 0, NULL, NULL, NULL, 0, 0, 3e9, 'close', 0),
	(1, 2, 1, 6, 'socket', 2, 3, 2, 3, 1, 1e9, 1e9, 1e9, 'connect', NULL, NULL, 1.01e9, 'close', 50);
-- case: somebody looks whether the port is open, and says nothing
-- expect: none
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, local_id, remote_id, opened_ns, connecting_ns, connected_ns, connect_proof, listening_ns, bound_ns, closed_ns, how_ended, sent_bytes) VALUES
	(9, 2, 1, 6, 'socket', 1, 3, 1, 2, NULL, 0, NULL, NULL, NULL, 0, 0, 3e9, 'close', 0),
	(1, 2, 1, 6, 'socket', 2, 3, 2, 3, 1, 1e9, 1e9, 1e9, 'connect', NULL, NULL, 1.01e9, 'close', 0);
