-- case: the client waits 1.8 s for an answer while the server computes
-- expect: BLOCKED s1 warning
-- says: recv took 1.8 s = 90% of its life; the peer s2 was computing, not the network
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, peer_id, local_id, remote_id, opened_ns, connecting_ns, connected_ns, closed_ns, how_ended, first_send_ns, longest_ns, longest_start_ns, longest_kind_id) VALUES
	(1, 2, 1, 6, 'socket', 2, 3, 2, 2, 3, 1, 1e9, 1e9, 1e9, 3e9, 'close', 1.05e9, 1.8e9, 1.1e9, 24),
	(2, 2, 1, 6, 'accept', 1, 4, 1, 1, 1, 3, 1e9, NULL, 1e9, 2.95e9, 'close', 2.89e9, 5e7, 1.01e9, 24);
INSERT INTO call VALUES (1, 1.1e9, 0, 21, 24, 3, 1.8e9, 5, NULL, 100, NULL, NULL, NULL, NULL, 2), (2, 1.01e9, 0, 11, 24, 4, 5e7, 5, NULL, 100, NULL, NULL, NULL, NULL, 1),
	(2, 2.89e9, 0, 11, 20, 4, 1e4, 5, NULL, 5, NULL, NULL, NULL, NULL, 1);
-- case: an idle server waits for the next request: at rest, not blocked
-- expect: none
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, local_id, remote_id, opened_ns, connected_ns, closed_ns, how_ended, first_send_ns, longest_ns, longest_start_ns, longest_kind_id) VALUES
	(2, 2, 1, 6, 'accept', 1, 4, 1, 1, 3, 1e9, 1e9, 9e9, 'close', 1.05e9, 7e9, 1.1e9, 24);
-- case: both ends wait in recv for each other
-- expect: BLOCKED s1 error
-- expect: BLOCKED s2 error
-- says: each waited for the other
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, peer_id, local_id, remote_id, opened_ns, connecting_ns, connected_ns, closed_ns, how_ended, first_send_ns, unreturned_start_ns, unreturned_kind_id) VALUES
	(1, 2, 1, 6, 'socket', 2, 3, 2, 2, 3, 1, 1e9, 1e9, 1e9, 10e9, 'killed', 1.05e9, 1.1e9, 24),
	(2, 2, 1, 6, 'accept', 1, 4, 1, 1, 1, 3, 1e9, NULL, 1e9, 10e9, 'killed', 1.06e9, 1.2e9, 24);
-- case: the peer does not read, and send stands still
-- expect: BLOCKED s2 warning
-- says: send took 3.0 s = 75% of its life; the peer s1 did not read
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, peer_id, local_id, remote_id, opened_ns, connecting_ns, connected_ns, closed_ns, how_ended, longest_ns, longest_start_ns, longest_kind_id) VALUES
	(1, 2, 1, 6, 'socket', 2, 3, 2, 2, 3, 1, 1e9, 1e9, 1e9, 5e9, 'close', 0, NULL, NULL),
	(2, 2, 1, 6, 'accept', 1, 4, 1, 1, 1, 3, 1e9, NULL, 1e9, 5e9, 'close', 3e9, 1.1e9, 20);
-- case: each waits for the other until one of them is killed
-- expect: BLOCKED s1 error
-- says: each waited for the other
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, peer_id, local_id, remote_id, opened_ns, connecting_ns, connected_ns, closed_ns, how_ended, sent_bytes, first_send_ns, last_send_ns, longest_ns, longest_start_ns, longest_kind_id, unreturned_start_ns, unreturned_kind_id) VALUES
	(1, 2, 1, 6, 'socket', 2, 3, 2, 2, 3, 1, 1e9, 1e9, 1e9, 10e9, 'close', 4, 1.05e9, 1.05e9, 8.9e9, 1.1e9, 24, NULL, NULL),
	(2, 2, 1, 6, 'accept', 1, 4, 1, 1, 1, 3, 1e9, NULL, 1e9, 10e9, 'killed', 0, NULL, NULL, 0, NULL, NULL, 1.2e9, 24);
