#!/bin/bash
# Every table, view and column has its comment, docs/schema.md is what the comments say, and the promised columns exist.
. "$(dirname "$0")/../tap.sh"
work=$(mktemp -d "$BUILD/tests/schema.XXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT

sh schema/document.sh schema/tables.sql schema/views.sql >"$work/schema.md" 2>"$work/complaints"
documented() { cat "$work/complaints"; [ ! -s "$work/complaints" ]; }
up_to_date() { diff -u docs/schema.md "$work/schema.md" || { echo "run: make docs"; return 1; }; }

"$BUILD/socklife" run -q -o "$work/db" -- "$BUILD/tests/programs/pair" >/dev/null
# What sqlite itself says the columns of a real database are, against what was documented: one `table.column` a line. The rules of
# `check` have a view each, which carries its text in schema/problems/.
same_columns() {
	sqlite3 "$work/db" "SELECT m.name || '.' || c.name FROM sqlite_master m JOIN pragma_table_info(m.name) c
		WHERE m.type IN ('table', 'view') AND m.name NOT LIKE 'sqlite_%' AND m.name NOT LIKE 'problem_%' AND m.name <> 'found_problem'" | sort >"$work/real"
	awk '/^## / { table = $2 } /^\| `/ { gsub(/`/, "", $2); print table "." $2 }' "$work/schema.md" | sort >"$work/described"
	[ -s "$work/real" ] && diff "$work/real" "$work/described"
}

# promised VIEW COLUMN…
promised() {
	local view=$1
	shift
	sqlite3 "$work/db" "SELECT $(echo "$*" | sed 's/ /, /g') FROM $view LIMIT 1"
}

# without PATTERN: the documentation script must refuse the tables when the comment that matches is taken away.
without() {
	sed "$1" schema/tables.sql >"$work/broken.sql"
	! cmp -s schema/tables.sql "$work/broken.sql" && ! sh schema/document.sh "$work/broken.sql" >/dev/null 2>&1
}

check "every table, view and column has a comment" documented
check "docs/schema.md is what the comments say" up_to_date
check "the comments name the very columns that sqlite sees" same_columns
check "a column without its comment is found" without 's|^\(	tid INTEGER,\).*|\1|'
check "a table without its comment is found" without '/^-- @table thread/d'
check "timeline keeps its promised columns" promised timeline socket_id process_id pid tid thread_name fd call start_ns duration_ns result errno requested_bytes bytes detail
check "lifecycle keeps its promised columns" promised lifecycle socket_id process_id pid program fd domain type protocol role local peer parent_id peer_id opened_ns connected_ns closed_ns state how_ended sent_bytes received_bytes send_calls receive_calls errors wait_ns
check "connection and gap exist" sqlite3 "$work/db" "SELECT * FROM connection, gap"
check "no STRICT table and no generated column: older readers fail on them" fails grep -nE '\) *STRICT|GENERATED ALWAYS| AS \(.*\) (STORED|VIRTUAL)' schema/tables.sql
finish
