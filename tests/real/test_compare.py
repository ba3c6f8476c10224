#!/usr/bin/python3
"""
test_compare.py: the comparison itself can fail: a call taken out of a recording is missed, one put in is invented, one moved to another socket
is wrong, and an untouched recording is none of these.
"""
import copy
import os
import shutil
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import compare
import recording
import strace_log

PROGRAM = os.path.join(compare.BUILD, "tests/programs/tcp_echo")
failed = 0


def expect(number, name, good):
    global failed
    print(f"{'ok' if good else 'not ok'} {number} - {name}")
    failed += not good


# Two threads make a child each at the same time; the process of 12 is seen before the clone that made it returns.
TWO_MAKERS = """\
10 1.0 [00007f0000000000] socket(AF_INET, SOCK_STREAM, IPPROTO_IP) = 3<socket:[1]>
10 1.1 [00007f0000000000] clone(child_stack=0x1, flags=CLONE_VM|CLONE_THREAD, child_tidptr=0x2) = 11
11 1.2 [00007f0000000000] clone(child_stack=0x3, flags=CLONE_VM|CLONE_VFORK|SIGCHLD <unfinished ...>
10 1.3 [00007f0000000000] clone(child_stack=0x4, flags=CLONE_VM|CLONE_THREAD <unfinished ...>
12 1.4 [00007f0000000000] close(3<socket:[1]>) = 0
10 1.5 [00007f0000000000] <... clone resumed>, child_tidptr=0x2) = 13
11 1.6 [00007f0000000000] <... clone resumed>) = 12
"""


# A wait returns with a socket before the call that adds it.
EARLY_WAIT = """\
10 1.0 [00007f0000000000] socket(AF_INET, SOCK_STREAM, IPPROTO_IP) = 3<socket:[1]>
10 1.1 [00007f0000000000] clone(child_stack=0x1, flags=CLONE_VM|CLONE_THREAD, child_tidptr=0x2) = 11
11 1.2 [00007f0000000000] epoll_wait(4<anon_inode:[eventpoll]>,  <unfinished ...>
10 1.3 [00007f0000000000] epoll_ctl(4<anon_inode:[eventpoll]>, EPOLL_CTL_ADD, 3<socket:[1]>, {events=EPOLLOUT, data={u32=3, u64=3}} <unfinished ...>
11 1.4 [00007f0000000000] <... epoll_wait resumed>[{events=EPOLLOUT, data={u32=3, u64=3}}], 64, -1) = 1
10 1.5 [00007f0000000000] <... epoll_ctl resumed>) = 0
"""


def log_of(text):
    with tempfile.NamedTemporaryFile("w", suffix=".log") as file:
        file.write(text)
        file.flush()
        return strace_log.Log(file.name, None)


def main():
    print("1..8")
    outcome = compare.run([PROGRAM], spools=True)
    log = strace_log.Log(os.path.join(outcome.directory, "strace.log"), compare.LIBRARY)
    rows = recording.from_spools(outcome.database + ".spool")
    compare.dispose(outcome)
    send = next(i for i, row in enumerate(rows) if row.name == "send")

    def judged(change):
        changed = copy.deepcopy(rows)
        change(changed)
        return compare.compare(log, changed)

    expect(1, "a faithful recording agrees", judged(lambda r: None).ok() and len(rows) > 10)
    expect(2, "a call taken out is missed", len(judged(lambda r: r.pop(send)).missed) == 1)
    expect(3, "a call recorded twice is invented", len(judged(lambda r: r.insert(send, r[send])).invented) == 1)
    other = next(row.socket for row in rows if row.socket not in (None, rows[send].socket))
    expect(4, "a call on another socket is wrong", len(judged(lambda r: setattr(r[send], "socket", other)).wrong) == 1)
    changed = judged(lambda r: setattr(r[send], "result", 4))
    expect(5, "another result is a call missed and one invented", len(changed.missed) == 1 and len(changed.invented) == 1)
    swapped = judged(lambda r: r.__setitem__(slice(send, send + 2), [r[send + 1], r[send]]))
    expect(6, "calls out of order differ", not swapped.ok())
    expect(7, "a child belongs to who made it, though several make one at once", log_of(TWO_MAKERS).process_of == {10: 10, 11: 10, 12: 12, 13: 10})
    expect(8, "a wait that returns before the call that added what it found is one on a socket", "epoll_wait" in [call.name for call in log_of(EARLY_WAIT).calls])
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
