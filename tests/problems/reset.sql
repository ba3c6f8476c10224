-- case: the server closes with unread bytes and so resets its client
-- expect: RESET s1 warning
-- says: reset by its peer s2, which closed with 100 bytes unread
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, peer_id, local_id, remote_id, opened_ns, connecting_ns, connected_ns, reset_ns, closed_ns, how_ended, unread_bytes) VALUES
	(1, 2, 1, 6, 'socket', 2, 3, 2, 2, 3, 1, 1e9, 1e9, 1e9, 1.5e9, 1.6e9, 'close', NULL),
	(2, 2, 1, 6, 'accept', 1, 4, 1, 1, 1, 3, 1e9, NULL, 1e9, NULL, 1.4e9, 'close', 100);
-- case: one byte is no bytes
-- expect: RESET s1 warning
-- says: reset by its peer s2, which closed with 1 byte unread
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, peer_id, local_id, remote_id, opened_ns, connecting_ns, connected_ns, reset_ns, closed_ns, how_ended, unread_bytes) VALUES
	(1, 2, 1, 6, 'socket', 2, 3, 2, 2, 3, 1, 1e9, 1e9, 1e9, 1.5e9, 1.6e9, 'close', NULL),
	(2, 2, 1, 6, 'accept', 1, 4, 1, 1, 1, 3, 1e9, NULL, 1e9, NULL, 1.4e9, 'close', 1);
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
-- case: the server closes with the request unread, and the client, which had left, saw nothing of it
-- expect: RESET s2 warning
-- says: closed with 50 bytes unread that its peer s1 had sent, none read: they are lost, and the kernel sent a reset; the other side saw no error
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, peer_id, local_id, remote_id, opened_ns, connecting_ns, connected_ns, closed_ns, how_ended, last_send_ns, sent_bytes, bytes_received, unread_bytes) VALUES
	(1, 2, 1, 6, 'socket', 2, 3, 2, 2, 3, 1, 1e9, 1e9, 1e9, 1.2e9, 'close', 1.1e9, 50, 0, 0),
	(2, 2, 1, 6, 'accept', 1, 4, 1, 1, 1, 3, 1e9, NULL, 1e9, 1.4e9, 'close', NULL, 0, 51, 50);
-- case: the same, of a client that is not in the trace: what that saw is not known
-- expect: RESET s2 warning
-- says: closed with 50 bytes unread that 10.0.0.9:40001 had sent, none read: they are lost, and the kernel sent a reset
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, local_id, remote_id, opened_ns, connected_ns, closed_ns, how_ended, bytes_received, unread_bytes)
	VALUES (2, 2, 1, 6, 'accept', 1, 4, 1, 1, 7, 1e9, 1e9, 1.4e9, 'close', 51, 50);
-- case: the server exits with the request unread
-- expect: RESET s2 warning
-- says: its process ended with 50 bytes unread that its peer s1 had sent
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, peer_id, local_id, remote_id, opened_ns, connecting_ns, connected_ns, closed_ns, how_ended, closed_by_id, last_send_ns, sent_bytes) VALUES
	(1, 2, 1, 6, 'socket', 2, 3, 2, 2, 3, 1, 9.7e9, 9.7e9, 9.7e9, 9.9e9, 'close', 2, 9.8e9, 50),
	(2, 2, 1, 6, 'accept', 1, 4, 1, 1, 1, 3, 9.7e9, NULL, 9.7e9, 10e9, 'exit', 1, NULL, 0);
-- case: a little was sent after the exit, perhaps a farewell, and no call told that it was lost
-- expect: RESET s1 info
-- says: sent to s2 0.01 s after that had closed: 50 bytes were lost, and no call told it
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, peer_id, local_id, remote_id, opened_ns, connecting_ns, connected_ns, closed_ns, how_ended, closed_by_id, last_send_ns, sent_bytes) VALUES
	(1, 2, 1, 6, 'socket', 2, 3, 2, 2, 3, 1, 9.7e9, 9.7e9, 9.7e9, 9.9e9, 'close', 2, 9.81e9, 50),
	(2, 2, 1, 6, 'accept', 1, 4, 1, 1, 1, 3, 9.7e9, NULL, 9.7e9, 9.8e9, 'exit', 1, NULL, 0);
