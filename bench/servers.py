"""servers.py: redis-server under redis-benchmark, nginx under wrk (or ab), and how long /bin/true and curl take from start to end.

The server runs on processor 0, the load on processor 1; a collector goes where there is room. Every round starts each server anew,
under each tool, in an order drawn anew.
"""
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import time

from bench import figures, tools


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def descendants(pid):
    found, queue = [], [pid]
    while queue:
        one = queue.pop()
        found.append(one)
        try:
            for task in os.listdir("/proc/%d/task" % one):
                with open("/proc/%d/task/%s/children" % (one, task)) as children:
                    queue += [int(child) for child in children.read().split()]
        except OSError:
            pass
    return found


def command_of(pid):
    try:
        with open("/proc/%d/comm" % pid) as comm:
            return comm.read().strip()
    except OSError:
        return ""


def processor_ns(pids):
    """Processor time of these processes, all threads, in nanoseconds."""
    total = 0
    for pid in pids:
        try:
            for task in os.listdir("/proc/%d/task" % pid):
                with open("/proc/%d/task/%s/schedstat" % (pid, task)) as stat:
                    total += int(stat.read().split()[0])
        except OSError:
            pass
    return total


def pin(pids, processor):
    for pid in pids:
        try:
            for task in os.listdir("/proc/%d/task" % pid):
                os.sched_setaffinity(int(task), {processor})
        except OSError:
            pass


def wait_for_port(port, process):
    for _ in range(500):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            if process.poll() is not None:
                break
            time.sleep(0.02)
    raise SystemExit("bench: a server did not start (status %s)" % process.returncode)


class Redis:
    name, program = "redis-server", "redis-server"
    needs = ["redis-server", "redis-benchmark"]

    def __init__(self, place, share):
        self.requests = int(60000 * share)

    def server(self, port):
        return ["redis-server", "--port", str(port), "--save", "", "--appendonly", "no", "--bind", "127.0.0.1", "--dir", tools.PLACE]

    def load(self, port):
        """Requests per second, requests."""
        out = subprocess.run(["taskset", "-c", "1", "redis-benchmark", "-p", str(port), "-n", str(self.requests), "-c", "50", "-t", "set,get", "--csv"],
                             stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=tools.clean_environment()).stdout
        rates = [float(rate) for rate in re.findall(r'^"(?:SET|GET)","([0-9.]+)"', out, re.M)]
        return len(rates) / sum(1 / rate for rate in rates), 2 * self.requests


