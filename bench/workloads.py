"""workloads.py: runs the workloads of bench/workloads under every tool, interleaved, and makes the tables of it.

A round runs every tool once, in an order drawn anew; a tool's ratio is its time per call divided by that of the untraced run of the
same round. One-threaded workloads are pinned to processor 0 (the workload itself, not what traces it).
"""
import os
import random
import subprocess
import time

from bench import figures, tools

# name, program, arguments after the number of calls, calls, threads
PLAN = [
    ("send+recv on a socketpair", "socketpair", [], 300000, 1),
    ("TCP question and answer", "tcp", [], 160000, 1),
    ("8 threads", "threads", [8], 600000, 8),
    ("64 threads", "threads", [64], 600000, 64),
    ("connect…accept…close", "churn", [], 42000, 1),
    ("a thread for each connection", "children", [1], 27000, 2),
    ("a child for each connection", "children", [0], 12000, 2),
    ("epoll server and 16 clients", "echo", [16], 120000, 1),
    ("10,000 open sockets", "many", [10000], 300000, 1),
    ("a pipe: nothing to record", "pipe", [], 300000, 1),
    ("UDP sendmmsg, 16 each", "datagrams", [16], 16000, 1),
]


class Run:
    """One run: nanoseconds per call of the loop, calls made by kind, and what the tool recorded."""

    def __init__(self, line, trace, total_ns):
        made = {name: int(value) for name, value in (word.split("=") for word in line.split())}
        self.loop_calls = made.pop("loop_calls")
        self.wall_ns = made.pop("loop_ns") / self.loop_calls
        self.cpu_ns = made.pop("cpu_ns") / self.loop_calls
        self.made, self.trace, self.total_ns = made, trace, total_ns

    def lost(self):
        """Calls made and not in the trace, counted kind by kind; None: the tool makes no rows of calls."""
        if self.trace.calls is None:
            return None
        return sum(max(0, count - self.trace.calls.get(name, 0)) for name, count in self.made.items())

    def rows(self):
        return sum(self.trace.calls.values()) if self.trace.calls else 0


