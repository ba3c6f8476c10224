#!/usr/bin/python3
"""What docs/privacy.md and docs/scale.md tell to remove from a trace is removed, and the trace can be read afterwards. Prints TAP."""
import os
import re
import sqlite3
import subprocess
import sys
import tempfile

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../..")
SOCKLIFE = os.path.join(os.path.abspath(os.environ.get("BUILD", os.path.join(ROOT, "build"))), "socklife")
PROGRAM = """import socket
try:
    socket.getaddrinfo("private-host.invalid", 80)
except OSError:
    pass
sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
sender.setsockopt(socket.IPPROTO_IP, socket.IP_TTL, 77)
sender.sendto(b"private-payload", ("127.0.0.1", 9))
"""
count = failed = 0


def test(name, found, wanted):
    global count, failed
    count += 1
    failed += found != wanted
    print(f"{'ok' if found == wanted else 'not ok'} {count} - {name}")
    if found != wanted:
        print(f"# found {found}, wanted {wanted}")


def document(name):
    with open(os.path.join(ROOT, "docs", name)) as file:
        return file.read()


with tempfile.TemporaryDirectory() as directory:
    program, path = os.path.join(directory, "program.py"), os.path.join(directory, "trace.db")
    with open(program, "w") as file:
        file.write(PROGRAM)
    subprocess.run([SOCKLIFE, "run", "-q", "--payload=20", "-o", path, sys.executable, program], check=True)

    def left():
        with open(path, "rb") as file:
            content = file.read()
        return [word for word in (b"private-host", b"private-payload", b"IP_TTL=77") if word in content]

    test("before, all of it is there", left(), [b"private-host", b"private-payload", b"IP_TTL=77"])
    recipe = re.search(r"      DELETE FROM payload.*?VACUUM;\n", document("privacy.md"), re.S).group()
    database = sqlite3.connect(path, isolation_level=None)
    database.executescript(recipe)
    test("what privacy.md empties is gone", left(), [])
    lists = subprocess.run([SOCKLIFE, "show", path, "s1", "--json"], capture_output=True)
    test("and the trace can be read", (lists.returncode, lists.stderr), (0, b""))
    cut = re.search(r"`(DELETE FROM \w+ WHERE socket_id IN )\(…\)`", document("scale.md")).group(1)
    database.execute(cut + "(SELECT socket_id FROM socket WHERE type = 2)")
    test("scale.md's cut leaves no calls of those sockets", database.execute("SELECT count(*) FROM call JOIN socket USING (socket_id) WHERE type = 2").fetchone(), (0,))
    test("but the sockets", database.execute("SELECT count(*) > 0 FROM socket WHERE type = 2").fetchone(), (1,))
print(f"1..{count}")
sys.exit(1 if failed else 0)
