-- @rule BIND_FAILED
-- @severity error
-- @explanation bind or listen failed for another reason than a taken address (that is EADDRINUSE): the socket has no address, or does not listen.
-- @remedy Bind to an address of this machine (ip address; 0.0.0.0 or :: for all of them), once per socket, and to a port from 1024 on unless the program
--   has the right to a lower one (CAP_NET_BIND_SERVICE); a Unix socket's directory must exist and be writable.
-- @suspect SELECT 1 FROM socket WHERE bind_errno <> 98
WITH failed AS (
	SELECT s.*, a.text, a.host, a.port, a.family, c.caller_id AS bind_caller_id, coalesce(k.name, 'bind') AS name, coalesce(k.effect, 'bind') AS effect
	FROM socket s
	LEFT JOIN call c ON c.socket_id = s.socket_id AND c.start_ns = s.bind_failed_ns AND c.errno = s.bind_errno
	LEFT JOIN call_kind k ON k.call_kind_id = c.call_kind_id
	LEFT JOIN address a ON a.address_id = coalesce(c.address_id, s.local_id)
	WHERE s.bind_errno <> 98
), bound AS MATERIALIZED (
	SELECT o.process_id, o.type, o.bound_ns, x.port
	FROM socket o
	JOIN address x ON x.address_id = o.local_id
	WHERE o.bound_ns IS NOT NULL AND EXISTS (SELECT 1 FROM failed)
)
SELECT f.socket_id,
	CASE
		WHEN f.bind_errno = 22 AND f.bound_ns <= f.bind_failed_ns AND f.listening_ns >= f.bind_failed_ns THEN 'warning' -- it listens, but at the first address
		WHEN f.bound_ns >= f.bind_failed_ns OR f.listening_ns >= f.bind_failed_ns OR f.connected_ns >= f.bind_failed_ns THEN 'info'
		-- Whether the machine has IPv6 is asked so.
		WHEN f.bind_errno = 99 AND f.family = 10 AND f.port = 0 THEN 'info'
		WHEN EXISTS (SELECT 1 FROM bound b WHERE b.port = f.port AND f.port > 0 AND b.process_id = f.process_id AND b.type = f.type
			AND b.bound_ns BETWEEN f.bind_failed_ns AND f.bind_failed_ns + 10000000000) THEN 'info'
		ELSE 'error'
	END AS severity,
	f.process_id, NULL AS holder_id, NULL AS holder_process_id, f.bind_failed_ns AS call_start_ns, coalesce(f.bind_caller_id, f.caller_id) AS caller_id, NULL AS duration_ns, 1 AS count,
	f.name || CASE f.effect WHEN 'bind' THEN coalesce(' to ' || f.text, '') ELSE '' END || ' failed: '
	|| CASE
		WHEN f.bind_errno IN (1, 13) AND f.port BETWEEN 1 AND 1023 THEN 'ports below 1024 are for root, or for a program with CAP_NET_BIND_SERVICE'
		WHEN f.bind_errno IN (1, 13) AND f.port IS NULL THEN 'its directory may not be written to'
		WHEN f.bind_errno IN (1, 13) THEN 'it is not permitted'
		WHEN f.bind_errno = 99 THEN 'this machine has no such address'
		WHEN f.bind_errno = 22 AND f.bound_ns <= f.bind_failed_ns THEN 'the socket has an address already'
		WHEN f.bind_errno = 22 AND f.connecting_ns <= f.bind_failed_ns THEN 'the socket was connected first, which gave it an address'
		WHEN f.bind_errno IN (2, 20) THEN 'its directory does not exist'
		WHEN f.bind_errno = 97 THEN 'the address is of another family than the socket'
		WHEN f.bind_errno = 95 THEN 'this kind of socket does not listen'
		WHEN f.bind_errno = 89 THEN 'it was not bound before'
		ELSE lower(coalesce(e.meaning, 'error ' || f.bind_errno))
	END || coalesce(' (' || e.name || ')', '')
	|| CASE WHEN f.bound_ns >= f.bind_failed_ns THEN '; the socket was bound afterwards' WHEN f.listening_ns >= f.bind_failed_ns THEN '; the socket listened afterwards' ELSE '' END AS message
FROM failed f
LEFT JOIN constant e ON e.kind = 'errno' AND e.number = f.bind_errno;
