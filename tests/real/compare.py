#!/usr/bin/python3
"""
compare.py: runs a command once under `strace -f` with socklife's shim inside, and compares the two views: every socket call
that the kernel saw must be in the recording, on the same thread, in the same order, with the same result and errno, on the same socket;
and nothing else may be.

    compare.py [options] -- COMMAND…        one command
    compare.py --all | NAME…                scenarios of scenarios.py

    --keep DIR       keep the strace log and the database there
    --spools         judge the shim alone: no collector, read its spools
    --show N         print at most N differences of each kind (20)
    --list           print the scenarios' names

Exit status: 0 when nothing was missed, invented or attributed to a wrong socket, or a gap row says so; 1 otherwise.
"""
import argparse
import collections
import difflib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import recording
import strace_log

ROOT = recording.ROOT
BUILD = os.path.join(ROOT, os.environ.get("BUILD", "build"))
LIBRARY = os.path.join(BUILD, "libsocklife.so")
SOCKLIFE = os.path.join(BUILD, "socklife")

# Calls that concern two sockets, or several: recorded under one of them, and which is a matter of taste.
NO_IDENTITY = strace_log.WAITS | {"socketpair", "epoll_ctl", "sendfile", "splice", "tee", "dup2", "dup3"}


class Comparison:
    """missed, invented: calls seen by one side alone. wrong: a call on another socket than the kernel's. excused: missed, and a gap row says why."""

    def __init__(self):
        self.compared = 0
        self.missed, self.invented, self.wrong, self.excused, self.waits = [], [], [], [], []
        self.status = None
        self.gaps = []
        self.error = None

    def ok(self):
        return not (self.missed or self.invented or self.wrong or self.waits or self.error)

    def summary(self):
        return (f"{self.compared} calls, {len(self.missed)} missed, {len(self.invented)} invented, {len(self.wrong)} on a wrong socket, "
                f"{len(self.waits)} waits differ, {len(self.excused)} missed as a gap says")


def align(calls, rows, socket_of):
    """
    Pairs of (call or None, row or None) of one thread, in order. socket_of: inode → socket where already known, so that of two
    like calls on different sockets the right one is paired.
    """
    def key_of_call(call):
        return (call.name, call.fd, call.result, call.errno, None if call.name in NO_IDENTITY else socket_of.get(call.inode))

    def key_of_row(row):
        return (row.syscall, row.fd, row.result, row.errno, None if row.syscall in NO_IDENTITY or not socket_of else row.socket)

    left, right = [key_of_call(c) for c in calls], [key_of_row(r) for r in rows]
    pairs, i, j = [], 0, 0
    while i < len(left) and j < len(right) and left[i] == right[j]:
        pairs.append((calls[i], rows[j]))
        i, j = i + 1, j + 1
    if i == len(left) and j == len(right):
        return pairs
    left, right = left[i:], right[j:]
    for tag, a, b, c, d in difflib.SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
        if tag == "equal":
            pairs += [(calls[i + k], rows[j + c + k - a]) for k in range(a, b)]
            continue
        lonely = rows[j + c:j + d]
        for call in calls[i + a:i + b]:
            # The same call on another socket: a wrong attribution rather than a missed call and an invented one.
            twin = next((r for r in lonely if (r.syscall, r.fd, r.result, r.errno) == (call.name, call.fd, call.result, call.errno)), None)
            if twin:
                lonely.remove(twin)
            pairs.append((call, twin))
        pairs += [(None, row) for row in lonely]
    return pairs


def identities(by_thread):
    """inode → the socket that most of its calls were recorded on; no two inodes have the same."""
    votes = collections.Counter()
    for calls, recorded in by_thread.values():
        for call, row in align(calls, recorded, {}):
            if call and row and call.inode is not None and row.socket is not None and call.name not in NO_IDENTITY:
                votes[call.inode, row.socket] += 1
    socket_of, taken = {}, set()
    for (inode, one), _ in votes.most_common():
        if inode not in socket_of and one not in taken:
            socket_of[inode] = one
            taken.add(one)
    return socket_of


def without_last(pairs):
    """
    Of a thread that was killed: its last call may have been recorded and not have reached the kernel, or have ended in the kernel and
    not come back to the program. Then the recording says "never returned", and rightly so. strace, for its part, can no longer read the
    registers of a thread that is being killed, and prints what it last knew of another: its `= ?` of such a thread is a call, not this call.
    """
    last = next((row for _, row in reversed(pairs) if row), None)
    call = next((call for call, _ in reversed(pairs) if call), None)
    if not last or last.result is not None or last.errno:
        return pairs
    return [pair for pair in pairs if pair != (None, last) and not (pair == (call, None) and (call.name == last.syscall or call.result is None))]


