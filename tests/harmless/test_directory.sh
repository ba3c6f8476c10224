#!/bin/bash
# test_directory.sh: the directory of the spools and the database's place, with what others may have put there: links, directories, pipes, files that are none.
# Nothing is followed, nothing of it stops the rest, and what it says reaches the terminal harmless.
. "$(dirname "$0")/../tap.sh"
BUILD=$(cd "$BUILD" && pwd)
socklife=$BUILD/socklife talk=$BUILD/tests/harmless/talk
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1

fresh() { rm -rf "$work"/* && mkdir elsewhere; }
bare() { LD_PRELOAD=$BUILD/libsocklife.so SOCKLIFE_DB=$work/t.db SOCKLIFE_COLLECTOR=none "$talk" 2 >/dev/null; }
empty() { [ -z "$(ls -A elsewhere)" ] || { ls -lA elsewhere; return 1; }; }
query() { timeout 60 "$socklife" query t.db --csv "$1" | tail -n +2; }

linked_directory() {
	fresh && ln -s elsewhere t.db.spool && bare && empty && fails timeout 60 "$socklife" run -o t.db "$talk" 1 && empty
}
linked_database() {
	fresh && echo precious >elsewhere/file && ln -s elsewhere/file t.db && fails timeout 60 "$socklife" run -q -o t.db "$talk" 1 &&
		[ "$(cat elsewhere/file)" = precious ] && [ -L t.db ] && : >elsewhere/file && timeout 60 "$socklife" run -q -o t.db "$talk" 1 >/dev/null
	[ ! -s elsewhere/file ] && [ ! -L t.db ] && [ "$(query 'SELECT count(*) > 0 FROM call')" = 1 ]
}
private() {
	fresh && (umask 0 && timeout 60 "$socklife" run -q -o t.db "$talk" 1 >/dev/null) && [ "$(stat -c %a t.db)" = 600 ] && bare &&
		[ "$(stat -c %a t.db.spool/*.spool)" = 600 ] && case $(stat -c %a t.db.spool) in 700 | 1733) ;; *) false ;; esac
}
# A spool among all kinds of things that are none: the collector ends, the spool is in, the rest is put aside or taken away.
strangers() {
	fresh && bare && cd t.db.spool && mkdir 1-1.spool && mkfifo 2-2.spool && ln -s /etc/passwd 3-3.spool && touch 5-5.nospool && mkdir 6-6.nospool &&
		ln -s /etc/passwd 7-7.nospool && ln -s 28 8-8.nospool && ln -s 99999999999999999999 9-9.nospool && head -c 30000 /dev/urandom >10-10.spool &&
		python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind("11-11.spool")' && cd .. && before=$(md5sum </etc/passwd) || return 1
	timeout 60 "$socklife" collect t.db 2>/dev/null || return 1
	[ "$(md5sum </etc/passwd)" = "$before" ] && [ "$(query 'SELECT count(*) > 300 FROM call')" = 1 ] &&
		[ "$(query "SELECT count(*) FROM missing WHERE reason = 'damaged_spool'")" = 7 ] && [ "$(query "SELECT count(*) FROM missing WHERE reason = 'no_spool'")" = 3 ] &&
		query "SELECT detail FROM missing" | grep -q 'No space left on device'
}
said_harmlessly() {
	fresh && mkdir t.db.spool && ln -s "$(printf '28 /bin/\033[31mred\n\377\302\233x')" t.db.spool/12-1.nospool && timeout 60 "$socklife" ls t.db >out 2>&1
	timeout 60 "$socklife" query t.db 'SELECT detail FROM gap' >>out && grep -q red out && fails grep -qP '[\x00-\x09\x0b-\x1f\x7f]|\xc2[\x80-\x9f]|\xff' out &&
		timeout 60 "$socklife" query t.db --json 'SELECT detail FROM gap' | python3 -c 'import json, sys; json.load(sys.stdin)'
}

check "a directory that is a link is not entered" linked_directory
check "a database that is a link is not written through" linked_database
check "database and spools are for their owner alone, whatever the umask" private
check "links, directories, pipes and sockets among the spools stop nothing" strangers
check "what others have written reaches the terminal harmless" said_harmlessly
finish
