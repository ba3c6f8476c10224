#!/bin/sh
# embed.sh FILE…: prints the SQL files as a C header: one string constant per file, named schema_sql_<name> (problems/leak.sql:
# schema_sql_problems_leak), without its views and triggers; a table of those, each from `CREATE VIEW` at the start of a line to the line that ends with a semicolon,
# or from `CREATE TRIGGER` (name, three words, table) to `END;`; and a table of the problem files with what their header comments say:
#
#	-- @rule LEAK
#	-- @severity error
#	-- @explanation One sentence; it may go on
#	--   in indented lines.
#	-- @remedy What to do.
#	-- @suspect SELECT 1 FROM socket WHERE …
#
# (a query that has a row wherever the rule finds anything, and takes SQLite less to prepare than the rule: conditions with an index each are joined by UNION ALL, since with OR
# SQLite 3.40 reads all sockets); and, where the rule sees less when calls were not kept (--detail=sockets), what: `-- @without_calls does not see …`.
#
# And schema_sql_suspected_problems: a query for one text, which is a SELECT with the rows of the view found_problem, from the rules that have a suspect.
#
# In a rule, DURATION{nanoseconds} stands for that time in words: '0.024 ms', '0.109 s'; BYTES{number} for '1 byte', '5 bytes'.
set -eu

as_string() { sed 's|\\|\\\\|g; s|"|\\"|g; s|^|	"|; s|$|\\n"|'; }

spell_units() {
	sed -E "s/BYTES\{([^{}]*)\}/(CASE \1 WHEN 1 THEN '1 byte' ELSE (\1) || ' bytes' END)/g; s/DURATION\{([^{}]*)\}/(CASE WHEN \1 < 10000000 THEN round((\1) \/ 1e6, 3) || ' ms' ELSE round((\1) \/ 1e9, 3) || ' s' END)/g"
}

# The text of one header field, on one line, as a C string; 0 where $3 says that it may lack.
field() {
	awk -v field="@$2" -v lacking="${3:-}" '
		/^-- @/ { on = ($2 == field); if (on) { sub(/^-- @[a-z_]+ */, ""); text = $0 } next }
		/^--   / { if (on) { sub(/^-- +/, ""); text = text " " $0 } next }
		{ on = 0 }
		END { if (text == "" && lacking) { printf "0"; exit }; if (text == "") exit 1; gsub(/\\/, "\\\\", text); gsub(/"/, "\\\"", text); printf "\"%s\"", text }' "$1" ||
		{ echo "embed.sh: $1 has no @$2" >&2; exit 1; }
}

echo '/* Generated from schema/ by schema/embed.sh. */'
echo '#ifndef BUILD_SCHEMA_SQL_H'
echo '#define BUILD_SCHEMA_SQL_H'
for file; do
	name=$(echo "$file" | sed 's|^schema/||; s|\.sql$||; s|[^a-zA-Z0-9]|_|g')
	echo "__attribute__((unused)) static const char schema_sql_$name[] ="
	case $file in
	*/problems/*) sed '/^--/d' "$file" | spell_units | as_string ;;
	*) awk '/^CREATE (VIEW|TRIGGER) / { on = 1; last = $2 == "VIEW" ? ";$" : "^END;$" } !on { print } on && $0 ~ last { on = 0 }' "$file" | as_string ;;
	esac
	echo ';'
done
echo '__attribute__((unused)) static const struct { const char *type, *name, *table, *sql; } schema_sql_view_table[] = {'
for file; do
	case $file in
	*/problems/*) ;;
	*)
		awk '
			function quote(text) { gsub(/\\/, "\\\\", text); gsub(/"/, "\\\"", text); return "\"" text }
			/^CREATE VIEW / { on = 1; last = ";$"; printf "	{\"view\", \"%s\", \"%s\",", $3, $3 }
			/^CREATE TRIGGER / { on = 1; last = "^END;$"; printf "	{\"trigger\", \"%s\", \"%s\",", $3, $8 }
			on && $0 ~ last { printf "\n\t\t%s\"},\n", quote(substr($0, 1, length($0) - 1)); on = 0 }
			on { printf "\n\t\t%s\\n\"", quote($0) }
			END { if (on) exit 1 }' "$file"
		;;
	esac
done
echo '	{0, 0, 0, 0},'
echo '};'
echo '__attribute__((unused)) static const struct { const char *name, *rule, *severity, *explanation, *remedy, *without_calls, *sql; } schema_sql_problem_files[] = {'
for file; do
	case $file in
	*/problems/*)
		base=$(basename "$file" .sql)
		name=$(echo "problems_$base" | sed 's|[^a-zA-Z0-9]|_|g')
		rule=$(field "$file" rule) severity=$(field "$file" severity) explanation=$(field "$file" explanation) remedy=$(field "$file" remedy) without_calls=$(field "$file" without_calls optional)
		echo "	{\"$base\", $rule, $severity,"
		echo "		$explanation,"
		echo "		$remedy,"
		echo "		$without_calls, schema_sql_$name},"
		;;
	esac
done
echo '	{0, 0, 0, 0, 0, 0, 0},'
echo '};'
echo '__attribute__((unused)) static const char schema_sql_suspected_problems[] ='
cat <<'TEXT'
	"SELECT coalesce(group_concat('SELECT ''' || rule || ''' AS rule, * FROM main.problem_' || lower(rule), ' UNION ALL '), "
	"'SELECT NULL AS rule, NULL AS severity, NULL AS socket_id, NULL AS process_id, NULL AS holder_id, NULL AS holder_process_id, ' || "
	"'NULL AS call_start_ns, NULL AS caller_id, NULL AS duration_ns, NULL AS count, NULL AS message WHERE 0') FROM ("
TEXT
union=
for file; do
	case $file in
	*/problems/*)
		rule=$(field "$file" rule) suspect=$(field "$file" suspect)
		rule=${rule#\"} suspect=${suspect#\"}
		echo "	\"${union}SELECT '${rule%\"}' AS rule WHERE EXISTS (${suspect%\"})\""
		union=' UNION ALL '
		;;
	esac
done
echo '	")";'
echo '#endif'
