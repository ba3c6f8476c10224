"""tools.py: the ways in which `make bench` runs a program: untraced, under an empty shim, under socklife in several forms, under strace.

Each is a Tool: command() gives the argument vector and the environment for a program, finish() looks at what the run left behind and
removes it. Nothing is kept between runs.
"""
import glob
import os
import re
import shutil
import sqlite3
import subprocess

BUILD = os.path.abspath(os.environ.get("BUILD", "build"))
SOCKLIFE = os.path.join(BUILD, "socklife")
BASE = os.path.abspath(os.environ["BASE"]) if os.environ.get("BASE") else None  # the build directory to compare with
WORKLOADS = os.path.join(BUILD, "bench", "workloads")
PLACE = os.path.join(BUILD, "bench", "run")  # where traces are written, and removed again


def clean_environment():
    return {name: value for name, value in os.environ.items()
            if not name.startswith("SOCKLIFE_") and name != "LD_PRELOAD"}


class Trace:
    """What a run left behind: bytes on disk, calls by kind (None: not known), records known to be dropped."""

    def __init__(self, size=0, calls=None, dropped=0):
        self.size, self.calls, self.dropped = size, calls, dropped


class Tool:
    name = "untraced"
    share = 1.0  # of the calls that a workload makes untraced: slow tools are given fewer

    def command(self, argv, place):
        return argv, clean_environment()

    def finish(self, place):
        return Trace()


class Again(Tool):
    """Untraced once more: how far its ratio is from 1 is the noise of all others."""
    name = "untraced again"


class EmptyShim(Tool):
    name = "empty shim"
    library = "empty_shim.so"

    def command(self, argv, place):
        path = os.path.join(BUILD, "bench", self.library)
        # The dynamic linker passes over what it does not find, and the program would run untraced.
        if not os.path.exists(path):
            raise SystemExit("bench: there is no %s; `make bench` builds it" % path)
        return argv, dict(clean_environment(), LD_PRELOAD=path)


class ReferenceShim(EmptyShim):
    """The target: the empty shim, two reads of the clock and a record of 64 bytes."""
    name = "2 clocks, 64 bytes"
    library = "reference_shim.so"


class Ours(Tool):
    """A tool of this build, or of BASE."""

    def __init__(self, build=BUILD):
        self.build = build
        self.name += "" if build == BUILD else ", BASE"

    def program(self):
        return os.path.join(self.build, "socklife")


class ShimOnly(Ours):
    """Every call recorded into the spool, and nobody who reads it."""
    name = "socklife, shim alone"

    def command(self, argv, place):
        return argv, dict(clean_environment(), LD_PRELOAD=os.path.join(self.build, "libsocklife.so"), SOCKLIFE_DB=os.path.join(place, "trace.db"),
                          SOCKLIFE_COLLECTOR="none", SOCKLIFE_SPOOL_MAX="2G")


class Whole(Ours):
    """`socklife run`: the collector at work beside the program, the database finished when it returns."""
    name = "socklife"
    options = []

    def command(self, argv, place):
        return [self.program(), "run", "-q", "-o", os.path.join(place, "trace.db")] + self.options + ["--"] + argv, clean_environment()

    def finish(self, place):
        path = os.path.join(place, "trace.db")
        with sqlite3.connect("file:%s?mode=ro" % path, uri=True) as database:
            calls = dict(database.execute("SELECT k.name, count(*) FROM call c JOIN call_kind k USING (call_kind_id) GROUP BY 1"))
            dropped = database.execute("SELECT coalesce(sum(count), 0) FROM missing WHERE reason = 'dropped'").fetchone()[0]
        return Trace(sum(os.path.getsize(name) for name in glob.glob(path + "*") if os.path.isfile(name)), calls, dropped)


class Sockets(Whole):
    """The same without a row per data call."""
    name = "socklife --detail=sockets"
    options = ["--detail=sockets"]


class Strace(Tool):
    name = "strace -f"
    share = 0.02

    def command(self, argv, place):
        return ["strace", "-f", "-tt", "-T", "-o", os.path.join(place, "strace.txt")] + argv, clean_environment()

    def finish(self, place):
        path = os.path.join(place, "strace.txt")
        with open(path, errors="replace") as lines:
            calls = {}
            for line in lines:
                match = re.match(r"\d+ +\S+ (\w+)\(", line)
                if match:
                    calls[match.group(1)] = calls.get(match.group(1), 0) + 1
        return Trace(os.path.getsize(path), calls)


def have_whole():
    """Is there a program that can record?"""
    return subprocess.run([SOCKLIFE, "run", "--help"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0


def available(strace=True):
    tools = [Tool(), Again(), EmptyShim(), ReferenceShim(), ShimOnly()]
    if have_whole():
        tools += [Whole(), Sockets()]
    if BASE:
        tools += [ShimOnly(BASE), Whole(BASE), Sockets(BASE)]
    if strace and shutil.which("strace"):
        tools.append(Strace())
    return tools


def fresh_place():
    shutil.rmtree(PLACE, ignore_errors=True)
    os.makedirs(PLACE)
    return PLACE
