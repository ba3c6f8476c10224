-- case: connect times out
-- expect: TIMEOUT s1 error
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, remote_id, opened_ns, connecting_ns, connect_errno, closed_ns, how_ended, longest_ns, longest_start_ns, longest_kind_id)
	VALUES (1, 2, 1, 6, 'socket', 2, 3, 2, 6, 1e9, 1e9, 110, 9e9, 'close', 8e9, 1e9, 7);
-- case: a non-blocking connect is given up after two seconds
-- expect: TIMEOUT s1 error
-- says: gave up after 2.0 s
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, remote_id, opened_ns, connecting_ns, closed_ns, how_ended)
	VALUES (1, 2, 1, 6, 'socket', 2, 3, 2, 6, 1e9, 1e9, 3e9, 'close');
-- case: of two addresses tried at once the slower one is dropped
-- expect: TIMEOUT s1 info
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, remote_id, opened_ns, connecting_ns, connected_ns, closed_ns, how_ended) VALUES
	(1, 10, 1, 6, 'socket', 2, 3, 2, 5, 1e9, 1e9, NULL, 3e9, 'close'),
	(2, 2, 1, 6, 'socket', 2, 4, 2, 1, 1.2e9, 1.2e9, 1.3e9, 8e9, 'close');
-- case: an answer is waited for in poll, and the program gives up
-- expect: TIMEOUT s1 warning
-- says: poll waited 2.0 s
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, remote_id, opened_ns, connecting_ns, connected_ns, connect_proof, closed_ns, how_ended, send_calls, last_send_ns, first_send_ns, poll_ns)
	VALUES (1, 2, 1, 6, 'socket', 2, 3, 2, 6, 1e9, 1e9, 1e9, 'connect', 3.2e9, 'close', 1, 1.1e9, 1.1e9, 2e9);
INSERT INTO call VALUES (1, 1.1e9, 0, 21, 20, 3, 1000, 5, NULL, 5, NULL, NULL, NULL, NULL, 2), (0, 1.15e9, 0, 21, 70, NULL, 2e9, 0, NULL, NULL, NULL, NULL, NULL, NULL, 2);
INSERT INTO ready VALUES (1, 1.15e9, 21, 3, 0);
-- case: poll with a timeout in a loop, and the answer came in the end
-- expect: none
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, remote_id, opened_ns, connecting_ns, connected_ns, connect_proof, closed_ns, how_ended, send_calls, last_send_ns, first_send_ns, last_receive_ns, poll_ns)
	VALUES (1, 2, 1, 6, 'socket', 2, 3, 2, 6, 1e9, 1e9, 1e9, 'connect', 5e9, 'close', 1, 1.1e9, 1.1e9, 4e9, 2e9);
INSERT INTO call VALUES (0, 1.15e9, 0, 21, 70, NULL, 2e9, 0, NULL, NULL, NULL, NULL, NULL, NULL, 2);
INSERT INTO ready VALUES (1, 1.15e9, 21, 3, 0);
-- case: a receive with SO_RCVTIMEO ends without an answer
-- expect: TIMEOUT s1 warning
-- says: recv waited 0.5 s
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, remote_id, opened_ns, connecting_ns, connected_ns, connect_proof, closed_ns, how_ended, send_calls, last_send_ns, first_send_ns, again_count, longest_ns, longest_start_ns, longest_kind_id)
	VALUES (1, 2, 1, 6, 'socket', 2, 3, 2, 6, 1e9, 1e9, 1e9, 'connect', 1.7e9, 'close', 1, 1.1e9, 1.1e9, 1, 5e8, 1.15e9, 24);
INSERT INTO call VALUES (1, 1.15e9, 0, 21, 24, 3, 5e8, -1, 11, 100, NULL, NULL, NULL, NULL, 2);
-- case: the listener is in the trace, and its queue is full
-- expect: TIMEOUT s2 error
-- expect: NEVER_ACCEPTED s3 error
-- says: was not answered; the program gave up after 2.0 s; s1 listens there, with a backlog of 0: its queue was full of 1 connection that it never accepted
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, local_id, remote_id, opened_ns, bound_ns, listening_ns, backlog, connecting_ns, connected_ns, closed_ns, how_ended) VALUES
	(1, 2, 1, 6, 'socket', 1, 3, 1, 1, NULL, 5e8, 5e8, 5e8, 0, NULL, NULL, 9e9, 'close'),
	(3, 2, 1, 6, 'socket', 2, 4, 2, 4, 1, 9e8, NULL, NULL, NULL, 9e8, 9e8, 9e9, 'close'),
	(2, 2, 1, 6, 'socket', 2, 3, 2, 3, 1, 1e9, NULL, NULL, NULL, 1e9, NULL, 3e9, 'close');
-- case: the listener began only later
-- query: SELECT rule, holder_id IS NULL FROM problem WHERE rule = 'TIMEOUT'
-- gives: TIMEOUT|1
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, local_id, remote_id, opened_ns, bound_ns, listening_ns, backlog, connecting_ns, connected_ns, closed_ns, how_ended) VALUES
	(1, 2, 1, 6, 'socket', 1, 3, 1, 1, NULL, 2e9, 2e9, 2e9, 0, NULL, NULL, 9e9, 'close'),
	(2, 2, 1, 6, 'socket', 2, 3, 2, 3, 1, 1e9, NULL, NULL, NULL, 1e9, NULL, 3e9, 'close');
-- case: the same when calls were not kept: the longest one is a receive after the last send, and nothing came
-- expect: TIMEOUT s1 warning
-- says: recv waited 0.5 s
INSERT INTO meta VALUES ('detail', 'sockets');
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, remote_id, opened_ns, connecting_ns, connected_ns, connect_proof, closed_ns, how_ended, send_calls, last_send_ns, first_send_ns, again_count, longest_ns, longest_start_ns, longest_kind_id)
	VALUES (1, 2, 1, 6, 'socket', 2, 3, 2, 6, 1e9, 1e9, 1e9, 'connect', 1.7e9, 'close', 1, 1.1e9, 1.1e9, 1, 5e8, 1.15e9, 24);
-- case: calls were not kept, and poll waited in vain for the connection
-- expect: TIMEOUT s1 error
INSERT INTO meta VALUES ('detail', 'sockets');
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, remote_id, opened_ns, connecting_ns, closed_ns, how_ended, vain_wait_ns)
	VALUES (1, 2, 1, 6, 'socket', 2, 3, 2, 6, 1e9, 1e9, 1.5e9, 'close', 5e8);
-- case: calls were not kept, and poll found that the connection stood
-- expect: none
INSERT INTO meta VALUES ('detail', 'sockets');
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, remote_id, opened_ns, connecting_ns, closed_ns, how_ended, poll_ns, ready_run_count)
	VALUES (1, 2, 1, 6, 'socket', 2, 3, 2, 6, 1e9, 1e9, 3e9, 'close', 5e8, 1);
-- case: calls were not kept, and poll waited in vain for the answer
-- expect: TIMEOUT s1 warning
-- says: poll waited 0.5 s for 10.0.0.7:5432, nothing came
INSERT INTO meta VALUES ('detail', 'sockets');
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, remote_id, opened_ns, connecting_ns, connected_ns, connect_proof, closed_ns, how_ended, send_calls, last_send_ns, first_send_ns, vain_wait_ns)
	VALUES (1, 2, 1, 6, 'socket', 2, 3, 2, 6, 1e9, 1e9, 1e9, 'connect', 1.7e9, 'close', 1, 1.1e9, 1.1e9, 5e8);
