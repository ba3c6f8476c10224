-- case: a server forgets one of three connections
-- expect: LEAK s2 error
-- expect: CLOSE_WAIT s2 error
-- says: its peer had closed; not used for 8.7 s; 2 like it were closed
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, closed_by_id, fd, caller_id, parent_id, local_id, remote_id, opened_ns, connected_ns, eof_ns, eof_count, last_activity_ns, closed_ns, how_ended) VALUES
	(1, 2, 1, 6, 'accept', 1, 1, 4, 1, 9, 1, 3, 1e9, 1e9, 1.1e9, 1, 1.05e9, 1.2e9, 'close'),
	(2, 2, 1, 6, 'accept', 1, 1, 4, 1, 9, 1, 4, 1.2e9, 1.2e9, 1.3e9, 1, 1.25e9, 10e9, 'exit'),
	(3, 2, 1, 6, 'accept', 1, 1, 5, 1, 9, 1, 3, 2e9, 2e9, 2.1e9, 1, 2.05e9, 2.2e9, 'close');
-- case: a listener is open until the end
-- expect: none
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, closed_by_id, fd, caller_id, local_id, opened_ns, bound_ns, listening_ns, closed_ns, how_ended)
	VALUES (1, 2, 1, 6, 'socket', 1, 1, 3, 1, 1, 1e9, 1e9, 1e9, 10e9, 'exit');
-- case: a client opens one connection after another and closes none
-- expect: LEAK s1 warning
-- expect: LEAK s2 warning
-- expect: LEAK s3 warning
-- expect: LEAK s4 warning
-- says: none of the 4 like it was closed
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, closed_by_id, fd, caller_id, remote_id, opened_ns, connecting_ns, connected_ns, last_activity_ns, closed_ns, how_ended) VALUES
	(1, 2, 1, 6, 'socket', 2, 2, 3, 2, 6, 1e9, 1e9, 1e9, 1.1e9, 10e9, 'exit'), (2, 2, 1, 6, 'socket', 2, 2, 4, 2, 6, 2e9, 2e9, 2e9, 2.1e9, 10e9, 'exit'),
	(3, 2, 1, 6, 'socket', 2, 2, 5, 2, 6, 3e9, 3e9, 3e9, 3.1e9, 10e9, 'exit'), (4, 2, 1, 6, 'socket', 2, 2, 6, 2, 6, 4e9, 4e9, 4e9, 4.1e9, 10e9, 'exit');
-- case: a load generator ends with its connections in use
-- expect: none
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, closed_by_id, fd, caller_id, remote_id, opened_ns, connecting_ns, connected_ns, last_activity_ns, closed_ns, how_ended) VALUES
	(1, 2, 1, 6, 'socket', 2, 2, 3, 2, 6, 1e9, 1e9, 1e9, 9.9e9, 10e9, 'exit'), (2, 2, 1, 6, 'socket', 2, 2, 4, 2, 6, 1.1e9, 1.1e9, 1.1e9, 9.9e9, 10e9, 'exit'),
	(3, 2, 1, 6, 'socket', 2, 2, 5, 2, 6, 1.2e9, 1.2e9, 1.2e9, 9.9e9, 10e9, 'exit'), (4, 2, 1, 6, 'socket', 2, 2, 6, 2, 6, 1.3e9, 1.3e9, 1.3e9, 9.9e9, 10e9, 'exit');
-- case: a client has one connection and ends without closing it
-- expect: none
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, closed_by_id, fd, caller_id, remote_id, opened_ns, connecting_ns, connected_ns, last_activity_ns, closed_ns, how_ended)
	VALUES (1, 2, 1, 6, 'socket', 2, 2, 3, 2, 6, 1e9, 1e9, 1e9, 9.9e9, 10e9, 'exit');
-- case: a socket whose connect failed is left behind at each new try
-- expect: LEAK s1 error
-- expect: LEAK s2 error
-- expect: REFUSED s1 error
-- says: its connect had failed
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, closed_by_id, fd, caller_id, remote_id, opened_ns, connecting_ns, connect_errno, closed_ns, how_ended) VALUES
	(1, 2, 1, 6, 'socket', 2, 2, 3, 2, 6, 1e9, 1e9, 111, 10e9, 'exit'), (2, 2, 1, 6, 'socket', 2, 2, 4, 2, 6, 2e9, 2e9, 111, 10e9, 'exit'),
	(3, 2, 1, 6, 'socket', 2, 2, 5, 2, 6, 3e9, 3e9, 111, 10e9, 'exit');
