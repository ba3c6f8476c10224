/*
 * waits.c: poll, select and epoll. A wait is recorded when its set holds a socket; what it found follows as separate records
 * (schema/spool.h: SLOT_READY, SLOT_EPOLL_READY). The set is looked at only after the kernel has accepted it. An epoll instance
 * counts once a socket has been added to it; what it returns is the program's own data, which the collector resolves where certain.
 */
#include "preload/detail.h"
#include "preload/guard.h"
#include "preload/hooks.h"
#include "preload/readable.h"
#include "preload/real.h"
#include "preload/subject.h"

#include <errno.h>
#include <linux/time_types.h>

/* Sockets that a wait did not find ready are listed up to this many entries of its set, so that a wait on one socket is known as such. */
#define WAITED_LISTED 8

static uint32_t milliseconds(const struct timespec *timeout)
{
	return timeout ? (uint32_t)(timeout->tv_sec * 1000 + (timeout->tv_nsec + 999999) / 1000000) : UINT32_MAX;
}

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
	for (unsigned i = 0; i < count; i++)
		sockets += waited_cell(fds[i].fd) != 0;
	if (!sockets) {
		writer_call_void(call);
		return result;
	}
	writer_call_end(call, result, error);
	for (unsigned i = 0; i < count; i++) {
		uint64_t cell = waited_cell(fds[i].fd);

		/* revents is the kernel's only when the call succeeded. */
		if (cell && !error && fds[i].revents)
			ready_add(&list, cell, fds[i].fd, (uint16_t)fds[i].revents);
		else if (cell && sockets <= WAITED_LISTED)
			ready_add(&list, cell, fds[i].fd, READY_NOT | (uint16_t)fds[i].events);
	}
	ready_flush(&list);
	return result;
}

/* No socket yet in this process: no wait can be on one. */
always_inline int nothing_to_wait_on(void)
{
	return __atomic_load_n(&writer_spool, __ATOMIC_RELAXED) == NULL;
}

#define WAIT_BODY(kind, arg_, timeout_, via, caller, mark, call_real, done) \
	WAIT_BODY_UNLESS(0, kind, arg_, timeout_, via, caller, mark, call_real, done)

