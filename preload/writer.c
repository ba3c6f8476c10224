/*
 * writer.c: the slow side of writer.h: a thread's first record, a full chunk, a fork noticed, no room left; and the records
 * that are no calls.
 */
#include "preload/writer.h"
#include "preload/guard.h"
#include "preload/sharing.h"
#include "preload/spool.h"
#include "preload/subject.h"
#include "preload/table.h"
#include "preload/thread_end.h"

#include <sys/prctl.h>

__thread struct thread_state thread_state;

static struct process_page page_before_init;
READ_BY_EVERY_CALL struct process_page *process_page = &page_before_init;
READ_BY_EVERY_CALL struct spool_header *writer_spool;
READ_BY_EVERY_CALL int writer_enabled;
int writer_pid;

static uint32_t last_generation = 1;

static struct spool_chunk_header *chunk_at(struct spool_header *spool, uint32_t index)
{
	return (struct spool_chunk_header *)((char *)spool + SPOOL_HEADER_BYTES + (uint64_t)index * SPOOL_CHUNK_BYTES);
}

/* The process that is recording. */
static int32_t pid_of(const struct thread_state *thread)
{
	return thread && thread->pid ? thread->pid : writer_pid;
}

static int32_t own_pid(void)
{
	return unlikely(sharing != NULL) ? pid_of(sharing_state()) : writer_pid;
}

/* Records made before there was a spool, because none could be made. */
static uint64_t missed_before_spool;

/* The entry of this process; when all belong to others of its tree, one of theirs: the count matters more than whose it is. */
static __attribute__((noinline)) struct spool_drop_entry *drop_entry(struct spool_drop_entry *entries, int32_t own, unsigned tid)
{
	unsigned hash = (unsigned)own * 31u + tid;

	for (unsigned i = 0; i < SPOOL_DROP_ENTRIES; i++) {
		struct spool_drop_entry *entry = &entries[(hash + i) % SPOOL_DROP_ENTRIES];
		int32_t pid = __atomic_load_n(&entry->pid, __ATOMIC_RELAXED);

		if (pid == 0)
			__atomic_compare_exchange_n(&entry->pid, &pid, own, 0, __ATOMIC_RELAXED, __ATOMIC_RELAXED);
		if (__atomic_load_n(&entry->pid, __ATOMIC_RELAXED) == own)
			return entry;
	}
	return &entries[hash % SPOOL_DROP_ENTRIES];
}

/* Inline, so that what it calls does not stand on the stack above a frame of its own. */
always_inline void count_drops(struct spool_header *spool, const struct thread_state *thread, uint64_t count)
{
	struct spool_drop_entry *entry = drop_entry(spool->drop, pid_of(thread), thread ? (unsigned)thread->tid : 0);
	uint64_t now = clock_ticks(), none = 0;

	__atomic_compare_exchange_n(&entry->first_ticks, &none, now, 0, __ATOMIC_RELAXED, __ATOMIC_RELAXED);
	__atomic_store_n(&entry->last_ticks, now, __ATOMIC_RELAXED);
	__atomic_fetch_add(&entry->count, count, __ATOMIC_RELAXED);
}

