/*
 * sharing.c: see sharing.h.
 *
 * Each step of sharing_begin and sharing_end may be followed by a signal handler that records: at any moment, no cursor
 * stands in two places.
 */
#include "preload/sharing.h"
#include "preload/guard.h"
#include "preload/patch.h"
#include "preload/table.h"
#include "preload/writer.h"

#include <errno.h>
#include <sys/mman.h>

#define FRAMES 8    /* a vfork child may vfork in turn, and a signal handler in between */
#define BORROWERS 8
#define POOL 8
#define NEVER_FAST UINT32_MAX /* a generation that no process has */

struct borrower {
	int32_t tid;               /* 0: free */
	int32_t depth;
	int32_t reported;
	struct thread_state state;
	struct table *table;       /* NULL: that of the process */
	void *left_behind;
	size_t left_behind_bytes;
};

struct sharing {
	int32_t in_use;
	int32_t owner_tid;
	int32_t depth;
	int32_t stays;
	int32_t shared;            /* 0: kept for own_table alone, nobody borrows */
	int32_t child_runs;        /* without system calls nobody can be asked: the child of vfork says so itself */
	struct table *own_table;   /* of the owner; NULL: that of the process */
	struct thread_state owner;
	struct sharing_frame frame[FRAMES];
	struct borrower borrower[BORROWERS];
};

__thread struct sharing *sharing;

static struct sharing pool[POOL];

/*
 * For the child of a process that has entered seccomp, where no copy of the table can be made: it starts empty, so that what
 * the child does is not seen, and its parent's table stays true.
 */
static uint64_t nowhere_page[TABLE_PAGE_ENTRIES];
static struct table nowhere = {.page = {nowhere_page}};

static struct sharing *take(void)
{
	long address;