-- case: five are opened at once and four closed at the end
-- expect: LEAK s3 warning
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, closed_by_id, fd, caller_id, remote_id, opened_ns, connecting_ns, connected_ns, last_activity_ns, closed_ns, how_ended) VALUES
	(1, 2, 1, 6, 'socket', 2, 2, 3, 2, 6, 1e9, 1e9, 1e9, 2e9, 3e9, 'close'), (2, 2, 1, 6, 'socket', 2, 2, 4, 2, 6, 1e9, 1e9, 1e9, 2e9, 3e9, 'close'),
	(3, 2, 1, 6, 'socket', 2, 2, 5, 2, 6, 1e9, 1e9, 1e9, 2e9, 10e9, 'exit');
-- case: clients that are still there when the server stops
-- expect: none
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, closed_by_id, fd, caller_id, parent_id, local_id, remote_id, opened_ns, connected_ns, eof_ns, eof_count, last_activity_ns, closed_ns, how_ended) VALUES
	(1, 2, 1, 6, 'accept', 1, 1, 4, 1, 9, 1, 3, 1e9, 1e9, 1.1e9, 1, 1.05e9, 1.2e9, 'close'),
	(2, 2, 1, 6, 'accept', 1, 1, 4, 1, 9, 1, 4, 1.2e9, 1.2e9, NULL, 0, 9.25e9, 10e9, 'exit');
-- case: a process per connection leaves the close to its exit
-- expect: none
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, closed_by_id, fd, caller_id, parent_id, local_id, remote_id, opened_ns, connected_ns, eof_ns, eof_count, last_activity_ns, closed_ns, how_ended) VALUES
	(1, 2, 1, 6, 'accept', 1, 3, 4, 1, 9, 1, 3, 1e9, 1e9, 1.1e9, 1, 1.05e9, 1.11e9, 'exit'),
	(2, 2, 1, 6, 'accept', 1, 3, 4, 1, 9, 1, 4, 1.2e9, 1.2e9, 1.3e9, 1, 1.25e9, 1.31e9, 'exit'),
	(3, 2, 1, 6, 'accept', 1, 3, 4, 1, 9, 1, 4, 1.4e9, 1.4e9, 1.5e9, 1, 1.45e9, 1.51e9, 'exit');
-- case: a server that never closes, and ends soon after its clients
-- expect: LEAK s1 error
-- expect: LEAK s2 error
-- expect: LEAK s3 error
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, closed_by_id, fd, caller_id, parent_id, local_id, remote_id, opened_ns, connected_ns, eof_ns, eof_count, last_activity_ns, closed_ns, how_ended) VALUES
	(1, 2, 1, 6, 'accept', 1, 1, 4, 1, 9, 1, 3, 1e9, 1e9, 9.7e9, 1, 9.6e9, 10e9, 'exit'),
	(2, 2, 1, 6, 'accept', 1, 1, 5, 1, 9, 1, 4, 1.2e9, 1.2e9, 9.8e9, 1, 9.6e9, 10e9, 'exit'),
	(3, 2, 1, 6, 'accept', 1, 1, 6, 1, 9, 1, 5, 1.4e9, 1.4e9, 9.9e9, 1, 9.6e9, 10e9, 'exit');
-- case: a server that ends the moment its last clients have
-- expect: none
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, closed_by_id, fd, caller_id, parent_id, local_id, remote_id, opened_ns, connected_ns, eof_ns, eof_count, last_activity_ns, closed_ns, how_ended) VALUES
	(1, 2, 1, 6, 'accept', 1, 1, 4, 1, 9, 1, 3, 1e9, 1e9, 9.99e9, 1, 9.6e9, 10e9, 'exit'),
	(2, 2, 1, 6, 'accept', 1, 1, 5, 1, 9, 1, 4, 1.2e9, 1.2e9, 9.98e9, 1, 9.6e9, 10e9, 'exit');
-- case: accepted Unix sockets whose peers went at once, within a tenth of a second
-- expect: LEAK s1 error
-- expect: LEAK s3 error
-- expect: LEAK s5 error
-- expect: LEAK s7 error
-- says: none of the 4 like it was closed
INSERT INTO socket (socket_id, domain, type, origin, process_id, closed_by_id, fd, caller_id, parent_id, peer_id, opened_ns, connected_ns, last_activity_ns, closed_ns, how_ended) VALUES
	(1, 1, 1, 'accept', 1, 1, 4, 1, 9, 2, 9.90e9, 9.90e9, 9.901e9, 10e9, 'exit'), (2, 1, 1, 'socket', 2, 2, 4, 2, NULL, 1, 9.90e9, 9.90e9, 9.901e9, 9.902e9, 'close'),
	(3, 1, 1, 'accept', 1, 1, 5, 1, 9, 4, 9.91e9, 9.91e9, 9.911e9, 10e9, 'exit'), (4, 1, 1, 'socket', 2, 2, 4, 2, NULL, 3, 9.91e9, 9.91e9, 9.911e9, 9.912e9, 'close'),
	(5, 1, 1, 'accept', 1, 1, 6, 1, 9, 6, 9.92e9, 9.92e9, 9.921e9, 10e9, 'exit'), (6, 1, 1, 'socket', 2, 2, 4, 2, NULL, 5, 9.92e9, 9.92e9, 9.921e9, 9.922e9, 'close'),
	(7, 1, 1, 'accept', 1, 1, 7, 1, 9, 8, 9.93e9, 9.93e9, 9.931e9, 10e9, 'exit'), (8, 1, 1, 'socket', 2, 2, 4, 2, NULL, 7, 9.93e9, 9.93e9, 9.931e9, 9.932e9, 'close');
