#!/usr/bin/python3
"""The first page of a view costs what is shown, not what the file holds. Two traces are made by the real collector from generated records, one of
them ten times the other; the first rows of each view, and the first lines of each command, must take about as many steps of SQLite's machine in both.
Steps are counted (sqlite3_progress_handler), never timed. Prints TAP."""
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile

BUILD = os.environ.get("BUILD", "build")
SOCKLIFE = os.path.join(BUILD, "socklife")
GENERATE = os.path.join(BUILD, "bench", "generate", "generate")
SMALL, LARGE = (6000, 1200), (60000, 12000)  # calls, sockets
STEP = 50
PAGE = 40
# Views whose rows come as they are found.
STREAMING = "trace lifecycle timeline call readiness connection exchange gap summary phase ending holding".split()
# Views that are tables once a large trace is finished (collector/materialise.c).
MATERIALISED = "found_problem listener accepted_group outgoing family".split()
COMMANDS = ["ls", "ls limit:5 s700-s800", "show s60", "ladder s60", "tree", "tree --json", "check", "check --json", "check s60", "follow", "follow state:closed", "ls sort:-opened",
            "ls state:failed", "ls has:unread", "ls has:reset", "ls role:listener", "check state:failed", "tree --all", "tree state:closed"]
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


def pages(path, words):
    """Pages of the file that a command reads until its first PAGE lines are there."""
    with tempfile.NamedTemporaryFile() as log:
        command = subprocess.Popen(["strace", "-f", "-o", log.name, "-e", "trace=pread64", SOCKLIFE, words[0], path] + words[1:], stdout=subprocess.PIPE,
                                   stderr=subprocess.DEVNULL)
        for _ in range(PAGE):
            if not command.stdout.readline():
                break
        command.stdout.close()
        command.wait()
        return sum(b"pread64(" in line for line in log)


def rows(path, sql):
    database = sqlite3.connect("file:%s?mode=ro" % path, uri=True)
    found = sorted(map(repr, database.execute(sql).fetchall()))
    database.close()
    return found


def definition(path, name):
    """The text of a view that is a table in this file, without its CREATE VIEW … AS; None: it is no table."""
    database = sqlite3.connect("file:%s?mode=ro" % path, uri=True)
    found = [row[0] for row in database.execute("SELECT definition FROM materialised WHERE name = ?", (name,))]
    database.close()
    return found[0].split(" AS", 1)[1] if found else None


def says(*words):
    return subprocess.run([SOCKLIFE] + list(words), stdout=subprocess.PIPE, text=True).stdout


def listed(path, word):
    return [int(line.split(",", 1)[0]) for line in says("ls", path, "--csv", word).splitlines()[1:]]


def crowd(path):
    """Adds 50 refused connects, each from a place of its own, 200 children of one process, and a listener with nine accepted sockets far apart."""
    database = sqlite3.connect(path)
    process, address = (database.execute("SELECT min(%s) FROM %s" % column).fetchone()[0] for column in (("process_id", "process"), ("address_id", "address")))
    database.executemany("INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, caller_id, remote_id, opened_ns, connecting_ns, connect_errno, closed_ns, how_ended) "
                         "VALUES (?, 2, 1, 6, 'socket', ?, ?, ?, ?, ?, 111, ?, 'close')", [(1000 + i, process, 1000 + i, address, i, i + 1, i + 2) for i in range(50)])
    database.executemany("INSERT INTO process (process_id, pid, parent_id, program, started_ns, start_cause) VALUES (?, ?, ?, 'crowd', 1, 'fork')",
                         [(1000 + i, 1000 + i, process) for i in range(200)])
    database.executemany("INSERT INTO socket (socket_id, domain, type, protocol, origin, process_id, local_id, remote_id, parent_id, opened_ns, listening_ns, closed_ns, how_ended) "
                         "VALUES (?, 2, 1, 6, ?, ?, ?, ?, ?, ?, ?, ?, 'close')", [(2000, "socket", process, address, None, None, 1, 2, 99)] +
                         [(2000 + 100 * i, "accept", process, address, address, 2000, i, None, i + 1) for i in range(1, 10)])
    database.commit()
    database.close()


def stays(small, large):
    return large <= small * 3 + 2000


