/*
 * waits.c: poll and select (epoll.c: epoll). A wait is recorded when its set holds a socket; what it found follows as separate records
 * (schema/spool.h: SLOT_READY). The set is looked at only after the kernel has accepted it.
 */
#include "preload/detail.h"
#include "preload/guard.h"
#include "preload/hooks.h"
#include "preload/readable.h"
#include "preload/real.h"
#include "preload/waits.h"

/* Sockets that a wait did not find ready are listed up to this many entries of its set, so that a wait on one socket is known as such. */
#define WAITED_LISTED 8

struct ready_list {
	struct spool_ready *record; /* the one being filled */
	unsigned used;
	enum call_number kind;
	uint64_t call_start;
};

static void ready_flush(struct ready_list *list)
{
	if (list->record)
		writer_tag_store(list->record, SLOT_READY, 0, STATE_DONE, 0, list->kind, list->used);
	list->record = NULL;
	list->used = 0;
}

static void ready_add(struct ready_list *list, uint64_t cell, int fd, uint32_t events)
{
	if (!list->record) {
		list->record = writer_reserve(1);
		if (!list->record)
			return;
		list->record->call_start_ticks = list->call_start;
	}
	list->record->entry[list->used].socket = cell;
	list->record->entry[list->used].fd = fd;
	list->record->entry[list->used].events = events;
	if (++list->used == 3)
		ready_flush(list);
}

/* The cell of a descriptor in a set; 0: not an open socket. */
static uint64_t waited_cell(int fd)
{
	uint64_t cell = table_get(fd);

	return cell & (CELL_CLOSED | CELL_EPOLL) ? 0 : cell;
}

/* A number whose socket was closed, as poll has found: whose it was, if nothing else has it since. 0: that of no socket. */
static uint64_t closed_cell(const struct pollfd *polled)
{
	uint64_t cell = polled->revents & POLLNVAL ? table_get(polled->fd) : 0;

	return cell & CELL_CLOSED && !(cell & CELL_EPOLL) ? table_named(cell) : 0;
}

/*
 * Completes a poll's record, or withdraws it when no socket was in the set. The record is stored before its READY records are, so that a
 * reader that sees those has seen the wait. Returns `result`, so that it is the last thing that a wrapper does, and the wrapper's frame is gone by then.
 */
static int poll_done(struct spool_call *call, enum call_number kind, const struct pollfd *fds, nfds_t given, int result, int error)
{
	struct ready_list list = {NULL, 0, kind, call->start_ticks};
	unsigned count = (unsigned)given; /* as the kernel takes it */
	unsigned sockets = 0;

	/* Other errors (EFAULT, EINVAL, ENOMEM, a filter's) do not prove that the set was read. */
	if (error && error != EINTR) {
		writer_call_void(call);
		return result;
	}
	for (unsigned i = 0; i < count && sockets <= WAITED_LISTED; i++)
		sockets += waited_cell(fds[i].fd) || (!error && closed_cell(&fds[i]));
	if (!sockets) {
		writer_call_void(call);
		return result;
	}
	writer_call_end(call, result, error);
	for (unsigned i = 0; i < count; i++) {
		uint64_t cell;

		if (sockets > WAITED_LISTED && (error || !fds[i].revents))
			continue;
		cell = waited_cell(fds[i].fd);
		/* revents is the kernel's only when the call succeeded. */
		if (cell && !error && fds[i].revents)
			ready_add(&list, cell, fds[i].fd, (uint16_t)fds[i].revents);
		else if (cell && sockets <= WAITED_LISTED)
			ready_add(&list, cell, fds[i].fd, READY_NOT | (uint16_t)fds[i].events);
		else if (!cell && !error && (cell = closed_cell(&fds[i])))
			ready_add(&list, cell, fds[i].fd, (uint16_t)fds[i].revents);
	}
	ready_flush(&list);
	return result;
}

#define WAIT_BODY(kind, arg_, timeout_, via, caller, call_real, done) \
	WAIT_BODY_UNLESS(0, kind, arg_, timeout_, via, caller, call_real, done)

