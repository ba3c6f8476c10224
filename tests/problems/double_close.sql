-- case: close is called twice
-- expect: DOUBLE_CLOSE s1 warning
-- says: fd 3 was closed again
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, local_id, remote_id, opened_ns, closed_ns, how_ended, stale_close_count, stale_ns)
	VALUES (1, 2, 1, 6, 'socket', 2, 3, 2, NULL, NULL, 1e9, 2e9, 'close', 1, 2.1e9);
INSERT INTO call VALUES (1, 2e9, 0, 21, 9, 3, 1000, 0, NULL, NULL, NULL, NULL, NULL, NULL, 2), (1, 2.1e9, 0, 21, 9, 3, 1000, -1, 9, NULL, NULL, NULL, NULL, NULL, 3);
-- case: a daemon closes every number there is, in a loop
-- expect: none
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, opened_ns, closed_ns, how_ended, stale_close_count, stale_ns) VALUES
	(1, 2, 1, 6, 'socket', 2, 3, 2, 1e9, 2e9, 'close', 1, 3e9), (2, 2, 1, 6, 'socket', 2, 4, 2, 1e9, 2e9, 'close', 1, 3e9 + 400), (3, 2, 1, 6, 'socket', 2, 5, 2, 1e9, 2e9, 'close', 1, 3e9 + 800);
-- case: a loop over all numbers closes sockets that are open, and one number that was closed long before
-- expect: none
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, opened_ns, closed_ns, how_ended, stale_close_count, stale_ns) VALUES
	(1, 2, 1, 6, 'socket', 2, 3, 2, 1e9, 3e9, 'close', 0, NULL), (2, 2, 1, 6, 'socket', 2, 5, 2, 1e9, 3e9 + 400, 'close', 0, NULL), (3, 2, 1, 6, 'socket', 2, 6, 2, 1e9, 2e9, 'close', 1, 3e9 + 800);
INSERT INTO span VALUES (1, 1, 2, 3, 1e9, 'socket', 3e9, 'close', 1), (2, 2, 2, 5, 1e9, 'socket', 3e9 + 400, 'close', 1), (3, 3, 2, 6, 1e9, 'socket', 2e9, 'close', 1);
INSERT INTO call VALUES (1, 3e9, 0, 21, 9, 3, 100, 0, NULL, NULL, NULL, NULL, NULL, NULL, 3), (2, 3e9 + 400, 0, 21, 9, 5, 100, 0, NULL, NULL, NULL, NULL, NULL, NULL, 3),
	(3, 2e9, 0, 21, 9, 6, 100, 0, NULL, NULL, NULL, NULL, NULL, NULL, 2), (3, 3e9 + 800, 0, 21, 9, 6, 100, -1, 9, NULL, NULL, NULL, NULL, NULL, 3);
-- case: the program closes three sockets one after another, each in its place, one of them for the second time
-- expect: DOUBLE_CLOSE s3 warning
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, opened_ns, closed_ns, how_ended, stale_close_count, stale_ns) VALUES
	(1, 2, 1, 6, 'socket', 2, 3, 2, 1e9, 3e9, 'close', 0, NULL), (2, 2, 1, 6, 'socket', 2, 5, 2, 1e9, 3e9 + 400, 'close', 0, NULL), (3, 2, 1, 6, 'socket', 2, 6, 2, 1e9, 2e9, 'close', 1, 3e9 + 800);
INSERT INTO span VALUES (1, 1, 2, 3, 1e9, 'socket', 3e9, 'close', 1), (2, 2, 2, 5, 1e9, 'socket', 3e9 + 400, 'close', 1), (3, 3, 2, 6, 1e9, 'socket', 2e9, 'close', 1);
INSERT INTO call VALUES (1, 3e9, 0, 21, 9, 3, 100, 0, NULL, NULL, NULL, NULL, NULL, NULL, 1), (2, 3e9 + 400, 0, 21, 9, 5, 100, 0, NULL, NULL, NULL, NULL, NULL, NULL, 2),
	(3, 2e9, 0, 21, 9, 6, 100, 0, NULL, NULL, NULL, NULL, NULL, NULL, 2), (3, 3e9 + 800, 0, 21, 9, 6, 100, -1, 9, NULL, NULL, NULL, NULL, NULL, 3);
-- case: the second close hits the socket that another thread has just got
-- expect: DOUBLE_CLOSE s2 error
-- says: closed by mistake: fd 3 had been s1, was closed a second time 0.2 s later, and by then was this socket of another thread
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, thread_id, fd, caller_id, opened_ns, closed_ns, how_ended, stale_use_count, stale_ns) VALUES
	(1, 2, 1, 6, 'socket', 2, 21, 3, 2, 1e9, 2e9, 'close', 0, NULL),
	(2, 2, 1, 6, 'socket', 2, 22, 3, 2, 2.1e9, 2.2e9, 'close', 1, 2.3e9);
INSERT INTO span VALUES (1, 1, 2, 3, 1e9, 'socket', 2e9, 'close', 1), (2, 2, 2, 3, 2.1e9, 'socket', 2.2e9, 'close', 1);
INSERT INTO call VALUES (1, 2e9, 0, 21, 9, 3, 1000, 0, NULL, NULL, NULL, NULL, NULL, NULL, 2), (2, 2.2e9, 0, 21, 9, 3, 1000, 0, NULL, NULL, NULL, NULL, NULL, NULL, 2),
	(2, 2.3e9, 0, 22, 20, 3, 1000, -1, 9, 5, NULL, NULL, NULL, NULL, 3);
-- case: a thread got both sockets, and closed both; the one that made them uses the second on
-- expect: USE_AFTER_CLOSE s2 error
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, thread_id, fd, caller_id, opened_ns, closed_ns, how_ended, stale_use_count, stale_ns) VALUES
	(1, 2, 1, 6, 'accept', 2, 22, 3, 2, 1e9, 2e9, 'close', 0, NULL),
	(2, 2, 1, 6, 'accept', 2, 22, 3, 2, 2.1e9, 2.2e9, 'close', 1, 2.3e9);
INSERT INTO span VALUES (1, 1, 2, 3, 1e9, 'socket', 2e9, 'close', 1), (2, 2, 2, 3, 2.1e9, 'socket', 2.2e9, 'close', 1);
INSERT INTO call VALUES (1, 1.5e9, 0, 21, 20, 3, 1000, 5, NULL, 5, NULL, NULL, NULL, NULL, 2), (1, 2e9, 0, 21, 9, 3, 1000, 0, NULL, NULL, NULL, NULL, NULL, NULL, 2),
	(2, 2.15e9, 0, 21, 20, 3, 1000, 5, NULL, 5, NULL, NULL, NULL, NULL, 2), (2, 2.2e9, 0, 21, 9, 3, 1000, 0, NULL, NULL, NULL, NULL, NULL, NULL, 2),
	(2, 2.3e9, 0, 22, 20, 3, 1000, -1, 9, 5, NULL, NULL, NULL, NULL, 3);
