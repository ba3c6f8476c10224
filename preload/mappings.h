/* mappings.h: which files' code is mapped where, for the spool's header. */
#ifndef PRELOAD_MAPPINGS_H
#define PRELOAD_MAPPINGS_H

#include "schema/spool.h"

/*
 * Reads /proc/self/maps (proc(5)) into spool->mappings: a program that lives for some milliseconds is gone before the collector could.
 * text: working space. A few system calls; once per spool.
 */
void mappings_read(struct spool_header *spool, char *text, uint32_t room);

#endif
