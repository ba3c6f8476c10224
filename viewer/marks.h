/*
 * marks.h: the findings of `check` as marks beside sockets in other views. The rules look at the whole trace, so they are
 * asked once, and only of traces small enough to answer at a glance; of larger ones `socklife check` alone tells.
 */
#ifndef VIEWER_MARKS_H
#define VIEWER_MARKS_H

#include <stdint.h>

#include "viewer/database.h"

struct mark {
	int64_t socket_id, holder_id; /* holder_id: who holds what it wanted, 0: none */
	int severity;                 /* 2 error, 1 warning, 0 info */
	char rule[24];
	char *message;
};

struct marks {
	struct mark *list;         /* by socket_id, the worst first */
	int count, errors, warnings;
	int known;                    /* 0: the trace is too large to ask, or has no rules */
};

void marks_read(struct marks *marks, struct database *database);
void marks_free(struct marks *marks);

/* The first finding about a socket (further ones follow it in the list); NULL: none. */
const struct mark *marks_of(const struct marks *marks, int64_t socket_id);

#endif