	for (unsigned i = 0; i < POOL; i++) {
		int32_t nobody = 0;

		if (__atomic_compare_exchange_n(&pool[i].in_use, &nobody, 1, 0, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
			return &pool[i];
	}
	if (!guard_system_calls_allowed())
		return NULL;
	address = raw_syscall(SYS_mmap, 0, sizeof(struct sharing), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	return address < 0 && address > -4096 ? NULL : (struct sharing *)address;
}

static void give_back(struct sharing *s)
{
	if (s < pool || s >= pool + POOL)
		raw_syscall(SYS_munmap, s, sizeof *s);
	else
		__atomic_store_n(&s->in_use, 0, __ATOMIC_RELEASE);
}

static int32_t whose(struct sharing *s)
{
	if (guard_system_calls_allowed())
		return (int32_t)raw_syscall6(SYS_gettid, 0, 0, 0, 0, 0, 0);
	return s->child_runs ? -1 : s->owner_tid;
}

struct sharing_frame *sharing_begin(void)
{
	struct sharing *s = sharing;
	struct sharing_frame *frame;

	if (!writer_enabled)
		return NULL;
	if (process_page->generation == 0)
		writer_after_fork();
	if (!s || !s->shared) {
		if (!s)
			s = take();
		if (!s)
			return NULL;
		s->owner_tid = guard_own_tid();
		s->depth = 0;
		s->stays = 0;
		s->child_runs = 0;
		raw_copy(&s->owner, &thread_state, sizeof s->owner);
		s->owner.cursor = __atomic_exchange_n(&thread_state.cursor, 0, __ATOMIC_RELAXED);
		/* A handler that comes from here on takes a chunk into one of the two cursors. */
		__atomic_signal_fence(__ATOMIC_SEQ_CST);
		s->shared = 1;
		__atomic_signal_fence(__ATOMIC_SEQ_CST);
		sharing = s;
		__atomic_signal_fence(__ATOMIC_SEQ_CST);
		thread_state.generation = NEVER_FAST;
		writer_cursor_drop(__atomic_exchange_n(&thread_state.cursor, 0, __ATOMIC_RELAXED));
	}
	if (s->depth == FRAMES)
		return NULL;
	frame = &s->frame[s->depth];
	frame->sharing = s;
	frame->call = NULL;
	frame->depth = s->depth++;
	frame->mark = patch_mark;
	frame->within_exec = thread_state.within_exec;
	return frame;
}

static void borrower_empty(struct borrower *borrower)
{
	writer_cursor_drop(borrower->state.cursor);
	borrower->state.cursor = 0;
	if (borrower->table && borrower->table != &nowhere)
		table_free(borrower->table);
	borrower->table = NULL;
	if (borrower->left_behind)
		raw_syscall(SYS_munmap, borrower->left_behind, borrower->left_behind_bytes);
	borrower->left_behind = NULL;
}

void sharing_end(struct sharing_frame *frame)
{
	struct sharing *s = frame->sharing;

	for (unsigned i = 0; i < BORROWERS && !s->stays; i++)
		if (s->borrower[i].tid && s->borrower[i].depth > frame->depth) {
			borrower_empty(&s->borrower[i]);
			s->borrower[i].tid = 0;
		}
	s->depth = frame->depth;
	patch_mark = frame->mark;
	thread_state.within_exec = frame->within_exec;
	if (s->depth > 0 || s->stays)
		return;
	thread_state.cursor = __atomic_exchange_n(&s->owner.cursor, 0, __ATOMIC_RELAXED);
	thread_state.tid = s->owner.tid;
	raw_copy(thread_state.name, s->owner.name, sizeof thread_state.name);
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	thread_state.generation = s->owner.generation;
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	s->shared = 0;
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	if (!s->own_table)
		sharing = NULL;
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	writer_cursor_drop(__atomic_exchange_n(&s->owner.cursor, 0, __ATOMIC_RELAXED));
	if (!s->own_table)
		give_back(s);
}

struct table *sharing_own_table(void)
{
	struct sharing *s = sharing;

	return s && s->own_table && (!s->shared || whose(s) == s->owner_tid) ? s->own_table : NULL;
}

int sharing_set_own_table(struct table *table)
{
	struct sharing *s = sharing ? NULL : take();

	if (!s)
		return -1;
	s->own_table = table;
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	sharing = s;
	return 0;
}

int sharing_leave_own_table(void)
{
	struct sharing *s = sharing;
	struct table *table = s ? s->own_table : NULL;
	int last;

	if (!table || s->shared)
		return 0;
	sharing = NULL;
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	s->own_table = NULL;
	give_back(s);
	last = __atomic_sub_fetch(&table->users, 1, __ATOMIC_ACQ_REL) == 0;
	if (last)
		table_free(table);
	return last;
}

static struct table *table_of_owner(struct sharing *s)
{
	return s->own_table ? s->own_table : &table_process;
}

void sharing_stay(struct sharing_frame *frame)
{
	frame->sharing->stays = 1;
	frame->sharing->depth = frame->depth;
}

static struct borrower *find(struct sharing *s, int32_t tid)
{
	for (unsigned i = 0; i < BORROWERS; i++)
		if (__atomic_load_n(&s->borrower[i].tid, __ATOMIC_ACQUIRE) == tid)
			return &s->borrower[i];
	return NULL;
}

/* A place for one more, perhaps that of a child that is gone. */
static struct borrower *claim(struct sharing *s, int32_t tid)
{
	for (unsigned i = 0; i < BORROWERS; i++) {
		int32_t nobody = 0;

		if (__atomic_compare_exchange_n(&s->borrower[i].tid, &nobody, tid, 0, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
			return &s->borrower[i];
	}
	for (unsigned i = 0; s->stays && guard_system_calls_allowed() && i < BORROWERS; i++) {
		int32_t before = __atomic_load_n(&s->borrower[i].tid, __ATOMIC_RELAXED);

		if (raw_syscall(SYS_kill, before, 0) == -ESRCH &&
		    __atomic_compare_exchange_n(&s->borrower[i].tid, &before, tid, 0, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED)) {
			borrower_empty(&s->borrower[i]);
			return &s->borrower[i];
		}
	}
	return NULL;
}

static struct borrower *enter(struct sharing *s, int32_t tid, int shares_descriptors)
{
	struct borrower *borrower = find(s, tid);
	struct borrower *parent;

	if (borrower)
		return borrower;
	borrower = claim(s, tid);
	if (!borrower)
		return NULL;
	borrower->depth = s->depth;
	borrower->reported = 0;
	borrower->left_behind = NULL;
	raw_zero(&borrower->state, sizeof borrower->state);
	borrower->state.tid = borrower->state.pid = tid;
	borrower->state.generation = process_page->generation;
	raw_copy(borrower->state.name, s->owner.name, sizeof borrower->state.name);
	if (!shares_descriptors && !guard_system_calls_allowed()) {
		raw_zero(nowhere_page, sizeof nowhere_page);
		borrower->table = &nowhere;
	} else if (!shares_descriptors) {
		parent = find(s, (int32_t)raw_syscall6(SYS_getppid, 0, 0, 0, 0, 0, 0));
		borrower->table = table_copy(parent && parent->table ? parent->table : table_of_owner(s));
	}
	return borrower;
}

void sharing_enter(int shares_descriptors)
{
	struct sharing *s = sharing;

	if (!s || !s->shared)
		return;
	s->child_runs = 1;
	enter(s, whose(s), shares_descriptors);
	sharing_state();
}

struct thread_state *sharing_state(void)
{
	struct sharing *s = sharing;
	struct borrower *borrower;
	int32_t tid;

	if (!s->shared)
		return &thread_state;
	tid = whose(s);
	if (tid == s->owner_tid) {
		s->child_runs = 0;
		return &s->owner;
	}
	borrower = enter(s, tid, 0);
	/* Under seccomp its pid cannot be asked for; as its parent it shall not appear. */
	if (!borrower || tid < 0)
		return NULL;
	if (!borrower->reported && writer_spool) {
		borrower->reported = 1;
		writer_report_child(PROCESS_VFORKED,
			guard_system_calls_allowed() ? (int)raw_syscall6(SYS_getppid, 0, 0, 0, 0, 0, 0) : writer_pid);
	}
	return &borrower->state;
}

struct table *sharing_table(void)
{
	struct sharing *s = sharing;
	int32_t tid = s->shared ? whose(s) : 0;
	struct borrower *borrower = !s->shared || tid == s->owner_tid ? NULL : enter(s, tid, 0);

	return borrower && borrower->table ? borrower->table : table_of_owner(s);
}

int sharing_is_within_wrapper(void)
{
	struct sharing *s = sharing;
	int32_t tid = s->stays ? whose(s) : 0;
	struct borrower *borrower;
	const struct spool_tag *last;

	if (!s->stays)
		return 0;
	borrower = tid == s->owner_tid ? NULL : find(s, tid);
	last = tid == s->owner_tid ? s->owner.last : borrower ? borrower->state.last : NULL;
	/* Within fork, exec, system and name lookups, libc's calls are calls of their own. */
	return last && last->type == SLOT_CALL && last->state == STATE_RUNNING && last->kind < CALL_fork;
}

void sharing_leave_behind(void *memory, size_t bytes)
{
	struct sharing *s = sharing;
	int32_t tid = s && s->shared ? whose(s) : 0;
	struct borrower *borrower = s && s->shared && tid != s->owner_tid ? enter(s, tid, 0) : NULL;

	if (!borrower)
		return;
	borrower->left_behind = memory;
	borrower->left_behind_bytes = bytes;
}

void sharing_after_fork(void)
{
	struct sharing *s = sharing;
	struct borrower *parent;

	if (!s)
		return;
	sharing = NULL;
	parent = s->shared && guard_system_calls_allowed() ? find(s, (int32_t)raw_syscall6(SYS_getppid, 0, 0, 0, 0, 0, 0)) : NULL;
	if (parent && parent->table)
		table_adopt(parent->table);
	else if (s->own_table)
		table_adopt(s->own_table);
	/* What other threads of the parent shared with their children does not exist here. */
	for (unsigned i = 0; i < POOL; i++) {
		for (unsigned j = 0; j < BORROWERS; j++)
			pool[i].borrower[j].tid = 0;
		pool[i].own_table = NULL;
		pool[i].shared = 0;
		pool[i].in_use = 0;
	}
}
