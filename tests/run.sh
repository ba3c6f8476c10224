#!/bin/bash
# run.sh [SUITE…]: runs suites of tests and prints, as its very last line, `N passed, N failed` (and `, N skipped` when
# there are any). Exits 1 when anything failed.
#
# A suite is an executable that prints TAP: `1..N`, and for each test `ok - name`, `not ok - name` or
# `ok - name # SKIP reason`; lines beginning with # explain. Without arguments: the unit tests and every executable
# tests/*/test_*.sh and tests/*/test_*.py. A suite that dies, hangs, prints fewer or more results than it planned, or
# prints none, is a failure of its own: silence never passes.
#
# Environment: BUILD, JOBS (suites at a time), SUITE_SECONDS (limit of each). Outputs are kept in $BUILD/tests/log/. Suites see the same
# home, locale and settings whoever runs them: without HOME or SHELL, shells and interpreters ask the name service, over sockets of their own.
set -u
cd "$(dirname "$0")/.." || exit 1
export BUILD=${BUILD:-build}
export SUITE_SECONDS=${SUITE_SECONDS:-400}
export TEST_LOGS=${TEST_LOGS:-$BUILD/tests/log}
JOBS=${JOBS:-2}
export LC_ALL=C.UTF-8 SHELL=/bin/bash USER LOGNAME HOME
USER=$(id -un) LOGNAME=$(id -un)
[ -d "${HOME:-}" ] || HOME=$(getent passwd "$(id -u)" | cut -d: -f6)
unset COLUMNS NO_COLOR PAGER "${!SOCKLIFE_@}"

suite_log() { echo "$TEST_LOGS/$(echo "$1" | tr -c 'a-zA-Z0-9_.\n' _)"; }

# Reads TAP; prints "passed failed skipped" and, for a person, each failure with the explanation below it.
judge='
function settle() { if (shown != "") shown = "" }
/^1\.\.[0-9]+/ { planned += substr($1, 4); plans++; next }
# cmocka says "not ok" of a test that is skipped.
/^ok/ || /^not ok *[0-9]* *# *SKIP/ {
	line = $0; sub(/^(not )?ok *[0-9]* *-? */, "", line)
	if (toupper(line) ~ /# *SKIP/) { skipped++; print "    skipped: " line > report }
	else passed++
	explain = 0; next
}
/^not ok/ { line = $0; sub(/^not ok *[0-9]* *-? */, "", line); failed++; print "    FAILED: " line > report; explain = 12; next }
/^#/ { if (explain > 0) { print "      " $0 > report; explain-- } next }
END {
	seen = passed + failed + skipped
	if (status == 124 || status == 137) { failed++; print "    FAILED: (suite stopped after " seconds " s)" > report }
	else if (status != 0 && failed == 0) { failed++; print "    FAILED: (suite exited with status " status ")" > report }
	else if (seen == 0) { failed++; print "    FAILED: (suite ran no test)" > report }
	if (plans && seen != planned && status != 124) { failed++; print "    FAILED: (suite planned " planned " tests and reported " seen ")" > report }
	print passed + 0, failed + 0, skipped + 0
}'

run_one() {
	local suite=$1 log started status counts
	log=$(suite_log "$suite")
	started=$(date +%s)
	CMOCKA_MESSAGE_OUTPUT=TAP timeout -k 10 "$SUITE_SECONDS" "./$suite" >"$log.out" 2>"$log.err" </dev/null
	status=$?
	: >"$log.report"
	counts=$(awk -v status="$status" -v seconds="$SUITE_SECONDS" -v report="$log.report" "$judge" "$log.out")
	echo "$counts" >"$log.counts"
	read -r passed failed skipped <<<"$counts"
	# One write per suite: suites run side by side.
	{
		printf '%-6s %-46s %4d passed %3d failed %3d skipped %4d s\n' "$([ "$failed" = 0 ] && echo ok || echo FAILED)" \
			"$suite" "$passed" "$failed" "$skipped" $(($(date +%s) - started))
		cat "$log.report"
		[ "$failed" = 0 ] || { tail -n 15 "$log.err" | sed 's/^/      | /'; echo "      (all of it: $log.out, $log.err)"; }
	} >"$log.text"
	cat "$log.text"
}

if [ "${1:-}" = --one ]; then
	run_one "$2"
	exit
fi

if [ $# = 0 ]; then
	set -- $(ls "$BUILD"/tests/unit/test_* 2>/dev/null | grep -v '\.[a-z]*$')
	for suite in tests/*/test_*.sh tests/*/test_*.py; do
		[ -x "$suite" ] && set -- "$@" "$suite"
	done
fi
rm -rf "$TEST_LOGS"
mkdir -p "$TEST_LOGS"
# Longest first, so that the last one does not run alone.
printf '%s\n' "$@" | awk '{print ($0 ~ /real/ ? 0 : $0 ~ /programs/ ? 1 : 2) "\t" $0}' | sort -s -n -k1,1 | cut -f2 |
	xargs -P "$JOBS" -I{} bash tests/run.sh --one {}

passed=0 failed=0 skipped=0
for suite; do
	if read -r p f s <"$(suite_log "$suite").counts"; then
		passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
	else
		echo "FAILED $suite: it left no result"
		failed=$((failed + 1))
	fi
done
[ $# != 0 ] || { echo "FAILED: there is no suite to run"; failed=1; }
echo
echo "$passed passed, $failed failed$([ $skipped = 0 ] || echo ", $skipped skipped")"
[ $failed = 0 ]
