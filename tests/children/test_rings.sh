#!/bin/bash
# io_uring: what is submitted to a ring passes no function, so that a ring is a gap; it says how the ring was seen, and the program works as without us.
. "$(dirname "$0")/../tap.sh"

here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d "$BUILD/tests/rings.XXXXXX") || exit 1
work=$(cd "$work" && pwd)
trap 'rm -rf "$work"' EXIT
socklife=$(cd "$BUILD" && pwd)/socklife
cd "$work" || exit 1

cc -O1 -w -D_GNU_SOURCE -o rings "$here/rings.c" -luring && cc -O1 -w -fPIC -shared -DPLUGIN -o plugin.so "$here/plugin.c" -luring &&
	cc -O1 -w -o loads "$here/plugin.c" || exit 1
if [ "$(uname -m)" != x86_64 ] || { ./rings _exit; [ $? = 77 ]; }; then
	skip "rings are gaps" "no io_uring here"
	finish
fi

# seen HOW COMMAND…: the status is the untraced one, and one gap says how.
seen() {
	local how=$1 before after found
	shift
	("$@") 2>/dev/null
	before=$?
	rm -rf trace.db*
	("$socklife" run -q -o trace.db -- "$@") 2>/dev/null
	after=$?
	[ $before = $after ] || { echo "status $before without, $after with us"; return 1; }
	found=$("$socklife" query --csv trace.db "SELECT detail FROM gap WHERE reason = 'io_uring' AND incomplete" | tail -n +2)
	[ "$found" = "$how" ] || { echo "wanted '$how', got '$found'"; return 1; }
}

for where in "" child; do
	name=${where:+, in a forked child}
	check "a ring of liburing$name" seen "io_uring_queue_init_params of liburing was called" ./rings liburing $where
	check "a ring made with syscall(), and closed$name" seen "io_uring_setup was called through syscall()" ./rings syscall $where
	check "a ring that no function set up$name" seen "an io_uring descriptor was open at exit" ./rings exit $where
	check "the same, among sockets$name" seen "an io_uring descriptor was open at exit" ./rings among $where
	check "the same, and they are closed$name" seen "an io_uring descriptor was open at exit" ./rings closed $where
	check "a ring that no function set up, and _exit is called$name" seen "an io_uring descriptor was open at exit" ./rings _exit $where
	check "the same, and the process is killed$name" seen "an io_uring descriptor was open while it ran" ./rings killed $where
done
check "a ring where sockets were that something unseen has closed" seen "an io_uring descriptor was open at exit" ./rings unseen
check "a ring on a number that is far from all others" seen "an io_uring descriptor was open at exit" ./rings far
check "a ring of a plugin's liburing, out of the program's sight" seen "io_uring_queue_init_params of liburing was called" ./loads "$work/plugin.so"
finish
