#!/usr/bin/python3
"""
test_invariants.py: what must be true in every finished trace, asked of the traces of many programs: totals are the sums of the rows of the view call,
spans of one number do not overlap, what refers to something finds it, nothing is before the trace's start or after its own end. And totals are the same
without rows of calls (--detail=sockets), where the program does the same each time.

Prints TAP. Arguments: databases to look at instead.
"""
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.path.join(ROOT, os.environ.get("BUILD", "build"))
SOCKLIFE = os.path.join(BUILD, "socklife")

# Calls with names; sums of them by socket. What a call on a number that is no descriptor (EBADF) does is counted as stale, if at all.
PREPARE = """
CREATE TEMP TABLE named AS SELECT c.*, k.name AS kind, k.effect, k.effect IN ('send', 'receive', 'transfer') AND c.result >= 0 AS moved,
	k.name IN ('send', 'sendto', 'sendmsg', 'sendmmsg', 'recv', 'recvfrom', 'recvmsg', 'recvmmsg') * coalesce(c.flags, 0) AS message_flags, t.process_id,
	c.start_ns + coalesce(c.duration_ns, 0) AS end_ns
	FROM call c JOIN call_kind k USING (call_kind_id) JOIN thread t USING (thread_id);
CREATE INDEX temp.named_socket ON named (socket_id, start_ns);
CREATE INDEX temp.named_thread ON named (thread_id, start_ns);
-- A descriptor is closed from the start of the call that closes it, and good for another thread until some time before that call returns.
CREATE TEMP TABLE held AS SELECT n.*, (SELECT max(c.end_ns) FROM named c WHERE c.socket_id IN (0, n.socket_id) AND c.start_ns = n.closed_ns AND c.process_id = n.process_id)
	AS returned_ns FROM span n;
CREATE INDEX temp.held_socket ON held (socket_id);
CREATE TEMP TABLE total AS SELECT socket_id, count(*) AS calls, sum(errno = 11) AS again, max(duration_ns) AS longest,
	sum(effect IN ('send', 'receive', 'transfer')) AS data_calls, sum(duration_ns IS NULL) AS unreturned,
	sum(CASE WHEN moved AND NOT message_flags & 8194 THEN coalesce(bytes, result) END) AS bytes,
	sum(result < 0 AND errno NOT IN (4, 11, 115)) AS errors, sum(effect = 'accept' AND result >= 0) AS accepted,
	min(CASE WHEN moved THEN start_ns END) AS first_ns, max(CASE WHEN moved AND NOT message_flags & 8192 THEN end_ns END) AS last_ns,
	min(CASE WHEN effect = 'bind' AND result = 0 THEN end_ns END) AS bound_ns, min(CASE WHEN effect = 'listen' AND result = 0 THEN end_ns END) AS listening_ns
	FROM named GROUP BY socket_id;
CREATE UNIQUE INDEX temp.total_socket ON total (socket_id);
"""