-- case: records of the server are missing: it may have read the request
-- expect: none
INSERT INTO missing (process_id, reason, count) VALUES (1, 'dropped', 3);
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, peer_id, local_id, remote_id, opened_ns, connecting_ns, connected_ns, closed_ns, how_ended, closed_by_id, last_send_ns, sent_bytes) VALUES
	(1, 2, 1, 6, 'socket', 2, 3, 2, 2, 3, 1, 9.7e9, 9.7e9, 9.7e9, 9.9e9, 'close', 2, 9.8e9, 50),
	(2, 2, 1, 6, 'accept', 1, 4, 1, 1, 1, 3, 9.7e9, NULL, 9.7e9, 10e9, 'exit', 1, NULL, 0);
-- case: a parent closes its copy before its child has read the request
-- expect: none
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, peer_id, local_id, remote_id, opened_ns, connecting_ns, connected_ns, closed_ns, how_ended, closed_by_id, last_send_ns, sent_bytes, received_bytes, bytes_received, unread_bytes) VALUES
	(1, 2, 1, 6, 'socket', 2, 3, 2, 2, 3, 1, 9.7e9, 9.7e9, 9.7e9, 9.9e9, 'close', 2, 9.75e9, 50, 2, 3, 0),
	(2, 2, 1, 6, 'accept', 1, 4, 1, 1, 1, 3, 9.7e9, NULL, 9.7e9, 9.85e9, 'exit', 3, 9.84e9, 2, 50, 50, 50);
-- query: SELECT ending, unread_bytes FROM ending WHERE socket_id = 2
-- gives: left open|NULL
-- case: a client leaves with an answer unread: that is its choice
-- expect: RESET s1 info
-- says: closed with 70 bytes unread that its peer s2 had sent, 100 read
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, peer_id, local_id, remote_id, opened_ns, connecting_ns, connected_ns, closed_ns, how_ended, last_send_ns, sent_bytes, received_bytes, bytes_received, unread_bytes) VALUES
	(1, 2, 1, 6, 'socket', 2, 3, 2, 2, 3, 1, 1e9, 1e9, 1e9, 1.2e9, 'close', 1.05e9, 50, 100, 170, 70),
	(2, 2, 1, 6, 'accept', 1, 4, 1, 1, 1, 3, 1e9, NULL, 1e9, 1.15e9, 'close', 1.1e9, 170, 50, 50, 0);
-- case: a farewell after the last answer, as long as TLS's close_notify
-- expect: none
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, peer_id, local_id, remote_id, opened_ns, connecting_ns, connected_ns, closed_ns, how_ended, last_send_ns, sent_bytes, received_bytes, turns, bytes_received, unread_bytes) VALUES
	(1, 2, 1, 6, 'socket', 2, 3, 2, 2, 3, 1, 1e9, 1e9, 1e9, 1.2e9, 'close', 1.15e9, 74, 100, 0, 100, 0),
	(2, 2, 1, 6, 'accept', 1, 4, 1, 1, 1, 3, 1e9, NULL, 1e9, 1.4e9, 'close', 1.1e9, 100, 50, 1, 75, 24);
-- case: a second request that came with the first, and was closed upon
-- expect: RESET s2 warning
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, peer_id, local_id, remote_id, opened_ns, connecting_ns, connected_ns, closed_ns, how_ended, last_send_ns, sent_bytes, received_bytes, turns, bytes_received, unread_bytes) VALUES
	(1, 2, 1, 6, 'socket', 2, 3, 2, 2, 3, 1, 1e9, 1e9, 1e9, 1.2e9, 'close', 1.05e9, 12, 6, 0, 6, 0),
	(2, 2, 1, 6, 'accept', 1, 4, 1, 1, 1, 3, 1e9, NULL, 1e9, 1.4e9, 'close', 1.1e9, 6, 6, 1, 12, 6);
-- case: of a Unix socket the peer's account says what was left unread
-- expect: RESET s2 warning
-- says: closed with 50 bytes unread that its peer s1 had sent, none read: they are lost; the other side saw no error
INSERT INTO socket (socket_id, domain, type, origin, process_id, fd, caller_id, peer_id, local_id, remote_id, opened_ns, connecting_ns, connected_ns, closed_ns, how_ended, last_send_ns, sent_bytes) VALUES
	(1, 1, 1, 'socket', 2, 3, 2, 2, 9, 8, 1e9, 1e9, 1e9, 1.2e9, 'close', 1.1e9, 50),
	(2, 1, 1, 'accept', 1, 4, 1, 1, 8, 9, 1e9, NULL, 1e9, 1.4e9, 'close', NULL, 0);
