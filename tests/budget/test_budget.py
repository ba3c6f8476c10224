#!/usr/bin/python3
"""test_budget.py [--update]: what the shim adds to a program, counted and compared with tests/budget/budget.tsv.

Instructions per recorded call, by callgrind: the difference of two run lengths, so that start and end cancel out, minus the same
difference untraced; and those of a start, mostly the dynamic linker's. System calls added by each step of a socket's life, by kind, by `strace -c`: again the difference of two lengths.
The cache lines are those of the variables that every call reads. All are counts, not times: they do not depend on what else the machine does. (valgrind hides the vDSO, so its two clock reads are
system calls here; a real run has a few instructions more in the vDSO instead.)

A figure more than 10 % above its budget, or a system call that is not in it, is a failure. One that is lower is only said:
lower the budget with --update in the commit that earned it.
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
os.chdir(os.path.join(HERE, "..", ".."))
BUILD = os.path.abspath(os.environ.get("BUILD", "build"))
WORKLOADS = os.path.join(BUILD, "bench", "workloads")
BUDGET = os.path.join(HERE, "budget.tsv")
TOLERANCE = 1.10

# Where the kernel does not keep its time by the time-stamp counter (or /sys is not there to say so), a record's two clock reads go another way:
# under valgrind, which hides the vDSO, through two system calls. So many instructions more, measured as 190.1 against 147.
WITHOUT_COUNTER = 43.1
CLOCK_SOURCE = "/sys/devices/system/clocksource/clocksource0/current_clocksource"

# title in the budget: workload, its arguments after the number of calls
CALLS = {
    "socketpair: send, recv": ("socketpair", []),
    "TCP: send, recv": ("tcp", []),
    "epoll server: read, write, epoll_wait": ("echo", ["16"]),
    "socket, connect, accept, send, recv, close both": ("churn", []),
    "pipe: write, read (not recorded)": ("pipe", []),
}


def environment(shim):
    clean = {name: value for name, value in os.environ.items() if not name.startswith("SOCKLIFE_") and name != "LD_PRELOAD"}
    if shim:
        clean.update(LD_PRELOAD=os.path.join(BUILD, "libsocklife.so"), SOCKLIFE_DB=os.path.join(PLACE, "trace.db"), SOCKLIFE_COLLECTOR="none")
    return clean


def run(argv, env):
    done = subprocess.run(argv, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if done.returncode != 0:
        raise RuntimeError("%s: status %d: %s" % (" ".join(argv), done.returncode, done.stderr[-400:]))
    return done


def instructions(program, arguments, shim):
    """Per call of the loop."""
    counted, calls = [], []
    for length in (1000, 11000):
        # Instructions in libc that the shim would patch are not part of this count: valgrind runs a copy of them.
        env = dict(environment(shim), SOCKLIFE_INTERCEPT="symbols") if shim else environment(shim)
        done = run(["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", os.path.join(WORKLOADS, program), str(length)] + arguments, env)
        counted.append(int(re.search(r"Collected : (\d+)", done.stderr).group(1)))
        calls.append(int(re.search(r"loop_calls=(\d+)", done.stdout).group(1)))
    return (counted[1] - counted[0]) / (calls[1] - calls[0])


def instructions_of_a_start(shim):
    """Of a program that opens no socket, from its start to its end. With libc patched: that is part of it."""
    done = run(["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", "/bin/true"], environment(shim))
    return int(re.search(r"Collected : (\d+)", done.stderr).group(1))


def system_calls(step, shim):
    """How often each system call is made per step."""
    counted = []
    for length in (200, 1200):
        out = os.path.join(PLACE, "strace.txt")
        preload = [word for name, value in environment(True).items() if name.startswith(("LD_PRELOAD", "SOCKLIFE_"))
                   for word in ("-E", "%s=%s" % (name, value))] if shim else []
        run(["strace", "-f", "-c", "-U", "calls,name", "-o", out] + preload + [os.path.join(WORKLOADS, "steps"), step, str(length)], environment(False))
        with open(out) as lines:
            counted.append({name: int(count) for count, name in re.findall(r"^ *(\d+) +(\w+)$", lines.read(), re.M) if name != "total"})
    return {name: (count - counted[0].get(name, 0)) / 1000 for name, count in counted[1].items()}


def added_system_calls(step):
    """By kind, to a tenth: what happens once in many steps (a new chunk of the spool) is not a step's."""
    without, with_shim = system_calls(step, False), system_calls(step, True)
    added = {name: round(with_shim.get(name, 0) - without.get(name, 0), 1) for name in set(without) | set(with_shim)}
    return {name: count for name, count in added.items() if count}


