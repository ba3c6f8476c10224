-- case: client and accepted socket share a 4-tuple; the queue wait is known
-- pair
-- query: SELECT socket_id, peer_id, accept_wait_ns FROM socket ORDER BY 1
-- gives: 1|2|NULL;2|1|500000000
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, local_id, remote_id, opened_ns, connecting_ns, connected_ns, connect_proof, closed_ns, how_ended) VALUES
	(1, 2, 1, 6, 'socket', 2, 3, 3, 1, 1e9, 1e9, 1e9, 'connect', 3e9, 'close'), (2, 2, 1, 6, 'accept', 1, 4, 1, 3, 1.5e9, NULL, 1.5e9, 'accept', 3e9, 'close');
-- case: the client is v4-mapped IPv6, the accept came after its close
-- pair
-- query: SELECT socket_id, peer_id FROM socket ORDER BY 1
-- gives: 1|2;2|1
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, local_id, remote_id, opened_ns, connecting_ns, connected_ns, connect_proof, closed_ns, how_ended) VALUES
	(1, 10, 1, 6, 'socket', 2, 3, 13, 1, 1e9, 1e9, 1e9, 'connect', 1.1e9, 'close'), (2, 2, 1, 6, 'accept', 1, 4, 1, 3, 1.5e9, NULL, 1.5e9, 'accept', 3e9, 'close');
-- case: a port is used again: each connect gets its own accept
-- pair
-- query: SELECT socket_id, peer_id FROM socket ORDER BY 1
-- gives: 1|2;2|1;3|4;4|3
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, local_id, remote_id, opened_ns, connecting_ns, connected_ns, connect_proof, closed_ns, how_ended) VALUES
	(1, 2, 1, 6, 'socket', 2, 3, 3, 1, 1e9, 1e9, 1e9, 'connect', 1.3e9, 'close'), (2, 2, 1, 6, 'accept', 1, 4, 1, 3, 1.1e9, NULL, 1.5e9, 'accept', 3e9, 'close'),
	(3, 2, 1, 6, 'socket', 2, 3, 3, 1, 2e9, 2e9, 2e9, 'connect', 2.3e9, 'close'), (4, 2, 1, 6, 'accept', 1, 4, 1, 3, 2.1e9, NULL, 2.5e9, 'accept', 3e9, 'close');
-- case: two connects, both closed before the two accepts: first in, first out
-- pair
-- query: SELECT socket_id, peer_id FROM socket ORDER BY 1
-- gives: 1|2;2|1;3|4;4|3
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, local_id, remote_id, opened_ns, connecting_ns, connected_ns, connect_proof, closed_ns, how_ended) VALUES
	(1, 2, 1, 6, 'socket', 2, 3, 3, 1, 1e9, 1e9, 1e9, 'connect', 1.3e9, 'close'), (3, 2, 1, 6, 'socket', 2, 3, 3, 1, 2e9, 2e9, 2e9, 'connect', 2.3e9, 'close'),
	(2, 2, 1, 6, 'accept', 1, 4, 1, 3, 3.1e9, NULL, 3.1e9, 'accept', 5e9, 'close'), (4, 2, 1, 6, 'accept', 1, 5, 1, 3, 3.2e9, NULL, 3.2e9, 'accept', 5e9, 'close');
UPDATE socket SET accepting_ns = opened_ns - 10 WHERE origin = 'accept';
-- case: … but two accepts at the same time may have returned in either order
-- pair
-- query: SELECT socket_id, peer_id, peer_candidates FROM socket ORDER BY 1
-- gives: 1|NULL|2;2|NULL|2;3|NULL|2;4|NULL|2
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, local_id, remote_id, opened_ns, connecting_ns, connected_ns, connect_proof, closed_ns, how_ended) VALUES
	(1, 2, 1, 6, 'socket', 2, 3, 3, 1, 1e9, 1e9, 1e9, 'connect', 1.3e9, 'close'), (3, 2, 1, 6, 'socket', 2, 3, 3, 1, 2e9, 2e9, 2e9, 'connect', 2.3e9, 'close'),
	(2, 2, 1, 6, 'accept', 1, 4, 1, 3, 3.1e9, NULL, 3.1e9, 'accept', 5e9, 'close'), (4, 2, 1, 6, 'accept', 1, 5, 1, 3, 3.2e9, NULL, 3.2e9, 'accept', 5e9, 'close');
UPDATE socket SET accepting_ns = 3e9 WHERE origin = 'accept';
-- case: two connects and one accept: nobody knows which, and it is said
-- pair
-- query: SELECT socket_id, peer_id, peer_candidates FROM socket ORDER BY 1
-- gives: 1|NULL|2;2|NULL|2;3|NULL|2
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, local_id, remote_id, opened_ns, connecting_ns, connected_ns, connect_proof, closed_ns, how_ended) VALUES
	(1, 2, 1, 6, 'socket', 2, 3, 3, 1, 1e9, 1e9, 1e9, 'connect', 1.3e9, 'close'), (3, 2, 1, 6, 'socket', 2, 3, 3, 1, 2e9, 2e9, 2e9, 'connect', 2.3e9, 'close'),
	(2, 2, 1, 6, 'accept', 1, 4, 1, 3, 3.1e9, NULL, 3.1e9, 'accept', 5e9, 'close');
