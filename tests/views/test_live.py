#!/usr/bin/python3
"""A program that hangs is seen to hang while it does: in ls, show, check, follow and the views, also when its collector was killed; and once the call has
returned, it is a call like any other. Nothing is timed: each step waits until it is there, or until the patience has gone. Prints TAP."""
import fcntl
import os
import pty
import shutil
import signal
import sqlite3
import struct
import subprocess
import sys
import tempfile
import termios
import time

BUILD = os.path.abspath(os.environ.get("BUILD", "build"))
SOCKLIFE = os.path.join(BUILD, "socklife")
PATIENCE = 60
PROGRAM = """
import os, socket, sys, threading
a, b = socket.socketpair()
def answer():
    sys.stdin.readline()
    b.send(b"answer")
thread = threading.Thread(target=answer)
thread.start()
a.send(b"question")
print("about to block", flush=True)
a.recv(100)
thread.join()
print("answered", flush=True)
sys.stdin.readline()
"""
failures = 0
number = 0


def check(title, fine, detail=""):
    global failures, number
    number += 1
    failures += not fine
    print("%s %d - %s" % ("ok" if fine else "not ok", number, title), flush=True)
    if not fine:
        print("# " + str(detail).replace("\n", "\n# "), flush=True)


def ask(path, sql):
    try:
        database = sqlite3.connect("file:%s?mode=ro" % path, uri=True, timeout=10)
        rows = database.execute(sql).fetchall()
        database.close()
        return rows
    except sqlite3.OperationalError:
        return None


def until(path, sql, wanted):
    """The rows once they are as wanted, else as they were in the end."""
    end = time.monotonic() + PATIENCE
    while True:
        rows = ask(path, sql)
        if rows == wanted or time.monotonic() > end:
            return rows
        time.sleep(0.02)


def say(*words):
    done = subprocess.run([SOCKLIFE] + list(words), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=dict(os.environ, COLUMNS="100"), timeout=PATIENCE)
    return done.stdout


def follow_until(path, words):
    follower = subprocess.Popen([SOCKLIFE, "follow", path], stdout=subprocess.PIPE, text=True)
    end, seen = time.monotonic() + PATIENCE, []
    while time.monotonic() < end:
        line = follower.stdout.readline()
        seen.append(line)
        if not line or words in line:
            break
    follower.terminate()
    follower.wait()
    return words in seen[-1], "".join(seen)