/* A chunk that is nobody's; its index, or -1: no room. */
static __attribute__((noinline)) int64_t chunk_find(struct spool_header *spool)
{
	uint64_t head = __atomic_load_n(&spool->chunk_free, __ATOMIC_ACQUIRE);
	int64_t index = -1;

	/* The high half counts changes, so that a chunk popped and pushed back meanwhile is not mistaken for the same list. */
	while ((uint32_t)head != 0) {
		uint32_t first = (uint32_t)head - 1;
		uint64_t next;

		if (first >= spool_window)
			break;
		next = ((head >> 32) + 1) << 32 | __atomic_load_n(&chunk_at(spool, first)->next_free, __ATOMIC_RELAXED);
		if (__atomic_compare_exchange_n(&spool->chunk_free, &head, next, 0, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) {
			index = first;
			break;
		}
	}
	while (index < 0) {
		uint32_t fresh = __atomic_load_n(&spool->chunk_fresh, __ATOMIC_RELAXED);

		if (fresh >= spool_window)
			return -1;
		if (fresh >= __atomic_load_n(&spool->chunk_limit, __ATOMIC_ACQUIRE))
			return spool_claim(spool);
		if (__atomic_compare_exchange_n(&spool->chunk_fresh, &fresh, fresh + 1, 0, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
			index = fresh;
	}
	return index;
}

/* Takes a chunk for this thread; its index, or -1: no room. */
static int64_t chunk_take(struct spool_header *spool, const struct thread_state *thread)
{
	int64_t index = chunk_find(spool);
	struct spool_chunk_header *chunk;

	if (index < 0)
		return -1;
	chunk = chunk_at(spool, (uint32_t)index);
	chunk->pid = pid_of(thread);
	chunk->tid = thread->tid;
	chunk->taken_ticks = clock_ticks();
	raw_copy(chunk->thread_name, thread->name, sizeof chunk->thread_name);
	__atomic_store_n(&chunk->state, CHUNK_OWNED, __ATOMIC_RELEASE);
	return index;
}

static void chunk_retire(struct spool_header *spool, uint64_t cursor)
{
	if (cursor >> 32)
		__atomic_store_n(&chunk_at(spool, (uint32_t)(cursor >> 32) - 1)->state, CHUNK_RETIRED, __ATOMIC_RELEASE);
}

/* Apart, so that the caller's frame is gone. */
static __attribute__((noinline)) void *no_room(struct spool_header *spool, struct thread_state *thread)
{
	/* Give the full chunk to the reader, or it could never free one. */
	chunk_retire(spool, __atomic_exchange_n(&thread->cursor, 0, __ATOMIC_RELAXED));
	count_drops(spool, thread, 1);
	return NULL;
}

/*
 * Called when the fast path cannot serve: ordered from the rarest to the commonest cause. A signal handler may run this whole
 * function in between any two of its steps.
 */
void *writer_reserve_slowly(unsigned slots)
{
	struct thread_state *thread = &thread_state;
	struct spool_header *spool;
	uint64_t old;
	int64_t index;

	if (!writer_enabled)
		return NULL;
	if (process_page->generation == 0)
		writer_after_fork();
	if (unlikely(sharing != NULL)) {
		thread = sharing_state();
		if (!thread) {
			/* Under seccomp a borrower has no name to be counted by; GAP_SECCOMP speaks for it. */
			if (writer_spool && guard_system_calls_allowed())
				count_drops(writer_spool, NULL, 1);
			return NULL;
		}
	}
	if (thread->generation != process_page->generation) {
		thread->cursor = 0;
		thread->tid = guard_own_tid();
		if (guard_system_calls_allowed())
			raw_syscall(SYS_prctl, PR_GET_NAME, thread->name);
		thread->generation = process_page->generation;
		thread_end_watch();
	}
	spool = __atomic_load_n(&writer_spool, __ATOMIC_ACQUIRE);
	if (!spool) {
		uint64_t missed;

		spool = spool_open();
		if (!spool) {
			__atomic_fetch_add(&missed_before_spool, 1, __ATOMIC_RELAXED);
			return NULL;
		}
		missed = __atomic_exchange_n(&missed_before_spool, 0, __ATOMIC_RELAXED);
		if (missed)
			count_drops(spool, thread, missed);
	}
	if (unlikely(guard_report_due))
		guard_report();
	if (thread->cursor >> 32 && (uint32_t)thread->cursor + slots <= SPOOL_CHUNK_SLOTS) {
		/* A handler, or spool_open's own first record, has taken a chunk meanwhile. */
		old = writer_local_add(&thread->cursor, slots);
		if (old >> 32 && (uint32_t)old + slots <= SPOOL_CHUNK_SLOTS) {
			thread->last = &writer_slot_at(spool, old)->tag;
			return writer_slot_at(spool, old);
		}
	}
	index = chunk_take(spool, thread);
	if (index < 0)
		return no_room(spool, thread);
	old = __atomic_exchange_n(&thread->cursor, (uint64_t)(index + 1) << 32 | slots, __ATOMIC_RELAXED);
	chunk_retire(spool, old);
	thread->last = &writer_slot_at(spool, (uint64_t)(index + 1) << 32)->tag;
	/* The next ones, last of all, when the frame of this function is gone. */
	return spool_make_run(spool, (uint32_t)index, thread->last);
}

void writer_extend_bytes(struct writer_extension *extension, unsigned type, const void *from, size_t bytes)
{
	const char *at = from;
	size_t room = (size_t)extension->left * 56;

	if (bytes > room)
		bytes = room;
	if (bytes > UINT16_MAX)
		bytes = UINT16_MAX;
	for (size_t done = 0; done < bytes || done == 0; done += 56) {
		struct spool_slot *slot = writer_extend(extension, done ? SLOT_EXT_MORE : type, 0, (unsigned)bytes);

		if (!slot || !bytes)
			return;
		if (bytes == 16) /* struct sockaddr_in, mostly: rep movsb takes longer to begin than that takes */
			__builtin_memcpy(slot->data, at, 16);
		else
			raw_copy(slot->data, at + done, bytes - done < 56 ? bytes - done : 56);
	}
}

void writer_span(unsigned cause, int fd, uint64_t cell, uint32_t protocol, uint64_t via, uint64_t call_start_ticks)
{
	struct spool_span *span = writer_reserve(1);

	if (!span)
		return;
	span->fd = fd;
	span->protocol = protocol;
	span->at_ticks = clock_ticks();
	span->socket = cell & ~CELL_CLOSED;
	span->via = via & ~CELL_CLOSED;
	span->call_start_ticks = call_start_ticks;
	writer_tag_store(span, SLOT_SPAN, 0, STATE_DONE, 0, cause, 0);
}

struct spool_gap *writer_gap(unsigned reason, uint64_t count, const char *text)
{
	size_t length = text ? raw_length(text) : 0;
	unsigned parts;
	struct spool_gap *gap;
	struct writer_extension extension;

	if (length > 300)
		length = 300;
	parts = writer_slots_for(length);
	gap = writer_reserve(1 + parts);
	if (!gap)
		return NULL;
	gap->pid = own_pid();
	gap->at_ticks = clock_ticks();
	gap->count = count;
	/* No extension may be seen before what it belongs to. */
	writer_tag_store(gap, SLOT_GAP, parts, STATE_RUNNING, 0, reason, 0);
	extension = (struct writer_extension){(struct spool_slot *)(gap + 1), parts};
	if (length)
		writer_extend_bytes(&extension, SLOT_EXT_TEXT, text, length);
	writer_tag_store(gap, SLOT_GAP, parts, STATE_DONE, 0, reason, 0);
	return gap;
}

void writer_gap_void(struct spool_gap *gap)
{
	writer_tag_store(gap, SLOT_GAP, gap->tag.parts, STATE_VOID, 0, gap->tag.kind, 0);
}

static void report_process(unsigned cause, int parent_pid, int same_pids)
{
	struct spool_process *process = writer_reserve(1);

	if (!process)
		return;
	process->pid = own_pid();
	process->parent_pid = parent_pid;
	process->same_pids = (uint64_t)same_pids;
	process->at_ticks = clock_ticks();
	writer_tag_store(process, SLOT_PROCESS, 0, STATE_DONE, 0, cause, 0);
}

void writer_process(unsigned cause, int parent_pid)
{
	report_process(cause, parent_pid, 0);
}

void writer_table(unsigned cause, uint64_t number)
{
	struct spool_process *process = writer_reserve(1);

	if (!process)
		return;
	process->pid = own_pid();
	process->at_ticks = clock_ticks();
	process->table = number;
	writer_tag_store(process, SLOT_PROCESS, 0, STATE_DONE, 0, cause, 0);
}

void writer_network(uint64_t network_namespace)
{
	struct spool_process *process = writer_spool ? writer_reserve(1) : NULL;

	/* A child that borrows this storage moves for itself alone. */
	if (!sharing)
		thread_state.network_namespace = network_namespace;
	if (!process)
		return;
	process->pid = own_pid();
	process->at_ticks = clock_ticks();
	process->network_namespace = network_namespace;
	writer_tag_store(process, SLOT_PROCESS, 0, STATE_DONE, 0, PROCESS_NETWORK, 0);
}

static void report_child(unsigned cause, int parent_pid, int same_pids)
{
	uint64_t cell;

	report_process(cause, parent_pid, same_pids);
	for (int fd = table_next(0, &cell); fd >= 0; fd = table_next(fd + 1, &cell))
		if (!(cell & CELL_EPOLL))
			writer_span(SPAN_OPENED_FORK, fd, cell, UINT32_MAX, 0, 0);
}

void writer_report_child(unsigned cause, int parent_pid)
{
	report_child(cause, parent_pid, 0);
}

void writer_cursor_drop(uint64_t cursor)
{
	if (writer_spool)
		chunk_retire(writer_spool, cursor);
}

void writer_after_fork(void)
{
	int asked_pid = guard_system_calls_allowed() ? (int)raw_syscall6(SYS_getppid, 0, 0, 0, 0, 0, 0) : 0;
	int parent_pid = sharing && asked_pid ? asked_pid : writer_pid;

	process_page->generation = ++last_generation;
	sharing_after_fork();
	thread_state.cursor = 0;
	thread_state.within_exec = 0;
	writer_pid = guard_own_pid();
	thread_state.tid = writer_pid;
	thread_state.generation = process_page->generation;
	spool_after_fork(parent_pid);
	subject_after_fork();
	missed_before_spool = 0;
	if (writer_spool)
		report_child(PROCESS_FORKED, parent_pid, asked_pid == parent_pid);
	if (thread_state.network_namespace)
		writer_network(thread_state.network_namespace);
}

uint64_t writer_synthetic(void)
{
	static uint64_t before_spool;
	struct spool_header *spool = writer_spool;

	/* Numbers given out before the spool exists stay below those of the spool. */
	if (!spool)
		return __atomic_add_fetch(&before_spool, 1, __ATOMIC_RELAXED);
	return SPOOL_NUMBER + __atomic_add_fetch(&spool->synthetic_next, 1, __ATOMIC_RELAXED);
}
