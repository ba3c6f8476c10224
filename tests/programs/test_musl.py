#!/usr/bin/python3
"""
test_musl.py: the test programs once more, built with musl-gcc: the same library is loaded by musl as well, and changes nothing there. musl's own
calls are not patched: the trace says so in a gap, and what it lacks is exactly what is listed here.

Arguments: names of programs (default: all).
"""
import os
import re
import shutil
import signal
import sys
import tempfile
import types

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
sys.path.insert(0, os.path.join(HERE, "../real"))
import compare
import test_programs as programs

GLIBC_ALONE = {"unwind_each_step": "it unwinds out of glibc's patched text, with a library that is glibc's",
               "clone_syscall": "musl's syscall() returns by what it has left on the stack, and a child on another has no way back"}

# Calls that musl makes from its inside: accept4 is tried again as accept, sendmmsg sends one by one, epoll_wait is epoll_pwait, a stream asks
# whether it is a terminal, F_DUPFD_CLOEXEC sets the flag twice, posix_spawn's child sorts its
# descriptors.
OWN_CALLS = {
    "epoll_late": "epoll_pwait",
    "errors": "accept",
    "every_symbol": "accept epoll_pwait sendmsg",
    "exec_scrubbed": "close close close close read read socketpair socketpair write write",
    "many_messages": "sendmsg sendmsg sendmsg",
    "passing": "sendmsg",
    "seccomp_passed": "close close fcntl fcntl write",
    "stream": "ioctl",
    "vfork_descriptors": "close close dup2 dup2",
    "waits": "epoll_pwait epoll_pwait",
}
# … and what is recorded of the function that was called; those that musl lacks, and that only we export, fail.
OWN_ROWS = {
    "epoll_late": "epoll_wait",
    "every_symbol": "accept4 epoll_pwait2 epoll_wait pread64 pread64 preadv2 preadv2 pwritev2 pwritev2 read recv recvfrom sendmmsg",
    "many_messages": "sendmmsg",
    "passing": "sendmmsg",
    "waits": "epoll_wait epoll_wait",
}
# Their lifecycles differ by these calls.
OTHER_LIFECYCLES = {"exec_scrubbed", "vfork_descriptors"}


def without_absent(run, absent):
    lines = [line for line in run.stdout.decode(errors="replace").splitlines() if not re.match(rf"(absent |symbol )?({absent})\b", line)]
    return types.SimpleNamespace(returncode=run.returncode, stdout="\n".join(lines).encode(), stderr=run.stderr)


def difference(untraced, traced):
    """A program that asks for a function by name finds ours where musl has none: that it can tell."""
    absent = "|".join(re.findall(r"^absent (\w+)$", untraced.stdout.decode(errors="replace"), re.M)) or "no such line"
    return programs.difference(without_absent(untraced, absent), without_absent(traced, absent))


def agreement(title, outcome):
    def names(items):
        return " ".join(sorted(item.name for item in items))

    calls = [item for item in outcome.waits if isinstance(item, compare.strace_log.Call)]
    rows = [item for item in outcome.waits if item not in calls]
    lines = []
    if outcome.missed or outcome.wrong or outcome.error or names(outcome.excused + calls) != OWN_CALLS.get(title, "") or names(outcome.invented + rows) != OWN_ROWS.get(title, ""):
        lines = [outcome.summary()]
        lines += [f"not in the trace: {call.text[:120]}" for call in outcome.excused]
        compare.explain(outcome, 6, lines.append)
    programs.test(f"{title}: the trace agrees with the kernel, but for musl's own calls", "\n".join(lines))
    refused = [gap for gap in outcome.gaps if gap[2] == "patch_refused" and gap[4] in ("the C library is not glibc", "SOCKLIFE_INTERCEPT=symbols was asked for")]
    programs.test(f"{title}: a gap says that musl's own calls are not seen", "" if refused else str(outcome.gaps))


def main():
    names = sys.argv[1:] or sorted(file[:-2] for file in os.listdir(HERE) if file.endswith(".c"))
    work = tempfile.mkdtemp(prefix="musl.", dir=os.path.join(compare.BUILD, "tests"))
    try:
        for name in names:
            if name in GLIBC_ALONE:
                print(f"# {name} is not for musl: {GLIBC_ALONE[name]}")
                continue
            for arguments in programs.VARIANTS.get(name, [[]]):
                title = " ".join([name, *arguments])
                programs.check_program(name, arguments, title, work, os.path.join(compare.BUILD, "musl"), difference, agreement, name not in OTHER_LIFECYCLES)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    print(f"1..{programs.count}")
    return 1 if programs.failed else 0


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    sys.exit(main())
