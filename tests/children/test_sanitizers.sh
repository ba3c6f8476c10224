#!/bin/bash
# Programs built with a sanitizer are traced as others are; AddressSanitizer's library, where it is one, comes before ours in them, and in no other
# program.
. "$(dirname "$0")/../tap.sh"

here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d "$BUILD/tests/sanitizers.XXXXXX") || exit 1
work=$(cd "$work" && pwd)
trap 'rm -rf "$work"' EXIT
socklife=$(cd "$BUILD" && pwd)/socklife
cd "$work" || exit 1
unset LD_PRELOAD

# same NAME-OF-TRACE COMMAND…: status and standard output are those of the untraced program; of its reports, the first words.
same() {
	local trace=$1 before after
	shift
	"$@" >untraced.out 2>untraced.err </dev/null
	before=$?
	"$socklife" run -q -o "$trace.db" -- "$@" >traced.out 2>traced.err </dev/null
	after=$?
	[ $before = $after ] || { echo "status $before without, $after with us"; head -n 3 traced.err; return 1; }
	diff untraced.out traced.out && diff <(grep -o 'ERROR: [A-Za-z]*: [a-z-]*' untraced.err) <(grep -o 'ERROR: [A-Za-z]*: [a-z-]*' traced.err)
}
calls() { # NAME WANTED: so many, and no gap
	local got
	got=$("$socklife" query --csv "$1.db" "SELECT (SELECT count(*) FROM timeline WHERE effect <> 'process'), (SELECT count(*) FROM gap WHERE incomplete)" | tail -n 1)
	[ "$got" = "$2,0" ] && return
	echo "calls and gaps: $got"
	"$socklife" query --csv "$1.db" "SELECT reason, count, detail FROM gap"
	cat traced.err
	return 1
}

try() { # NAME COMPILER FLAGS…
	local name=$1
	shift
	if ! "$@" -g -w -o program "$here/sanitized.c" 2>/dev/null || ! ./program >/dev/null 2>&1; then
		skip "$name" "this compiler cannot, here"
		return
	fi
	check "$name: works as without us" same plain ./program
	check "$name: each call is seen once" calls plain 7
	check "$name: a bug is found as without us" same bug ./program bug
	check "$name: started again without an environment" same self ./program self
	check "$name: the calls of both are seen" calls self 14
	check "$name: a shell of its has no sanitizer" same shell ./program shell 'env | grep -c -e SOCKLIFE_RUNTIME -e "LD_PRELOAD=.*[s]an"'
	check "$name: in a shell" same inside sh -c './program; ./program'
	check "$name: all calls are seen there" calls inside 14
}

try "gcc's AddressSanitizer" gcc -fsanitize=address
try "gcc's AddressSanitizer, linked in" gcc -fsanitize=address -static-libasan
try "gcc's ThreadSanitizer" gcc -fsanitize=thread
try "clang's AddressSanitizer" clang -fsanitize=address
try "clang's AddressSanitizer, as a library" clang -fsanitize=address -shared-libasan -Wl,-rpath,"$(dirname "$(clang -print-file-name=libclang_rt.asan-x86_64.so 2>/dev/null)")"

gcc -g -w -fsanitize=address -o program "$here/sanitized.c"
kept() { [ "$(LD_PRELOAD=libm.so.6 "$socklife" run -q -o kept.db -- ./program shell 'env | grep "^LD_PRELOAD="')" = "LD_PRELOAD=$(dirname "$socklife")/libsocklife.so:libm.so.6" ]; }
check "a library that was preloaded already stays, behind ours" kept
doctored() { "$socklife" doctor ./program | grep -q 'can be traced$' && "$socklife" doctor ./program | grep -q 'built with AddressSanitizer'; }
check "doctor says that it can be traced" doctored
finish
