"""
suites.py: runs test suites of other projects untraced and traced, and compares test by test. Used by test_suites.py (the bounded part) and
run.py (`make suites`).

A suite is described by a file NAME.suite beside this one, lines of `key: value`:

    about:     what it exercises
    package:   a Debian package it needs, once a line; {python} is the version of /usr/bin/python3
    source:    a Debian source package, fetched and unpacked to {source}
    build:     shell, once, in {source}: makes the tests
    command:   shell, in an empty directory; {part} stands for one part, {results} for a file, {port} for a free port
    one:       the same for a single test {test}, if the suite can: what differed is repeated with this
    part:      a part that runs alone, once a line; `part quick:` belongs to `make check` too
    results:   `junit` (an XML file at {results}), or `lines REGEX` with groups `test` and `outcome` over what the command prints
    least:     so many tests the suite must have: fewer are a failure
    seconds:   limit of one run of a part (default 300)
    except:    a test that is not compared, and after a dash the reason; the test may end with *

Each part runs in three ways: plain; under `socklife run`; with plain LD_PRELOAD. The outcome of every test must be the same in all three. One that is
not is repeated in all three ways: when each outcome seen traced was seen untraced as well, and the commonest untraced was seen traced, the
test is called flaky and named; else it differs, and that is a failure. The exit status counts as a test of its own.
"""
import collections
import os
import re
import shlex
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import xml.etree.ElementTree

HERE = os.path.dirname(os.path.abspath(__file__))
BUILD = os.path.abspath(os.environ.get("BUILD", os.path.join(HERE, "..", "..", "build")))
PLACE = os.path.join(BUILD, "suites")
WAYS = ("plain", "run", "preload")
REPEATS = 3          # of what differed, in each way
PLAIN_REPEATS = 8    # more untraced ones, when an outcome was only seen traced
STATUS = "(exit status)"
NEVER = "(not run)"


class Suite:
    """One description."""

    def __init__(self, path):
        self.name = os.path.basename(path)[:-len(".suite")]
        self.packages, self.parts, self.quick, self.exceptions = [], [], [], []
        self.about = self.source = self.build = self.command = self.one = self.results = ""
        self.least, self.seconds = 1, 300
        with open(path) as lines:
            for line in lines:
                if line.strip() and not line.startswith("#"):
                    key, value = line.rstrip("\n").split(":", 1)
                    self.take(key.strip(), value.strip())

    def take(self, key, value):
        if key == "package":
            self.packages.append(value.replace("{python}", python_version()))
        elif key in ("part", "part quick"):
            self.parts.append(value)
            if key == "part quick":
                self.quick.append(value)
        elif key == "except":
            self.exceptions.append(value.split(" - ")[0].strip())
        elif key in ("least", "seconds"):
            setattr(self, key, int(value))
        elif key in ("about", "source", "build", "command", "one", "results"):
            setattr(self, key, value)
        else:
            raise ValueError("%s: %s: no such key" % (self.name, key))

    def is_excepted(self, test):
        return any(test == name or name.endswith("*") and test.startswith(name[:-1]) for name in self.exceptions)

    def directory(self):
        return os.path.join(PLACE, "source", self.source) if self.source else ""


def all_suites():
    return [Suite(os.path.join(HERE, name)) for name in sorted(os.listdir(HERE)) if name.endswith(".suite")]


def python_version():
    asked = subprocess.run(["/usr/bin/python3", "-c", "import sys; print('%d.%d' % sys.version_info[:2])"], capture_output=True, text=True)
    return asked.stdout.strip()


def missing_packages(suite):
    listed = subprocess.run(["dpkg-query", "-W", "-f", "${Package} ${db:Status-Status}\n"] + suite.packages, capture_output=True, text=True)
    installed = {line.split()[0] for line in listed.stdout.splitlines() if line.endswith(" installed")}
    return [package for package in suite.packages if package not in installed]


def shell(command, directory, log):
    with open(log, "a") as out:
        out.write("$ %s\n" % command)
        out.flush()
        return subprocess.run(["bash", "-c", command], cwd=directory, stdin=subprocess.DEVNULL, stdout=out, stderr=out).returncode


