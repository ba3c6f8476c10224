/* spool_reader.c: see spool_reader.h. */
#include "collector/spool_reader.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define CHUNK_MAX_SANE (UINT32_C(1) << 23) /* 64 GiB */
#define GROW_AHEAD_CHUNKS 64               /* keep this many ready for the writers: 8,000 records */
#define GROW_STEP_CHUNKS 4096
#define AHEAD_MOST_CHUNKS 1024             /* kept ready: 8 MB */
#define ROOM_CHUNKS 512                    /* given back and not taken again: room for 64,000 records */
#define HOLE_PATIENCE_NS INT64_C(1000000000)

static struct spool_chunk_header *chunk_header(const struct spool_reader *reader, uint32_t chunk)
{
	return (struct spool_chunk_header *)((char *)reader->header + SPOOL_HEADER_BYTES + (uint64_t)chunk * SPOOL_CHUNK_BYTES);
}

static union record_slot *chunk_slots(const struct spool_reader *reader, uint32_t chunk)
{
	return (union record_slot *)((char *)chunk_header(reader, chunk) + SPOOL_CHUNK_HEADER_BYTES);
}

static struct spool_tag tag_load(const union record_slot *slot)
{
	uint64_t word = __atomic_load_n((const uint64_t *)slot, __ATOMIC_ACQUIRE);
	struct spool_tag tag;

	memcpy(&tag, &word, sizeof tag);
	return tag;
}

static int consumed(const struct spool_chunk *chunk, unsigned slot)
{
	return chunk->consumed[slot / 64] >> slot % 64 & 1;
}

static void consume(struct spool_chunk *chunk, unsigned slot, unsigned count)
{
	for (unsigned i = slot; i < slot + count && i < SPOOL_CHUNK_SLOTS; i++)
		chunk->consumed[i / 64] |= UINT64_C(1) << i % 64;
	while (chunk->first < SPOOL_CHUNK_SLOTS && consumed(chunk, chunk->first))
		chunk->first++;
	chunk->changed = 1;
}

static int header_is_sound(const struct spool_header *header)
{
	return memcmp(header->magic, SPOOL_MAGIC, sizeof header->magic) == 0 && header->header_bytes == SPOOL_HEADER_BYTES &&
		header->chunk_bytes == SPOOL_CHUNK_BYTES && header->slot_bytes == SPOOL_SLOT_BYTES && header->chunk_max > 0 &&
		header->chunk_max <= CHUNK_MAX_SANE && header->pid > 0 &&
		(header->clock == SPOOL_CLOCK_MONOTONIC || header->clock == SPOOL_CLOCK_TSC);
}

static int file_is_ours(const struct stat *status)
{
	return S_ISREG(status->st_mode) && status->st_nlink == 1 && (geteuid() == 0 || status->st_uid == geteuid());
}

static int check_file(struct spool_reader *reader)
{
	struct spool_header header;
	struct stat status;
	ssize_t got;

	if (fstat(reader->fd, &status))
		return -errno;
	/* Of several that the threads of one process made at once, all but one are removed again. */
	if (status.st_nlink == 0)
		return -ENOENT;
	if (!file_is_ours(&status))
		return -EPERM;
	got = pread(reader->fd, &header, sizeof header, 0);
	if (got < 0)
		return -errno;
	if ((size_t)got < sizeof header || !header.ready)
		return (size_t)got < sizeof header && got > 0 ? -EBADMSG : SPOOL_NOT_READY;
	if (memcmp(header.magic, SPOOL_MAGIC, sizeof header.magic) == 0 && header.version != SPOOL_VERSION)
		return -EPROTO;
	if (!header_is_sound(&header) || status.st_size < SPOOL_HEADER_BYTES)
		return -EBADMSG;
	reader->chunk_max = header.chunk_max;
	reader->device = status.st_dev;
	reader->inode = status.st_ino;
	return SPOOL_OK;
}

