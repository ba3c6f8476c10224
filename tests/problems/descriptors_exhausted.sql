-- case: accept finds no free descriptor
-- expect: DESCRIPTORS_EXHAUSTED s1 error
-- says: accept failed, and 56 such calls later: the process had as many descriptors open as it may (EMFILE); 2 of them were sockets
UPDATE process SET exhausted_count = 57, exhausted_ns = 2e9, exhausted_socket_id = 1 WHERE process_id = 1;
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, local_id, opened_ns, bound_ns, listening_ns, closed_ns, how_ended) VALUES
	(1, 2, 1, 6, 'socket', 1, 3, 1, 1, 1e9, 1e9, 1e9, 9e9, 'close'), (2, 2, 1, 6, 'socket', 1, 4, 1, NULL, 1e9, NULL, NULL, 1.5e9, 'close'), (3, 2, 1, 6, 'socket', 1, 5, 1, NULL, 1e9, NULL, NULL, 3e9, 'close');
INSERT INTO span VALUES (1, 1, 1, 3, 1e9, 'socket', 9e9, 'close', 4), (2, 2, 1, 4, 1e9, 'socket', 1.5e9, 'close', 1), (3, 3, 1, 5, 1e9, 'socket', 3e9, 'close', 1);
INSERT INTO call VALUES (1, 2e9, 0, 11, 5, 3, 1000, -1, 24, NULL, NULL, NULL, NULL, NULL, 1);
-- case: socket finds no free descriptor
-- expect: DESCRIPTORS_EXHAUSTED - error
-- says: socket failed: the process had as many descriptors open as it may (EMFILE); 0 of them were sockets
UPDATE process SET exhausted_count = 1, exhausted_ns = 2e9 WHERE process_id = 2;
INSERT INTO call VALUES (0, 2e9, 0, 21, 1, NULL, 1000, -1, 24, NULL, NULL, NULL, NULL, NULL, 1);
-- case: socket fails for another reason
-- expect: none
INSERT INTO call VALUES (0, 2e9, 0, 21, 1, NULL, 1000, -1, 97, NULL, NULL, NULL, NULL, NULL, 1);
