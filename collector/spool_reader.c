/* spool_reader.c: see spool_reader.h: opens a spool and finds its records; spool_reader_room.c gives the writers room. */
#include "collector/spool_reader_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#define MADV_POPULATE_READ_NUMBER 22  /* Linux 5.14 */
#define TMPFS_MAGIC_NUMBER 0x01021994 /* linux/magic.h */
#define CHUNK_MAX_SANE (UINT32_C(1) << 23) /* 64 GiB */

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
	struct statfs filesystem;
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
	reader->holes_take_memory = fstatfs(reader->fd, &filesystem) == 0 && filesystem.f_type == TMPFS_MAGIC_NUMBER;
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

static int make_readable(struct spool_reader *reader, uint32_t first, uint32_t end)
{
	return madvise(chunk_header(reader, first), (size_t)(end - first) * SPOOL_CHUNK_BYTES, MADV_POPULATE_READ_NUMBER) == 0 || errno == EINVAL;
}

/*
 * A writer counts chunks as handed out before it has their room (preload/spool_growth.c). Elsewhere a hole reads as zeros; on tmpfs reading it through a mapping takes
 * memory, and where that is full it is a SIGBUS. Returns how many of the chunks below `fresh` may be looked at: all up to the first hole, as long as somebody may still
 * fill it. Once nobody can, zeros stand in its place.
 */
static uint32_t pass_holes(struct spool_reader *reader, uint32_t fresh)
{
	if (!reader->holes_take_memory || make_readable(reader, reader->chunk_used, fresh))
		return fresh;
	for (uint32_t number = reader->chunk_used; number < fresh; number++) {
		if (make_readable(reader, number, number + 1))
			continue;
		if (spool_reader_is_mapped(reader) || mmap(chunk_header(reader, number), SPOOL_CHUNK_BYTES, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == MAP_FAILED)
			return number;
	}
	return fresh;
}

int spool_reader_look_at_size(struct spool_reader *reader)
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
	if (fresh > reader->chunk_used)
		fresh = pass_holes(reader, fresh);
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

size_t spool_reader_collect_slots(struct spool_reader *reader, uint32_t number, struct record_ref *refs, size_t room, int running)
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
	int error = spool_reader_look_at_size(reader);

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
		count += spool_reader_collect_slots(reader, number, refs + count, room - count, running);
	}
	return (int64_t)count;
}

int spool_reader_next(struct spool_reader *reader, uint32_t *number, uint64_t *taken_ticks, int32_t *tid)
{
	int error = *number == 0 ? spool_reader_look_at_size(reader) : 0;

	if (error)
		return error;
	for (; *number < reader->chunk_used; ++*number) {
		const struct spool_chunk_header *header = chunk_header(reader, *number);

		if (__atomic_load_n(&header->state, __ATOMIC_ACQUIRE) == CHUNK_FREE)
			continue;
		*taken_ticks = header->taken_ticks;
		*tid = header->tid;
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
	return spool_reader_collect_slots(reader, number, refs, SPOOL_CHUNK_SLOTS, 0);
}

int spool_reader_is_drained(struct spool_reader *reader, uint32_t number)
{
	const struct spool_chunk_header *header = chunk_header(reader, number);
	struct spool_chunk *chunk = &reader->chunks[number];
	struct record_ref ref;

	if (chunk->first == SPOOL_CHUNK_SLOTS)
		return 1;
	return __atomic_load_n(&header->state, __ATOMIC_ACQUIRE) == CHUNK_RETIRED && !spool_reader_collect_slots(reader, number, &ref, 1, 0) && chunk->all_consumed;
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
	int error = spool_reader_look_at_size(reader);

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
