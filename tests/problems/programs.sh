# programs.sh: what the suites of programs with one known fault each have in common: `socklife check` names the fault, with the place in the
# source, and finds nothing in the same program once repaired. Sourced after tap.sh.
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
faults=
detail=

compile() { ${CC:-cc} -g -O1 -o "$work/$1" tests/problems/programs/$1.c -lpthread || { echo "Bail out! $1.c does not compile"; exit 1; }; }
trace() { timeout 30 "$BUILD/socklife" run $detail -o "$work/$1.$2.db" -- "$faults" "$1" "$2" 2>"$work/log" || { cat "$work/log"; return 1; }; }

named() {
	local name=$1 rule=$2 status
	trace "$name" fault || return 1
	"$BUILD/socklife" check "$work/$name.fault.db" >"$work/out" 2>&1
	status=$?
	grep -Eq "^(✗|▲) $rule " "$work/out" && [ $status = 1 ] && return 0
	echo "exit status $status; expected 1 and $rule in:"
	cat "$work/out"
	"$BUILD/socklife" ls "$work/$name.fault.db"
	return 1
}

clean() {
	local name=$1 status
	trace "$name" repaired || return 1
	"$BUILD/socklife" check "$work/$name.repaired.db" >"$work/out" 2>&1
	status=$?
	[ $status = 0 ] && return 0
	echo "exit status $status; expected 0:"
	cat "$work/out"
	"$BUILD/socklife" ls "$work/$name.repaired.db"
	return 1
}

# each PROGRAM [NAME]: every fault of the program, or that one
each() {
	compile "$1"
	faults=$work/$1
	while read -r name rule; do
		[ -z "${2:-}" ] || [ "$2" = "$name" ] || continue
		check "$name: $rule is named" named "$name" "$rule"
		check "$name: repaired, nothing is found" clean "$name"
	done < <("$faults" list)
}
