-- case: the server sends on its listener
-- expect: NOT_CONNECTED s1 error
-- says: send on the listener, which has no peer: the connection is the socket that accept returns (EPIPE)
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, local_id, opened_ns, bound_ns, listening_ns, broken_pipe_ns, closed_ns, how_ended)
	VALUES (1, 2, 1, 6, 'socket', 1, 3, 1, 1, 1e9, 1e9, 1e9, 2e9, 9e9, 'close');
INSERT INTO call VALUES (1, 2e9, 0, 11, 20, 3, 1000, -1, 32, 1, NULL, NULL, NULL, NULL, 1);
-- case: the client forgot connect
-- expect: NOT_CONNECTED s1 error
-- says: recv on a socket that was never connected (ENOTCONN)
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, opened_ns, not_connected_ns, closed_ns, how_ended)
	VALUES (1, 2, 1, 6, 'socket', 2, 3, 2, 1e9, 2e9, 3e9, 'close');
INSERT INTO call VALUES (1, 2e9, 0, 21, 24, 3, 1000, -1, 107, 100, NULL, NULL, NULL, NULL, 2);
-- case: connect failed, and the client sent all the same
-- expect: NOT_CONNECTED s1 warning
-- expect: REFUSED s1 error
-- says: send though its connect had failed with ECONNREFUSED
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, remote_id, opened_ns, connecting_ns, connect_errno, broken_pipe_ns, closed_ns, how_ended)
	VALUES (1, 2, 1, 6, 'socket', 2, 3, 2, 1, 1e9, 1e9, 111, 2e9, 3e9, 'close');
INSERT INTO call VALUES (1, 2e9, 0, 21, 20, 3, 1000, -1, 32, 1, NULL, NULL, NULL, NULL, 2);
-- case: a datagram that is sent to nobody
-- expect: NOT_CONNECTED s1 error
-- says: send without an address, on a socket that is not connected (EDESTADDRREQ)
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, opened_ns, not_connected_ns, closed_ns, how_ended)
	VALUES (1, 2, 2, 17, 'socket', 2, 3, 2, 1e9, 2e9, 3e9, 'close');
INSERT INTO call VALUES (1, 2e9, 0, 21, 20, 3, 1000, -1, 89, 100, NULL, NULL, NULL, NULL, 2);
-- case: the same of a Unix socket, of which the calls were not kept
-- expect: NOT_CONNECTED s1 error
-- says: a data call without an address, on a socket that is not connected (ENOTCONN)
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, opened_ns, not_connected_ns, closed_ns, how_ended)
	VALUES (1, 1, 2, 0, 'socket', 2, 3, 2, 1e9, 2e9, 3e9, 'close');
-- case: the connection had stood, and both directions were ended
-- expect: none
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, remote_id, opened_ns, connecting_ns, connected_ns, shutdown_send_ns, not_connected_ns, closed_ns, how_ended)
	VALUES (1, 2, 1, 6, 'socket', 2, 3, 2, 1, 1e9, 1e9, 1e9, 1.5e9, 2e9, 3e9, 'close');
-- case: a socket that the program got from elsewhere
-- expect: none
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, opened_ns, not_connected_ns, closed_ns, how_ended)
	VALUES (1, 2, 1, 6, 'inherited', 2, 3, 2, 1e9, 2e9, 3e9, 'close');
-- case: a datagram socket of a logger is connected when a send says that it is not
-- expect: NOT_CONNECTED s1 info
INSERT INTO socket (socket_id, domain, type, origin, process_id, fd, caller_id, remote_id, opened_ns, not_connected_ns, connecting_ns, connect_errno, closed_ns, how_ended) VALUES
	(1, 1, 2, 'socket', 2, 3, 2, 8, 1e9, 1.0001e9, 1.0002e9, 2, 2e9, 'close');
-- case: it is connected only much later
-- expect: NOT_CONNECTED s1 error
INSERT INTO socket (socket_id, domain, type, origin, process_id, fd, caller_id, remote_id, opened_ns, not_connected_ns, connecting_ns, connect_errno, closed_ns, how_ended) VALUES
	(1, 1, 2, 'socket', 2, 3, 2, 8, 1e9, 1.0001e9, 1.5e9, 2, 2e9, 'close');