def start(path):
    run = subprocess.Popen([SOCKLIFE, "run", "-q", "-o", path, "--", "/usr/bin/python3", "-c", PROGRAM], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    run.stdout.readline()
    return run


RECEIVES = "SELECT duration_ns IS NULL, result FROM timeline WHERE call = 'recv'"
IN_CALL = "SELECT unreturned_call FROM lifecycle WHERE unreturned_call IS NOT NULL"


def hang_and_answer(path):
    run = start(path)
    check("a call in progress is in the timeline, with no duration", until(path, RECEIVES, [(1, None)]) == [(1, None)], ask(path, RECEIVES))
    check("its socket says so", until(path, IN_CALL, [("recv",)]) == [("recv",)], ask(path, IN_CALL))
    text = say("ls", path)
    check("ls shows that it is in recv", "in recv" in text and "recording" in text, text)
    text = say("show", path, "s1")
    check("show shows a call that has not returned", "recv(100)" in text and "no return" in text, text)
    found, text = follow_until(path, "hangs in recv")
    check("follow tells it after a second", found, text)
    until(path, "SELECT count(*) FROM problem WHERE rule = 'BLOCKED'", [(1,)])
    text = say("check", path)
    check("check finds it", "BLOCKED" in text and "had not returned" in text, text)
    run.stdin.write("\n")
    run.stdin.flush()
    run.stdout.readline()
    check("once it has returned it is one call, with its duration", until(path, RECEIVES, [(0, 6)]) == [(0, 6)], ask(path, RECEIVES))
    check("and its socket is in no call any more", until(path, IN_CALL, []) == [], ask(path, IN_CALL))
    run.communicate("\n")
    check("nothing of it is left in the finished trace", ask(path, RECEIVES) == [(0, 6)] and ask(path, IN_CALL) == [] and ask(path, "SELECT * FROM running") == [])


def killed_collector(path):
    run = start(path)
    until(path, RECEIVES, [(1, None)])
    run.send_signal(signal.SIGKILL)
    run.wait()
    text = say("ls", path)
    check("the collector was killed: ls still shows that the program is in recv", "in recv" in text, text)
    check("and the view has it once", ask(path, RECEIVES) == [(1, None)], ask(path, RECEIVES))
    run.stdin.write("\n")
    run.stdin.flush()
    run.stdout.readline()
    end = time.monotonic() + PATIENCE
    while "in recv" in say("ls", path) and time.monotonic() < end:
        time.sleep(0.02)
    check("once it has returned, the next look has one call with its duration", ask(path, RECEIVES) == [(0, 6)] and ask(path, IN_CALL) == [], ask(path, RECEIVES))
    run.stdin.write("\n")
    run.stdin.close()
    run.stdout.read()
    end = time.monotonic() + PATIENCE
    while "recording" in say("ls", path) and time.monotonic() < end:
        time.sleep(0.02)
    check("the trace is finished by the looks alone", ask(path, "SELECT state FROM trace") == [("complete",)] and ask(path, RECEIVES) == [(0, 6)], ask(path, RECEIVES))


def killed_program(path):
    run = start(path)
    until(path, RECEIVES, [(1, None)])
    pid = ask(path, "SELECT pid FROM process ORDER BY process_id DESC LIMIT 1")[0][0]
    os.kill(pid, signal.SIGKILL)
    run.stdin.close()
    run.wait()
    check("a program killed in the call: it never returned, and that stays", ask(path, RECEIVES) == [(1, None)] and ask(path, IN_CALL) == [("recv",)]
          and ask(path, "SELECT * FROM running") == [], ask(path, RECEIVES))


def follow(path, directory=None):
    return subprocess.Popen([SOCKLIFE, "follow"] + ([path] if path else []), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=directory)


def follow_from_the_start(work):
    """Recording and following begin together, with no trace there and with an old one: the new one is told, whole."""
    outcomes = []
    for i in range(8):
        if i % 2 == 0:
            subprocess.call("rm -rf socklife.db*", shell=True, cwd=work)
        run = subprocess.Popen([SOCKLIFE, "run", "-q", "--", "/usr/bin/python3", "-c", PROGRAM], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=work)
        follower = follow(None, work)
        run.communicate("\n\n", timeout=PATIENCE)
        text, complaint = follower.communicate(timeout=PATIENCE)
        pid = ask(os.path.join(work, "socklife.db"), "SELECT pid FROM process ORDER BY process_id DESC LIMIT 1")[0][0]
        outcomes.append((follower.returncode, text.count("paired"), text.count("closed"), text.count("[%d]" % pid), complaint))
    check("recording and following may begin together", outcomes == [(0, 2, 2, 4, "")] * 8, outcomes)


def follow_without_collector(path):
    run = start(path)
    until(path, RECEIVES, [(1, None)])
    follower = follow(path)
    first = follower.stdout.readline()
    run.send_signal(signal.SIGKILL)
    run.wait()
    run.stdin.write("\n\n")
    run.stdin.close()
    text, complaint = follower.communicate(timeout=PATIENCE)
    check("the collector is killed while it is followed: the rest is told, and it ends as the program does",
          "paired" in first and text.count("closed") == 2 and follower.returncode == 0 and not complaint, first + text + complaint)


def reader_goes(path):
    run = start(path)
    until(path, RECEIVES, [(1, None)])
    follower = follow(path)
    follower.stdout.readline()
    follower.stdout.close()
    status = follower.wait(PATIENCE)
    check("its reader goes away while nothing happens: follow ends, and says nothing", (status, follower.stderr.read()) == (0, ""), status)
    run.communicate("\n\n", timeout=PATIENCE)


def follow_while_the_window_grows(path):
    def set_width(columns):
        fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))

    def read(words):
        text = ""
        while words not in text:
            text += os.read(terminal, 4096).decode()
        return text

    run = start(path)
    until(path, RECEIVES, [(1, None)])
    terminal, inside = pty.openpty()
    set_width(60)
    environment = {name: value for name, value in os.environ.items() if name != "COLUMNS"}
    follower = subprocess.Popen([SOCKLIFE, "follow", path], stdin=inside, stdout=inside, env=dict(environment, TERM="dumb"))
    first = read("hangs in recv").splitlines()
    set_width(140)
    time.sleep(0.3)
    run.communicate("\n\n", timeout=PATIENCE)
    last = read("0 open").splitlines()
    follower.wait(PATIENCE)
    os.close(inside)
    os.close(terminal)
    check("follow's lines are as wide as the terminal, also when that has grown", max(map(len, first)) <= 60 < max(map(len, last)), first + last)


def look_as_it_ends(path):
    """Recordings of a moment, looked at all the time: that the spools go between two steps of a look is nothing to complain of."""
    complaints = set()
    for _ in range(20):
        run = subprocess.Popen([SOCKLIFE, "run", "-q", "-o", path, "--", "/usr/bin/python3", "-c", "import socket; a, b = socket.socketpair(); a.send(b'x')"])
        while run.poll() is None:
            text = subprocess.run([SOCKLIFE, "ls", path], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, timeout=PATIENCE).stderr
            complaints.update(line for line in text.splitlines() if "no such file" not in line and "has no socket" not in line)
    check("who looks as a recording ends reads no complaint", not complaints, complaints)


def main():
    work = tempfile.mkdtemp()
    try:
        hang_and_answer(os.path.join(work, "hang.db"))
        killed_collector(os.path.join(work, "collector.db"))
        killed_program(os.path.join(work, "program.db"))
        follow_from_the_start(work)
        follow_while_the_window_grows(os.path.join(work, "window.db"))
        look_as_it_ends(os.path.join(work, "ends.db"))
        follow_without_collector(os.path.join(work, "follow.db"))
        reader_goes(os.path.join(work, "reader.db"))
    finally:
        shutil.rmtree(work)
    print("1..%d" % number)
    sys.exit(failures > 0)


main()
