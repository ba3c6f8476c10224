-- case: what socket returned is used unseen
-- expect: BAD_DESCRIPTOR - error
-- says: send on fd -1 (EBADF), 3 such calls
UPDATE process SET bad_descriptor_count = 3, bad_descriptor_ns = 2e9 WHERE process_id = 2;
INSERT INTO call VALUES (0, 2e9, 0, 21, 20, -1, 1000, -1, 9, 100, NULL, NULL, NULL, NULL, 2);
-- case: calls were not kept
-- expect: BAD_DESCRIPTOR - error
-- says: a call (EBADF)
UPDATE process SET bad_descriptor_count = 1, bad_descriptor_ns = 2e9 WHERE process_id = 2;
-- case: a call on what is a file and no socket
-- expect: none
INSERT INTO call VALUES (0, 2e9, 0, 21, 20, 0, 1000, -1, 88, 100, NULL, NULL, NULL, NULL, 2);