-- case: the same 4-tuple in another network namespace is another connection
-- pair
-- query: SELECT socket_id, peer_id FROM socket ORDER BY 1
-- gives: 1|NULL;2|NULL
INSERT INTO host VALUES (2, 'box', '6.1.0', 'x86_64', 4026539999);
UPDATE process SET host_id = 2 WHERE process_id = 2;
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, local_id, remote_id, opened_ns, connecting_ns, connected_ns, connect_proof, closed_ns, how_ended) VALUES
	(1, 2, 1, 6, 'socket', 2, 3, 3, 1, 1e9, 1e9, 1e9, 'connect', 3e9, 'close'), (2, 2, 1, 6, 'accept', 1, 4, 1, 3, 1.5e9, NULL, 1.5e9, 'accept', 3e9, 'close');
-- case: Unix connections to one path pair in the order of the queue
-- pair
-- query: SELECT socket_id, peer_id FROM socket ORDER BY 1
-- gives: 1|3;2|4;3|1;4|2;9|NULL
INSERT INTO socket (socket_id, domain, type, origin, process_id, fd, parent_id, local_id, remote_id, opened_ns, listening_ns, connecting_ns, connected_ns, connect_proof, closed_ns, how_ended) VALUES
	(9, 1, 1, 'socket', 1, 3, NULL, 8, NULL, 0, 0, NULL, NULL, NULL, 9e9, 'close'),
	(1, 1, 1, 'socket', 2, 3, NULL, 9, 8, 1e9, NULL, 1e9, 1.1e9, 'connect', 3e9, 'close'), (2, 1, 1, 'socket', 2, 4, NULL, 9, 8, 2e9, NULL, 2e9, 2.1e9, 'connect', 3e9, 'close'),
	(3, 1, 1, 'accept', 1, 4, 9, 8, 9, 4e9, NULL, NULL, 4e9, 'accept', 5e9, 'close'), (4, 1, 1, 'accept', 1, 5, 9, 8, 9, 4.1e9, NULL, NULL, 4.1e9, 'accept', 5e9, 'close');
UPDATE socket SET accepting_ns = opened_ns - 10 WHERE origin = 'accept';
-- case: Unix connects that overlapped are told apart by their bytes only
-- pair
-- query: SELECT socket_id, peer_id, peer_candidates FROM socket ORDER BY 1
-- gives: 1|4|0;2|3|0;3|2|0;4|1|0;9|NULL|0
INSERT INTO socket (socket_id, domain, type, origin, process_id, fd, parent_id, local_id, remote_id, opened_ns, listening_ns, connecting_ns, connected_ns, connect_proof, closed_ns, how_ended, sent_bytes, received_bytes) VALUES
	(9, 1, 1, 'socket', 1, 3, NULL, 8, NULL, 0, 0, NULL, NULL, NULL, 9e9, 'close', 0, 0),
	(1, 1, 1, 'socket', 2, 3, NULL, 9, 8, 1e9, NULL, 1e9, 1.1e9, 'connect', 3e9, 'close', 10, 0), (2, 1, 1, 'socket', 2, 4, NULL, 9, 8, 1.05e9, NULL, 1.05e9, 1.2e9, 'connect', 3e9, 'close', 20, 0),
	(3, 1, 1, 'accept', 1, 4, 9, 8, 9, 4e9, NULL, NULL, 4e9, 'accept', 5e9, 'close', 0, 20), (4, 1, 1, 'accept', 1, 5, 9, 8, 9, 4.1e9, NULL, NULL, 4.1e9, 'accept', 5e9, 'close', 0, 10);
-- case: … and when the bytes are alike, not at all
-- pair
-- query: SELECT socket_id, peer_id, peer_candidates FROM socket ORDER BY 1
-- gives: 1|NULL|2;2|NULL|2;3|NULL|2;4|NULL|2;9|NULL|0
INSERT INTO socket (socket_id, domain, type, origin, process_id, fd, parent_id, local_id, remote_id, opened_ns, listening_ns, connecting_ns, connected_ns, connect_proof, closed_ns, how_ended) VALUES
	(9, 1, 1, 'socket', 1, 3, NULL, 10, NULL, 0, 0, NULL, NULL, NULL, 9e9, 'close'),
	(1, 1, 1, 'socket', 2, 3, NULL, 9, 10, 1e9, NULL, 1e9, 1.1e9, 'connect', 3e9, 'close'), (2, 1, 1, 'socket', 2, 4, NULL, 9, 10, 1.05e9, NULL, 1.05e9, 1.2e9, 'connect', 3e9, 'close'),
	(3, 1, 1, 'accept', 1, 4, 9, 10, 9, 4e9, NULL, NULL, 4e9, 'accept', 5e9, 'close'), (4, 1, 1, 'accept', 1, 5, 9, 10, 9, 4.1e9, NULL, NULL, 4.1e9, 'accept', 5e9, 'close');
