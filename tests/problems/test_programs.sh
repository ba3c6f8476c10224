#!/bin/bash
# test_programs.sh [NAME]: the programs of programs/faults.c and states.c: a fault of each rule, and what of it is told with less to go by.
. "$(dirname "$0")/../tap.sh"
. "$(dirname "$0")/programs.sh"

# place NAME FLAGS…: compiled with FLAGS, the program's leak is told with its place; NAME stands for the place
place() {
	local expected=$1
	shift
	${CC:-cc} -O1 "$@" -o "$faults" tests/problems/programs/faults.c -lpthread && trace leak fault || return 1
	"$BUILD/socklife" check --json "$work/leak.fault.db" | grep -q "\"source\":\"$expected\"" && return 0
	"$BUILD/socklife" check --json "$work/leak.fault.db"
	return 1
}

for program in states faults; do
	each $program "${1:-}"
	[ -z "${1:-}" ] || continue
	# Totals alone suffice.
	detail=--detail=sockets
	while read -r name rule; do
		check "$name: $rule is named from totals alone" named "$name" "$rule"
	done < <("$faults" list)
	detail=
done
if [ -z "${1:-}" ]; then
	check "a finding names file, line and function" place 'faults.c:[0-9]* leak()' -g
	check "and of a program that is not position-independent" place 'faults.c:[0-9]* leak()' -g -no-pie
	check "stripped: the program and an offset, no other function's name" place 'faults+0x[0-9a-f]*' -s
fi
finish