INSERT INTO call VALUES (1, 1.1e9, 0, 21, 24, 3, 8.9e9, 0, NULL, 100, NULL, NULL, NULL, NULL, 2);
-- case: a chat in which nobody speaks any more is at rest
-- expect: BLOCKED s1 info
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, peer_id, local_id, remote_id, opened_ns, connecting_ns, connected_ns, closed_ns, how_ended, sent_bytes, first_send_ns, last_send_ns, last_receive_ns, unreturned_start_ns, unreturned_kind_id) VALUES
	(1, 2, 1, 6, 'socket', 2, 3, 2, 2, 3, 1, 1e9, 1e9, 1e9, 10e9, 'killed', 4, 1.05e9, 1.05e9, 1.07e9, 1.1e9, 24),
	(2, 2, 1, 6, 'accept', 1, 4, 1, 1, 1, 3, 1e9, NULL, 1e9, 10e9, 'killed', 4, 1.06e9, 1.06e9, 1.055e9, 1.2e9, 24);
-- case: a connect that failed in the end is told by TIMEOUT
-- expect: TIMEOUT s1 error
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, remote_id, opened_ns, connecting_ns, connect_errno, closed_ns, how_ended, longest_ns, longest_start_ns, longest_kind_id) VALUES
	(1, 2, 1, 6, 'socket', 2, 3, 2, 6, 1e9, 1e9, 110, 9e9, 'close', 8e9, 1e9, 7);
-- case: send takes long, but the peer reads all the time
-- expect: none
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, peer_id, local_id, remote_id, opened_ns, connecting_ns, connected_ns, closed_ns, how_ended, longest_ns, longest_start_ns, longest_kind_id) VALUES
	(1, 2, 1, 6, 'socket', 2, 3, 2, 2, 3, 1, 1e9, 1e9, 1e9, 5e9, 'close', 0, NULL, NULL),
	(2, 2, 1, 6, 'accept', 1, 4, 1, 1, 1, 3, 1e9, NULL, 1e9, 5e9, 'close', 3e9, 1.1e9, 20);
INSERT INTO call VALUES (1, 2.6e9, 0, 21, 24, 3, 1000, 100, NULL, 100, NULL, NULL, NULL, NULL, 2);
-- case: Ctrl-C ends it: both stood in a receive, the question's end was never told
-- expect: BLOCKED s1 warning
-- says: recv took 2.995 s = 100% of its life; the peer s2 stood in a receive as well: each waited for the other
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, peer_id, local_id, remote_id, opened_ns, connecting_ns, connected_ns, closed_ns, how_ended, sent_bytes, received_bytes, first_send_ns, last_send_ns, last_receive_ns, longest_ns, longest_start_ns, longest_kind_id) VALUES
	(1, 2, 1, 6, 'socket', 2, 3, 2, 2, 3, 1, 1e9, 1e9, 1e9, 4e9, 'exit', 4, 0, 1.001e9, 1.001e9, NULL, 2.995e9, 1.002e9, 24),
	(2, 2, 1, 6, 'accept', 1, 4, 1, 1, 1, 3, 1e9, NULL, 1e9, 4e9, 'exit', 0, 4, NULL, NULL, 1.003e9, 2.99e9, 1.004e9, 24);
INSERT INTO call VALUES (1, 1.002e9, 0, 21, 24, 3, 2.995e9, -1, 4, 100, NULL, NULL, NULL, NULL, 2);
-- case: after Ctrl-C in a chat at rest nobody had a question open
-- expect: none
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, peer_id, local_id, remote_id, opened_ns, connecting_ns, connected_ns, closed_ns, how_ended, sent_bytes, received_bytes, first_send_ns, last_send_ns, last_receive_ns, longest_ns, longest_start_ns, longest_kind_id) VALUES
	(1, 2, 1, 6, 'socket', 2, 3, 2, 2, 3, 1, 1e9, 1e9, 1e9, 4e9, 'exit', 4, 4, 1.001e9, 1.001e9, 1.004e9, 2.99e9, 1.005e9, 24),
	(2, 2, 1, 6, 'accept', 1, 4, 1, 1, 1, 3, 1e9, NULL, 1e9, 4e9, 'exit', 4, 4, 1.003e9, 1.003e9, 1.002e9, 2.99e9, 1.006e9, 24);
