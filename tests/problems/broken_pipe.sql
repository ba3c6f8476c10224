-- case: the server writes after its client closed
-- expect: BROKEN_PIPE s2 warning
-- says: sent to s1 0.5 s after that had closed (EPIPE)
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, peer_id, local_id, remote_id, opened_ns, connecting_ns, connected_ns, broken_pipe_ns, reset_ns, closed_ns, how_ended) VALUES
	(1, 2, 1, 6, 'socket', 2, 3, 2, 2, 3, 1, 1e9, 1e9, 1e9, NULL, NULL, 1.5e9, 'close'),
	(2, 2, 1, 6, 'accept', 1, 4, 1, 1, 1, 3, 1e9, NULL, 1e9, 2e9, 2e9, 2.1e9, 'close');
-- case: SIGPIPE kills the server in send
-- expect: BROKEN_PIPE s2 error
-- says: SIGPIPE killed the program
UPDATE process SET ended_ns = 1.8e9, end_cause = 'killed', exit_signal = 13, exit_status = NULL WHERE process_id = 1;
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, peer_id, local_id, remote_id, opened_ns, connecting_ns, connected_ns, closed_ns, how_ended, closed_by_id, unreturned_start_ns, unreturned_kind_id) VALUES
	(1, 2, 1, 6, 'socket', 2, 3, 2, 2, 3, 1, 1e9, 1e9, 1e9, 1.5e9, 'close', 2, NULL, NULL),
	(2, 2, 1, 6, 'accept', 1, 4, 1, 1, 1, 3, 1e9, NULL, 1e9, 1.8e9, 'killed', 1, 1.7999e9, 20);
-- case: the server stops sending when it reads the end
-- expect: none
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, peer_id, local_id, remote_id, opened_ns, connecting_ns, connected_ns, eof_ns, eof_count, closed_ns, how_ended) VALUES
	(1, 2, 1, 6, 'socket', 2, 3, 2, 2, 3, 1, 1e9, 1e9, 1e9, NULL, 0, 1.5e9, 'close'),
	(2, 2, 1, 6, 'accept', 1, 4, 1, 1, 1, 3, 1e9, NULL, 1e9, 1.5e9, 1, 1.6e9, 'close');
-- case: the client had ended its own direction; the server closed later
-- expect: BROKEN_PIPE s1 warning
-- says: sent to s2 0.5 s after its own shutdown(SHUT_WR) (EPIPE)
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, peer_id, local_id, remote_id, opened_ns, connecting_ns, connected_ns, shutdown_send_ns, eof_ns, eof_count, broken_pipe_ns, closed_ns, how_ended) VALUES
	(1, 2, 1, 6, 'socket', 2, 3, 2, 2, 3, 1, 1e9, 1e9, 1e9, 1.5e9, NULL, 0, 2e9, 3e9, 'close'),
	(2, 2, 1, 6, 'accept', 1, 4, 1, 1, 1, 3, 1e9, NULL, 1e9, NULL, 1.9e9, 1, NULL, 2.05e9, 'close');
-- case: and it is nobody else's doing
-- query: SELECT rule, holder_id IS NULL FROM problem
-- gives: BROKEN_PIPE|1
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, peer_id, local_id, remote_id, opened_ns, connecting_ns, connected_ns, shutdown_send_ns, eof_ns, eof_count, broken_pipe_ns, closed_ns, how_ended) VALUES
	(1, 2, 1, 6, 'socket', 2, 3, 2, 2, 3, 1, 1e9, 1e9, 1e9, 1.5e9, NULL, 0, 2e9, 3e9, 'close'),
	(2, 2, 1, 6, 'accept', 1, 4, 1, 1, 1, 3, 1e9, NULL, 1e9, NULL, 1.9e9, 1, NULL, 2.05e9, 'close');
-- case: SIGPIPE kills a server that sends on its listener
-- expect: BROKEN_PIPE s1 error
-- says: sent on the listener; SIGPIPE killed the program
UPDATE process SET ended_ns = 1.8e9, end_cause = 'killed', exit_signal = 13, exit_status = NULL WHERE process_id = 1;
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, local_id, opened_ns, bound_ns, listening_ns, closed_ns, how_ended, closed_by_id, unreturned_start_ns, unreturned_kind_id)
	VALUES (1, 2, 1, 6, 'socket', 1, 3, 1, 1, 1e9, 1e9, 1e9, 1.8e9, 'killed', 1, 1.7999e9, 20);
