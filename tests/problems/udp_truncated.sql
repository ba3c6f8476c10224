-- case: recvmsg says MSG_TRUNC
-- expect: UDP_TRUNCATED s1 error
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, local_id, opened_ns, bound_ns, closed_ns, how_ended, truncated_count)
	VALUES (1, 2, 2, 17, 'socket', 1, 3, 1, 12, 1e9, 1e9, 2e9, 'close', 3);
-- case: recvfrom fills its buffer, and the sender sent more
-- expect: UDP_TRUNCATED s1 error
-- says: 100 bytes, and s2 sent 1000
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, local_id, opened_ns, bound_ns, closed_ns, how_ended, full_receive_count, full_receive_bytes, largest_send_bytes) VALUES
	(1, 2, 2, 17, 'socket', 1, 3, 1, 12, 1e9, 1e9, 2e9, 'close', 1, 100, 0),
	(2, 2, 2, 17, 'socket', 2, 3, 2, NULL, 1e9, NULL, 2e9, 'close', 0, NULL, 1000);
INSERT INTO call VALUES (1, 1.1e9, 0, 11, 25, 3, 5e8, 100, NULL, 100, NULL, NULL, 3, NULL, 1), (2, 1.5e9, 0, 21, 21, 3, 1000, 1000, NULL, 1000, NULL, NULL, 12, NULL, 2);
-- case: the message is exactly as long as the buffer
-- expect: none
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, local_id, opened_ns, bound_ns, closed_ns, how_ended, full_receive_count, full_receive_bytes, largest_send_bytes) VALUES
	(1, 2, 2, 17, 'socket', 1, 3, 1, 12, 1e9, 1e9, 2e9, 'close', 1, 100, 0),
	(2, 2, 2, 17, 'socket', 2, 3, 2, NULL, 1e9, NULL, 2e9, 'close', 0, NULL, 100);
INSERT INTO call VALUES (1, 1.1e9, 0, 11, 25, 3, 5e8, 100, NULL, 100, NULL, NULL, 3, NULL, 1), (2, 1.5e9, 0, 21, 21, 3, 1000, 100, NULL, 100, NULL, NULL, 12, NULL, 2);
-- case: a datagram through a pair of Unix sockets, which have no addresses
-- expect: UDP_TRUNCATED s1 error
-- says: 100 bytes, and s2 sent 500
INSERT INTO socket (socket_id, domain, type, origin, process_id, fd, caller_id, peer_id, opened_ns, connected_ns, closed_ns, how_ended, full_receive_count, full_receive_bytes, largest_send_bytes) VALUES
	(1, 1, 2, 'socketpair', 1, 3, 1, 2, 1e9, 1e9, 2e9, 'close', 1, 100, 0),
	(2, 1, 2, 'socketpair', 1, 4, 1, 1, 1e9, 1e9, 2e9, 'close', 0, NULL, 500);
INSERT INTO call VALUES (1, 1.6e9, 0, 11, 25, 3, 1000, 100, NULL, 100, NULL, NULL, NULL, NULL, 1), (2, 1.5e9, 0, 11, 20, 4, 1000, 500, NULL, 500, NULL, NULL, NULL, NULL, 1);
-- case: the receiver never bound nor asked for its port, and the sender has never had another partner
-- expect: UDP_TRUNCATED s1 error
-- says: 100 bytes, and s2 sent 500
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, peer_id, local_id, only_remote_id, opened_ns, bound_ns, closed_ns, how_ended, full_receive_count, full_receive_bytes, largest_send_bytes) VALUES
	(1, 2, 2, 17, 'socket', 2, 3, 2, 2, NULL, 12, 1e9, NULL, 2e9, 'close', 1, 100, 1),
	(2, 2, 2, 17, 'socket', 1, 3, 1, NULL, 12, 3, 1e9, 1e9, 2e9, 'close', 0, NULL, 500);
INSERT INTO call VALUES (1, 1.6e9, 0, 21, 24, 3, 1000, 100, NULL, 100, NULL, NULL, NULL, NULL, 2), (2, 1.5e9, 0, 11, 21, 3, 1000, 500, NULL, 500, NULL, NULL, 3, NULL, 1);
-- case: a sender with several partners: to which of them the long one went is not known
-- expect: none
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, peer_id, local_id, only_remote_id, opened_ns, bound_ns, closed_ns, how_ended, full_receive_count, full_receive_bytes, largest_send_bytes) VALUES
	(1, 2, 2, 17, 'socket', 2, 3, 2, 2, NULL, 12, 1e9, NULL, 2e9, 'close', 1, 100, 1),
	(2, 2, 2, 17, 'socket', 1, 3, 1, NULL, 12, 0, 1e9, 1e9, 2e9, 'close', 0, NULL, 500);
INSERT INTO call VALUES (1, 1.6e9, 0, 21, 24, 3, 1000, 100, NULL, 100, NULL, NULL, NULL, NULL, 2), (2, 1.5e9, 0, 11, 21, 3, 1000, 500, NULL, 500, NULL, NULL, 3, NULL, 1);