-- case: the thread that took the first connection slept on its way out of accept: the later connection was returned first
-- pair
-- query: SELECT socket_id, peer_id, peer_candidates FROM socket ORDER BY 1
-- gives: 1|3|0;2|4|0;3|1|0;4|2|0;9|NULL|0
INSERT INTO socket (socket_id, domain, type, origin, process_id, thread_id, fd, parent_id, local_id, remote_id, opened_ns, listening_ns, connecting_thread_id, connecting_ns, connected_ns, connect_proof, accepting_ns, peer_pid, closed_ns, how_ended, sent_bytes, received_bytes, first_send_ns, first_receive_ns) VALUES
	(9, 1, 1, 'socket', 1, 11, 3, NULL, 8, NULL, 0, 0, NULL, NULL, NULL, NULL, NULL, NULL, 9e9, 'close', 0, 0, NULL, NULL),
	(1, 1, 1, 'socket', 2, 21, 3, NULL, 9, 8, 2208173000, NULL, 21, 2208173000, 2208180000, 'connect', NULL, NULL, 3e9, 'close', 455, 1, 2208183000, 2210100000),
	(2, 1, 1, 'socket', 2, 22, 4, NULL, 9, 8, 2208190000, NULL, 22, 2208190000, 2208195000, 'connect', NULL, NULL, 3e9, 'close', 425, 6, 2208197000, 2209450000),
	(4, 1, 1, 'accept', 1, 12, 4, 9, 8, 9, 2208300000, NULL, NULL, NULL, 2208300000, 'accept', 2208000000, 200, 5e9, 'close', 6, 425, 2209394000, 2209392000),
	(3, 1, 1, 'accept', 1, 11, 5, 9, 8, 9, 2209371000, NULL, NULL, NULL, 2209371000, 'accept', 2208000000, 200, 5e9, 'close', 1, 455, 2210000000, 2209900000);
-- case: … and when their bytes tell nothing, no order is made up, however far apart they returned
-- pair
-- query: SELECT socket_id, peer_id, peer_candidates FROM socket ORDER BY 1
-- gives: 1|NULL|2;2|NULL|2;3|NULL|2;4|NULL|2;9|NULL|0
INSERT INTO socket (socket_id, domain, type, origin, process_id, thread_id, fd, parent_id, local_id, remote_id, opened_ns, listening_ns, connecting_thread_id, connecting_ns, connected_ns, connect_proof, accepting_ns, peer_pid, closed_ns, how_ended) VALUES
	(9, 1, 1, 'socket', 1, 11, 3, NULL, 8, NULL, 0, 0, NULL, NULL, NULL, NULL, NULL, NULL, 9e9, 'close'),
	(1, 1, 1, 'socket', 2, 21, 3, NULL, 9, 8, 1e9, NULL, 21, 1e9, 1.1e9, 'connect', NULL, NULL, 6e9, 'close'),
	(2, 1, 1, 'socket', 2, 22, 4, NULL, 9, 8, 2e9, NULL, 22, 2e9, 2.1e9, 'connect', NULL, NULL, 6e9, 'close'),
	(3, 1, 1, 'accept', 1, 11, 4, 9, 8, 9, 3e9, NULL, NULL, NULL, 3e9, 'accept', 0.5e9, 200, 6e9, 'close'),
	(4, 1, 1, 'accept', 1, 12, 5, 9, 8, 9, 4e9, NULL, NULL, NULL, 4e9, 'accept', 0.6e9, 200, 6e9, 'close');
-- case: two processes connect at the same time: SO_PEERCRED tells them apart
-- pair
-- query: SELECT socket_id, peer_id, peer_candidates FROM socket ORDER BY 1
-- gives: 1|4|0;2|3|0;3|2|0;4|1|0;9|NULL|0
INSERT INTO socket (socket_id, domain, type, origin, process_id, thread_id, fd, parent_id, local_id, remote_id, opened_ns, listening_ns, connecting_thread_id, connecting_ns, connected_ns, connect_proof, accepting_ns, peer_pid, closed_ns, how_ended) VALUES
	(9, 1, 1, 'socket', 1, 11, 3, NULL, 8, NULL, 0, 0, NULL, NULL, NULL, NULL, NULL, NULL, 9e9, 'close'),
	(1, 1, 1, 'socket', 2, 21, 3, NULL, 9, 8, 1e9, NULL, 21, 1e9, 1.2e9, 'connect', NULL, NULL, 6e9, 'close'),
	(2, 1, 1, 'socket', 3, 31, 4, NULL, 9, 8, 1e9, NULL, 31, 1e9, 1.2e9, 'connect', NULL, NULL, 6e9, 'close'),
	(3, 1, 1, 'accept', 1, 11, 4, 9, 8, 9, 3e9, NULL, NULL, NULL, 3e9, 'accept', 2.9e9, 300, 6e9, 'close'),
	(4, 1, 1, 'accept', 1, 11, 5, 9, 8, 9, 4e9, NULL, NULL, NULL, 4e9, 'accept', 3.9e9, 200, 6e9, 'close');