-- case: a pair to each worker, and this side's end is kept after the worker went
-- expect: LEAK s1 error
-- expect: LEAK s3 error
-- expect: LEAK s5 error
-- says: 8.8 s after socketpair; its peer had closed
INSERT INTO socket (socket_id, domain, type, origin, process_id, closed_by_id, fd, caller_id, peer_id, opened_ns, connected_ns, last_activity_ns, closed_ns, how_ended) VALUES
	(1, 1, 1, 'socketpair', 1, 1, 4, 1, 2, 1.0e9, 1.0e9, 1.01e9, 10e9, 'exit'), (2, 1, 1, 'socketpair', 1, 3, 5, 1, 1, 1.0e9, 1.0e9, 1.01e9, 1.02e9, 'exit'),
	(3, 1, 1, 'socketpair', 1, 1, 5, 1, 4, 1.1e9, 1.1e9, 1.11e9, 10e9, 'exit'), (4, 1, 1, 'socketpair', 1, 3, 6, 1, 3, 1.1e9, 1.1e9, 1.11e9, 1.12e9, 'exit'),
	(5, 1, 1, 'socketpair', 1, 1, 6, 1, 6, 1.2e9, 1.2e9, 1.21e9, 10e9, 'exit'), (6, 1, 1, 'socketpair', 1, 3, 7, 1, 5, 1.2e9, 1.2e9, 1.21e9, 1.22e9, 'exit'),
	(7, 1, 1, 'socketpair', 1, 1, 7, 1, 8, 1.3e9, 1.3e9, 1.31e9, 1.33e9, 'close'), (8, 1, 1, 'socketpair', 1, 3, 8, 1, 7, 1.3e9, 1.3e9, 1.31e9, 1.32e9, 'exit');
-- case: an interpreter closes at its end what the program had forgotten
-- expect: LEAK s1 error
-- expect: LEAK s2 error
-- expect: LEAK s3 error
-- expect: CLOSE_WAIT s1 warning
-- expect: CLOSE_WAIT s2 warning
-- expect: CLOSE_WAIT s3 warning
-- expect: CLOSE_WAIT s4 warning
-- says: closed only as the program ended, 8.9 s after socket(); its peer had closed; not used for 8.8 s; none of the 4 like it was closed
UPDATE process SET executable = '/usr/bin/python3.11' WHERE process_id = 2;
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, closed_by_id, fd, caller_id, remote_id, opened_ns, connecting_ns, connected_ns, eof_ns, eof_count, last_activity_ns, closed_ns, how_ended) VALUES
	(1, 2, 1, 6, 'socket', 2, 2, 3, 2, 6, 1.0e9, 1.0e9, 1.0e9, 1.1e9, 1, 1.1e9, 9.9e9, 'close'), (2, 2, 1, 6, 'socket', 2, 2, 4, 2, 6, 2e9, 2e9, 2e9, 2.1e9, 1, 2.1e9, 9.9e9, 'close'),
	(3, 2, 1, 6, 'socket', 2, 2, 5, 2, 6, 3e9, 3e9, 3e9, 3.1e9, 1, 3.1e9, 9.9e9, 'close'), (4, 2, 1, 6, 'socket', 2, 2, 6, 2, 6, 4e9, 4e9, 4e9, 4.1e9, 1, 4.1e9, 9.9e9, 'close');
-- case: a connection kept for more requests is open at exit, when its server has just gone
-- expect: none
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, closed_by_id, fd, caller_id, remote_id, opened_ns, connecting_ns, connected_ns, last_activity_ns, eof_ns, eof_count, closed_ns, how_ended) VALUES
	(1, 2, 1, 6, 'socket', 2, 2, 3, 2, 6, 1.1e9, 1.1e9, 1.1e9, 2e9, NULL, 0, 3e9, 'close'), (2, 2, 1, 6, 'socket', 2, 2, 4, 2, 6, 1.2e9, 1.2e9, 1.2e9, 2e9, NULL, 0, 3e9, 'close'),
	(3, 2, 1, 6, 'socket', 2, 2, 5, 2, 6, 1.3e9, 1.3e9, 1.3e9, 5e9, 9.99e9, 1, 10e9, 'exit');
