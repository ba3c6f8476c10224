#!/bin/bash
# run.sh: each libFuzzer target for FUZZ_SECONDS, from seeds of real programs and what earlier runs found (build/fuzz/corpus). Says how many executions.
set -eu
cd "$(dirname "$0")/../.."
seconds=${FUZZ_SECONDS:-60}
corpus=$PWD/$BUILD/corpus
make -s BUILD=build tests
/usr/bin/python3 tests/fuzz/corpus.py "$corpus"
status=0
for target in "$BUILD"/tests/fuzz/fuzz_*; do
	case $target in *.o | *.d) continue ;; esac
	name=$(basename "$target")
	name=${name#fuzz_}
	mkdir -p "$corpus/$name" "$BUILD/found"
	dictionary=tests/fuzz/$name.dict
	echo "fuzz_$name:"
	"$target" -max_total_time="$seconds" -timeout=60 -report_slow_units=60 -max_len=32768 -print_final_stats=1 -verbosity=0 -artifact_prefix="$BUILD/found/$name-" \
		$([ -e "$dictionary" ] && echo "-dict=$dictionary") "$corpus/$name" 2>&1 | grep -E 'number_of_executed|ERROR|SUMMARY|Test unit' || true
	[ "${PIPESTATUS[0]}" = 0 ] || status=1
done
[ -z "$(ls "$BUILD/found")" ] || { echo "found: $(ls -d "$BUILD"/found/*)"; status=1; }
exit $status
