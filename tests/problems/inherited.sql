-- case: a child keeps the listening port after the server has ended
-- expect: INHERITED s1 error
-- says: child[300] inherited fd 3 (listening on 127.0.0.1:8080 of server[100]) and never used it; it kept the port taken for 5.0 s
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, local_id, opened_ns, bound_ns, listening_ns, closed_ns, how_ended) VALUES
	(1, 2, 1, 6, 'socket', 1, 3, 1, 1, 1e9, 1e9, 1e9, 10e9, 'exit');
INSERT INTO span VALUES (1, 1, 1, 3, 1e9, 'socket', 5e9, 'close', 4), (2, 1, 3, 3, 2e9, 'exec', 10e9, 'exit', 0);
-- case: the child was short-lived: worth knowing only
-- expect: INHERITED s1 info
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, local_id, opened_ns, bound_ns, listening_ns, closed_ns, how_ended) VALUES
	(1, 2, 1, 6, 'socket', 1, 3, 1, 1, 1e9, 1e9, 1e9, 10e9, 'close');
INSERT INTO span VALUES (1, 1, 1, 3, 1e9, 'socket', 10e9, 'close', 4), (2, 1, 3, 3, 2e9, 'exec', 3e9, 'exit', 0);
-- case: the child was given the socket to work with
-- expect: none
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, local_id, remote_id, opened_ns, connected_ns, closed_ns, how_ended) VALUES
	(1, 2, 1, 6, 'accept', 1, 3, 1, 1, 3, 1e9, 1e9, 10e9, 'exit');
INSERT INTO span VALUES (1, 1, 1, 3, 1e9, 'accept', 2e9, 'close', 4), (2, 1, 3, 3, 2e9, 'exec', 10e9, 'exit', 17);
-- case: inetd gives it as standard input, and the child does nothing with it
-- expect: none
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, local_id, remote_id, opened_ns, connected_ns, closed_ns, how_ended) VALUES
	(1, 2, 1, 6, 'accept', 1, 3, 1, 1, 3, 1e9, 1e9, 10e9, 'exit');
INSERT INTO span VALUES (1, 1, 1, 3, 1e9, 'accept', 2e9, 'close', 4), (2, 1, 3, 0, 2e9, 'exec', 10e9, 'exit', 0);
-- case: a prefork worker waits for its turn on the shared listener until the master stops all
-- expect: none
UPDATE process SET start_cause = 'fork', program = 'server' WHERE process_id = 3;
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, local_id, opened_ns, bound_ns, listening_ns, closed_ns, how_ended) VALUES
	(1, 2, 1, 6, 'socket', 1, 3, 1, 1, 1e9, 1e9, 1e9, 10e9, 'exit');
INSERT INTO span VALUES (1, 1, 1, 3, 1e9, 'socket', 10e9, 'exit', 4), (2, 1, 3, 3, 2e9, 'fork', 9.9e9, 'exit', 0);
-- case: a daemon waits with select for clients that never come: what is not ready is not told
-- expect: none
UPDATE process SET start_cause = 'fork', program = 'server' WHERE process_id = 3;
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, local_id, opened_ns, bound_ns, listening_ns, closed_ns, how_ended) VALUES
	(1, 2, 1, 6, 'socket', 1, 5, 1, 1, 1e9, 1e9, 1e9, 10e9, 'exit');
INSERT INTO span VALUES (1, 1, 1, 5, 1e9, 'socket', 2.1e9, 'exit', 4), (2, 1, 3, 5, 2e9, 'fork', 10e9, 'exit', 0);
INSERT INTO detail VALUES (1, '6');
INSERT INTO call VALUES (0, 2.2e9, 0, 31, (SELECT call_kind_id FROM call_kind WHERE name = 'pselect'), NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 1, 1);
-- case: its select is of lower numbers only
-- expect: INHERITED s1 error
UPDATE process SET start_cause = 'fork', program = 'server' WHERE process_id = 3;
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, local_id, opened_ns, bound_ns, listening_ns, closed_ns, how_ended) VALUES
	(1, 2, 1, 6, 'socket', 1, 5, 1, 1, 1e9, 1e9, 1e9, 10e9, 'exit');
INSERT INTO span VALUES (1, 1, 1, 5, 1e9, 'socket', 2.1e9, 'exit', 4), (2, 1, 3, 5, 2e9, 'fork', 10e9, 'exit', 0);
INSERT INTO detail VALUES (1, '5');
INSERT INTO call VALUES (0, 2.2e9, 0, 31, (SELECT call_kind_id FROM call_kind WHERE name = 'select'), NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 1, 1);
-- case: a daemon waits on the epoll instance that its parent had put the listener into
-- expect: none
UPDATE process SET start_cause = 'fork', program = 'server' WHERE process_id = 3;
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, local_id, opened_ns, bound_ns, listening_ns, closed_ns, how_ended) VALUES
	(1, 2, 1, 6, 'socket', 1, 5, 1, 1, 1e9, 1e9, 1e9, 10e9, 'exit');
INSERT INTO span VALUES (1, 1, 1, 5, 1e9, 'socket', 2.1e9, 'exit', 4), (2, 1, 3, 5, 2e9, 'fork', 10e9, 'exit', 0);
INSERT INTO detail VALUES (1, 'EPOLL_CTL_ADD on fd 4, EPOLLIN'), (2, '64');
INSERT INTO call VALUES (1, 1.5e9, 0, 11, (SELECT call_kind_id FROM call_kind WHERE name = 'epoll_ctl'), 5, 100, 0, NULL, NULL, NULL, 1, NULL, 1, 1),
	(0, 2.2e9, 0, 31, (SELECT call_kind_id FROM call_kind WHERE name = 'epoll_wait'), 4, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 2, 1);
-- case: it waits on an instance of its own
-- expect: INHERITED s1 error
UPDATE process SET start_cause = 'fork', program = 'server' WHERE process_id = 3;
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, local_id, opened_ns, bound_ns, listening_ns, closed_ns, how_ended) VALUES
	(1, 2, 1, 6, 'socket', 1, 5, 1, 1, 1e9, 1e9, 1e9, 10e9, 'exit');
INSERT INTO span VALUES (1, 1, 1, 5, 1e9, 'socket', 2.1e9, 'exit', 4), (2, 1, 3, 5, 2e9, 'fork', 10e9, 'exit', 0);
INSERT INTO detail VALUES (1, 'EPOLL_CTL_ADD on fd 4, EPOLLIN'), (2, '64');
INSERT INTO call VALUES (1, 1.5e9, 0, 11, (SELECT call_kind_id FROM call_kind WHERE name = 'epoll_ctl'), 5, 100, 0, NULL, NULL, NULL, 1, NULL, 1, 1),
	(0, 2.2e9, 0, 31, (SELECT call_kind_id FROM call_kind WHERE name = 'epoll_wait'), 7, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 2, 1);