-- case: the pid is that of the process that called connect, not of the one that made the socket
-- pair
-- query: SELECT socket_id, peer_id FROM socket ORDER BY 1
-- gives: 1|3;3|1;9|NULL
INSERT INTO socket (socket_id, domain, type, origin, process_id, thread_id, fd, parent_id, local_id, remote_id, opened_ns, listening_ns, connecting_thread_id, connecting_ns, connected_ns, connect_proof, accepting_ns, peer_pid, closed_ns, how_ended) VALUES
	(9, 1, 1, 'socket', 1, 11, 3, NULL, 8, NULL, 0, 0, NULL, NULL, NULL, NULL, NULL, NULL, 9e9, 'close'),
	(1, 1, 1, 'socket', 2, 21, 3, NULL, 9, 8, 1e9, NULL, 31, 1e9, 1.2e9, 'connect', NULL, NULL, 6e9, 'close'),
	(3, 1, 1, 'accept', 1, 11, 4, 9, 8, 9, 3e9, NULL, NULL, NULL, 3e9, 'accept', 2.9e9, 300, 6e9, 'close');
-- case: strangers in the queue, whose pid is nobody's, neither get a peer nor take one away
-- pair
-- query: SELECT socket_id, peer_id, peer_candidates FROM socket ORDER BY 1
-- gives: 1|5|0;2|6|0;3|NULL|0;4|NULL|0;5|1|0;6|2|0;9|NULL|0
INSERT INTO socket (socket_id, domain, type, origin, process_id, thread_id, fd, parent_id, local_id, remote_id, opened_ns, listening_ns, connecting_thread_id, connecting_ns, connected_ns, connect_proof, accepting_ns, peer_pid, closed_ns, how_ended) VALUES
	(9, 1, 1, 'socket', 1, 11, 3, NULL, 8, NULL, 0, 0, NULL, NULL, NULL, NULL, NULL, NULL, 9e9, 'close'),
	(1, 1, 1, 'socket', 2, 21, 3, NULL, 9, 8, 1e9, NULL, 21, 1e9, 1.1e9, 'connect', NULL, NULL, 6e9, 'close'),
	(2, 1, 1, 'socket', 2, 21, 4, NULL, 9, 8, 2e9, NULL, 21, 2e9, 2.1e9, 'connect', NULL, NULL, 6e9, 'close'),
	(3, 1, 1, 'accept', 1, 11, 4, 9, 8, 9, 3.1e9, NULL, NULL, NULL, 3.1e9, 'accept', 3.05e9, 4711, 6e9, 'close'), (5, 1, 1, 'accept', 1, 11, 5, 9, 8, 9, 3.2e9, NULL, NULL, NULL, 3.2e9, 'accept', 3.15e9, 200, 6e9, 'close'),
	(4, 1, 1, 'accept', 1, 11, 6, 9, 8, 9, 3.3e9, NULL, NULL, NULL, 3.3e9, 'accept', 3.25e9, 4712, 6e9, 'close'), (6, 1, 1, 'accept', 1, 11, 7, 9, 8, 9, 3.4e9, NULL, NULL, NULL, 3.4e9, 'accept', 3.35e9, 200, 6e9, 'close');
-- case: a client with a name of its own is told by it
-- pair
-- query: SELECT socket_id, peer_id FROM socket ORDER BY 1
-- gives: 1|4;2|3;3|2;4|1;9|NULL
INSERT INTO address VALUES (30, 1, '@00001', NULL, NULL, x''), (31, 1, '@00002', NULL, NULL, x'');
INSERT INTO socket (socket_id, domain, type, origin, process_id, thread_id, fd, parent_id, local_id, remote_id, opened_ns, bound_ns, listening_ns, connecting_thread_id, connecting_ns, connected_ns, connect_proof, accepting_ns, peer_pid, closed_ns, how_ended) VALUES
	(9, 1, 5, 'socket', 1, 11, 3, NULL, 8, NULL, 0, 0, 0, NULL, NULL, NULL, NULL, NULL, NULL, 9e9, 'close'),
	(1, 1, 5, 'socket', 2, 21, 3, NULL, 30, 8, 1e9, 1e9, NULL, 21, 1e9, 1.2e9, 'connect', NULL, NULL, 6e9, 'close'),
	(2, 1, 5, 'socket', 2, 22, 4, NULL, 31, 8, 1e9, 1e9, NULL, 22, 1e9, 1.2e9, 'connect', NULL, NULL, 6e9, 'close'),
	(3, 1, 5, 'accept', 1, 11, 4, 9, 8, 31, 3e9, NULL, NULL, NULL, NULL, 3e9, 'accept', 2.9e9, 200, 6e9, 'close'),
	(4, 1, 5, 'accept', 1, 11, 5, 9, 8, 30, 4e9, NULL, NULL, NULL, NULL, 4e9, 'accept', 3.9e9, 200, 6e9, 'close');
