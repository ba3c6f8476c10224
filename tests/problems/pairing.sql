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
-- case: a connected UDP socket knows its server, the server knows nobody
-- pair
-- query: SELECT socket_id, peer_id FROM socket ORDER BY 1
-- gives: 1|2;2|NULL
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, local_id, remote_id, opened_ns, bound_ns, connecting_ns, connected_ns, closed_ns, how_ended) VALUES
	(1, 2, 2, 17, 'socket', 2, 3, 3, 12, 1e9, NULL, 1e9, 1e9, 3e9, 'close'), (2, 2, 2, 17, 'socket', 1, 4, 12, NULL, 0.5e9, 0.5e9, NULL, NULL, 3e9, 'close');
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
