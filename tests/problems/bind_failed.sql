-- case: a port that only root may have
-- expect: BIND_FAILED s1 error
-- says: bind to 0.0.0.0:80 failed: ports below 1024 are for root, or for a program with CAP_NET_BIND_SERVICE (EACCES)
INSERT INTO address VALUES (20, 2, '0.0.0.0:80', '0.0.0.0', 80, x'');
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, opened_ns, bind_errno, bind_failed_ns, closed_ns, how_ended)
	VALUES (1, 2, 1, 6, 'socket', 1, 3, 1, 1e9, 13, 1.1e9, 1.2e9, 'close');
INSERT INTO call VALUES (1, 1.1e9, 0, 11, 3, 3, 1000, -1, 13, NULL, NULL, NULL, 20, NULL, 1);
-- case: an address that another machine has
-- expect: BIND_FAILED s1 error
-- says: bind to 10.0.0.7:5432 failed: this machine has no such address (EADDRNOTAVAIL)
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, opened_ns, bind_errno, bind_failed_ns, closed_ns, how_ended)
	VALUES (1, 2, 1, 6, 'socket', 1, 3, 1, 1e9, 99, 1.1e9, 1.2e9, 'close');
INSERT INTO call VALUES (1, 1.1e9, 0, 11, 3, 3, 1000, -1, 99, NULL, NULL, NULL, 6, NULL, 1);
-- case: a library asks whether there is IPv6
-- expect: BIND_FAILED s1 info
INSERT INTO address VALUES (20, 10, '[::1]:0', '::1', 0, x'');
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, opened_ns, bind_errno, bind_failed_ns, closed_ns, how_ended)
	VALUES (1, 10, 1, 6, 'socket', 1, 3, 1, 1e9, 99, 1.1e9, 1.2e9, 'close');
INSERT INTO call VALUES (1, 1.1e9, 0, 11, 3, 3, 1000, -1, 99, NULL, NULL, NULL, 20, NULL, 1);
-- case: the same socket was bound at the next address
-- expect: BIND_FAILED s1 info
-- says: the socket was bound afterwards
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, local_id, opened_ns, bind_errno, bind_failed_ns, bound_ns, closed_ns, how_ended)
	VALUES (1, 2, 1, 6, 'socket', 1, 3, 1, 1, 1e9, 99, 1.1e9, 1.15e9, 1.2e9, 'close');
INSERT INTO call VALUES (1, 1.1e9, 0, 11, 3, 3, 1000, -1, 99, NULL, NULL, NULL, 6, NULL, 1);
-- case: a second bind
-- expect: BIND_FAILED s1 error
-- says: the socket has an address already (EINVAL)
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, local_id, opened_ns, bound_ns, bind_errno, bind_failed_ns, closed_ns, how_ended)
	VALUES (1, 2, 1, 6, 'socket', 1, 3, 1, 1, 1e9, 1e9, 22, 1.1e9, 1.2e9, 'close');
-- case: a bind that succeeds
-- expect: none
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, local_id, opened_ns, bound_ns, closed_ns, how_ended)
	VALUES (1, 2, 1, 6, 'socket', 1, 3, 1, 1, 1e9, 1e9, 1.2e9, 'close');
-- case: a second bind, and the socket listens where the first one said
-- expect: BIND_FAILED s1 warning
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, local_id, opened_ns, bound_ns, bind_errno, bind_failed_ns, listening_ns, closed_ns, how_ended)
	VALUES (1, 2, 1, 6, 'socket', 1, 3, 1, 1, 1e9, 1e9, 22, 1.1e9, 1.15e9, 1.2e9, 'close');
