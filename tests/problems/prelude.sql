-- What every case of tests/problems/*.sql stands on: a server (process 1, threads 11 and 12), a client (2; 21, 22) and a
-- child of the server (3; 31), all on one machine, over 10 s; a few addresses and places in code.
INSERT INTO meta VALUES ('start_unix_ns', 1700000000000000000), ('end_ns', 10000000000), ('state', 'complete');
INSERT INTO host VALUES (1, 'box', '6.1.0', 'x86_64', 4026531840);
INSERT INTO process (process_id, pid, parent_id, host_id, program, started_ns, start_cause, ended_ns, end_cause, exit_status) VALUES
	(1, 100, NULL, 1, 'server', 0, 'start', 10e9, 'exit', 0),
	(2, 200, NULL, 1, 'client', 0, 'start', 10e9, 'exit', 0),
	(3, 300, 1, 1, 'child', 1e9, 'exec', 10e9, 'exit', 0);
INSERT INTO thread VALUES (11, 1, 100, 'server'), (12, 1, 101, 'worker'), (21, 2, 200, 'client'), (22, 2, 201, 'worker'), (31, 3, 300, 'child');
INSERT INTO address VALUES
	(1, 2, '127.0.0.1:8080', '127.0.0.1', 8080, x''),
	(2, 2, '0.0.0.0:8080', '0.0.0.0', 8080, x''),
	(3, 2, '127.0.0.1:40001', '127.0.0.1', 40001, x''),
	(4, 2, '127.0.0.1:40002', '127.0.0.1', 40002, x''),
	(5, 10, '[::1]:8080', '::1', 8080, x''),
	(6, 2, '10.0.0.7:5432', '10.0.0.7', 5432, x''),
	(7, 2, '10.0.0.9:40001', '10.0.0.9', 40001, x''),
	(8, 1, '/run/x.sock', NULL, NULL, x''),
	(9, 1, '(unnamed)', NULL, NULL, x''),
	(10, 1, '@abstract', NULL, NULL, x''),
	(11, 2, '10.0.0.9:8080', '10.0.0.9', 8080, x''),
	(12, 2, '127.0.0.1:53', '127.0.0.1', 53, x''),
	(13, 10, '127.0.0.1:40001', '127.0.0.1', 40001, x'01'); -- v4-mapped
INSERT INTO caller VALUES (1, '/bin/server', NULL, 4096), (2, '/bin/client', NULL, 8192), (3, '/bin/client', NULL, 8300);
