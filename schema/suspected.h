/*
 * suspected.h: view found_problem without the rules that cannot find anything in this trace. SQLite takes far longer to prepare all rules than to read a small
 * trace; view suspected_rule tells which may find something (@suspect in schema/problems/).
 */
#ifndef SCHEMA_SUSPECTED_H
#define SCHEMA_SUSPECTED_H

/* One row, one text: a SELECT of the columns and rows of found_problem. */
#define SUSPECTED_PROBLEMS_SQL \
	"SELECT coalesce(group_concat('SELECT ''' || rule || ''' AS rule, * FROM problem_' || lower(rule), ' UNION ALL '), " \
		"'SELECT NULL AS rule, NULL AS severity, NULL AS socket_id, NULL AS process_id, NULL AS holder_id, NULL AS holder_process_id, ' || " \
		"'NULL AS call_start_ns, NULL AS caller_id, NULL AS duration_ns, NULL AS count, NULL AS message WHERE 0') FROM suspected_rule"

#endif
