-- case: another server listens on the port
-- expect: EADDRINUSE s2 error
-- says: bind to 127.0.0.1:8080 failed: s1 of server[100] has been listening there for 2.0 s; SO_REUSEADDR would not help
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, local_id, opened_ns, bound_ns, listening_ns, closed_ns, how_ended, bind_errno, bind_failed_ns) VALUES
	(1, 2, 1, 6, 'socket', 1, 3, 1, 2, 1e9, 1e9, 1e9, 9e9, 'close', NULL, NULL),
	(2, 2, 1, 6, 'socket', 2, 3, 2, NULL, 3e9, NULL, NULL, 3.1e9, 'close', 98, 3e9);
INSERT INTO span VALUES (1, 1, 1, 3, 1e9, 'socket', 9e9, 'close', 4);
INSERT INTO call VALUES (2, 3e9, 0, 21, 3, 3, 1000, -1, 98, NULL, NULL, NULL, 1, NULL, 3);
-- case: an old connection in TIME_WAIT holds it, and neither had set SO_REUSEADDR
-- expect: EADDRINUSE s2 error
-- says: connection s3, closed 1.0 s before, is in TIME_WAIT; SO_REUSEADDR helps only if both set it before bind: this socket, and s1 before it
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, parent_id, local_id, remote_id, opened_ns, bound_ns, listening_ns, connected_ns, closed_ns, how_ended, bind_errno, bind_failed_ns) VALUES
	(1, 2, 1, 6, 'socket', 1, 3, 1, NULL, 2, NULL, 1e9, 1e9, 1e9, NULL, 2.5e9, 'close', NULL, NULL),
	(3, 2, 1, 6, 'accept', 1, 4, 1, 1, 1, 3, 1.1e9, NULL, NULL, 1.1e9, 2e9, 'close', NULL, NULL),
	(2, 2, 1, 6, 'socket', 2, 3, 2, NULL, NULL, NULL, 3e9, NULL, NULL, NULL, 3.1e9, 'close', 98, 3e9);
INSERT INTO call VALUES (2, 3e9, 0, 21, 3, 3, 1000, -1, 98, NULL, NULL, NULL, 1, NULL, 3);
-- case: somebody outside the trace holds it
-- expect: EADDRINUSE s2 error
-- says: by a process that is not in the trace
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, opened_ns, closed_ns, how_ended, bind_errno, bind_failed_ns) VALUES
	(2, 2, 1, 6, 'socket', 2, 3, 2, 3e9, 3.1e9, 'close', 98, 3e9);
INSERT INTO call VALUES (2, 3e9, 0, 21, 3, 3, 1000, -1, 98, NULL, NULL, NULL, 1, NULL, 3);
-- case: the server before had gone, and bind worked
-- expect: none
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, local_id, opened_ns, bound_ns, listening_ns, closed_ns, how_ended) VALUES
	(1, 2, 1, 6, 'socket', 1, 3, 1, 1, 1e9, 1e9, 1e9, 2e9, 'close'),
	(2, 2, 1, 6, 'socket', 2, 3, 2, 1, 3e9, 3e9, 3e9, 9e9, 'close');
-- case: somebody outside the trace listens there
-- expect: EADDRINUSE s1 error
-- says: bind to 127.0.0.1:8080 failed: nginx[77], which is not in the trace, listens there
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, opened_ns, bind_errno, bind_failed_ns, closed_ns, how_ended)
	VALUES (1, 2, 1, 6, 'socket', 2, 3, 2, 1e9, 98, 1.1e9, 1.2e9, 'close');
INSERT INTO call VALUES (1, 1.1e9, 0, 21, 5, 3, 1000, -1, 98, NULL, NULL, NULL, 1, NULL, 2);
INSERT INTO outsider VALUES (1, 1, 1.1e9, 'LISTEN', 77, 'nginx');
-- case: an old connection of a program that was not traced
-- expect: EADDRINUSE s1 error
-- says: is in TIME_WAIT; SO_REUSEADDR before bind would help
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, opened_ns, bind_errno, bind_failed_ns, closed_ns, how_ended)
	VALUES (1, 2, 1, 6, 'socket', 2, 3, 2, 1e9, 98, 1.1e9, 1.2e9, 'close');
INSERT INTO call VALUES (1, 1.1e9, 0, 21, 5, 3, 1000, -1, 98, NULL, NULL, NULL, 1, NULL, 2);
INSERT INTO outsider VALUES (1, 1, 1.1e9, 'TIME_WAIT', NULL, NULL);
-- case: whoever listens there in another network namespace is not in the way
-- expect: EADDRINUSE s2 error
-- says: the port is taken, by a process that is not in the trace
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, network_namespace, local_id, opened_ns, bound_ns, listening_ns, closed_ns, how_ended, bind_errno, bind_failed_ns) VALUES
	(1, 2, 1, 6, 'socket', 1, 3, 1, 4026532999, 2, 1e9, 1e9, 1e9, 9e9, 'close', NULL, NULL),
	(2, 2, 1, 6, 'socket', 2, 3, 2, NULL, NULL, 3e9, NULL, NULL, 3.1e9, 'close', 98, 3e9);
