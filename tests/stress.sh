#!/bin/bash
# stress.sh: traces a program that forks, threads, signals, execs and kills for STRESS_SECONDS (60), again and again, and compares the calls that it
# counted itself with those of the database. Part of `make soak`. Says what it did, and fails at the first call too many or too few.
set -eu
cd "$(dirname "$0")/.."
build=${BUILD:-build}
seconds=${STRESS_SECONDS:-60}
work=$(mktemp -d "$build/stress.XXXXXX") || exit 1
work=$PWD/$work
trap 'rm -rf "$work"' EXIT
end=$(($(date +%s) + seconds))
rounds=0 calls=0
while [ "$(date +%s)" -lt "$end" ]; do
	rm -rf "${work:?}"/*
	"$build/socklife" run -q --wait -o "$work/t.db" -- "$build/tests/programs/stress" 5 "$work/counts" >"$work/out" || { echo "stress: the program failed:"; tail -n 5 "$work/out"; exit 1; }
	counted=$(awk '/^calls/ { print $2 }' "$work/out")
	recorded=$(sqlite3 "$work/t.db" "SELECT count(*) FROM timeline WHERE call IN ('send', 'recv') AND duration_ns IS NOT NULL")
	dropped=$(sqlite3 "$work/t.db" "SELECT coalesce(sum(count), 0) FROM gap WHERE reason = 'dropped'")
	sound=$(sqlite3 "$work/t.db" "PRAGMA integrity_check")
	# Killed children may have ended between the kernel's return and their own count: at most one call each.
	uncertain=$(awk '/^killed/ { print $2 }' "$work/out")
	rounds=$((rounds + 1)) calls=$((calls + counted))
	echo "round $rounds: $counted calls counted, $recorded recorded, $dropped dropped, $uncertain killed"
	if [ "$sound" != ok ] || [ $((recorded + dropped)) -lt "$counted" ] || [ $((recorded + dropped)) -gt $((counted + uncertain)) ]; then
		cp "$work/t.db" "$build/stress-failed.db"
		echo "stress: the counts differ; integrity: $sound; kept: $build/stress-failed.db"
		exit 1
	fi
done
echo "stress: $rounds rounds, $calls calls, every one accounted for"