INSERT INTO call VALUES (1, 1.005e9, 0, 21, 24, 3, 2.99e9, -1, 4, 100, NULL, NULL, NULL, NULL, 2);
-- case: a signal interrupted a receive, and the answer came afterwards
-- expect: none
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, peer_id, local_id, remote_id, opened_ns, connecting_ns, connected_ns, closed_ns, how_ended, sent_bytes, received_bytes, first_send_ns, last_send_ns, last_receive_ns, longest_ns, longest_start_ns, longest_kind_id) VALUES
	(1, 2, 1, 6, 'socket', 2, 3, 2, 2, 3, 1, 1e9, 1e9, 1e9, 4.1e9, 'close', 4, 4, 1.001e9, 1.001e9, 4.05e9, 2.99e9, 1.002e9, 24),
	(2, 2, 1, 6, 'accept', 1, 4, 1, 1, 1, 3, 1e9, NULL, 1e9, 4.2e9, 'close', 4, 4, 4.04e9, 4.04e9, 1.003e9, 2.99e9, 1.004e9, 24);
INSERT INTO call VALUES (1, 1.002e9, 0, 21, 24, 3, 2.99e9, -1, 4, 100, NULL, NULL, NULL, NULL, 2);
-- case: a subscriber has its answer and waits for news, as the server does
-- expect: BLOCKED s1 info
-- says: recv took 1.8 s = 90% of its life; it had had an answer before; the peer s2 had nothing to say, and waited as well
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, peer_id, local_id, remote_id, opened_ns, connecting_ns, connected_ns, closed_ns, how_ended, first_send_ns, longest_ns, longest_start_ns, longest_kind_id) VALUES
	(1, 2, 1, 6, 'socket', 2, 3, 2, 2, 3, 1, 1e9, 1e9, 1e9, 3e9, 'close', 1.05e9, 1.8e9, 1.1e9, 24),
	(2, 2, 1, 6, 'accept', 1, 4, 1, 1, 1, 3, 1e9, NULL, 1e9, 2.95e9, 'close', 1.07e9, 0, NULL, NULL);
INSERT INTO call VALUES (1, 1.05e9, 0, 21, 20, 3, 1e4, 5, NULL, 5, NULL, NULL, NULL, NULL, 2), (1, 1.06e9, 0, 21, 24, 3, 2e7, 5, NULL, 100, NULL, NULL, NULL, NULL, 2),
	(1, 1.1e9, 0, 21, 24, 3, 1.8e9, 5, NULL, 100, NULL, NULL, NULL, NULL, 2), (2, 1.06e9, 0, 11, 24, 4, 5e6, 5, NULL, 100, NULL, NULL, NULL, NULL, 1),
	(2, 1.07e9, 0, 11, 20, 4, 1e4, 5, NULL, 5, NULL, NULL, NULL, NULL, 1), (2, 2.89e9, 0, 11, 20, 4, 1e4, 5, NULL, 5, NULL, NULL, NULL, NULL, 1),
	(0, 1.08e9, 0, 11, 77, NULL, 1.8e9, 1, NULL, NULL, NULL, NULL, NULL, NULL, 1);
-- case: the answer's second half takes the server 1.8 s
-- expect: BLOCKED s1 warning
-- says: the peer s2 was computing, not the network
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, peer_id, local_id, remote_id, opened_ns, connecting_ns, connected_ns, closed_ns, how_ended, first_send_ns, longest_ns, longest_start_ns, longest_kind_id) VALUES
	(1, 2, 1, 6, 'socket', 2, 3, 2, 2, 3, 1, 1e9, 1e9, 1e9, 3e9, 'close', 1.05e9, 1.8e9, 1.1e9, 24),
	(2, 2, 1, 6, 'accept', 1, 4, 1, 1, 1, 3, 1e9, NULL, 1e9, 2.95e9, 'close', 1.07e9, 0, NULL, NULL);