def prepare(suite):
    """Fetches and builds what is needed, untraced. Returns what is wrong, or None."""
    os.makedirs(PLACE, exist_ok=True)
    log = os.path.join(PLACE, suite.name + ".log")
    missing = missing_packages(suite)
    if missing and shell("DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends -o DPkg::Lock::Timeout=300 " + " ".join(missing), PLACE, log):
        return "cannot install %s: see %s" % (" ".join(missing), log)
    if not suite.source or os.path.exists(suite.directory() + ".built"):
        return None
    if not os.path.isdir(suite.directory()) and shell(os.path.join(HERE, "source.sh") + " " + suite.source, PLACE, log):
        return "cannot fetch the source of %s: see %s" % (suite.source, log)
    if suite.build and shell(suite.build, suite.directory(), log):
        return "cannot build %s: see %s" % (suite.source, log)
    open(suite.directory() + ".built", "w").close()
    return None


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def read_junit(path):
    outcomes = {}
    if not os.path.exists(path):
        return outcomes
    try:
        tree = xml.etree.ElementTree.parse(path)
    except xml.etree.ElementTree.ParseError:
        return outcomes
    for case in tree.iter("testcase"):
        worst = [child.tag for child in case if child.tag in ("error", "failure", "skipped")]
        # A file that could not be used at all is a test case without a class.
        name = ".".join(filter(None, (case.get("classname"), case.get("name"))))
        outcomes[name] = outcomes[name] + "+" if name in outcomes else worst[0] if worst else "ok"
    return outcomes


def read_lines(pattern, text):
    outcomes = {}
    for found in re.finditer(pattern, text, re.M):
        test, outcome = found.group("test").strip(), found.group("outcome").strip()
        outcomes[test] = outcomes[test] + " " + outcome if test in outcomes else outcome
    return outcomes


def groups_of(pid):
    """Processes that are left of a run: those in its session."""
    left = []
    for entry in os.listdir("/proc"):
        try:
            with open("/proc/%s/stat" % entry) as file:
                fields = file.read().rsplit(")", 1)[1].split()
            if int(fields[3]) == pid and fields[0] != "Z":
                left.append(int(entry))
        except (OSError, IndexError, ValueError):
            pass
    return left


def end_session(pid):
    """What a run left behind would disturb the next one. Collectors have sessions of their own and end by themselves."""
    for process in groups_of(pid):
        try:
            os.kill(process, signal.SIGKILL)
        except ProcessLookupError:
            pass


def within_loopback():
    """What runs a command in a network namespace that has the loopback device alone: some suites try addresses outside. Empty where that cannot be had."""
    if os.geteuid() != 0 or not shutil.which("unshare") or not shutil.which("ip"):
        return []
    return ["unshare", "--net", "sh", "-c", 'ip link set lo up && exec "$@"', "sh"]


