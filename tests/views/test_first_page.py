#!/usr/bin/python3
"""The first page of a view costs what is shown, not what the file holds. Two traces are made by the real collector from generated records, one of
them some twenty times the other; the first rows of each view, and the first lines of each command, must take about as many steps of SQLite's machine in both.
Steps are counted (sqlite3_progress_handler), never timed. Prints TAP."""
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile

BUILD = os.environ.get("BUILD", "build")
SOCKLIFE = os.path.join(BUILD, "socklife")
GENERATE = os.path.join(BUILD, "bench", "generate", "generate")
SMALL, LARGE = (4000, 200), (80000, 4000)  # calls, sockets
STEP = 50
PAGE = 40
# Views whose rows come as they are found.
STREAMING = "trace lifecycle timeline call readiness connection exchange gap summary phase ending holding".split()
failures = 0
number = 0


def check(title, fine, detail=""):
    global failures, number
    number += 1
    failures += not fine
    print("%s %d - %s" % ("ok" if fine else "not ok", number, title))
    if not fine and detail:
        print("# " + detail)


def make(path, calls, sockets):
    generator = subprocess.Popen([GENERATE, path + ".spool", str(calls), str(sockets), "1"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    generator.stdout.readline()
    generator.stdin.close()
    subprocess.run([SOCKLIFE, "collect", path], check=True)
    generator.stdout.read()
    if generator.wait() != 0:
        raise SystemExit("Bail out! the generator failed")


def steps(path, sql):
    """Steps of SQLite's machine until the first PAGE rows are there."""
    database = sqlite3.connect("file:%s?mode=ro" % path, uri=True)
    count = 0

    def tick():
        nonlocal count
        count += 1

    statement = database.execute("SELECT 1 FROM (SELECT 1) WHERE 0")  # the schema is read
    database.set_progress_handler(tick, STEP)
    statement = database.execute(sql)
    for _ in range(PAGE):
        if statement.fetchone() is None:
            break
    database.set_progress_handler(None, 0)
    database.close()
    return count * STEP


def stays(small, large):
    return large <= small * 3 + 2000


def main():
    work = tempfile.mkdtemp()
    try:
        small, large = os.path.join(work, "small.db"), os.path.join(work, "large.db")
        make(small, *SMALL)
        make(large, *LARGE)
        scan = [steps(path, "SELECT max(unread_bytes) FROM socket") for path in (small, large)]
        check("a scan of all sockets is told from a page of them", not stays(*scan), repr(scan))
        for view in STREAMING:
            counts = [steps(path, "SELECT * FROM " + view) for path in (small, large)]
            check("the first page of %s costs the same in a trace twenty times as large" % view, stays(*counts), repr(counts))
        for view, key in (("timeline", "socket_id"), ("phase", "socket_id"), ("lifecycle", "socket_id"), ("ending", "socket_id"), ("holding", "socket_id"),
                          ("exchange", "asker_id"), ("connection", "client_id")):
            counts = [steps(path, "SELECT * FROM %s WHERE %s = 2 LIMIT 2" % (view, key)) for path in (small, large)]
            check("what %s says of one socket is looked up" % view, stays(*counts), repr(counts))
    finally:
        shutil.rmtree(work)
    print("1..%d" % number)
    sys.exit(failures > 0)


main()
