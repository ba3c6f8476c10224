-- tables.sql: the facts, as the collector stores them. Meaning (lifecycle, timeline, connection, gap, problem) is in views.sql.
--
-- Times are integer nanoseconds since the trace's start (meta: start_unix_ns is the Unix time of that moment), measured
-- on CLOCK_MONOTONIC. Every table and column carries a comment of its own: docs/schema.md is generated from this file, and
-- a test fails on one that is missing. The form of a comment: `-- @table NAME: …` above a table, and after each column's
-- own line `-- …` with unit and the meaning of NULL.
--
-- No STRICT tables and no generated columns: older readers fail on them. application_id is 'slfe' (0x736c6665);
-- user_version is the schema's version (see the collector's store): a reader refuses any other.

-- @table meta: facts about the trace as a whole.
CREATE TABLE meta (
	key TEXT PRIMARY KEY,  -- 'start_unix_ns', 'schema_version', 'tool_version', 'host', 'kernel', 'command_line', 'detail', 'state' ('recording' or 'complete') …
	value                  -- the fact; NULL: not known
) WITHOUT ROWID;

-- @table host: machines and network namespaces that processes of this trace ran in.
CREATE TABLE host (
	host_id INTEGER PRIMARY KEY,  -- identifier within this trace
	hostname TEXT NOT NULL,       -- the node name
	kernel TEXT NOT NULL,         -- release, as uname -r
	machine TEXT NOT NULL,        -- architecture, as uname -m
	network_namespace INTEGER     -- inode of /proc/PID/ns/net; NULL: not known
);

-- @table process: one program image of one process: a fork or an exec starts a new row.
CREATE TABLE process (
	process_id INTEGER PRIMARY KEY,  -- identifier within this trace
	pid INTEGER NOT NULL,            -- as the process itself sees it
	parent_id INTEGER,               -- the process that forked it (process_id); NULL: not in the trace
	previous_id INTEGER,             -- the image that it replaced by exec (process_id); NULL: none, or not in the trace
	host_id INTEGER,                 -- where it ran (host); NULL: not known
	program TEXT NOT NULL,           -- base name of what it was called as (its first argument; of a title that it gave itself, the first word), else of the executable; '?' when not known
	executable TEXT,                 -- path of the executable; NULL: not known
	command_line TEXT,               -- arguments, quoted as a shell needs them; NULL: not known
	working_directory TEXT,          -- at the image's start; NULL: not known
	user_id INTEGER,                 -- effective user id; NULL: not known
	started_ns INTEGER NOT NULL,     -- the image's first moment under the shim
	start_cause TEXT NOT NULL CHECK (start_cause IN ('start', 'fork', 'vfork', 'exec')),  -- how it came to be
	ended_ns INTEGER,                -- when it ended, or was found to have ended; NULL: still running when last looked at
	end_cause TEXT CHECK (end_cause IN ('exit', 'exec', 'killed')),  -- exit: it called exit or returned from main; killed: it was gone without; NULL: still running
	exit_status INTEGER,             -- status given to exit; NULL: not known
	exit_signal INTEGER,             -- number of the signal that killed it; NULL: none, or not known
	exhausted_count INTEGER NOT NULL DEFAULT 0,  -- calls that would have made a descriptor and failed because none was free (EMFILE, ENFILE)
	exhausted_ns INTEGER,            -- start of the first of them; NULL: none
	exhausted_socket_id INTEGER,     -- the socket that one was made on: the listener, if it was accept (socket_id); NULL: none
	bad_descriptor_count INTEGER NOT NULL DEFAULT 0,  -- bind, listen, accept, connect, send and receive calls on a number that was no descriptor and had never been a socket (EBADF)
	bad_descriptor_ns INTEGER,       -- start of the first of them; NULL: none
	spool TEXT,                      -- file name of its spool; NULL: it had none
	intercept TEXT CHECK (intercept IN ('symbols', 'libc'))  -- what was intercepted: exported symbols, or libc's own system calls as well; NULL: not known
);

-- @table thread: one thread of a process that made a recorded call.
CREATE TABLE thread (
	thread_id INTEGER PRIMARY KEY,  -- identifier within this trace
	process_id INTEGER NOT NULL,    -- its process
	tid INTEGER,                    -- kernel thread id, as the process itself sees it; NULL: not known
	name TEXT                       -- its comm at the last look; NULL: not known
);

