/*
 * spool_reader.h: reads a spool (schema/spool.h) while its processes write it, or after they are gone. Everything in it is
 * untrusted: positions, sizes and states are checked here, and a record is copied before anybody looks at it.
 *
 *   spool_reader_open → spool_reader_collect (what is done and not yet consumed) → spool_reader_copy each → commit →
 *   spool_reader_return_chunks → …  → spool_reader_close
 *
 * Invariant: a slot whose bit is set in chunk.consumed has been applied; its chunk goes back to the writers only after
 * spool_reader_return_chunks, which the caller calls when everything applied is committed.
 *
 * The maker of a spool keeps a shared flock(2) on it: the mapping keeps the open file alive, so the lock lasts as long as
 * any process has the spool mapped, in whatever namespace, and no longer.
 */
#ifndef COLLECTOR_SPOOL_READER_H
#define COLLECTOR_SPOOL_READER_H

#include <stddef.h>
#include <stdint.h>

#include "collector/record.h"

struct thread;

struct spool_chunk {
	uint32_t generation;
	uint8_t first;           /* slots below are consumed */
	uint8_t changed;         /* consumed since the last commit */
	uint8_t all_consumed;    /* nothing is left, and no slot is running */
	uint8_t orphaned;        /* its process is gone: what is reserved or running in it stays so */
	int64_t retired_seen_ns; /* when it was first seen retired, with room at its end; 0: not yet */
	uint64_t consumed[2];    /* a bit a slot */
	struct thread *thread;   /* its owner; NULL: not looked up (caller's) */
};

struct spool_reader {
	char *name;              /* file name within the directory */
	int fd;
	struct spool_header *header;
	size_t mapped_bytes;
	uint64_t device, inode;
	uint32_t chunk_max;      /* that the mapping has room for */
	struct spool_chunk *chunks;
	uint32_t chunk_room;     /* entries of `chunks` */
	uint32_t chunk_used;     /* chunks ever handed out, and inside the file */
	uint32_t fresh_seen;     /* chunks ever handed out when it was looked at last */
	uint32_t ahead;          /* so many free ones are kept ready, with pages: the writers take them faster than they come back */
	int holes_take_memory;   /* to read what was never written may be a SIGBUS: on tmpfs */
	uint64_t malformed_count; /* slots that no writer of ours makes; consumed, counted */
};

struct record_ref {
	uint64_t ticks;          /* when: start of a call, moment of an event, return of the wait that found something ready */
	uint32_t chunk;
	uint8_t slot, type;
	uint8_t running;         /* a call that never returned (only when asked for) */
};

enum spool_status { SPOOL_OK = 0, SPOOL_NOT_READY = 1 };

/*
 * Opens the spool `name` in the directory. SPOOL_OK; SPOOL_NOT_READY: still being made (or its maker died making it); -EPERM:
 * another user's, or no plain file; -EBADMSG: not a spool, or torn; -EPROTO: of another version; else what open(2) said.
 */
int spool_reader_open(struct spool_reader *reader, int directory_fd, const char *name);
void spool_reader_close(struct spool_reader *reader);

/*
 * Appends refs to up to `room` records that are done and not consumed; running: calls in progress as well (their process is
 * gone, `pid` only; 0: of any). Returns the number of refs, or -ENOMEM.
 */
int64_t spool_reader_collect(struct spool_reader *reader, struct record_ref *refs, size_t room, int running, int pid);

/*
 * The same chunk by chunk, for a caller that chooses which to look at first. Next: *number, or the first chunk behind it, that a writer has taken, when, and which
 * thread (0: not known): 1; 0: there is none; -ENOMEM. Collect: as above, of one chunk; refs has room for SPOOL_CHUNK_SLOTS. Is drained, of one that was collected:
 * 1: nothing is left in it, and nothing will come.
 */
int spool_reader_next(struct spool_reader *reader, uint32_t *number, uint64_t *taken_ticks, int32_t *tid);
int spool_reader_is_drained(struct spool_reader *reader, uint32_t number);
size_t spool_reader_collect_chunk(struct spool_reader *reader, uint32_t number, struct record_ref *refs);

/* 1: the spool stays below so many bytes and below an eighth of its limit, or so many chunks are free again that its writers can go on for a while. */
int spool_reader_has_room(const struct spool_reader *reader, uint64_t bytes);

/* 1: its writers can take so many chunks more before they need one that was given back. */
int spool_reader_has_fresh(const struct spool_reader *reader, uint32_t chunks);

/* The call that `ref` points to as it is now, without consuming it; 0: it has returned since, or is none. */
int spool_reader_peek(const struct spool_reader *reader, const struct record_ref *ref, struct spool_call *call);

/* Has the processor fetch a record that spool_reader_copy will be asked for soon. */
void spool_reader_fetch(const struct spool_reader *reader, const struct record_ref *ref);

/*
 * Copies a record and marks it consumed; record has room for 1 + SPOOL_MAX_PARTS slots. 1: it is there; 0: it was malformed,
 * or void, and is to be skipped.
 */
int spool_reader_copy(struct spool_reader *reader, const struct record_ref *ref, union record_slot *record);

/* The chunk's owner as its header says. name: room for 16 bytes, NUL-terminated. */
void spool_reader_owner(const struct spool_reader *reader, uint32_t chunk, int *pid, int *tid, uint64_t *taken_ticks, char *name);

/* Gives drained chunks back to the writers; only after a commit. now_ns: any monotonic clock. Returns how many. */
unsigned spool_reader_return_chunks(struct spool_reader *reader, int64_t now_ns);

/* Chunks of a process that is gone will never be filled: they may go back as they are. */
void spool_reader_retire(struct spool_reader *reader, int pid);

/*
 * Reserves more of the file when the writers are about to need it, and makes the pages of what they are about to take, if they take much: it costs them more
 * (docs/decisions/spool-growth.md). bytes: at most so much is made ahead. A full disk is no error. 0 or a negative errno.
 */
int spool_reader_extend(struct spool_reader *reader, uint64_t bytes);

/* 1: some process still has it mapped; 0: none has; -1: cannot be known (the maker took no lock). */
int spool_reader_is_mapped(const struct spool_reader *reader);

/* Restores what an earlier collector had consumed, if the chunk is still of that generation. */
int spool_reader_restore(struct spool_reader *reader, uint32_t chunk, uint32_t generation, const uint64_t consumed[2]);

/* Records lost for want of room, by process; reads the header's drop entries. Returns 0 when entry `index` is not in use. */
int spool_reader_drops(const struct spool_reader *reader, unsigned index, int *pid, uint64_t *count, uint64_t *first_ticks,
	uint64_t *last_ticks);

#endif
