/* spool_reader_room.c: room for the writers of a spool: chunks that are given back, blocks that are reserved, pages that are made ahead of them. */
#include "collector/spool_reader_internal.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define GROW_AHEAD_CHUNKS 64               /* keep this many ready for the writers: 8,000 records */
#define GROW_STEP_CHUNKS 4096
#define AHEAD_MOST_CHUNKS 1024             /* kept ready: 8 MB */
#define ROOM_CHUNKS 512                    /* given back and not taken again: room for 64,000 records */
#define HOLE_PATIENCE_NS INT64_C(1000000000)

/* How many chunks are on the free list, `most` at most? Writers take and give meanwhile, so that it is a guess, and a walk that ends. */
static uint32_t count_free(const struct spool_reader *reader, uint32_t most)
{
	uint32_t next = (uint32_t)__atomic_load_n(&reader->header->chunk_free, __ATOMIC_ACQUIRE), count = 0;

	for (; next && next <= reader->chunk_used && count < most; count++)
		next = __atomic_load_n(&chunk_header(reader, next - 1)->next_free, __ATOMIC_RELAXED);
	return count;
}

static int has_free(const struct spool_reader *reader, uint32_t least)
{
	return count_free(reader, least) >= least;
}

int spool_reader_has_room(const struct spool_reader *reader, uint64_t bytes)
{
	uint32_t fresh = __atomic_load_n(&reader->header->chunk_fresh, __ATOMIC_ACQUIRE), eighth = reader->chunk_max / 8;

	return (fresh < eighth && (uint64_t)fresh * SPOOL_CHUNK_BYTES < bytes) ||
		has_free(reader, eighth > ROOM_CHUNKS ? ROOM_CHUNKS : eighth ? eighth : 1);
}

int spool_reader_has_fresh(const struct spool_reader *reader, uint32_t chunks)
{
	uint32_t fresh = __atomic_load_n(&reader->header->chunk_fresh, __ATOMIC_ACQUIRE);

	return fresh < reader->chunk_max && reader->chunk_max - fresh >= chunks;
}

static void push_free(struct spool_reader *reader, uint32_t number)
{
	uint64_t head = __atomic_load_n(&reader->header->chunk_free, __ATOMIC_ACQUIRE), next;

	do {
		__atomic_store_n(&chunk_header(reader, number)->next_free, (uint32_t)head, __ATOMIC_RELAXED);
		next = ((head >> 32) + 1) << 32 | (number + 1);
	} while (!__atomic_compare_exchange_n(&reader->header->chunk_free, &head, next, 0, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE));
}

static void return_chunk(struct spool_reader *reader, uint32_t number)
{
	struct spool_chunk_header *header = chunk_header(reader, number);
	struct spool_chunk *chunk = &reader->chunks[number];

	memset(chunk_slots(reader, number), 0, SPOOL_CHUNK_SLOTS * SPOOL_SLOT_BYTES);
	memset(header->thread_name, 0, sizeof header->thread_name);
	header->pid = header->tid = 0;
	__atomic_store_n(&header->generation, chunk->generation + 1, __ATOMIC_RELEASE);
	*chunk = (struct spool_chunk){.generation = chunk->generation + 1};
	__atomic_store_n(&header->state, CHUNK_FREE, __ATOMIC_RELEASE);
	push_free(reader, number);
}

/*
 * A chunk that ends in zeros may hold a slot that was reserved but not begun, when a signal came in between: it is kept for a
 * while, long enough for the instruction behind.
 */
static int may_return(struct spool_chunk *chunk, int64_t now_ns)
{
	if (!chunk->all_consumed && !chunk->orphaned)
		return 0;
	if (chunk->retired_seen_ns < 0 || chunk->orphaned)
		return 1;
	if (chunk->retired_seen_ns == 0) {
		chunk->retired_seen_ns = now_ns;
		return 0;
	}
	return now_ns - chunk->retired_seen_ns > HOLE_PATIENCE_NS;
}

unsigned spool_reader_return_chunks(struct spool_reader *reader, int64_t now_ns)
{
	unsigned count = 0;

	/* The lowest last, so that it is on top: a process that has limited its address space reaches no others (spool_shrink_window). */
	for (uint32_t number = reader->chunk_used; number-- > 0;) {
		struct spool_chunk *chunk = &reader->chunks[number];
		struct record_ref ref;

		if (__atomic_load_n(&chunk_header(reader, number)->state, __ATOMIC_ACQUIRE) != CHUNK_RETIRED)
			continue;
		/* Looked at again, now that it is known to be retired: its last records may have come since. */
		if (chunk->generation != chunk_header(reader, number)->generation ||
		    spool_reader_collect_slots(reader, number, &ref, 1, 0) || !may_return(chunk, now_ns))
			continue;
		return_chunk(reader, number);
		count++;
	}
	return count;
}