-- case: whoever read to the end of a stream has read all that its peer sent
-- pair
-- query: SELECT socket_id, peer_id FROM socket ORDER BY 1
-- gives: 1|4;2|3;3|2;4|1;9|NULL
INSERT INTO socket (socket_id, domain, type, origin, process_id, thread_id, fd, parent_id, local_id, remote_id, opened_ns, listening_ns, connecting_thread_id, connecting_ns, connected_ns, connect_proof, accepting_ns, peer_pid, closed_ns, how_ended, sent_bytes, received_bytes, first_send_ns, first_receive_ns, eof_ns) VALUES
	(9, 1, 1, 'socket', 1, 11, 3, NULL, 8, NULL, 0, 0, NULL, NULL, NULL, NULL, NULL, NULL, 9e9, 'close', 0, 0, NULL, NULL, NULL),
	(1, 1, 1, 'socket', 2, 21, 3, NULL, 9, 8, 1e9, NULL, 21, 1e9, 1.2e9, 'connect', NULL, NULL, 1.5e9, 'close', 10, 0, 1.3e9, NULL, NULL),
	(2, 1, 1, 'socket', 2, 22, 4, NULL, 9, 8, 1e9, NULL, 22, 1e9, 1.2e9, 'connect', NULL, NULL, 1.5e9, 'close', 20, 0, 1.3e9, NULL, NULL),
	(3, 1, 1, 'accept', 1, 11, 4, 9, 8, 9, 3e9, NULL, NULL, NULL, 3e9, 'accept', 2.9e9, 200, 6e9, 'close', 0, 10, NULL, 3.1e9, NULL),
	(4, 1, 1, 'accept', 1, 11, 5, 9, 8, 9, 4e9, NULL, NULL, NULL, 4e9, 'accept', 3.9e9, 200, 6e9, 'close', 0, 10, NULL, 4.1e9, 4.2e9);
-- case: … unless somebody unseen may have sent the rest
-- pair
-- query: SELECT socket_id, peer_id, peer_candidates FROM socket ORDER BY 1
-- gives: 1|NULL|2;2|NULL|2;3|NULL|2;4|NULL|2;9|NULL|0
INSERT INTO socket (socket_id, domain, type, origin, process_id, thread_id, fd, parent_id, local_id, remote_id, opened_ns, listening_ns, connecting_thread_id, connecting_ns, connected_ns, connect_proof, accepting_ns, peer_pid, closed_ns, how_ended, sent_bytes, received_bytes, first_send_ns, first_receive_ns, eof_ns) VALUES
	(9, 1, 1, 'socket', 1, 11, 3, NULL, 8, NULL, 0, 0, NULL, NULL, NULL, NULL, NULL, NULL, 9e9, 'close', 0, 0, NULL, NULL, NULL),
	(1, 1, 1, 'socket', 2, 21, 3, NULL, 9, 8, 1e9, NULL, 21, 1e9, 1.2e9, 'connect', NULL, NULL, 1.5e9, 'close', 10, 0, 1.3e9, NULL, NULL),
	(2, 1, 1, 'socket', 2, 22, 4, NULL, 9, 8, 1e9, NULL, 22, 1e9, 1.2e9, 'connect', NULL, NULL, 1.5e9, 'close', 20, 0, 1.3e9, NULL, NULL),
	(3, 1, 1, 'accept', 1, 11, 4, 9, 8, 9, 3e9, NULL, NULL, NULL, 3e9, 'accept', 2.9e9, 200, 6e9, 'close', 0, 10, NULL, 3.1e9, NULL),
	(4, 1, 1, 'accept', 1, 11, 5, 9, 8, 9, 4e9, NULL, NULL, NULL, 4e9, 'accept', 3.9e9, 200, 6e9, 'close', 0, 10, NULL, 4.1e9, 4.2e9);
INSERT INTO span (socket_id, process_id, fd, opened_ns, opened_by) VALUES (1, 2, 3, 1e9, 'socket'), (2, 2, 4, 1e9, 'socket');
INSERT INTO missing (process_id, reason, detail) VALUES (2, 'untraceable', '/bin/static: it is static');
-- case: a process killed within accept may have taken a connection with it
-- pair
-- query: SELECT socket_id, peer_id, peer_candidates FROM socket ORDER BY 1
-- gives: 1|NULL|2;2|NULL|2;3|NULL|2;9|NULL|0
INSERT INTO socket (socket_id, domain, type, origin, process_id, thread_id, fd, parent_id, local_id, remote_id, opened_ns, listening_ns, connecting_thread_id, connecting_ns, connected_ns, connect_proof, accepting_ns, peer_pid, closed_ns, how_ended, unreturned_start_ns) VALUES
	(9, 1, 1, 'socket', 1, 11, 3, NULL, 8, NULL, 0, 0, NULL, NULL, NULL, NULL, NULL, NULL, 9e9, 'close', 0.5e9),
	(1, 1, 1, 'socket', 2, 21, 3, NULL, 9, 8, 1e9, NULL, 21, 1e9, 1.1e9, 'connect', NULL, NULL, 6e9, 'close', NULL),
	(2, 1, 1, 'socket', 2, 21, 4, NULL, 9, 8, 2e9, NULL, 21, 2e9, 2.1e9, 'connect', NULL, NULL, 6e9, 'close', NULL),
	(3, 1, 1, 'accept', 1, 11, 4, 9, 8, 9, 3e9, NULL, NULL, NULL, 3e9, 'accept', 2.9e9, 200, 6e9, 'close', NULL);