/* foreign: it is known beforehand that no socket is in the set. */
#define WAIT_BODY_UNLESS(foreign, kind, arg_, timeout_, via, caller, call_real, done) \
	struct spool_call *call; \
	int error = 0; \
	if (likely(nothing_to_wait_on()) || (foreign)) { \
		call_real \
		return result; \
	} \
	call = writer_call_begin(CALL_##kind, -1, 0, via, arg_, timeout_, 0, caller); \
	call_real \
	writer_call_returned(call); \
	if (!call) \
		return result; \
	return done;

int hook_poll(struct pollfd *fds, nfds_t count, int timeout) EXPORT_AS(poll);
int hook_poll(struct pollfd *fds, nfds_t count, int timeout)
{
	int result;
	WAIT_BODY(poll, count, (uint32_t)timeout, TAG_VIA_SYMBOL, __builtin_return_address(0),
		DIRECT(raw_syscall(SYS_poll, fds, count, timeout), REAL(poll)(fds, count, timeout)), poll_done(call, CALL_poll, fds, count, result, error))
}
extern __typeof__(hook_poll) hook___poll __asm__("__poll") __attribute__((alias("poll"), visibility("default")));

int hook___poll_chk(struct pollfd *fds, nfds_t count, int timeout, size_t room) EXPORT_AS(__poll_chk);
int hook___poll_chk(struct pollfd *fds, nfds_t count, int timeout, size_t room)
{
	int result;
	WAIT_BODY(poll, count, (uint32_t)timeout, TAG_VIA_SYMBOL, __builtin_return_address(0),
		LIBC(REAL(__poll_chk)(fds, count, timeout, room)), poll_done(call, CALL_poll, fds, count, result, error))
}

static long through_poll(const long *w, unsigned via, const void *caller)
{
	const struct pollfd *fds = (const struct pollfd *)w[0];
	nfds_t count = (nfds_t)w[1];
	long result;
	WAIT_BODY(poll, count, (uint32_t)w[2], via, caller, KERNEL(raw_syscall(SYS_poll, w[0], w[1], w[2])),
		poll_done(call, CALL_poll, fds, count, result, error))
}

/* The timeout is read after the call: before it, the pointer may be bad. */
#define PPOLL_DONE \
	({ if (!error || error == EINTR) call->flags = milliseconds(timeout); poll_done(call, CALL_ppoll, fds, count, result, error); })

int hook_ppoll(struct pollfd *fds, nfds_t count, const struct timespec *timeout, const sigset_t *mask) EXPORT_AS(ppoll);
int hook_ppoll(struct pollfd *fds, nfds_t count, const struct timespec *timeout, const sigset_t *mask)
{
	int result;
	WAIT_BODY(ppoll, count, UINT32_MAX, TAG_VIA_SYMBOL, __builtin_return_address(0), LIBC(REAL(ppoll)(fds, count, timeout, mask)), PPOLL_DONE)
}

int hook___ppoll_chk(struct pollfd *fds, nfds_t count, const struct timespec *timeout, const sigset_t *mask, size_t room) EXPORT_AS(__ppoll_chk);
int hook___ppoll_chk(struct pollfd *fds, nfds_t count, const struct timespec *timeout, const sigset_t *mask, size_t room)
{
	int result;
	WAIT_BODY(ppoll, count, UINT32_MAX, TAG_VIA_SYMBOL, __builtin_return_address(0),
		LIBC(REAL(__ppoll_chk)(fds, count, timeout, mask, room)), PPOLL_DONE)
}

static long through_ppoll(const long *w, unsigned via, const void *caller)
{
	const struct pollfd *fds = (const struct pollfd *)w[0];
	nfds_t count = (nfds_t)w[1];
	const struct timespec *timeout = (const struct timespec *)w[2];
	long result;
	WAIT_BODY(ppoll, count, UINT32_MAX, via, caller, KERNEL(raw_syscall(SYS_ppoll, w[0], w[1], w[2], w[3], w[4])), PPOLL_DONE)
}

/* What the sets of a select hold. */
enum select_holds {
	HOLDS_NONE,    /* no number that a socket has or had */
	HOLDS_CLOSED,  /* only such whose socket was closed: something else may have them since */
	HOLDS_SOCKET,
	HOLDS_UNKNOWN, /* the pointers may be bad, and the kernel is not asked at each turn of an event loop (readable.h) */
};

/*
 * select overwrites its sets with what is ready, so what is in them must be known before. Only looked at when a socket is open below nfds, or was. are_read: the
 * kernel has read them, and refused a number. It takes a count for no more than its table of descriptors has room for (core_sys_select in fs/select.c): a program may
 * say 65,536 of sets that are shorter. So only words are certain that hold the bit of an open descriptor, and the first one.
 */
static __attribute__((noinline)) enum select_holds select_holds(int count, const fd_set *const sets[3], int are_read)
{
	int highest = (int)__atomic_load_n(&table_current()->highest, __ATOMIC_RELAXED), limit = count <= highest ? count : highest + 1;
	enum select_holds holds = HOLDS_NONE;
	int certain = are_read;
	uint64_t cell;

	for (int fd = table_next_any(0, &cell); fd >= 0 && fd < limit; fd = table_next_any(fd + 1, &cell)) {
		if (cell & CELL_EPOLL)
			continue;
		for (int i = 0; i < 3; i++) {
			const unsigned long *word;

			if (!sets[i])
				continue;
			word = (const unsigned long *)sets[i] + fd / 64;
			if (!certain && !readable_surely(sets[i], (size_t)(limit + 63) / 64 * 8))
				return HOLDS_UNKNOWN;
			if (unlikely(are_read) && cell & CELL_CLOSED && fd >= 64 && !guard_can_read(word, sizeof *word))
				continue;
			if (!(*word >> (fd % 64) & 1))
				continue;
			if (!(cell & CELL_CLOSED))
				return HOLDS_SOCKET;
			holds = HOLDS_CLOSED;
		}
		certain = 1;
	}
	return holds;
}

static unsigned long select_word(const fd_set *set, int fd)
{
	return set ? ((const unsigned long *)set)[fd / 64] : 0;
}

/* Lists the sockets that a select left in its sets. Only words are read that hold the bit of an open one. */
static __attribute__((noinline)) void select_left(enum call_number kind, uint64_t call_start, int count, const fd_set *const sets[3])
{
	static const uint32_t events[3] = {1 /* POLLIN */, 4 /* POLLOUT */, 2 /* POLLPRI */};
	struct ready_list list = {NULL, 0, kind, call_start};
	uint64_t open;

	for (int fd = table_next(0, &open); fd >= 0 && fd < count; fd = table_next((fd | 63) + 1, &open)) {
		int base = fd & ~63;
		unsigned long any = select_word(sets[0], fd) | select_word(sets[1], fd) | select_word(sets[2], fd);

		if (count - base < 64)
			any &= (1UL << (count - base)) - 1;
		for (; any; any &= any - 1) {
			int bit = __builtin_ctzl(any);
			uint64_t cell = waited_cell(base + bit);
			uint32_t found = 0;

			if (!cell)
				continue;
			for (int i = 0; i < 3; i++)
				found |= select_word(sets[i], fd) >> bit & 1 ? events[i] : 0;
			ready_add(&list, cell, base + bit, found);
		}
	}
	ready_flush(&list);
}

/*
 * A select whose sets come back empty (timeout, error) is recorded when any socket is open at all below nfds. Returns whether there is something to list: not from
 * here, so that this frame is gone by then.
 */
static __attribute__((noinline)) int select_done(struct spool_call *call, int count, const fd_set *const sets[3], enum select_holds holds, long result, int error)
{
	uint64_t cell;
	int fd;

	/* The kernel has read the sets, and left them. */
	if (error == EBADF && holds == HOLDS_UNKNOWN)
		holds = select_holds(count, sets, 1);
	if (error == EBADF && holds != HOLDS_NONE) {
		writer_call_end(call, result, error);
		return 0;
	}
	if (holds == HOLDS_CLOSED) {
		writer_call_void(call);
		return 0;
	}
	for (fd = table_next(0, &cell); fd >= 0 && fd < count && cell & CELL_EPOLL;)
		fd = table_next(fd + 1, &cell);
	if ((error && error != EINTR) || fd < 0 || fd >= count) {
		writer_call_void(call);
		return 0;
	}
	/* Where something else was ready, whether a socket was in the set is not known: one that is open below nfds may have been. */
	writer_call_end(call, result, error);
	return result > 0;
}

#define SELECT_DONE(kind) ({ \
	uint64_t call_start = call->start_ticks; \
	if (select_done(call, count, sets, holds, result, error)) \
		select_left(kind, call_start, count, sets); \
	result; })

