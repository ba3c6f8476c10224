#!/bin/bash
# test_many_spools.sh: many processes with a spool each, and few files that the collector may have open: every one of them is recorded.
. "$(dirname "$0")/../tap.sh"
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
program=$BUILD/tests/harmless/own_spools
export SOCKLIFE_DB=

all_of() { # DATABASE COUNT
	local said
	[ ! -e "$1.spool" ] || { echo "spools are left, which the next viewer would take in: $(ls "$1.spool" | wc -l)"; return 1; }
	said=$("$BUILD/socklife" query --csv "$1" "SELECT (SELECT count(*) FROM process WHERE end_cause = 'exit'), (SELECT count(*) FROM socket WHERE how_ended = 'close'), (SELECT count(*) FROM gap)" | tail -n 1)
	[ "$said" = "$2,$2,0" ] || { echo "ended processes, closed sockets, gaps: $said"; return 1; }
}

one_after_another() {
	(ulimit -n 100 && "$BUILD/socklife" run -q -o "$work/short.db" -- "$program" 1200 4) && all_of "$work/short.db" 1200
}

all_at_once() {
	(ulimit -n 100 && "$BUILD/socklife" run -q -o "$work/together.db" -- "$program" 300 300) && all_of "$work/together.db" 300
}

raises_the_soft_limit() {
	(ulimit -S -n 64 && "$BUILD/socklife" run -q -o "$work/soft.db" -- "$program" 200 200) && all_of "$work/soft.db" 200
}

left_behind() { # READER…
	rm -rf "$work"/left.db*
	LD_PRELOAD=$BUILD/libsocklife.so SOCKLIFE_DB=$work/left.db SOCKLIFE_COLLECTOR=none "$program" 1200 4 || return 1
	[ "$(find "$work/left.db.spool" -mindepth 1 -name '*.spool' | wc -l)" -eq 1200 ] || { echo "not a spool for each"; return 1; }
	(ulimit -n 100 && "$BUILD/socklife" "$@" "$work/left.db" >"$work/said" 2>&1) || { cat "$work/said"; return 1; }
	all_of "$work/left.db" 1200
}

BUILD=$(realpath "$BUILD")
check "1200 short processes, 100 files" one_after_another
check "300 processes at once, 100 files" all_at_once
check "a soft limit is raised for the collector" raises_the_soft_limit
check "1200 spools left behind, collected with 100 files" left_behind collect
check "1200 spools left behind, taken in by a viewer with 100 files" left_behind ls
finish
