#!/bin/bash
# test_pairing.sh: real connections find their other end: over reused ports, by path and by abstract name, from many threads.
# Each client says something of a length of its own, so that a wrong pair shows.
. "$(dirname "$0")/../tap.sh"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
command -v python3 >/dev/null || { skip "pairing of real connections" "python3 is not installed"; finish; }

trace() { timeout 100 "$BUILD/socklife" run -q -o "$work/$1.db" -- python3 tests/problems/programs/churn.py "$1" "$2" 2>"$work/log" || { cat "$work/log"; return 1; }; }
query() { sqlite3 "$work/$1.db" "$2"; }

# What a pair can be wrong about: the bytes, the order in time, each knowing the other.
right() {
	local wrong
	wrong=$(query "$1" "SELECT count(*) FROM socket c JOIN socket v ON v.socket_id = c.peer_id WHERE c.origin = 'socket'
		AND (v.received_bytes <> c.sent_bytes OR v.peer_id IS NOT c.socket_id OR v.opened_ns < c.connecting_ns)")
	[ "$wrong" = 0 ] || { echo "$wrong pairs are wrong"; return 1; }
}
# share KIND N: at least N per cent of the accepted sockets have a peer, and the rest say why
share() {
	local accepted paired silent
	accepted=$(query "$1" "SELECT count(*) FROM socket WHERE origin = 'accept'")
	paired=$(query "$1" "SELECT count(*) FROM socket WHERE origin = 'accept' AND peer_id IS NOT NULL")
	silent=$(query "$1" "SELECT count(*) FROM socket WHERE origin = 'accept' AND peer_id IS NULL AND peer_candidates < 2")
	echo "$accepted accepted, $paired paired, $silent without a word"
	[ "$accepted" -gt 100 ] && [ $((paired * 100)) -ge $((accepted * $2)) ] && [ "$silent" = 0 ]
}
reused() { [ "$(query tcp "SELECT max(n) FROM (SELECT count(*) AS n FROM socket WHERE origin = 'accept' GROUP BY remote_id)")" -ge 20 ]; }

check "10,000 connections over 32 ports are traced" trace tcp 10000
check "the ports were used again" reused
check "every pair is right" right tcp
check "all are paired" share tcp 100
check "1,000 Unix connections are traced" trace unix 1000
check "every Unix pair is right" right unix
check "most are paired, the others say that there are several candidates" share unix 90
check "1,000 connections to an abstract name are traced" trace abstract 1000
check "every one of these pairs is right" right abstract
check "most of these are paired" share abstract 90
finish
