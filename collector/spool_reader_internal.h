/* spool_reader_internal.h: what spool_reader.c (records) and spool_reader_room.c (room) share. */
#ifndef COLLECTOR_SPOOL_READER_INTERNAL_H
#define COLLECTOR_SPOOL_READER_INTERNAL_H

#include "collector/spool_reader.h"

static inline struct spool_chunk_header *chunk_header(const struct spool_reader *reader, uint32_t chunk)
{
	return (struct spool_chunk_header *)((char *)reader->header + SPOOL_HEADER_BYTES + (uint64_t)chunk * SPOOL_CHUNK_BYTES);
}

static inline union record_slot *chunk_slots(const struct spool_reader *reader, uint32_t chunk)
{
	return (union record_slot *)((char *)chunk_header(reader, chunk) + SPOOL_CHUNK_HEADER_BYTES);
}

/* How many chunks may be looked at: handed out, reserved, and inside the file as it is now (beyond it is a SIGBUS). */
int spool_reader_look_at_size(struct spool_reader *reader);

/* Refs to the records of one chunk; sets all_consumed when nothing but trailing zeros is left. */
size_t spool_reader_collect_slots(struct spool_reader *reader, uint32_t number, struct record_ref *refs, size_t room, int running);

#endif
