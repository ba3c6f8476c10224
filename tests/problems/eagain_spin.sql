-- case: recv is called in a tight loop on a non-blocking socket
-- expect: EAGAIN_SPIN s1 warning
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, local_id, remote_id, opened_ns, connected_ns, closed_ns, how_ended, again_count, again_run_count, again_run_start_ns, again_run_ns)
	VALUES (1, 2, 1, 6, 'accept', 1, 4, 1, 1, 3, 1e9, 1e9, 1.6e9, 'close', 50000, 50000, 1.1e9, 1e8);
-- case: an edge-triggered event loop reads until EAGAIN, thousands of times
-- expect: none
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, local_id, remote_id, opened_ns, connected_ns, closed_ns, how_ended, again_count, again_run_count, again_run_start_ns, again_run_ns)
	VALUES (1, 2, 1, 6, 'accept', 1, 4, 1, 1, 3, 1e9, 1e9, 1.6e9, 'close', 50000, 1, 1.1e9, 1000);
-- case: a look every 10 ms is slow, not a spin
-- expect: none
INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, fd, caller_id, local_id, remote_id, opened_ns, connected_ns, closed_ns, how_ended, again_count, again_run_count, again_run_start_ns, again_run_ns)
	VALUES (1, 2, 1, 6, 'accept', 1, 4, 1, 1, 3, 1e9, 1e9, 9e9, 'close', 700, 700, 1.1e9, 7e9);