# Each finds what contradicts it.
OF_CALLS = {
    "a socket's calls are its rows": "SELECT s.socket_id, s.calls, t.calls FROM socket s LEFT JOIN total t USING (socket_id) WHERE s.calls <> coalesce(t.calls, 0)",
    "so are those that move data, but stale ones": """SELECT s.socket_id, s.send_calls, s.receive_calls, t.data_calls FROM socket s JOIN total t USING (socket_id)
        WHERE s.send_calls + s.receive_calls + s.stale_use_count < t.data_calls OR s.send_calls + s.receive_calls > t.data_calls""",
    "its bytes are theirs": """SELECT s.socket_id, s.sent_bytes, s.received_bytes, t.bytes FROM socket s LEFT JOIN total t USING (socket_id)
        WHERE s.sent_bytes + s.received_bytes <> coalesce(t.bytes, 0)""",
    "its errors are theirs, and what SO_ERROR told": """SELECT s.socket_id, s.errors, t.errors FROM socket s LEFT JOIN total t USING (socket_id) WHERE s.errors <> coalesce(t.errors, 0) +
        (SELECT count(*) FROM option o WHERE o.socket_id = s.socket_id AND o.level = 1 AND o.number = 4 AND NOT o.is_set AND o.value > 0)""",
    "EAGAIN is counted": "SELECT s.socket_id, s.again_count, t.again FROM socket s JOIN total t USING (socket_id) WHERE s.again_count <> coalesce(t.again, 0)",
    "the longest call is one of them": """SELECT s.socket_id, s.longest_ns, t.longest FROM socket s LEFT JOIN total t USING (socket_id) WHERE s.longest_ns <> coalesce(t.longest, 0)
        OR (s.longest_ns > 0 AND NOT EXISTS (SELECT 1 FROM named c WHERE c.socket_id = s.socket_id AND c.start_ns = s.longest_start_ns AND c.duration_ns = s.longest_ns))""",
    "activity is from the first to the last of them": """SELECT s.socket_id FROM socket s LEFT JOIN total t USING (socket_id)
        WHERE s.first_activity_ns IS NOT t.first_ns OR s.last_activity_ns IS NOT t.last_ns""",
    "it is bound, and listens, as the calls say": """SELECT s.socket_id FROM socket s LEFT JOIN total t USING (socket_id)
        WHERE s.bound_ns IS NOT t.bound_ns OR s.listening_ns IS NOT t.listening_ns""",
    "a listener has accepted what names it": """SELECT s.socket_id FROM socket s LEFT JOIN total t USING (socket_id)
        WHERE s.accepted_count <> coalesce(t.accepted, 0) OR s.accepted_count <> (SELECT count(*) FROM socket c WHERE c.parent_id = s.socket_id)""",
    "a call that never returned is told": """SELECT s.socket_id FROM socket s JOIN total t USING (socket_id) WHERE (s.unreturned_start_ns IS NOT NULL) <> (t.unreturned > 0)""",
    "what a wait found refers to a wait": """SELECT r.socket_id, r.start_ns FROM ready r WHERE NOT EXISTS (SELECT 1 FROM named c
        WHERE c.socket_id IN (0, r.socket_id) AND c.thread_id = r.thread_id AND c.start_ns = r.start_ns AND c.effect = 'wait')""",
    "a wait found a descriptor of it once": "SELECT * FROM ready GROUP BY socket_id, start_ns, thread_id, fd HAVING count(*) > 1",
    "and to what its process held then": """SELECT r.socket_id, r.start_ns, r.fd FROM ready r JOIN named c ON c.thread_id = r.thread_id AND c.start_ns = r.start_ns AND c.effect = 'wait'
        WHERE NOT r.events & 32 AND NOT EXISTS (SELECT 1 FROM held n WHERE n.socket_id = r.socket_id AND n.process_id = c.process_id AND n.fd = r.fd
        AND n.opened_ns <= c.end_ns AND coalesce(n.returned_ns, n.closed_ns, c.start_ns) >= c.start_ns)""",
    "a call is on what its process held then": """SELECT c.socket_id, c.kind, c.fd, c.start_ns FROM named c WHERE c.socket_id <> 0 AND c.fd IS NOT NULL AND coalesce(c.errno, 0) <> 9
        AND c.effect NOT IN ('create', 'pair', 'close', 'wait') AND c.kind <> 'pidfd_getfd' AND NOT EXISTS (SELECT 1 FROM held n WHERE n.socket_id = c.socket_id
        AND n.process_id = c.process_id AND n.fd = c.fd AND n.opened_ns <= c.end_ns AND coalesce(n.returned_ns, n.closed_ns, c.start_ns) >= c.start_ns)""",
    "a descriptor is closed by a call, and a close closes one": """SELECT n.span_id FROM span n WHERE n.closed_by = 'close' AND NOT EXISTS (SELECT 1 FROM named c
        WHERE c.socket_id = n.socket_id AND c.process_id = n.process_id AND c.fd = n.fd AND c.start_ns = n.closed_ns AND c.effect = 'close')
        UNION ALL SELECT c.start_ns FROM named c WHERE c.kind = 'close' AND c.socket_id <> 0 AND coalesce(c.errno, 0) <> 9 AND NOT EXISTS (SELECT 1 FROM span n
        WHERE n.socket_id = c.socket_id AND n.process_id = c.process_id AND n.fd = c.fd AND n.closed_ns = c.start_ns)""",
    "a thread makes one call after the other, or one inside the other": """SELECT a.thread_id, a.kind, a.start_ns, b.kind, b.start_ns FROM (SELECT *, lead(rowid) OVER (PARTITION BY thread_id
        ORDER BY start_ns, -coalesce(duration_ns, 0)) AS next FROM named) a JOIN named b ON b.rowid = a.next WHERE b.start_ns < a.end_ns AND b.end_ns > a.end_ns
        AND a.effect NOT IN ('process', 'name')""",
    "no thread is in two calls on one socket at once": "SELECT socket_id, start_ns FROM named WHERE socket_id <> 0 GROUP BY socket_id, start_ns, thread_id HAVING count(*) > 1",
    "a result below zero has an error": "SELECT socket_id, kind, start_ns FROM named WHERE (result < 0) <> (errno IS NOT NULL) AND effect NOT IN ('name', 'process')",
    "options belong to calls": "SELECT o.option_id FROM option o WHERE NOT EXISTS (SELECT 1 FROM named c WHERE c.socket_id = o.socket_id AND c.start_ns = o.start_ns AND c.effect = 'option')",
    "a process makes no call before its start or after its end": """SELECT c.process_id, c.start_ns FROM named c JOIN process p USING (process_id)
        WHERE c.start_ns < p.started_ns AND c.kind NOT LIKE 'epoll_create%' OR c.start_ns > p.ended_ns""",
}
OF_SOCKETS = {
    "nothing is before the trace's start, or after its end": """SELECT started_ns FROM process, trace e WHERE started_ns < 0 OR ended_ns > e.end_ns
        UNION ALL SELECT opened_ns FROM span, trace e WHERE opened_ns < 0 OR closed_ns > e.end_ns UNION ALL SELECT start_ns FROM call WHERE start_ns < 0 OR duration_ns < 0""",
    "waiting is the sum of its parts": "SELECT socket_id FROM socket WHERE wait_ns <> connect_ns + accept_ns + send_ns + receive_ns OR min(connect_ns, accept_ns, send_ns, receive_ns, poll_ns) < 0",
    "a socket lives from its first span to the end of its last": """SELECT s.socket_id FROM socket s JOIN (SELECT socket_id, min(opened_ns) AS opened_ns,
        CASE WHEN count(*) = count(closed_ns) THEN max(closed_ns) END AS closed_ns FROM span GROUP BY socket_id) n USING (socket_id)
        WHERE s.opened_ns <> n.opened_ns OR s.closed_ns IS NOT n.closed_ns""",
    "its steps are within its life": """SELECT socket_id FROM socket WHERE bound_ns < opened_ns OR listening_ns < opened_ns OR connecting_ns < opened_ns OR connected_ns < connecting_ns
        OR connected_ns < opened_ns OR connected_ns > closed_ns OR (connected_ns IS NULL) <> (connect_proof IS NULL)""",
    "an end has a cause and one who did it": """SELECT socket_id FROM socket WHERE (how_ended = 'open') <> (closed_ns IS NULL) OR (closed_by_id IS NULL) <> (closed_ns IS NULL)
        UNION ALL SELECT span_id FROM span WHERE (closed_ns IS NULL) <> (closed_by IS NULL) OR closed_ns < opened_ns
        UNION ALL SELECT process_id FROM process WHERE (ended_ns IS NULL) <> (end_cause IS NULL) OR ended_ns < started_ns""",
    "a number is one socket's at a time": """SELECT a.process_id, a.fd, a.span_id, b.span_id FROM (SELECT *, lead(span_id) OVER (PARTITION BY process_id, fd ORDER BY opened_ns, span_id) AS next
        FROM span) a JOIN span b ON b.span_id = a.next WHERE a.closed_ns IS NULL OR b.opened_ns < a.closed_ns""",
    "a process holds nothing before its start or after its end": """SELECT n.span_id FROM span n LEFT JOIN process p USING (process_id)
        WHERE p.process_id IS NULL OR n.opened_ns < p.started_ns OR coalesce(n.closed_ns, p.ended_ns + 1) > p.ended_ns""",
    "an image follows its parent, and the one that it replaced": """SELECT p.process_id FROM process p LEFT JOIN process f ON f.process_id = p.parent_id
        LEFT JOIN process b ON b.process_id = p.previous_id WHERE p.started_ns < f.started_ns OR b.ended_ns > p.started_ns OR b.end_cause <> 'exec' OR b.pid <> p.pid""",
    "peers are each other's, and of a kind": """SELECT s.socket_id FROM socket s LEFT JOIN socket p ON p.socket_id = s.peer_id WHERE s.peer_id IS NOT NULL AND s.type IN (1, 5)
        AND (p.peer_id IS NOT s.socket_id OR p.type <> s.type OR p.domain <> s.domain AND (s.domain NOT IN (2, 10) OR p.domain NOT IN (2, 10)))""",
    "a peer receives what was sent, and not before": """SELECT s.socket_id FROM socket s JOIN socket p ON p.socket_id = s.peer_id WHERE s.type = 1 AND p.peer_id = s.socket_id
        AND (p.received_bytes > s.sent_bytes OR p.first_receive_ns < s.first_send_ns)""",
    "what was accepted has a listener that was there": """SELECT s.socket_id FROM socket s LEFT JOIN socket l ON l.socket_id = s.parent_id
        WHERE s.origin = 'accept' AND (l.socket_id IS NULL OR l.type <> s.type OR s.opened_ns < l.opened_ns OR s.accepting_ns > s.opened_ns)""",
    "phases follow each other, and the last has no end": """SELECT socket_id, phase FROM phase WHERE end_ns < start_ns
        UNION ALL SELECT socket_id, count(*) FROM phase GROUP BY socket_id HAVING sum(end_ns IS NULL) <> 1""",
    "every address and thread is stored once": """SELECT min(address_id) FROM address GROUP BY family, raw HAVING count(*) > 1
        UNION ALL SELECT min(thread_id) FROM thread WHERE tid IS NOT NULL GROUP BY process_id, tid HAVING count(*) > 1""",
    "the summary counts what is there": """SELECT u.sockets, u.calls, u.failed_calls FROM summary u, (SELECT count(*) AS sockets, sum(calls) AS calls, sum(errors) AS errors FROM socket) s
        WHERE u.sockets <> s.sockets OR u.calls <> s.calls OR u.failed_calls <> s.errors""",
    "nothing is left of the recording": "SELECT count(*) FROM progress HAVING count(*) > 0 UNION ALL SELECT 1 FROM meta WHERE key = 'state' AND value <> 'complete'",
}

