-- case: the server was killed, which was noticed after its client had read the end of file and closed
-- query: SELECT socket_id, closed_first FROM ending
-- gives: 1|peer;2|this
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, peer_id, local_id, remote_id, opened_ns, connecting_ns, connected_ns, eof_ns, closed_ns, how_ended, closed_by_id) VALUES
	(1, 2, 1, 6, 'socket', 2, 3, 2, 3, 1, 1e9, 1e9, 1e9, 2e9, 2.001e9, 'close', 2),
	(2, 2, 1, 6, 'accept', 1, 4, 1, 1, 3, 1e9, NULL, 1e9, NULL, 2.005e9, 'killed', 1);
-- case: the client closed, and the server read that before it was killed
-- query: SELECT socket_id, closed_first FROM ending
-- gives: 1|this;2|peer
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, peer_id, local_id, remote_id, opened_ns, connecting_ns, connected_ns, eof_ns, closed_ns, how_ended, closed_by_id) VALUES
	(1, 2, 1, 6, 'socket', 2, 3, 2, 3, 1, 1e9, 1e9, 1e9, NULL, 2e9, 'close', 2),
	(2, 2, 1, 6, 'accept', 1, 4, 1, 1, 3, 1e9, NULL, 1e9, 2.001e9, 2.005e9, 'killed', 1);
-- case: both are open
-- query: SELECT socket_id, closed_first FROM ending
-- gives: 1|NULL;2|NULL
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, peer_id, local_id, remote_id, opened_ns, connecting_ns, connected_ns) VALUES
	(1, 2, 1, 6, 'socket', 2, 3, 2, 3, 1, 1e9, 1e9, 1e9), (2, 2, 1, 6, 'accept', 1, 4, 1, 1, 3, 1e9, NULL, 1e9);
