-- case: nobody listens on the port
-- expect: REFUSED s1 error
-- says: nobody listened on that port
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, remote_id, opened_ns, connecting_ns, connect_errno, closed_ns, how_ended)
	VALUES (1, 2, 1, 6, 'socket', 2, 3, 2, 1, 1e9, 1e9, 111, 1.1e9, 'close');
-- case: the name that was looked up is said, and the server that came too late
-- expect: REFUSED s1 error
-- says: db.internal (10.0.0.7:5432)
INSERT INTO name VALUES (1, 2, 0.9e9, 1000, 'db.internal', 0, '10.0.0.7');
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, remote_id, opened_ns, connecting_ns, connect_errno, closed_ns, how_ended)
	VALUES (1, 2, 1, 6, 'socket', 2, 3, 2, 6, 1e9, 1e9, 111, 1.1e9, 'close');
-- case: localhost was tried as ::1 first and then reached as 127.0.0.1
-- expect: REFUSED s1 info
INSERT INTO name VALUES (1, 2, 0.9e9, 1000, 'localhost', 0, '::1'), (2, 2, 0.9e9, 1000, 'localhost', 0, '127.0.0.1');
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, remote_id, opened_ns, connecting_ns, connect_errno, connected_ns, closed_ns, how_ended) VALUES
	(1, 10, 1, 6, 'socket', 2, 3, 2, 5, 1e9, 1e9, 111, NULL, 1.1e9, 'close'),
	(2, 2, 1, 6, 'socket', 2, 3, 2, 1, 1.1e9, 1.1e9, NULL, 1.1e9, 1.2e9, 'close');
-- case: the program waited for its server to start and tried until it was there
-- expect: REFUSED s1 info
-- says: refused 2 times: s4 began to listen 0.5 s later; another attempt succeeded
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, local_id, remote_id, opened_ns, connecting_ns, connect_errno, connected_ns, bound_ns, listening_ns, closed_ns, how_ended, peer_candidates) VALUES
	(1, 2, 1, 6, 'socket', 2, 3, 2, NULL, 1, 1e9, 1e9, 111, NULL, NULL, NULL, 1.1e9, 'close', 0),
	(2, 2, 1, 6, 'socket', 2, 3, 2, NULL, 1, 1.2e9, 1.2e9, 111, NULL, NULL, NULL, 1.3e9, 'close', 0),
	(3, 2, 1, 6, 'socket', 2, 3, 2, 3, 1, 1.6e9, 1.6e9, NULL, 1.6e9, NULL, NULL, 1.7e9, 'close', 0),
	(4, 2, 1, 6, 'socket', 1, 3, 1, 1, NULL, 1.4e9, NULL, NULL, NULL, 1.5e9, 1.5e9, 9e9, 'close', 0);
-- case: no such path, and where connect was called
-- expect: REFUSED s1 warning
-- says: connect to /run/x.sock failed: there is no such path
INSERT INTO socket (socket_id, domain, type, origin, process_id, fd, caller_id, remote_id, opened_ns, connecting_ns, connect_errno, closed_ns, how_ended)
	VALUES (1, 1, 1, 'socket', 2, 3, 2, 8, 1e9, 1e9, 2, 1.1e9, 'close');
INSERT INTO call VALUES (1, 1e9, 0, 21, 7, 3, 1000, -1, 2, NULL, NULL, NULL, 8, NULL, 3);
-- case: libc looks for a helper that is not there
-- expect: none
INSERT INTO caller VALUES (9, '/usr/lib/x86_64-linux-gnu/libc.so.6', NULL, 4096);
INSERT INTO socket (socket_id, domain, type, origin, process_id, fd, caller_id, remote_id, opened_ns, connecting_ns, connect_errno, closed_ns, how_ended)
	VALUES (1, 1, 1, 'socket', 2, 3, 9, 8, 1e9, 1e9, 2, 1.1e9, 'close');
-- case: the path was there at the second try
-- expect: REFUSED s1 info
INSERT INTO socket (socket_id, domain, type, origin, process_id, fd, caller_id, remote_id, opened_ns, connecting_ns, connect_errno, connected_ns, closed_ns, how_ended, peer_candidates) VALUES
	(1, 1, 1, 'socket', 2, 3, 2, 8, 1e9, 1e9, 2, NULL, 1.1e9, 'close', 0), (2, 1, 1, 'socket', 2, 3, 2, 8, 2e9, 2e9, NULL, 2e9, 2.1e9, 'close', 0);
-- case: a server asks whether another one is there before it listens itself
-- expect: REFUSED s1 info
-- says: nobody was there yet; s2 of its own began to listen 1.0 ms later
INSERT INTO socket (socket_id, domain, type, origin, process_id, thread_id, fd, caller_id, local_id, remote_id, opened_ns, connecting_ns, connect_errno, bound_ns, listening_ns, closed_ns, how_ended) VALUES
	(1, 1, 1, 'socket', 1, 11, 3, 1, NULL, 8, 1e9, 1e9, 2, NULL, NULL, 1.1e9, 'close'),
	(2, 1, 1, 'socket', 1, 11, 3, 1, 8, NULL, 1e9 + 5e5, NULL, NULL, 1e9 + 1e6, 1e9 + 1e6, 9e9, 'close');
-- case: a thread connects before another one of the program listens
-- expect: REFUSED s1 warning
-- says: s2 began to listen 1.0 ms later
INSERT INTO socket (socket_id, domain, type, origin, process_id, thread_id, fd, caller_id, local_id, remote_id, opened_ns, connecting_ns, connect_errno, bound_ns, listening_ns, closed_ns, how_ended) VALUES
	(1, 1, 1, 'socket', 1, 12, 3, 1, NULL, 8, 1e9, 1e9, 2, NULL, NULL, 1.1e9, 'close'),
	(2, 1, 1, 'socket', 1, 11, 4, 1, 8, NULL, 1e9 + 5e5, NULL, NULL, 1e9 + 1e6, 1e9 + 1e6, 9e9, 'close');
-- case: a datagram is refused
-- expect: REFUSED s1 warning
-- says: a datagram to 10.0.0.7:5432 was refused: nobody had that port
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, remote_id, opened_ns, errors, last_errno, closed_ns, how_ended)
	VALUES (1, 2, 2, 17, 'socket', 2, 3, 2, 6, 1e9, 1, 111, 1.1e9, 'close');
-- case: a datagram is refused, a later one is answered
-- expect: REFUSED s1 info
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, remote_id, opened_ns, errors, last_errno, received_bytes, closed_ns, how_ended)
	VALUES (1, 2, 2, 17, 'socket', 2, 3, 2, 6, 1e9, 1, 111, 100, 1.1e9, 'close');
