#!/bin/bash
# Processes that share their descriptors and not their memory (clone with CLONE_FILES alone), and threads whose descriptors cannot be told: the trace
# says that it cannot follow that.
. "$(dirname "$0")/../tap.sh"

here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d "$BUILD/tests/shared.XXXXXX") || exit 1
work=$(cd "$work" && pwd)
trap 'rm -rf "$work"' EXIT
socklife=$(cd "$BUILD" && pwd)/socklife
cd "$work" || exit 1
cc -O1 -w -D_GNU_SOURCE -o shared "$here/shared.c" || exit 1

# gap_said COUNT COMMAND…: it works as without us, and so many gaps of the kind are in the trace.
gap_said() {
	local wanted=$1 found
	shift
	"$@" 3>&- 4>&- || { echo "it fails without us"; return 1; }
	rm -rf trace.db*
	"$socklife" run -q -o trace.db -- "$@" 3>&- 4>&- 2>log || { cat log; return 1; }
	found=$("$socklife" query --csv trace.db "SELECT count(*) FROM gap WHERE reason = 'shared_descriptors' AND incomplete" | tail -n 1)
	[ "$found" = "$wanted" ] || { echo "wanted $wanted gaps, got $found"; return 1; }
}

check "clone with CLONE_FILES alone is a gap" gap_said 1 ./shared
[ "$(uname -m)" = x86_64 ] && check "and by its number" gap_said 1 ./shared number
check "a child that has its own descriptors is none" gap_said 0 sh -c 'true; exec 5</dev/null'

# Threads that libc starts by itself, past pthread_create.
cc -O1 -w -D_GNU_SOURCE -o libc_threads "$here/libc_threads.c" || exit 1
./libc_threads timer network
alone=$?
for how in timer queue resolver read list; do
	check "libc's thread for $how, started by a thread with its own descriptors, is a gap" gap_said 1 ./libc_threads $how own
	if [ $alone = 77 ]; then
		skip "libc's thread for $how, started in another network, is a gap" "no permission for another network namespace"
	else
		check "libc's thread for $how, started in another network, is a gap" gap_said 1 ./libc_threads $how network
	fi
	check "libc's thread for $how is none where all is shared" gap_said 0 ./libc_threads $how shared
done
finish
