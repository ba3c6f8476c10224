#!/usr/bin/python3
"""
test_programs.py: runs each tiny program of this directory three times: untraced, traced, and traced under strace. Then

  - exit status, standard output (results, errno, descriptor numbers, what is still open) and standard error must be the same;
  - the recording must agree with the kernel, call by call (see tests/real/compare.py);
  - the lifecycles that the program's first comment states must be those of the database.

Test names are printed as TAP. Arguments: names of programs (default: all).
"""
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../real"))
import compare
import recording

# Too many calls, or steps, for strace within our time, or threads that change a number while strace reads what it is: compared through their counts instead. What a
# vfork child does after seccomp is not seen; and of a set that seems to reach beyond memory strace shows nothing.
NOT_UNDER_STRACE = {"unwind_each_step", "ten_thousand", "vfork_seccomp", "select_beyond", "dup_race"}
# Arguments of further runs.
VARIANTS = {"every_symbol": [[], ["by-number"]]}
count, failed = 0, 0


def test(name, complaint):
    """complaint: what is wrong; empty: nothing."""
    global count, failed
    count += 1
    print(f"{'not ok' if complaint else 'ok'} {count} - {name}")
    if complaint:
        failed += 1
        for line in complaint.splitlines()[:12]:
            print("# " + line[:300])
    sys.stdout.flush()


def run(program, arguments, directory, environment, prefix=()):
    return subprocess.run([*prefix, program, *arguments], cwd=directory, env=environment, stdin=subprocess.DEVNULL, capture_output=True, timeout=120)


def difference(one, two):
    lines = []
    if one.returncode != two.returncode:
        lines.append(f"exit status: untraced {one.returncode}, traced {two.returncode}")
    for what in ("stdout", "stderr"):
        a, b = (getattr(run, what).decode(errors="replace").splitlines() for run in (one, two))
        for i in range(max(len(a), len(b))):
            left, right = (side[i] if i < len(side) else "(nothing)" for side in (a, b))
            if left != right:
                lines.append(f"{what} line {i + 1}: untraced: {left}")
                lines.append(f"{what} line {i + 1}: traced:   {right}")
                break
    return "\n".join(lines)


def stated(source):
    """The lifecycle lines of a program's first comment."""
    with open(source) as file:
        return [" ".join(match.split()) for match in re.findall(r"^ \* lifecycle: (.*)$", file.read(), re.M)]


def stated_pairs(source):
    """How many pairs of sockets its first comment states; None: it does not."""
    with open(source) as file:
        match = re.search(r"^ \* pairs: (\d+)$", file.read(), re.M)
    return match and int(match.group(1))


def recorded(database):
    lines = []
    for row in database.execute("SELECT socket_id, role, protocol, state, how_ended, sent_bytes, received_bytes FROM lifecycle ORDER BY socket_id").fetchall():
        calls = [call for call, in database.execute("SELECT call FROM timeline WHERE socket_id = ? AND effect <> 'wait' ORDER BY start_ns, sequence", (row[0],))]
        listed = " ".join(calls) if len(calls) <= 200 else f"{len(calls)} calls"
        lines.append(f"{row[1]} {row[2]} {row[3]} {row[4]} sent {row[5]} received {row[6]}: {listed}")
    return lines


def check_lifecycles(name, title, database):
    wanted = stated(os.path.join(HERE, name + ".c"))
    if not wanted:
        return
    got = recorded(database)
    # In the order they were made; calls of one thread are in order, those of two processes at the same socket may meet either way.
    complaint = ""
    if got != wanted:
        complaint = "\n".join(["stated:"] + wanted + ["recorded:"] + got)
    test(f"{title}: the lifecycles are those that it states", complaint)
    pairs = stated_pairs(os.path.join(HERE, name + ".c"))
    if pairs is not None:
        found, = database.execute("SELECT count(*) FROM lifecycle one JOIN lifecycle other ON other.socket_id = one.peer_id AND other.peer_id = one.socket_id "
            "WHERE one.socket_id < other.socket_id").fetchone()
        test(f"{title}: the pairs are known", "" if found == pairs else f"stated {pairs}, found {found}")