INSERT INTO call VALUES (9, 0.5e9, 0, 31, 5, 3, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 1);
-- case: the last in the queue was never accepted: the listener was gone
-- pair
-- query: SELECT socket_id, peer_id, peer_candidates FROM socket ORDER BY 1
-- gives: 1|3|0;2|NULL|0;3|1|0;9|NULL|0
INSERT INTO socket (socket_id, domain, type, origin, process_id, thread_id, fd, parent_id, local_id, remote_id, opened_ns, listening_ns, connecting_thread_id, connecting_ns, connected_ns, connect_proof, accepting_ns, peer_pid, closed_ns, how_ended) VALUES
	(9, 1, 1, 'socket', 1, 11, 3, NULL, 8, NULL, 0, 0, NULL, NULL, NULL, NULL, NULL, NULL, 9e9, 'close'),
	(1, 1, 1, 'socket', 2, 21, 3, NULL, 9, 8, 1e9, NULL, 21, 1e9, 1.1e9, 'connect', NULL, NULL, 6e9, 'close'),
	(2, 1, 1, 'socket', 2, 21, 4, NULL, 9, 8, 2e9, NULL, 21, 2e9, 2.1e9, 'connect', NULL, NULL, 6e9, 'close'),
	(3, 1, 1, 'accept', 1, 11, 4, 9, 8, 9, 3e9, NULL, NULL, NULL, 3e9, 'accept', 2.9e9, 200, 6e9, 'close');
-- case: a listener took over the path of another one: each has the clients of its own time, and those of between are in doubt
-- pair
-- query: SELECT socket_id, peer_id, peer_candidates FROM socket ORDER BY 1
-- gives: 1|4|0;2|NULL|2;3|6|0;4|1|0;5|NULL|2;6|3|0;7|NULL|2;8|NULL|0;9|NULL|0;10|NULL|3
INSERT INTO socket (socket_id, domain, type, origin, process_id, thread_id, fd, parent_id, local_id, remote_id, opened_ns, bound_ns, listening_ns, connecting_thread_id, connecting_ns, connected_ns, connect_proof, accepting_ns, peer_pid, closed_ns, how_ended) VALUES
	(8, 1, 1, 'socket', 1, 11, 3, NULL, 8, NULL, 0, 0, 0, NULL, NULL, NULL, NULL, NULL, NULL, 3e9, 'close'),
	(9, 1, 1, 'socket', 3, 31, 3, NULL, 8, NULL, 2e9, 2e9, 2e9, NULL, NULL, NULL, NULL, NULL, NULL, 9e9, 'close'),
	(1, 1, 1, 'socket', 2, 21, 3, NULL, 9, 8, 1e9, NULL, NULL, 21, 1e9, 1.1e9, 'connect', NULL, NULL, 6e9, 'close'),
	(2, 1, 1, 'socket', 2, 21, 4, NULL, 9, 8, 2.5e9, NULL, NULL, 21, 2.5e9, 2.51e9, 'connect', NULL, NULL, 6e9, 'close'),
	(10, 1, 1, 'socket', 2, 21, 4, NULL, 9, 8, 2.6e9, NULL, NULL, 21, 2.6e9, 2.61e9, 'connect', NULL, NULL, 6e9, 'close'),
	(3, 1, 1, 'socket', 2, 21, 5, NULL, 9, 8, 4e9, NULL, NULL, 21, 4e9, 4.1e9, 'connect', NULL, NULL, 6e9, 'close'),
	(4, 1, 1, 'accept', 1, 11, 4, 8, 8, 9, 1.2e9, NULL, NULL, NULL, NULL, 1.2e9, 'accept', 1.15e9, 200, 6e9, 'close'),
	(7, 1, 1, 'accept', 1, 11, 4, 8, 8, 9, 2.8e9, NULL, NULL, NULL, NULL, 2.8e9, 'accept', 2.15e9, 200, 6e9, 'close'),
	(5, 1, 1, 'accept', 3, 31, 4, 9, 8, 9, 2.9e9, NULL, NULL, NULL, NULL, 2.9e9, 'accept', 2.15e9, 200, 6e9, 'close'),
	(6, 1, 1, 'accept', 3, 31, 5, 9, 8, 9, 4.2e9, NULL, NULL, NULL, NULL, 4.2e9, 'accept', 4.15e9, 200, 6e9, 'close');
-- case: a port that strangers had before and after is used by one client that we see
-- pair
-- query: SELECT socket_id, peer_id FROM socket ORDER BY 1
-- gives: 1|3;2|NULL;3|1;4|NULL
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, local_id, remote_id, opened_ns, connecting_ns, connected_ns, connect_proof, accepting_ns, closed_ns, how_ended) VALUES
	(1, 2, 1, 6, 'socket', 2, 3, 3, 1, 2e9, 2e9, 2e9, 'connect', NULL, 3e9, 'close'), (2, 2, 1, 6, 'accept', 1, 4, 1, 3, 1.5e9, NULL, 1.5e9, 'accept', 1.4e9, 1.6e9, 'close'),
	(3, 2, 1, 6, 'accept', 1, 4, 1, 3, 2.5e9, NULL, 2.5e9, 'accept', 1.6e9, 3e9, 'close'), (4, 2, 1, 6, 'accept', 1, 4, 1, 3, 4.5e9, NULL, 4.5e9, 'accept', 3.1e9, 5e9, 'close');
