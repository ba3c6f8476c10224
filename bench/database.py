"""database.py CALLS [SOCKETS [SEED [SHAPE]]]: what `make bench-db` runs: a database of CALLS calls on SOCKETS sockets, made by the real collector
from generated records (bench/generate), then the viewer's commands on it, each up to its first screen. With BASE in the environment, the path of
another build directory: only the two collectors, in turn, ROUNDS times.

The spools are fed as fast as the collector takes them: its speed is CALLS by its processor time; the wall time also holds the
generator's. Kept: $BUILD/bench/big.db, and the report in $BUILD/bench/report-db.md.
"""
import os
import random
import re
import select
import shutil
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
sys.dont_write_bytecode = True
os.chdir(sys.path[0])

from bench import figures, machine, tools  # noqa: E402

SCREEN_LINES = 40
BOUND_MS, BOUND_MB = 100, 100 # what a first screen may take
DATABASE = os.path.join(tools.BUILD, "bench", "big.db")
# {any}: a socket drawn anew each round; {most}: the one with the most calls.
COMMANDS = [
    ["ls"], ["show", "s{any}"], ["show", "s1"], ["show", "s{most}"], ["show", "s{most}", "--all"], ["show", "s{any}", "--json"],
    ["ladder", "s{any}"], ["ladder", "s{most}"], ["ladder", "s{any}", "--json"],
    ["tree"], ["tree", ":8080"], ["tree", "--all"], ["tree", "--json"],
    ["check"], ["check", "s{any}"], ["check", "state:leaked"], ["check", "--json"],
    ["follow"], ["follow", ":8080"], ["follow", "state:failed"], ["follow", "--json"],
    ["ls", "--json"], ["ls", "--csv"],
]
# Each word of the filter language alone: some select nearly all sockets, some a few, some none.
FILTERS = ["s{any}", "state:closed", "state:leaked", "state:open", "role:listener", "role:accepted", "proto:tcp", "proto:udp", "port:8080", "port:12345", ":8081",
           "local:127.0.0.1:8080", "peer:127.0.0.1", "peer:10.0.0.1", "peer:s5", "proc:server", "proc:nosuch", "pid:1", "fd:7", "parent:s1", "error:ECONNREFUSED",
           "has:error", "has:peer", "has:name", "has:data", "has:unread", "age>1s", "tx>1M", "calls>1000", "server", "nosuch", "127.0.0.1:55555", "-server", "-proto:tcp",
           "port:8080 state:leaked"]
SORTS = ["id", "opened", "age", "wait", "tx", "rx", "calls", "errors", "accepted"]
VIEWS = ["trace", "lifecycle", "timeline", "call", "readiness", "connection", "exchange", "gap", "problem", "summary", "phase", "ending", "holding", "listener",
         "accepted_group", "outgoing", "family"]


def anonymous_bytes(pid):
    """Memory of the process's own: not the pages of the spools, which it maps as well. 0: it has ended."""
    try:
        with open("/proc/%d/status" % pid) as status:
            return next((int(line.split()[1]) * 1024 for line in status if line.startswith("RssAnon")), 0)
    except OSError:
        return 0


