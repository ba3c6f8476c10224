"""
scenario.py: a scenario: real programs talking to each other; a shell script that starts, uses and ends them on loopback.

To add one: a row in scenarios.py or, for programs that few have, scenarios_further.py. `script` is bash; it finds free ports in $PORT, $PORT2 and $PORT3, a
directory of its own in $PWD, and three helpers: `up PORT` waits until something listens there, `later COMMAND…` starts a command in the background and notes its pid, and all
that was started so is ended by pid when the script ends (`finish PID` earlier). Its status is the scenario's.

`prepare` is a script as well, run beforehand and untraced: what is built or made there is no part of the scenario. `expect` are questions to
the finished database: SQL that must give 1.
"""
import os
import shutil
import socket
import subprocess
import tempfile

import compare

PRELUDE = r"""
started=()
later() { "$@" & started+=($!); }
finish() { kill "$1" 2>/dev/null; wait "$1" 2>/dev/null; return 0; }
up() { local i; for i in $(seq 200); do if (exec 9<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; then return 0; fi; sleep 0.05; done; echo "nothing listens on $1"; return 1; }
appears() { local i; for i in $(seq 200); do [ -e "$1" ] && return 0; sleep 0.05; done; echo "no $1"; return 1; }
ended() { local status=$? pid; set +e; for pid in "${started[@]}"; do kill "$pid" 2>/dev/null; done; wait; exit $status; }
trap ended EXIT
set -e
"""


class Scenario:
    def __init__(self, name, about, needs, script, expect=(), bounded=False, limit=120, prepare=None):
        self.name, self.about, self.needs, self.script = name, about, needs.split(), script
        self.expect, self.bounded, self.limit, self.prepare = expect, bounded, limit, prepare

    def missing(self):
        """Why it cannot run here; None: it can."""
        for program in self.needs:
            if not (os.path.exists(program) or shutil.which(program) or os.path.exists("/usr/sbin/" + program)):
                return f"{program} is not installed"
        return None

    def run(self, spools=False, directory=None, intercept=None):
        own = directory is None
        directory = directory or tempfile.mkdtemp(prefix=f"socklife-{self.name}.")
        ports = free_ports(3)
        environment = {"PORT": str(ports[0]), "PORT2": str(ports[1]), "PORT3": str(ports[2]), "HERE": os.path.join(compare.ROOT, "tests/real"),
                       "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8", "HOME": directory,
                       "PROGRAMS": os.path.join(compare.BUILD, "tests/programs")}
        os.makedirs(directory, exist_ok=True)
        if self.prepare:
            subprocess.run(["bash", "-c", PRELUDE + self.prepare], cwd=directory, env=dict(os.environ, **environment), check=True, timeout=600)
        outcome = compare.run(["bash", "-c", PRELUDE + self.script], spools, directory, self.limit, environment, intercept)
        outcome.temporary = own
        outcome.questions = not spools
        return outcome

    def failures(self, outcome):
        """What else went wrong: the status, and each question that the database does not answer with 1."""
        import sqlite3
        lines = []
        if outcome.status != 0:
            lines.append(f"exit status {outcome.status}")
        if outcome.questions and not outcome.error:
            with sqlite3.connect(f"file:{outcome.database}?mode=ro", uri=True) as database:
                for question in self.expect:
                    try:
                        answer = database.execute(question).fetchone()
                    except sqlite3.Error as error:
                        answer = (str(error),)
                    if not answer or answer[0] != 1:
                        lines.append(f"the database says {answer and answer[0]} to: {question}")
        return lines


def free_ports(count):
    """Ports that were free a moment ago, below the range the kernel gives to clients."""
    sockets = []
    port = 20000 + os.getpid() % 8000
    while len(sockets) < count:
        port += 1
        attempt = socket.socket()
        try:
            attempt.bind(("127.0.0.1", port))
            sockets.append(attempt)
        except OSError:
            attempt.close()
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports
