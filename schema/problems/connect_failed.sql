-- @rule CONNECT_FAILED
-- @severity error
-- @explanation connect failed though something may well be there (see REFUSED, TIMEOUT, UNREACHABLE for the other cases): the program may not reach it, or
--   asked in a way that cannot work.
-- @remedy For a Unix socket: write permission on its file and search permission on the directories before it (most often a group that the user must be in), and
--   the type that the server's socket has; else an address of the socket's own family, and SO_BROADCAST before sending to a broadcast address.
-- @suspect SELECT 1 FROM socket WHERE connect_errno NOT IN (2, 4, 11, 103, 104, 110, 111, 114, 115)
WITH failed AS (
	SELECT s.socket_id, s.process_id, s.domain, s.remote_id, s.connect_errno, s.connecting_ns, r.text,
		coalesce((SELECT c.caller_id FROM call c WHERE c.socket_id = s.socket_id AND c.start_ns = s.connecting_ns), s.caller_id) AS connect_caller_id
	FROM socket s
	LEFT JOIN address r ON r.address_id = s.remote_id
	WHERE s.connect_errno IS NOT NULL AND s.connected_ns IS NULL AND s.domain IN (1, 2, 10)
		AND s.connect_errno NOT IN (2, 4, 11, 103, 104, 110, 111, 114, 115) -- told by REFUSED, RESET and TIMEOUT, or not decided yet
		-- UNREACHABLE; of datagram sockets a question (is there a way?) that libc asks of each address it finds
		AND NOT (s.domain IN (2, 10) AND (s.connect_errno IN (99, 100, 101, 112, 113) OR s.connect_errno IN (1, 13) AND s.type IN (1, 5)))
), connected AS MATERIALIZED (
	SELECT DISTINCT o.process_id, o.remote_id, o.connected_ns FROM socket o WHERE o.connected_ns IS NOT NULL AND o.connecting_ns IS NOT NULL AND EXISTS (SELECT 1 FROM failed)
)
SELECT min(f.socket_id) AS socket_id,
	-- As syslog does with /dev/log: another type of socket came through.
	CASE WHEN EXISTS (SELECT 1 FROM connected o WHERE o.process_id = f.process_id AND o.remote_id = f.remote_id AND o.connected_ns BETWEEN f.connecting_ns AND f.connecting_ns + 10000000000)
		THEN 'info' ELSE 'error' END AS severity,
	f.process_id, NULL AS holder_id, NULL AS holder_process_id, min(f.connecting_ns) AS call_start_ns, f.connect_caller_id AS caller_id,
	CASE WHEN count(*) > 1 THEN max(f.connecting_ns) - min(f.connecting_ns) END AS duration_ns, count(*) AS count,
	'connect to ' || coalesce(f.text, 'its peer') || ' failed' || CASE WHEN count(*) > 1 THEN ' ' || count(*) || ' times' ELSE '' END || ': '
	|| CASE
		WHEN f.domain = 1 AND f.connect_errno IN (1, 13) THEN 'the program may not write to that socket, or not search its directory'
		WHEN f.domain = 1 AND f.connect_errno = 20 THEN 'a part of its path is no directory'
		WHEN f.connect_errno = 91 THEN 'the socket that is there is of another type (stream, datagram, seqpacket)'
		WHEN f.connect_errno IN (1, 13) THEN 'a broadcast address needs SO_BROADCAST'
		WHEN f.connect_errno = 97 THEN 'the address is of another family than the socket'
		WHEN f.connect_errno = 22 THEN 'that is no address for such a socket'
		ELSE lower(coalesce(e.meaning, 'error ' || f.connect_errno))
	END || coalesce(' (' || e.name || ')', '') AS message
FROM failed f
LEFT JOIN caller m ON m.caller_id = f.connect_caller_id
LEFT JOIN constant e ON e.kind = 'errno' AND e.number = f.connect_errno
-- libc and its name services look for helpers (nscd, syslog); where it is not known who looked, that is presumed, as REFUSED does.
WHERE f.domain <> 1 OR coalesce(m.module NOT LIKE '%/libc%' AND m.module NOT LIKE '%/libnss%' AND m.module NOT LIKE '%/libsystemd%', 0)
GROUP BY f.process_id, f.connect_caller_id, f.remote_id, f.connect_errno;