INSERT INTO call VALUES (1, 1.05e9, 0, 21, 20, 3, 1e4, 5, NULL, 5, NULL, NULL, NULL, NULL, 2), (1, 1.06e9, 0, 21, 24, 3, 2e7, 5, NULL, 100, NULL, NULL, NULL, NULL, 2),
	(1, 1.1e9, 0, 21, 24, 3, 1.8e9, 5, NULL, 100, NULL, NULL, NULL, NULL, 2), (2, 1.06e9, 0, 11, 24, 4, 5e6, 5, NULL, 100, NULL, NULL, NULL, NULL, 1),
	(2, 1.07e9, 0, 11, 20, 4, 1e4, 5, NULL, 5, NULL, NULL, NULL, NULL, 1), (2, 2.89e9, 0, 11, 20, 4, 1e4, 5, NULL, 5, NULL, NULL, NULL, NULL, 1);
-- case: the server has read the question, and waits for its own server
-- expect: BLOCKED s1 warning
-- expect: BLOCKED s3 warning
-- says: 90% of its life; the peer s2 had read the question, and waited for s3 itself
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, peer_id, local_id, remote_id, opened_ns, connecting_ns, connected_ns, closed_ns, how_ended, first_send_ns, longest_ns, longest_start_ns, longest_kind_id) VALUES
	(1, 2, 1, 6, 'socket', 2, 3, 2, 2, 3, 1, 1e9, 1e9, 1e9, 3e9, 'close', 1.05e9, 1.8e9, 1.1e9, 24),
	(2, 2, 1, 6, 'accept', 1, 4, 1, 1, 1, 3, 1e9, NULL, 1e9, 2.95e9, 'close', 2.89e9, 5e7, 1.01e9, 24),
	(3, 2, 1, 6, 'socket', 1, 5, 1, NULL, 4, 6, 1.1e9, 1.1e9, 1.1e9, 2.9e9, 'close', 1.11e9, 1.7e9, 1.12e9, 24);
INSERT INTO call VALUES (1, 1.1e9, 0, 21, 24, 3, 1.8e9, 5, NULL, 100, NULL, NULL, NULL, NULL, 2), (2, 1.01e9, 0, 11, 24, 4, 5e7, 5, NULL, 100, NULL, NULL, NULL, NULL, 1),
	(2, 2.89e9, 0, 11, 20, 4, 1e4, 5, NULL, 5, NULL, NULL, NULL, NULL, 1), (3, 1.12e9, 0, 11, 24, 5, 1.7e9, 5, NULL, 100, NULL, NULL, NULL, NULL, 1);
-- case: the answer of a server that is not in the trace takes 1.8 s
-- expect: BLOCKED s1 warning
-- says: recv took 1.8 s = 90% of its life; the peer is not in the trace: network or peer, that is not known
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, local_id, remote_id, opened_ns, connecting_ns, connected_ns, closed_ns, how_ended, first_send_ns, longest_ns, longest_start_ns, longest_kind_id) VALUES
	(1, 2, 1, 6, 'socket', 2, 3, 2, 4, 6, 1e9, 1e9, 1e9, 3e9, 'close', 1.05e9, 1.8e9, 1.1e9, 24);
INSERT INTO call VALUES (1, 1.05e9, 0, 21, 20, 3, 1e4, 5, NULL, 5, NULL, NULL, NULL, NULL, 2), (1, 1.1e9, 0, 21, 24, 3, 1.8e9, 5, NULL, 100, NULL, NULL, NULL, NULL, 2);
-- case: news of a server that is not in the trace, which had answered before
-- expect: BLOCKED s1 info
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, local_id, remote_id, opened_ns, connecting_ns, connected_ns, closed_ns, how_ended, first_send_ns, longest_ns, longest_start_ns, longest_kind_id) VALUES
	(1, 2, 1, 6, 'socket', 2, 3, 2, 4, 6, 1e9, 1e9, 1e9, 3e9, 'close', 1.05e9, 1.8e9, 1.1e9, 24);
INSERT INTO call VALUES (1, 1.05e9, 0, 21, 20, 3, 1e4, 5, NULL, 5, NULL, NULL, NULL, NULL, 2), (1, 1.06e9, 0, 21, 24, 3, 1e4, 5, NULL, 100, NULL, NULL, NULL, NULL, 2),
	(1, 1.1e9, 0, 21, 24, 3, 1.8e9, 5, NULL, 100, NULL, NULL, NULL, NULL, 2);
