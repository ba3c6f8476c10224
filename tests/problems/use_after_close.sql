-- case: send on a closed descriptor
-- expect: USE_AFTER_CLOSE s1 error
-- says: send on fd 3 0.1 s after it was closed (EBADF)
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, opened_ns, closed_ns, how_ended, stale_use_count, stale_ns)
	VALUES (1, 2, 1, 6, 'socket', 2, 3, 2, 1e9, 2e9, 'close', 1, 2.1e9);
INSERT INTO call VALUES (1, 2e9, 0, 21, 9, 3, 1000, 0, NULL, NULL, NULL, NULL, NULL, NULL, 2), (1, 2.1e9, 0, 21, 20, 3, 1000, -1, 9, 5, NULL, NULL, NULL, NULL, 3);
-- case: a server closes its listener to end a thread that accepts in a loop
-- expect: USE_AFTER_CLOSE s1 info
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, local_id, opened_ns, bound_ns, listening_ns, closed_ns, how_ended, stale_use_count, stale_ns)
	VALUES (1, 2, 1, 6, 'socket', 1, 3, 1, 1, 1e9, 1e9, 1e9, 2e9, 'close', 1, 2.1e9);
-- case: an event loop takes a socket out of its set after it was closed
-- expect: USE_AFTER_CLOSE s1 warning
-- says: epoll_ctl on fd 3 0.1 ms after it was closed (EBADF)
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, opened_ns, closed_ns, how_ended, stale_use_count, stale_ns)
	VALUES (1, 2, 1, 6, 'socket', 2, 3, 2, 1e9, 2e9, 'close', 1, 2.0001e9);
INSERT INTO call VALUES (1, 2e9, 0, 21, 9, 3, 1000, 0, NULL, NULL, NULL, NULL, NULL, NULL, 2), (1, 2.0001e9, 0, 21, (SELECT call_kind_id FROM call_kind WHERE name = 'epoll_ctl'), 3, 1000, -1, 9, NULL, NULL, 2, NULL, NULL, 3);
-- case: the descriptor is closed once and never used again
-- expect: none
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, opened_ns, closed_ns, how_ended)
	VALUES (1, 2, 1, 6, 'socket', 2, 3, 2, 1e9, 2e9, 'close');
-- case: a thread stands in recv as another one closes the socket
-- expect: USE_AFTER_CLOSE s1 warning
-- says: fd 3 was closed while another thread stood in recv: that does not wake it, and it had not returned 8.0 s later
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, opened_ns, connected_ns, closed_ns, how_ended, unreturned_start_ns, unreturned_kind_id)
	VALUES (1, 2, 1, 6, 'accept', 2, 3, 2, 1e9, 1e9, 2e9, 'close', 1.5e9, 24);
INSERT INTO call VALUES (1, 1.5e9, 0, 22, 24, 3, NULL, NULL, NULL, 5, NULL, NULL, NULL, NULL, 2), (1, 2e9, 0, 21, 9, 3, 1000, 0, NULL, NULL, NULL, NULL, NULL, NULL, 3);
-- case: the program ends as it closes a socket under a thread
-- expect: none
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, opened_ns, connected_ns, closed_ns, how_ended, unreturned_start_ns, unreturned_kind_id)
	VALUES (1, 2, 1, 6, 'accept', 2, 3, 2, 1e9, 1e9, 9.95e9, 'close', 9.5e9, 24);
INSERT INTO call VALUES (1, 9.5e9, 0, 22, 24, 3, NULL, NULL, NULL, 5, NULL, NULL, NULL, NULL, 2), (1, 9.95e9, 0, 21, 9, 3, 1000, 0, NULL, NULL, NULL, NULL, NULL, NULL, 3);
-- case: a thread's socket was closed by another, which made a new one of the same number; both send on that
-- expect: USE_AFTER_CLOSE s1 warning
-- says: send on fd 3 0.2 s after another thread had closed it: by then the number was s2, which that thread had made and uses
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, thread_id, fd, caller_id, parent_id, opened_ns, closed_ns, how_ended, sender_id, other_sender_id, receiver_id, other_receiver_id) VALUES
	(1, 2, 1, 6, 'socket', 2, 21, 3, 2, NULL, 1e9, 2e9, 'close', 22, NULL, NULL, NULL), (2, 2, 1, 6, 'socket', 2, 21, 3, 2, NULL, 2.1e9, 3e9, 'close', 22, 21, NULL, NULL);
INSERT INTO span VALUES (1, 1, 2, 3, 1e9, 'accept', 2e9, 'close', 1), (2, 2, 2, 3, 2.1e9, 'accept', 3e9, 'close', 1);
INSERT INTO call VALUES (1, 2e9, 0, 21, 9, 3, 1000, 0, NULL, NULL, NULL, NULL, NULL, NULL, 2), (2, 2.2e9, 0, 22, 20, 3, 1000, 5, NULL, 5, NULL, NULL, NULL, NULL, 3),
	(2, 2.3e9, 0, 21, 20, 3, 1000, 5, NULL, 5, NULL, NULL, NULL, NULL, 2);
