#!/usr/bin/python3
"""
test_preloads.py: other preloaded libraries, before ours and behind it: allocators, those that change what a program sees, those that interpose
the very calls that we do. The program does what it does with that library alone, and each call is in the trace once.
"""
import glob
import os
import re
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../real"))
import compare

LIBRARIES = f"/usr/lib/{os.uname().machine}-linux-gnu"
# name, library, programs to try it with
OTHERS = [
    ("jemalloc", f"{LIBRARIES}/libjemalloc.so.2", "threads children"),
    ("tcmalloc", f"{LIBRARIES}/libtcmalloc_minimal.so.4", "threads children"),
    ("eatmydata", f"{LIBRARIES}/libeatmydata.so", "tcp_echo"),
    ("fakeroot", f"{LIBRARIES}/libfakeroot/libfakeroot-sysv.so", "tcp_echo children"),
    ("faketime", f"{LIBRARIES}/faketime/libfaketime.so.1", "tcp_echo"),
    ("torsocks", f"{LIBRARIES}/torsocks/libtorsocks.so", "tcp_echo children"),
    ("proxychains", f"{LIBRARIES}/libproxychains.so.4", "tcp_echo children"),
]
# Ways for interpose.c to make its calls.
OWN = [("a library that calls the next one", "NEXT"), ("a library that uses syscall()", "CALL")]
count, failed = 0, 0


def test(name, complaint):
    global count, failed
    count += 1
    print(f"{'not ok' if complaint else 'ok'} {count} - {name}")
    failed += bool(complaint)
    for line in complaint.splitlines()[:8]:
        print("# " + line[:250])
    sys.stdout.flush()


def same_calls(calls, rows):
    """A library that asks the kernel something first does so within the call that we have recorded already: the same calls, in another order."""
    return sorted((c.name, str(c.fd), str(c.result)) for c in calls) == sorted((r.syscall, str(r.fd), str(r.result)) for r in rows)


def check(name, library, programs, environment, work):
    for program in programs.split():
        path = os.path.join(compare.BUILD, "tests/programs", program)
        alone = subprocess.run([path], env=dict(os.environ, **environment, LD_PRELOAD=library), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT, cwd=work, errors="replace", timeout=120)
        for order, preload in (("before ours", library + ":{}"), ("behind ours", "{}:" + library)):
            outcome = compare.run([path], directory=os.path.join(work, "trace"), environment=environment, preload=preload)
            lines = []
            if (outcome.status, outcome.output) != (alone.returncode, alone.stdout):
                lines += [f"status {alone.returncode} without, {outcome.status} with us; output without and with us:", alone.stdout, outcome.output]
            if outcome.wrong or outcome.waits or outcome.error or not same_calls(outcome.missed, outcome.invented) or outcome.gaps:
                lines.append(outcome.summary())
                compare.explain(outcome, 4, lines.append)
            test(f"{name} {order}: {program} works, and its calls are seen once", "\n".join(lines))


def made_directly():
    """The functions for which the shim makes a system call where glibc does nothing else."""
    names = set()
    for path in glob.glob(os.path.join(HERE, "../../preload/*.c")):
        with open(path) as file:
            names.update(one or other for one, other in re.findall(r"#define DIRECT_(\w+) ~|\bDIRECT\(.*?\bREAL\((\w+)\)", file.read()))
    return sorted(names)


def check_one(name, work):
    """A library behind ours that interposes this function alone is called as often as without us."""
    library, made = os.path.join(work, name + ".so"), os.path.join(work, name + ".made")
    subprocess.run(["cc", "-O1", "-w", "-fPIC", "-shared", "-fno-builtin", "-D_GNU_SOURCE", "-DNAME=" + name, "-o", library,
                    os.path.join(HERE, "interpose_one.c")], check=True)
    counts = []
    for preload in (library, os.path.join(compare.BUILD, "libsocklife.so") + ":" + library):
        environment = dict(os.environ, LD_PRELOAD=preload, INTERPOSED=made, SOCKLIFE_DB=os.path.join(work, name + ".db"), SOCKLIFE_COLLECTOR="none")
        subprocess.run([os.path.join(compare.BUILD, "tests/harmless/alone")], env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                       cwd=work, timeout=120)
        counts.append(os.path.getsize(made) if os.path.exists(made) else 0)
        os.path.exists(made) and os.remove(made)
    test(f"a library that interposes {name} alone, behind ours, is called", "" if counts[0] and counts[0] == counts[1] else f"{counts[0]} times without us, {counts[1]} with us")


def main():
    work = tempfile.mkdtemp(prefix="preloads.", dir=os.path.join(compare.BUILD, "tests"))
    skipped = 0
    try:
        with open(os.path.join(work, "proxychains.conf"), "w") as file:
            file.write("strict_chain\nquiet_mode\nlocalnet 127.0.0.0/255.0.0.0\n[ProxyList]\nsocks4 127.0.0.1 1\n")
        with open(os.path.join(work, "torsocks.conf"), "w") as file:
            file.write("AllowInbound 1\nAllowOutboundLocalhost 1\n")
        environment = {"PROXYCHAINS_CONF_FILE": os.path.join(work, "proxychains.conf"), "PROXYCHAINS_QUIET_MODE": "1",
                       "TORSOCKS_CONF_FILE": os.path.join(work, "torsocks.conf")}
        for name, way in OWN:
            library = os.path.join(work, way + ".so")
            subprocess.run(["cc", "-O1", "-w", "-fPIC", "-shared", "-fno-builtin", "-D_GNU_SOURCE", "-D" + way, "-o", library,
                            os.path.join(HERE, "interpose.c")], check=True)
            check(name, library, "tcp_echo threads dup2_over", environment, work)
        for name in made_directly():
            check_one(name, work)
        for name, library, programs in OTHERS:
            if os.path.exists(library):
                check(name, library, programs, environment, work)
            else:
                skipped += 1
                print(f"ok - {name} # SKIP {library} is not installed")
    finally:
        shutil.rmtree(work, ignore_errors=True)
    print(f"1..{count + skipped}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
