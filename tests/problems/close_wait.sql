-- case: the server reads the end of file and keeps the socket until it exits
-- expect: CLOSE_WAIT s2 error
-- expect: LEAK s2 error
-- says: the end of file was read, and fd 4 stayed open for 8.1 s more, until the program ended
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, closed_by_id, fd, caller_id, parent_id, peer_id, local_id, remote_id, opened_ns, connecting_ns, connected_ns, eof_ns, eof_count, closed_ns, how_ended) VALUES
	(1, 2, 1, 6, 'socket', 2, 2, 3, 2, NULL, 2, 3, 1, 1e9, 1e9, 1e9, NULL, 0, 1.9e9, 'close'),
	(2, 2, 1, 6, 'accept', 1, 1, 4, 1, 9, 1, 1, 3, 1e9, NULL, 1e9, 2e9, 1, 10e9, 'exit');
-- case: a duplicate is what stays open
-- expect: CLOSE_WAIT s2 error
-- expect: LEAK s2 error
-- says: the end of file was read, and fd 8 stayed open for 8.1 s more, until the program ended
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, closed_by_id, fd, caller_id, parent_id, peer_id, local_id, remote_id, opened_ns, connecting_ns, connected_ns, eof_ns, eof_count, closed_ns, how_ended) VALUES
	(1, 2, 1, 6, 'socket', 2, 2, 3, 2, NULL, 2, 3, 1, 1e9, 1e9, 1e9, NULL, 0, 1.9e9, 'close'),
	(2, 2, 1, 6, 'accept', 1, 1, 4, 1, 9, 1, 1, 3, 1e9, NULL, 1e9, 2e9, 1, 10e9, 'exit');
INSERT INTO span VALUES (1, 2, 1, 4, 1e9, 'accept', 1.1e9, 'close', 2), (2, 2, 1, 8, 1.05e9, 'dup', 10e9, 'exit', 3);
-- case: nobody reads the end of file for two seconds
-- expect: CLOSE_WAIT s2 warning
-- says: nobody read the end of file
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, closed_by_id, fd, caller_id, parent_id, peer_id, local_id, remote_id, opened_ns, connecting_ns, connected_ns, closed_ns, how_ended) VALUES
	(1, 2, 1, 6, 'socket', 2, 2, 3, 2, NULL, 2, 3, 1, 1e9, 1e9, 1e9, 2e9, 'close'),
	(2, 2, 1, 6, 'accept', 1, 1, 4, 1, 9, 1, 1, 3, 1e9, NULL, 1e9, 4.2e9, 'close');
-- case: the client shuts down its side and the server goes on answering for three seconds: a half-close used as meant
-- expect: none
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, closed_by_id, fd, caller_id, parent_id, peer_id, local_id, remote_id, opened_ns, connecting_ns, connected_ns, shutdown_send_ns, eof_ns, eof_count, last_send_ns, last_activity_ns, closed_ns, how_ended) VALUES
	(1, 2, 1, 6, 'socket', 2, 2, 3, 2, NULL, 2, 3, 1, 1e9, 1e9, 1e9, 2e9, 5e9, 1, 1.5e9, 5e9, 5.1e9, 'close'),
	(2, 2, 1, 6, 'accept', 1, 1, 4, 1, 9, 1, 1, 3, 1e9, NULL, 1e9, NULL, 2e9, 1, 4.9e9, 4.9e9, 5e9, 'close');
-- case: a client reads to the end of file and exits without close
-- expect: none
UPDATE process SET ended_ns = 2.01e9 WHERE process_id = 2;
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, closed_by_id, fd, caller_id, parent_id, peer_id, local_id, remote_id, opened_ns, connecting_ns, connected_ns, eof_ns, eof_count, closed_ns, how_ended) VALUES
	(1, 2, 1, 6, 'socket', 2, 2, 3, 2, NULL, 2, 3, 1, 1e9, 1e9, 1e9, 2e9, 1, 2.01e9, 'exit'),
	(2, 2, 1, 6, 'accept', 1, 1, 4, 1, 9, 1, 1, 3, 1e9, NULL, 1e9, NULL, 0, 2e9, 'close');
-- case: a server that was busy for a while reads the end, closes at once, and is done
-- expect: none
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, closed_by_id, fd, caller_id, parent_id, peer_id, local_id, remote_id, opened_ns, connecting_ns, connected_ns, eof_ns, eof_count, closed_ns, how_ended) VALUES
	(1, 2, 1, 6, 'socket', 2, 2, 3, 2, NULL, 2, 3, 1, 9e9, 9e9, 9e9, NULL, 0, 9.3e9, 'close'),
	(2, 2, 1, 6, 'accept', 1, 1, 4, 1, 9, 1, 1, 3, 9e9, NULL, 9e9, 9.97e9, 1, 9.98e9, 'close');
-- case: a client has its answer, works on it for 0.8 s, and ends
-- expect: none
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, closed_by_id, fd, caller_id, parent_id, peer_id, local_id, remote_id, opened_ns, connecting_ns, connected_ns, closed_ns, how_ended) VALUES
	(1, 2, 1, 6, 'socket', 2, 2, 3, 2, NULL, 2, 3, 1, 9e9, 9e9, 9e9, 10e9, 'exit'),
	(2, 2, 1, 6, 'accept', 1, 1, 4, 1, 9, 1, 1, 3, 9e9, NULL, 9e9, 9.2e9, 'close');
