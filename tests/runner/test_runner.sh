#!/bin/bash
# The runner itself can fail: each kind of bad suite must be counted, and good ones must pass.
set -u
cd "$(dirname "$0")/../.." || exit 1
work=$(mktemp -d "${BUILD:-build}/tests/runner.XXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT
number=0 status=0

suite() { printf '#!/bin/sh\n%s\n' "$2" >"$work/$1"; chmod +x "$work/$1"; }

# expect NAME LAST_LINE STATUS SUITE…
expect() {
	local name=$1 line=$2 want=$3 output got last
	shift 3
	number=$((number + 1))
	output=$(TEST_LOGS=$work/log SUITE_SECONDS=2 bash tests/run.sh "${@/#/$work/}" 2>&1)
	got=$?
	last=$(printf '%s\n' "$output" | tail -n 1)
	if [ "$last" = "$line" ] && [ $got = "$want" ]; then
		echo "ok $number - $name"
	else
		echo "not ok $number - $name"
		echo "# wanted '$line' and status $want, got '$last' and status $got"
		status=1
	fi
}

suite good 'echo 1..2; echo "ok 1 - a"; echo "ok 2 - b"'
suite bad 'echo 1..2; echo "ok 1 - a"; echo "not ok 2 - b"; exit 1'
suite lenient 'echo 1..1; echo "not ok 1 - b"; exit 0'
suite skips 'echo 1..2; echo "ok 1 - a # SKIP no such program"; echo "not ok 2 # SKIP b"'
suite dies 'echo 1..1; echo "ok 1 - a"; kill -SEGV $$'
suite silent 'exit 0'
suite short 'echo 1..3; echo "ok 1 - a"'
suite same 'echo 1..1; [ "$LC_ALL" = C.UTF-8 ] && [ -d "$HOME" ] && [ "$SHELL$USER" = "/bin/bash$(id -un)" ] && [ -z "${COLUMNS+x}${SOCKLIFE_DB+x}" ] && echo "ok 1 - a"'
suite hangs 'echo 1..1; sleep 30; echo "ok 1 - a"'

echo 1..12
expect "good suites pass" "4 passed, 0 failed" 0 good good
expect "a failed test fails the run" "1 passed, 1 failed" 1 bad
expect "a failed test fails even when its suite exits with 0" "0 passed, 1 failed" 1 lenient
expect "one bad suite among good ones is enough" "5 passed, 1 failed" 1 good bad good
expect "a skipped test is neither passed nor failed" "0 passed, 0 failed, 2 skipped" 0 skips
expect "a suite that dies after its tests has failed" "1 passed, 1 failed" 1 dies
expect "a suite that says nothing has failed" "0 passed, 1 failed" 1 silent
expect "a suite that stops short of its plan has failed" "1 passed, 1 failed" 1 short
expect "a suite that hangs is stopped and has failed" "0 passed, 1 failed" 1 hangs
COLUMNS=40 LC_ALL=C SOCKLIFE_DB=/nowhere expect "the caller's settings do not reach a suite" "1 passed, 0 failed" 0 same
HOME=/nowhere SHELL='' USER='' expect "nor does a caller without a home" "1 passed, 0 failed" 0 same
expect "a suite that does not exist has failed" "0 passed, 1 failed" 1 nowhere
exit $status