-- @table socket: one kernel socket, however many descriptors and processes refer to it, with its totals.
CREATE TABLE socket (
	socket_id INTEGER PRIMARY KEY,  -- identifier within this trace; views show it as s1, s2 …
	cookie INTEGER,                 -- SO_COOKIE; NULL: the kernel gave none
	domain INTEGER NOT NULL,        -- AF_* number; 0: not known
	type INTEGER NOT NULL,          -- SOCK_* number without flags; 0: not known
	protocol INTEGER,               -- IPPROTO_* number (for domains other than AF_INET and AF_INET6: theirs); NULL: not known
	origin TEXT NOT NULL CHECK (origin IN ('socket', 'socketpair', 'accept', 'inherited', 'passed', 'adopted')),  -- how it entered the trace
	process_id INTEGER,             -- the process that held it first; NULL: not known
	thread_id INTEGER,              -- the thread that made it; NULL: not known
	fd INTEGER,                     -- its first descriptor; NULL: not known
	caller_id INTEGER,              -- code that made it (caller); NULL: not known
	parent_id INTEGER,              -- the listener it was accepted from (socket_id); NULL: not accepted, or not known
	peer_id INTEGER,                -- the other end (socket_id), itself when it connected to itself; NULL: not in the trace, or not known for certain; while recording, that of a TCP connection is the most likely one
	local_id INTEGER,               -- its local address (address); NULL: not known
	reached_id INTEGER,             -- of a Unix socket that connected to a path: the name its server had bound, when that is another one (address); NULL: the same, or not known
	remote_id INTEGER,              -- its peer's address (address); NULL: not known
	only_remote_id INTEGER,         -- of an unconnected datagram socket: the one address that it sent to or received from (address); 0: there were several; NULL: none, or another kind
	network_namespace INTEGER,      -- inode of the network namespace it was made in, when its thread had changed it (setns, unshare); NULL: that of the process's host row
	opened_ns INTEGER NOT NULL,     -- when it was made, or first seen
	bound_ns INTEGER,               -- when bind succeeded; NULL: never
	bind_errno INTEGER,             -- error of the last bind or listen that failed; NULL: none did
	bind_failed_ns INTEGER,         -- start of that call; NULL: none failed
	listening_ns INTEGER,           -- when listen first succeeded; NULL: never
	backlog INTEGER,                -- the last successful listen's; NULL: never
	accepted_count INTEGER NOT NULL DEFAULT 0,  -- sockets accepted from it
	connecting_ns INTEGER,          -- when connect was first called; NULL: never
	connecting_thread_id INTEGER,   -- the thread that called it, the last time that it succeeded; NULL: never called
	accepting_ns INTEGER,           -- of an accepted socket: when the accept that returned it was called; NULL: not accepted
	peer_pid INTEGER,               -- of an accepted Unix socket: the process that connected, as SO_PEERCRED told; NULL: another kind, or not asked
	connected_ns INTEGER,           -- when the connection was known to stand: connect's return, accept's return, or what proved a non-blocking connect; NULL: never
	connect_errno INTEGER,          -- error of the last attempt to connect, also an asynchronous one; NULL: none
	connect_proof TEXT CHECK (connect_proof IN ('connect', 'accept', 'pair', 'SO_ERROR', 'getpeername', 'data', 'inherited')),  -- what told connected_ns; NULL: not connected
	shutdown_receive_ns INTEGER,    -- first shutdown(SHUT_RD or SHUT_RDWR), its start; NULL: never
	shutdown_send_ns INTEGER,       -- first shutdown(SHUT_WR or SHUT_RDWR), its start; NULL: never
	eof_ns INTEGER,                 -- first receive that returned 0 on a stream: the peer's end of data was read; NULL: never
	eof_count INTEGER NOT NULL DEFAULT 0,      -- receives that returned 0 on a stream though bytes were asked for
	reset_ns INTEGER,               -- first ECONNRESET, or EPIPE that tells of the peer's end: not after this side's own shutdown, nor where there never was a peer; NULL: never
	broken_pipe_ns INTEGER,         -- start of the first send that failed with EPIPE: the connection was gone, or there never was one; NULL: none
	not_connected_ns INTEGER,       -- start of the first data call that failed because there is no peer (ENOTCONN, EDESTADDRREQ; not a receive of one byte, which asks whether there is one); NULL: none
	accept_errno INTEGER,           -- error of the last accept that can never succeed (EINVAL, EOPNOTSUPP: it does not listen); NULL: none
	accept_failed_ns INTEGER,       -- start of that call; NULL: none
	closed_ns INTEGER,              -- when the last span closed; NULL: still held
	how_ended TEXT NOT NULL DEFAULT 'open' CHECK (how_ended IN ('close', 'dup2', 'exit', 'exec', 'killed', 'open')),  -- what closed the last span
	closed_by_id INTEGER,           -- the process that held it last (process_id); NULL: still held
	first_activity_ns INTEGER,      -- start of the first successful data call; NULL: none
	last_activity_ns INTEGER,       -- end of the last successful data call; NULL: none
	first_send_ns INTEGER,          -- start of the first send that moved data; NULL: none
	last_send_ns INTEGER,           -- start of the last call that sends, failed ones included; NULL: none
	first_receive_ns INTEGER,       -- end of the first receive that moved data; NULL: none
	last_receive_ns INTEGER,        -- end of the last receive that moved data; NULL: none
	calls INTEGER NOT NULL DEFAULT 0,          -- recorded calls
	send_calls INTEGER NOT NULL DEFAULT 0,     -- calls that send, failed ones included
	receive_calls INTEGER NOT NULL DEFAULT 0,  -- calls that receive, failed ones and those that returned 0 included
	sent_bytes INTEGER NOT NULL DEFAULT 0,     -- bytes the kernel took
	received_bytes INTEGER NOT NULL DEFAULT 0, -- bytes consumed: MSG_PEEK adds none
	sent_messages INTEGER NOT NULL DEFAULT 0,  -- messages: sendmmsg counts each
	received_messages INTEGER NOT NULL DEFAULT 0,  -- messages: recvmmsg counts each
	errors INTEGER NOT NULL DEFAULT 0,         -- failed calls, not counting EAGAIN, EINPROGRESS and EINTR; and errors that SO_ERROR told, such as that of a connect in progress
	again_count INTEGER NOT NULL DEFAULT 0,    -- calls that failed with EAGAIN
	last_errno INTEGER,             -- errno of the last counted in errors; NULL: none
	wait_ns INTEGER NOT NULL DEFAULT 0,        -- time spent inside calls that block (connect, accept, send and receive without O_NONBLOCK or MSG_DONTWAIT)
	connect_ns INTEGER NOT NULL DEFAULT 0,     -- of it: in connect
	accept_ns INTEGER NOT NULL DEFAULT 0,      -- of it: in accept
	send_ns INTEGER NOT NULL DEFAULT 0,        -- of it: in calls that send
	receive_ns INTEGER NOT NULL DEFAULT 0,     -- of it: in calls that receive
	poll_ns INTEGER NOT NULL DEFAULT 0,        -- time inside poll, select and epoll_wait calls that waited on this socket alone or found it ready
	longest_ns INTEGER NOT NULL DEFAULT 0,     -- duration of the longest single call on it
	longest_start_ns INTEGER,       -- its start (call.start_ns); NULL: no call returned
	longest_kind_id INTEGER,        -- its kind (call_kind); NULL: no call returned
	unreturned_start_ns INTEGER,    -- start of the last call that never returned, or has not yet; NULL: all returned
	unreturned_kind_id INTEGER,     -- its kind (call_kind); NULL: all returned
	exchanges INTEGER NOT NULL DEFAULT 0,      -- times that a send was followed by a receive of data (a question and its answer, seen from the asking side)
	answer_ns INTEGER NOT NULL DEFAULT 0,      -- time of them: from the last send's start to the receive's end
	turns INTEGER NOT NULL DEFAULT 0,          -- times that a receive of data was followed by a send (seen from the answering side)
	turn_ns INTEGER NOT NULL DEFAULT 0,        -- time of them: from the last receive's end to the send's start: this side was computing
	accept_wait_ns INTEGER,         -- an accepted socket's time in the accept queue: from the peer's connect being complete to accept's return; NULL: not accepted, or the peer is not in the trace
	peer_candidates INTEGER NOT NULL DEFAULT 0,  -- sockets that may be the other end, when that is not certain: then peer_id is NULL and this at least 2
	short_send_count INTEGER NOT NULL DEFAULT 0,  -- sends on a stream that took fewer bytes than offered
	short_send_ns INTEGER,          -- start of the last of them; NULL: none
	rest_dropped_count INTEGER NOT NULL DEFAULT 0,  -- of them: those after which the next send offered as many bytes as the short one had, so that it may have begun with something else than the rest
	owed_bytes INTEGER NOT NULL DEFAULT 0,  -- bytes left over by short sends that no later send can have carried: at least as many were never sent
	largest_send_bytes INTEGER NOT NULL DEFAULT 0,  -- most bytes that one message or call sent
	oversize_count INTEGER NOT NULL DEFAULT 0,    -- sends that failed because the datagram was too long (EMSGSIZE)
	oversize_ns INTEGER,            -- start of the first of them; NULL: none
	truncated_count INTEGER NOT NULL DEFAULT 0,   -- datagrams received with MSG_TRUNC: the buffer was smaller
	full_receive_count INTEGER NOT NULL DEFAULT 0,  -- datagrams that filled the buffer to its last byte, and so may have been cut
	full_receive_bytes INTEGER,     -- the smallest such buffer; NULL: none
	small_write_count INTEGER NOT NULL DEFAULT 0,  -- times that two or more small sends on TCP were followed by a receive that came 36 to 60 ms later
	small_write_ns INTEGER NOT NULL DEFAULT 0,     -- time lost in them: from the last send's start to the receive's end
	again_run_count INTEGER NOT NULL DEFAULT 0,    -- calls of the longest run of EAGAIN with no success between
	again_run_start_ns INTEGER,     -- its first call's start; NULL: no EAGAIN
	again_run_ns INTEGER NOT NULL DEFAULT 0,       -- from there to its last call's end
	ready_run_count INTEGER NOT NULL DEFAULT 0,    -- waits of the longest run that found it ready, with nothing done about any socket between
	ready_run_start_ns INTEGER,     -- its first wait's start; NULL: none
	ready_run_ns INTEGER NOT NULL DEFAULT 0,       -- from there to its last wait's start
	vain_wait_ns INTEGER NOT NULL DEFAULT 0,       -- the longest poll that named it and did not find it ready, since its last connect, send, or receive of data
	stale_close_count INTEGER NOT NULL DEFAULT 0,  -- close calls that failed with EBADF on a number that had been this socket
	stale_use_count INTEGER NOT NULL DEFAULT 0,    -- other calls that failed so, but for fcntl's F_GETFD and F_GETFL, which ask whether it is open
	stale_ns INTEGER,               -- start of the first of both; NULL: none
	sender_id INTEGER,              -- a thread that sent on it (thread); NULL: none did
	other_sender_id INTEGER,        -- another thread that did; NULL: none
	receiver_id INTEGER,            -- a thread that received on it, or tried to (thread); NULL: none did
	other_receiver_id INTEGER,      -- another thread that did; NULL: none
	tcp_state INTEGER,              -- TCP state number just before the last close (tcp_info); NULL: not TCP, or not read
	rtt_us INTEGER,                 -- smoothed round-trip time in microseconds, then; NULL: not read
	retransmits INTEGER,            -- segments retransmitted in all, then; NULL: not read
	bytes_acked INTEGER,            -- bytes the peer acknowledged, then; NULL: not read
	bytes_received INTEGER,         -- bytes the kernel received, then; NULL: not read
	unread_bytes INTEGER,           -- bytes received and never read, then; NULL: not read
	unsent_bytes INTEGER,           -- bytes in the send queue, then; NULL: not read
	linger_seconds INTEGER,         -- SO_LINGER when it was switched on; NULL: off
	nonblocking INTEGER NOT NULL DEFAULT 0     -- 1: O_NONBLOCK was set when last known
);