-- case: the main thread reads and closes, a worker answers, and sometimes the main thread does as well
-- expect: none
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, thread_id, fd, caller_id, parent_id, opened_ns, closed_ns, how_ended, sender_id, other_sender_id, receiver_id, other_receiver_id) VALUES
	(1, 2, 1, 6, 'accept', 2, 21, 3, 2, 9, 1e9, 2e9, 'close', 22, NULL, 21, NULL), (2, 2, 1, 6, 'accept', 2, 21, 3, 2, 9, 2.1e9, 3e9, 'close', 22, 21, 21, NULL);
INSERT INTO span VALUES (1, 1, 2, 3, 1e9, 'accept', 2e9, 'close', 1), (2, 2, 2, 3, 2.1e9, 'accept', 3e9, 'close', 1);
INSERT INTO call VALUES (1, 2e9, 0, 21, 9, 3, 1000, 0, NULL, NULL, NULL, NULL, NULL, NULL, 2), (2, 2.2e9, 0, 22, 20, 3, 1000, 5, NULL, 5, NULL, NULL, NULL, NULL, 3),
	(2, 2.3e9, 0, 21, 20, 3, 1000, 5, NULL, 5, NULL, NULL, NULL, NULL, 2);
-- case: any worker takes any request, and the main thread closes what was idle for long
-- expect: none
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, thread_id, fd, caller_id, parent_id, opened_ns, closed_ns, how_ended, sender_id, other_sender_id, receiver_id, other_receiver_id) VALUES
	(1, 2, 1, 6, 'accept', 2, 21, 3, 2, 9, 1e9, 2e9, 'close', 22, NULL, 22, NULL), (2, 2, 1, 6, 'accept', 2, 21, 3, 2, 9, 2.1e9, 3e9, 'close', 22, 21, 22, 21);
INSERT INTO span VALUES (1, 1, 2, 3, 1e9, 'accept', 2e9, 'close', 1), (2, 2, 2, 3, 2.1e9, 'accept', 3e9, 'close', 1);
INSERT INTO call VALUES (1, 2e9, 0, 21, 9, 3, 1000, 0, NULL, NULL, NULL, NULL, NULL, NULL, 2), (2, 2.2e9, 0, 22, 20, 3, 1000, 5, NULL, 5, NULL, NULL, NULL, NULL, 3),
	(2, 2.3e9, 0, 21, 20, 3, 1000, 5, NULL, 5, NULL, NULL, NULL, NULL, 2);
-- case: a thread speaks to all who are there, each of whom has a thread of its own
-- expect: none
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, thread_id, fd, caller_id, parent_id, opened_ns, closed_ns, how_ended, sender_id, other_sender_id, receiver_id, other_receiver_id) VALUES
	(1, 2, 1, 6, 'accept', 2, 21, 3, 2, 9, 1e9, 2e9, 'close', 22, NULL, NULL, NULL), (2, 2, 1, 6, 'accept', 2, 21, 3, 2, 9, 2.1e9, 3e9, 'close', 22, 21, NULL, NULL),
	(3, 2, 1, 6, 'accept', 2, 21, 4, 2, 9, 1e9, 3e9, 'close', 22, NULL, NULL, NULL);
INSERT INTO span VALUES (1, 1, 2, 3, 1e9, 'accept', 2e9, 'close', 1), (2, 2, 2, 3, 2.1e9, 'accept', 3e9, 'close', 1);
INSERT INTO call VALUES (1, 2e9, 0, 21, 9, 3, 1000, 0, NULL, NULL, NULL, NULL, NULL, NULL, 2), (2, 2.2e9, 0, 22, 20, 3, 1000, 5, NULL, 5, NULL, NULL, NULL, NULL, 3),
	(2, 2.3e9, 0, 21, 20, 3, 1000, 5, NULL, 5, NULL, NULL, NULL, NULL, 2);
-- case: dup2 puts a new connection in the place of the old one: who goes on using the number is meant to
-- expect: none
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, thread_id, fd, caller_id, parent_id, opened_ns, closed_ns, how_ended, sender_id, other_sender_id, receiver_id, other_receiver_id) VALUES
	(1, 2, 1, 6, 'socket', 2, 21, 3, 2, NULL, 1e9, 2e9, 'dup2', 22, NULL, NULL, NULL), (2, 2, 1, 6, 'socket', 2, 21, 3, 2, NULL, 2.1e9, 3e9, 'close', 22, 21, NULL, NULL);
INSERT INTO span VALUES (1, 1, 2, 3, 1e9, 'accept', 2e9, 'dup2', 1), (2, 2, 2, 3, 2.1e9, 'accept', 3e9, 'close', 1);
INSERT INTO call VALUES (1, 2e9, 0, 21, 9, 3, 1000, 0, NULL, NULL, NULL, NULL, NULL, NULL, 2), (2, 2.2e9, 0, 22, 20, 3, 1000, 5, NULL, 5, NULL, NULL, NULL, NULL, 3),
	(2, 2.3e9, 0, 21, 20, 3, 1000, 5, NULL, 5, NULL, NULL, NULL, NULL, 2);
