"""
strace_log.py: reads what `strace -f -y -i -v -ttt -s0` wrote and gives the kernel's truth: the socket calls of each thread, in
the order they were entered.

strace tells a socket by its inode (`3<socket:[4711]>`). Calls that the shim itself made (to ask a socket's cookie, say) are
told by their instruction pointer: it lies in libsocklife.so, outside the functions that make a call for the program.
A call that a signal interrupted and the kernel restarted is one call, as the program sees it.
"""
import re
import subprocess

TRACED = ("socket socketpair bind listen accept accept4 connect shutdown close sendto sendmsg sendmmsg recvfrom recvmsg recvmmsg "
          "read write readv writev preadv2 pwritev2 pread64 pwrite64 preadv pwritev sendfile splice tee vmsplice dup dup2 dup3 fcntl ioctl getsockname "
          "getpeername getsockopt setsockopt poll ppoll select pselect6 epoll_create epoll_create1 epoll_ctl epoll_wait epoll_pwait epoll_pwait2 "
          "pidfd_getfd close_range mmap clone clone3 fork vfork execve execveat exit_group rt_sigreturn restart_syscall io_uring_setup").split()

# Only sockets take these: recorded whatever their descriptor is.
SOCKET_ONLY = set("bind listen accept accept4 connect shutdown sendto sendmsg sendmmsg recvfrom recvmsg recvmmsg "
                  "getsockname getpeername getsockopt setsockopt".split())
CREATE = {"socket", "socketpair"}
ANY = set("close read write readv writev preadv2 pwritev2 pread64 pwrite64 preadv pwritev vmsplice dup fcntl ioctl".split())
TWO = {"sendfile", "splice", "tee", "dup2", "dup3"}
WAITS = set("poll ppoll select pselect6 epoll_wait epoll_pwait epoll_pwait2".split())

# The shim's functions that make the program's call themselves where the process has one thread (DIRECT of preload/hooks.h), but for record_ and __ before it.
DIRECT = {name: name for name in "socket connect accept accept4 setsockopt close sendto sendmsg recvfrom recvmsg read write readv writev poll epoll_ctl epoll_wait".split()}
DIRECT.update(send="sendto", recv="recvfrom")

LINE = re.compile(r"^(\d+) +(\d+\.\d+) +\[([0-9a-f?]+)\] (.*)$")
SUPERSEDED = re.compile(r"\+\+\+ superseded by execve in pid (\d+)")
RESUMED = re.compile(r"^<\.\.\. (\w+) resumed>(.*)$")
RESULT = re.compile(r"\) += (\?|-?\d+|0x[0-9a-f]+)(?:<([^>]*)>(?:\(deleted\))?)?(?: (E[A-Z0-9_]+))?(?: .*)?$")
DESCRIPTOR = re.compile(r"^(-?\d+)(?:<([^>]*)>)?")
ADDS = re.compile(r"^epoll_ctl\((\d+)(?:<[^>]*>)?, EPOLL_CTL_ADD, (\d+<[^>]*>)")
INODE = re.compile(r"socket:\[(\d+)\]")


class Call:
    """One call of one thread. inode: the socket's; None when strace named none. result None: it never returned."""
    __slots__ = ("tid", "pid", "name", "fd", "inode", "result", "errno", "time", "text", "image", "optional", "in_libc")

    def __repr__(self):
        what = self.errno or self.result
        return f"{self.tid} {self.name}({self.fd}) = {'?' if what is None else what}"


def own_ranges(library):
    """
    Where in the file the shim's functions are that make system calls of the program's, and which ("": any); all else there is the shim's own: low, high, name.
    """
    ranges = []
    for line in subprocess.run(["nm", "-nS", library], capture_output=True, text=True, check=True).stdout.splitlines():
        fields = line.split()
        if len(fields) == 4 and fields[2] in "tT":
            any_call = fields[3].startswith(("through_", "patch_", "intercept_"))
            name = "" if any_call else DIRECT.get(re.sub(r"^(record)?_+", "", fields[3]))
            if name is not None:
                ranges.append((int(fields[0], 16), int(fields[0], 16) + int(fields[1], 16), name))
    return ranges