void spool_reader_retire(struct spool_reader *reader, int pid)
{
	for (uint32_t number = 0; number < reader->chunk_used; number++) {
		struct spool_chunk_header *header = chunk_header(reader, number);
		uint32_t owned = CHUNK_OWNED;

		if (header->pid != pid)
			continue;
		__atomic_compare_exchange_n(&header->state, &owned, CHUNK_RETIRED, 0, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED);
		reader->chunks[number].orphaned = 1;
	}
}

static void raise_limit(struct spool_header *header, uint32_t wanted)
{
	uint32_t limit = __atomic_load_n(&header->chunk_limit, __ATOMIC_ACQUIRE);

	while (limit < wanted && !__atomic_compare_exchange_n(&header->chunk_limit, &limit, wanted, 0, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
		;
}

static void reserve(struct spool_reader *reader)
{
	struct spool_header *header = reader->header;
	uint32_t limit = __atomic_load_n(&header->chunk_limit, __ATOMIC_ACQUIRE);
	uint32_t fresh = __atomic_load_n(&header->chunk_fresh, __ATOMIC_ACQUIRE);
	uint64_t wanted = limit;

	if (limit >= reader->chunk_max || limit < fresh || limit - fresh >= GROW_AHEAD_CHUNKS || has_free(reader, GROW_AHEAD_CHUNKS))
		return;
	wanted += limit < GROW_STEP_CHUNKS ? (limit ? limit : GROW_AHEAD_CHUNKS) : GROW_STEP_CHUNKS;
	if (wanted > reader->chunk_max)
		wanted = reader->chunk_max;
	if (fallocate(reader->fd, 0, (off_t)(SPOOL_HEADER_BYTES + (uint64_t)limit * SPOOL_CHUNK_BYTES),
		    (off_t)((wanted - limit) * SPOOL_CHUNK_BYTES)))
		return;
	raise_limit(header, (uint32_t)wanted);
}

/* Takes chunks that were never used, writes zeros on them and puts them on the free list, as writers do (preload/spool_growth.c). How many; 0: it cannot be done. */
static uint32_t make_run(struct spool_reader *reader)
{
	static const char zeros[SPOOL_RUN_CHUNKS * SPOOL_CHUNK_BYTES];
	struct spool_header *header = reader->header;
	uint32_t fresh = __atomic_load_n(&header->chunk_fresh, __ATOMIC_ACQUIRE), end;
	size_t bytes;

	/* Up to the next that a writer maps a run from (SPOOL_RUN_CHUNKS). */
	do {
		end = (fresh / SPOOL_RUN_CHUNKS + 1) * SPOOL_RUN_CHUNKS;
		if (fresh >= reader->chunk_max || end > reader->chunk_max)
			return 0;
	} while (!__atomic_compare_exchange_n(&header->chunk_fresh, &fresh, end, 0, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE));
	bytes = (size_t)(end - fresh) * SPOOL_CHUNK_BYTES;
	if (pwrite(reader->fd, zeros, bytes, (off_t)(SPOOL_HEADER_BYTES + (uint64_t)fresh * SPOOL_CHUNK_BYTES)) != (ssize_t)bytes) {
		/* Unless somebody has taken those behind meanwhile, it is as if nobody had taken them. */
		__atomic_compare_exchange_n(&header->chunk_fresh, &end, fresh, 0, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED);
		return 0;
	}
	raise_limit(header, end);
	for (uint32_t number = end; number-- > fresh;)
		push_free(reader, number);
	return end - fresh;
}

/* Twice what they took since the last look, if they found none. */
static int make_ahead(struct spool_reader *reader, uint64_t bytes)
{
	const struct spool_header *header = reader->header;
	uint32_t taken = __atomic_load_n(&header->chunk_fresh, __ATOMIC_ACQUIRE) - reader->fresh_seen, most = reader->chunk_max / 8, free;
	int error = spool_reader_look_at_size(reader);

	if (header->narrowed || error)
		return error;
	free = count_free(reader, reader->ahead + 1);
	if ((free == 0 && taken >= SPOOL_RUN_CHUNKS) || free < reader->ahead / 2)
		reader->ahead = taken > reader->ahead ? 2 * taken : 2 * reader->ahead;
	if (most > AHEAD_MOST_CHUNKS)
		most = AHEAD_MOST_CHUNKS;
	if (most > bytes / SPOOL_CHUNK_BYTES)
		most = (uint32_t)(bytes / SPOOL_CHUNK_BYTES);
	if (reader->ahead > most)
		reader->ahead = most;
	for (uint32_t made = 1; free < reader->ahead && made; free += made)
		made = make_run(reader);
	reader->fresh_seen = __atomic_load_n(&header->chunk_fresh, __ATOMIC_ACQUIRE);
	return spool_reader_look_at_size(reader);
}

int spool_reader_extend(struct spool_reader *reader, uint64_t bytes)
{
	reserve(reader);
	return make_ahead(reader, bytes);
}
