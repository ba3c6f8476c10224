/*
 * findings.h: what the rules found in a trace, read once into memory, and printed as text, rows or JUnit XML.
 */
#ifndef VIEWER_FINDINGS_H
#define VIEWER_FINDINGS_H

#include <stddef.h>
#include <stdint.h>

#include "viewer/database.h"
#include "viewer/filter.h"
#include "viewer/output.h"
#include "viewer/callsite.h"

enum finding_severity { FINDING_ERROR, FINDING_WARNING, FINDING_INFO, FINDING_SEVERITIES };
extern const char *const finding_severity_names[FINDING_SEVERITIES];

/* Columns in the order of findings.c's table; numbers and texts apart. NULL text and FINDING_NULL: SQL's NULL. */
#define FINDING_NULL INT64_MIN
enum finding_number { NUMBER_SOCKET, NUMBER_PROCESS, NUMBER_PID, NUMBER_FD, NUMBER_HOLDER, NUMBER_HOLDER_PROCESS, NUMBER_HOLDER_PID, NUMBER_START,
	NUMBER_CALLER, NUMBER_DURATION, NUMBER_COUNT, NUMBER_HOLDER_CALLER, FINDING_NUMBERS };
enum finding_text { FINDING_RULE, FINDING_PROGRAM, FINDING_ADDRESS, FINDING_HOLDER_PROGRAM, FINDING_MESSAGE, FINDING_TEXTS };

struct finding {
	enum finding_severity severity;
	int64_t numbers[FINDING_NUMBERS];
	char *texts[FINDING_TEXTS];
	const char *suppressed; /* the reason; NULL: it is not. Belongs to the suppressions */
};

struct findings {
	struct finding *list;   /* by severity, rule, socket */
	size_t count;
	struct database *database;
	struct callsite *callsite;
	int incomplete;         /* calls are known to be missing, or more may come */
	int unselected;         /* 1: no socket matches the filter, so that none was checked */
	int without_calls;      /* recorded with --detail=sockets: some rules see less (schema_sql_problem_files.without_calls) */
};

typedef int (*finding_suppress)(void *context, const char *rule, const char *program, const char *address, const char **reason);

/* Reads the findings about the sockets that the filter selects (all, when it has no word). 0, or a negative errno after a message. */
int findings_read(struct findings *findings, struct database *database, struct filter *filter, finding_suppress suppress, void *context);
void findings_free(struct findings *findings);

/* Findings of this severity or worse that are not suppressed. */
size_t findings_count(const struct findings *findings, enum finding_severity mildest);

/* `all`: like ones are not gathered. */
void findings_print_text(struct findings *findings, struct output *output, int all);
void findings_print_rows(struct findings *findings, struct output *output);
void findings_print_junit(struct findings *findings, struct output *output, enum finding_severity fails_from);

#endif
