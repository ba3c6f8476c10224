#!/bin/sh
# document.sh FILE…: prints docs/schema.md: every table, view and column of the SQL files with its comment. Fails, naming
# each of them, when a table, view or column has none, or when a comment describes a column that is not there.
#
# The form it reads: `-- @table NAME: …` above CREATE TABLE, then `column TYPE …,  -- comment` a line each;
# `-- @view NAME: …` and `--   column TYPE: comment` lines above CREATE VIEW.
set -eu
awk '
function complain(text) { printf "%s:%d: %s\n", FILENAME, FNR, text > "/dev/stderr"; bad = 1 }
function cell(text) { gsub(/\|/, "\\|", text); return text }
function heading(kind, name, text) {
	printf "\n## %s\n\n%s: %s\n\n| column | type | meaning |\n|---|---|---|\n", name, kind, text
}

BEGIN {
	print "# The database"
	print ""
	print "Generated from the comments in schema/ by schema/document.sh (`make docs`); edit those, not this file."
	print ""
	print "Times are integer nanoseconds since the start of the trace; `meta` holds the Unix time of that moment (`start_unix_ns`)."
	print "The views `lifecycle`, `timeline`, `connection` and `gap` are the ones to write scripts against: their columns"
	print "stay, as do those of the views that commands print for scripts. Tables may gain columns. The view `problem` is made of one view a rule, `problem_leak`,"
	print "`problem_reset` …, gathered in `found_problem`: ask `problem`, which has the names of programs and addresses as well."
}

/^-- @(table|view) / {
	line = substr($0, 4)
	split(line, word, " ")
	kind = substr(word[1], 2)
	colon = index(line, ":")
	if (!colon) { complain("no text after @" kind); next }
	subject = substr(line, length(word[1]) + 2, colon - length(word[1]) - 2)
	sub(/^ +/, "", subject)
	text = substr(line, colon + 2)
	described = subject; description = text; columns = 0; state = "above"
	next
}
state == "above" && kind == "view" && /^--   [a-z_0-9]+( [A-Z]+)?: / {
	line = substr($0, 6)
	colon = index(line, ":")
	split(substr(line, 1, colon - 1), word, " ")
	columns++
	name[columns] = word[1]; type[columns] = word[2]; meaning[columns] = substr(line, colon + 2)
	next
}
state == "above" && /^-- / && kind == "table" { description = description " " substr($0, 4); next }

/^CREATE (TEMP )?VIEW / {
	viewname = $0; sub(/^CREATE (TEMP )?VIEW (IF NOT EXISTS )?/, "", viewname); sub(/[ (].*/, "", viewname)
	if (state != "above" || described != viewname) { complain("view " viewname " has no comment `-- @view " viewname ": …`"); state = ""; next }
	if (!columns) complain("view " viewname " describes no column")
	heading("View", viewname, description)
	for (i = 1; i <= columns; i++) printf "| `%s` | %s | %s |\n", name[i], type[i], cell(meaning[i])
	state = ""
	next
}
/^CREATE TABLE / {
	tablename = $0; sub(/^CREATE TABLE (IF NOT EXISTS )?/, "", tablename); sub(/[ (].*/, "", tablename)
	if (state != "above" || described != tablename) complain("table " tablename " has no comment `-- @table " tablename ": …`")
	heading("Table", tablename, description)
	state = "table"
	next
}
state == "table" && /^\)/ { state = ""; next }
state == "table" && /^[ \t]*(PRIMARY KEY|UNIQUE|CHECK|FOREIGN KEY|CONSTRAINT)[ (]/ { next }
state == "table" && /^[ \t]+[a-z_0-9]+/ {
	columnname = $1; sub(/,$/, "", columnname)
	at = index($0, "-- ")
	if (!at) { complain("column " tablename "." columnname " has no comment"); next }
	kindof = $2
	if (kindof !~ /^[A-Z]+,?$/) kindof = ""
	sub(/,$/, "", kindof)
	printf "| `%s` | %s | %s |\n", columnname, kindof, cell(substr($0, at + 3))
}
END { exit bad }
' "$@"
