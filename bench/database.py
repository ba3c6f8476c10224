"""database.py CALLS [SOCKETS [SEED]]: what `make bench-db` runs: a database of CALLS calls on SOCKETS sockets, made by the real collector
from generated records (bench/generate), then the viewer's commands on it, each up to its first screen.

The spools are fed as fast as the collector takes them: its speed is CALLS by its processor time; the wall time also holds the
generator's. Kept: $BUILD/bench/big.db, and the report in $BUILD/bench/report-db.md.
"""
import os
import random
import re
import shutil
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
sys.dont_write_bytecode = True
os.chdir(sys.path[0])

from bench import figures, machine, tools  # noqa: E402

SCREEN_LINES = 40
DATABASE = os.path.join(tools.BUILD, "bench", "big.db")
COMMANDS = [["ls"], ["ls", "port:8080", "state:leaked"], ["ls", "sort:-duration"], ["show", "s{any}"], ["show", "s1"], ["ladder", "s{any}"],
            ["tree"], ["check"]]


def make(calls, sockets, seed):
    for name in (DATABASE, DATABASE + "-wal", DATABASE + "-shm"):
        if os.path.exists(name):
            os.unlink(name)
    shutil.rmtree(DATABASE + ".spool", ignore_errors=True)
    generator = subprocess.Popen([os.path.join(tools.BUILD, "bench", "generate", "generate"), DATABASE + ".spool", str(calls), str(sockets), str(seed)],
                                 stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert generator.stdout.readline() == "ready\n"
    started = time.monotonic()
    collector = subprocess.Popen([tools.SOCKLIFE, "collect", DATABASE], env=tools.clean_environment())
    generator.stdin.close()
    made = dict(word.split("=") for word in generator.stdout.readline().split())
    fed = time.monotonic() - started
    if generator.wait() != 0:
        raise SystemExit("bench: the generator failed")
    _, status, usage = os.wait4(collector.pid, 0)
    collector.returncode = os.waitstatus_to_exitcode(status)
    if status:
        raise SystemExit("bench: the collector failed with status %d" % collector.returncode)
    return {"calls": int(made["calls"]), "sockets": int(made["sockets"]), "fed": fed, "wall": time.monotonic() - started,
            "cpu": usage.ru_utime + usage.ru_stime, "rss": usage.ru_maxrss * 1024, "bytes": os.path.getsize(DATABASE)}


def ask(sql):
    return subprocess.run(["sqlite3", "-readonly", DATABASE, sql], stdout=subprocess.PIPE, text=True, check=True).stdout.strip()


def first_screen(words):
    """Milliseconds to the first screen (or the end, when it comes earlier), lines seen, most memory."""
    started = time.monotonic()
    viewer = subprocess.Popen([tools.SOCKLIFE, words[0], DATABASE] + words[1:], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                              env=dict(tools.clean_environment(), COLUMNS="100"))
    lines = 0
    while lines < SCREEN_LINES and viewer.stdout.readline():
        lines += 1
    spent = (time.monotonic() - started) * 1e3
    viewer.stdout.close()
    _, status, usage = os.wait4(viewer.pid, 0)
    viewer.returncode = os.waitstatus_to_exitcode(status)
    return spent, lines, usage.ru_maxrss / 1024, (time.monotonic() - started) * 1e3


def commands_there():
    text = subprocess.run([tools.SOCKLIFE, "help"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout
    return set(re.findall(r"^ +(\w+)", text, re.M))


def main():
    calls = int(float(sys.argv[1])) if len(sys.argv) > 1 else 1000000
    sockets = int(float(sys.argv[2])) if len(sys.argv) > 2 else 100000
    seed = int(sys.argv[3]) if len(sys.argv) > 3 else 1
    rounds = int(os.environ.get("ROUNDS", "5"))
    random.seed(seed)
    text = [machine.heading("socklife bench-db", "make bench-db CALLS=%d SOCKETS=%d SEED=%d" % (calls, sockets, seed))]
    made = make(calls, sockets, seed)
    rows = int(ask("SELECT count(*) FROM call"))
    found = int(ask("SELECT count(*) FROM socket"))
    text.append(figures.table(["", ""], [
        ["calls generated, in the database", "%s, %s (%d lost)" % (format(made["calls"], ","), format(rows, ","), made["calls"] - rows)],
        ["sockets generated, in the database", "%s, %s" % (format(made["sockets"], ","), format(found, ","))],
        ["collector: processor time", "%.1f s: %s calls a second and processor" % (made["cpu"], format(round(made["calls"] / made["cpu"]), ","))],
        ["wall time, generator included", "%.1f s (all fed after %.1f s)" % (made["wall"], made["fed"])],
        ["collector: most memory", "%.0f MB" % (made["rss"] / 1e6)],
        ["finished file", "%.1f MB: %.1f bytes a call" % (made["bytes"] / 1e6, made["bytes"] / rows)],
    ]))
    there = commands_there()
    wanted = [words for words in COMMANDS if words[0] in there]
    spent = {" ".join(words): [] for words in wanted}
    for _ in range(rounds):
        for words in wanted:
            one = [word.format(any=random.randrange(2, found)) for word in words]
            spent[" ".join(words)].append(first_screen(one))
    text.append("**First screen (%d lines) of the viewer**: median (quartiles) of %d\n\n" % (SCREEN_LINES, rounds) + figures.table(
        ["command", "ms to the first screen", "ms until it had ended", "lines", "most memory, MB"],
        [["`%s`" % name.format(any="N"), figures.spread([one[0] for one in runs], "%.0f"), figures.spread([one[3] for one in runs], "%.0f"),
          "%.0f" % figures.median([one[1] for one in runs]), "%.0f" % max(one[2] for one in runs)] for name, runs in spent.items()]))
    report = "\n".join(text)
    with open(os.path.join(tools.BUILD, "bench", "report-db.md"), "w") as file:
        file.write(report)
    print(report)


main()