# What does not depend on time, of each socket.
SAME = """SELECT domain, type, protocol, origin, peer_id IS NULL, accepted_count, connect_errno, connect_proof, eof_count, how_ended, calls, send_calls, receive_calls, sent_bytes,
    received_bytes, sent_messages, received_messages, errors, again_count, last_errno, exchanges, turns, short_send_count, truncated_count, full_receive_count, largest_send_bytes,
    stale_close_count, stale_use_count, ready_run_count FROM socket"""

MIXED = r"""
import os, select, socket, threading
def answer(connection):
    while data := connection.recv(64):
        connection.sendall(data * 2)
    connection.close()
def serve(listener, count):
    for _ in range(count):
        connection = listener.accept()[0]
        thread = threading.Thread(target=answer, args=(connection,))
        thread.start()
        thread.join()
listener = socket.create_server(("127.0.0.1", 0))
server = threading.Thread(target=serve, args=(listener, 12))
server.start()
for i in range(12):
    client = socket.create_connection(listener.getsockname())
    for size in range(1, i + 1):
        client.send(b"x" * size)
        client.recv(128, socket.MSG_PEEK)
        client.recv(128, socket.MSG_WAITALL if size == 64 else 0)
    if i % 4 == 1 and os.fork() == 0:
        os._exit(client.fileno() == -1)
    if i % 4 == 1:
        os.wait()
    client.shutdown(socket.SHUT_WR)
    client.recv(1)
    client.close()
server.join()
one, other = (socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) for _ in range(2))
one.bind(("::1", 0))
for size in (0, 1, 5, 9):
    other.sendto(b"y" * size, one.getsockname())
    select.select([one], [], [])
    one.recvfrom(5)
one.setblocking(False)
try:
    one.recv(5)
except BlockingIOError:
    pass
left, right = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
socket.send_fds(left, [b"z"], [one.fileno()])
os.close(socket.recv_fds(right, 9, 1)[1][0])
"""

