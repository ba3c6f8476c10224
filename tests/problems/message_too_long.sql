-- case: more than UDP takes
-- expect: MESSAGE_TOO_LONG s1 error
-- says: a datagram of 66000 bytes to 127.0.0.1:53 was too long to send (EMSGSIZE): UDP takes at most 65507
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, opened_ns, oversize_count, oversize_ns, closed_ns, how_ended)
	VALUES (1, 2, 2, 17, 'socket', 2, 3, 2, 1e9, 1, 1.1e9, 1.2e9, 'close');
INSERT INTO call VALUES (1, 1.1e9, 0, 21, 21, 3, 1000, -1, 90, 66000, NULL, NULL, 12, NULL, 2);
-- case: the longest datagram that the path takes is looked for
-- expect: MESSAGE_TOO_LONG s1 info
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, opened_ns, oversize_count, oversize_ns, closed_ns, how_ended)
	VALUES (1, 2, 2, 17, 'socket', 2, 3, 2, 1e9, 1, 1.1e9, 1.2e9, 'close');
INSERT INTO option VALUES (1, 1, 1e9, 1, 0, 10, 'IP_MTU_DISCOVER', 2, x'02000000');
-- case: a send that failed for another reason
-- expect: none
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, opened_ns, errors, last_errno, closed_ns, how_ended)
	VALUES (1, 2, 2, 17, 'socket', 2, 3, 2, 1e9, 1, 105, 1.2e9, 'close');
