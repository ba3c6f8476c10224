#!/usr/bin/python3
"""
test_lossless.py: kills the program, the collector, both or the launcher with SIGKILL at random moments and compares the database
afterwards with what the program itself had counted (count.c): every call that had returned is there, none twice, and the database is
sound. KILLS: how many programs to kill (default 40; `make soak` sets 600). Prints TAP.
"""
import glob, os, random, signal, sqlite3, struct, subprocess, sys, tempfile, time

os.chdir(os.path.dirname(os.path.abspath(__file__)) + "/../..")
BUILD = os.path.abspath(os.environ.get("BUILD", "build"))
KILLS = int(os.environ.get("KILLS", "40"))
SEED = int(os.environ.get("SEED", str(int(time.time()))))
KINDS = ["socketpair", "send", "recv", "close"]
random.seed(SEED)
work = tempfile.mkdtemp(prefix="lossless.", dir=os.environ.get("TMPDIR"))
tests = []


def counted(path, begun=False):
    """What the threads counted, of calls that have returned or of those that they were about to make: a list of {kind: count}."""
    data = open(path, "rb").read()
    rows = [struct.unpack_from("<8Q", data, at) for at in range(0, len(data), 64)]
    return [dict(zip(KINDS, row[4:] if begun else row)) for row in rows if any(row)]


def start(database, counts, threads, collector="none", rounds=None, spool_max="64M", how=None):
    environment = dict(os.environ, LD_PRELOAD=BUILD + "/libsocklife.so", SOCKLIFE_DB=database, SOCKLIFE_COLLECTOR=collector,
        SOCKLIFE_SPOOL_MAX=spool_max)
    return subprocess.Popen([BUILD + "/tests/harmless/count", counts, str(threads)] + ([str(rounds or 0)] + ([how] if how else [])), env=environment)