#define SELECT_SETS \
	const fd_set *const sets[3] = {readable, writable, exceptional}; \
	enum select_holds holds;

int hook_select(int count, fd_set *readable, fd_set *writable, fd_set *exceptional, struct timeval *timeout) EXPORT_AS(select);
int hook_select(int count, fd_set *readable, fd_set *writable, fd_set *exceptional, struct timeval *timeout)
{
	int result;
	SELECT_SETS
	WAIT_BODY_UNLESS((holds = select_holds(count, sets, 0)) == HOLDS_NONE, select, (uint64_t)(int64_t)count, UINT32_MAX, TAG_VIA_SYMBOL, __builtin_return_address(0),
		LIBC(REAL(select)(count, readable, writable, exceptional, timeout)), SELECT_DONE(CALL_select))
}
extern __typeof__(hook_select) hook___select __asm__("__select") __attribute__((alias("select"), visibility("default")));

int hook_pselect(int count, fd_set *readable, fd_set *writable, fd_set *exceptional, const struct timespec *timeout, const sigset_t *mask) EXPORT_AS(pselect);
int hook_pselect(int count, fd_set *readable, fd_set *writable, fd_set *exceptional, const struct timespec *timeout, const sigset_t *mask)
{
	int result;
	SELECT_SETS
	WAIT_BODY_UNLESS((holds = select_holds(count, sets, 0)) == HOLDS_NONE, pselect, (uint64_t)(int64_t)count, UINT32_MAX, TAG_VIA_SYMBOL, __builtin_return_address(0),
		LIBC(REAL(pselect)(count, readable, writable, exceptional, timeout, mask)), SELECT_DONE(CALL_pselect))
}