def make(calls, sockets, seed, shape, build=tools.BUILD):
    for name in (DATABASE, DATABASE + "-wal", DATABASE + "-shm"):
        if os.path.exists(name):
            os.unlink(name)
    shutil.rmtree(DATABASE + ".spool", ignore_errors=True)
    generator = subprocess.Popen([os.path.join(tools.BUILD, "bench", "generate", "generate"), DATABASE + ".spool", str(calls), str(sockets), str(seed), shape],
                                 stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert generator.stdout.readline() == "ready\n"
    started = time.monotonic()
    collector = subprocess.Popen([os.path.join(build, "socklife"), "collect", DATABASE], env=tools.clean_environment())
    generator.stdin.close()
    most = 0
    while not select.select([generator.stdout], [], [], 0.02)[0]:
        most = max(most, anonymous_bytes(collector.pid))
    made = dict(word.split("=") for word in generator.stdout.readline().split())
    fed = time.monotonic() - started
    if generator.wait() != 0:
        raise SystemExit("bench: the generator failed")
    ended = 0
    while not ended:
        most = max(most, anonymous_bytes(collector.pid))
        time.sleep(0.02)
        ended, status, usage = os.wait4(collector.pid, os.WNOHANG)
    collector.returncode = os.waitstatus_to_exitcode(status)
    if status:
        raise SystemExit("bench: the collector failed with status %d" % collector.returncode)
    return {"calls": int(made["calls"]), "sockets": int(made["sockets"]), "fed": fed, "wall": time.monotonic() - started,
            "cpu": usage.ru_utime + usage.ru_stime, "rss": most, "bytes": os.path.getsize(DATABASE)}


def sqlite_alone():
    """What SQLite itself takes for such rows (bench/rows), in nanoseconds of the processor a call."""
    place = os.path.dirname(DATABASE)
    out = subprocess.run([os.path.join(place, "rows", "rows"), DATABASE, place], stdout=subprocess.PIPE, text=True, check=True).stdout
    told = {name: int(value) for name, value in (word.split("=") for word in out.split())}
    return "%.0f ns a call as they are stored, %.0f without any key" % (told["clustered_ns"] / told["calls"], told["keyless_ns"] / told["calls"])


def ask(sql):
    return subprocess.run(["sqlite3", "-readonly", DATABASE, sql], stdout=subprocess.PIPE, text=True, check=True).stdout.strip()


def first_screen(words):
    """Milliseconds to the first screen (or the end, when it comes earlier), lines seen, most memory, milliseconds to the end, of the processor."""
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
    return spent, lines, usage.ru_maxrss / 1024, (time.monotonic() - started) * 1e3, (usage.ru_utime + usage.ru_stime) * 1e3


def first_rows(sql):
    """The same in a plain SQLite shell."""
    started = time.monotonic()
    shell = subprocess.Popen(["sqlite3", "-readonly", DATABASE, sql], stdout=subprocess.PIPE, text=True)
    lines = len(shell.stdout.readlines())
    spent = (time.monotonic() - started) * 1e3
    _, status, usage = os.wait4(shell.pid, 0)
    shell.returncode = os.waitstatus_to_exitcode(status)
    return spent, lines, usage.ru_maxrss / 1024, spent, (usage.ru_utime + usage.ru_stime) * 1e3


def commands_there():
    text = subprocess.run([tools.SOCKLIFE, "help"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout
    return set(re.findall(r"^ +(\w+)", text, re.M))


def compare(calls, sockets, seed, shape, rounds):
    """Both collectors on the same script, in an order drawn anew each round: what other work on the machine disturbs least is the best run."""
    builds = {"this build": tools.BUILD, "BASE": tools.BASE}
    runs = {name: [] for name in builds}
    for _ in range(rounds):
        for name in random.sample(list(builds), len(builds)):
            runs[name].append(make(calls, sockets, seed, shape, builds[name]))
    best = {name: min(one["cpu"] for one in done) for name, done in runs.items()}
    return "**The collector**, %d rounds\n\n" % rounds + figures.table(
        ["", "processor time, s: best", "ratio", "median (quartiles)", "ratio of rounds", "calls a second and processor, best", "most memory of its own, MB", "bytes a call"],
        [[name, "%.2f" % best[name], "%.3f" % (best[name] / best["BASE"]), figures.spread([one["cpu"] for one in done]),
          figures.ratio_form([one["cpu"] / base["cpu"] for one, base in zip(done, runs["BASE"])]), format(round(done[0]["calls"] / best[name]), ","),
          "%.0f" % max(one["rss"] / 1e6 for one in done), "%.1f" % (done[0]["bytes"] / done[0]["calls"])] for name, done in runs.items()])


def main():
    calls = int(float(sys.argv[1])) if len(sys.argv) > 1 else 1000000
    sockets = int(float(sys.argv[2])) if len(sys.argv) > 2 else 100000
    seed = int(sys.argv[3]) if len(sys.argv) > 3 else 1
    shape = sys.argv[4] if len(sys.argv) > 4 else "groups"
    rounds = int(os.environ.get("ROUNDS", "5"))
    random.seed(seed)
    text = [machine.heading("socklife bench-db", "make bench-db CALLS=%d SOCKETS=%d SEED=%d SHAPE=%s%s" % (
        calls, sockets, seed, shape, " BASE=…" if tools.BASE else ""))]
    if tools.BASE:
        print("\n".join(text + [compare(calls, sockets, seed, shape, rounds)]))
        return
    made = make(calls, sockets, seed, shape)
    rows = int(ask("SELECT count(*) FROM call"))
    found = int(ask("SELECT count(*) FROM socket"))
    text.append(figures.table(["", ""], [
        ["calls generated, in the database", "%s, %s (%d lost)" % (format(made["calls"], ","), format(rows, ","), made["calls"] - rows)],
        ["sockets generated, in the database", "%s, %s" % (format(made["sockets"], ","), format(found, ","))],
        ["collector: processor time", "%.1f s: %s calls a second and processor" % (made["cpu"], format(round(made["calls"] / made["cpu"]), ","))],
        ["of it SQLite alone, inserting such rows (bench/rows)", sqlite_alone()],
        ["wall time, generator included", "%.1f s (all fed after %.1f s)" % (made["wall"], made["fed"])],
        ["collector: most memory of its own", "%.0f MB" % (made["rss"] / 1e6)],
        ["finished file", "%.1f MB: %.1f bytes a call" % (made["bytes"] / 1e6, made["bytes"] / rows)],
    ]))
    there = commands_there()
    most = ask("SELECT socket_id FROM socket ORDER BY calls DESC LIMIT 1")
    wanted = [words for words in COMMANDS + [["ls"] + word.split() for word in FILTERS] + [["ls", "sort:-" + key] for key in SORTS] if words[0] in there]
    wanted += [["query", "SELECT * FROM %s LIMIT %d" % (view, SCREEN_LINES)] for view in VIEWS if "query" in there]
    spent = {" ".join(words): [] for words in wanted}
    plain = {view: [] for view in VIEWS}
    for _ in range(rounds):
        for words in wanted:
            one = [word.format(any=random.randint(min(2, found), found), most=most) for word in words]
            spent[" ".join(words)].append(first_screen(one))
        for view in VIEWS:
            plain[view].append(first_rows("SELECT * FROM %s LIMIT %d" % (view, SCREEN_LINES)))

    def row(name, runs):
        return ["`%s`" % name, figures.spread([one[0] for one in runs], "%.0f"), figures.spread([one[3] for one in runs], "%.0f"),
                figures.spread([one[4] for one in runs], "%.0f"), "%.0f" % figures.median([one[1] for one in runs]), "%.0f" % max(one[2] for one in runs)]

    heads = ["command", "ms to the first screen", "ms until it had ended", "of the processor", "lines", "most memory, MB"]
    text.append("**First screen (%d lines) of the viewer**: median (quartiles) of %d\n\n" % (SCREEN_LINES, rounds) + figures.table(
        heads, [row(name.format(any="N", most="M"), runs) for name, runs in spent.items()]))
    text.append("**The first %d rows in sqlite3's own shell**: `SELECT * FROM` each view\n\n" % SCREEN_LINES + figures.table(
        heads, [row(view, runs) for view, runs in plain.items()]))
    late = [name.format(any="N", most="M") for name, runs in spent.items() if figures.median([one[0] for one in runs]) > BOUND_MS]
    large = [name.format(any="N", most="M") for name, runs in spent.items() if max(one[2] for one in runs) > BOUND_MB]
    text.append("Later than %d ms: %s. More than %d MB: %s.\n" % (BOUND_MS, ", ".join("`%s`" % name for name in late) or "none",
                                                                 BOUND_MB, ", ".join("`%s`" % name for name in large) or "none"))
    report = "\n".join(text)
    with open(os.path.join(tools.BUILD, "bench", "report-db.md"), "w") as file:
        file.write(report)
    print(report)


main()
