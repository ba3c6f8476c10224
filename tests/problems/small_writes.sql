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