INSERT INTO span VALUES (1, 1, 1, 3, 1e9, 'socket', 9e9, 'close', 4);
INSERT INTO call VALUES (2, 3e9, 0, 21, 3, 3, 1000, -1, 98, NULL, NULL, NULL, 1, NULL, 3);
-- case: a child has the listener, and its new image is not yet seen to hold it as the bind fails
-- expect: EADDRINUSE s2 error
-- says: s1 of child[300] has been listening there
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, local_id, opened_ns, bound_ns, listening_ns, closed_ns, how_ended, closed_by_id, bind_errno, bind_failed_ns) VALUES
	(1, 2, 1, 6, 'socket', 1, 3, 1, 1, 5e8, 5e8, 5e8, 9e9, 'exit', 3, NULL, NULL),
	(2, 2, 1, 6, 'socket', 1, 3, 1, NULL, 1.1e9, NULL, NULL, 1.2e9, 'close', 1, 98, 1.1e9);
INSERT INTO span VALUES (1, 1, 1, 3, 5e8, 'socket', 1.05e9, 'close', 4), (2, 1, 3, 3, 1.15e9, 'exec', 9e9, 'exit', 1);
INSERT INTO call VALUES (2, 1.1e9, 0, 11, 3, 3, 1000, -1, 98, NULL, NULL, NULL, 1, NULL, 1);
-- case: an old connection whose listener had set SO_REUSEADDR
-- expect: EADDRINUSE s2 error
-- says: is in TIME_WAIT; SO_REUSEADDR before bind would help
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, parent_id, local_id, remote_id, opened_ns, bound_ns, listening_ns, connected_ns, closed_ns, how_ended, bind_errno, bind_failed_ns) VALUES
	(1, 2, 1, 6, 'socket', 1, 3, 1, NULL, 2, NULL, 1e9, 1e9, 1e9, NULL, 2.5e9, 'close', NULL, NULL),
	(3, 2, 1, 6, 'accept', 1, 4, 1, 1, 1, 3, 1.1e9, NULL, NULL, 1.1e9, 2e9, 'close', NULL, NULL),
	(2, 2, 1, 6, 'socket', 2, 3, 2, NULL, NULL, NULL, 3e9, NULL, NULL, NULL, 3.1e9, 'close', 98, 3e9);
INSERT INTO call VALUES (2, 3e9, 0, 21, 3, 3, 1000, -1, 98, NULL, NULL, NULL, 1, NULL, 3);
INSERT INTO option VALUES (1, 1, 1e9, 1, 1, 2, 'SO_REUSEADDR', 1, x'01000000');
-- case: SO_REUSEADDR is set now, but the old listener had not set it
-- expect: EADDRINUSE s2 error
-- says: is in TIME_WAIT; SO_REUSEADDR was set here, but s1, whose connection it is, had not set it: both must
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, parent_id, local_id, remote_id, opened_ns, bound_ns, listening_ns, connected_ns, closed_ns, how_ended, bind_errno, bind_failed_ns) VALUES
	(1, 2, 1, 6, 'socket', 1, 3, 1, NULL, 2, NULL, 1e9, 1e9, 1e9, NULL, 2.5e9, 'close', NULL, NULL),
	(3, 2, 1, 6, 'accept', 1, 4, 1, 1, 1, 3, 1.1e9, NULL, NULL, 1.1e9, 2e9, 'close', NULL, NULL),
	(2, 2, 1, 6, 'socket', 2, 3, 2, NULL, NULL, NULL, 3e9, NULL, NULL, NULL, 3.1e9, 'close', 98, 3e9);
INSERT INTO call VALUES (2, 3e9, 0, 21, 3, 3, 1000, -1, 98, NULL, NULL, NULL, 1, NULL, 3);
INSERT INTO option VALUES (1, 2, 2.9e9, 1, 1, 2, 'SO_REUSEADDR', 1, x'01000000');
-- case: a port is looked for, and the same socket finds the next one
-- expect: EADDRINUSE s2 info
-- says: the socket was bound to 127.0.0.1:40001 afterwards
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, local_id, opened_ns, bound_ns, listening_ns, closed_ns, how_ended, bind_errno, bind_failed_ns) VALUES
	(1, 2, 1, 6, 'socket', 1, 3, 1, 2, 1e9, 1e9, 1e9, 9e9, 'close', NULL, NULL),
	(2, 2, 1, 6, 'socket', 2, 3, 2, 3, 3e9, 3.1e9, 3.2e9, 8e9, 'close', 98, 3e9);
