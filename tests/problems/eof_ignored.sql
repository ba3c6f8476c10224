-- case: recv returns 0 and is called again a thousand times
-- expect: EOF_IGNORED s1 error
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, local_id, remote_id, opened_ns, connected_ns, closed_ns, how_ended, eof_ns, eof_count)
	VALUES (1, 2, 1, 6, 'accept', 1, 4, 1, 1, 3, 1e9, 1e9, 2e9, 'close', 1.5e9, 1000);
-- case: a buffered reader sees the end twice
-- expect: none
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, local_id, remote_id, opened_ns, connected_ns, closed_ns, how_ended, eof_ns, eof_count)
	VALUES (1, 2, 1, 6, 'accept', 1, 4, 1, 1, 3, 1e9, 1e9, 1.6e9, 'close', 1.5e9, 2);