def excuse(row):
    """Rows that strace cannot tell from calls on other files: EBADF of any descriptor; and sockets whose end it does not show."""
    return row.errno == "EBADF"


# What a gap of this reason says of the calls of its process: those made outside libc, those that libc makes, none (what is submitted to a ring
# is no call), or all.
COVERS = {"raw_syscalls": lambda call: call.in_libc is not True, "patch_refused": lambda call: call.in_libc is not False, "io_uring": lambda call: False,
          "seccomp": lambda call: False, "passed_unknown": lambda call: call.name in strace_log.ANY}


def gap_covers(log, call, gaps):
    """
    Does a gap say that this call is not in the recording? One of its process; of the process that it is a fork of, as long as it runs the same
    image; or the one that says that this image, or one that started this process, could not be traced.
    """
    pid, image, started = call.pid, call.image, False
    while True:
        for gap_pid, _, reason, _, detail in gaps:
            if reason == "untraceable":
                if image and log.images.get((pid, image), "\0") in (detail or ""):
                    return True
            elif gap_pid == pid and not started and COVERS.get(reason, lambda call: True)(call):
                return True
        if pid not in log.parent_of:
            return False
        started = started or image > 0
        pid, image = log.parent_of[pid]


def compare(log, rows, gaps=()):
    outcome = Comparison()
    outcome.gaps = list(gaps)
    by_thread = collections.defaultdict(lambda: ([], []))
    for call in log.calls:
        by_thread[call.tid][0].append(call)
    for row in rows:
        by_thread[row.tid][1].append(row)
    no_cookie = {pid for pid, _, reason, _, _ in gaps if reason == "seccomp"}
    unnamed = {call.inode for call in log.calls if call.pid in no_cookie}
    socket_of = identities(by_thread)
    inode_of = {one: inode for inode, one in socket_of.items()}
    for tid, (calls, recorded) in by_thread.items():
        pairs = align(calls, recorded, socket_of)
        if tid not in log.exited:
            pairs = without_last(pairs)
        for call, row in pairs:
            if call and row:
                outcome.compared += 1
                if call.inode is None or row.socket is None or call.name in NO_IDENTITY:
                    continue
                if socket_of.get(call.inode, row.socket) != row.socket or inode_of.get(row.socket, call.inode) != call.inode:
                    # Where no cookie may be asked for, a socket that travels has another name in each process; the gap says so.
                    if call.inode in unnamed:
                        outcome.excused.append(call)
                    else:
                        outcome.wrong.append((call, row))
            elif call:
                if call.optional or (call.errno == "EBADF" and call.name not in strace_log.WAITS):
                    continue
                if gap_covers(log, call, gaps):
                    outcome.excused.append(call)
                elif call.name in strace_log.WAITS:
                    outcome.waits.append(call)
                else:
                    outcome.missed.append(call)
            elif row.effect == "wait":
                # What the set held is recorded when the call returns.
                if row.result is not None or row.errno or (tid, row.syscall) not in log.unreturned_waits:
                    outcome.waits.append(row)
            elif not excuse(row):
                outcome.invented.append(row)
    return outcome


def wait_for_collector(database, seconds=20):
    """The database is finished when meta says so (a detached collector may still be at it)."""
    import sqlite3
    deadline = time.time() + seconds
    while time.time() < deadline:
        try:
            with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as connection:
                state = connection.execute("SELECT value FROM meta WHERE key = 'state'").fetchone()
            if state and state[0] == "complete" and not os.path.isdir(database + ".spool"):
                return
        except sqlite3.Error:
            pass
        time.sleep(0.1)