-- @table span: an interval in which a descriptor of a process referred to a socket.
CREATE TABLE span (
	span_id INTEGER PRIMARY KEY,    -- identifier within this trace
	socket_id INTEGER NOT NULL,     -- the socket
	process_id INTEGER NOT NULL,    -- the process
	fd INTEGER NOT NULL,            -- the descriptor's number
	opened_ns INTEGER NOT NULL,     -- first moment
	opened_by TEXT NOT NULL CHECK (opened_by IN ('socket', 'socketpair', 'accept', 'dup', 'fork', 'exec', 'inherited', 'passed', 'pidfd_getfd', 'spawn', 'unshare', 'unknown')),  -- what opened it; 'unshare': a thread's own copy of the descriptor table
	closed_ns INTEGER,              -- last moment; NULL: still open
	closed_by TEXT CHECK (closed_by IN ('close', 'dup2', 'close_range', 'exec', 'exit', 'killed', 'unknown')),  -- what closed it; NULL: still open
	calls INTEGER NOT NULL DEFAULT 0  -- recorded calls of the process on this descriptor within the span, its close not counted; 0: it held the socket and never used it
);

-- @table call_kind: the kinds of calls, from schema/calls.def.
CREATE TABLE call_kind (
	call_kind_id INTEGER PRIMARY KEY,  -- number of the row in calls.def
	name TEXT NOT NULL UNIQUE,         -- the function's name
	effect TEXT NOT NULL               -- what it means in a lifecycle: 'create', 'pair', 'bind', 'listen', 'accept', 'connect', 'shutdown', 'close', 'send', 'receive', 'transfer', 'duplicate', 'control', 'option', 'address', 'wait', 'epoll', 'process', 'name'
);