-- case: a program in C closes at its end what it had kept
-- expect: none
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, closed_by_id, fd, caller_id, remote_id, opened_ns, connecting_ns, connected_ns, eof_ns, eof_count, last_activity_ns, closed_ns, how_ended) VALUES
	(1, 1, 1, 0, 'socket', 2, 2, 3, 2, 8, 1.0e9, 1.0e9, 1.0e9, 1.1e9, 1, 1.1e9, 9.9e9, 'close'), (2, 1, 1, 0, 'socket', 2, 2, 4, 2, 8, 2e9, 2e9, 2e9, 2.1e9, 1, 2.1e9, 9.9e9, 'close'),
	(3, 1, 1, 0, 'socket', 2, 2, 5, 2, 8, 3e9, 3e9, 3e9, 3.1e9, 1, 3.1e9, 9.9e9, 'close'), (4, 1, 1, 0, 'socket', 2, 2, 6, 2, 8, 4e9, 4e9, 4e9, 4.1e9, 1, 4.1e9, 9.9e9, 'close');
-- case: connections are passed to a worker, which does not close them
-- expect: LEAK s1 error
-- expect: LEAK s2 error
-- expect: LEAK s3 error
-- says: fd 4 open at exit, 7.0 s after accept; its peer had closed; not used for 6.9 s; none of the 3 like it was closed
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, closed_by_id, fd, caller_id, parent_id, opened_ns, connected_ns, eof_ns, eof_count, last_activity_ns, closed_ns, how_ended) VALUES
	(1, 1, 1, 0, 'accept', 1, 3, 4, 1, 9, 3.0e9, 3.0e9, 3.1e9, 1, 3.1e9, 10e9, 'exit'), (2, 1, 1, 0, 'accept', 1, 3, 4, 1, 9, 4e9, 4e9, 4.1e9, 1, 4.1e9, 10e9, 'exit'),
	(3, 1, 1, 0, 'accept', 1, 3, 4, 1, 9, 5e9, 5e9, 5.1e9, 1, 5.1e9, 10e9, 'exit');
INSERT INTO span VALUES (1, 1, 1, 4, 3e9, 'accept', 3.01e9, 'close', 0), (2, 1, 3, 4, 3.01e9, 'passed', 10e9, 'exit', 1), (3, 2, 1, 4, 4e9, 'accept', 4.01e9, 'close', 0),
	(4, 2, 3, 5, 4.01e9, 'passed', 10e9, 'exit', 1), (5, 3, 1, 4, 5e9, 'accept', 5.01e9, 'close', 0), (6, 3, 3, 6, 5.01e9, 'passed', 10e9, 'exit', 1);
-- case: the same as the first, but records found no room: the close may be among them
-- expect: none
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, closed_by_id, fd, caller_id, parent_id, local_id, remote_id, opened_ns, connected_ns, eof_ns, eof_count, last_activity_ns, closed_ns, how_ended) VALUES
	(1, 2, 1, 6, 'accept', 1, 1, 4, 1, 9, 1, 3, 1e9, 1e9, 1.1e9, 1, 1.05e9, 1.2e9, 'close'),
	(2, 2, 1, 6, 'accept', 1, 1, 4, 1, 9, 1, 4, 1.2e9, 1.2e9, 1.3e9, 1, 1.25e9, 10e9, 'exit'),
	(3, 2, 1, 6, 'accept', 1, 1, 5, 1, 9, 1, 3, 2e9, 2e9, 2.1e9, 1, 2.05e9, 2.2e9, 'close');
INSERT INTO missing (process_id, reason, from_ns, to_ns, count) VALUES (1, 'dropped', 1.4e9, 1.6e9, 100);
-- case: the partner of a datagram socket closes: no sign that this one is done, but the one like it was closed
-- expect: LEAK s1 warning
-- says: 9.0 s after socket(); not used for 8.8 s; 1 like it was closed
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, closed_by_id, fd, caller_id, peer_id, local_id, remote_id, opened_ns, connecting_ns, connected_ns, closed_ns, how_ended, last_send_ns, last_receive_ns, last_activity_ns) VALUES
	(1, 2, 2, 17, 'socket', 2, 2, 3, 2, 2, 3, 12, 1e9, 1e9, 1e9, 10e9, 'exit', 1.1e9, 1.2e9, 1.2e9),
	(2, 2, 2, 17, 'socket', 1, 1, 3, 1, NULL, 12, NULL, 1e9, NULL, NULL, 2e9, 'close', 1.15e9, 1.12e9, 1.15e9),
	(3, 2, 2, 17, 'socket', 2, 2, 4, 2, NULL, 4, 12, 1.01e9, 1.01e9, 1.01e9, 1.05e9, 'close', 1.02e9, 1.03e9, 1.03e9);
