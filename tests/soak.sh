#!/bin/bash
# soak.sh: what is too long for `make check`: every case of the crossed bad arguments, and kill -9 with exact accounting for SOAK_SECONDS (600), of
# at least 500 programs, collectors and launchers; and a fifth of that time fork, threads, signals, exec and kill at once (stress.sh). Prints TAP of all, then one line; exits 1 when anything failed. SEED repeats a run.
set -u
cd "$(dirname "$0")/.." || exit 1
export BUILD=${BUILD:-build}
seconds=${SOAK_SECONDS:-600}
until=$(($(date +%s) + seconds))
failed=0 kills=0 rounds=0

HARMLESS=all bash tests/harmless/test_harmless.sh || failed=1
STRESS_SECONDS=$((seconds / 5)) bash tests/stress.sh || failed=1
while [ "$(date +%s)" -lt $until ] || [ $kills -lt 500 ]; do
	KILLS=100 SEED=$((${SEED:-$(date +%s)} + rounds)) tests/harmless/test_lossless.py || failed=1
	kills=$((kills + 100)) rounds=$((rounds + 1))
	[ $failed = 0 ] || break
done
echo "soak: $kills kills in $rounds rounds, $([ $failed = 0 ] && echo nothing lost, nothing disturbed || echo FAILED)"
exit $failed
