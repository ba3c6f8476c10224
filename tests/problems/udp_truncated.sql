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
-- case: the length was asked for first (MSG_PEEK, MSG_TRUNC), and the buffer was made for it; a longer one had come before
-- expect: none
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, local_id, opened_ns, bound_ns, closed_ns, how_ended, full_receive_count, full_receive_bytes, largest_send_bytes) VALUES
	(1, 2, 2, 17, 'socket', 1, 3, 1, 12, 1e9, 1e9, 2e9, 'close', 2, 128, 0),
	(2, 2, 2, 17, 'socket', 2, 3, 2, NULL, 1e9, NULL, 2e9, 'close', 0, NULL, 1000);
INSERT INTO call VALUES (2, 1.1e9, 0, 21, 21, 3, 1000, 1000, NULL, 1000, NULL, NULL, 12, NULL, 2), (2, 1.3e9, 0, 21, 21, 3, 1000, 128, NULL, 128, NULL, NULL, 12, NULL, 2),
	(1, 1.2e9, 0, 11, 24, 3, 1000, 1000, NULL, 1, NULL, 34, NULL, NULL, 1), (1, 1.21e9, 0, 11, 24, 3, 1000, 1000, NULL, 1000, NULL, NULL, NULL, NULL, 1),
	(1, 1.4e9, 0, 11, 24, 3, 1000, 128, NULL, 128, NULL, NULL, NULL, NULL, 1);
-- case: header and body through a pair, each into a buffer of its length
-- expect: none
INSERT INTO socket (socket_id, domain, type, origin, process_id, fd, caller_id, peer_id, opened_ns, connected_ns, closed_ns, how_ended, full_receive_count, full_receive_bytes, largest_send_bytes) VALUES
	(1, 1, 5, 'socketpair', 1, 3, 1, 2, 1e9, 1e9, 2e9, 'close', 4, 8, 0),
	(2, 1, 5, 'socketpair', 1, 4, 1, 1, 1e9, 1e9, 2e9, 'close', 0, NULL, 300);
INSERT INTO call VALUES (2, 1.1e9, 0, 11, 20, 4, 1000, 8, NULL, 8, NULL, NULL, NULL, NULL, 1), (2, 1.2e9, 0, 11, 20, 4, 1000, 300, NULL, 300, NULL, NULL, NULL, NULL, 1),
	(2, 1.3e9, 0, 11, 20, 4, 1000, 8, NULL, 8, NULL, NULL, NULL, NULL, 1), (2, 1.4e9, 0, 11, 20, 4, 1000, 300, NULL, 300, NULL, NULL, NULL, NULL, 1),
	(1, 1.5e9, 0, 11, 24, 3, 1000, 8, NULL, 8, NULL, NULL, NULL, NULL, 1), (1, 1.6e9, 0, 11, 24, 3, 1000, 300, NULL, 300, NULL, NULL, NULL, NULL, 1),
	(1, 1.7e9, 0, 11, 24, 3, 1000, 8, NULL, 8, NULL, NULL, NULL, NULL, 1);
-- case: of header and body the second body is cut
-- expect: UDP_TRUNCATED s1 error
-- says: 1 datagram was cut, because the buffer was smaller: 300 bytes, and s2 sent 400
INSERT INTO socket (socket_id, domain, type, origin, process_id, fd, caller_id, peer_id, opened_ns, connected_ns, closed_ns, how_ended, full_receive_count, full_receive_bytes, largest_send_bytes) VALUES
	(1, 1, 2, 'socketpair', 1, 3, 1, 2, 1e9, 1e9, 2e9, 'close', 3, 8, 0),
	(2, 1, 2, 'socketpair', 1, 4, 1, 1, 1e9, 1e9, 2e9, 'close', 0, NULL, 400);
INSERT INTO call VALUES (2, 1.1e9, 0, 11, 20, 4, 1000, 8, NULL, 8, NULL, NULL, NULL, NULL, 1), (2, 1.2e9, 0, 11, 20, 4, 1000, 400, NULL, 400, NULL, NULL, NULL, NULL, 1),
	(1, 1.5e9, 0, 11, 24, 3, 1000, 8, NULL, 8, NULL, NULL, NULL, NULL, 1), (1, 1.6e9, 0, 11, 24, 3, 1000, 300, NULL, 300, NULL, NULL, NULL, NULL, 1);
