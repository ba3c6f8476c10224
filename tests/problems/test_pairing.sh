#!/bin/bash
# test_pairing.sh: real connections find their other end: over reused ports, by path and by abstract name, from many threads.
# Each client says something of a length of its own, so that a wrong pair shows.
. "$(dirname "$0")/../tap.sh"

work=$(mktemp -d) || exit 1
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
# crowd KIND PROCESSES THREADS COUNT: the same for crowd.py, whose connections say words that are all of one length.
crowd() { timeout 100 "$BUILD/socklife" run -q --payload=8 -o "$work/$1.db" -- python3 tests/problems/programs/crowd.py "$@" 2>"$work/log" || { cat "$work/log"; return 1; }; }
same_words() {
	local words wrong
	words=$(query "$1" "SELECT count(DISTINCT bytes) FROM payload")
	wrong=$(query "$1" "WITH word AS (SELECT socket_id, bytes, min(start_ns) FROM payload GROUP BY socket_id)
		SELECT count(*) FROM socket v LEFT JOIN word a ON a.socket_id = v.socket_id LEFT JOIN word b ON b.socket_id = v.peer_id
		WHERE v.origin = 'accept' AND v.peer_id IS NOT NULL AND (a.bytes IS NULL OR a.bytes IS NOT b.bytes)")
	echo "$words words, $wrong pairs are wrong"
	[ "$words" -gt 100 ] && [ "$wrong" = 0 ]
}
reused() { [ "$(query tcp "SELECT max(n) FROM (SELECT count(*) AS n FROM socket WHERE origin = 'accept' GROUP BY remote_id)")" -ge 20 ]; }

other_names() {
	timeout 30 "$BUILD/socklife" run -q -o "$work/names.db" -- "$BUILD/tests/programs/unix_links" >/dev/null || return 1
	query names "SELECT l.socket_id, role, l.local, l.peer, l.peer_id, a.text FROM lifecycle l JOIN socket s USING (socket_id) LEFT JOIN address a ON a.address_id = s.reached_id"
	[ "$(query names "SELECT count(*) FROM connection WHERE client_id IS NOT NULL AND server_id IS NOT NULL")" = 4 ]
}

check "a path that was renamed, is a link or leads over one: who connected to it is paired" other_names
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
# Only those that said goodbye connected one after another without waiting for an answer.
check "four processes connect, three accept" crowd path 4 1 50
check "no pair is made up" same_words path
check "who connected tells them apart" share path 97
check "threads of one process connect at the same time to packet sockets" crowd packets 2 4 30
check "none of their pairs is made up" same_words packets
check "those that may be several say so" share packets 0
check "clients have names of their own" crowd named 2 4 30
check "names make up no pair" same_words named
check "by name all are known" share named 100
check "clients connect by a relative path" crowd relative 4 1 40
check "it leads to no wrong pair" same_words relative
check "it leads to the listener" share relative 97
if unshare -n ip link set lo up 2>/dev/null; then
	two_networks() {
		rm -rf "$work"/networks.db*
		timeout 60 "$BUILD/socklife" run -q -o "$work/networks.db" -- "$@"
	}
	by_command() {
		two_networks sh -c 'for word in one three; do unshare -n python3 tests/problems/programs/same_ports.py 7000 $word & done; wait'
	}
	apart() {
		local pairs
		pairs=$(query networks "SELECT count(*), sum(c.sent_bytes = v.received_bytes AND v.sent_bytes = c.received_bytes), count(DISTINCT c.sent_bytes)
			FROM socket c JOIN socket v ON v.socket_id = c.peer_id AND v.peer_id = c.socket_id WHERE v.origin = 'accept'")
		echo "pairs, right ones, words: $pairs"
		[ "$pairs" = "2|2|2" ]
	}
	check "the same addresses are used in two network namespaces" by_command
	check "each client meets the server of its own network" apart
	check "children of one process enter them by themselves" two_networks python3 tests/problems/programs/same_ports.py 7000 one three
	check "each meets the server of its own all the same" apart
	check "threads enter them, and start others there" two_networks python3 tests/problems/programs/same_ports_threads.py 7000 one three
	check "what a thread is started by tells where it is" apart
else
	skip "the same addresses in two network namespaces" "no network namespace can be made here"
fi
finish
