-- @rule BAD_DESCRIPTOR
-- @severity error
-- @explanation A call was made on a number that is no descriptor, such as the -1 of a socket, accept or connect that had failed.
-- @remedy Look at what socket and accept return before using it, and leave the path where it is -1; after close do not go on with the variable.
-- @suspect SELECT 1 FROM process WHERE bad_descriptor_count > 0
SELECT NULL AS socket_id, 'error' AS severity, p.process_id, NULL AS holder_id, NULL AS holder_process_id, p.bad_descriptor_ns AS call_start_ns, c.caller_id, NULL AS duration_ns, p.bad_descriptor_count AS count,
	coalesce(k.name, 'a call') || coalesce(' on fd ' || c.fd, '') || ' (EBADF)'
	|| CASE WHEN p.bad_descriptor_count > 1 THEN ', ' || p.bad_descriptor_count || ' such calls' ELSE '' END
	|| CASE WHEN p.exhausted_ns < p.bad_descriptor_ns THEN '; before, no descriptor had been free (DESCRIPTORS_EXHAUSTED)' ELSE '' END AS message
FROM process p
LEFT JOIN call c ON c.socket_id = 0 AND c.start_ns = p.bad_descriptor_ns AND c.errno = 9
LEFT JOIN call_kind k ON k.call_kind_id = c.call_kind_id
WHERE p.bad_descriptor_count > 0
GROUP BY p.process_id;
