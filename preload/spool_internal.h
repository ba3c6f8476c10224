/* spool_internal.h: what spool.c (making, mapping) and spool_growth.c (room) share. */
#ifndef PRELOAD_SPOOL_INTERNAL_H
#define PRELOAD_SPOOL_INTERNAL_H

#include "preload/raw.h"
#include "preload/spool.h"

extern char spool_path[4096 + 64] __attribute__((visibility("hidden"))); /* of the published spool */

always_inline uint64_t spool_bytes_of(uint64_t chunks)
{
	return SPOOL_HEADER_BYTES + chunks * SPOOL_CHUNK_BYTES;
}

/* Gives the first `bytes` of a new file blocks to write on. Returns 0 or -errno. */
long spool_reserve_first(int fd, uint64_t bytes);

/* Looks which filesystem a new file is on; room: 120 bytes of working space. 0: it has no holes in its files, and would write out what is only their length. */
int spool_growth_init(int fd, void *room);

/* In a forked child: what failed for the parent may work here. */
void spool_growth_after_fork(void);

#endif
