#!/bin/bash
# What libsocklife.so shows the world: exactly the symbols of calls.def, nothing needed, no executable stack, no text relocation.
. "$(dirname "$0")/../tap.sh"
library=$BUILD/libsocklife.so
work=$(mktemp -d "$BUILD/tests/exports.XXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT
[ -s "$library" ] || { echo "not ok 1 - $library exists"; echo 1..1; exit 1; }

cat >"$work/symbols.c" <<'DEF'
#define CALL(number, name, ...) symbol name
#define VARIANT(symbol_name, ...) symbol symbol_name
#define ALIAS(symbol_name, name) symbol symbol_name
#define SYMBOL_BY_HAND(symbol_name, name) symbol symbol_name
#include "schema/calls.def"
DEF
gcc -E -P -I. "$work/symbols.c" | tr -s ' \n' '\n\n' | grep -v '^symbol$' | grep . | sort -u >"$work/promised"
nm -D --defined-only "$library" | awk '$2 != "A" { sub(/@.*/, "", $3); print $3 }' | sort -u >"$work/exported"

promised_all() { local missing; missing=$(comm -23 "$work/promised" "$work/exported"); [ -z "$missing" ] || { echo "not exported:" $missing; return 1; }; }
exported_only() { local extra; extra=$(comm -13 "$work/promised" "$work/exported"); [ -z "$extra" ] || { echo "exported, but not in calls.def:" $extra; return 1; }; }
has_promise() { [ "$(wc -l <"$work/promised")" -gt 80 ]; }
needs_nothing() { ! readelf -d "$library" | grep NEEDED; }
stack_not_executable() { readelf -lW "$library" | awk '/GNU_STACK/ { seen = 1; if ($0 ~ /RWE/) bad = 1 } END { exit !(seen && !bad) }'; }
no_text_relocation() { ! readelf -d "$library" | grep TEXTREL; }
# Undefined names are bound to whichever libc loads the library: they must be few, and none of libc's stdio or allocator.
no_heavy_symbols() { ! nm -D --undefined-only "$library" | grep -wE 'malloc|free|calloc|realloc|printf|fprintf|vsnprintf|snprintf|pthread_mutex_lock|fopen|sqlite3_.*'; }
initial_exec() { ! readelf -rW "$library" | grep -E 'DTPMOD|TLSDESC'; }

check "calls.def can be read" has_promise
check "every symbol of calls.def is exported" promised_all
check "nothing else is exported" exported_only
check "the library needs no other library" needs_nothing
check "its stack is not executable" stack_not_executable
check "it has no text relocation" no_text_relocation
check "it asks for no allocator, stdio or lock" no_heavy_symbols
check "thread-local storage is initial-exec" initial_exec
finish
