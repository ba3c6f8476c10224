#!/bin/bash
# Every view against its golden: cases names them; a golden holds the command, its output, its messages and its exit status.
# UPDATE=1 writes the goldens anew (read the difference before committing it).
. "$(dirname "$0")/../tap.sh"
socklife=$PWD/$BUILD/socklife
here=$PWD/tests/views
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
unset COLUMNS NO_COLOR PAGER SOCKLIFE_PAGER
export LC_ALL=C.UTF-8 TERM=xterm TZ=UTC

make_database() { cat schema/tables.sql schema/views.sql "$here/base.sql" "$1" | sqlite3 "$2"; }
for fixture in slow_server family hostile absurd nonblocking ancestors overlap datagrams refused server_loop singular shared; do
	make_database "$here/$fixture.sql" "$work/$fixture.db" || exit 1
done
echo "This is no database, but more than a hundred bytes of text so that the header can be read in full, and then some more." >"$work/text.db"
: >"$work/empty.db"
sqlite3 "$work/foreign.db" "CREATE TABLE t (x)"
make_database /dev/null "$work/newer.db" && sqlite3 "$work/newer.db" "PRAGMA user_version = 999"
make_database /dev/null "$work/newest.db"
make_database /dev/null "$work/recording.db" && sqlite3 "$work/recording.db" "INSERT OR REPLACE INTO meta VALUES ('state', 'recording')"
make_database /dev/null "$work/earlier.db" && sqlite3 "$work/earlier.db" "PRAGMA user_version = 1"
make_database "$here/family.sql" "$work/damaged.db" && printf '%8192s' x | dd of="$work/damaged.db" bs=1 seek=4096 conv=notrunc status=none