-- case: both connected to each other at once
-- pair
-- query: SELECT socket_id, peer_id FROM socket ORDER BY 1
-- gives: 1|2;2|1
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, local_id, remote_id, opened_ns, connecting_ns, connected_ns, connect_proof, closed_ns, how_ended) VALUES
	(1, 2, 1, 6, 'socket', 2, 3, 3, 4, 1e9, 1e9, 1.2e9, 'connect', 3e9, 'close'), (2, 2, 1, 6, 'socket', 1, 4, 4, 3, 1e9, 1.1e9, 1.2e9, 'connect', 3e9, 'close');
-- case: a path is found again behind a relative one, and two that only end alike are two
-- pair
-- query: SELECT socket_id, peer_id, peer_candidates FROM socket ORDER BY 1
-- gives: 1|3|0;2|4|0;3|1|0;4|2|0;5|NULL|0;8|NULL|0;9|NULL|0
INSERT INTO address VALUES (30, 1, '/home/x.sock', NULL, NULL, x''), (31, 1, 'x.sock', NULL, NULL, x''), (32, 1, '/tmp/x.sock', NULL, NULL, x'');
INSERT INTO socket (socket_id, domain, type, origin, process_id, thread_id, fd, parent_id, local_id, remote_id, opened_ns, listening_ns, connecting_thread_id, connecting_ns, connected_ns, connect_proof, accepting_ns, peer_pid, closed_ns, how_ended) VALUES
	(8, 1, 1, 'socket', 1, 11, 2, NULL, 30, NULL, 0, 0, NULL, NULL, NULL, NULL, NULL, NULL, 9e9, 'close'),
	(9, 1, 1, 'socket', 1, 11, 3, NULL, 8, NULL, 0, 0, NULL, NULL, NULL, NULL, NULL, NULL, 9e9, 'close'),
	(1, 1, 1, 'socket', 2, 21, 3, NULL, 9, 31, 1e9, NULL, 21, 1e9, 1.2e9, 'connect', NULL, NULL, 6e9, 'close'),
	(2, 1, 1, 'socket', 2, 21, 4, NULL, 9, 30, 1e9, NULL, 21, 1.3e9, 1.4e9, 'connect', NULL, NULL, 6e9, 'close'),
	(5, 1, 1, 'socket', 2, 21, 5, NULL, 9, 32, 1e9, NULL, 21, 1.5e9, 1.6e9, 'connect', NULL, NULL, 6e9, 'close'),
	(3, 1, 1, 'accept', 1, 11, 4, 9, 8, 9, 3e9, NULL, NULL, NULL, 3e9, 'accept', 2.9e9, 200, 6e9, 'close'),
	(4, 1, 1, 'accept', 1, 11, 5, 8, 30, 9, 4e9, NULL, NULL, NULL, 4e9, 'accept', 3.9e9, 200, 6e9, 'close');
-- case: a socket that connected to its own address talks to itself
-- pair
-- query: SELECT socket_id, peer_id FROM socket
-- gives: 1|1
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, local_id, remote_id, opened_ns, connecting_ns, connected_ns, connect_proof, closed_ns, how_ended) VALUES
	(1, 2, 1, 6, 'socket', 2, 3, 3, 3, 1e9, 1e9, 1.2e9, 'connect', 3e9, 'close');
-- case: two that were refused at each other's address are no pair
-- pair
-- query: SELECT socket_id, peer_id FROM socket ORDER BY 1
-- gives: 1|NULL;2|NULL
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, local_id, remote_id, opened_ns, connecting_ns, connect_errno, closed_ns, how_ended) VALUES
	(1, 2, 1, 6, 'socket', 2, 3, 3, 4, 1e9, 1e9, 111, 3e9, 'close'), (2, 2, 1, 6, 'socket', 1, 4, 4, 3, 1e9, 1.1e9, 111, 3e9, 'close');
-- case: a connected UDP socket knows its server, the server knows nobody
-- pair
-- query: SELECT socket_id, peer_id FROM socket ORDER BY 1
-- gives: 1|2;2|NULL
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, local_id, remote_id, opened_ns, bound_ns, connecting_ns, connected_ns, closed_ns, how_ended) VALUES
	(1, 2, 2, 17, 'socket', 2, 3, 3, 12, 1e9, NULL, 1e9, 1e9, 3e9, 'close'), (2, 2, 2, 17, 'socket', 1, 4, 12, NULL, 0.5e9, 0.5e9, NULL, NULL, 3e9, 'close');
-- case: sockets that were never connected, but talked to nobody else, are a pair
-- pair
-- query: SELECT socket_id, peer_id FROM socket ORDER BY 1
-- gives: 1|2;2|1
INSERT INTO address VALUES (30, 2, '0.0.0.0:40001', '0.0.0.0', 40001, x'');
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, local_id, only_remote_id, opened_ns, bound_ns, closed_ns, how_ended) VALUES
	(1, 2, 2, 17, 'socket', 2, 3, 30, 12, 1e9, NULL, 3e9, 'close'), (2, 2, 2, 17, 'socket', 1, 4, 12, 3, 0.5e9, 0.5e9, 3e9, 'close');
