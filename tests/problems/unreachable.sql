-- case: no route to the host
-- expect: UNREACHABLE s1 error
-- says: db.internal (10.0.0.7:5432) failed: no route to that host
INSERT INTO name VALUES (1, 2, 0.9e9, 1000, 'db.internal', 0, '10.0.0.7');
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, remote_id, opened_ns, connecting_ns, connect_errno, closed_ns, how_ended)
	VALUES (1, 2, 1, 6, 'socket', 2, 3, 2, 6, 1e9, 1e9, 113, 1.1e9, 'close');
-- case: getaddrinfo asks the kernel for a source address with a UDP connect that finds no route
-- expect: none
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, remote_id, opened_ns, connecting_ns, connect_errno, closed_ns, how_ended)
	VALUES (1, 10, 2, 17, 'socket', 2, 3, 2, 5, 1e9, 1e9, 101, 1.1e9, 'close');
-- case: IPv6 has no route, IPv4 works
-- expect: UNREACHABLE s1 info
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, remote_id, opened_ns, connecting_ns, connect_errno, connected_ns, closed_ns, how_ended) VALUES
	(1, 10, 1, 6, 'socket', 2, 3, 2, 5, 1e9, 1e9, 101, NULL, 1.1e9, 'close'),
	(2, 2, 1, 6, 'socket', 2, 3, 2, 1, 1.1e9, 1.1e9, NULL, 1.2e9, 1.3e9, 'close');
