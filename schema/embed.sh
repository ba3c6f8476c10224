#!/bin/sh
# embed.sh FILE…: prints the SQL files as a C header: one string constant per file, named schema_sql_<name> (problems/leak.sql:
# schema_sql_problems_leak), and a table of the problem files.
set -eu
echo '/* Generated from schema/ by schema/embed.sh. */'
echo '#ifndef BUILD_SCHEMA_SQL_H'
echo '#define BUILD_SCHEMA_SQL_H'
for file; do
	name=$(echo "$file" | sed 's|^schema/||; s|\.sql$||; s|[^a-zA-Z0-9]|_|g')
	echo "__attribute__((unused)) static const char schema_sql_$name[] ="
	sed 's|\\|\\\\|g; s|"|\\"|g; s|^|	"|; s|$|\\n"|' "$file"
	echo ';'
done
echo '__attribute__((unused)) static const struct { const char *name, *sql; } schema_sql_problem_files[] = {'
for file; do
	case $file in
	schema/problems/*)
		base=$(basename "$file" .sql)
		name=$(echo "problems_$base" | sed 's|[^a-zA-Z0-9]|_|g')
		echo "	{\"$base\", schema_sql_$name},"
		;;
	esac
done
echo '	{0, 0},'
echo '};'
echo '#endif'
