#!/usr/bin/python3
"""
corpus.py DIRECTORY: makes the seeds of the fuzz targets: DIRECTORY/spool and reader (slots of real spools, see spool_input.h), filter, suppress, database. From
the build's own programs, so that the corpus follows the format.
"""
import glob
import os
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.path.join(ROOT, "build")
PROGRAMS = "tcp_echo udp pair transfers many_messages waits fork_share pass_descriptor unix_names options names high_descriptors".split()
FILTERS = ["s1", "s3-s9", ":8080", "nginx", "state:leaked proto:tcp,udp", "port:8080", "age>1s", "has:error", "-nginx", "sort:-age", "limit:20", "peer:10.0.0.7",
           "pid:42 proc:curl", "role:listener", "sent>1K", "wait>=10ms", "::1", "@abstract", "/run/x.sock"]
SUPPRESSIONS = ["# known\nLEAK nginx 127.0.0.1:80 the listener stays on purpose\n", "RESET * *:443 load balancer probes\n", "SLOW_ACCEPT a b c\n\n  \n#\n"]


def slots(path):
    with open(path, "rb") as file:
        data = file.read()
    used = []
    for base in range(16384, len(data) - 8191, 8192):
        for at in range(base + 128, base + 8192, 64):
            if any(data[at:at + 8]):
                used.append(data[at:at + 64])
    return bytes(12) + b"".join(used[:400])


def save(directory, index, data):
    os.makedirs(directory, exist_ok=True)
    with open(os.path.join(directory, f"seed-{index}"), "wb") as file:
        file.write(data)


def main():
    target = sys.argv[1]
    with tempfile.TemporaryDirectory() as work:
        for name in PROGRAMS:
            database = os.path.join(work, name + ".db")
            environment = dict(os.environ, LD_PRELOAD=os.path.join(BUILD, "libsocklife.so"), SOCKLIFE_DB=database, SOCKLIFE_COLLECTOR="none", SOCKLIFE_PAYLOAD="20", SOCKLIFE_SPOOL_MAX="4M")
            subprocess.run([os.path.join(BUILD, "tests/programs", name)], cwd=work, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
            for index, path in enumerate(glob.glob(database + ".spool/*.spool")):
                for kind in ("spool", "reader"):
                    save(os.path.join(target, kind), f"{name}-{index}", slots(path))
    for index, text in enumerate(FILTERS):
        save(os.path.join(target, "filter"), index, text.replace(" ", "\n").encode())
    for index, text in enumerate(SUPPRESSIONS):
        save(os.path.join(target, "suppress"), index, text.encode())
    save(os.path.join(target, "database"), 0, bytes(64))


if __name__ == "__main__":
    main()
