#!/usr/bin/python3
"""
test_run.py: `socklife run` ends as its program ended, whatever is done to either of them, and leaves other recordings alone.
"""
import os
import re
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
BUILD = os.path.abspath(os.environ.get("BUILD", os.path.join(HERE, "../../build")))
SOCKLIFE = os.path.join(BUILD, "socklife")
PLACE = tempfile.TemporaryDirectory()
DATABASE = os.path.join(PLACE.name, "trace.db")
count = failed = 0

# Makes a socket each hundredth of a second for so many seconds.
SOCKETS = "import socket, sys, time\nend = time.time() + float(sys.argv[1])\nwhile time.time() < end: socket.socket().close(); time.sleep(0.01)"


def test(name, complaint):
    """complaint: what is wrong; empty: nothing."""
    global count, failed
    count += 1
    print(f"{'not ok' if complaint else 'ok'} {count} - {name}")
    for line in str(complaint or "").splitlines()[:8]:
        print("# " + line[:300])
    failed += bool(complaint)
    sys.stdout.flush()


def start(*program, options=("-q",), prefix=(), **more):
    more.setdefault("stderr", subprocess.PIPE)
    return subprocess.Popen([*prefix, SOCKLIFE, "run", *options, "-o", DATABASE, *program], stdout=subprocess.PIPE, text=True, **more)


def ask(sql):
    with sqlite3.connect(f"file:{DATABASE}?mode=ro", uri=True) as database:
        return database.execute(sql).fetchall()


def wait_for(condition, seconds=30):
    end = time.time() + seconds
    while not condition():
        if time.time() > end:
            return False
        time.sleep(0.02)
    return True


def has_sockets():
    try:
        return ask("SELECT count(*) FROM socket")[0][0] > 0
    except sqlite3.Error:
        return False


def differs(found, wanted):
    return "" if found == wanted else f"found {found}, wanted {wanted}"


def clear():
    subprocess.run(f"rm -rf '{DATABASE}'*", shell=True, check=True)


def a_recording_that_goes_on_is_left_alone():
    first = start(sys.executable, "-c", SOCKETS, "2")
    wait_for(has_sockets)
    second = start("true")
    said = second.communicate(timeout=30)[1]
    test("a second recording into the same file is refused", differs((second.returncode, "another recording" in said), (125, True)))
    first.communicate(timeout=30)
    test("the first one goes on as if nothing had been", differs((first.returncode, os.path.exists(DATABASE + ".old")), (0, False)))
    made, closed = ask("SELECT count(*), sum(how_ended = 'close') FROM socket")[0]
    test("and has all its sockets", "" if made > 50 and made == closed else f"{made} sockets, {closed} closed")


def nobody_reads_what_is_said():
    reader, writer = os.pipe()
    os.close(reader)
    run = start("sh", "-c", "exit 7", options=(), stderr=writer)
    os.close(writer)
    test("the program's status, although nobody reads the summary", differs(run.wait(timeout=30), 7))


def a_program_stops_itself():
    run = start("sh", "-c", "(sleep 0.5; kill -CONT $$) & kill -STOP $$; exit 3")
    try:
        status = run.wait(timeout=20)
    except subprocess.TimeoutExpired:
        run.send_signal(signal.SIGCONT)
        status = "hangs"
    test("a program that stops itself and is continued by its child", differs(status, 3))


def a_signal_for_the_program():
    run = start("sh", "-c", "trap 'exit 5' TERM; echo ready; while :; do sleep 0.02; done")
    run.stdout.readline()
    run.send_signal(signal.SIGTERM)
    test("a signal is passed on", differs(run.wait(timeout=30), 5))
    run = start("sh", "-c", "kill -USR1 $$")
    test("a program that dies of a signal", differs(run.wait(timeout=30), -signal.SIGUSR1))


def recording_fails_meanwhile():
    run = start(sys.executable, "-c", "import signal, sys\nsignal.signal(signal.SIGTERM, lambda *_: sys.exit(5))\nprint('ready', flush=True)\n" + SOCKETS, "20")
    run.stdout.readline()
    wait_for(has_sockets)
    with sqlite3.connect(DATABASE, timeout=10) as database:
        database.execute("CREATE TRIGGER no_more BEFORE INSERT ON socket BEGIN SELECT raise(ABORT, 'no more'); END")
    said = run.stderr.readline()
    run.send_signal(signal.SIGTERM)
    status = run.wait(timeout=30)
    test("a signal is passed on when recording has failed, and the status is the program's", differs((status, "recording stopped" in said), (5, True)))


