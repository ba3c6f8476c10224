-- case: the rest of a short send is never sent
-- expect: SHORT_WRITE s1 error
-- says: took 6000 of 10000 bytes, the other 4000 were never sent
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, local_id, remote_id, opened_ns, connected_ns, closed_ns, how_ended, short_send_count, short_send_ns, owed_bytes, last_send_ns)
	VALUES (1, 2, 1, 6, 'accept', 1, 4, 1, 1, 3, 1e9, 1e9, 2e9, 'close', 1, 1.5e9, 4000, 1.5e9);
INSERT INTO call VALUES (1, 1.5e9, 0, 11, 20, 4, 1000, 6000, NULL, 10000, NULL, NULL, NULL, NULL, 1);
-- case: a short send is followed by the rest
-- expect: none
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, local_id, remote_id, opened_ns, connected_ns, closed_ns, how_ended, short_send_count, short_send_ns, last_send_ns)
	VALUES (1, 2, 1, 6, 'accept', 1, 4, 1, 1, 3, 1e9, 1e9, 2e9, 'close', 1, 1.5e9, 1.6e9);
-- case: the rest is torn off, and a short message follows
-- expect: SHORT_WRITE s1 error
-- says: took fewer bytes than offered (6000 of 10000), and at least 3990 bytes of the rest were never sent
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, local_id, remote_id, opened_ns, connected_ns, closed_ns, how_ended, short_send_count, short_send_ns, owed_bytes, last_send_ns)
	VALUES (1, 2, 1, 6, 'accept', 1, 4, 1, 1, 3, 1e9, 1e9, 2e9, 'close', 1, 1.5e9, 3990, 1.6e9);
INSERT INTO call VALUES (1, 1.5e9, 0, 11, 20, 4, 1000, 6000, NULL, 10000, NULL, NULL, NULL, NULL, 1), (1, 1.6e9, 0, 11, 20, 4, 1000, 10, NULL, 10, NULL, NULL, NULL, NULL, 1);
-- case: every short send is followed by a new message
-- expect: SHORT_WRITE s1 warning
-- says: begun with something else
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, local_id, remote_id, opened_ns, connected_ns, closed_ns, how_ended, short_send_count, rest_dropped_count, short_send_ns, last_send_ns)
	VALUES (1, 2, 1, 6, 'accept', 1, 4, 1, 1, 3, 1e9, 1e9, 2e9, 'close', 3, 3, 1.5e9, 1.6e9);
INSERT INTO call VALUES (1, 1.5e9, 0, 11, 20, 4, 1000, 6000, NULL, 10000, NULL, NULL, NULL, NULL, 1);
-- case: a long text in pieces of one size, sent on when the socket takes more
-- expect: none
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, local_id, remote_id, opened_ns, connected_ns, closed_ns, how_ended, short_send_count, rest_dropped_count, short_send_ns, last_send_ns)
	VALUES (1, 2, 1, 6, 'accept', 1, 4, 1, 1, 3, 1e9, 1e9, 2e9, 'close', 3, 3, 1.5e9, 1.6e9);
INSERT INTO call VALUES (1, 1.5e9, 0, 11, 20, 4, 1000, 6000, NULL, 10000, NULL, NULL, NULL, NULL, 1);
INSERT INTO ready VALUES (1, 1.55e9, 11, 4, 4);
-- case: the peer went away before the rest could be sent
-- expect: none
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, peer_id, local_id, remote_id, opened_ns, connecting_ns, connected_ns, eof_ns, eof_count, closed_ns, how_ended, short_send_count, short_send_ns, owed_bytes, last_send_ns) VALUES
	(1, 2, 1, 6, 'accept', 1, 4, 1, 2, 1, 3, 1e9, NULL, 1e9, 1.8e9, 1, 2e9, 'close', 1, 1.5e9, 4000, 1.5e9),
	(2, 2, 1, 6, 'socket', 2, 3, 2, 1, 3, 1, 1e9, 1e9, 1e9, NULL, 0, 1.7e9, 'close', 0, NULL, 0, NULL);
-- case: the sender ended its side, and waited for the peer to close first
-- expect: SHORT_WRITE s1 error
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, peer_id, local_id, remote_id, opened_ns, connecting_ns, connected_ns, shutdown_send_ns, eof_ns, closed_ns, how_ended, short_send_count, short_send_ns, owed_bytes, last_send_ns) VALUES
	(1, 2, 1, 6, 'accept', 1, 4, 1, 2, 1, 3, 1e9, NULL, 1e9, 1.6e9, NULL, 2e9, 'close', 1, 1.5e9, 4000, 1.5e9),
	(2, 2, 1, 6, 'socket', 2, 3, 2, 1, 3, 1, 1e9, 1e9, 1e9, NULL, 1.8e9, 1.9e9, 'close', 0, NULL, 0, NULL);
INSERT INTO call VALUES (1, 1.5e9, 0, 11, 20, 4, 1000, 6000, NULL, 10000, NULL, NULL, NULL, NULL, 1);
-- case: the peer had closed before the sender ended its side: nobody wanted the rest
-- expect: none
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, peer_id, local_id, remote_id, opened_ns, connecting_ns, connected_ns, shutdown_send_ns, closed_ns, how_ended, short_send_count, short_send_ns, owed_bytes, last_send_ns) VALUES
	(1, 2, 1, 6, 'accept', 1, 4, 1, 2, 1, 3, 1e9, NULL, 1e9, 1.6e9, 2e9, 'close', 1, 1.5e9, 4000, 1.5e9),
	(2, 2, 1, 6, 'socket', 2, 3, 2, 1, 3, 1, 1e9, 1e9, 1e9, NULL, 1.55e9, 'close', 0, NULL, 0, NULL);