def run(tool, program, arguments, calls, pinned):
    place = tools.fresh_place()
    argv = [os.path.join(tools.WORKLOADS, program), str(max(1000, int(calls * tool.share)))] + [str(a) for a in arguments]
    argv, environment = tool.command(argv, place)
    if pinned:
        environment["BENCH_CPU"] = "0"
    started = time.monotonic_ns()
    done = subprocess.run(argv, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    total_ns = time.monotonic_ns() - started
    if done.returncode != 0:
        raise SystemExit("bench: %s failed with status %d: %s" % (" ".join(argv), done.returncode, done.stderr.strip()))
    return Run(done.stdout, tool.finish(place), total_ns)


def interleave(choice, program, arguments, calls, pinned, least, slow_rounds, seconds=0):
    """All runs, by tool: a list with a Run or None (the tool sat this round out) for each round. As many rounds as fit into `seconds`, but
    `least` at any rate."""
    runs = {tool.name: [] for tool in choice}
    started, number = time.monotonic(), 0
    while number < least or (time.monotonic() - started) * (number + 1) / number < seconds:
        for tool in random.sample(choice, len(choice)):
            sits_out = tool.share < 1 and number >= slow_rounds
            runs[tool.name].append(None if sits_out else run(tool, program, arguments, calls, pinned))
        number += 1
    return runs


def ratios(runs, name, attribute):
    return [getattr(one, attribute) / getattr(base, attribute)
            for one, base in zip(runs[name], runs["untraced"]) if one and base]


def measured(runs, name):
    return [one for one in runs[name] if one]


def added_text(value, base):
    """'+37 (1.04)'"""
    return "%+.0f (%s)" % (value - base, "%.3f" % (value / base) if value < 2 * base else "%.1f" % (value / base))


def lost_text(runs):
    """'0 of 300,004': the worst of all rounds."""
    worst = max(runs, key=lambda one: one.lost())
    return "%d of %s" % (worst.lost(), format(sum(worst.made.values()), ","))


def measure(choice, rounds, slow_rounds, share, seconds, note):
    results = []
    for title, program, arguments, calls, threads in PLAN:
        note("%s …" % title)
        results.append((title, interleave(choice, program, arguments, int(calls * share), threads == 1, rounds, slow_rounds, seconds)))
    return results


def report(results, choice):
    names = [tool.name for tool in choice if tool.name != "untraced"]
    whole = [tool.name for tool in choice if isinstance(tool, tools.Whole) and not tool.options]
    parts = []
    for head, attribute in (("Time per call, tool / untraced", "wall_ns"), ("Processor time of the program per call, tool / untraced", "cpu_ns")):
        rows = [[title, len(runs["untraced"]), "%.0f" % figures.median([getattr(one, attribute) for one in measured(runs, "untraced")])] +
                [figures.ratio_form(ratios(runs, name, attribute)) for name in names] for title, runs in results]
        parts.append("**%s**: median (quartiles)\n\n" % head + figures.table(["workload", "rounds", "untraced, ns"] + names, rows))
    rows = []
    for title, runs in results:
        least = min(one.cpu_ns for one in runs["untraced"])
        rows.append([title, "%.0f" % least] + [added_text(min(one.cpu_ns for one in measured(runs, name)), least) for name in names])
    parts.append("**Processor time per call, best run of each**: added nanoseconds (ratio); what other work on the machine disturbs least\n\n" +
                 figures.table(["workload", "untraced, ns"] + names, rows))
    if whole:
        rows = []
        for title, runs in results:
            done = measured(runs, whole[0])
            rows.append([title, lost_text(done), "%.1f" % figures.median([one.trace.size / one.rows() for one in done]) if done[0].rows() else "–",
                         "%.0f" % figures.median([(one.total_ns - base.total_ns) / 1e6 for one, base in zip(runs[whole[0]], runs["untraced"])])])
        parts.append("**The finished database**\n\n" + figures.table(
            ["workload", "calls lost (worst round)", "bytes a call", "later than untraced when all is finished, ms"], rows))
    return "\n".join(parts)


# Long enough for the collector to have its turns while the program still needs every processor.
LONG_CALLS = 2000000


def long_run(choice, rounds, note):
    choice = [tool for tool in choice if isinstance(tool, tools.Again) or type(tool) in (tools.Tool, tools.ReferenceShim, tools.Whole)]
    note("8 threads for seconds …")
    runs = interleave(choice, "threads", [8], LONG_CALLS, False, rounds, 0)
    names = [tool.name for tool in choice if tool.name != "untraced"]
    rows = [[title, len(runs["untraced"]), "%.0f" % figures.median([getattr(one, attribute) for one in runs["untraced"]])] +
            [figures.ratio_form(ratios(runs, name, attribute)) for name in names] for title, attribute in (("wall", "wall_ns"), ("processor time", "cpu_ns"))]
    lost = ", ".join("%s %s" % (tool.name, lost_text(runs[tool.name])) for tool in choice if isinstance(tool, tools.Whole))
    return ("**8 threads, %s calls**: time per call, tool / untraced, median (quartiles)\n\n" % format(LONG_CALLS, ",") +
            figures.table(["", "rounds", "untraced, ns"] + names, rows) + "\nCalls lost (worst round): %s\n" % lost)


# Flat from 1 to 10,000 sockets, from 1 to 64 threads, from 10^3 to 10^6 calls.
GROWTH = [
    ("open sockets", "many", [(count, [count], 200000) for count in (2, 10, 100, 1000, 10000)], True),
    ("open sockets, each in turn", "many", [(count, [count, 1], 200000) for count in (2, 10, 100, 1000, 10000)], True),
    ("threads", "threads", [(count, [count], 400000) for count in (1, 2, 4, 8, 16, 32, 64)], False),
    ("calls", "socketpair", [(count, [], count) for count in (1000, 10000, 100000, 1000000)], True),
]


def growth(choice, rounds, share, note):
    choice = [tool for tool in choice if tool.name in ("untraced", "socklife, shim alone", "socklife")]
    names = [tool.name for tool in choice if tool.name != "untraced"]
    parts = []
    for title, program, points, pinned in GROWTH:
        note("growth with %s …" % title)
        rows = []
        for label, arguments, calls in points:
            calls = calls if program == "socketpair" else int(calls * share)
            # A thousand calls take a millisecond: more rounds of them.
            runs = interleave(choice, program, arguments, calls, pinned, rounds * (3 if calls < 50000 else 1), 0)
            rows.append([format(label, ","), "%.0f" % figures.median([one.cpu_ns for one in runs["untraced"]])] +
                        [cell for name in names for cell in (
                            "%+.0f" % figures.median([one.cpu_ns - base.cpu_ns for one, base in zip(runs[name], runs["untraced"])]),
                            figures.ratio_form(ratios(runs, name, "cpu_ns")))])
        parts.append(figures.table([title, "untraced, ns"] + [head for name in names for head in ("%s: added ns" % name, "ratio")], rows))
    return "**Growth**: processor time per call\n\n" + "\n".join(parts)