int spool_reader_open(struct spool_reader *reader, int directory_fd, const char *name)
{
	int status;

	memset(reader, 0, sizeof *reader);
	reader->fd = openat(directory_fd, name, O_RDWR | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
	/* A link, another user's; a directory, a socket. */
	if (reader->fd < 0)
		return errno == ELOOP || errno == EACCES ? -EPERM : errno == EISDIR || errno == ENXIO ? -EBADMSG : -errno;
	status = check_file(reader);
	if (status)
		goto close_file;
	reader->name = strdup(name);
	status = -ENOMEM;
	if (!reader->name)
		goto close_file;
	reader->mapped_bytes = SPOOL_HEADER_BYTES + (size_t)reader->chunk_max * SPOOL_CHUNK_BYTES;
	reader->header = mmap(NULL, reader->mapped_bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE, reader->fd, 0);
	if (reader->header == MAP_FAILED)
		goto free_name;
	return SPOOL_OK;

free_name:
	status = -errno;
	free(reader->name);
close_file:
	close(reader->fd);
	memset(reader, 0, sizeof *reader);
	reader->fd = -1;
	return status;
}

void spool_reader_close(struct spool_reader *reader)
{
	if (!reader->header)
		return;
	munmap(reader->header, reader->mapped_bytes);
	close(reader->fd);
	free(reader->chunks);
	free(reader->name);
	memset(reader, 0, sizeof *reader);
	reader->fd = -1;
}

/* How many chunks may be looked at: handed out, reserved, and inside the file as it is now (beyond it is a SIGBUS). */
static int look_at_size(struct spool_reader *reader)
{
	uint32_t fresh = __atomic_load_n(&reader->header->chunk_fresh, __ATOMIC_ACQUIRE);
	struct spool_chunk *chunks;
	struct stat status;
	uint64_t inside;
	uint32_t room;

	if (fresh > reader->chunk_max)
		fresh = reader->chunk_max;
	if (fresh > reader->chunk_used) {
		if (fstat(reader->fd, &status))
			return -errno;
		inside = status.st_size < SPOOL_HEADER_BYTES ? 0 : ((uint64_t)status.st_size - SPOOL_HEADER_BYTES) / SPOOL_CHUNK_BYTES;
		if (fresh > inside)
			fresh = (uint32_t)inside;
	}
	if (fresh <= reader->chunk_used)
		return 0;
	for (room = reader->chunk_room ? reader->chunk_room : 64; room < fresh; room *= 2)
		;
	if (room != reader->chunk_room) {
		chunks = realloc(reader->chunks, room * sizeof *chunks);
		if (!chunks)
			return -ENOMEM;
		memset(chunks + reader->chunk_room, 0, (room - reader->chunk_room) * sizeof *chunks);
		reader->chunks = chunks;
		reader->chunk_room = room;
	}
	reader->chunk_used = fresh;
	return 0;
}

/*
 * When the wait returned that began at start_ticks: what it found was so then, and may be of a socket that came into its set while it lasted. *wait: the
 * latest call seen before slot `at`, or NULL. The wait stands before what it found, in the same chunk unless that was full: then its start is all that is known.
 */
static uint64_t ticks_of_return(const union record_slot *slots, unsigned at, uint64_t start_ticks, const union record_slot **wait)
{
	while (!*wait || (*wait)->call.start_ticks != start_ticks) {
		if (at-- == 0)
			return start_ticks;
		if (slots[at].tag.type == SLOT_CALL)
			*wait = &slots[at];
	}
	return start_ticks + (*wait)->call.duration_ticks;
}

/* The moment of a record that is done (or running): hostile or not, any number will do. */
static uint64_t ticks_of(const union record_slot *slots, unsigned at, unsigned type, const union record_slot **wait)
{
	const union record_slot *slot = &slots[at];

	switch (type) {
	case SLOT_CALL:
		*wait = slot;
		return slot->call.start_ticks;
	case SLOT_READY:
		return ticks_of_return(slots, at, slot->ready.call_start_ticks, wait);
	case SLOT_EPOLL_READY:
		return ticks_of_return(slots, at, slot->epoll_ready.call_start_ticks, wait);
	default:
		return slot->span.at_ticks; /* at the same place in spool_span, spool_process and spool_gap */
	}
}

_Static_assert(offsetof(struct spool_span, at_ticks) == offsetof(struct spool_process, at_ticks), "at_ticks");
_Static_assert(offsetof(struct spool_span, at_ticks) == offsetof(struct spool_gap, at_ticks), "at_ticks");

/*
 * An extension stands where a record should begin. What it belongs to was written before it, and may just not have been there when it was looked at: the first slot of
 * [from, at) that is no longer empty; `at`: there is none.
 */
static unsigned begun_since(const union record_slot *slots, unsigned from, unsigned at)
{
	while (from < at && tag_load(&slots[from]).type == SLOT_EMPTY)
		from++;
	return from;
}

/* Refs to the records of one chunk; sets all_consumed when nothing but trailing zeros is left. */
static size_t collect_chunk(struct spool_reader *reader, uint32_t number, struct record_ref *refs, size_t room, int running)
{
	struct spool_chunk *chunk = &reader->chunks[number];
	union record_slot *slots = chunk_slots(reader, number);
	size_t count = 0;
	int open = 0, zeros = 0, hole = 0;
	unsigned empties = 0; /* slots right before this one */
	const union record_slot *wait = NULL;

	for (unsigned at = chunk->first; at < SPOOL_CHUNK_SLOTS && count < room;) {
		struct spool_tag tag = tag_load(&slots[at]);
		unsigned length = 1;

		if (consumed(chunk, at)) {
			at++;
			empties = 0;
			hole |= zeros;
			continue;
		}
		if (tag.type == SLOT_EMPTY) {
			zeros = 1;
			at++;
			empties++;
			continue;
		}
		if (tag.type >= SLOT_EXT_ADDRESS_LOCAL && empties) {
			unsigned begun = begun_since(slots, at - empties, at);

			if (begun < at) {
				empties -= at - begun;
				at = begun;
				continue;
			}
		}
		empties = 0;
		hole |= zeros;
		if (tag.type < SLOT_EXT_ADDRESS_LOCAL)
			length = 1 + tag.parts;
		if (tag.type >= SLOT_EXT_ADDRESS_LOCAL || tag.parts > SPOOL_MAX_PARTS || at + length > SPOOL_CHUNK_SLOTS ||
		    tag.state > STATE_VOID || tag.state == STATE_EMPTY) {
			reader->malformed_count++;
			consume(chunk, at, 1);
			at++;
			continue;
		}
		if (tag.state == STATE_VOID) {
			consume(chunk, at, length);
		} else if (tag.state == STATE_DONE || running) {
			refs[count++] = (struct record_ref){ticks_of(slots, at, tag.type, &wait), number, (uint8_t)at, tag.type,
				tag.state == STATE_RUNNING};
			open = 1;
		} else {
			open = 1;
		}
		at += length;
	}
	chunk->all_consumed = !open && !hole && count < room;
	if (!zeros)
		chunk->retired_seen_ns = -1; /* full to the last slot: nothing can be reserved in it that has not begun */
	else if (chunk->retired_seen_ns < 0)
		chunk->retired_seen_ns = 0;
	return count;
}

static void look_at_generation(struct spool_chunk *chunk, uint32_t generation)
{
	if (chunk->generation == generation)
		return;
	*chunk = (struct spool_chunk){.generation = generation};
}

int64_t spool_reader_collect(struct spool_reader *reader, struct record_ref *refs, size_t room, int running, int pid)
{
	size_t count = 0;
	int error = look_at_size(reader);

	if (error)
		return error;
	for (uint32_t number = 0; number < reader->chunk_used && count < room; number++) {
		struct spool_chunk_header *header = chunk_header(reader, number);
		uint32_t state = __atomic_load_n(&header->state, __ATOMIC_ACQUIRE);

		if (state == CHUNK_FREE)
			continue;
		if (running && pid && header->pid != pid)
			continue;
		look_at_generation(&reader->chunks[number], header->generation);
		count += collect_chunk(reader, number, refs + count, room - count, running);
	}
	return (int64_t)count;
}

int spool_reader_next(struct spool_reader *reader, uint32_t *number, uint64_t *taken_ticks)
{
	int error = *number == 0 ? look_at_size(reader) : 0;

	if (error)
		return error;
	for (; *number < reader->chunk_used; ++*number) {
		const struct spool_chunk_header *header = chunk_header(reader, *number);

		if (__atomic_load_n(&header->state, __ATOMIC_ACQUIRE) == CHUNK_FREE)
			continue;
		*taken_ticks = header->taken_ticks;
		return 1;
	}
	return 0;
}

size_t spool_reader_collect_chunk(struct spool_reader *reader, uint32_t number, struct record_ref *refs)
{
	struct spool_chunk_header *header = chunk_header(reader, number);

	if (__atomic_load_n(&header->state, __ATOMIC_ACQUIRE) == CHUNK_FREE)
		return 0;
	look_at_generation(&reader->chunks[number], header->generation);
	return collect_chunk(reader, number, refs, SPOOL_CHUNK_SLOTS, 0);
}

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

int spool_reader_peek(const struct spool_reader *reader, const struct record_ref *ref, struct spool_call *call)
{
	const union record_slot *slot = &chunk_slots(reader, ref->chunk)[ref->slot];

	*call = slot->call;
	call->tag = tag_load(slot);
	return call->tag.type == SLOT_CALL && call->tag.state == STATE_RUNNING;
}

void spool_reader_fetch(const struct spool_reader *reader, const struct record_ref *ref)
{
	__builtin_prefetch(&chunk_slots(reader, ref->chunk)[ref->slot]);
}

int spool_reader_copy(struct spool_reader *reader, const struct record_ref *ref, union record_slot *record)
{
	struct spool_chunk *chunk = &reader->chunks[ref->chunk];
	union record_slot *slots = chunk_slots(reader, ref->chunk);
	struct spool_tag tag = tag_load(&slots[ref->slot]);
	unsigned length = 1 + tag.parts;

	if (tag.type != ref->type || tag.parts > SPOOL_MAX_PARTS || ref->slot + length > SPOOL_CHUNK_SLOTS ||
	    (tag.state != STATE_DONE && !(tag.state == STATE_RUNNING && ref->running))) {
		reader->malformed_count++;
		consume(chunk, ref->slot, 1);
		return 0;
	}
	memcpy(record, &slots[ref->slot], length * sizeof *record);
	record->tag = tag;
	consume(chunk, ref->slot, length);
	return 1;
}

void spool_reader_owner(const struct spool_reader *reader, uint32_t number, int *pid, int *tid, uint64_t *taken_ticks, char *name)
{
	const struct spool_chunk_header *header = chunk_header(reader, number);

	*pid = header->pid > 0 ? header->pid : reader->header->pid;
	*tid = header->tid > 0 ? header->tid : 0;
	*taken_ticks = header->taken_ticks;
	memcpy(name, header->thread_name, sizeof header->thread_name);
	name[sizeof header->thread_name - 1] = 0;
}

static void push_free(struct spool_reader *reader, uint32_t number)
{
	uint64_t head = __atomic_load_n(&reader->header->chunk_free, __ATOMIC_ACQUIRE), next;

	do {
		chunk_header(reader, number)->next_free = (uint32_t)head;
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
		    collect_chunk(reader, number, &ref, 1, 0) || !may_return(chunk, now_ns))
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
static int make_ahead(struct spool_reader *reader)
{
	const struct spool_header *header = reader->header;
	uint32_t taken = __atomic_load_n(&header->chunk_fresh, __ATOMIC_ACQUIRE) - reader->fresh_seen, most = reader->chunk_max / 8, free;
	int error = look_at_size(reader);

	if (header->narrowed || error)
		return error;
	free = count_free(reader, reader->ahead + 1);
	if ((free == 0 && taken >= SPOOL_RUN_CHUNKS) || free < reader->ahead / 2)
		reader->ahead = taken > reader->ahead ? 2 * taken : 2 * reader->ahead;
	if (most > AHEAD_MOST_CHUNKS)
		most = AHEAD_MOST_CHUNKS;
	if (reader->ahead > most)
		reader->ahead = most;
	for (uint32_t made = 1; free < reader->ahead && made; free += made)
		made = make_run(reader);
	reader->fresh_seen = __atomic_load_n(&header->chunk_fresh, __ATOMIC_ACQUIRE);
	return look_at_size(reader);
}

int spool_reader_extend(struct spool_reader *reader)
{
	reserve(reader);
	return make_ahead(reader);
}


int spool_reader_is_mapped(const struct spool_reader *reader)
{
	if (!reader->header->locked)
		return -1;
	if (flock(reader->fd, LOCK_EX | LOCK_NB))
		return errno == EWOULDBLOCK ? 1 : -1;
	flock(reader->fd, LOCK_UN);
	return 0;
}

int spool_reader_restore(struct spool_reader *reader, uint32_t number, uint32_t generation, const uint64_t bits[2])
{
	struct spool_chunk *chunk;
	int error = look_at_size(reader);

	if (error || number >= reader->chunk_used)
		return error;
	chunk = &reader->chunks[number];
	*chunk = (struct spool_chunk){.generation = generation, .consumed = {bits[0], bits[1]}};
	while (chunk->first < SPOOL_CHUNK_SLOTS && consumed(chunk, chunk->first))
		chunk->first++;
	return 0;
}

int spool_reader_drops(const struct spool_reader *reader, unsigned index, int *pid, uint64_t *count, uint64_t *first_ticks,
	uint64_t *last_ticks)
{
	const struct spool_drop_entry *entry = &reader->header->drop[index];

	*pid = __atomic_load_n(&entry->pid, __ATOMIC_RELAXED);
	*count = __atomic_load_n(&entry->count, __ATOMIC_RELAXED);
	*first_ticks = entry->first_ticks;
	*last_ticks = entry->last_ticks;
	return *pid != 0 && *count != 0;
}
