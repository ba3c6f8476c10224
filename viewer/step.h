/* step.h: how a step of a timeline reads: `recv(65536)`, `55/55`, `✗ECONNREFUSED`. Shared by show, ladder and follow. */
#ifndef VIEWER_STEP_H
#define VIEWER_STEP_H

#include "viewer/text.h"
#include "viewer/timeline.h"

/* `connect(127.0.0.1:8080)`, `send ×12`, `poll → IN`. */
void step_add_call(struct text *text, const struct timeline_step *step);

/* `fd 5`, `55/55`, `0 = end of file`, `✗EPIPE`, `never returned`. */
void step_add_result(struct text *text, const struct timeline_step *step);

/* What getsockopt(SO_ERROR) told, its name's length in *length: 0 when that was no error. NULL: it is another call. */
const char *step_told_error(const struct timeline_step *step, size_t *length);

/* Errors that are part of ordinary non-blocking work. */
int step_is_soft_error(const struct timeline_step *step);

#endif