def lines_of_variables():
    """Cache lines of 64 bytes that the section of READ_BY_EVERY_CALL (preload/raw.h) touches."""
    sections = run(["readelf", "-SW", os.path.join(BUILD, "libsocklife.so")], environment(False)).stdout
    address, size = (int(number, 16) for number in re.search(r" read_by_every_call +PROGBITS +([0-9a-f]+) +[0-9a-f]+ +([0-9a-f]+)", sections).groups())
    return (address + size - 1) // 64 - address // 64 + 1


def measure():
    """{(what, title, kind): figure}"""
    figures = {("cache lines", "variables that every call reads", "all"): lines_of_variables()}
    for title, (program, arguments) in CALLS.items():
        figures["instructions", title, "added"] = round(instructions(program, arguments, True) - instructions(program, arguments, False), 1)
    figures["instructions", "a program from start to end (not recorded)", "added"] = instructions_of_a_start(True) - instructions_of_a_start(False)
    for step in run([os.path.join(WORKLOADS, "steps")], environment(False)).stdout.splitlines():
        figures["system calls", step, "all"] = 0
        for kind, count in added_system_calls(step).items():
            figures["system calls", step, kind] = count
            figures["system calls", step, "all"] = round(figures["system calls", step, "all"] + count, 1)
    return figures


def read_budget():
    with open(BUDGET) as lines:
        rows = [line.rstrip("\n").split("\t") for line in lines if line.strip() and not line.startswith("#")]
    more = 0 if has_counter() else WITHOUT_COUNTER
    return {tuple(row[:3]): float(row[3]) + (more if row[0] == "instructions" and "not recorded" not in row[1] else 0) for row in rows}


def has_counter():
    try:
        with open(CLOCK_SOURCE) as file:
            return file.read().strip() == "tsc"
    except OSError:
        return False


def write_budget(figures):
    with open(BUDGET, "w") as file:
        file.write("# What the shim adds: instructions per call, system calls per step of a socket's life. Written by\n"
                   "# `tests/budget/test_budget.py --update`; compared by `make check`.\n"
                   "# what\ttitle\tkind\tfigure\n")
        for key, figure in figures.items():
            file.write("%s\t%s\t%s\t%g\n" % (*key, figure))


def within(figure, budget):
    return figure <= budget * TOLERANCE + 0.05


def judge(figures, budget):
    """A line of TAP for each title: (good, name, explanations)."""
    results = []
    for what, title in dict.fromkeys((key[0], key[1]) for key in list(budget) + list(figures)):
        keys = [key for key in dict.fromkeys(list(figures) + list(budget)) if key[:2] == (what, title)]
        remarks = ["%s: %g, budget %g%s" % (key[2], figures.get(key, 0), budget.get(key, 0),
                                            "" if within(figures.get(key, 0), budget.get(key, 0)) else ": ABOVE") for key in keys]
        good = all(within(figures.get(key, 0), budget.get(key, 0)) for key in keys) and any(key in figures for key in keys)
        if good and any(figures.get(key, 0) * TOLERANCE < budget[key] for key in keys if key in budget):
            remarks.append("below budget: lower it with tests/budget/test_budget.py --update")
        results.append((good, "%s of %s stay within the budget" % (what, title), remarks))
    return results


def catches_regressions():
    """The comparison itself can fail: on one part in nine more, and on a system call of a new kind."""
    budget = {("instructions", "a", "added"): 100.0, ("system calls", "b", "all"): 2.0, ("system calls", "b", "ioctl"): 2.0}
    same = all(good for good, _, _ in judge(budget, budget))
    slower = judge({**budget, ("instructions", "a", "added"): 111.0}, budget)
    new_kind = judge({**budget, ("system calls", "b", "getpid"): 1.0}, budget)
    return same and [good for good, _, _ in slower] == [False, True] and [good for good, _, _ in new_kind] == [True, False]


def main():
    global PLACE
    for needed in ("valgrind", "strace"):
        if not shutil.which(needed):
            print("1..1\nok 1 - the shim's budget # SKIP %s is not installed" % needed)
            return 0
    PLACE = tempfile.mkdtemp(prefix="budget.", dir=os.path.join(BUILD))
    try:
        figures = measure()
    finally:
        shutil.rmtree(PLACE)
    if "--update" in sys.argv:
        write_budget(figures)
    results = [(catches_regressions(), "a regression of one part in nine, or of a new kind of system call, would be caught", [])] + judge(figures, read_budget())
    print("1..%d" % len(results))
    for number, (good, name, remarks) in enumerate(results, 1):
        print("%s %d - %s" % ("ok" if good else "not ok", number, name))
        for remark in remarks:
            print("# " + remark)
    return 0 if all(good for good, _, _ in results) else 1


sys.exit(main())
