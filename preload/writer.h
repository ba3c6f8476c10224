/*
 * writer.h: reserves and fills records in the spool. Used from every hook: async-signal-safe, no lock, no allocation, and on the
 * fast path no system call.
 *
 *   struct spool_call *call = writer_call_begin(CALL_recv, fd, cell, 0, len, flags, parts, caller);
 *   result = the real call;
 *   writer_call_returned(call);
 *   if (call) writer_call_end(call, result, error);
 *
 * A record that finds no room is NULL, and counted (struct spool_drop_entry). Between begin and end a signal handler may
 * record calls of its own: each has its own slots.
 *
 * Invariant: thread_state.cursor is one 64-bit word, changed by single instructions only, so that a signal handler sees
 * either the old chunk or the new one, never a mixture.
 */
#ifndef PRELOAD_WRITER_H
#define PRELOAD_WRITER_H

#include "preload/clock.h"
#include "schema/spool.h"

struct thread_state {
	uint64_t cursor;        /* (chunk index + 1) << 32 | next free slot; 0: the thread has no chunk */
	uint32_t generation;    /* of the process (see process_page); another one: this thread is new, or the process was forked */
	int32_t tid;            /* 0: not asked for yet */
	int32_t within_exec;    /* an exec that is accounted for is under way: libc's own system call for it is the same one */
	struct spool_tag *last; /* while the storage is shared: this process's latest record */
	int32_t pid;            /* of a process that borrows another's storage (sharing.h); 0: writer_pid */
	uint64_t network_namespace; /* it has entered this one; 0: it is where its process began */
	char name[16];          /* comm when the thread was first seen, or as prctl set it since */
};

extern __thread struct thread_state thread_state __attribute__((visibility("hidden")));

/* A page of its own that the kernel zeroes in a child (MADV_WIPEONFORK), so that a fork made by any means is seen. */
struct process_page {
	uint32_t generation; /* 0: this process has just been forked; never 0 else */
};

extern struct process_page *process_page __attribute__((visibility("hidden")));
extern struct spool_header *writer_spool __attribute__((visibility("hidden"))); /* NULL: no spool (yet) */

struct spool_slot {
	struct spool_tag tag;
	unsigned char data[SPOOL_SLOT_BYTES - 8];
};

/* The same as xadd without a lock prefix: atomic for this thread and its signal handlers. */
always_inline uint64_t writer_local_add(uint64_t *word, uint64_t n)
{
#if defined(__x86_64__)
	__asm__ volatile("xaddq %0, %1" : "+r"(n), "+m"(*word) : : "cc", "memory");
	return n;
#else
	return __atomic_fetch_add(word, n, __ATOMIC_RELAXED);
#endif
}

always_inline void writer_tag_store(void *slot, unsigned type, unsigned parts, unsigned state, unsigned flags, unsigned kind,
	unsigned length)
{
	uint64_t word = (uint64_t)(uint8_t)type | (uint64_t)(uint8_t)parts << 8 | (uint64_t)(uint8_t)state << 16 |
		(uint64_t)(uint8_t)flags << 24 | (uint64_t)(uint16_t)kind << 32 | (uint64_t)(uint16_t)length << 48;

	__atomic_store_n((uint64_t *)slot, word, __ATOMIC_RELEASE);
}

always_inline struct spool_slot *writer_slot_at(struct spool_header *spool, uint64_t cursor)
{
	return (struct spool_slot *)((char *)spool + SPOOL_HEADER_BYTES + ((cursor >> 32) - 1) * SPOOL_CHUNK_BYTES +
		SPOOL_CHUNK_HEADER_BYTES + (uint32_t)cursor * (uint64_t)SPOOL_SLOT_BYTES);
}

void *writer_reserve_slowly(unsigned slots);

/* 1 <= slots <= SPOOL_CHUNK_SLOTS. Returns zeroed slots, or NULL: no room, counted. */
always_inline void *writer_reserve(unsigned slots)
{
	struct thread_state *thread = &thread_state;
	uint64_t cursor;

	if (unlikely(thread->generation != process_page->generation))
		return writer_reserve_slowly(slots);
	cursor = writer_local_add(&thread->cursor, slots);
	if (unlikely((uint32_t)cursor + slots > SPOOL_CHUNK_SLOTS || cursor >> 32 == 0))
		return writer_reserve_slowly(slots);
	return writer_slot_at(writer_spool, cursor);
}

/*
 * Begins the record of a call: its slots are reserved, all that is known at entry stands in it, and it is visible as running. parts
 * extension slots (0..SPOOL_MAX_PARTS) follow it, zeroed; fill them with writer_extend.
 */