-- @table call_row: one recorded call as it is stored, clustered by socket and start; read the view `call`.
CREATE TABLE call_row (
	socket_id INTEGER NOT NULL,     -- the socket it was made on; 0: none (a wait on several, a name lookup, a process call)
	start_ns INTEGER NOT NULL,      -- entry into the call
	sequence INTEGER NOT NULL,      -- tells calls apart that started in the same nanosecond; 0 for the first
	thread_id INTEGER NOT NULL,     -- who made it
	site_id INTEGER NOT NULL,       -- which call, from where, with which flags and address (site)
	fd INTEGER,                     -- its descriptor; NULL: it takes none
	duration_ns INTEGER,            -- time until it returned; NULL: it never did (or has not yet)
	result INTEGER,                 -- what it returned; NULL: it never did
	rest_bytes INTEGER,             -- bytes asked for less the result (as it is, -1 too); without a result: bytes asked for; NULL: not a data call, or not known
	outcome INTEGER,                -- negative: the error number of a failed call; else timeline.ready_ns where its site has ready_events, and call.bytes where it has none; NULL: none of these
	PRIMARY KEY (socket_id, start_ns, sequence)
) WITHOUT ROWID;

-- @table site: what many calls have in common. Equal rows may occur.
CREATE TABLE site (
	site_id INTEGER PRIMARY KEY,    -- identifier within this trace
	call_kind_id INTEGER NOT NULL,  -- which call
	flags INTEGER,                  -- flag word as given (MSG_*, SOCK_*, SHUT_*, F_* …); NULL: 0 or it takes none
	address_id INTEGER,             -- the address in question (address); NULL: none
	detail_id INTEGER,              -- its human text (detail); NULL: none
	caller_id INTEGER,              -- code that made it (caller); NULL: not known
	ready_events INTEGER            -- what the wait found that found the socket ready for such a call; NULL: none did, or that is a row of ready_row
);

