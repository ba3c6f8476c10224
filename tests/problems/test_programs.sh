#!/bin/bash
# test_programs.sh: programs with one known fault each (programs/faults.c, variations.c, numbers.c, impatient.c, strangers.c), traced for real: `socklife check` names the
# fault, with the place in the source, and finds nothing in the same program once repaired.
. "$(dirname "$0")/../tap.sh"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
faults=$work/faults
detail=
for program in faults variations numbers impatient strangers; do
	${CC:-cc} -g -O1 -o "$work/$program" tests/problems/programs/$program.c -lpthread || { echo "Bail out! $program.c does not compile"; exit 1; }
done

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

# place NAME FLAGS…: compiled with FLAGS, the program's leak is told with its place; NAME stands for the place
place() {
	local expected=$1
	shift
	${CC:-cc} -O1 "$@" -o "$faults" tests/problems/programs/faults.c -lpthread && trace leak fault || return 1
	"$BUILD/socklife" check --json "$work/leak.fault.db" | grep -q "\"source\":\"$expected\"" && return 0
	"$BUILD/socklife" check --json "$work/leak.fault.db"
	return 1
}

for program in faults variations numbers impatient strangers; do
	faults=$work/$program
	while read -r name rule; do
		[ -z "${1:-}" ] || [ "$1" = "$name" ] || continue
		check "$name: $rule is named" named "$name" "$rule"
		check "$name: repaired, nothing is found" clean "$name"
	done < <("$faults" list)
done
# Totals alone suffice for nearly every rule; only a datagram cut without a word needs the calls.
detail=--detail=sockets
faults=$work/faults
while read -r name rule; do
	[ -z "${1:-}" ] && [ "$name" != udp_truncated ] || continue
	check "$name: $rule is named from totals alone" named "$name" "$rule"
done < <("$faults" list)
detail=
if [ -z "${1:-}" ]; then
	check "a finding names file, line and function" place 'faults.c:[0-9]* leak()' -g
	check "and of a program that is not position-independent" place 'faults.c:[0-9]* leak()' -g -no-pie
	check "stripped: the program and an offset, no other function's name" place 'faults+0x[0-9a-f]*' -s
fi
finish