-- case: a wake-up left in a pair that goes is nobody's loss
-- expect: none
INSERT INTO socket (socket_id, domain, type, origin, process_id, fd, caller_id, peer_id, opened_ns, connected_ns, closed_ns, how_ended, last_send_ns, sent_bytes) VALUES
	(1, 1, 1, 'socketpair', 1, 3, 1, 2, 1e9, 1e9, 1.2e9, 'close', 1.1e9, 1),
	(2, 1, 1, 'socketpair', 1, 4, 1, 1, 1e9, 1e9, 1.4e9, 'close', NULL, 0);
-- case: a long text is sent after the server had closed, and the client is gone before it could know
-- expect: RESET s1 warning
-- says: sent to s2 0.1 s after that had closed: 4000 bytes were lost, and no call told it
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, peer_id, local_id, remote_id, opened_ns, connecting_ns, connected_ns, closed_ns, how_ended, last_send_ns, sent_bytes, received_bytes, unread_bytes) VALUES
	(1, 2, 1, 6, 'socket', 2, 3, 2, 2, 3, 1, 1e9, 1e9, 1e9, 1.3e9, 'close', 1.2e9, 4050, 0, 0),
	(2, 2, 1, 6, 'accept', 1, 4, 1, 1, 1, 3, 1e9, NULL, 1e9, 1.1e9, 'close', NULL, 0, 50, 0);
-- case: all that was sent was read before the close
-- expect: none
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, peer_id, local_id, remote_id, opened_ns, connecting_ns, connected_ns, closed_ns, how_ended, last_send_ns, sent_bytes, received_bytes, unread_bytes) VALUES
	(1, 2, 1, 6, 'socket', 2, 3, 2, 2, 3, 1, 1e9, 1e9, 1e9, 1.3e9, 'close', 1.05e9, 4050, 0, 0),
	(2, 2, 1, 6, 'accept', 1, 4, 1, 1, 1, 3, 1e9, NULL, 1e9, 1.1e9, 'close', NULL, 0, 4050, 0);
-- case: a server answers a client that has hung up
-- expect: none
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, peer_id, local_id, remote_id, opened_ns, connecting_ns, connected_ns, eof_ns, eof_count, closed_ns, how_ended, last_send_ns, sent_bytes, received_bytes, unread_bytes) VALUES
	(1, 2, 1, 6, 'socket', 2, 3, 2, 2, 3, 1, 1e9, 1e9, 1e9, NULL, 0, 1.1e9, 'close', NULL, 0, 0, 0),
	(2, 2, 1, 6, 'accept', 1, 4, 1, 1, 1, 3, 1e9, NULL, 1e9, 1.11e9, 1, 1.2e9, 'close', 1.15e9, 207, 0, 0);
-- case: TLS's close_notify, sent after the server had closed
-- expect: none
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, peer_id, local_id, remote_id, opened_ns, connecting_ns, connected_ns, closed_ns, how_ended, last_send_ns, sent_bytes, received_bytes, unread_bytes) VALUES
	(1, 2, 1, 6, 'socket', 2, 3, 2, 2, 3, 1, 1e9, 1e9, 1e9, 1.3e9, 'close', 1.2e9, 531, 900, 0),
	(2, 2, 1, 6, 'accept', 1, 4, 1, 1, 1, 3, 1e9, NULL, 1e9, 1.1e9, 'close', 1.05e9, 900, 500, 0);
-- case: a short word after the last answer, with the server closing before it read it
-- expect: RESET s2 info
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, peer_id, local_id, remote_id, opened_ns, connecting_ns, connected_ns, closed_ns, how_ended, last_send_ns, sent_bytes, received_bytes, turns, bytes_received, unread_bytes) VALUES
	(1, 2, 1, 6, 'socket', 2, 3, 2, 2, 3, 1, 1e9, 1e9, 1e9, 1.2e9, 'close', 1.15e9, 56, 100, 0, 100, 0),
	(2, 2, 1, 6, 'accept', 1, 4, 1, 1, 1, 3, 1e9, NULL, 1e9, 1.4e9, 'close', 1.1e9, 100, 50, 1, 57, 6);