-- @table ready_row: what a wait found that is not in the row of a call: nothing, or what was not followed at once, on this socket, by a call of that thread that moved data; read the view `ready`.
CREATE TABLE ready_row (
	socket_id INTEGER NOT NULL,     -- the socket
	start_ns INTEGER NOT NULL,      -- start of the wait (call.start_ns of a call with this thread_id)
	thread_id INTEGER NOT NULL,     -- who waited
	fd INTEGER NOT NULL,            -- the descriptor
	events INTEGER NOT NULL,        -- POLLIN, POLLOUT, POLLERR, POLLHUP …; 0: in the set, not ready
	PRIMARY KEY (socket_id, start_ns, thread_id, fd)
) WITHOUT ROWID;

-- @table detail: human texts of calls. Equal rows may occur.
CREATE TABLE detail (
	detail_id INTEGER PRIMARY KEY,  -- identifier within this trace
	text TEXT NOT NULL              -- e.g. '127.0.0.1:8080', 'SOL_SOCKET SO_REUSEADDR=1', 'MSG_PEEK'
);

-- @table address: socket addresses, each stored once.
CREATE TABLE address (
	address_id INTEGER PRIMARY KEY,  -- identifier within this trace
	family INTEGER NOT NULL,         -- AF_* number; a v4-mapped IPv6 address stays AF_INET6 here
	text TEXT NOT NULL,              -- '127.0.0.1:80', '[::1]:80', '[fe80::1%2]:80', '/run/x.sock', '@abstract', '(unnamed)', 'netlink:…'; v4-mapped shown as IPv4
	host TEXT,                       -- the IP address alone; NULL: not IP
	port INTEGER,                    -- TCP or UDP port, host byte order; NULL: not IP
	raw BLOB NOT NULL                -- the sockaddr as the kernel had it
);

-- @table option: socket options set or read, with their values.
CREATE TABLE option (
	option_id INTEGER PRIMARY KEY,  -- identifier within this trace
	socket_id INTEGER NOT NULL,     -- the socket
	start_ns INTEGER NOT NULL,      -- the call's start
	is_set INTEGER NOT NULL CHECK (is_set IN (0, 1)),  -- 1: setsockopt, 0: getsockopt
	level INTEGER NOT NULL,         -- SOL_*, IPPROTO_* number
	number INTEGER NOT NULL,        -- the option's number in its level
	name TEXT NOT NULL,             -- e.g. 'SO_REUSEADDR'; the number where no name is known
	value INTEGER,                  -- an int option's value; NULL: not an int
	raw BLOB                        -- first 56 bytes of the value; NULL: the call failed
);

-- @table name: what name lookups found: name to address; not that a text is no numeric address (AI_NUMERICHOST).
CREATE TABLE name (
	name_id INTEGER PRIMARY KEY,  -- identifier within this trace
	process_id INTEGER NOT NULL,  -- who asked
	start_ns INTEGER NOT NULL,    -- the lookup's start
	duration_ns INTEGER,          -- how long it took; NULL: never returned
	host TEXT NOT NULL,           -- the name asked for
	error INTEGER NOT NULL,       -- 0, or EAI_* of getaddrinfo, h_errno of gethostby*
	address_host TEXT             -- one IP address found, as address.host; NULL: none
);

