-- case: header and body are written separately, and each answer comes 40 ms later
-- expect: SMALL_WRITES s1 warning
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, local_id, remote_id, opened_ns, connecting_ns, connected_ns, closed_ns, how_ended, exchanges, small_write_count, small_write_ns)
	VALUES (1, 2, 1, 6, 'socket', 2, 3, 2, 3, 6, 1e9, 1e9, 1e9, 3e9, 'close', 10, 9, 3.7e8);
-- case: the same answers, but TCP_NODELAY was set: the peer is slow
-- expect: none
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, local_id, remote_id, opened_ns, connecting_ns, connected_ns, closed_ns, how_ended, exchanges, small_write_count, small_write_ns)
	VALUES (1, 2, 1, 6, 'socket', 2, 3, 2, 3, 6, 1e9, 1e9, 1e9, 3e9, 'close', 10, 9, 3.7e8);
INSERT INTO option VALUES (1, 1, 1e9, 1, 6, 1, 'TCP_NODELAY', 1, x'01000000');
-- case: one slow answer of many
-- expect: none
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, local_id, remote_id, opened_ns, connecting_ns, connected_ns, closed_ns, how_ended, exchanges, small_write_count, small_write_ns)
	VALUES (1, 2, 1, 6, 'socket', 2, 3, 2, 3, 6, 1e9, 1e9, 1e9, 3e9, 'close', 100, 4, 1.6e8);
-- case: the server is in the trace, and computed for all of that time
-- expect: none
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, peer_id, local_id, remote_id, opened_ns, connecting_ns, connected_ns, closed_ns, how_ended, exchanges, answer_ns, turns, turn_ns, small_write_count, small_write_ns) VALUES
	(1, 2, 1, 6, 'socket', 2, 3, 2, 2, 3, 1, 1e9, 1e9, 1e9, 1.5e9, 'close', 10, 4.12e8, 0, 0, 10, 4.12e8),
	(2, 2, 1, 6, 'accept', 1, 4, 1, 1, 1, 3, 1e9, NULL, 1e9, 1.6e9, 'close', 0, 0, 10, 4.11e8, 0, 0);
-- case: the server is in the trace, and had nothing to do in that time
-- expect: SMALL_WRITES s1 warning
-- says: 10 of 10 answers came about 40 ms after several small writes: 0.41 s lost
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, peer_id, local_id, remote_id, opened_ns, connecting_ns, connected_ns, closed_ns, how_ended, exchanges, answer_ns, turns, turn_ns, small_write_count, small_write_ns) VALUES
	(1, 2, 1, 6, 'socket', 2, 3, 2, 2, 3, 1, 1e9, 1e9, 1e9, 1.5e9, 'close', 10, 4.12e8, 0, 0, 10, 4.12e8),
	(2, 2, 1, 6, 'accept', 1, 4, 1, 1, 1, 3, 1e9, NULL, 1e9, 1.6e9, 'close', 0, 0, 10, 2e6, 0, 0);
