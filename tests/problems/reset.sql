-- case: the server closes with unread bytes and so resets its client
-- expect: RESET s1 warning
-- says: reset by its peer s2, which closed with 100 bytes unread
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, peer_id, local_id, remote_id, opened_ns, connecting_ns, connected_ns, reset_ns, closed_ns, how_ended, unread_bytes) VALUES
	(1, 2, 1, 6, 'socket', 2, 3, 2, 2, 3, 1, 1e9, 1e9, 1e9, 1.5e9, 1.6e9, 'close', NULL),
	(2, 2, 1, 6, 'accept', 1, 4, 1, 1, 1, 3, 1e9, NULL, 1e9, NULL, 1.4e9, 'close', 100);
-- case: linger 0 is said to be the cause
-- expect: RESET s2 warning
-- says: SO_LINGER 0
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, peer_id, local_id, remote_id, opened_ns, connecting_ns, connected_ns, reset_ns, closed_ns, how_ended, linger_seconds) VALUES
	(1, 2, 1, 6, 'socket', 2, 3, 2, 2, 3, 1, 1e9, 1e9, 1e9, NULL, 1.2e9, 'close', 0),
	(2, 2, 1, 6, 'accept', 1, 4, 1, 1, 1, 3, 1e9, NULL, 1e9, 1.3e9, 1.4e9, 'close', NULL);
-- case: a stranger resets a server's connection: known, not the server's fault
-- expect: RESET s2 info
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, local_id, remote_id, opened_ns, connected_ns, reset_ns, closed_ns, how_ended)
	VALUES (2, 2, 1, 6, 'accept', 1, 4, 1, 1, 7, 1e9, 1e9, 1.3e9, 1.4e9, 'close');
-- case: both close in order
-- expect: none
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, peer_id, local_id, remote_id, opened_ns, connecting_ns, connected_ns, eof_ns, eof_count, closed_ns, how_ended, unread_bytes) VALUES
	(1, 2, 1, 6, 'socket', 2, 3, 2, 2, 3, 1, 1e9, 1e9, 1e9, 1.4e9, 1, 1.6e9, 'close', 0),
	(2, 2, 1, 6, 'accept', 1, 4, 1, 1, 1, 3, 1e9, NULL, 1e9, NULL, 0, 1.4e9, 'close', 0);
-- case: the listener goes, and with it a connection in its queue
-- expect: RESET s1 warning
-- says: the listener s9 closed while this connection stood in its queue
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, local_id, remote_id, opened_ns, listening_ns, bound_ns, connecting_ns, connected_ns, reset_ns, closed_ns, how_ended) VALUES
	(9, 2, 1, 6, 'socket', 1, 3, 1, 1, NULL, 0, 0, 0, NULL, NULL, NULL, 1.1e9, 'close'),
	(1, 2, 1, 6, 'socket', 2, 3, 2, 3, 1, 1e9, NULL, NULL, 1e9, 1e9, 1.1e9, 2e9, 'close');
-- case: a client that has got all it asked for spares itself TIME_WAIT with SO_LINGER 0
-- expect: RESET s2 info
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, peer_id, local_id, remote_id, opened_ns, connecting_ns, connected_ns, reset_ns, last_send_ns, sent_bytes, received_bytes, closed_ns, how_ended, linger_seconds) VALUES
	(1, 2, 1, 6, 'socket', 2, 3, 2, 2, 3, 1, 1e9, 1e9, 1e9, NULL, 1.1e9, 50, 70, 1.2e9, 'close', 0),
	(2, 2, 1, 6, 'accept', 1, 4, 1, 1, 1, 3, 1e9, NULL, 1e9, 1.3e9, 1.15e9, 70, 50, 1.4e9, 'close', NULL);