def main():
    work = tempfile.mkdtemp()
    try:
        small, large, tiny = (os.path.join(work, name) for name in ("small.db", "large.db", "tiny.db"))
        make(small, *SMALL)
        make(large, *LARGE)
        scan = [steps(path, "SELECT max(unread_bytes) FROM socket") for path in (small, large)]
        check("a scan of all sockets is told from a page of them", not stays(*scan), repr(scan))
        for view in STREAMING:
            counts = [steps(path, "SELECT * FROM " + view) for path in (small, large)]
            check("the first page of %s costs the same in a trace ten times as large" % view, stays(*counts), repr(counts))
        for view, key in (("timeline", "socket_id"), ("phase", "socket_id"), ("lifecycle", "socket_id"), ("ending", "socket_id"), ("holding", "socket_id"),
                          ("readiness", "socket_id"), ("exchange", "asker_id"), ("connection", "client_id")):
            counts = [steps(path, "SELECT * FROM %s WHERE %s = 2 LIMIT 2" % (view, key)) for path in (small, large)]
            check("what %s says of one socket is looked up" % view, stays(*counts), repr(counts))
        counts = [steps(path, "SELECT s.socket_id FROM socket s CROSS JOIN ready r ON r.socket_id = s.socket_id WHERE s.socket_id BETWEEN 2 AND 4") for path in (small, large)]
        check("what waits found of some sockets is looked up", stays(*counts), repr(counts))
        for view in ["problem"] + MATERIALISED:
            counts = [steps(path, "SELECT * FROM " + view) for path in (small, large)]
            check("the first page of %s costs the same in a finished trace ten times as large" % view, stays(*counts), repr(counts))
        check("problems of a finished trace are those of all rules", rows(large, "SELECT * FROM found_problem") == rows(large, " UNION ALL ".join(
            "SELECT '%s' AS rule, * FROM problem_%s" % (name, name.lower()) for name, in sqlite3.connect(large).execute("SELECT name FROM rule"))) != [])
        for view in MATERIALISED:
            check("the table %s holds what the view says" % view, definition(large, view) and rows(large, "SELECT * FROM " + view) == rows(large, definition(large, view)))
        unordered = os.path.join(work, "unordered.db")
        shutil.copy(large, unordered)
        with sqlite3.connect(unordered) as database:
            database.execute("DROP INDEX socket_begun")
        for words in ([], ["state:closed"]):
            check("follow %s tells the same with the index of first moments and without" % " ".join(words),
                  says("follow", large, "--csv", *words) == says("follow", unordered, "--csv", *words) != "")
        sockets = list(range(1, sqlite3.connect(large).execute("SELECT count(*) FROM socket").fetchone()[0] + 1))
        address, port, peer = sqlite3.connect(large).execute("SELECT a.text, a.port, a.host FROM socket s JOIN address a ON a.address_id = s.remote_id "
                                                             "WHERE s.socket_id = 6000").fetchone()
        for word in (address, ":%d" % port, "port:%d" % port, "port:%d,1" % port, "port:1-1023", "peer:%s" % address, "peer:%s" % peer, "local:%s*" % address[:-1],
                     "local:nowhere", "peer:nobody", "state:failed", "state:failed,listening", "state:failed,leaked", "role:listener", "has:unread,reset", "parent:s2",
                     "parent:s1", "nosuch", "server", "client", "tcp", "udp", "6", "listening", "127.0.0", "8080"):
            fits, others = listed(large, word), listed(large, "-" + word)
            check("%s selects the sockets, few or many, that -%s leaves" % (word, word), fits == sorted(fits) and sorted(fits + others) == sockets, "%d and %d" % (len(fits), len(others)))
        if shutil.which("strace"):
            for command in COMMANDS:
                counts = [pages(path, command.split()) for path in (small, large)]
                check("%s: the first lines read as many pages of a file ten times as large" % command, 0 < counts[1] <= counts[0] + 60, repr(counts))
        if shutil.which("strace"):
            few, many = (os.path.join(work, name) for name in ("few.db", "many.db"))
            for path, calls in ((few, 50000), (many, 200000)):
                subprocess.run([SOCKLIFE, "run", "-q", "-o", path, "--", os.path.join(BUILD, "bench", "workloads", "socketpair"), str(2 * calls)], check=True, stdout=subprocess.DEVNULL)
            for command in ("show s1", "ladder s1", "show s1 --all", "ladder s1 --json"):
                counts = [pages(path, command.split()) for path in (few, many)]
                check("%s: a socket with four times as many calls is read no further" % command, 0 < counts[1] <= counts[0] + 60, repr(counts))
            said = subprocess.run([SOCKLIFE, "show", many, "s1"], stdout=subprocess.PIPE, text=True).stdout
            check("what is left out is told", "calls are left out" in said, said)
            said = subprocess.run([SOCKLIFE, "show", many, "s1", "--all"], stdout=subprocess.PIPE, text=True).stdout
            check("and shown when asked for", "left out" not in said and said.count(" send ") == 200000, said[:1000])
        before = len(rows(small, "SELECT * FROM family"))
        make(small, *SMALL)
        check("recording into a finished trace goes on, and what were tables tell of all of it", len(rows(small, "SELECT * FROM family")) == 2 * before
              and rows(small, "SELECT * FROM family") == rows(small, definition(small, "family")))
        make(tiny, 60, 10)
        check("a small trace keeps its views", rows(tiny, "SELECT count(*) FROM materialised") == ["(0,)"] and rows(tiny, "SELECT count(*) FROM listener") == ["(1,)"])
        crowd(tiny)
        said, whole = says("check", tiny), says("check", tiny, "--all")
        check("of one rule twenty places are told, and how many more there are", "… and 30 more, at other places (--all)" in said and "(--all)" not in whole
              and whole.count("was refused") > said.count("was refused") >= 20, said)
        said, whole = says("tree", tiny), says("tree", tiny, "--all")
        check("sockets of a group that lie far apart come in their order", re.findall(r"s2[0-9]{3}(?= ←)", whole) == ["s%d" % (2000 + 100 * i) for i in range(1, 10)], whole)
        accepted = [row[0] for row in sqlite3.connect(large).execute("SELECT socket_id FROM socket WHERE parent_id IS NOT NULL ORDER BY socket_id")]
        check("and all of a group that lies close", [int(socket) for socket in re.findall(r"s([0-9]+)(?= ←)", says("tree", large, "--all"))] == accepted != [])
        check("of many children twelve are told, and how many more there are", "more, with their children (--all)" in said and whole.count("crowd[") == 200 > said.count("crowd["), said)
    finally:
        shutil.rmtree(work)
    print("1..%d" % number)
    sys.exit(failures > 0)


main()
