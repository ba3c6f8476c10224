-- case: listen was forgotten
-- expect: ACCEPT_WITHOUT_LISTEN s1 error
-- says: listen was never called (EINVAL)
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, local_id, opened_ns, bound_ns, accept_errno, accept_failed_ns, closed_ns, how_ended)
	VALUES (1, 2, 1, 6, 'socket', 1, 3, 1, 1, 1e9, 1e9, 22, 1.1e9, 1.2e9, 'close');
-- case: a connection is taken for the listener
-- expect: ACCEPT_WITHOUT_LISTEN s1 error
-- says: this is a connection, not the listener
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, local_id, opened_ns, connected_ns, accept_errno, accept_failed_ns, closed_ns, how_ended)
	VALUES (1, 2, 1, 6, 'accept', 1, 3, 1, 1, 1e9, 1e9, 22, 1.1e9, 1.2e9, 'close');
-- case: accept on UDP
-- expect: ACCEPT_WITHOUT_LISTEN s1 error
-- says: a datagram socket has no connections
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, local_id, opened_ns, bound_ns, accept_errno, accept_failed_ns, closed_ns, how_ended)
	VALUES (1, 2, 2, 17, 'socket', 1, 3, 1, 1, 1e9, 1e9, 95, 1.1e9, 1.2e9, 'close');
-- case: a listener that was shut down, so that its threads wake up
-- expect: none
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, local_id, opened_ns, bound_ns, listening_ns, shutdown_receive_ns, accept_errno, accept_failed_ns, closed_ns, how_ended)
	VALUES (1, 2, 1, 6, 'socket', 1, 3, 1, 1, 1e9, 1e9, 1e9, 1.05e9, 22, 1.1e9, 1.2e9, 'close');
-- case: a listener that the program got from elsewhere
-- expect: none
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, local_id, opened_ns, accept_errno, accept_failed_ns, closed_ns, how_ended)
	VALUES (1, 2, 1, 6, 'inherited', 1, 3, 1, 1, 1e9, 22, 1.1e9, 1.2e9, 'close');