class Nginx:
    name, program = "nginx, keep-alive", "nginx"
    needs = ["nginx"]

    def __init__(self, place, share):
        self.seconds = max(1.0, 2 * share)
        self.directory = os.path.join(os.path.dirname(place), "nginx")
        os.makedirs(self.directory, exist_ok=True)

    def server(self, port):
        path = os.path.join(self.directory, "%d.conf" % port)
        with open(path, "w") as conf:
            conf.write("%sworker_processes 1; daemon off; pid %s/%d.pid; error_log stderr crit;\nevents { worker_connections 256; }\n"
                       "http { access_log off; keepalive_requests 10000000; %s server { listen 127.0.0.1:%d; location / { return 200 'hello\\n'; } } }\n"
                       % ("user root; " if os.geteuid() == 0 else "", self.directory, port,
                          " ".join("%s_temp_path %s/%s;" % (one, self.directory, one) for one in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")), port))
        return [shutil.which("nginx") or "/usr/sbin/nginx", "-c", path]

    def load(self, port):
        url = "http://127.0.0.1:%d/" % port
        if shutil.which("wrk"):
            out = subprocess.run(["taskset", "-c", "1", "wrk", "-t1", "-c16", "-d%d" % round(self.seconds), url], stdout=subprocess.PIPE, text=True).stdout
            return float(re.search(r"Requests/sec: +([0-9.]+)", out).group(1)), int(re.search(r"(\d+) requests in", out).group(1))
        count = int(15000 * self.seconds)
        out = subprocess.run(["taskset", "-c", "1", "ab", "-q", "-k", "-n", str(count), "-c", "16", url], stdout=subprocess.PIPE, text=True).stdout
        return float(re.search(r"Requests per second: +([0-9.]+)", out).group(1)), count


class Served:
    """One round of one server under one tool; times are per request."""

    def __init__(self, wall_ns, server_ns, whole_ns, trace, requests):
        self.wall_ns, self.server_ns, self.whole_ns, self.trace, self.requests = wall_ns, server_ns, whole_ns, trace, requests


def serve(tool, server):
    place, port = tools.fresh_place(), free_port()
    argv, environment = tool.command(server.server(port), place)
    process = subprocess.Popen(argv, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    try:
        wait_for_port(port, process)
        time.sleep(0.1)
        servers = [pid for pid in descendants(process.pid) if command_of(pid) == server.program]
        pin(servers, 0)
        before = processor_ns(servers)
        rate, requests = server.load(port)
        server_ns = (processor_ns(servers) - before) / requests
        os.kill(servers[0], signal.SIGTERM)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    finally:
        if process.returncode is None:
            for pid in descendants(process.pid):
                os.kill(pid, signal.SIGKILL)
            process.wait()
    return Served(1e9 / rate, server_ns, (usage.ru_utime + usage.ru_stime) * 1e9 / requests, tool.finish(place), requests)


def measure(choice, rounds, slow_rounds, share, note):
    results = []
    for kind in (Redis, Nginx):
        if not all(shutil.which(name) or os.path.exists("/usr/sbin/" + name) for name in kind.needs):
            note("%s is not installed" % kind.name)
            continue
        note("%s …" % kind.name)
        server = kind(tools.fresh_place(), share)
        runs = {tool.name: [] for tool in choice}
        for number in range(rounds):
            for tool in random.sample(choice, len(choice)):
                slow = tool.share < 1
                runs[tool.name].append(None if slow and number >= slow_rounds else serve(tool, kind(tools.PLACE, share / 10) if slow else server))
        results.append((kind.name, runs))
    return results


def report(results, choice):
    names = [tool.name for tool in choice if tool.name != "untraced"]

    def ratio(runs, name, attribute):
        return figures.ratio_form([getattr(one, attribute) / getattr(base, attribute) for one, base in zip(runs[name], runs["untraced"]) if one])

    rows = []
    for title, runs in results:
        base = runs["untraced"]
        rows.append(["%s: time per request" % title, "%.1f µs" % (figures.median([one.wall_ns for one in base]) / 1e3)] + [ratio(runs, name, "wall_ns") for name in names])
        rows.append(["%s: processor time of the server" % title, "%.1f µs" % (figures.median([one.server_ns for one in base]) / 1e3)] + [ratio(runs, name, "server_ns") for name in names])
        rows.append(["%s: of server, tool and all" % title, "%.1f µs" % (figures.median([one.whole_ns for one in base]) / 1e3)] + [ratio(runs, name, "whole_ns") for name in names])
    text = "**Real servers**, tool / untraced: median (quartiles)\n\n" + figures.table(["", "untraced"] + names, rows)
    for tool in choice:
        if isinstance(tool, tools.Whole) and not tool.options:
            for title, runs in results:
                done = [one for one in runs[tool.name] if one]
                calls = [sum(one.trace.calls.values()) for one in done]
                text += "\n%s under socklife: %s calls recorded in a round (median), %d dropped in all rounds, %.1f bytes a call.\n" % (
                    title, format(round(figures.median(calls)), ","), sum(one.trace.dropped for one in done),
                    figures.median([one.trace.size / count for one, count in zip(done, calls) if count]))
    return text


def start_up(choice, times, note):
    """Milliseconds from start to end of /bin/true, and of curl asking a server that is there already."""
    note("start-up …")
    programs = [("/bin/true", ["/bin/true"])]
    server = None
    if shutil.which("curl") and (shutil.which("nginx") or os.path.exists("/usr/sbin/nginx")):
        port = free_port()
        server = subprocess.Popen(Nginx(tools.fresh_place(), 1).server(port), env=tools.clean_environment(), stderr=subprocess.DEVNULL)
        wait_for_port(port, server)
        programs.append(("curl", ["curl", "-s", "-o", "/dev/null", "http://127.0.0.1:%d/" % port]))
    rows = []
    try:
        for title, argv in programs:
            spent = {tool.name: [] for tool in choice}
            for _ in range(times):
                for tool in random.sample(choice, len(choice)):
                    command, environment = tool.command(argv, tools.fresh_place())
                    started = time.monotonic_ns()
                    subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
                    spent[tool.name].append((time.monotonic_ns() - started) / 1e6)
            rows.append([title] + [figures.spread(spent[tool.name]) for tool in choice])
    finally:
        if server:
            server.terminate()
            server.wait()
    return "**Start to end of a short program**, ms: median (quartiles)\n\n" + figures.table([""] + [tool.name for tool in choice], rows)