# What is true of one program's trace besides.
NAMED = {
    "two_epolls": {"each of its two waits found one socket": "SELECT count(*), count(DISTINCT thread_id) FROM ready HAVING count(*) <> 2 OR count(DISTINCT thread_id) <> 2"},
}
count, failed = 0, 0


def test(name, complaints):
    global count, failed
    count += 1
    print(f"{'not ok' if complaints else 'ok'} {count} - {name}")
    for line in complaints[:8]:
        print("# " + line[:300])
    failed += bool(complaints)
    sys.stdout.flush()


def contradictions(path, invariants):
    with sqlite3.connect(path) as database:
        calls = dict(database.execute("SELECT key, value FROM meta"))["detail"] == "calls"
        if calls:
            database.executescript(PREPARE)
        lines = [] if database.execute("PRAGMA integrity_check").fetchall() == [("ok",)] else ["the file is damaged"]
        for name, sql in {**invariants, **(OF_CALLS if calls else {})}.items():
            rows = database.execute(sql).fetchall()
            if rows:
                lines.append(f"{name}: {len(rows)} contradict it: {rows[:3]}")
        for (view,) in database.execute("SELECT name FROM sqlite_schema WHERE type = 'view' AND name NOT LIKE '%problem%'").fetchall():
            database.execute(f'SELECT * FROM "{view}" LIMIT 1').fetchall()
        # `check` prepares only the rules that have a suspect.
        told = json.loads(subprocess.run([SOCKLIFE, "check", "--json", path], stdout=subprocess.PIPE, text=True).stdout)
        if sorted((one["rule"], one["message"]) for one in told) != sorted(database.execute("SELECT rule, message FROM problem").fetchall()):
            lines.append("check tells other problems than the view")
    return lines