def a_program_comes_at_the_end():
    """The lock is held, so that it starts no collector; and is let go of. The window is widened by delaying what stands in it."""
    run = start("true", prefix=("strace", "-o", os.path.join(PLACE.name, "strace.txt"), "-e", "trace=unlinkat", "-e", "inject=unlinkat:delay_enter=1500000"))
    wait_for(lambda: run.poll() is not None or os.path.exists(os.path.join(PLACE.name, "strace.txt")) and "unlinkat(" in open(os.path.join(PLACE.name, "strace.txt")).read())
    environment = dict(os.environ, LD_PRELOAD=os.path.join(BUILD, "libsocklife.so"), SOCKLIFE_DB=DATABASE, SOCKLIFE_COLLECTOR=SOCKLIFE)
    late = subprocess.Popen([sys.executable, "-c", SOCKETS, "4"], env=environment)
    run.wait(timeout=30)
    read = wait_for(has_sockets, 3)
    late.wait(timeout=30)
    wait_for(lambda: not os.path.exists(DATABASE + ".spool"))
    test("a program that starts while another's recording ends has a collector", "" if read else "its sockets were not stored while it ran")


def an_image_is_read_late():
    """Its records fill more than one round, and the next image has begun when they are read."""
    program = "import os, socket, sys\nfor i in range(40000): socket.socket().close()\nif len(sys.argv) > 1: os.execv(sys.executable, [sys.executable, sys.argv[1]])"
    path = os.path.join(PLACE.name, "images.py")
    with open(path, "w") as file:
        file.write(program)
    start("sh", "-c", f"kill -STOP $PPID; '{sys.executable}' '{path}' '{path}'; kill -CONT $PPID").communicate(timeout=120)
    test("sockets of an image that was read after its exec", differs(ask("SELECT how_ended, count(*) FROM socket GROUP BY 1"), [("close", 80000)]))


def refused(name, path, content):
    """There is something else at path: nothing is done to it, and no recording begins."""
    before = content()
    run = start("touch", os.path.join(PLACE.name, "ran"))
    said = run.communicate(timeout=30)[1]
    found = (run.returncode, os.path.basename(path) + " is no trace of ours" in said and said.count("\n") == 1, content() == before,
             os.path.exists(os.path.join(PLACE.name, "ran")), os.path.exists(DATABASE + ".spool"))
    test(name, differs(found, (125, True, True, False, False)))


def what_is_no_trace_stays():
    def bytes_of(path):
        return lambda: open(path, "rb").read()

    with open(DATABASE, "w") as file:
        file.write("int main(void) { return 0; }\n")
    refused("a text is not replaced", DATABASE, bytes_of(DATABASE))
    clear()
    os.mkdir(DATABASE)
    refused("a directory is not replaced", DATABASE, lambda: os.listdir(DATABASE))
    os.rmdir(DATABASE)
    subprocess.run([sys.executable, "-c", "import os, sqlite3, sys\nd = sqlite3.connect(sys.argv[1])\nd.execute('PRAGMA journal_mode = WAL')\nd.execute('CREATE TABLE t(x)')\n"
                    "d.execute('INSERT INTO t VALUES (7)')\nd.commit()\nos.kill(os.getpid(), 9)", DATABASE], check=False)
    refused("another program's database is not replaced, nor what its journal holds", DATABASE, bytes_of(DATABASE + "-wal"))
    test("it can be read as before", differs(ask("SELECT x FROM t"), [(7,)]))
    clear()
    start("true").communicate(timeout=30)
    with open(DATABASE + ".old", "w") as file:
        file.write("mine\n")
    refused("what has the name of the earlier trace is not replaced", DATABASE + ".old", bytes_of(DATABASE + ".old"))


def an_earlier_trace_is_kept_whole():
    """Its recording was killed, and its spools are gone: the journal has the rows."""
    run = start(sys.executable, "-c", SOCKETS, "3")
    wait_for(has_sockets)
    run.kill()
    run.communicate(timeout=30)
    sockets = ask("SELECT count(*) FROM socket")
    subprocess.run(f"rm -rf '{DATABASE}.spool'", shell=True, check=True)
    start("true").communicate(timeout=30)
    os.rename(DATABASE, DATABASE + ".new")
    for end in ("", "-wal"):
        os.rename(DATABASE + ".old" + end, DATABASE + end)
    test("an earlier trace is kept with its journal", differs(ask("SELECT count(*) FROM socket"), sockets))
    clear()
    with open(DATABASE, "w"):
        pass
    run = start("true")
    test("an empty file is there to be filled", differs((run.communicate(timeout=30)[1], run.returncode), ("", 0)))


