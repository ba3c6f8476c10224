#!/bin/bash
# What docs/how-to-add-a-call.md says is true: its row, put into calls.def and nothing else, makes the call observed.
. "$(dirname "$0")/../tap.sh"
root=$PWD
work=$(mktemp -d "$BUILD/tests/add_a_call.XXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT

sed -n '/^CALL(65, fsync/p' docs/how-to-add-a-call.md >"$work/row"
cp -r schema preload collector viewer Makefile "$work/" 2>/dev/null
sed -i "/^CALL(64, sockatmark/r $work/row" "$work/schema/calls.def"
cat >"$work/program.c" <<'C'
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>
int main(void)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	fsync(1);
	fsync(fd);
	syscall(SYS_fsync, fd);
	return close(fd);
}
C
built() { (cd "$work" && make -s BUILD=build CFLAGS='-O1 -g0' all 2>&1) && gcc -o "$work/program" "$work/program.c"; }
exported() { nm -D --defined-only "$work/build/libsocklife.so" | grep -w fsync; }
observed() {
	local calls
	(cd "$work" && build/socklife run -q -o trace.db -- ./program >/dev/null) || return 1
	calls=$(sqlite3 "$work/trace.db" "SELECT group_concat(call || ' ' || coalesce(errno, 'ok'), ', ') FROM timeline")
	[ "$calls" = "socket ok, fsync EINVAL, fsync EINVAL, close ok" ] || { echo "recorded: $calls"; return 1; }
}

check "the page shows one row, and calls.def does not have it yet" test "$(wc -l <"$work/row")" = 1 -a "$(grep -c 'CALL(65,' schema/calls.def)" = 0
check "with the row alone everything builds" built
check "the symbol is exported" exported
check "the call is in the trace, also through syscall()" observed
finish