static long through_select(const long *w, unsigned via, const void *caller)
{
	int count = (int)w[0];
	const fd_set *readable = (const fd_set *)w[1], *writable = (const fd_set *)w[2], *exceptional = (const fd_set *)w[3];
	long result;
	SELECT_SETS
	WAIT_BODY_UNLESS((holds = select_holds(count, sets, 0)) == HOLDS_NONE, select, (uint64_t)(int64_t)count, UINT32_MAX, via, caller,
		KERNEL(raw_syscall(SYS_select, w[0], w[1], w[2], w[3], w[4])), SELECT_DONE(CALL_select))
}

static long through_pselect6(const long *w, unsigned via, const void *caller)
{
	int count = (int)w[0];
	const fd_set *readable = (const fd_set *)w[1], *writable = (const fd_set *)w[2], *exceptional = (const fd_set *)w[3];
	long result;
	SELECT_SETS
	WAIT_BODY_UNLESS((holds = select_holds(count, sets, 0)) == HOLDS_NONE, pselect, (uint64_t)(int64_t)count, UINT32_MAX, via, caller,
		KERNEL(raw_syscall(SYS_pselect6, w[0], w[1], w[2], w[3], w[4], w[5])), SELECT_DONE(CALL_pselect))
}

hook_through *waits_through(long number)
{
	switch (number) {
#ifdef SYS_poll
	case SYS_poll: return through_poll;
#endif
	case SYS_ppoll: return through_ppoll;
#ifdef SYS_select
	case SYS_select: return through_select;
#endif
	case SYS_pselect6: return through_pselect6;
	default: return NULL;
	}
}