def check_found(name, title, database):
    """What its first comment says that its waits found ready, those that found nothing left out."""
    with open(os.path.join(HERE, name + ".c")) as file:
        wanted = re.findall(r"^ \* found: (.*)$", file.read(), re.M)
    if not wanted:
        return
    got = [f"{call} {found}" for call, found in database.execute("SELECT call, group_concat(fd || ':' || replace(found, ' ', ','), ' ') FROM "
        "(SELECT * FROM readiness WHERE events <> 0 ORDER BY start_ns, fd) GROUP BY start_ns ORDER BY start_ns")]
    test(f"{title}: its waits found what it states", "" if got == wanted else "\n".join(["stated:"] + wanted + ["recorded:"] + got))


def check_unread(name, title, database):
    """What its first comment says that its accepted sockets had not read."""
    with open(os.path.join(HERE, name + ".c")) as file:
        wanted = re.findall(r"^ \* unread: (.*)$", file.read(), re.M)
    if not wanted:
        return
    got = " ".join(str(bytes) for bytes, in database.execute("SELECT unread_bytes FROM socket WHERE origin = 'accept' ORDER BY socket_id"))
    test(f"{title}: its sockets have not read what it states", "" if [got] == wanted else f"stated {wanted}, recorded {got}")


def symbols_seen(name, rows, output):
    """every_symbol: each number it used must be in the recording, under the right call."""
    names = {}
    with open(os.path.join(compare.ROOT, "schema/calls.def")) as file:
        text = file.read()
    for symbol, call in re.findall(r"^(?:ALIAS|VARIANT|SYMBOL_BY_HAND)\((\w+), (\w+)", text, re.M):
        names[symbol] = call
    for call in re.findall(r"^CALL\(\d+, (\w+)", text, re.M):
        names[call] = call
    seen = {(row[0], row[1]) for row in rows}
    any_of = {row[0] for row in rows}
    missing = []
    for symbol, fd in re.findall(r"^symbol (\w+) fd (\d+)", output, re.M):
        call = names.get(symbol, symbol)
        # Waits and creations have no descriptor of their own in the record.
        numbered = (call, int(fd)) in seen or call in any_of and call in ("socket", "socketpair", "epoll_create", "epoll_create1", "poll", "ppoll", "select", "pselect",
            "epoll_wait", "epoll_pwait", "epoll_pwait2", "close_range", "closefrom", "splice", "tee")
        if not numbered:
            missing.append(f"{symbol} (as {call}, descriptor {fd}) is not in the trace")
    test(f"{name}: every symbol it called is in the trace", "\n".join(missing))


def table_covered():
    """Every symbol of calls.def is called: those that take a descriptor by every_symbol.c, the others by every_process.c, children.c, unshare_threads.c, unshare.c, passing.c (limits) and names.c; liburing's by tests/children; rights and locked memory by tests/harmless; what lets libc start threads by tests/children."""
    elsewhere = {"fork", "__fork", "_Fork", "vfork", "__vfork", "clone", "__clone", "clone3", "posix_spawn", "posix_spawnp", "execve", "execv", "execvp", "execvpe", "execl",
                 "execle", "execlp", "fexecve", "execveat", "_exit", "_Exit", "system", "popen", "daemon", "forkpty", "chroot", "setuid", "setreuid", "setresuid", "seteuid", "setfsuid", "mlockall", "mprotect", "unshare", "setns", "pthread_create", "thrd_create", "timer_create", "mq_notify", "getaddrinfo_a", "aio_read", "aio_read64", "aio_write", "aio_write64", "aio_fsync",
                 "aio_fsync64", "lio_listio", "lio_listio64", "setrlimit", "setrlimit64", "prlimit", "prlimit64", "fclose", "getaddrinfo", "gethostbyname", "gethostbyname2", "gethostbyname_r", "gethostbyname2_r",
                 "gethostbyaddr", "gethostbyaddr_r", "syscall", "prctl", "pidfd_getfd", "io_uring_queue_init", "io_uring_queue_init_params", "io_uring_queue_init_mem", "io_uring_setup"}
    with open(os.path.join(compare.ROOT, "schema/calls.def")) as file:
        text = file.read()
    symbols = set(re.findall(r"^(?:ALIAS|VARIANT|SYMBOL_BY_HAND)\((\w+), ", text, re.M)) | set(re.findall(r"^CALL\(\d+, (\w+)", text, re.M))
    with open(os.path.join(HERE, "every_symbol.c")) as file:
        called = set(re.findall(r'\{ "(\w+)", \{', file.read()))
    return "\n".join(f"{symbol} is called by no test" for symbol in sorted(symbols - called - elsewhere))


