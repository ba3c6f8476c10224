/*
 * source.h: where in a program's code a call was made: `srv.c:88 serve_one()` when there is debug information, else
 * `serve_one() in srv`, else `srv+0x1a2b`. Looked up when it is shown, in the file that was running then, and only if
 * that file's build id is still the one that was recorded.
 */
#ifndef VIEWER_SOURCE_H
#define VIEWER_SOURCE_H

#include <stddef.h>
#include <stdint.h>

#include "viewer/database.h"

struct source; /* files opened so far */

/* NULL: out of memory. */
struct source *source_open(struct database *database);
void source_close(struct source *source);

/* Writes the place of table `caller` row `caller_id` (0 and below: none) into text, always terminated; "" when nothing is known. */
void source_describe(struct source *source, int64_t caller_id, char *text, size_t size);

#endif
