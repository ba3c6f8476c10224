-- case: a Unix socket that the user may not write to
-- expect: CONNECT_FAILED s1 error
-- says: connect to /run/x.sock failed: the program may not write to that socket, or not search its directory (EACCES)
INSERT INTO socket (socket_id, domain, type, origin, process_id, fd, caller_id, remote_id, opened_ns, connecting_ns, connect_errno, closed_ns, how_ended)
	VALUES (1, 1, 1, 'socket', 2, 3, 2, 8, 1e9, 1.1e9, 13, 1.2e9, 'close');
INSERT INTO call VALUES (1, 1.1e9, 0, 21, 4, 3, 1000, -1, 13, NULL, NULL, NULL, 8, NULL, 2);
-- case: libc looks for its name service
-- expect: none
INSERT INTO caller VALUES (4, '/usr/lib/x86_64-linux-gnu/libc.so.6', NULL, 4096);
INSERT INTO socket (socket_id, domain, type, origin, process_id, fd, caller_id, remote_id, opened_ns, connecting_ns, connect_errno, closed_ns, how_ended)
	VALUES (1, 1, 1, 'socket', 2, 3, 4, 8, 1e9, 1.1e9, 13, 1.2e9, 'close');
INSERT INTO call VALUES (1, 1.1e9, 0, 21, 4, 3, 1000, -1, 13, NULL, NULL, NULL, 8, NULL, 4);
-- case: three attempts with the wrong type
-- expect: CONNECT_FAILED s1 error
-- says: connect to /run/x.sock failed 3 times: the socket that is there is of another type (stream, datagram, seqpacket) (EPROTOTYPE)
INSERT INTO socket (socket_id, domain, type, origin, process_id, fd, caller_id, remote_id, opened_ns, connecting_ns, connect_errno, closed_ns, how_ended) VALUES
	(1, 1, 2, 'socket', 2, 3, 2, 8, 1e9, 1.1e9, 91, 1.2e9, 'close'),
	(2, 1, 2, 'socket', 2, 3, 2, 8, 2e9, 2.1e9, 91, 2.2e9, 'close'),
	(3, 1, 2, 'socket', 2, 3, 2, 8, 3e9, 3.1e9, 91, 3.2e9, 'close');
-- case: the other type comes through, as with /dev/log
-- expect: CONNECT_FAILED s1 info
INSERT INTO socket (socket_id, domain, type, origin, process_id, fd, caller_id, remote_id, opened_ns, connecting_ns, connected_ns, connect_errno, closed_ns, how_ended) VALUES
	(1, 1, 2, 'socket', 2, 3, 2, 8, 1e9, 1.1e9, NULL, 91, 1.2e9, 'close'),
	(2, 1, 1, 'socket', 2, 3, 2, 8, 1.2e9, 1.3e9, 1.3e9, NULL, 2.2e9, 'close');
-- case: a broadcast without leave
-- expect: CONNECT_FAILED s1 error
-- says: a broadcast address needs SO_BROADCAST (EACCES)
INSERT INTO address VALUES (20, 2, '255.255.255.255:9', '255.255.255.255', 9, x'');
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, remote_id, opened_ns, connecting_ns, connect_errno, closed_ns, how_ended)
	VALUES (1, 2, 2, 17, 'socket', 2, 3, 2, 20, 1e9, 1.1e9, 13, 1.2e9, 'close');
-- case: libc asks which of the addresses that it found can be reached
-- expect: none
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, remote_id, opened_ns, connecting_ns, connect_errno, closed_ns, how_ended)
	VALUES (1, 10, 2, 17, 'socket', 2, 3, 2, 5, 1e9, 1.1e9, 101, 1.2e9, 'close');
-- case: an address of another family
-- expect: CONNECT_FAILED s1 error
-- says: connect to [::1]:8080 failed: the address is of another family than the socket (EAFNOSUPPORT)
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, remote_id, opened_ns, connecting_ns, connect_errno, closed_ns, how_ended)
	VALUES (1, 2, 1, 6, 'socket', 2, 3, 2, 5, 1e9, 1.1e9, 97, 1.2e9, 'close');
-- case: the same socket connects in the end
-- expect: none
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, remote_id, opened_ns, connecting_ns, connected_ns, closed_ns, how_ended)
	VALUES (1, 2, 1, 6, 'socket', 2, 3, 2, 1, 1e9, 1.1e9, 1.15e9, 1.2e9, 'close');
