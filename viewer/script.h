/* script.h: what an interpreter was running. Its calls come from its own code, which says little to whoever wrote the script. */
#ifndef VIEWER_SCRIPT_H
#define VIEWER_SCRIPT_H

#include <stddef.h>
#include <stdint.h>

#include "viewer/database.h"

/* The script of a process (process.process_id): `server.py`, `python3 -m http.server`, `python3 -c`; empty: it is no interpreter, or that is not known. */
void script_describe(struct database *database, int64_t process_id, char *text, size_t size);

#endif