/* foreign: it is known beforehand that no socket is in the set. */
#define WAIT_BODY_UNLESS(foreign, kind, arg_, timeout_, via, caller, mark, call_real, done) \
	struct spool_call *call; \
	int error = 0; \
	if (likely(nothing_to_wait_on()) || (foreign)) { \
		HOOK_CALL_BEGINS(mark) \
		call_real \
		HOOK_CALL_ENDS(mark) \
		return result; \
	} \
	call = writer_call_begin(CALL_##kind, -1, 0, via, arg_, timeout_, 0, caller); \
	HOOK_CALL_BEGINS(mark) \
	call_real \
	HOOK_CALL_ENDS(mark) \
	writer_call_returned(call); \
	if (!call) \
		return result; \
	return done;

#define LIBC(expression) result = expression; if (result < 0) error = errno;
#define KERNEL(expression) result = expression; if (result < 0) error = (int)-result;

int hook_poll(struct pollfd *fds, nfds_t count, int timeout) EXPORT_AS(poll);
int hook_poll(struct pollfd *fds, nfds_t count, int timeout)
{
	int result;
	WAIT_BODY(poll, count, (uint32_t)timeout, TAG_VIA_SYMBOL, __builtin_return_address(0), HOOK_MARK,
		LIBC(REAL(poll)(fds, count, timeout)), poll_done(call, CALL_poll, fds, count, result, error))
}
extern __typeof__(hook_poll) hook___poll __asm__("__poll") __attribute__((alias("poll"), visibility("default")));

int hook___poll_chk(struct pollfd *fds, nfds_t count, int timeout, size_t room) EXPORT_AS(__poll_chk);
int hook___poll_chk(struct pollfd *fds, nfds_t count, int timeout, size_t room)
{
	int result;
	WAIT_BODY(poll, count, (uint32_t)timeout, TAG_VIA_SYMBOL, __builtin_return_address(0), HOOK_MARK,
		LIBC(REAL(__poll_chk)(fds, count, timeout, room)), poll_done(call, CALL_poll, fds, count, result, error))
}

static long through_poll(const long *w, unsigned via, const void *caller)
{
	const struct pollfd *fds = (const struct pollfd *)w[0];
	nfds_t count = (nfds_t)w[1];
	long result;
	WAIT_BODY(poll, count, (uint32_t)w[2], via, caller, 0, KERNEL(raw_syscall(SYS_poll, w[0], w[1], w[2])),
		poll_done(call, CALL_poll, fds, count, result, error))
}

/* The timeout is read after the call: before it, the pointer may be bad. */
#define PPOLL_DONE \
	({ if (!error || error == EINTR) call->flags = milliseconds(timeout); poll_done(call, CALL_ppoll, fds, count, result, error); })

int hook_ppoll(struct pollfd *fds, nfds_t count, const struct timespec *timeout, const sigset_t *mask) EXPORT_AS(ppoll);
int hook_ppoll(struct pollfd *fds, nfds_t count, const struct timespec *timeout, const sigset_t *mask)
{
	int result;
	WAIT_BODY(ppoll, count, UINT32_MAX, TAG_VIA_SYMBOL, __builtin_return_address(0), HOOK_MARK, LIBC(REAL(ppoll)(fds, count, timeout, mask)), PPOLL_DONE)
}

int hook___ppoll_chk(struct pollfd *fds, nfds_t count, const struct timespec *timeout, const sigset_t *mask, size_t room) EXPORT_AS(__ppoll_chk);
int hook___ppoll_chk(struct pollfd *fds, nfds_t count, const struct timespec *timeout, const sigset_t *mask, size_t room)
{
	int result;
	WAIT_BODY(ppoll, count, UINT32_MAX, TAG_VIA_SYMBOL, __builtin_return_address(0), HOOK_MARK,
		LIBC(REAL(__ppoll_chk)(fds, count, timeout, mask, room)), PPOLL_DONE)
}

static long through_ppoll(const long *w, unsigned via, const void *caller)
{
	const struct pollfd *fds = (const struct pollfd *)w[0];
	nfds_t count = (nfds_t)w[1];
	const struct timespec *timeout = (const struct timespec *)w[2];
	long result;
	WAIT_BODY(ppoll, count, UINT32_MAX, via, caller, 0, KERNEL(raw_syscall(SYS_ppoll, w[0], w[1], w[2], w[3], w[4])), PPOLL_DONE)
}

/*
 * select overwrites its sets with what is ready, so whether a socket is in them must be known before. Only asked when a socket is open below nfds.
 * 0 when the answer is not known: the pointers may be bad, and the kernel is not asked at each turn of an event loop (readable.h).
 */
static __attribute__((noinline)) int select_is_foreign(int count, const fd_set *readable, const fd_set *writable, const fd_set *exceptional)
{
	const fd_set *sets[3] = {readable, writable, exceptional};
	uint64_t cell;
	int asked = 0;

	for (int fd = table_next(0, &cell); fd >= 0 && fd < count; fd = table_next(fd + 1, &cell)) {
		if (cell & CELL_EPOLL)
			continue;
		for (int i = 0; i < 3; i++) {
			if (!sets[i])
				continue;
			if (!asked && !readable_surely(sets[i], (size_t)(count + 63) / 64 * 8))
				return 0;
			if (((const unsigned long *)sets[i])[fd / 64] >> (fd % 64) & 1)
				return 0;
		}
		asked = 1;
	}
	return 1;
}

/* A select whose sets come back empty (timeout, error) is recorded when any socket is open at all below nfds. */
static void select_done(struct spool_call *call, enum call_number kind, int count, const fd_set *sets[3], long result, int error)
{
	static const uint32_t events[3] = {1 /* POLLIN */, 4 /* POLLOUT */, 2 /* POLLPRI */};
	struct ready_list list = {NULL, 0, kind, call->start_ticks};
	uint64_t cell;
	int sockets = 0, below = 0;

	for (int fd = table_next(0, &cell); fd >= 0 && fd < count; fd = table_next(fd + 1, &cell))
		below += !(cell & CELL_EPOLL);
	if ((error && error != EINTR) || below == 0) {
		writer_call_void(call);
		return;
	}
	if (result > 0)
		for (int fd = table_next(0, &cell); fd >= 0 && fd < count; fd = table_next(fd + 1, &cell))
			for (int i = 0; i < 3; i++)
				sockets += sets[i] && !(cell & CELL_EPOLL) && (((const unsigned long *)sets[i])[fd / 64] >> (fd % 64) & 1);
	if (result > 0 && !sockets) {
		/* Something else was ready; whether a socket was in the set is not known: one that is open below nfds may have been. */
		writer_call_end(call, result, error);
		return;
	}
	writer_call_end(call, result, error);
	for (int fd = result > 0 ? table_next(0, &cell) : -1; fd >= 0 && fd < count; fd = table_next(fd + 1, &cell)) {
		uint32_t found = 0;

		for (int i = 0; i < 3; i++)
			if (sets[i] && ((const unsigned long *)sets[i])[fd / 64] >> (fd % 64) & 1)
				found |= events[i];
		if (found && !(cell & CELL_EPOLL))
			ready_add(&list, cell, fd, found);
	}
	ready_flush(&list);
}

#define SELECT_DONE(kind) \
	({ const fd_set *sets[3] = {readable, writable, exceptional}; select_done(call, kind, count, sets, result, error); result; })

int hook_select(int count, fd_set *readable, fd_set *writable, fd_set *exceptional, struct timeval *timeout) EXPORT_AS(select);
int hook_select(int count, fd_set *readable, fd_set *writable, fd_set *exceptional, struct timeval *timeout)
{
	int result;
	WAIT_BODY_UNLESS(select_is_foreign(count, readable, writable, exceptional), select, (uint64_t)(int64_t)count, UINT32_MAX, TAG_VIA_SYMBOL, __builtin_return_address(0), HOOK_MARK,
		LIBC(REAL(select)(count, readable, writable, exceptional, timeout)), SELECT_DONE(CALL_select))
}
extern __typeof__(hook_select) hook___select __asm__("__select") __attribute__((alias("select"), visibility("default")));

int hook_pselect(int count, fd_set *readable, fd_set *writable, fd_set *exceptional, const struct timespec *timeout, const sigset_t *mask) EXPORT_AS(pselect);
int hook_pselect(int count, fd_set *readable, fd_set *writable, fd_set *exceptional, const struct timespec *timeout, const sigset_t *mask)
{
	int result;
	WAIT_BODY_UNLESS(select_is_foreign(count, readable, writable, exceptional), pselect, (uint64_t)(int64_t)count, UINT32_MAX, TAG_VIA_SYMBOL, __builtin_return_address(0), HOOK_MARK,
		LIBC(REAL(pselect)(count, readable, writable, exceptional, timeout, mask)), SELECT_DONE(CALL_pselect))
}

static long through_select(const long *w, unsigned via, const void *caller)
{
	int count = (int)w[0];
	const fd_set *readable = (const fd_set *)w[1], *writable = (const fd_set *)w[2], *exceptional = (const fd_set *)w[3];
	long result;
	WAIT_BODY_UNLESS(select_is_foreign(count, readable, writable, exceptional), select, (uint64_t)(int64_t)count, UINT32_MAX, via, caller, 0,
		KERNEL(raw_syscall(SYS_select, w[0], w[1], w[2], w[3], w[4])), SELECT_DONE(CALL_select))
}

static long through_pselect6(const long *w, unsigned via, const void *caller)
{
	int count = (int)w[0];
	const fd_set *readable = (const fd_set *)w[1], *writable = (const fd_set *)w[2], *exceptional = (const fd_set *)w[3];
	long result;
	WAIT_BODY_UNLESS(select_is_foreign(count, readable, writable, exceptional), pselect, (uint64_t)(int64_t)count, UINT32_MAX, via, caller, 0,
		KERNEL(raw_syscall(SYS_pselect6, w[0], w[1], w[2], w[3], w[4], w[5])), SELECT_DONE(CALL_pselect))
}

/*
 * epoll_create: an instance is remembered in the table. Its creation is recorded at once when there is a spool; before the first
 * socket there is none, and the creation waits here until there is (the usual order in servers is either).
 */
#define PENDING_MAX 8
static struct spool_call pending[PENDING_MAX];
static uint32_t pending_count;

static void epoll_created(struct spool_call *call, const struct spool_call *as, long result, int error)
{
	uint64_t cell = error ? 0 : (writer_synthetic() & CELL_COOKIE_MASK) | CELL_EPOLL | CELL_SYNTHETIC;

	if (cell)
		table_set((int)result, cell);
	if (!call && cell && !writer_spool) {
		uint32_t index = __atomic_fetch_add(&pending_count, 1, __ATOMIC_RELAXED);

		if (index < PENDING_MAX) {
			pending[index] = *as;
			pending[index].duration_ticks = clock_ticks() - as->start_ticks;
			pending[index].result = result;
			pending[index].socket = cell;
		}
	}
	if (!call)
		return;
	call->socket = cell;
	writer_call_end(call, result, error);
}

void waits_record_pending(void)
{
	uint32_t count = __atomic_exchange_n(&pending_count, PENDING_MAX, __ATOMIC_RELAXED);

	for (uint32_t i = 0; i < count && i < PENDING_MAX; i++) {
		struct spool_call *call = pending[i].tag.kind ? writer_reserve(1) : NULL;

		if (!call)
			continue;
		raw_copy((char *)call + sizeof call->tag, (char *)&pending[i] + sizeof call->tag, sizeof *call - sizeof call->tag);
		writer_tag_store(call, SLOT_CALL, 0, STATE_DONE, pending[i].tag.flags, pending[i].tag.kind, 0);
	}
}

#define EPOLL_CREATE_BODY(kind_, arg_, flags_, via, caller_, mark, call_real) \
	struct spool_call as = {.tag = {.kind = CALL_##kind_, .flags = (via)}, .fd = -1, .flags = (uint32_t)(flags_), \
		.start_ticks = clock_ticks(), .arg = (uint64_t)(arg_), .caller = (uint64_t)(caller_)}; \
	struct spool_call *call = nothing_to_wait_on() ? NULL : \
		writer_call_begin(CALL_##kind_, -1, 0, via, (uint64_t)(arg_), (uint32_t)(flags_), 0, caller_); \
	int error = 0; \
	HOOK_CALL_BEGINS(mark) \
	call_real \
	HOOK_CALL_ENDS(mark) \
	writer_call_returned(call); \
	if (writer_enabled) \
		epoll_created(call, &as, result, error); \
	return result;

int hook_epoll_create(int size) EXPORT_AS(epoll_create);
int hook_epoll_create(int size)
{
	int result;
	EPOLL_CREATE_BODY(epoll_create, size, 0, TAG_VIA_SYMBOL, __builtin_return_address(0), HOOK_MARK, LIBC(REAL(epoll_create)(size)))
}

int hook_epoll_create1(int flags) EXPORT_AS(epoll_create1);
int hook_epoll_create1(int flags)
{
	int result;
	EPOLL_CREATE_BODY(epoll_create1, 0, flags, TAG_VIA_SYMBOL, __builtin_return_address(0), HOOK_MARK, LIBC(REAL(epoll_create1)(flags)))
}

#ifdef SYS_epoll_create
static long through_epoll_create(const long *w, unsigned via, const void *caller)
{
	long result;
	EPOLL_CREATE_BODY(epoll_create, w[0], 0, via, caller, 0, KERNEL(raw_syscall(SYS_epoll_create, w[0])))
}
#endif

static long through_epoll_create1(const long *w, unsigned via, const void *caller)
{
	long result;
	EPOLL_CREATE_BODY(epoll_create1, 0, w[0], via, caller, 0, KERNEL(raw_syscall(SYS_epoll_create1, w[0])))
}

/*
 * A socket is about to be added: to be known before it is, because a thread that waits already may wake before we are back. Returns what must be
 * put back when the call fails; 0: nothing.
 */
static uint64_t epoll_gets_socket(int epoll, int operation)
{
	uint64_t cell = table_get(epoll);

	if (operation != EPOLL_CTL_ADD || !(cell & CELL_EPOLL) || cell & (CELL_EPOLL_USED | CELL_CLOSED))
		return 0;
	return table_change(epoll, cell, cell | CELL_EPOLL_USED) ? cell : 0;
}

static void epoll_ctl_done(struct spool_call *call, int epoll, int operation, const struct epoll_event *event, int error)
{
	struct writer_extension extension = writer_extensions_of(call);
	struct spool_ext_epoll *slot = writer_extend(&extension, SLOT_EXT_EPOLL, 0, 56);
	uint64_t cell = table_get(epoll);

	if (slot) {
		slot->epoll = cell & ~CELL_CLOSED;
		if (operation != EPOLL_CTL_DEL && event && error != EFAULT && error != EBADF && error != ENOSYS && !detail_error_of_filter(error)) {
			slot->data = event->data.u64;
			slot->events = event->events;
		}
	}
	writer_call_end(call, error ? -1 : 0, error);
}

#define EPOLL_CTL_BODY(via, caller, mark, call_real) \
	struct subject subject = subject_ANY(fd); \
	struct spool_call *call; \
	uint64_t unused_cell; \
	int error = 0; \
	if (likely(!subject.wanted)) { \
		HOOK_CALL_BEGINS(mark) \
		call_real \
		HOOK_CALL_ENDS(mark) \
		return result; \
	} \
	unused_cell = epoll_gets_socket(epoll, operation); \
	call = writer_call_begin(CALL_epoll_ctl, fd, subject.cell, subject.flags | (via), (uint64_t)(uint32_t)epoll, (uint32_t)operation, 1, caller); \
	HOOK_CALL_BEGINS(mark) \
	call_real \
	HOOK_CALL_ENDS(mark) \
	writer_call_returned(call); \
	if (unlikely(error && unused_cell)) \
		table_change(epoll, unused_cell | CELL_EPOLL_USED, unused_cell); \
	if (unlikely(subject.flags & TAG_STALE)) \
		subject = subject_settle(subject, call, 0, error); \
	if (call && !subject.wanted) \
		writer_call_void(call); \
	else if (call) \
		epoll_ctl_done(call, epoll, operation, event, error); \
	return result;

int hook_epoll_ctl(int epoll, int operation, int fd, struct epoll_event *event) EXPORT_AS(epoll_ctl);
int hook_epoll_ctl(int epoll, int operation, int fd, struct epoll_event *event)
{
	int result;
	EPOLL_CTL_BODY(TAG_VIA_SYMBOL, __builtin_return_address(0), HOOK_MARK, LIBC(REAL(epoll_ctl)(epoll, operation, fd, event)))
}

static long through_epoll_ctl(const long *w, unsigned via, const void *caller)
{
	int epoll = (int)w[0], operation = (int)w[1], fd = (int)w[2];
	const struct epoll_event *event = (const struct epoll_event *)w[3];
	long result;
	EPOLL_CTL_BODY(via, caller, 0, KERNEL(raw_syscall(SYS_epoll_ctl, w[0], w[1], w[2], w[3])))
}

static void epoll_wait_done(struct spool_call *call, const struct epoll_event *events, long result, int error)
{
	struct spool_epoll_ready *record = NULL;
	uint64_t start = call->start_ticks;
	unsigned used = 0;

	writer_call_end(call, result, error);
	for (long i = 0; i < result; i++) {
		if (!record) {
			record = writer_reserve(1);
			if (!record)
				return;
			record->call_start_ticks = start;
		}
		record->entry[used].events = events[i].events;
		record->entry[used].data_low = (uint32_t)events[i].data.u64;
		record->entry[used].data_high = (uint32_t)(events[i].data.u64 >> 32);
		if (++used == 4 || i + 1 == result) {
			writer_tag_store(record, SLOT_EPOLL_READY, 0, STATE_DONE, 0, 0, used);
			record = NULL;
			used = 0;
		}
	}
}

/* Another thread has added the first socket to the instance while this one waited. */
static __attribute__((noinline)) struct spool_call *epoll_wait_late(enum call_number kind, int epoll, uint64_t start_ticks, int count,
	uint32_t timeout, unsigned via, const void *caller)
{
	uint64_t cell = table_get(epoll);
	struct spool_call *call;

	if (!(cell & CELL_EPOLL_USED) || cell & CELL_CLOSED)
		return NULL;
	call = writer_call_begin(kind, epoll, cell, via, (uint64_t)(int64_t)count, timeout, 0, caller);
	if (call)
		call->start_ticks = start_ticks;
	return call;
}

/* An instance becomes worth recording when a socket is added to it; an added socket sets CELL_EPOLL_USED. */
#define EPOLL_WAIT_BODY(kind, timeout_, via, caller, mark, call_real, late) \
	uint64_t cell = table_get(epoll), start_ticks = 0; \
	struct spool_call *call = NULL; \
	int error = 0; \
	if (unlikely(!(cell & CELL_EPOLL)) || cell & CELL_CLOSED) { \
		HOOK_CALL_BEGINS(mark) \
		call_real \
		HOOK_CALL_ENDS(mark) \
		return result; \
	} \
	if (likely(cell & CELL_EPOLL_USED)) \
		call = writer_call_begin(CALL_##kind, epoll, cell, via, (uint64_t)(int64_t)count, timeout_, 0, caller); \
	else \
		start_ticks = clock_ticks(); \
	HOOK_CALL_BEGINS(mark) \
	call_real \
	HOOK_CALL_ENDS(mark) \
	if (unlikely(start_ticks)) \
		call = epoll_wait_late(CALL_##kind, epoll, start_ticks, count, timeout_, via, caller); \
	writer_call_returned(call); \
	if (call) { \
		late \
		epoll_wait_done(call, events, result, error); \
	} \
	return result;

int hook_epoll_wait(int epoll, struct epoll_event *events, int count, int timeout) EXPORT_AS(epoll_wait);
int hook_epoll_wait(int epoll, struct epoll_event *events, int count, int timeout)
{
	int result;
	EPOLL_WAIT_BODY(epoll_wait, (uint32_t)timeout, TAG_VIA_SYMBOL, __builtin_return_address(0), HOOK_MARK, LIBC(REAL(epoll_wait)(epoll, events, count, timeout)),)
}

int hook_epoll_pwait(int epoll, struct epoll_event *events, int count, int timeout, const sigset_t *mask) EXPORT_AS(epoll_pwait);
int hook_epoll_pwait(int epoll, struct epoll_event *events, int count, int timeout, const sigset_t *mask)
{
	int result;
	EPOLL_WAIT_BODY(epoll_pwait, (uint32_t)timeout, TAG_VIA_SYMBOL, __builtin_return_address(0), HOOK_MARK, LIBC(REAL(epoll_pwait)(epoll, events, count, timeout, mask)),)
}

int hook_epoll_pwait2(int epoll, struct epoll_event *events, int count, const struct timespec *timeout, const sigset_t *mask) EXPORT_AS(epoll_pwait2);
int hook_epoll_pwait2(int epoll, struct epoll_event *events, int count, const struct timespec *timeout, const sigset_t *mask)
{
	int result;
	EPOLL_WAIT_BODY(epoll_pwait2, UINT32_MAX, TAG_VIA_SYMBOL, __builtin_return_address(0), HOOK_MARK, LIBC(REAL(epoll_pwait2)(epoll, events, count, timeout, mask)),
		if (!error || error == EINTR) call->flags = milliseconds(timeout);)
}

#ifdef SYS_epoll_wait
static long through_epoll_wait(const long *w, unsigned via, const void *caller)
{
	int epoll = (int)w[0], count = (int)w[2];
	const struct epoll_event *events = (const struct epoll_event *)w[1];
	long result;
	EPOLL_WAIT_BODY(epoll_wait, (uint32_t)w[3], via, caller, 0, KERNEL(raw_syscall(SYS_epoll_wait, w[0], w[1], w[2], w[3])),)
}
#endif

static long through_epoll_pwait(const long *w, unsigned via, const void *caller)
{
	int epoll = (int)w[0], count = (int)w[2];
	const struct epoll_event *events = (const struct epoll_event *)w[1];
	long result;
	EPOLL_WAIT_BODY(epoll_pwait, (uint32_t)w[3], via, caller, 0, KERNEL(raw_syscall(SYS_epoll_pwait, w[0], w[1], w[2], w[3], w[4], w[5])),)
}

static long through_epoll_pwait2(const long *w, unsigned via, const void *caller)
{
	int epoll = (int)w[0], count = (int)w[2];
	const struct epoll_event *events = (const struct epoll_event *)w[1];
	const struct timespec *timeout = (const struct timespec *)w[3];
	long result;
	EPOLL_WAIT_BODY(epoll_pwait2, UINT32_MAX, via, caller, 0, KERNEL(raw_syscall(SYS_epoll_pwait2, w[0], w[1], w[2], w[3], w[4], w[5])),
		if (!error || error == EINTR) call->flags = milliseconds(timeout);)
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
#ifdef SYS_epoll_create
	case SYS_epoll_create: return through_epoll_create;
#endif
	case SYS_epoll_create1: return through_epoll_create1;
	case SYS_epoll_ctl: return through_epoll_ctl;
#ifdef SYS_epoll_wait
	case SYS_epoll_wait: return through_epoll_wait;
#endif
	case SYS_epoll_pwait: return through_epoll_pwait;
	case SYS_epoll_pwait2: return through_epoll_pwait2;
	default: return NULL;
	}
}