class Run:
    """One run of a command in one of the ways."""

    def __init__(self, suite, command, way, words):
        self.directory = os.path.join(PLACE, "run", suite.name)
        shutil.rmtree(self.directory, ignore_errors=True)
        os.makedirs(os.path.join(self.directory, "tmp"))
        self.database = os.path.join(self.directory, "trace.db")
        self.outcomes, self.calls, self.trouble = {}, None, None
        results = os.path.join(self.directory, "results.xml")
        work = os.path.join(self.directory, "work")
        os.makedirs(work)
        command = expand(command, dict(words, results=results, source=suite.directory(), port=str(free_port())))
        environment = {name: value for name, value in os.environ.items() if not name.startswith("SOCKLIFE_") and name != "LD_PRELOAD"}
        environment.update(TMPDIR=os.path.join(self.directory, "tmp"), PYTHONHASHSEED="1", LC_ALL="C.UTF-8", TZ="UTC")
        arguments = ["bash", "-c", command]
        if way == "run":
            arguments = [os.path.join(BUILD, "socklife"), "run", "-q", "-o", self.database, "--"] + arguments
        elif way == "preload":
            arguments = ["env", "LD_PRELOAD=" + os.path.join(BUILD, "libsocklife.so"), "SOCKLIFE_DB=" + self.database] + arguments
        arguments = within_loopback() + arguments
        with open(os.path.join(self.directory, "output"), "w+b") as output:
            process = subprocess.Popen(arguments, cwd=work, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True)
            try:
                status = process.wait(timeout=suite.seconds)
            except subprocess.TimeoutExpired:
                status = "stopped after %d s" % suite.seconds
            end_session(process.pid)
            process.wait()
            output.seek(0)
            self.text = output.read().decode("utf-8", "replace")
        read = read_junit(results) if suite.results == "junit" else read_lines(suite.results.split(" ", 1)[1], self.text)
        self.outcomes = {test: outcome for test, outcome in read.items() if not suite.is_excepted(test)}
        self.outcomes[STATUS] = str(status)
        if way != "plain":
            self.look_into_database()

    def look_into_database(self):
        """The run was traced at all, and the trace is sound."""
        subprocess.run([os.path.join(BUILD, "socklife"), "collect", self.database], capture_output=True, timeout=600)
        try:
            with sqlite3.connect("file:%s?mode=ro" % self.database, uri=True) as db:
                self.calls = db.execute("SELECT count(*) FROM call").fetchone()[0]
                verdict = db.execute("PRAGMA quick_check").fetchone()[0]
        except sqlite3.Error as error:
            self.trouble = "the trace cannot be read: %s" % error
            return
        if verdict != "ok":
            self.trouble = "the trace is damaged: " + verdict


def expand(command, words):
    for word, value in words.items():
        command = command.replace("{%s}" % word, value)
    return command


def judge(seen):
    """
    seen: {way: {test: Counter of outcomes}}. Returns (same, flaky, differing): a count and two lists of tests.
    """
    tests = sorted({test for way in seen.values() for test in way})
    same, flaky, differing = 0, [], []
    for test in tests:
        plain = seen["plain"].get(test, collections.Counter())
        commonest = plain.most_common(1)[0][0] if plain else None
        traced = [seen[way].get(test, collections.Counter()) for way in seen if way != "plain"]
        outcomes = set(plain).union(*traced)
        if len(outcomes) == 1 and all(traced):
            same += 1
        elif all(set(counter) <= set(plain) and commonest in counter for counter in traced):
            flaky.append(test)
        else:
            differing.append(test)
    return same, flaky, differing


def count_outcomes(seen, way, tests, outcomes):
    for test in tests:
        seen[way].setdefault(test, collections.Counter())[outcomes.get(test, NEVER)] += 1


def told(seen, test):
    return "%s: %s" % (test, "; ".join("%s %s" % (way, ", ".join("%s×%d" % (outcome, n) for outcome, n in seen[way][test].most_common())) for way in seen))


class Comparison:
    """One part of a suite in all ways. `problems`, `flaky`: lines for a person."""

    def __init__(self, suite, part, ways=WAYS):
        self.suite, self.part, self.ways = suite, part, ways
        self.problems, self.flaky, self.calls = [], [], {}
        self.seen = {way: {} for way in ways}
        self.kept = os.path.join(PLACE, "differs-%s-%s" % (suite.name, re.sub(r"[^A-Za-z0-9_.-]+", "_", part)[:60]))
        shutil.rmtree(self.kept, ignore_errors=True)
        first = {way: self.run(suite.command, way, {"part": part}) for way in ways}
        self.tests = sorted({test for run in first.values() for test in run.outcomes})
        for way, run in first.items():
            count_outcomes(self.seen, way, self.tests, run.outcomes)
        self.repeat([test for test in self.tests if len({run.outcomes.get(test, NEVER) for run in first.values()}) > 1])
        self.same, flaky, differing = judge(self.seen)
        self.problems += ["%s: no test's result could be read" % way for way, run in first.items() if len(run.outcomes) < 2]
        self.problems += ["%s: %s: nothing is compared" % (way, run.outcomes[STATUS]) for way, run in first.items() if "stopped" in run.outcomes[STATUS]]
        self.flaky = [told(self.seen, test) for test in flaky]
        self.problems += ["differs: " + told(self.seen, test) for test in differing]
        if self.problems:
            self.problems.append("outputs are kept in " + self.kept)
        else:
            shutil.rmtree(self.kept, ignore_errors=True)

    def run(self, command, way, words):
        run = Run(self.suite, command, way, words)
        if run.trouble:
            self.problems.append("%s: %s" % (way, run.trouble))
        if run.calls is not None:
            self.calls[way] = max(run.calls, self.calls.get(way, 0))
        os.makedirs(self.kept, exist_ok=True)
        with open(os.path.join(self.kept, "%s-%d.txt" % (way, time.monotonic_ns())), "w") as file:
            file.write(run.text)
        return run

    def repeat(self, differing):
        """The whole part again, unless single tests can be run."""
        single = self.suite.one and STATUS not in differing and len(differing) <= 12
        for tests, command, words in ([([test], self.suite.one, {"part": self.part, "test": shlex.quote(test)}) for test in differing] if single
                                      else [(differing, self.suite.command, {"part": self.part})] if differing else []):
            for _ in range(REPEATS):
                for way in self.ways:
                    count_outcomes(self.seen, way, tests, self.run(command, way, words).outcomes)
            for _ in range(PLAIN_REPEATS):
                if not set(judge(self.seen)[2]) & set(tests):
                    break
                count_outcomes(self.seen, "plain", tests, self.run(command, "plain", words).outcomes)


