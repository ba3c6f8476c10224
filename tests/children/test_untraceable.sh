#!/bin/bash
# Programs that cannot be traced start as they do without us, with the same output on every stream, and each becomes a gap that names it.
. "$(dirname "$0")/../tap.sh"

work=$(mktemp -d "$BUILD/tests/children.XXXXXX") || exit 1
work=$(cd "$work" && pwd)
trap 'rm -rf "$work"' EXIT
socklife=$(cd "$BUILD" && pwd)/socklife
cd "$work" || exit 1
chmod 755 .

# same NAME COMMAND…: exit status, standard output and standard error are those of the untraced program.
same() {
	local before after
	env -u LD_PRELOAD "$@" >untraced.out 2>untraced.err </dev/null
	before=$?
	rm -rf trace.db*
	"$socklife" run -q -o trace.db -- "$@" >traced.out 2>traced.err </dev/null
	after=$?
	grep -v '^socklife: ' traced.err >traced.own
	[ $before = $after ] || echo "status $before without, $after with us"
	diff untraced.out traced.out && diff untraced.err traced.own && [ $before = $after ]
}

# gap TEXT: exactly one, with this detail.
gap() {
	local found
	found=$("$socklife" query trace.db "SELECT detail FROM gap WHERE reason = 'untraceable'" 2>&1)
	case $found in
	*"$1"*) [ "$(printf '%s\n' "$found" | grep -c ': ')" = 1 ] || { echo "more than one: $found"; return 1; } ;;
	*) echo "wanted '$1', found '$found'"; return 1 ;;
	esac
}

no_gap() {
	local found
	[ ! -e trace.db ] && return
	found=$("$socklife" query trace.db "SELECT detail FROM gap WHERE reason = 'untraceable'" 2>&1)
	! printf '%s\n' "$found" | grep ': '
}

try() { # NAME WANTED-GAP COMMAND…
	local name=$1 wanted=$2
	shift 2
	check "$name: starts as without us" same "$@"
	if [ -n "$wanted" ]; then
		check "$name: is a gap" gap "$wanted"
	else
		check "$name: is no gap" no_gap
	fi
}

echo 'int main(void) { return 5; }' >five.c
cc -o dynamic five.c

if cc -static -o static five.c 2>/dev/null; then
	try "a static program" "./static: statically linked" sh -c './static; echo $?'
	try "a static program, named to run itself" "./static: is static" ./static
	try "a static program by posix_spawn" "./static: statically linked" /usr/bin/python3 -c 'import os; print(os.waitpid(os.posix_spawn("./static", ["static"], {}), 0)[1])'
	printf '#!%s/static -x\n' "$work" >script
	chmod 755 script
	try "a script of a static interpreter" "./script: statically linked" sh -c './script; echo $?'
else
	skip "a static program" "no static libc"
fi

# A 32-bit program, written byte by byte: no toolchain is needed for it.
/usr/bin/python3 - <<'END'
import os, struct
code = b"\xb8\x01\0\0\0\xbb\x07\0\0\0\xcd\x80"
header = b"\x7fELF\1\1\1" + bytes(9) + struct.pack("<HHIIIIIHHHHHH", 2, 3, 1, 0x8048054, 52, 0, 0, 52, 32, 1, 0, 0, 0)
program = struct.pack("<IIIIIIII", 1, 0, 0x8048000, 0x8048000, 84 + len(code), 84 + len(code), 5, 4096)
open("narrow", "wb").write(header + program + code)
os.chmod("narrow", 0o755)
END
if [ "$(uname -m)" = x86_64 ]; then
	./narrow
	if [ $? = 7 ]; then
		try "a 32-bit program" "./narrow: a 32-bit program" sh -c './narrow; echo $?'
	else
		try "a 32-bit program where the kernel runs none" "" sh -c './narrow; echo $?'
	fi 2>/dev/null
fi

if [ "$(id -u)" = 0 ]; then
	cp dynamic raises
	chown 65534 raises
	chmod 4755 raises
	try "a set-user-ID program" "./raises: set-user-ID" sh -c './raises; echo $?'
	chown 0 raises
	chmod 4755 raises
	try "a set-user-ID program of our own user" "" sh -c './raises; echo $?'
	if cp dynamic able && setcap cap_net_raw+ep able 2>/dev/null; then
		try "file capabilities, as root" "" sh -c './able; echo $?'
	fi
	mkdir -p root/bin root/lib64 "root/$(dirname "$(readlink -f /lib/x86_64-linux-gnu/libc.so.6)")" root/lib
	if cp /bin/sh root/bin/sh && for needed in $(ldd /bin/sh | grep -o '/[^ ]*'); do mkdir -p "root$(dirname "$needed")" && cp "$needed" "root$needed"; done &&
	   chroot root /bin/sh -c true 2>/dev/null; then
		try "a program in a chroot without our library" "/bin/sh: socklife's library is out of its reach" chroot root /bin/sh -c 'echo inside'
	fi