def run(command, spools=False, directory=None, limit=120, environment=None, intercept=None, preload="{}"):
    """
    Runs command (a list) under strace with the shim inside. Returns its Comparison; .database says where the recording is. preload: LD_PRELOAD, with {}
    for the shim.
    """
    own = directory is None
    directory = directory or tempfile.mkdtemp(prefix="socklife-compare.")
    os.makedirs(directory, exist_ok=True)
    os.chmod(directory, 0o777)      # servers that drop their privileges go on in here
    database, log_path = os.path.join(directory, "trace.db"), os.path.join(directory, "strace.log")
    for leftover in (database, log_path):
        if os.path.exists(leftover):
            os.remove(leftover)
    shutil.rmtree(database + ".spool", ignore_errors=True)
    inside = {"LD_PRELOAD": preload.format(LIBRARY), "SOCKLIFE_DB": database}
    if spools:
        inside["SOCKLIFE_COLLECTOR"] = "none"
    if intercept:
        inside["SOCKLIFE_INTERCEPT"] = intercept
    arguments = ["strace", "-f", "-y", "-i", "-v", "-ttt", "-s0", "-q", "-o", log_path, "-e", "trace=" + ",".join(strace_log.TRACED), "-e", "signal=none"]
    for name, value in inside.items():
        arguments += ["-E", f"{name}={value}"]
    # The collector is no part of the program: started outside, so that strace does not follow it.
    collector = None
    if not spools:
        collector = subprocess.Popen([SOCKLIFE, "collect", database], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        lock = os.path.join(database + ".spool", "collector.lock")
        for _ in range(100):
            if os.path.exists(lock):
                break
            time.sleep(0.02)
    outcome = None
    try:
        child = subprocess.Popen(arguments + command, cwd=directory, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                 env=dict(os.environ, **(environment or {})), start_new_session=True, errors="replace")
        try:
            output, _ = child.communicate(timeout=limit)
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            output, _ = child.communicate()
            outcome = Comparison()
            outcome.error = f"still running after {limit} s"
        if collector:
            try:
                collector.wait(timeout=30)
            except subprocess.TimeoutExpired:
                collector.terminate()
        if outcome is None:
            log = strace_log.Log(log_path, LIBRARY)
            if spools:
                outcome = compare(log, recording.from_spools(database + ".spool"))
            else:
                wait_for_collector(database)
                outcome = compare(log, recording.from_database(database), recording.gaps(database))
        outcome.status, outcome.output = child.returncode, output
    finally:
        if collector and collector.poll() is None:
            collector.kill()
            collector.wait()
    outcome.database, outcome.directory = database, directory
    outcome.temporary = own
    return outcome


def dispose(outcome):
    if outcome.temporary:
        shutil.rmtree(outcome.directory, ignore_errors=True)


def explain(outcome, most, out=print):
    for title, items in (("missed", outcome.missed), ("invented", outcome.invented), ("wait differs", outcome.waits)):
        for item in items[:most]:
            out(f"  {title}: {getattr(item, 'text', None) and str(item.tid) + ' ' + item.text[:150] or repr(item) + ' (' + item.name + ')'}")
        if len(items) > most:
            out(f"  {title}: … and {len(items) - most} more")
    for call, row in outcome.wrong[:most]:
        out(f"  wrong socket: {call.tid} {call.text[:110]} recorded on s{row.socket}")
    for gap in outcome.gaps[:most]:
        out(f"  gap: pid {gap[0]} {gap[1]}: {gap[2]} {gap[3] or ''} {gap[4] or ''}")
    if outcome.error:
        out(f"  error: {outcome.error}")


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--keep")
    parser.add_argument("--spools", action="store_true")
    parser.add_argument("--intercept")
    parser.add_argument("--show", type=int, default=20)
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--list", action="store_true")
    parser.add_argument("rest", nargs="*")
    arguments = sys.argv[1:]
    command = None
    if "--" in arguments:
        command = arguments[arguments.index("--") + 1:]
        arguments = arguments[:arguments.index("--")]
    options = parser.parse_args(arguments)
    if command:
        outcome = run(command, options.spools, options.keep, intercept=options.intercept)
        sys.stdout.write(outcome.output)
        print(f"status {outcome.status}: {outcome.summary()}")
        explain(outcome, options.show)
        dispose(outcome)
        return 0 if outcome.ok() else 1

    import scenarios
    if options.list:
        for scenario in scenarios.ALL:
            print(f"{scenario.name:24} {scenario.about}")
        return 0
    wanted = [s for s in scenarios.ALL if options.all or s.name in options.rest]
    unknown = set(options.rest) - {s.name for s in scenarios.ALL}
    if unknown or not wanted:
        print(f"compare: no such scenario: {' '.join(sorted(unknown)) or '(none named)'}; see --list", file=sys.stderr)
        return 2
    bad = 0
    totals = collections.Counter()
    for scenario in wanted:
        reason = scenario.missing()
        if reason:
            print(f"{scenario.name:24} skipped: {reason}")
            totals["skipped"] += 1
            continue
        outcome = scenario.run(spools=options.spools, directory=options.keep and os.path.join(options.keep, scenario.name), intercept=options.intercept)
        failed = scenario.failures(outcome)
        good = outcome.ok() and not failed
        bad += not good
        for name, items in (("compared", outcome.compared), ("missed", len(outcome.missed)), ("invented", len(outcome.invented)), ("wrong", len(outcome.wrong))):
            totals[name] += items
        print(f"{scenario.name:24} {'ok    ' if good else 'DIFFER'} {outcome.summary()}", flush=True)
        if not good:
            explain(outcome, options.show)
            for line in failed:
                print(f"  {line}")
            if outcome.status:
                print("  " + "\n  ".join(outcome.output.strip().splitlines()[-5:]))
        dispose(outcome)
    print(", ".join(f"{value} {name}" for name, value in totals.items()))
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