-- @table caller: places in code that made calls.
CREATE TABLE caller (
	caller_id INTEGER PRIMARY KEY,  -- identifier within this trace
	module TEXT,                    -- path of the program or library; NULL: not known
	build_id TEXT,                  -- its GNU build id in hex; NULL: none, or not read
	offset INTEGER NOT NULL         -- return address as an offset in the file's load image; without a module: the address itself
);

-- @table payload: first bytes of data calls, when they were asked for.
CREATE TABLE payload (
	socket_id INTEGER NOT NULL,  -- call.socket_id
	start_ns INTEGER NOT NULL,   -- call.start_ns
	sequence INTEGER NOT NULL,   -- call.sequence
	bytes BLOB NOT NULL,         -- at most as many as `run --payload` said
	PRIMARY KEY (socket_id, start_ns, sequence)
) WITHOUT ROWID;

-- @table passing: a descriptor sent in a message (SCM_RIGHTS).
CREATE TABLE passing (
	passing_id INTEGER PRIMARY KEY,  -- identifier within this trace
	socket_id INTEGER NOT NULL,      -- the socket that was passed
	via_id INTEGER,                  -- the Unix socket it was passed over (socket_id); NULL: not known
	process_id INTEGER NOT NULL,     -- the sender
	fd INTEGER NOT NULL,             -- the sender's descriptor
	at_ns INTEGER NOT NULL           -- when
);

-- @table outsider: who held an address that a bind could not have, as the machine said just afterwards (/proc).
CREATE TABLE outsider (
	outsider_id INTEGER PRIMARY KEY,  -- identifier within this trace
	socket_id INTEGER NOT NULL,       -- the socket whose bind failed
	at_ns INTEGER NOT NULL,           -- when it failed
	state TEXT NOT NULL,              -- TCP state of the socket that had the port: 'LISTEN', 'TIME_WAIT' …; of UDP 'BOUND'
	pid INTEGER,                      -- a process that had that socket; NULL: none (TIME_WAIT), or of another user
	program TEXT                      -- its name (comm); NULL: as pid
);

-- @table missing: what is known not to be in this trace; the view gap explains it.
CREATE TABLE missing (
	missing_id INTEGER PRIMARY KEY,  -- identifier within this trace
	process_id INTEGER,              -- where; NULL: not one process
	reason TEXT NOT NULL CHECK (reason IN ('dropped', 'untraceable', 'io_uring', 'raw_syscalls', 'patch_refused', 'seccomp', 'descriptor_range', 'shared_descriptors', 'passed_unknown', 'no_spool', 'damaged_spool', 'unknown_record')),  -- what kind
	from_ns INTEGER,                 -- since when; NULL: not known
	to_ns INTEGER,                   -- until when; NULL: not known, or the end
	count INTEGER,                   -- of records, calls or children; NULL: not countable
	detail TEXT                      -- which program, why; NULL: nothing to add
);

-- @table running: calls that had been in progress for 0.1 s or more when the collector last looked; empty in a finished trace, where what never returned is a row of call with no duration.
CREATE TABLE running (
	thread_id INTEGER NOT NULL,    -- who is in it
	start_ns INTEGER NOT NULL,     -- entry into the call
	socket_id INTEGER NOT NULL,    -- the socket; 0: none, or several
	call_kind_id INTEGER NOT NULL, -- which call
	fd INTEGER,                    -- its descriptor; NULL: it takes none
	requested_bytes INTEGER,       -- bytes asked for; NULL: not a data call, or not known
	flags INTEGER,                 -- flag word as given; NULL: 0 or it takes none
	caller_id INTEGER,             -- code that made it (caller); NULL: not known
	PRIMARY KEY (thread_id, start_ns)
) WITHOUT ROWID;

-- @table progress: how far each chunk of each spool has been stored; empty in a finished trace.
CREATE TABLE progress (
	spool TEXT NOT NULL,          -- file name
	chunk INTEGER NOT NULL,       -- number of the chunk
	generation INTEGER NOT NULL,  -- its generation
	stored BLOB NOT NULL,         -- a bit for each slot whose record is in the database
	PRIMARY KEY (spool, chunk)
) WITHOUT ROWID;

-- @table materialised: views that are tables of the same name in this file, because they would be slow as views: made when recording ended, if the trace is large.
CREATE TABLE materialised (
	name TEXT PRIMARY KEY,   -- the view's
	definition TEXT NOT NULL -- its text: what the table was made with
) WITHOUT ROWID;

-- @table constant: names of numbers: domains, types, protocols, errno, TCP states … (from schema/constants.def).
CREATE TABLE constant (
	kind TEXT NOT NULL,      -- 'domain', 'type', 'protocol', 'errno', 'tcp_state', 'signal', 'eai', 'poll' (bits), 'effect'
	number INTEGER NOT NULL, -- the number on the machine that recorded
	name TEXT NOT NULL,      -- its name: 'INET', 'STREAM', 'tcp', 'ECONNREFUSED', 'ESTABLISHED'
	meaning TEXT,            -- in words; NULL: the name says it
	PRIMARY KEY (kind, number)
) WITHOUT ROWID;

