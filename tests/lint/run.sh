#!/bin/bash
# run.sh: `make lint`: clang-tidy by .clang-tidy and cppcheck by cppcheck.suppressions over all of the sources; valgrind over a few views. Prints
# what they find and exits 1 when they find anything. LINT_TIDY=0 leaves the slow half out.
set -u
cd "$(dirname "$0")/../.." || exit 1
BUILD=${BUILD:-build}
found=$(mktemp)
trap 'rm -rf "$found" "$found".*' EXIT

# Not -D__x86_64__ alone: the other half of each #if is looked at as well.
cppcheck --enable=warning,portability --inline-suppr --std=c11 -D_GNU_SOURCE -D__x86_64__ -I. --quiet --suppress=missingInclude \
	--suppressions-list=tests/lint/cppcheck.suppressions --template='{file}:{line}: {severity}: {message} [{id}]' preload collector viewer 2>&1 |
	grep -E ': (error|warning|portability):' >>"$found"

if [ "${LINT_TIDY:-1}" != 0 ]; then
	for file in preload/*.c collector/*.c viewer/*.c; do
		extra=
		# It does not know that a system call made in assembly fills what is pointed to; and clang-tidy 14 crashes in the analysis of wrappers made by macros.
		case $file in
		preload/hooks.c | preload/exec.c) extra='-checks=-clang-analyzer-*' ;;
		preload/*) extra='-checks=-clang-analyzer-core.UndefinedBinaryOperatorResult,-clang-analyzer-core.CallAndMessage,-clang-analyzer-core.uninitialized.*' ;;
		esac
		clang-tidy --quiet $extra "$file" -- -std=gnu11 -D_GNU_SOURCE -I. -I"$BUILD" -fPIC -ftls-model=initial-exec -fno-builtin 2>"$found.err" |
			grep -E '(warning|error):' >>"$found"
		[ "${PIPESTATUS[0]}" -lt 128 ] || echo "$file: clang-tidy crashed: $(tail -n 1 "$found.err")" >>"$found"
	done
fi

if [ -x "$BUILD/socklife" ] && [ -x "$BUILD/tests/harmless/talk" ]; then
	mkdir "$found.d"
	"$BUILD/socklife" run -q -o "$found.d/t.db" "$BUILD/tests/harmless/talk" 3 >/dev/null
	for view in ls 'show s1' tree check 'ladder s2' 'query SELECT*FROM(timeline)' 'ls --json' 'ls --csv' 'ls state:closed sort:-age' help; do
		words=($view)
		[ "${words[0]}" = help ] || words=("${words[0]}" "$found.d/t.db" "${words[@]:1}")
		valgrind -q --error-exitcode=99 --leak-check=full --errors-for-leak-kinds=definite "$BUILD/socklife" "${words[@]}" >/dev/null 2>"$found.err"
		[ $? != 99 ] || { echo "valgrind: socklife $view: error: $(grep -m 3 -E 'lost|Invalid|uninit' "$found.err" | tr '\n' ' ')"; } >>"$found"
	done
fi

sort -u "$found"
echo "lint: $(sort -u "$found" | grep -c .) findings"
[ ! -s "$found" ]