def collector(database):
    return subprocess.Popen([BUILD + "/socklife", "collect", database], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def kill(process):
    process.kill()
    process.wait()


def ingest(database):
    """The next collector takes over what is left; so does the next viewer command, without one."""
    if random.random() < 0.5:
        done = subprocess.run([BUILD + "/socklife", "collect", database], capture_output=True, text=True, timeout=120)
    else:
        done = subprocess.run([BUILD + "/socklife", "check", database], capture_output=True, text=True, timeout=120)
        done.returncode = 0 if done.returncode in (1, 2) else done.returncode  # it found something, or a gap
    listed = subprocess.run([BUILD + "/socklife", "ls", database], capture_output=True, text=True, timeout=120)
    problems = []
    if done.returncode:
        problems.append("%s ended with %d: %s" % (done.args[1], done.returncode, done.stderr.strip()))
    if listed.returncode:
        problems.append("ls ended with %d: %s" % (listed.returncode, listed.stderr.strip()))
    return problems


def compare(database, expected):
    """expected: {pid: path of its counts}. Returns (problems, calls stored)."""
    problems, stored = [], 0
    db = sqlite3.connect(database)
    verdict = db.execute("PRAGMA integrity_check").fetchone()[0]
    if verdict != "ok":
        problems.append("integrity_check: " + verdict)
    dropped = dict(db.execute("SELECT p.pid, sum(m.count) FROM missing m JOIN process p USING (process_id) WHERE m.reason = 'dropped' GROUP BY 1"))
    for pid, path in expected.items():
        threads, starts = counted(path), counted(path, begun=True)
        rows = db.execute("SELECT k.name, count(*), count(c.result) FROM call c JOIN call_kind k USING (call_kind_id) JOIN thread t USING (thread_id) "
            "JOIN process p USING (process_id) WHERE p.pid = ? GROUP BY 1", (pid,)).fetchall()
        returned = {name: finished for name, _, finished in rows}
        begun = {name: all_ for name, all_, _ in rows}
        short = over = 0
        for kind in KINDS:
            told = sum(thread[kind] for thread in threads)
            stored += returned.get(kind, 0)
            short += max(0, told - returned.get(kind, 0))
            over += max(0, begun.get(kind, 0) - sum(thread[kind] for thread in starts))
        missing = dropped.get(pid, 0)
        if over:
            problems.append("pid %d: %d calls too many (stored %s, counted %s)" % (pid, over, begun, starts))
        if short > missing:
            problems.append("pid %d: %d calls lost, the gap says %d (stored %s)" % (pid, short, missing, returned))
        if missing and abs(missing - short) > 2 * max(1, len(threads)):
            problems.append("pid %d: the gap says %d, really missing are %d" % (pid, missing, short))
    return problems, stored


def report(name, problems, note=""):
    tests.append(not problems)
    print("%s %d - %s%s" % ("not ok" if problems else "ok", len(tests), name, note))
    for problem in problems[:8]:
        print("# " + problem)
    sys.stdout.flush()


def notices(database, expected):
    """The comparison can fail: with more calls in the oracle than were made, or fewer, it must. Each thread may have been between a call and its count."""
    pid, path = max(expected.items(), key=lambda item: os.path.getsize(item[1]))
    more = len(counted(path, begun=True)) + 1
    problems = []
    with open(path, "r+b") as counts:
        row = list(struct.unpack("<8Q", counts.read(64)))
        for at, change, what in ((1, more, "%d sends that were never made were not missed" % more), (5, -more, "%d sends that nobody made were not noticed" % more)):
            changed = row[:]
            changed[at] += change
            if changed[at] < 0:
                continue
            counts.seek(0)
            counts.write(struct.pack("<8Q", *changed))
            counts.flush()
            if not compare(database, {pid: path})[0]:
                problems.append(what)
    return problems


def round_of_kills(name, count, strike):
    problems, kills, stored = [], 0, 0
    batch = 0
    while kills < count:
        batch += 1
        database = "%s/%s-%d.db" % (work, name.replace(" ", "-"), batch)
        expected = {}
        for _ in range(min(10, count - kills)):
            counts = "%s.%d.counts" % (database, kills)
            expected.update(strike(database, counts))
            kills += 1
        problems += ingest(database)
        found, calls = compare(database, expected)
        problems += found
        if expected and not found:
            problems += notices(database, expected)
        stored += calls
        if found:
            problems.append("kept: " + database)
            break
        subprocess.run(["rm", "-rf"] + [work + "/" + entry for entry in os.listdir(work)])
    report("%s killed at random moments: nothing lost, nothing twice" % name, problems, " (%d kills, %d calls, seed %d)" % (kills, stored, SEED))


def pause():
    time.sleep(random.choice([0.002, 0.01, 0.03, 0.06]) * (0.5 + random.random()))


def program_alone(database, counts):
    process = start(database, counts, random.choice([1, 1, 2, 4]))
    pause()
    kill(process)
    return {process.pid: counts} if os.path.exists(counts) else {}


def program_with_collector(database, counts):
    process = start(database, counts, random.choice([1, 2]))
    time.sleep(0.01)
    reader = collector(database)
    pause()
    kill(process)
    reader.wait(timeout=60)
    return {process.pid: counts} if os.path.exists(counts) else {}


def collector_only(database, counts):
    process = start(database, counts, random.choice([1, 2]), rounds=random.choice([20, 100, 300]))
    for _ in range(3):
        reader = collector(database)
        pause()
        kill(reader)
    process.wait(timeout=60)
    return {process.pid: counts}


def both(database, counts):
    process = start(database, counts, random.choice([1, 2]))
    reader = collector(database)
    pause()
    pause()
    first, second = random.sample([process, reader], 2)
    kill(first)
    if random.random() < 0.5:
        time.sleep(random.random() * 0.01)
    kill(second)
    return {process.pid: counts} if os.path.exists(counts) else {}


def descendants(pid):
    """The process that the launcher started: the child whose program is count."""
    for entry in os.listdir("/proc"):
        try:
            fields = open("/proc/%s/stat" % entry).read().rsplit(")", 1)[1].split()
            if int(fields[1]) == pid and os.readlink("/proc/%s/exe" % entry).endswith("/count"):
                return int(entry)
        except (OSError, ValueError, IndexError):
            pass
    return None


def launcher(database, counts):
    # `run` begins a new database: each kill has one of its own.
    database = counts + ".db"
    run = subprocess.Popen([BUILD + "/socklife", "run", "-q", "-o", database, BUILD + "/tests/harmless/count", counts, "1"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    program = None
    until = time.time() + 5
    while program is None and time.time() < until:
        program = descendants(run.pid)
    pause()
    kill(run)
    pause()
    problems = []
    if program:
        try:
            os.kill(program, signal.SIGKILL)
        except ProcessLookupError:
            problems.append("the program died with its launcher")
    while program and os.path.exists("/proc/%d" % program):
        time.sleep(0.005)
    problems += ingest(database)
    if program and os.path.exists(counts):
        found, _ = compare(database, {program: counts})
        problems += found
    launcher.problems += problems
    return {}


launcher.problems = []


def stopped_collector(spool_max, name):
    """Eight threads at full speed while the collector stands still: all arrive, or the gap says how many did not; the disk holds no more than the limit."""
    database = "%s/stopped.db" % work
    counts = database + ".counts"
    process = start(database, counts, 8, spool_max=spool_max)
    time.sleep(0.02)
    reader = collector(database)
    time.sleep(0.05)
    os.kill(reader.pid, signal.SIGSTOP)
    time.sleep(1.5)
    on_disk = sum(os.stat("%s.spool/%s" % (database, name)).st_blocks * 512 for name in os.listdir(database + ".spool"))
    os.kill(reader.pid, signal.SIGCONT)
    time.sleep(0.3)
    kill(process)
    reader.wait(timeout=120)
    problems = ingest(database)
    if on_disk > (int(spool_max[:-1]) << 20) + 65536:
        problems.append("%d bytes on disk, limit %s" % (on_disk, spool_max))
    found, stored = compare(database, {process.pid: counts})
    told = sum(sum(thread.values()) for thread in counted(counts))
    gap = sqlite3.connect(database).execute("SELECT coalesce(sum(count), 0) FROM missing WHERE reason = 'dropped'").fetchone()[0]
    report(name, problems + found, " (%d calls made, %d stored, %d in the gap)" % (told, stored, gap))
    if not (problems + found):
        subprocess.run(["rm", "-rf"] + [work + "/" + entry for entry in os.listdir(work)])


def sockets_of(database):
    try:
        with sqlite3.connect("file:%s?mode=ro" % database, uri=True) as db:
            return db.execute("SELECT count(*) FROM socket").fetchone()[0]
    except sqlite3.Error:
        return 0


def busy_processors():
    """Others need every processor. What is recorded waits in the spool, beyond what may wait there too, and all of it arrives; a program that does little is
    seen while it lives."""
    database = "%s/busy.db" % work
    counts = database + ".counts"
    others = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(2 * os.cpu_count())]
    problems = []
    try:
        run = subprocess.run([BUILD + "/socklife", "run", "-q", "--spool-max=64M", "-o", database, BUILD + "/tests/harmless/count", counts, "1", "2000"], timeout=300)
        if run.returncode:
            problems.append("run ended with %d" % run.returncode)
        quiet = start_quiet(database + ".quiet")
        deadline = time.time() + 60
        while not glob.glob(database + ".quiet.spool/*.spool") and time.time() < deadline:
            time.sleep(0.01)
        reader = collector(database + ".quiet")
        while sockets_of(database + ".quiet") == 0 and time.time() < deadline:
            time.sleep(0.05)
        if sockets_of(database + ".quiet") != 1:
            problems.append("a socket was not seen while its program lived")
        kill(quiet)
        reader.wait(timeout=60)
    finally:
        for other in others:
            kill(other)
    pid = sqlite3.connect(database).execute("SELECT pid FROM process").fetchone()[0]
    found, stored = compare(database, {pid: counts})
    told = sum(sum(thread.values()) for thread in counted(counts))
    if told != stored:
        problems.append("%d calls made, %d stored" % (told, stored))
    report("others need every processor: all arrives", problems + found, " (%d calls)" % stored)


def start_quiet(database):
    environment = dict(os.environ, LD_PRELOAD=BUILD + "/libsocklife.so", SOCKLIFE_DB=database, SOCKLIFE_COLLECTOR="none")
    return subprocess.Popen([sys.executable, "-c", "import socket, time; s = socket.socket(); time.sleep(100)"], env=environment)


def family(number):
    """Forks, execs, threads and signal handlers all at work; children killed, then the program: exact accounting of all of them."""
    database = "%s/family-%d.db" % (work, number)
    counts = database + ".counts"
    process = start(database, counts, random.choice([1, 2, 3]), how=random.choice(["s", "sf", "sfe"]))
    reader = collector(database) if random.random() < 0.7 else None
    time.sleep(0.2 + random.random() * 0.4)
    kill(process)
    if reader and random.random() < 0.5:
        kill(reader)
        reader = None
    # Children that the program had just begotten go on, and may not have counted yet; the collector stays for as long as one lives.
    deadline = time.time() + 60
    quiet = 0
    while time.time() < deadline and quiet < 3:
        expected = {process.pid: counts} if os.path.exists(counts) else {}
        for entry in os.listdir(work):
            if entry.startswith(os.path.basename(counts) + "."):
                expected[int(entry.rsplit(".", 1)[1])] = "%s/%s" % (work, entry)
        living = 0
        for pid in expected:
            try:
                if pid != process.pid and os.readlink("/proc/%d/exe" % pid).endswith("/count"):
                    os.kill(pid, signal.SIGKILL)
                    living += 1
            except OSError:
                pass
        quiet = 0 if living or reader and reader.poll() is None else quiet + 1
        time.sleep(0.02)
    if reader:
        reader.wait(timeout=60)
    problems = ingest(database)
    found, calls = compare(database, expected)
    family.calls += calls
    family.processes += len(expected)
    if not problems + found:
        subprocess.run(["rm", "-rf"] + [work + "/" + entry for entry in os.listdir(work)])
    return problems + found


family.calls = family.processes = 0
share = max(1, KILLS // 5)
problems = []
for number in range(max(2, share // 4)):
    problems += family(number)
report("forks, execs, threads and signals at work, all killed", problems, " (%d processes, %d calls, seed %d)" % (family.processes, family.calls, SEED))
round_of_kills("program", share, program_alone)
round_of_kills("program with a collector", share, program_with_collector)
round_of_kills("collector", share, collector_only)
round_of_kills("both", share, both)
for number in range(share):
    launcher(None, "%s/launcher.%d" % (work, number))
report("launcher killed at random moments: the program lives on, nothing lost", launcher.problems, " (%d kills, seed %d)" % (share, SEED))
stopped_collector("512M", "eight threads with the collector stopped, room enough")
stopped_collector("8M", "eight threads with the collector stopped, a spool of 8 MB")
busy_processors()
print("1..%d" % len(tests))
if all(tests):
    subprocess.run(["rm", "-rf", work])
sys.exit(0 if all(tests) else 1)