-- @table rule: the rules of `check` (from schema/problems/): view problem_<name in lower case> finds, view problem is all of them.
CREATE TABLE rule (
	name TEXT PRIMARY KEY,   -- 'LEAK', 'EADDRINUSE' …
	severity TEXT NOT NULL CHECK (severity IN ('error', 'warning', 'info')),  -- its usual severity; a finding may be milder
	explanation TEXT NOT NULL,  -- what it means, in a sentence for a learner
	remedy TEXT NOT NULL     -- what to do about it
) WITHOUT ROWID;

-- @table gap_reason: what each reason of `missing` means (from schema/constants.def).
CREATE TABLE gap_reason (
	reason TEXT PRIMARY KEY,     -- as in missing.reason
	meaning TEXT NOT NULL,       -- a sentence
	remedy TEXT NOT NULL,        -- what would help
	incomplete INTEGER NOT NULL CHECK (incomplete IN (0, 1))  -- 1: socket calls are missing; 0: only side facts are
) WITHOUT ROWID;

CREATE INDEX span_socket ON span (socket_id, process_id, fd);
CREATE INDEX socket_parent ON socket (parent_id, accept_wait_ns, closed_ns) WHERE parent_id IS NOT NULL;
CREATE INDEX socket_remote ON socket (remote_id) WHERE remote_id IS NOT NULL;
CREATE INDEX socket_listening ON socket (listening_ns) WHERE listening_ns IS NOT NULL;
CREATE INDEX socket_local ON socket (local_id) WHERE local_id IS NOT NULL;
CREATE INDEX name_address ON name (address_host) WHERE address_host IS NOT NULL;
CREATE INDEX option_socket ON option (socket_id);
CREATE INDEX site_ready ON site (ready_events) WHERE ready_events IS NOT NULL;

-- Sockets that a rule of `check` suspects. They are few, so that these indexes are small, and the rules need not read the rest.
CREATE INDEX suspect_connect ON socket (connect_errno) WHERE connect_errno IS NOT NULL;
CREATE INDEX suspect_datagram ON socket (last_errno) WHERE last_errno = 111 AND type = 2;
CREATE INDEX suspect_bind ON socket (bind_errno) WHERE bind_errno IS NOT NULL;
CREATE INDEX suspect_reset ON socket (reset_ns) WHERE reset_ns IS NOT NULL;
CREATE INDEX suspect_unread ON socket (unread_bytes) WHERE unread_bytes > 0;
CREATE INDEX suspect_broken_pipe ON socket (broken_pipe_ns) WHERE broken_pipe_ns IS NOT NULL;
CREATE INDEX suspect_not_connected ON socket (not_connected_ns) WHERE not_connected_ns IS NOT NULL;
CREATE INDEX suspect_accept ON socket (accept_errno) WHERE accept_errno IS NOT NULL;
CREATE INDEX suspect_oversize ON socket (oversize_ns) WHERE oversize_ns IS NOT NULL;
CREATE INDEX suspect_short_send ON socket (short_send_ns) WHERE short_send_ns IS NOT NULL;
CREATE INDEX suspect_eof ON socket (eof_count) WHERE eof_count >= 4;
CREATE INDEX suspect_again ON socket (again_run_count) WHERE again_run_count >= 500;
CREATE INDEX suspect_ready ON socket (ready_run_count) WHERE ready_run_count >= 1000;
CREATE INDEX suspect_small_write ON socket (small_write_count) WHERE small_write_count >= 3;
CREATE INDEX suspect_truncated ON socket (truncated_count) WHERE truncated_count > 0;
CREATE INDEX suspect_full_receive ON socket (full_receive_bytes) WHERE full_receive_bytes IS NOT NULL;
CREATE INDEX suspect_stale ON socket (stale_ns) WHERE stale_ns IS NOT NULL;
CREATE INDEX suspect_shared ON socket (other_sender_id, other_receiver_id) WHERE other_sender_id IS NOT NULL OR other_receiver_id IS NOT NULL;
CREATE INDEX suspect_accept_wait ON socket (accept_wait_ns) WHERE accept_wait_ns >= 100000000;
CREATE INDEX suspect_longest ON socket (longest_ns) WHERE longest_ns >= 1000000000;
CREATE INDEX suspect_overrun ON socket (closed_ns) WHERE longest_start_ns + longest_ns >= closed_ns + 100000000;
CREATE INDEX suspect_unreturned ON socket (unreturned_start_ns) WHERE unreturned_start_ns IS NOT NULL;
CREATE INDEX suspect_slow_connect ON socket (connect_ns) WHERE connect_ns >= 900000000;
CREATE INDEX suspect_poll ON socket (poll_ns) WHERE poll_ns >= 1000000000;