fi

try "a program that is not there" "" sh -c './nothing; echo $?'
try "a file that may not be executed" "" sh -c './five.c; echo $?'
try "a dynamic program" "" sh -c './dynamic; echo $?'
try "a dynamic program, without an environment" "" env -i ./dynamic
try "the dynamic linker as a program" "" env -i "$(ls /lib64/ld-linux-x86-64.so.2 /lib/ld-linux-aarch64.so.1 2>/dev/null | head -n 1)" ./dynamic

# A program with the note that Go's linker leaves: traced, but its runtime's own system calls are a gap.
printf '.section .note.go.buildid,"a",@note\n.long 4,8,4\n.asciz "Go\\0"\n.ascii "abcdefgh"\n.section .note.GNU-stack,"",@progbits\n' >note.s
cc -o golike five.c note.s
check "a Go program: starts as without us" same ./golike
check "a Go program: is a gap" test "$("$socklife" query --csv trace.db "SELECT reason FROM gap WHERE incomplete" | tail -n 1)" = raw_syscalls

# io_uring set up by an instruction of the program's own: known by its descriptor at exit.
cat >ring.c <<'END'
#include <string.h>
#include <sys/socket.h>
int main(void)
{
	char parameters[128];
	long result = 425; /* io_uring_setup */

	memset(parameters, 0, sizeof parameters);
	socket(AF_INET, SOCK_STREAM, 0);
	__asm__ volatile("syscall" : "+a"(result) : "D"(4L), "S"(parameters) : "rcx", "r11", "memory");
	return result < 0 ? 77 : 0;
}
END
if cc -o ring ring.c 2>/dev/null && ./ring; then
	check "io_uring that no function set up: starts as without us" same ./ring
	check "io_uring that no function set up: is a gap" test "$("$socklife" query --csv trace.db "SELECT reason FROM gap" | tail -n 1)" = io_uring
fi

# glibc on x86-64 has posix_spawn in two versions: the first gives what is no program to a shell.
if [ "$(uname -m)" = x86_64 ]; then
	cat >versions.c <<'END'
#include <spawn.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/wait.h>
extern char **environ;
int first(pid_t *, const char *, const posix_spawn_file_actions_t *, const posix_spawnattr_t *, char *const *, char *const *);
__asm__(".symver first, posix_spawn@GLIBC_2.2.5");
int main(void)
{
	char *arguments[] = {"./plain", NULL};
	int status = 0, result;
	pid_t pid;

	socket(AF_INET, SOCK_STREAM, 0);
	result = first(&pid, "./plain", NULL, NULL, arguments, environ);
	if (!result)
		waitpid(pid, &status, 0);
	printf("first %d %d\n", result, status >> 8);
	printf("now %d\n", posix_spawn(&pid, "./plain", NULL, NULL, arguments, environ));
	return 0;
}
END
	printf 'exit 4\n' >plain
	chmod 755 plain
	cc -o versions versions.c
	check "both versions of posix_spawn do as without us" same ./versions
	check "both versions of posix_spawn are recorded" test "$("$socklife" query --csv trace.db "SELECT count(*) FROM timeline WHERE call = 'posix_spawn'" | tail -n 1)" = 2
fi

# SOCKLIFE_FOLLOW=0: the environment that the program gives is the one the child gets.
follow() {
	env SOCKLIFE_FOLLOW="$1" SOCKLIFE_COLLECTOR=none LD_PRELOAD="$(dirname "$socklife")/libsocklife.so" env -i /usr/bin/env | grep -c LD_PRELOAD
}
check "SOCKLIFE_FOLLOW=0 leaves the child's environment alone" test "$(follow 0)" = 0
check "by default the child has our library" test "$(follow 1)" = 1
check "another preloaded library is kept" test "$("$socklife" run -q -o other.db -- sh -c 'LD_PRELOAD=libm.so.6 env' | grep -c 'LD_PRELOAD=.*libsocklife.so:libm.so.6$')" = 1

finish
