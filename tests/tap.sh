# tap.sh: sourced by suites written in shell: `check NAME COMMAND…` prints ok or not ok by the command's status, with its
# output as the explanation; `skip NAME REASON` says why not; `finish` prints the plan and ends the suite.
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1
BUILD=${BUILD:-build}
tap_count=0 tap_failed=0

check() {
	local name=$1 output
	shift
	tap_count=$((tap_count + 1))
	if output=$("$@" 2>&1); then
		echo "ok $tap_count - $name"
	else
		echo "not ok $tap_count - $name"
		[ -z "$output" ] || printf '%s\n' "$output" | sed 's/^/# /'
		tap_failed=1
	fi
}

skip() {
	tap_count=$((tap_count + 1))
	echo "ok $tap_count - $1 # SKIP $2"
}

# For checks that a command fails: `check "…" fails COMMAND…`
fails() { ! "$@"; }

finish() {
	echo "1..$tap_count"
	exit $tap_failed
}