always_inline struct spool_call *writer_call_begin(enum call_number kind, int fd, uint64_t cell, unsigned tag_flags,
	uint64_t arg, uint32_t flags, unsigned parts, const void *caller)
{
	struct spool_call *call = writer_reserve(1 + parts);

	if (unlikely(!call))
		return NULL;
	/* Whoever emptied the chunk has its lines in another processor's cache: the next record's come here while this call runs. */
	raw_prefetch_for_write((char *)call + (1 + parts) * (size_t)SPOOL_SLOT_BYTES);
	call->fd = fd;
	call->flags = flags;
	call->start_ticks = clock_ticks();
	call->socket = cell;
	call->arg = arg;
	call->caller = (uint64_t)caller;
	writer_tag_store(call, SLOT_CALL, parts, STATE_RUNNING, tag_flags, kind, 0);
	return call;
}

/* The real call has just returned: its duration ends here, not after what the shim asks the kernel about its outcome. */
always_inline void writer_call_returned(struct spool_call *call)
{
	if (likely(call != NULL))
		call->duration_ticks = clock_ticks() - call->start_ticks;
}

/* error: 0 or a positive errno. The record is whole for any reader afterwards. */
always_inline void writer_call_end_as(struct spool_call *call, enum call_number kind, unsigned parts, unsigned tag_flags,
	int64_t result, int error)
{
	/* The kernel's -errno is what libc makes -1 of. */
	call->result = unlikely(error) && result < 0 ? -1 : result;
	writer_tag_store(call, SLOT_CALL, parts, STATE_DONE, tag_flags, kind, (unsigned)error);
}

/* The same with kind, parts and flags taken from the record. */
always_inline void writer_call_end(struct spool_call *call, int64_t result, int error)
{
	writer_call_end_as(call, call->tag.kind, call->tag.parts, call->tag.flags, result, error);
}

/* Withdraws a record that turned out not to be worth keeping. */
always_inline void writer_call_void(struct spool_call *call)
{
	writer_tag_store(call, SLOT_CALL, call->tag.parts, STATE_VOID, 0, call->tag.kind, 0);
}

/* Fills extension slots of a record one after another. */
struct writer_extension {
	struct spool_slot *next;
	unsigned left;
};

always_inline struct writer_extension writer_extensions_of(struct spool_call *call)
{
	return (struct writer_extension){(struct spool_slot *)(call + 1), call->tag.parts};
}

/* The next extension slot, tagged, or NULL when none is left. Fill its data through the struct of its type. */
always_inline void *writer_extend(struct writer_extension *extension, unsigned type, unsigned kind, unsigned length)
{
	struct spool_slot *slot = extension->next;

	if (!extension->left)
		return NULL;
	extension->left--;
	extension->next++;
	writer_tag_store(slot, type, 0, STATE_DONE, 0, kind, length);
	return slot;
}

/* Copies bytes (cut to the slots left and to 65535) into as many slots as they need. `from` must be readable. */
void writer_extend_bytes(struct writer_extension *extension, unsigned type, const void *from, size_t bytes);

/* Slots that `bytes` of extension data take. */
always_inline unsigned writer_slots_for(size_t bytes)
{
	return (unsigned)((bytes + 55) / 56);
}

/* A record outside any call: a descriptor that began (cause below 32) or ceased to refer to a socket. */
void writer_span(unsigned cause, int fd, uint64_t cell, uint32_t protocol, uint64_t via, uint64_t call_start_ticks);
/* text: NUL-terminated, cut at 300 bytes; NULL: none */
struct spool_gap *writer_gap(unsigned reason, uint64_t count, const char *text);
/* It did not come to that. */
void writer_gap_void(struct spool_gap *gap);
void writer_process(unsigned cause, int parent_pid);

/* PROCESS_UNSHARED, PROCESS_THREAD_ENDING. */
void writer_table(unsigned cause, uint64_t number);
/* This thread has entered the network namespace it is in now; the children that it forks tell so again. */
void writer_network(uint64_t network_namespace);

/* In a forked child, as soon as it is noticed: takes a generation of its own and reports what it holds. */
void writer_after_fork(void);

/* A new process tells that it began, and what it holds. */
void writer_report_child(unsigned cause, int parent_pid);

/* A cursor that nobody will go on with: its chunk is the reader's. */
void writer_cursor_drop(uint64_t cursor);

/* A synthetic socket number of this spool, for want of a cookie: above SPOOL_NUMBER once there is one. */
#define SPOOL_NUMBER (UINT64_C(1) << 32)
uint64_t writer_synthetic(void);

/* Is anything recorded in this process at all? 0 under AT_SECURE, when switched off, before the constructor. */
extern int writer_enabled __attribute__((visibility("hidden")));
extern int writer_pid __attribute__((visibility("hidden")));

#endif