def agreement(title, outcome):
    """outcome: of the run under strace as well."""
    lines = []
    if not outcome.ok():
        lines.append(outcome.summary())
        compare.explain(outcome, 4, lines.append)
    test(f"{title}: the trace agrees with the kernel", "\n".join(lines))


def read_at_once(work):
    """A wait began before the socket that it found came into its set: known however late both records are read."""
    directory = os.path.join(work, "read_at_once")
    os.mkdir(directory)
    database = os.path.join(directory, "trace.db")
    environment = dict(os.environ, LD_PRELOAD=os.path.join(compare.BUILD, "libsocklife.so"), SOCKLIFE_DB=database, SOCKLIFE_COLLECTOR="none")
    run(os.path.join(compare.BUILD, "tests/programs/epoll_late"), [], directory, environment)
    subprocess.run([compare.SOCKLIFE, "collect", database], check=True)
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as opened:
        found = opened.execute("SELECT count(*), min(events) FROM ready").fetchall()
    test("epoll_late: what the wait found is known when all is read at once", "" if found == [(1, 1)] else f"{found}")


def check_program(name, arguments, title, work, build=compare.BUILD, differ=difference, agree=agreement, lifecycles=True):
    """
    build: where the program was built; differ, agree: what is to be the same untraced and traced, and in the trace and the kernel's; lifecycles:
    whether those that it states are to be found.
    """
    program = os.path.join(build, "tests/programs", name)
    directory = os.path.join(work, title.replace(" ", "_"))
    os.mkdir(directory)
    database = os.path.join(directory, "trace.db")
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("LD_PRELOAD", "SOCKLIFE_"))}
    untraced = run(program, arguments, directory, clean)
    traced = run(program, arguments, directory, clean, (compare.SOCKLIFE, "run", "-q", "-o", database, "--"))
    test(f"{title}: behaves as without us", differ(untraced, traced))
    if not os.path.exists(database):
        test(f"{title}: a database was made", traced.stderr.decode(errors="replace") or "no database")
    else:
        with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as opened:
            if lifecycles:
                check_lifecycles(name, title, opened)
                check_found(name, title, opened)
                check_unread(name, title, opened)
            if name == "every_symbol":
                symbols_seen(title, opened.execute("SELECT call, fd FROM timeline").fetchall(), traced.stdout.decode())
            if name == "ten_thousand":
                numbers = opened.execute("SELECT sum(role = 'client' AND state = 'closed'), sum(role = 'accepted' AND state = 'closed'), sum(sent_bytes) FROM lifecycle").fetchone()
                calls = dict(opened.execute("SELECT call, count(*) FROM timeline GROUP BY call").fetchall())
                wanted = dict.fromkeys(("connect", "accept", "send", "recv"), 10000)
                complaint = "" if numbers == (10000, 10000, 10000) and wanted.items() <= calls.items() and calls["close"] == 20001 else f"{numbers} {calls}"
                test(f"{title}: ten thousand connections are all there", complaint)
            # (The integrity of the file itself.)
            test(f"{title}: the database is sound", "" if opened.execute("PRAGMA integrity_check").fetchone() == ("ok",) else "integrity_check")
    if name in NOT_UNDER_STRACE:
        return
    agree(title, compare.run([program, *arguments], directory=os.path.join(directory, "strace")))


def main():
    names = sys.argv[1:] or sorted(file[:-2] for file in os.listdir(HERE) if file.endswith(".c"))
    test("every symbol of calls.def is called by a test", table_covered())
    work = tempfile.mkdtemp(prefix="programs.", dir=os.path.join(compare.BUILD, "tests"))
    try:
        for name in names:
            for arguments in VARIANTS.get(name, [[]]):
                check_program(name, arguments, " ".join([name, *arguments]), work)
        read_at_once(work)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    print(f"1..{count}")
    return 1 if failed else 0


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    sys.exit(main())