def what_cannot_be_run_replaces_nothing():
    place = os.path.join(PLACE.name, "mistyped")
    os.mkdir(place)

    def run(*words):
        done = subprocess.run([SOCKLIFE, "run", "-q", *words], cwd=place, capture_output=True, text=True)
        return done.returncode, done.stderr.strip()

    def traces():
        return [os.stat(os.path.join(place, name)).st_ino for name in ("socklife.db", "socklife.db.old")]

    for name, mode, text in (("server", 0o755, "#!/bin/true\n"), ("plain", 0o644, "#!/bin/true\n"), ("lost", 0o755, "#!/no/such/interpreter\n")):
        with open(os.path.join(place, name), "w") as file:
            file.write(text)
        os.chmod(os.path.join(place, name), mode)
    run("true")
    run("true")
    before = traces()
    found = [run("no_such_program"), run("server"), run("./plain"), run("--check", "--suppress", "no_such_file", "touch", "begun")]
    test("what cannot be run is said", differs(found, [(127, "socklife: cannot run no_such_program: No such file or directory"),
         (127, "socklife: cannot run server: it is here, but not in PATH; for example: socklife run ./server"),
         (126, "socklife: cannot run ./plain: Permission denied"), (2, "socklife: no_such_file: No such file or directory")]))
    test("and leaves the traces of earlier runs alone", differs((traces(), os.path.exists(os.path.join(place, "begun"))), (before, False)))
    test("where nothing can be written, another place is asked for", differs(run("-o", "plain/trace.db", "touch", "begun"),
         (125, f"socklife: {place}/plain/trace.db: Not a directory; name a place that can be written with -o")))
    found = run("./lost")
    test("what turns out so as it starts leaves the latest one", differs((found, os.stat(os.path.join(place, "socklife.db")).st_ino),
         ((127, "socklife: cannot run ./lost: No such file or directory"), before[0])))
    for name, reason in (("first", "LEAK a * b"), ("second", "REFUSED *python* * none is meant to be there")):
        with open(os.path.join(place, name), "w") as file:
            file.write(reason + "\n")
    found = run("--suppress", "first", "--suppress=second", sys.executable, "-c", "import socket; socket.socket().connect_ex(('127.0.0.1', 1))")
    test("--suppress asks for a check, several times for several files", differs((found[0], "first:1: matched no finding" in found[1], "1 suppressed" in found[1]), (0, True, True)))


def a_path_that_is_too_long_is_refused():
    deep = os.path.join(PLACE.name, *["d" * 100] * 4)
    os.makedirs(deep)
    for name, what in (("x" * 97 + ".db", "path"), ("../" * 4 + "x" * 245 + ".db", "name")):
        run = subprocess.run([SOCKLIFE, "run", "-o", name, "touch", "begun"], cwd=deep, capture_output=True, text=True)
        test(f"a {what} that is too long for SQLite is refused before the program starts",
             differs((run.returncode, run.stderr.count("\n"), f"the {what} of the database is too long" in run.stderr, os.listdir(deep)), (125, 1, True, [])))
    run = subprocess.run([SOCKLIFE, "run", "-q", "-o", "./" * 45 + "x.db", "touch", "begun"], cwd=deep, capture_output=True, text=True)
    test("a path that is short enough without its dots is taken", differs((run.returncode, run.stderr, sorted(os.listdir(deep))), (0, "", ["begun", "x.db"])))


def what_is_said_at_the_end():
    """The commands it names are commands, and it counts as ls does."""
    place = os.path.join(PLACE.name, "place")
    os.mkdir(place)
    run = subprocess.run([SOCKLIFE, "run", "-o", "it's my trace.db", "bash", "-c", f"{sys.executable} -S -c 'import socket; socket.socket()'; true"], cwd=place, capture_output=True, text=True)
    commands = re.findall("socklife (?:check|ls|show) (?:.(?!    ))*.", run.stderr.split("next: ")[1])
    took = [subprocess.run(command.replace("socklife", SOCKLIFE, 1), shell=True, cwd=place, capture_output=True).returncode for command in commands]
    test("the commands named at the end take the file's name", differs((len(commands), 2 in took), (3, False)))
    listed = subprocess.run([SOCKLIFE, "ls", "it's my trace.db"], cwd=place, capture_output=True, text=True)
    test("programs that one process executed are one process", differs(("2 processes" in run.stderr, "2 processes" in listed.stdout), (True, True)))


def the_trace_is_removed_meanwhile():
    run = start(sys.executable, "-c", SOCKETS + "\nimport os; os.unlink(sys.argv[2])", "1", DATABASE)
    said = run.communicate(timeout=30)[1]
    test("a trace that the program removes is said to be lost", differs((run.returncode, "was removed while it was written" in said), (0, True)))


for each in (a_recording_that_goes_on_is_left_alone, nobody_reads_what_is_said, a_program_stops_itself, a_signal_for_the_program, recording_fails_meanwhile,
             a_program_comes_at_the_end, an_image_is_read_late, what_is_no_trace_stays, an_earlier_trace_is_kept_whole, the_trace_is_removed_meanwhile, what_is_said_at_the_end,
             a_path_that_is_too_long_is_refused, what_cannot_be_run_replaces_nothing):
    clear()
    each()
print(f"1..{count}")
sys.exit(1 if failed else 0)