def self_check():
    """The comparison can fail. Returns what is wrong with it."""
    counter = collections.Counter
    cases = [
        ("the same", counter(ok=1), counter(ok=1), 0),
        ("only traced fails", counter(ok=4), counter(ok=1, failure=3), 2),
        ("only untraced fails", counter(failure=4), counter(ok=4), 2),
        ("fails at times, both ways", counter(ok=3, failure=1), counter(ok=2, failure=2), 1),
        ("fails always when traced, seldom untraced", counter(ok=3, failure=1), counter(failure=4), 2),
        ("was not run traced", counter(ok=1), counter({NEVER: 1}), 2),
        ("has no result traced", counter(ok=1), counter(), 2),
    ]
    wrong = []
    for about, plain, traced, expected in cases:
        same, flaky, differing = judge({"plain": {"t": plain}, "run": {"t": traced}, "preload": {"t": plain}})
        if [same, len(flaky), len(differing)] != [int(expected == i) for i in range(3)]:
            wrong.append(about)
    if read_lines(r"^(?P<outcome>ok|not ok) \d+ - (?P<test>.*)$", "ok 1 - a\nnot ok 2 - b\n") != {"a": "ok", "b": "not ok"}:
        wrong.append("lines are not read")
    return wrong


def compare(chosen, quick=False, skipped=None):
    """Runs suites and prints TAP; the exit status. skipped: {name: reason}; on CI a suite may not be skipped."""
    number = failed = 0

    def report(name, problems, notes=()):
        nonlocal number, failed
        number += 1
        failed += bool(problems)
        print("%s %d - %s" % ("not ok" if problems else "ok", number, name))
        for line in list(problems) + ["flaky: " + note for note in notes]:
            print("# " + line[:600])
        sys.stdout.flush()

    report("a test that differs would be seen", self_check())
    for suite in chosen:
        wrong = prepare(suite) if not quick else None
        parts = suite.quick if quick else suite.parts
        if wrong:
            report(suite.name, [wrong])
            continue
        total = 0
        for part in parts:
            comparison = Comparison(suite, part)
            total += comparison.same + len(comparison.flaky)
            report("%s %s: %d tests the same untraced and traced (%s calls recorded)" % (suite.name, part, comparison.same,
                   ", ".join(str(comparison.calls.get(way, 0)) for way in WAYS[1:])), comparison.problems, comparison.flaky)
        if not quick:
            report("%s: at least %d tests" % (suite.name, suite.least), [] if total >= suite.least else ["there were %d" % total])
    for name, reason in (skipped or {}).items():
        report("%s # %s%s" % (name, "" if os.environ.get("CI") else "SKIP ", reason), ["not run"] if os.environ.get("CI") else [])
    print("1..%d" % number)
    if not quick:
        print("\n%d passed, %d failed" % (number - failed, failed))
    return 1 if failed else 0