-- case: a server that answered several has no peer, and a client that asked several neither
-- pair
-- query: SELECT socket_id, peer_id FROM socket ORDER BY 1
-- gives: 1|2;2|NULL;3|NULL
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, local_id, only_remote_id, opened_ns, bound_ns, closed_ns, how_ended) VALUES
	(1, 2, 2, 17, 'socket', 2, 3, 3, 12, 1e9, NULL, 3e9, 'close'), (2, 2, 2, 17, 'socket', 1, 4, 12, 0, 0.5e9, 0.5e9, 3e9, 'close'), (3, 2, 2, 17, 'socket', 2, 5, 4, 0, 1e9, NULL, 3e9, 'close');
-- case: … nor does one whose second client has no address to be seen by
-- pair
-- query: SELECT socket_id, peer_id FROM socket ORDER BY 1
-- gives: 1|2;2|NULL;3|2
INSERT INTO socket (socket_id, domain, type, origin, process_id, fd, local_id, remote_id, only_remote_id, opened_ns, bound_ns, connecting_ns, connected_ns, closed_ns, how_ended) VALUES
	(1, 1, 2, 'socket', 2, 3, 10, NULL, 8, 1e9, 1e9, NULL, NULL, 3e9, 'close'), (2, 1, 2, 'socket', 1, 4, 8, NULL, 10, 0.5e9, 0.5e9, NULL, NULL, 3e9, 'close'), (3, 1, 2, 'socket', 2, 5, 9, 8, NULL, 1e9, NULL, 1e9, 1e9, 3e9, 'close');
-- case: the address that a server talked to was another one's before: its peer is not made up
-- pair
-- query: SELECT socket_id, peer_id FROM socket ORDER BY 1
-- gives: 1|2;2|NULL
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, local_id, only_remote_id, opened_ns, bound_ns, closed_ns, how_ended) VALUES
	(1, 2, 2, 17, 'socket', 2, 3, 4, 12, 1e9, NULL, 3e9, 'close'), (2, 2, 2, 17, 'socket', 1, 4, 12, 3, 0.5e9, 0.5e9, 3e9, 'close');
-- case: an exchange is attributed: the server was not reading, then computing, then the network
-- query: SELECT duration_ns, unread_ns, computing_ns, network_ns FROM exchange WHERE asker_id = 1
-- gives: 1000000000|200000000|700000000|100000000
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, peer_id, local_id, remote_id, opened_ns, closed_ns, how_ended) VALUES
	(1, 2, 1, 6, 'socket', 2, 3, 2, 3, 1, 1e9, 3e9, 'close'), (2, 2, 1, 6, 'accept', 1, 4, 1, 1, 3, 1e9, 3e9, 'close');
INSERT INTO call VALUES (1, 1e9, 0, 21, 20, 3, 0, 5, NULL, 5, NULL, NULL, NULL, NULL, 2), (2, 1.2e9, 0, 11, 24, 4, 0, 5, NULL, 100, NULL, NULL, NULL, NULL, 1),
	(2, 1.9e9, 0, 11, 20, 4, 0, 5, NULL, 5, NULL, NULL, NULL, NULL, 1), (1, 1e9 + 1, 0, 21, 24, 3, 1e9 - 1, 5, NULL, 100, NULL, NULL, NULL, NULL, 2);
-- case: the figures of a connection come from its two ends
-- query: SELECT accept_wait_ns, to_server_ns, to_client_ns, exchanges, answer_ns, server_computing_ns, elsewhere_ns, to_client_lost_bytes FROM connection
-- gives: 500|1000|2000|3|900|700|200|10
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, peer_id, local_id, remote_id, opened_ns, connecting_ns, connected_ns, closed_ns, how_ended, first_send_ns, first_receive_ns, exchanges, answer_ns, turn_ns, sent_bytes, received_bytes, accept_wait_ns) VALUES
	(1, 2, 1, 6, 'socket', 2, 3, 2, 3, 1, 1e9, 1e9, 1e9, 3e9, 'close', 2000000000, 2000005000, 3, 900, 50, 10, 20, NULL), (2, 2, 1, 6, 'accept', 1, 4, 1, 1, 3, 1e9, NULL, NULL, 3e9, 'close', 2000003000, 2000001000, 2, 0, 700, 30, 10, 500);
-- case: the path was a link to what the server had bound: the kernel's name of it counts
-- pair
-- query: SELECT socket_id, peer_id, peer_candidates FROM socket ORDER BY 1
-- gives: 1|2|0;2|1|0;9|NULL|0
INSERT INTO address VALUES (20, 1, '/var/run/other.sock', NULL, NULL, x'');
INSERT INTO socket (socket_id, domain, type, origin, process_id, fd, parent_id, local_id, remote_id, reached_id, opened_ns, bound_ns, listening_ns, connecting_ns, connected_ns, connect_proof, closed_ns, how_ended) VALUES
	(9, 1, 1, 'socket', 1, 3, NULL, 8, NULL, NULL, 0, 0, 0, NULL, NULL, NULL, 9e9, 'close'),
	(1, 1, 1, 'socket', 2, 3, NULL, 9, 20, 8, 1e9, NULL, NULL, 1e9, 1.1e9, 'connect', 3e9, 'close'),
	(2, 1, 1, 'accept', 1, 4, 9, 8, 9, NULL, 1.2e9, NULL, NULL, NULL, 1.2e9, 'accept', 3e9, 'close');
