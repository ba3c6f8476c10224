"""
recording.py: reads what socklife recorded, in the form strace_log.py gives the kernel's truth: from a database (`timeline`), or
straight from the spool files when no collector took them, so that the shim can be judged alone.
"""
import glob
import os
import re
import sqlite3
import struct
import errno as errno_names

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

# A recorded call's name → the system call that strace shows for it.
SYSCALL = {"send": "sendto", "recv": "recvfrom", "sockatmark": "ioctl", "closefrom": "close_range", "pselect": "pselect6",
           "select": "pselect6"}
# Not socket calls by themselves, or recorded for several sockets at once: not compared one by one.
OUTSIDE = {"process", "name"}
NOT_COMPARED = {"close_range", "closefrom", "pidfd_getfd", "epoll_create", "epoll_create1"}


def call_table():
    """calls.def: number → (name, effect)."""
    rows = {}
    with open(os.path.join(ROOT, "schema/calls.def")) as file:
        for match in re.finditer(r"^CALL(?:_BY_HAND)?\((\d+), (\w+), EFFECT_(\w+)", file.read(), re.M):
            rows[int(match[1])] = (match[2], match[3].lower())
    return rows


class Row:
    """One recorded call. socket: identity within this recording; None: none."""
    __slots__ = ("tid", "pid", "name", "syscall", "fd", "socket", "result", "errno", "start", "bytes", "effect")

    def __repr__(self):
        what = self.errno or self.result
        return f"{self.tid} {self.name}({self.fd}) = {'?' if what is None else what}"


def finish(row):
    row.syscall = SYSCALL.get(row.name, row.name)
    if row.effect == "create" or row.effect == "pair":
        row.fd = None
    if row.effect == "wait" and not row.name.startswith("epoll"):
        row.fd = None
    return row


def from_database(path):
    database = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    rows = []
    for values in database.execute("SELECT tid, pid, call, fd, socket_id, result, errno, start_ns, bytes, effect FROM timeline ORDER BY start_ns, sequence"):
        row = Row()
        (row.tid, row.pid, row.name, row.fd, row.socket, row.result, row.errno, row.start, row.bytes, row.effect) = values
        if row.effect not in OUTSIDE and row.name not in NOT_COMPARED:
            rows.append(finish(row))
    database.close()
    return rows


def gaps(path):
    database = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    rows = database.execute("SELECT pid, program, reason, count, detail FROM gap").fetchall()
    database.close()
    return rows


def intercepts(path):
    """pid → whether libc's inside is intercepted in all its images."""
    database = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    rows = dict(database.execute("SELECT pid, min(intercept = 'libc') FROM process GROUP BY pid").fetchall())
    database.close()
    return rows


SLOT, CHUNK, CHUNK_HEADER, HEADER = 64, 8192, 128, 16384
SYNTHETIC_OR_COOKIE = (1 << 48) - 1 | 1 << 59 | 1 << 61


def from_spools(directory):
    table = call_table()
    rows = []
    for path in sorted(glob.glob(os.path.join(directory, "*.spool"))):
        with open(path, "rb") as file:
            data = file.read()
        if data[:8] != b"socklife":
            continue
        for base in range(HEADER, len(data) - CHUNK + 1, CHUNK):
            pid, tid = struct.unpack_from("<ii", data, base + 8)
            for at in range(base + CHUNK_HEADER, base + CHUNK, SLOT):
                kind, parts, state, flags, number, failed = struct.unpack_from("<BBBBHH", data, at)
                if kind != 1 or state not in (1, 2):
                    continue
                fd, _, start, _, result, socket, _, _ = struct.unpack_from("<iIQQqQQQ", data, at + 8)
                row = Row()
                row.name, row.effect = table.get(number, (f"call{number}", "none"))
                if row.effect in OUTSIDE or row.name in NOT_COMPARED:
                    continue
                row.tid, row.pid, row.fd, row.start = tid, pid, fd, start
                row.socket = (path if socket & 1 << 59 else "", socket & SYNTHETIC_OR_COOKIE) if socket else None
                row.result = result if state == 2 else None
                row.errno = errno_names.errorcode.get(failed, str(failed)) if state == 2 and failed else None
                row.errno = {"EWOULDBLOCK": "EAGAIN", "EOPNOTSUPP": "EOPNOTSUPP", "ENOTSUP": "EOPNOTSUPP"}.get(row.errno, row.errno)
                row.bytes = result if row.effect in ("send", "receive", "transfer") and state == 2 and result >= 0 else None
                rows.append(finish(row))
    rows.sort(key=lambda row: row.start)
    return rows
