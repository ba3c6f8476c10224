#!/bin/bash
# The floor plan: schema/ leans on nothing, preload/ on schema/ alone, collector/ on schema/, viewer/ on schema/ (its command
# `run`, and what ingests left-over spools, also on collector/). Headers compile alone.
. "$(dirname "$0")/../tap.sh"

# offences DIRECTORY ALLOWED…: includes with quotation marks in DIRECTORY that name another project directory.
offences() {
	local directory=$1 found
	shift
	found=$(grep -nE '^[[:space:]]*#[[:space:]]*include[[:space:]]+"' "$directory"/*.[chS] "$directory"/*.def 2>/dev/null |
		awk -v directory="$directory" -v allowed="$*" '
		{ match($0, /"[^"]*"/); path = substr($0, RSTART + 1, RLENGTH - 2)
		  slash = index(path, "/"); if (!slash) next
		  place = substr(path, 1, slash - 1)
		  if (place != directory && index(" " allowed " ", " " place " ") == 0) print }')
	[ -z "$found" ] || { echo "$found"; return 1; }
}

# The shim's objects may not ask the linker for anything beyond its few symbols; that is checked on the library (test_exports.sh).
headers_alone() {
	local header bad=0
	for header in schema/*.h preload/*.h collector/*.h viewer/*.h; do
		[ -e "$header" ] || continue
		echo "#include \"$header\"" | ${CC:-gcc} -std=gnu11 -D_GNU_SOURCE -I. -I"$BUILD" -Wall -Wextra -Wno-unused-parameter -Werror -fsyntax-only -x c - || { echo "$header does not compile alone"; bad=1; }
	done
	return $bad
}

# A line that includes collector/ from viewer/ is for starting and finishing a recording only.
viewer_on_collector() {
	local found
	found=$(grep -lE '^#include "collector/' viewer/*.[ch] 2>/dev/null | wc -l)
	[ "$found" -le 4 ] || { grep -lE '^#include "collector/' viewer/*.[ch]; echo "too many files of viewer/ lean on collector/"; return 1; }
}

check "schema/ leans on nothing" offences schema schema
check "preload/ leans on schema/ alone" offences preload schema
check "collector/ leans on schema/ alone" offences collector schema
check "viewer/ leans on schema/ and collector/" offences viewer schema collector
check "only few files of viewer/ lean on collector/" viewer_on_collector
check "every header compiles alone" headers_alone
finish
