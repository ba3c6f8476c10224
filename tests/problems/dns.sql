-- case: the lookup took far longer than the connect
-- expect: DNS s1 warning
-- says: looking up db.internal took 5.01 s, its connect 1.0 ms
INSERT INTO name VALUES (1, 2, 1e9, 5.01e9, 'db.internal', 0, '10.0.0.7');
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, local_id, remote_id, opened_ns, connecting_ns, connected_ns, closed_ns, how_ended)
	VALUES (1, 2, 1, 6, 'socket', 2, 3, 2, 7, 6, 6.1e9, 6.1e9, 6.101e9, 7e9, 'close');
-- case: the name does not exist
-- expect: DNS - warning
-- says: no.such.host could not be looked up
INSERT INTO name VALUES (1, 2, 1e9, 1e7, 'no.such.host', -2, NULL);
-- case: a quick lookup before a slow connect
-- expect: none
INSERT INTO name VALUES (1, 2, 1e9, 2e8, 'db.internal', 0, '10.0.0.7');
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, local_id, remote_id, opened_ns, connecting_ns, connected_ns, closed_ns, how_ended)
	VALUES (1, 2, 1, 6, 'socket', 2, 3, 2, 7, 6, 6.1e9, 6.1e9, 6.9e9, 7e9, 'close');
-- case: the reverse lookup of an address without a name (http.server asks for its own)
-- expect: none
INSERT INTO name VALUES (1, 2, 1e9, 1e7, '10.0.0.7', 1, NULL);
