#!/bin/bash
# Processes that were forked before the first socket are told as such, and whose children they are.
. "$(dirname "$0")/../tap.sh"

here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d "$BUILD/tests/fork_first.XXXXXX") || exit 1
work=$(cd "$work" && pwd)
trap 'rm -rf "$work"' EXIT
socklife=$(cd "$BUILD" && pwd)/socklife
cd "$work" || exit 1
cc -O1 -w -D_GNU_SOURCE -o fork_first "$here/fork_first.c" || exit 1

generations() {
	local found
	"$socklife" run -q -o trace.db -- "$@" 2>log || { cat log; return 1; }
	found=$("$socklife" query --csv trace.db "SELECT group_concat(start_cause, ' ') FROM (WITH RECURSIVE line (process_id, start_cause, depth) AS (
		SELECT process_id, start_cause, 0 FROM process WHERE program = 'fork_first' AND start_cause <> 'fork'
		UNION ALL SELECT p.process_id, p.start_cause, depth + 1 FROM line JOIN process p ON p.parent_id = line.process_id) SELECT start_cause FROM line ORDER BY depth)" | tail -n 1)
	[ "${found#* }" = "fork fork" ] || { echo "of three generations there are: $found"; return 1; }
}

check "a child and a grandchild, forked before the first socket" generations ./fork_first
check "and so of a program that exec started" generations sh -c 'exec 5<>/dev/null; exec ./fork_first'
finish
