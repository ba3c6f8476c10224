#!/bin/bash
# test_check.sh: `socklife check` as a program: exit status, formats, suppressions, filters, wrong usage.
. "$(dirname "$0")/../tap.sh"

work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
socklife=$BUILD/socklife
${CC:-cc} -g -O1 -o "$work/faults" tests/problems/programs/faults.c -lpthread || { echo "Bail out! faults.c does not compile"; exit 1; }
"$socklife" run -o "$work/bad.db" -- "$work/faults" refused fault 2>"$work/log" || { cat "$work/log"; echo "Bail out! nothing was traced"; exit 1; }
"$socklife" run -o "$work/good.db" -- "$work/faults" refused repaired 2>"$work/log"
cp "$work/good.db" "$work/gap.db"
sqlite3 "$work/gap.db" "INSERT INTO missing (process_id, reason, count) VALUES (1, 'dropped', 7)"
cp "$work/good.db" "$work/side.db"
sqlite3 "$work/side.db" "INSERT INTO missing (process_id, reason) VALUES (1, 'seccomp')"

# status N COMMAND…: the command's exit status is N; its output stays in $work/out and $work/err
status() {
	local expected=$1 found
	shift
	"$@" >"$work/out" 2>"$work/err"
	found=$?
	[ $found = "$expected" ] && return 0
	echo "exit status $found, expected $expected:"
	cat "$work/out" "$work/err"
	return 1
}
says() { status "$1" "${@:3}" && { grep -q -- "$2" "$work/out" "$work/err" || { echo "does not say: $2"; cat "$work/out" "$work/err"; return 1; }; }; }
unsaid() { "${@:2}" >"$work/out" 2>&1; ! grep "$1" "$work/out"; }
suppressed() { printf '%s\n' "$1" >"$work/known"; says "$2" "$3" "$socklife" check --suppress "$work/known" "$work/bad.db"; }
json() { "$socklife" check --json "$1" "${@:3}" | python3 -c "
import json, sys
rows = json.load(sys.stdin)
assert len(rows) == int('$2'), rows
assert all(row['rule'] and row['message'] and isinstance(row['count'], int) for row in rows)"; }
junit() { "$socklife" check --format=junit "$1" "${@:4}" | python3 -c "
import sys, xml.etree.ElementTree as tree
suite = tree.fromstring(sys.stdin.buffer.read()).find('testsuite')
assert int(suite.get('tests')) == len(suite.findall('testcase')), 'tests'
assert int(suite.get('failures')) == len(suite.findall('testcase/failure')) == int('$2'), 'failures'
assert int(suite.get('errors')) == len(suite.findall('testcase/error')) == int('$3'), 'errors'"; }
same_as_view() { [ "$("$socklife" check --ndjson "$work/bad.db" | wc -l)" = "$(sqlite3 "$work/bad.db" 'SELECT count(*) FROM problem')" ]; }

"$socklife" run -o "$work/reset.db" -- "$work/faults" reset_unread fault 2>"$work/log"

python3 -c "
import socket, time
held = socket.create_server(('127.0.0.1', 0))
open('$work/port.new', 'w').write(str(held.getsockname()[1]))
import os
os.rename('$work/port.new', '$work/port')
time.sleep(300)" &
holder=$!
while [ ! -s "$work/port" ] && kill -0 $holder; do sleep 0.05; done
"$socklife" run -o "$work/taken.db" -- python3 -c "
import socket
try:
	socket.create_server(('127.0.0.1', $(cat "$work/port")))
except OSError:
	pass" 2>"$work/log"
kill $holder

"$socklife" run -o "$work/again.db" -- python3 -c "
import socket
def serve(port, reuse):
	s = socket.socket()
	if reuse:
		s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
	s.bind(('127.0.0.1', port))
	s.listen()
	return s
s = serve(0, 0)
port = s.getsockname()[1]
c = socket.create_connection(('127.0.0.1', port))
s.accept()[0].close()
c.recv(1)
c.close()
s.close()
for reuse in 0, 1:
	try:
		serve(port, reuse)
	except OSError:
		pass" 2>"$work/log"
both_advices() { says 1 "helps only if both set it before bind" "$@" && says 1 "was set here, but s[0-9]*, whose connection it is, had not set it" "$@"; }

check "like findings with another advice are not gathered under one" both_advices "$socklife" check --width=250 "$work/again.db"
check "a port that a program outside the trace holds: its name and pid" says 1 "python3[^ ]*\[$holder\], which is not in the trace, listens there" "$socklife" check --width=200 "$work/taken.db"
check "an interpreter's call site: which script" says 1 "at .*, called by python3 -c$" "$socklife" check --width=200 "$work/taken.db"
check "whose the peer is, and where it closed" says 1 "s[0-9]* is faults\[[0-9]*\]'s, closed at faults.c:[0-9]* reset_unread()" "$socklife" check --width=120 "$work/reset.db"
check "the ladder shows what was never read" says 0 "close  ✗39B unread" "$socklife" ladder --width=120 "$work/reset.db"
check "a clean trace: 0" says 0 "nothing found" "$socklife" check "$work/good.db"
check "a finding: 1" says 1 "REFUSED" "$socklife" check "$work/bad.db"
"$socklife" run --detail=sockets -o "$work/totals.db" -- "$work/faults" refused repaired 2>"$work/log"
check "calls were not kept: which rules see less" says 0 "USE_AFTER_CLOSE does not see a socket that was closed under a thread" "$socklife" check --width=200 "$work/totals.db"
check "and it is not nothing at all that was found" says 0 "nothing found in what was recorded" "$socklife" check "$work/totals.db"
check "and a script is told on standard error" says 0 "recorded with --detail=sockets: some rules see less" "$socklife" check --json "$work/totals.db"
check "junit: the rule that sees less says so" junit "$work/totals.db" 0 0
check "calls are missing: 2, though nothing was found" says 2 "incomplete" "$socklife" check "$work/gap.db"
check "only side facts are missing: 0" status 0 "$socklife" check "$work/side.db"
check "no such file: 2" status 2 "$socklife" check "$work/none.db"
check "an unknown option: 2" status 2 "$socklife" check --fromat=json "$work/bad.db"
check "an unknown format names the nearest" says 2 "junit" "$socklife" check --format=junitt "$work/bad.db"
check "an unknown rule names the nearest" says 2 "LEAK" "$socklife" check --explain LAEK
check "--explain tells the remedy" says 0 "Remedy" "$socklife" check --explain refused
check "--explain tells what is not seen without calls" says 0 "detail=sockets it does not see" "$socklife" check --explain timeout
check "--fail-on=error still fails for an error" status 1 "$socklife" check --fail-on=error "$work/bad.db"
check "a filter that leaves the socket out leaves the finding out" says 0 "nothing found" "$socklife" check "$work/reset.db" role:listener
check "a filter that no socket matches: 2, and it is said" says 2 "none of [0-9]* sockets match.*proc:faults" "$socklife" check "$work/bad.db" proc:fautls
check "a socket that is not there: 2, and it is said" says 2 "no socket s99" "$socklife" check "$work/bad.db" s99
check "nor one of several" says 2 "no socket s99" "$socklife" check "$work/good.db" s1 s99
check "nothing is found where nothing was checked" unsaid "nothing found" "$socklife" check "$work/bad.db" s99
check "a filter that keeps the socket keeps the finding" says 1 "REFUSED" "$socklife" check "$work/bad.db" proc:faults
check "json is valid" json "$work/bad.db" 1
check "json of nothing is an empty array" json "$work/good.db" 0
check "the view problem gives the same findings" same_as_view
check "junit: a failure" junit "$work/bad.db" 1 0
check "json of a filter that no socket matches is an empty array" json "$work/bad.db" 0 proc:nobody
check "junit: a filter that no socket matches is an error" junit "$work/bad.db" 0 1 proc:nobody
check "junit: an incomplete trace is an error" junit "$work/gap.db" 0 1
check "a suppressed finding: 0, and it is counted" suppressed "REFUSED faults 127.0.0.1:* the test wants it so" 0 "1 suppressed"
check "another program's line does not suppress, and is named" suppressed "REFUSED nginx * known" 1 "matched no finding"
check "a line without a reason is refused with its number" suppressed "REFUSED faults *" 2 "known:1:"
check "a misspelt rule is refused with the nearest" suppressed "REFUSE faults * known" 2 "did you mean REFUSED"
check "comments and empty lines are skipped" suppressed $'# known\n\nREFUSED * * accepted' 0 "1 suppressed"
documented() { sh schema/document_problems.sh schema/problems/*.sql | diff - docs/problems.md; }
check "docs/problems.md is what the rules' headers say" documented
in_work() { (cd "$work" && "$@"); }
socklife=$(realpath "$socklife")
check "run --check: the program's status when nothing is found" status 0 in_work "$socklife" run --check ./faults refused repaired
check "run --check: a finding changes the status" status 9 in_work "$socklife" run --check --error-exitcode=9 ./faults refused fault
check "run --check: the program's own failure is kept" status 2 in_work "$socklife" run --check ./faults no_such_fault fault
check "run --check writes nothing to standard output" [ ! -s "$work/out" ]
check "run --check --suppress" status 0 in_work "$socklife" run --check --suppress known ./faults refused fault
check "run --error-exitcode=0 is refused" status 2 in_work "$socklife" run --error-exitcode=0 ./faults refused fault
finish