-- case: a connection to a machine that is not in the trace is answered late
-- expect: BLOCKED s1 warning
-- says: connect took 1.5 s = 75% of its life; the connection was answered late
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, local_id, remote_id, opened_ns, connecting_ns, connected_ns, connect_proof, closed_ns, how_ended, longest_ns, longest_start_ns, longest_kind_id) VALUES
	(1, 2, 1, 6, 'socket', 2, 3, 2, 4, 6, 1e9, 1.1e9, 2.6e9, 'connect', 3e9, 'close', 1.5e9, 1.1e9, 7);
INSERT INTO call VALUES (1, 1.1e9, 0, 21, 7, 3, 1.5e9, 0, NULL, NULL, NULL, NULL, NULL, NULL, 2);
-- case: the server has read the question, and waits for something to happen
-- expect: BLOCKED s1 warning
-- says: the peer s2 had read the question, and waited itself for something to happen
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, peer_id, local_id, remote_id, opened_ns, connecting_ns, connected_ns, closed_ns, how_ended, first_send_ns, longest_ns, longest_start_ns, longest_kind_id) VALUES
	(1, 2, 1, 6, 'socket', 2, 3, 2, 2, 3, 1, 1e9, 1e9, 1e9, 3e9, 'close', 1.05e9, 1.8e9, 1.1e9, 24),
	(2, 2, 1, 6, 'accept', 1, 4, 1, 1, 1, 3, 1e9, NULL, 1e9, 2.95e9, 'close', 2.89e9, 5e7, 1.01e9, 24);
INSERT INTO call VALUES (1, 1.1e9, 0, 21, 24, 3, 1.8e9, 5, NULL, 100, NULL, NULL, NULL, NULL, 2), (2, 1.01e9, 0, 11, 24, 4, 5e7, 5, NULL, 100, NULL, NULL, NULL, NULL, 1),
	(2, 2.89e9, 0, 11, 20, 4, 1e4, 5, NULL, 5, NULL, NULL, NULL, NULL, 1), (0, 1.2e9, 0, 11, 77, NULL, 0.8e9, 0, NULL, NULL, NULL, NULL, NULL, NULL, 1), (0, 2.01e9, 0, 11, 77, NULL, 0.7e9, 1, NULL, NULL, NULL, NULL, NULL, NULL, 1);
-- case: datagrams end without a word as their sender closes
-- expect: BLOCKED s1 info
-- says: recv took 1.8 s = 90% of its life; the peer s2 had been closed, of which a datagram socket is not told
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, peer_id, local_id, only_remote_id, opened_ns, bound_ns, closed_ns, how_ended, longest_ns, longest_start_ns, longest_kind_id) VALUES
	(1, 2, 2, 17, 'socket', 1, 3, 1, 2, 1, 3, 1e9, 1e9, 3e9, 'close', 1.8e9, 1.1e9, 24), (2, 2, 2, 17, 'socket', 2, 4, 2, 1, 3, 1, 1e9, NULL, 1.11e9, 'close', 0, NULL, NULL);
INSERT INTO span VALUES (1, 1, 1, 3, 1e9, 'socket', 3e9, 'close', 2), (2, 2, 2, 4, 1e9, 'socket', 1.11e9, 'close', 2);
INSERT INTO call VALUES (1, 1.1e9, 0, 11, 24, 3, 1.8e9, 5, NULL, 100, NULL, NULL, NULL, NULL, 1);
-- case: a server of datagrams waits, and whoever might have sent
-- expect: BLOCKED s1 info
-- says: it is not connected: whoever might have sent is not known
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, local_id, opened_ns, bound_ns, closed_ns, how_ended, longest_ns, longest_start_ns, longest_kind_id) VALUES
	(1, 2, 2, 17, 'socket', 1, 3, 1, 1, 1e9, 1e9, 3e9, 'close', 1.8e9, 1.1e9, 24);
INSERT INTO call VALUES (1, 1.1e9, 0, 11, 24, 3, 1.8e9, 5, NULL, 100, NULL, NULL, NULL, NULL, 1);
