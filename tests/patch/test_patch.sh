#!/bin/bash
# Calls that libc makes from its own inside: the patched text does what the unpatched one did, and all of it is seen.
. "$(dirname "$0")/../tap.sh"
work=$(mktemp -d "$BUILD/tests/patch.XXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT
here=tests/patch
library=$PWD/$BUILD/libsocklife.so
CC=${CC:-gcc}

if [ "$(uname -m)" != x86_64 ]; then
	skip "libc is patched" "x86-64 only"
	finish
fi
for program in deny_written_code stdio_socket; do
	$CC -O2 -w -D_GNU_SOURCE -o "$work/$program" $here/$program.c || exit 1
done

traced() { # NAME COMMAND…: into its own database, read with `query NAME SQL`
	local database=$work/$1.db
	shift
	"$BUILD/socklife" run -o "$database" -- "$@" 2>"$work/stderr"
}
query() { sqlite3 "$work/$1.db" "$2"; }
is() { [ "$1" = "$2" ] || { echo "got '$1', wanted '$2'"; return 1; }; }

decoder() {
	$CC -O1 -w -I. -o "$work/decode" $here/decode_lengths.c preload/patch_decode.c || return 1
	objdump -d --insn-width=16 "$(ldd "$work/stdio_socket" | awk '/libc\.so\.6/ { print $3 }')" |
		awk -F '\t' '$1 ~ /^ *[0-9a-f]+:$/ && $3 !~ /\(bad\)/ { gsub(/ /, "", $2); print length($2) / 2, $2 }' | "$work/decode"
}
check "every instruction of libc is as long as a disassembler says" decoder

stdio() { traced stdio "$work/stdio_socket" >"$work/maps" && is "$(cat "$work/maps")" ""; }
check "stdio works on a socket, on a small signal stack too, and no memory is writable and executable" stdio
check "libc is patched" is "$(query stdio 'SELECT DISTINCT intercept FROM process')" libc
check "stdio's two writes and one close are recorded, once" is "$(query stdio "SELECT group_concat(name || ' ' || result, ', ') FROM (SELECT k.name, c.result
	FROM call c JOIN call_kind k USING (call_kind_id) WHERE k.name IN ('write', 'close') ORDER BY c.start_ns)")" "write 3, write 3, close 0"

if command -v g++ >/dev/null; then
	g++ -O2 -w -Wl,-z,now -o "$work/cancel" $here/cancel_destructors.cc -pthread || exit 1
	cancelled() { SOCKLIFE_INTERCEPT=$1 traced cancel_$1 "$work/cancel"; }
	check "destructors run in threads cancelled inside calls" cancelled auto
	check "they do with exported symbols alone as well" cancelled symbols
else
	skip "destructors run in threads cancelled inside calls" "no g++"
fi

unwinding() { make -s BUILD="$BUILD" "$BUILD/tests/programs/unwind_each_step" && traced unwind "$BUILD/tests/programs/unwind_each_step"; }
check "at every instruction of a patched call the stack unwinds into the caller" unwinding

# A libc that the library was not built beside: a copy of ours with another build id, and one that was changed at a place that is known.
libc=$(ldd "$work/stdio_socket" | awk '/libc\.so\.6/ { print $3 }')
mkdir "$work/other" "$work/changed"
/usr/bin/python3 - "$libc" "$work" "$BUILD/known_libc.h" <<'END'
import re, subprocess, sys
libc, work, known = sys.argv[1:]
text = bytearray(open(libc, "rb").read())
words = dict(re.findall(r"#define (\w+) ((?:.|\\\n)*?)\n(?!\t)", open(known).read() + "\n"))
build_id = bytes(int(byte) for byte in words["KNOWN_BUILD_ID"].rstrip(",").split(","))
assert text.count(build_id) == 1, "the build id is not in libc"
other = text.replace(build_id, bytes([build_id[0] ^ 1]) + build_id[1:])
open(work + "/other/libc.so.6", "wb").write(other)
start = next(int(fields[1], 16) for fields in (line.split() for line in subprocess.run(["readelf", "-lW", libc], capture_output=True, text=True, check=True).stdout.splitlines())
             if fields[:1] == ["LOAD"] and "E" in fields[6:-1])
# pidfd_getfd: nobody needs it here
at, number = next((int(at), int(number)) for at, number in re.findall(r"\{ (\d+), (\d+), 7, 0, 0,", words["KNOWN_SITES"]) if int(number) == 438)
assert text[start + at:start + at + 5] == b"\xb8" + number.to_bytes(4, "little"), "the site is not there"
text[start + at + 1:start + at + 3] = (511).to_bytes(2, "little")
open(work + "/changed/libc.so.6", "wb").write(text)
END
with_libc() { # NAME: the same calls are seen
	LD_LIBRARY_PATH="$work/$1" ldd "$work/stdio_socket" | grep -q "$work/$1/libc.so.6" || { echo "it is not the libc that is loaded"; return 1; }
	LD_LIBRARY_PATH="$work/$1" traced "$1" "$work/stdio_socket" >"$work/maps" &&
		is "$(query "$1" "SELECT DISTINCT intercept FROM process")" libc &&
		is "$(query "$1" "SELECT count(*) FROM call")" "$(query stdio "SELECT count(*) FROM call")"
}
if [ -s "$BUILD/known_libc.h" ]; then
	check "a libc with another build id is scanned" with_libc other
	check "so is one that is not what it was" with_libc changed
else
	skip "a libc with another build id is scanned" "this machine's libc is not known"
fi

refused() {
	"$work/deny_written_code" true && traced refused "$work/deny_written_code" "$work/stdio_socket" >/dev/null
}
"$work/deny_written_code" true
if [ $? = 77 ]; then
	skip "where written memory may not be executed, the program runs and a gap says so" "no PR_SET_MDWE"
else
	check "where written memory may not be executed, the program runs" refused
	check "… and a gap says so" is "$(query refused "SELECT count(*) > 0 FROM gap WHERE reason LIKE '%patch%'")" 1
fi
finish
