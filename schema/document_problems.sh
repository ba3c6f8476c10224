#!/bin/sh
# document_problems.sh FILE…: prints docs/problems.md from the header comments of the rules in schema/problems/. Fails when one lacks a field.
set -eu
cat <<'END'
# What `socklife check` finds

Generated from schema/problems/ by schema/document_problems.sh (`make docs`); edit those files, not this one.

Each rule is one SQL file that looks at the facts of a trace (docs/schema.md). The view `problem` is all of them, so
`sqlite3 trace.db "SELECT * FROM problem"` gives the same answers as `socklife check trace.db`, and the view
`problem_<rule>` one rule's. A finding is an *error* (something failed, or will), a *warning* (it worked, but costs time,
data or descriptors) or for *information* (worth knowing, harmless). The severity below is the usual one; a finding is milder
when the trace shows that no harm was done: a refused connect that succeeded at the next address, resets by a load generator that ended.

The figures that a rule compares with are in its file, each with its reason. Rules prefer silence to a false alarm, and a few see less
in a recording with --detail=sockets, which `check` then says; tests/problems/
holds, for each, traces that have the problem and others that only look like it.
END
for file; do
	awk -v file="$file" '
		function flush_field() { if (field != "") { value[field] = text; field = "" } }
		/^-- @/ { flush_field(); field = substr($2, 2); sub(/^-- @[a-z_]+ */, ""); text = $0; next }
		/^--   / && field != "" { sub(/^-- +/, ""); text = text " " $0; next }
		/^-- ?/ && !sql { flush_field(); sub(/^-- ?/, ""); if ($0 != "") note = note (note == "" ? "" : " ") $0; next }
		{ flush_field(); sql = 1 }
		END {
			flush_field()
			if (value["rule"] == "" || value["severity"] == "" || value["explanation"] == "" || value["remedy"] == "") {
				print file ": a field of the header is missing" > "/dev/stderr"; exit 1
			}
			printf "\n## %s\n\n*%s.* %s\n\nWhat to do: %s\n", value["rule"], toupper(substr(value["severity"], 1, 1)) substr(value["severity"], 2), value["explanation"], value["remedy"]
			if (value["without_calls"] != "") printf "\nRecorded with --detail=sockets it %s.\n", value["without_calls"]
			if (note != "") printf "\n%s\n", note
		}' "$file"
done
cat <<'END'

## Accepting a finding

A suppressions file (`socklife check --suppress FILE`) has one line for each known and accepted finding: rule, program,
address, and a reason, which is required. Rule, program and address are patterns with `*` and `?`.

    # rule     program    address       reason
    LEAK       legacyd    *:9000        fixed upstream in 2.1
    RESET      *          10.0.0.*      the load balancer's health check

A line that matches nothing is named on standard error, so that the file does not rot.

## Exit status

0: nothing was found. 1: something was (`--fail-on` says from which severity; warnings count unless told otherwise). 2: usage, an
unreadable database, a filter that no socket matches, or a trace from which calls are known to be missing (view `gap`): then silence would
prove nothing.
END
