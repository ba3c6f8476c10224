#!/bin/bash
# A bounded run of each fuzz target under the address and undefined behaviour sanitizers, from seeds made by real programs. `make fuzz` runs
# them longer, with libFuzzer. FUZZ_SECONDS: of each target (4); SEED: of the mutations (the hour).
. "$(dirname "$0")/../tap.sh"
seconds=${FUZZ_SECONDS:-4}
seed=${SEED:-$(date +%Y%m%d%H)}
work=$(mktemp -d "$BUILD/tests/fuzz.XXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT
# One log level of make, nothing inherited of the make that runs us.
unset MAKEFLAGS MFLAGS MAKELEVEL

built() { make -s BUILD=build/asan CFLAGS="-O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=undefined" fuzz-targets; }
seeded() { /usr/bin/python3 tests/fuzz/corpus.py "$work/corpus" && [ "$(ls "$work/corpus/spool" | wc -l)" -ge 10 ]; }
survives() {
	local target=$1 output status name
	name=$(basename "$target")
	name=${name#fuzz_}
	output=$(cd "$work" && "$OLDPWD/$target" "$seconds" "$seed" corpus/"$name"/* 2>&1)
	status=$?
	[ $status = 0 ] && [ "${output%% runs}" -ge 20 ] && { echo "$output"; return 0; }
	echo "status $status with seed $seed: $output" | grep -v '^ *$' | head -n 40
	return 1
}

check "the targets build with sanitizers" built
check "real programs give seeds" seeded
for source in tests/fuzz/fuzz_*.c; do
	target=build/asan/${source%.c}
	check "$(basename "$target") survives $seconds seconds of hostile input" survives "$target"
done
finish