-- @view call: one recorded call.
--   socket_id INTEGER: the socket it was made on; 0: none (a wait on several, a name lookup, a process call)
--   start_ns INTEGER: entry into the call
--   sequence INTEGER: tells calls apart that started in the same nanosecond; 0 for the first
--   thread_id INTEGER: who made it
--   call_kind_id INTEGER: which call
--   fd INTEGER: its descriptor; NULL: it takes none
--   duration_ns INTEGER: time until it returned; NULL: it never did (or has not yet)
--   result INTEGER: what it returned; NULL: it never did
--   errno INTEGER: error number of a failed call; NULL: it did not fail
--   requested_bytes INTEGER: bytes asked for (data calls); NULL: not a data call, or not known
--   bytes INTEGER: bytes transferred when they are not simply the result (sendmmsg, recvmmsg); NULL: see result
--   flags INTEGER: flag word as given (MSG_*, SOCK_*, SHUT_*, F_* …); NULL: 0 or it takes none
--   address_id INTEGER: the address in question (address); NULL: none
--   detail_id INTEGER: its human text (detail); NULL: none
--   caller_id INTEGER: code that made it (caller); NULL: not known
--
-- (Subqueries and no join, so that it can be the right side of a LEFT JOIN and still be searched by its key.)
CREATE VIEW call AS
SELECT r.socket_id, r.start_ns, r.sequence, r.thread_id, (SELECT s.call_kind_id FROM site s WHERE s.site_id = r.site_id) AS call_kind_id,
	r.fd, r.duration_ns, r.result, CASE WHEN r.outcome < 0 THEN -r.outcome END AS errno,
	r.rest_bytes + coalesce(r.result, 0) AS requested_bytes, CASE WHEN r.outcome >= 0 AND (SELECT s.ready_events FROM site s WHERE s.site_id = r.site_id) IS NULL THEN r.outcome END AS bytes,
	(SELECT s.flags FROM site s WHERE s.site_id = r.site_id) AS flags,
	(SELECT s.address_id FROM site s WHERE s.site_id = r.site_id) AS address_id,
	(SELECT s.detail_id FROM site s WHERE s.site_id = r.site_id) AS detail_id,
	(SELECT s.caller_id FROM site s WHERE s.site_id = r.site_id) AS caller_id
FROM call_row r;

-- So that a trace can be written by hand, as the tests' are.
CREATE TRIGGER call_insert INSTEAD OF INSERT ON call BEGIN
	INSERT INTO site (call_kind_id, flags, address_id, detail_id, caller_id) VALUES (NEW.call_kind_id, NEW.flags, NEW.address_id, NEW.detail_id, NEW.caller_id);
	INSERT INTO call_row VALUES (NEW.socket_id, NEW.start_ns, NEW.sequence, NEW.thread_id, last_insert_rowid(), NEW.fd, NEW.duration_ns, NEW.result,
		NEW.requested_bytes - coalesce(NEW.result, 0), coalesce(-NEW.errno, NEW.bytes));
END;

-- @view ready: which sockets a wait found ready, where that is certain.
--   socket_id INTEGER: the socket
--   start_ns INTEGER: start of the wait (call.start_ns of a call with this thread_id)
--   thread_id INTEGER: who waited
--   fd INTEGER: the descriptor
--   events INTEGER: POLLIN, POLLOUT, POLLERR, POLLHUP …; 0: in the set, not ready
--
-- (Most findings are followed by the call that they were waited for: its row has room for both. Ask by socket_id, in a join but not on the right side of a LEFT JOIN.
-- CAST: columns of one affinity in both arms, without which SQLite reads all of both; sqlite.org/optoverview.html#flattening.)
CREATE VIEW ready AS
SELECT r.socket_id, r.start_ns, r.thread_id, r.fd, r.events FROM ready_row r
UNION ALL
SELECT c.socket_id, CAST(c.start_ns - c.outcome AS INTEGER), c.thread_id, c.fd, (SELECT s.ready_events FROM site s WHERE s.site_id = c.site_id)
FROM (SELECT 1 FROM site WHERE ready_events IS NOT NULL LIMIT 1) -- where there are none, no calls are read
CROSS JOIN call_row c
WHERE c.outcome >= 0 AND (SELECT s.ready_events FROM site s WHERE s.site_id = c.site_id) IS NOT NULL;

CREATE TRIGGER ready_insert INSTEAD OF INSERT ON ready BEGIN
	INSERT INTO ready_row VALUES (NEW.socket_id, NEW.start_ns, NEW.thread_id, NEW.fd, NEW.events);
END;
