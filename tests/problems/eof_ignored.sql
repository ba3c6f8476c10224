-- case: recv returns 0 and is called again a thousand times
-- expect: EOF_IGNORED s1 error
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, local_id, remote_id, opened_ns, connected_ns, closed_ns, how_ended, eof_ns, eof_count)
	VALUES (1, 2, 1, 6, 'accept', 1, 4, 1, 1, 3, 1e9, 1e9, 2e9, 'close', 1.5e9, 1000);
-- case: a buffered reader sees the end twice
-- expect: none
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, local_id, remote_id, opened_ns, connected_ns, closed_ns, how_ended, eof_ns, eof_count)
	VALUES (1, 2, 1, 6, 'accept', 1, 4, 1, 1, 3, 1e9, 1e9, 1.6e9, 'close', 1.5e9, 2);
-- case: several layers of a program see the end, and it closes at once
-- expect: none
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, local_id, remote_id, opened_ns, connected_ns, closed_ns, how_ended, eof_ns, eof_count)
	VALUES (1, 2, 1, 6, 'accept', 1, 4, 1, 1, 3, 1e9, 1e9, 1.501e9, 'close', 1.5e9, 5);
-- case: as often, and it goes on for a second
-- expect: EOF_IGNORED s1 warning
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, local_id, remote_id, opened_ns, connected_ns, closed_ns, how_ended, eof_ns, eof_count)
	VALUES (1, 2, 1, 6, 'accept', 1, 4, 1, 1, 3, 1e9, 1e9, 1.9e9, 'close', 1.5e9, 5);
-- case: the first wait lasted until the peer closed; what came after it is the run
-- expect: EOF_IGNORED s2 error
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, peer_id, local_id, remote_id, opened_ns, connecting_ns, connected_ns, closed_ns, how_ended, ready_run_count, ready_run_start_ns, ready_run_ns) VALUES
	(1, 2, 1, 6, 'socket', 2, 3, 2, 2, 3, 1, 1e9, 1e9, 1e9, 1.06e9, 'close', 0, NULL, 0),
	(2, 2, 1, 6, 'accept', 1, 4, 1, 1, 1, 3, 1e9, NULL, 1e9, 1.2e9, 'close', 3000, 1.01e9, 52000000);
INSERT INTO call VALUES (0, 1.01e9, 0, 11, 70, NULL, 50000000, 1, NULL, NULL, NULL, NULL, NULL, NULL, 1);
INSERT INTO ready VALUES (2, 1.01e9, 11, 4, 1);