class Log:
    def __init__(self, path, library):
        self.calls = []
        self.images = {}            # (pid, number of its execs) -> program
        self.library = library
        self.ranges = own_ranges(library) if library else []
        self.base = {}              # pid -> (start, end) of the library there
        self.libc = {}              # pid -> (start, end) of the C library there
        self.process_of = {}        # tid -> pid
        self.parent_of = {}         # pid -> (pid, image) of the process that it is a fork of
        self.image_of = {}          # pid -> number of execs so far
        self.epolls = {}            # (pid, fd) of an epoll instance -> what it has held, the same set for all numbers of one: "socket", "instance"
        self.made_by = self.makers(path) # tid -> (tid of who made it, text of the call that did)
        self.pending = {}           # tid -> text begun and not resumed
        self.interrupted = {}       # tid -> calls broken off by a signal, innermost last
        self.io_uring = set()
        self.unreturned_waits = set() # (tid, name): waits on whatever set that never came back
        self.exited = set()         # threads that ended their process themselves: of the others, the last calls may never have come back
        with open(path, errors="replace") as file:
            for line in file:
                self.line(line.rstrip("\n"))
        for tid, (time, ip, text) in self.pending.items():
            self.call(tid, time, ip, text + ") = ?")

    @staticmethod
    def makers(path):
        """A child may be seen before the call that made it returns, and several may be made at once: read ahead."""
        begun, made_by = {}, {}
        with open(path, errors="replace") as file:
            for line in file:
                match = LINE.match(line.rstrip("\n"))
                if not match:
                    continue
                tid, text = int(match[1]), match[4]
                resumed = RESUMED.match(text)
                text = begun.pop(tid, "") + resumed[2] if resumed else text
                if not text.startswith(("clone", "fork", "vfork")):
                    continue
                if text.endswith("<unfinished ...>"):
                    begun[tid] = text[:-len("<unfinished ...>")].rstrip()
                elif (found := RESULT.search(text)) and found[1] != "?" and int(found[1], 0) > 0:
                    made_by.setdefault(int(found[1], 0), (tid, text))
        return made_by

    def line(self, line):
        match = LINE.match(line)
        if not match:
            return
        tid, time, ip, text = int(match[1]), float(match[2]), match[3], match[4]
        if superseded := SUPERSEDED.match(text):
            # A thread executes a new image under the process's own id; what the first thread was in never returns.
            other = int(superseded[1])
            if tid in self.pending:
                begun_time, begun_ip, begun = self.pending.pop(tid)
                self.call(tid, begun_time, begun_ip, begun + ") = ?")
            if other in self.pending:
                self.pending[tid] = self.pending.pop(other)
            return
        if text.startswith(("+++", "---")):
            return
        if text.endswith("<unfinished ...>"):
            self.pending[tid] = (time, ip, text[:-len("<unfinished ...>")].rstrip())
            self.begun_to_add(tid, text)
            return
        resumed = RESUMED.match(text)
        if resumed:
            if tid not in self.pending:
                return
            time, ip, begun = self.pending.pop(tid)
            text = begun + resumed[2]
        self.call(tid, time, ip, text)

    def begun_to_add(self, tid, text):
        """A wait may return with a socket before the call that adds it does."""
        added = ADDS.match(text)
        if added and INODE.search(added[2]):
            self.epoll(self.process_of.get(tid, tid), int(added[1])).add("socket")

    def epoll(self, pid, fd):
        return self.epolls.setdefault((pid, fd), set())

    def epoll_event(self, pid, name, arguments, result):
        """What a successful call does to the epoll instances that the process has."""
        descriptor, eventpoll = DESCRIPTOR.match(arguments), "<anon_inode:[eventpoll]>"
        if name.startswith("epoll_create"):
            self.epolls[pid, result] = set()
        elif name == "epoll_ctl" and "EPOLL_CTL_ADD" in arguments:
            target = DESCRIPTOR.match(arguments.split(", ")[2])
            if INODE.search(target[2] or ""):
                self.epoll(pid, int(descriptor[1])).add("socket")
            elif "eventpoll" in (target[2] or ""):
                self.epoll(pid, int(descriptor[1])).update({"instance"}, self.epoll(pid, int(target[1])))
        elif descriptor and "eventpoll" in (descriptor[2] or "") and (name in ("dup", "dup2", "dup3") or "F_DUPFD" in arguments):
            self.epolls[pid, result] = self.epoll(pid, int(descriptor[1]))
        elif name in ("recvmsg", "recvmmsg") and eventpoll in arguments:
            # Whoever passed it has put something into it, most likely a socket.
            for fd in re.findall(r"(\d+)" + re.escape(eventpoll), arguments):
                self.epolls[pid, int(fd)] = {"socket"}

    def is_within(self, range_of, pid, ip):
        start, end = range_of.get(pid, (0, 0))
        return bool(ip.strip("?")) and start <= int(ip, 16) < end

    def is_own(self, pid, ip, name):
        if not self.is_within(self.base, pid, ip):
            return False
        offset = int(ip, 16) - self.base[pid][0]
        return not any(low <= offset <= high and made in ("", name) for low, high, made in self.ranges)

    def call(self, tid, time, ip, text):
        name, _, arguments = text.partition("(")
        name = "pselect6" if name == "select" else name     # libc's select is made of it; some make the old call themselves
        found = RESULT.search(text)
        if not found:
            return
        if tid not in self.process_of:
            self.adopt(tid)
        pid = self.process_of[tid]
        if found[1] == "?":
            result, errno = None, found[3]
        else:
            result, errno = int(found[1], 0), found[3]

        stack = self.interrupted.setdefault(tid, [])
        if name == "rt_sigreturn":
            if stack and errno == "EINTR":
                stack[-1].result, stack[-1].errno = -1, "EINTR"
                stack.pop()
            return
        if name == "restart_syscall" and stack:
            if not (errno or "").startswith("ERESTART"):
                call = stack.pop()
                call.result, call.errno = result, errno
            return
        if self.process_event(pid, tid, name, arguments, result, errno, text):
            return
        if self.is_own(pid, ip, name):
            return
        if result is not None and result >= 0:
            self.epoll_event(pid, name, arguments, result)
        call = self.socket_call(tid, pid, name, arguments, found, result, errno, time, text)
        if not call:
            return
        call.in_libc = self.is_within(self.libc, pid, ip) if pid in self.libc else None     # None: a libc that no mmap brought
        if stack and stack[-1].name == name and stack[-1].fd == call.fd:
            if not (errno or "").startswith("ERESTART"):
                stack[-1].result, stack[-1].errno = result, errno
                stack.pop()
            return
        if (errno or "").startswith("ERESTART"):
            call.errno = None
            stack.append(call)
        self.calls.append(call)

    def adopt(self, tid):
        """A new thread or process is seen before the call that made it returns. Where it never returned, its maker is in such a call."""
        candidates = [self.made_by[tid]] if tid in self.made_by else [(maker, text) for maker, (_, _, text) in reversed(list(self.pending.items()))]
        for maker, text in candidates:
            if text.startswith(("clone", "fork", "vfork")) and maker in self.process_of:
                self.inherit(self.process_of[maker], tid, "CLONE_THREAD" in text)
                return
        self.process_of[tid] = tid

    def inherit(self, pid, tid, is_thread):
        if tid in self.process_of:
            return
        self.process_of[tid] = pid if is_thread else tid
        if not is_thread:
            self.base[tid] = self.base.get(pid, (0, 0))
            if pid in self.libc:
                self.libc[tid] = self.libc[pid]
            self.image_of[tid] = 0
            self.parent_of[tid] = (pid, self.image_of.get(pid, 0))
            self.images[tid, 0] = self.images.get((pid, self.image_of.get(pid, 0)), "?")
            self.epolls.update({(tid, fd): held for (owner, fd), held in self.epolls.items() if owner == pid})

    def process_event(self, pid, tid, name, arguments, result, errno, text):
        if name in ("clone", "clone3", "fork", "vfork"):
            if result and result > 0:
                self.inherit(pid, result, "CLONE_THREAD" in arguments)
            return True
        if name in ("execve", "execveat"):
            if result == 0:
                self.process_of[tid] = pid
                self.base.pop(pid, None)
                self.libc.pop(pid, None)
                self.image_of[pid] = self.image_of.get(pid, 0) + 1
                quoted = re.search(r'"([^"]*)"', arguments)
                self.images[pid, self.image_of[pid]] = quoted[1] if quoted else "?"
            return True
        if name == "mmap":
            for range_of, file in ((self.base, "libsocklife.so>"), (self.libc, "/libc.so.6>")):
                # Another mapping of libc, apart, is the one that the shim patches and moves into place.
                if self.library and file in arguments and result and (range_of is self.base or pid not in range_of):
                    start, end = range_of.get(pid, (result, result))
                    size = int(arguments.split(",")[1], 0)
                    range_of[pid] = (min(start, result), max(end, result + size))
            return True
        if name == "exit_group":
            self.exited.add(tid)
            return True
        if name == "io_uring_setup":
            self.io_uring.add(pid)
            return True
        return name in ("close_range", "pidfd_getfd", "restart_syscall")

    def socket_call(self, tid, pid, name, arguments, found, result, errno, time, text):
        call = Call()
        call.tid, call.pid, call.name, call.time, call.text = tid, pid, name, time, text
        call.result, call.errno, call.image = result, errno, self.image_of.get(pid, 0)
        call.inode, call.optional = None, False
        first = DESCRIPTOR.match(arguments)
        call.fd = int(first[1]) if first else None
        on_first = INODE.search(first[2] or "") if first else None
        if name in CREATE:
            call.fd = None
            made = INODE.search(found[2] or "")
            call.inode = int(made[1]) if made else None
            return call
        if name == "epoll_ctl":
            fields = arguments.split(", ")
            target = DESCRIPTOR.match(fields[2])
            inode = INODE.search(target[2] or "")
            if not inode:
                return None
            call.fd, call.inode = int(target[1]), int(inode[1])
            return call
        if name.startswith("epoll_create"):
            return None
        if name in WAITS:
            if result is None and not errno:
                self.unreturned_waits.add((tid, name))
            instance = self.epoll(pid, call.fd) if name.startswith("epoll") else set()
            held = "socket" in instance or not name.startswith("epoll") and "socket:[" in arguments
            if name in ("poll", "ppoll", "select", "pselect6"):
                call.fd = None
            # A number that is closed: whether it was a socket's is the trace's to know.
            call.optional = not held and (errno == "EBADF" or "POLLNVAL" in text or "instance" in instance)
            return call if held or call.optional else None
        if name in ("close", "dup", "fcntl") and first and "eventpoll" in (first[2] or ""):
            call.optional = True    # a record of an epoll instance is welcome, but no socket's
            return call
        if name in SOCKET_ONLY or (name in ANY and on_first):
            call.inode = int(on_first[1]) if on_first else None
            return call
        if name in TWO:
            parts = arguments.split(", ")
            if name in ("dup2", "dup3"):
                call.inode = int(on_first[1]) if on_first else None
                return call if on_first or INODE.search(parts[1]) else None
            # The subject is the one of both that is a socket; the target when both are.
            target, source = {"sendfile": (0, 1), "splice": (2, 0), "tee": (1, 0)}[name]
            for part in (parts[target], parts[source]):
                inode = INODE.search(part)
                if inode:
                    call.fd, call.inode = int(DESCRIPTOR.match(part)[1]), int(inode[1])
                    return call
            return None
        return None
