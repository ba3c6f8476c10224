#!/usr/bin/python3
"""
test_races.py: threads that meet on one descriptor. Which of two calls the kernel serves first nobody can say, but how many of them succeeded the program
knows: the recording must have the same number of each outcome, and every socket must end with one close. No rule's time may grow with the square of the sockets that
had one number.
"""
import collections
import os
import re
import sqlite3
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
BUILD = os.path.abspath(os.environ.get("BUILD", os.path.join(HERE, "../../build")))
ROUNDS = 3000


def outcomes(directory):
    """What the program says it met, and its recording."""
    path = os.path.join(directory, "trace.db")
    done = subprocess.run([os.path.join(BUILD, "socklife"), "run", "-q", "-o", path, os.path.join(BUILD, "tests/programs/close_race"), str(ROUNDS)],
                          capture_output=True, text=True, timeout=300)
    said = {(call, outcome): int(count) for call, outcome, count in re.findall(r"(\w+) (\w+) (\d+)", done.stdout)}
    return said, sqlite3.connect(path)


def steps(database, view):
    """How many thousands of instructions SQLite takes for it."""
    count = [0]

    def one_more():
        count[0] += 1

    database.set_progress_handler(one_more, 1000)
    database.execute(f"SELECT count(*) FROM {view}").fetchone()
    database.set_progress_handler(None, 0)
    return count[0]


def slow_rules(database):
    """Rules that take more than five thousand steps a socket; what grows with the square of their number took 18 for 2,000 sockets, 27 for 3,000."""
    sockets, = database.execute("SELECT count(*) FROM socket").fetchone()
    views = [name for name, in database.execute("SELECT name FROM sqlite_schema WHERE type = 'view' AND name LIKE 'problem%'")]
    counts = {view: steps(database, view) for view in views}
    if len(views) < 20 or not sum(counts.values()):
        return f"{counts}: those are not all"
    return ", ".join(f"{view}: {count} thousand steps for {sockets} sockets" for view, count in counts.items() if count > 5 * sockets)


def complaints():
    with tempfile.TemporaryDirectory() as directory:
        said, database = outcomes(directory)
        found = collections.Counter((call, errno or "0") for call, errno in database.execute("SELECT call, errno FROM timeline WHERE call IN ('close', 'sendto')"))
        ends = database.execute("SELECT how_ended, count(*) FROM lifecycle GROUP BY 1").fetchall()
        closes = database.execute("SELECT n, count(*) FROM (SELECT count(*) AS n FROM timeline WHERE call = 'close' AND result = 0 GROUP BY socket_id) GROUP BY n").fetchall()
        slow = slow_rules(database)
    said = {key: count for key, count in said.items() if count}
    yield "every outcome of racing calls is recorded", "" if said == dict(found) else f"the program met {said}, recorded are {dict(found)}"
    yield "every socket ends with its close", "" if ends == [("close", 2 * ROUNDS)] else f"ends: {ends}"
    yield "every socket was closed once", "" if closes == [(1, 2 * ROUNDS)] else f"closes that succeeded, sockets with so many: {closes}"
    yield "no rule takes time with the square of the sockets that had one number", slow


failed = 0
tests = list(complaints())
print(f"1..{len(tests)}")
for title, complaint in tests:
    print(f"{'not ok' if complaint else 'ok'} - {title}")
    if complaint:
        print("# " + complaint)
    failed += bool(complaint)
sys.exit(1 if failed else 0)