-- case: some UDP datagrams were lost on the way, and the short one may be which came
-- expect: none
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, local_id, opened_ns, bound_ns, closed_ns, how_ended, full_receive_count, full_receive_bytes, largest_send_bytes) VALUES
	(1, 2, 2, 17, 'socket', 1, 3, 1, 12, 1e9, 1e9, 2e9, 'close', 1, 128, 0),
	(2, 2, 2, 17, 'socket', 2, 3, 2, NULL, 1e9, NULL, 2e9, 'close', 0, NULL, 1000);
INSERT INTO call VALUES (2, 1.1e9, 0, 21, 21, 3, 1000, 1000, NULL, 1000, NULL, NULL, 12, NULL, 2), (2, 1.2e9, 0, 21, 21, 3, 1000, 128, NULL, 128, NULL, NULL, 12, NULL, 2),
	(1, 1.4e9, 0, 11, 24, 3, 1000, 128, NULL, 128, NULL, NULL, NULL, NULL, 1);
-- case: two clients, and each datagram tells its sender: the one that sent long ones is not the one whose fitted
-- expect: UDP_TRUNCATED s1 error
-- says: 1 datagram was cut, because the buffer was smaller: 100 bytes, and s2 sent 150
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, local_id, opened_ns, bound_ns, closed_ns, how_ended, full_receive_count, full_receive_bytes, largest_send_bytes) VALUES
	(1, 2, 2, 17, 'socket', 1, 3, 1, 12, 1e9, 1e9, 2e9, 'close', 2, 100, 0),
	(2, 2, 2, 17, 'socket', 2, 3, 2, 3, 1e9, NULL, 2e9, 'close', 0, NULL, 150),
	(3, 2, 2, 17, 'socket', 2, 4, 2, 4, 1e9, NULL, 2e9, 'close', 0, NULL, 120);
INSERT INTO call VALUES (2, 1.1e9, 0, 21, 21, 3, 1000, 150, NULL, 150, NULL, NULL, 12, NULL, 2), (3, 1.2e9, 0, 21, 21, 4, 1000, 100, NULL, 100, NULL, NULL, 12, NULL, 2),
	(3, 1.6e9, 0, 21, 21, 4, 1000, 120, NULL, 120, NULL, NULL, 12, NULL, 2),
	(1, 1.4e9, 0, 11, 25, 3, 1000, 100, NULL, 100, NULL, NULL, 3, NULL, 1), (1, 1.5e9, 0, 11, 25, 3, 1000, 100, NULL, 100, NULL, NULL, 4, NULL, 1);
-- case: calls were not kept: all that were sent came, with fewer bytes
-- expect: UDP_TRUNCATED s1 error
-- says: datagrams were cut, because the buffer was smaller: of 500 bytes sent in 1, 400 are missing
INSERT INTO meta VALUES ('detail', 'sockets');
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, local_id, only_remote_id, opened_ns, bound_ns, closed_ns, how_ended, full_receive_count, full_receive_bytes, largest_send_bytes, sent_messages, sent_bytes, received_messages, received_bytes) VALUES
	(1, 2, 2, 17, 'socket', 1, 3, 1, 12, NULL, 1e9, 1e9, 2e9, 'close', 1, 100, 0, 0, 0, 1, 100),
	(2, 2, 2, 17, 'socket', 2, 3, 2, NULL, 12, 1e9, NULL, 2e9, 'close', 0, NULL, 500, 1, 500, 0, 0);
-- case: calls were not kept, and as many bytes came as were sent
-- expect: none
INSERT INTO meta VALUES ('detail', 'sockets');
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, local_id, only_remote_id, opened_ns, bound_ns, closed_ns, how_ended, full_receive_count, full_receive_bytes, largest_send_bytes, sent_messages, sent_bytes, received_messages, received_bytes) VALUES
	(1, 2, 2, 17, 'socket', 1, 3, 1, 12, NULL, 1e9, 1e9, 2e9, 'close', 1, 100, 0, 0, 0, 2, 600),
	(2, 2, 2, 17, 'socket', 2, 3, 2, NULL, 12, 1e9, NULL, 2e9, 'close', 0, NULL, 500, 2, 600, 0, 0);
