/*
 * callsite.h: where in a program's code a call was made: `srv.c:88 serve_one()` when there is debug information, else
 * `serve_one() in srv`, else `srv+0x1a2b`. Looked up when it is shown, in the file that was running then, and only if
 * that file's build id is still the one that was recorded.
 */
#ifndef VIEWER_CALLSITE_H
#define VIEWER_CALLSITE_H

#include <stddef.h>
#include <stdint.h>

#include "viewer/database.h"

struct callsite; /* files opened so far */

/* NULL: out of memory. */
struct callsite *callsite_open(struct database *database);
void callsite_close(struct callsite *callsite);

/* Writes the place of table `caller` row `caller_id` (0 and below: none) into text, always terminated; "" when nothing is known. */
void callsite_describe(struct callsite *callsite, int64_t caller_id, char *text, size_t size);

#endif
