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