def record(directory, name, command, detail):
    path = os.path.join(directory, f"{name}-{detail}.db")
    run = subprocess.run([SOCKLIFE, "run", "-q", "--wait", f"--detail={detail}", "-o", path, *command], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                         stderr=subprocess.PIPE, timeout=60, errors="replace", cwd=directory)
    return path, run.stderr.splitlines()


def same(one, two):
    with sqlite3.connect(one) as a, sqlite3.connect(two) as b:
        left, right = (sorted(database.execute(SAME).fetchall(), key=repr) for database in (a, b))
    return [f"with rows of calls {x}, without {y}" for x, y in zip(left, right) if x != y] + ([] if len(left) == len(right) else ["another number of sockets"])


def main():
    if sys.argv[1:]:
        for path in sys.argv[1:]:
            test(path, contradictions(path, OF_SOCKETS))
        return
    programs = {name: [os.path.join(BUILD, "tests/programs", name)] for name in ("close_race", "dup2_over", "exec_keep", "fork_share", "nonblocking", "passing", "process_race",
                "reuse", "tcp_echo", "threads", "transfers", "two_epolls", "udp", "unix_links", "unix_names", "waits")}
    programs["mixed"] = ["/usr/bin/python3", "-c", MIXED]
    raced = {"close_race", "process_race", "threads"}
    directory = tempfile.mkdtemp(prefix="socklife-invariants.")
    try:
        for name, command in programs.items():
            calls, complaints = record(directory, name, command, "calls")
            test(f"{name}: what must be true of every trace", complaints or contradictions(calls, {**OF_SOCKETS, **NAMED.get(name, {})}))
            sockets, complaints = record(directory, name, command, "sockets")
            complaints = complaints or contradictions(sockets, OF_SOCKETS)
            test(f"{name}: also without rows of calls" + ("" if name in raced else ", and the same"), complaints or ([] if name in raced else same(calls, sockets)))
    finally:
        shutil.rmtree(directory, ignore_errors=True)
    print(f"1..{count}")


main()
sys.exit(failed > 0)
