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


def outcomes(directory, rounds=ROUNDS):
    """What the program says it met, and its recording."""
    path = os.path.join(directory, f"{rounds}.db")
    done = subprocess.run([os.path.join(BUILD, "socklife"), "run", "-q", "-o", path, os.path.join(BUILD, "tests/programs/close_race"), str(rounds)],
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


def growth():
    """Rules that take more than five times as long for three times as many sockets."""
    with tempfile.TemporaryDirectory() as directory:
        small, large = (outcomes(directory, rounds)[1] for rounds in (ROUNDS // 6, ROUNDS // 2))
        views = [name for name, in small.execute("SELECT name FROM sqlite_schema WHERE type = 'view' AND name LIKE 'problem%'")]
        pairs = [(view, steps(small, view), steps(large, view)) for view in views]
    return ", ".join(f"{view}: {before} → {after} thousand steps" for view, before, after in pairs if after > 5 * before + 50), len(views)


def complaints():
    with tempfile.TemporaryDirectory() as directory:
        said, database = outcomes(directory)
        found = collections.Counter((call, errno or "0") for call, errno in database.execute("SELECT call, errno FROM timeline WHERE call IN ('close', 'sendto')"))
        ends = database.execute("SELECT how_ended, count(*) FROM lifecycle GROUP BY 1").fetchall()
        closes = database.execute("SELECT n, count(*) FROM (SELECT count(*) AS n FROM timeline WHERE call = 'close' AND result = 0 GROUP BY socket_id) GROUP BY n").fetchall()
    said = {key: count for key, count in said.items() if count}
    yield "every outcome of racing calls is recorded", "" if said == dict(found) else f"the program met {said}, recorded are {dict(found)}"
    yield "every socket ends with its close", "" if ends == [("close", 2 * ROUNDS)] else f"ends: {ends}"
    yield "every socket was closed once", "" if closes == [(1, 2 * ROUNDS)] else f"closes that succeeded, sockets with so many: {closes}"
    steep, rules = growth()
    yield "rules take time in proportion to the sockets", steep or ("" if rules > 20 else f"only {rules} rules")


failed = 0
tests = list(complaints())
print(f"1..{len(tests)}")
for title, complaint in tests:
    print(f"{'not ok' if complaint else 'ok'} - {title}")
    if complaint:
        print("# " + complaint)
    failed += bool(complaint)
sys.exit(1 if failed else 0)