INSERT INTO span VALUES (1, 1, 1, 3, 1e9, 'socket', 9e9, 'close', 4);
INSERT INTO call VALUES (2, 3e9, 0, 21, 3, 3, 1000, -1, 98, NULL, NULL, NULL, 1, NULL, 3);
-- case: the listener's process was dead already, as the end of file told that its client had read; its end was noticed later
-- expect: EADDRINUSE s2 error
-- says: connection s3, whose process was killed, waits for its peer s4 to close (FIN_WAIT2); SO_REUSEADDR helps only if both
UPDATE process SET ended_ns = 3.005e9, end_cause = 'killed', exit_status = NULL WHERE process_id = 1;
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, parent_id, peer_id, local_id, remote_id, opened_ns, bound_ns, listening_ns, connecting_ns, connected_ns, eof_ns, closed_ns, how_ended, closed_by_id, bind_errno, bind_failed_ns) VALUES
	(1, 2, 1, 6, 'socket', 1, 3, 1, NULL, NULL, 2, NULL, 1e9, 1e9, 1e9, NULL, NULL, NULL, 3.005e9, 'killed', 1, NULL, NULL),
	(3, 2, 1, 6, 'accept', 1, 4, 1, 1, 4, 1, 3, 1.1e9, NULL, NULL, NULL, 1.1e9, NULL, 3.005e9, 'killed', 1, NULL, NULL),
	(4, 2, 1, 6, 'socket', 2, 4, 2, NULL, 3, 3, 1, 1.1e9, NULL, NULL, 1.1e9, 1.1e9, 2.99e9, 3.2e9, 'close', 2, NULL, NULL),
	(2, 2, 1, 6, 'socket', 2, 3, 2, NULL, NULL, NULL, NULL, 3e9, NULL, NULL, NULL, NULL, NULL, 3.1e9, 'close', 2, 98, 3e9);
INSERT INTO call VALUES (2, 3e9, 0, 21, 3, 3, 1000, -1, 98, NULL, NULL, NULL, 1, NULL, 3);
-- case: a port is looked for with a new socket each time, and the next one is free
-- expect: EADDRINUSE s2 info
-- says: s1 of server[100] has been listening there for 2.0 s; s3 was bound to 127.0.0.1:8081 instead
INSERT INTO address VALUES (20, 2, '127.0.0.1:8081', '127.0.0.1', 8081, x'');
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, thread_id, fd, caller_id, local_id, opened_ns, bound_ns, listening_ns, closed_ns, how_ended, bind_errno, bind_failed_ns) VALUES
	(1, 2, 1, 6, 'socket', 1, 11, 3, 1, 1, 1e9, 1e9, 1e9, 9e9, 'close', NULL, NULL),
	(2, 2, 1, 6, 'socket', 2, 21, 3, 2, NULL, 3e9, NULL, NULL, 3.1e9, 'close', 98, 3e9),
	(3, 2, 1, 6, 'socket', 2, 21, 3, 2, 20, 3.1e9, 3.2e9, 3.2e9, 8e9, 'close', NULL, NULL);
INSERT INTO span VALUES (1, 1, 1, 3, 1e9, 'socket', 9e9, 'close', 4);
INSERT INTO call VALUES (2, 3e9, 0, 21, 3, 3, 1000, -1, 98, NULL, NULL, NULL, 1, NULL, 3);
-- case: another port, of another purpose, is bound afterwards: by other code, or far from the first
-- expect: EADDRINUSE s2 error
INSERT INTO address VALUES (20, 2, '127.0.0.1:8081', '127.0.0.1', 8081, x''), (21, 2, '127.0.0.1:8443', '127.0.0.1', 8443, x'');
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, thread_id, fd, caller_id, local_id, opened_ns, bound_ns, listening_ns, closed_ns, how_ended, bind_errno, bind_failed_ns) VALUES
	(1, 2, 1, 6, 'socket', 1, 11, 3, 1, 1, 1e9, 1e9, 1e9, 9e9, 'close', NULL, NULL),
	(2, 2, 1, 6, 'socket', 2, 21, 3, 2, NULL, 3e9, NULL, NULL, 3.1e9, 'close', 98, 3e9),
	(3, 2, 1, 6, 'socket', 2, 21, 3, 3, 20, 3.1e9, 3.2e9, 3.2e9, 8e9, 'close', NULL, NULL),
	(4, 2, 1, 6, 'socket', 2, 21, 4, 2, 21, 3.1e9, 3.2e9, 3.2e9, 8e9, 'close', NULL, NULL);
INSERT INTO span VALUES (1, 1, 1, 3, 1e9, 'socket', 9e9, 'close', 4);
INSERT INTO call VALUES (2, 3e9, 0, 21, 3, 3, 1000, -1, 98, NULL, NULL, NULL, 1, NULL, 3);