cd "$work" || exit 1
# One case: what a person would see, in the golden's form.
produce() {
	local words=() word
	for word in $3; do
		word=${word//%20/ }
		[ "$word" = @ ] && word=$2.db
		words+=("$word")
	done
	echo "\$ socklife ${words[*]}"
	env $4 "$socklife" "${words[@]}" >"$work/out" 2>"$work/err" </dev/null
	local status=$?
	cat "$work/out"
	sed 's/^/! /' "$work/err"
	echo "exit $status"
}
same() {
	produce "$@" >"$work/$1.actual"
	[ -z "${UPDATE:-}" ] || cp "$work/$1.actual" "$here/$1.expected"
	diff -u "$here/$1.expected" "$work/$1.actual"
}
while IFS='|' read -r name fixture line environment; do
	name=${name// /} fixture=${fixture// /}
	case $name in '' | \#*) continue ;; esac
	check "$name" same "$name" "$fixture" "$line" "$environment"
done <"$here/cases"

# What a golden cannot say.
fits() {
	local width
	for width in 40 60 80 100 132 200; do
		COLUMNS=$width "$socklife" "$@" | while IFS= read -r text; do
			[ ${#text} -le $width ] || { echo "$width: $text"; exit 1; }
		done || return 1
	done
}
valid_json() { "$socklife" ls hostile.db --json | python3 -c 'import json, sys; assert len(json.load(sys.stdin)) == 3'; }
on_terminal() { COLUMNS=$1 python3 -c 'import os, pty, sys; pty.spawn(sys.argv[1:], lambda terminal: os.read(terminal, 65536))' "${@:2}" </dev/null | tr -d '\r'; }
no_pager() { PAGER=no_such_pager on_terminal 80 "$socklife" ls family.db | grep -q "the pager 'no_such_pager' cannot be run"; }
dumb() { ! TERM=dumb PAGER='echo paged' on_terminal 80 "$socklife" ls family.db | grep -q paged && PAGER='echo paged' on_terminal 80 "$socklife" ls family.db | grep -q paged; }
drawn_in_docs() { sed -n 's/^    \(.*[├│╞┊].*\)$/\1/p' "$here/../../docs/viewer.md" >drawn && [ "$(wc -l <drawn)" -gt 10 ] && ! grep -vxFf <(cat "$here"/*.expected) drawn; }
escapes() { LC_ALL=C grep -c $'\e'; }
csv_on_terminal() { [ "$(on_terminal 80 "$socklife" query family.db --csv "SELECT char(27) || '[31m' AS e" | escapes)" = 0 ] && [ "$(on_terminal 80 "$socklife" check flagged.db --csv | escapes)" = 0 ] && [ "$(on_terminal 80 "$socklife" ls hostile.db --csv | escapes)" = 0 ]; }
csv_in_pipe() { [ "$("$socklife" query family.db --csv "SELECT char(27) || '[31m' AS e" | tail -1)" = $'\e[31m' ] && [ "$("$socklife" check flagged.db --csv | escapes)" != 0 ] && [ "$("$socklife" ls hostile.db --csv | escapes)" != 0 ]; }
csv_alike() { cp hostile.db flagged.db; sqlite3 flagged.db "INSERT INTO found_problem (rule, severity, socket_id, process_id, count, message) VALUES ('LEAK', 'error', 1, 1, 1, 'a \"b\", ' || char(10) || CAST(x'ff' AS TEXT) || char(27) || '[2J')"
	"$socklife" check flagged.db --csv | python3 -c 'import csv, sys; text = sys.stdin.buffer.read(); rows = list(csv.DictReader(text.decode().splitlines(True))); assert b"\r" not in text and rows[0]["message"] == "a \"b\", \n\ufffd\x1b[2J", rows'; }
valid_csv() { "$socklife" ls hostile.db --csv | python3 -c 'import csv, sys; rows = list(csv.reader(sys.stdin)); assert len(rows) == 4 and len({len(r) for r in rows}) == 1, rows'; }
no_control() { ! "$socklife" show hostile.db s1 s2 s3 | LC_ALL=C grep -nP '[\x00-\x08\x0b-\x1f\x7f]'; }
survives() { local view; for view in ls show ladder tree follow; do timeout 10 "$socklife" $view absurd.db >out 2>&1 || { echo "$view: $?"; cat out; return 1; }; timeout 10 "$socklife" $view absurd.db --json >/dev/null || return 1; done; }
quiet_head() { "$socklife" show family.db s2 --all 2>err | head -1 >/dev/null; [ ! -s err ] && [ "${PIPESTATUS[0]}" -ne 2 ]; }
no_sigpipe() { python3 -c 'import subprocess, sys; p = subprocess.Popen([sys.argv[1], "show", "family.db", "s2", "--all"], stdout=subprocess.PIPE, stderr=subprocess.PIPE); p.stdout.read(10); p.stdout.close(); e = p.stderr.read(); sys.exit(e != b"" or p.wait() != 0)' "$socklife"; }
full_disk() { "$socklife" ls slow_server.db >/dev/full 2>err; [ $? -eq 2 ] && grep -q 'cannot write' err; }
full_check() { "$socklife" check slow_server.db >/dev/full 2>err; [ $? -eq 2 ]; }
unchanged() { before=$(cksum <family.db) && "$socklife" ls family.db >/dev/null && "$socklife" tree family.db >/dev/null && [ "$before" = "$(cksum <family.db)" ] && [ ! -e family.db-wal ]; }
default_database() { cp slow_server.db socklife.db && "$socklife" ls | grep -q 's2 curl' && "$socklife" show s2 | grep -q recv && rm socklife.db; }
words_or_files() { mkdir w && cd w && cp ../slow_server.db socklife.db && cp /bin/true curl && : >s2 && cp socklife.db copy && "$socklife" ls curl | grep -q 's2 curl' && "$socklife" show s2 | grep -q 'recv ×12' && "$socklife" ls copy | grep -q s5; }
sums_agree() { [ "$("$socklife" show family.db s2 --all | grep -c ' write ')" = "$(sqlite3 family.db "SELECT count(*) FROM timeline WHERE socket_id = 2 AND call = 'write'")" ]; }
told_of_waits() { local view; for view in show ladder "show --json" check; do "$socklife" $view "$1" --all 2>&1 | sed "s/$1//; s/,\"ready_ns\":[^,}]*//"; done; sqlite3 "$1" "SELECT * FROM readiness ORDER BY start_ns"; }
waits_alike() { cp server_loop.db alone.db; sqlite3 alone.db "INSERT INTO ready_row SELECT * FROM ready EXCEPT SELECT * FROM ready_row; UPDATE call_row SET outcome = NULL; UPDATE site SET ready_events = NULL"
	[ "$(sqlite3 server_loop.db "SELECT count(*) FROM ready_row")$(sqlite3 alone.db "SELECT count(*) FROM ready_row")" = 24 ] && told_of_waits server_loop.db >one && told_of_waits alone.db >other && diff one other && grep -q 'epoll_wait → IN HUP' one; }
told_once() { cp slow_server.db twice.db; sqlite3 twice.db "INSERT INTO found_problem (rule, severity, socket_id, process_id, count, message) VALUES ('LEAK', 'error', 1, 1, 1, 'a'), ('LEAK', 'warning', 2, 1, 1, 'b'), ('LEAK', 'info', 3, 1, 1, 'c')"
	"$socklife" check --width=200 twice.db >out; [ "$(grep -c 'was no longer used' out)$(grep -c '(see above)' out)$(grep -c '→ Close the socket' out)" = 121 ] || { cat out; return 1; }; }
help_is_whole() { for word in $("$socklife" help | sed -n 's/^  \([a-z]*\)  .*/\1/p' | grep -v socklife); do "$socklife" help "$word" >/dev/null && "$socklife" "$word" --help | cmp -s - <("$socklife" help "$word") && "$socklife" help --man "$word" | grep -q '^.SH NAME' || { echo "$word"; return 1; }; done; }
rows() { echo "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300) SELECT i * i * i * i * i AS number, printf('%.*c', i, 'x') AS letters, $1 FROM n"; }
query_whole() { "$socklife" query family.db "$(rows "x'00ff'")" | awk 'NR > 1 && ($1 != (NR - 1) ^ 5 || length($2) != NR - 1 || $3 != "00ff") { print; exit 1 } END { exit NR != 301 }'; }
query_cuts_text() { on_terminal 60 "$socklife" query --no-pager --color=never family.db "$(rows "i * 1000003")" | python3 -c '
import sys
for i, line in enumerate(list(sys.stdin)[1:], 1):
	number, letters, product = line.split()
	assert (int(number), int(product)) == (i ** 5, i * 1000003) and len(line) <= 61 + (len(number) > 12) and (letters == i * "x" or letters[-1] == "…"), line
assert i == 300, i'; }
query_uses_room() { on_terminal 80 "$socklife" query --no-pager --color=never family.db "$(rows "''" | sed 's/, i, /, i * (i > 250) \/ 5, /')" | awk 'NR == 300 { exit length($2) != 59 }'; }
query_many_columns() { "$socklife" query family.db "SELECT $(seq -s, 1 99)" | tail -1 | grep -q '99 *99$'; }
doctor_dynamic() { "$socklife" doctor /bin/sh; }
doctor_text() { "$socklife" doctor slow_server.db; [ $? -eq 1 ]; }
doctor_missing() { "$socklife" doctor ./nowhere; [ $? -eq 2 ]; }
doctor_static() { printf 'int main(void){return 0;}' >s.c && ${CC:-cc} -static -o static s.c && ! "$socklife" doctor static >out && grep -q 'is static' out; }
doctor_script() { printf '#!/bin/sh\n' >script && chmod +x script && "$socklife" doctor ./script | grep -q 'runs the script'; }
doctor_fuzz() { head -c 200 /bin/sh >cut && chmod +x cut && "$socklife" doctor ./cut; [ $? -le 1 ]; }

for view in "ls family.db" "show family.db s1 s2 s3 s6" "ladder family.db s2" "tree family.db" "ls hostile.db" "follow family.db"; do
	check "no line of '$view' is wider than the terminal" fits $view
done
check "the drawings of docs/viewer.md are what comes" drawn_in_docs
check "JSON of hostile text is valid" valid_json
check "CSV of hostile text is valid" valid_csv
check "CSV of check is that of the other views" csv_alike
check "CSV keeps control characters from a terminal" csv_on_terminal
check "CSV in a pipe has them as they are" csv_in_pipe
check "no control character reaches the terminal" no_control
check "absurd numbers harm no view" survives
check "a reader that goes away ends it quietly" quiet_head
check "the same where SIGPIPE is ignored" no_sigpipe
check "a full disk is said, exit 2" full_disk
check "findings that cannot be written are no findings, exit 2" full_check
check "a pager that cannot be run is said" no_pager
check "a dumb terminal gets no pager" dumb
check "looking changes no byte" unchanged
check "socklife.db is the default" default_database
check "a word is a file only where it can be a database" words_or_files
check "show --all has a row for each call" sums_agree
check "a wait is told alike, a row of its own or part of the call that follows it" waits_alike
check "a rule with findings of several severities is explained once" told_once
check "query cuts no value in a pipe" query_whole
check "query cuts text at the terminal's width, and no number" query_cuts_text
check "query lets late text have the room that there is" query_uses_room
check "query leaves out no column" query_many_columns
check "every command has help, the same with --help, and a man page" help_is_whole
check "doctor: a dynamic program can be traced" doctor_dynamic
check "doctor: a file that is no program cannot, exit 1" doctor_text
check "doctor: a missing file, exit 2" doctor_missing
check "doctor: a static program cannot, and it says so" doctor_static
check "doctor: a script is its interpreter" doctor_script
check "doctor: a cut-off program does not crash it" doctor_fuzz
finish
