/*
 * epoll.c: epoll. An instance is worth recording once a socket has been added to it; what it returns (schema/spool.h: SLOT_EPOLL_READY) is the
 * program's own data, which the collector resolves where certain.
 */
#include "preload/detail.h"
#include "preload/hooks.h"
#include "preload/real.h"
#include "preload/waits.h"

/*
 * epoll_create: an instance is remembered in the table. Its creation is recorded at once when there is a spool; before the first
 * socket there is none, and the creation waits here until there is (the usual order in servers is either).
 */
#define PENDING_MAX 8
static struct spool_call pending[PENDING_MAX];
static uint32_t pending_count;

static uint64_t new_instance(void)
{
	return (writer_synthetic() & CELL_COOKIE_MASK) | CELL_EPOLL | CELL_SYNTHETIC;
}

static void epoll_created(struct spool_call *call, const struct spool_call *as, long result, int error)
{
	uint64_t cell = error ? 0 : new_instance();

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

void epoll_record_pending(void)
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

#define EPOLL_CREATE_BODY(kind_, arg_, flags_, via, caller_, call_real) \
	struct spool_call as = {.tag = {.kind = CALL_##kind_, .flags = (via)}, .fd = -1, .flags = (uint32_t)(flags_), \
		.start_ticks = clock_ticks(), .arg = (uint64_t)(arg_), .caller = (uint64_t)(caller_)}; \
	struct spool_call *call = nothing_to_wait_on() ? NULL : \
		writer_call_begin(CALL_##kind_, -1, 0, via, (uint64_t)(arg_), (uint32_t)(flags_), 0, caller_); \
	int error = 0; \
	call_real \
	writer_call_returned(call); \
	if (writer_enabled) \
		epoll_created(call, &as, result, error); \
	return result;

int hook_epoll_create(int size) EXPORT_AS(epoll_create);
int hook_epoll_create(int size)
{
	int result;
	EPOLL_CREATE_BODY(epoll_create, size, 0, TAG_VIA_SYMBOL, __builtin_return_address(0), LIBC(REAL(epoll_create)(size)))
}

int hook_epoll_create1(int flags) EXPORT_AS(epoll_create1);
int hook_epoll_create1(int flags)
{
	int result;
	EPOLL_CREATE_BODY(epoll_create1, 0, flags, TAG_VIA_SYMBOL, __builtin_return_address(0), LIBC(REAL(epoll_create1)(flags)))
}

#ifdef SYS_epoll_create
static long through_epoll_create(const long *w, unsigned via, const void *caller)
{
	long result;
	EPOLL_CREATE_BODY(epoll_create, w[0], 0, via, caller, KERNEL(raw_syscall(SYS_epoll_create, w[0])))
}
#endif

static long through_epoll_create1(const long *w, unsigned via, const void *caller)
{
	long result;
	EPOLL_CREATE_BODY(epoll_create1, 0, w[0], via, caller, KERNEL(raw_syscall(SYS_epoll_create1, w[0])))
}

/* Has any instance been duplicated, here or before the fork? */
static int is_duplicated;

uint64_t epoll_duplicated(uint64_t cell)
{
	if (cell & CELL_EPOLL)
		__atomic_store_n(&is_duplicated, 1, __ATOMIC_SEQ_CST);
	return cell;
}

void epoll_has_number(int old_fd, int new_fd, uint64_t cell)
{
	if (cell & CELL_EPOLL && table_get(old_fd) == (cell | CELL_EPOLL_USED))
		table_change(new_fd, cell, cell | CELL_EPOLL_USED);
}

/* Under each number of the instance. Whoever duplicates it meanwhile says so before he looks whether it is used (epoll_has_number). */
static int change_use(int epoll, uint64_t from, uint64_t to)
{
	uint64_t other;

	if (!table_change(epoll, from, to))
		return 0;
	for (int fd = __atomic_load_n(&is_duplicated, __ATOMIC_SEQ_CST) ? table_next(0, &other) : -1; fd >= 0; fd = table_next(fd + 1, &other)) {
		if (other == from)
			table_change(fd, from, to);
	}
	return 1;
}

/*
 * Other processes may have the instances that were there when this one last forked, or was forked: those of numbers up to this. Their tables are not ours, so
 * that they find in the spool which of them holds a socket. Two instances may share a bit; then waits on one are recorded that holds none.
 */
static uint64_t shared_number;

void epoll_before_fork(void)
{
	if (writer_spool)
		__atomic_store_n(&shared_number, SPOOL_NUMBER + __atomic_load_n(&writer_spool->synthetic_next, __ATOMIC_RELAXED), __ATOMIC_RELAXED);
}

static uint64_t *shared_word(uint64_t cell, uint64_t *bit)
{
	uint64_t number = cell & CELL_COOKIE_MASK, place = number + (number < SPOOL_NUMBER ? 128 : 0);

	*bit = UINT64_C(1) << (place & 63);
	return writer_spool && number <= __atomic_load_n(&shared_number, __ATOMIC_RELAXED) ? &writer_spool->epoll_used[place / 64 & 3] : NULL;
}

static void tell_others(uint64_t cell)
{
	uint64_t bit, *word = shared_word(cell, &bit);

	if (word)
		__atomic_fetch_or(word, bit, __ATOMIC_RELEASE);
}

static int others_tell(uint64_t cell)
{
	uint64_t bit, *word = shared_word(cell, &bit);

	return word && __atomic_load_n(word, __ATOMIC_ACQUIRE) & bit;
}

/*
 * A socket, or an instance that may hold one, is about to be added: to be known before it is, because a thread that waits already may wake before
 * we are back, here or (is_open: a socket, which will hardly be refused) in another process. Returns what epoll_got_socket must be told; 0: nothing.
 */
static uint64_t epoll_gets_socket(int epoll, int operation, int is_open)
{
	uint64_t cell = table_get(epoll);

	if (operation != EPOLL_CTL_ADD || !(cell & CELL_EPOLL) || cell & (CELL_EPOLL_USED | CELL_CLOSED))
		return 0;
	if (!change_use(epoll, cell, cell | CELL_EPOLL_USED))
		return 0;
	if (is_open)
		tell_others(cell);
	return cell;
}

static __attribute__((noinline)) void epoll_got_socket(int epoll, uint64_t cell, int error)
{
	if (error)
		change_use(epoll, cell | CELL_EPOLL_USED, cell);
	else
		tell_others(cell);
}

/*
 * A call has succeeded that an instance alone allows, on a number where no live one is known: it came through exec, or another process passed it.
 * It may hold a socket. Returns its cell, 0: what stands there is of somebody else's, or there is no socket so far.
 */
static uint64_t epoll_meets(int epoll, uint64_t cell)
{
	uint64_t met;

	if (nothing_to_wait_on() || (cell && !(cell & CELL_CLOSED)) || table_is_closing(cell))
		return 0;
	met = new_instance() | CELL_EPOLL_USED;
	return table_change(epoll, cell, met) ? met : 0;
}

static void epoll_ctl_done(struct spool_call *call, int epoll, int operation, const struct epoll_event *event, int error)
{
	struct writer_extension extension = writer_extensions_of(call);
	struct spool_ext_epoll *slot = writer_extend(&extension, SLOT_EXT_EPOLL, 0, 56);
	uint64_t cell = table_get(epoll);

	if (!error && (!cell || cell & CELL_CLOSED))
		cell = epoll_meets(epoll, cell);
	if (slot) {
		slot->epoll = cell & ~CELL_CLOSED;
		if (operation != EPOLL_CTL_DEL && event && error != EFAULT && error != EBADF && error != ENOSYS && !detail_error_of_filter(error)) {
			slot->data = event->data.u64;
			slot->events = event->events;
		}
	}
	writer_call_end(call, error ? -1 : 0, error);
}

#define EPOLL_CTL_BODY(via, caller, call_real) \
	struct subject subject = subject_ANY(fd); \
	struct spool_call *call; \
	uint64_t unused_cell; \
	int error = 0; \
	if (likely(!subject.wanted) && (!(subject.cell & CELL_EPOLL) || nothing_to_wait_on())) { \
		call_real \
		return result; \
	} \
	unused_cell = epoll_gets_socket(epoll, operation, subject.wanted && !(subject.flags & TAG_STALE)); \
	call = !subject.wanted ? NULL : \
		writer_call_begin(CALL_epoll_ctl, fd, subject.cell, subject.flags | (via), (uint64_t)(uint32_t)epoll, (uint32_t)operation, 1, caller); \
	call_real \
	writer_call_returned(call); \
	if (unlikely(unused_cell)) \
		epoll_got_socket(epoll, unused_cell, error); \
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
	EPOLL_CTL_BODY(TAG_VIA_SYMBOL, __builtin_return_address(0),
		DIRECT(raw_syscall(SYS_epoll_ctl, epoll, operation, fd, event), REAL(epoll_ctl)(epoll, operation, fd, event)))
}

static long through_epoll_ctl(const long *w, unsigned via, const void *caller)
{
	int epoll = (int)w[0], operation = (int)w[1], fd = (int)w[2];
	const struct epoll_event *event = (const struct epoll_event *)w[3];
	long result;
	EPOLL_CTL_BODY(via, caller, KERNEL(raw_syscall(SYS_epoll_ctl, w[0], w[1], w[2], w[3])))
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

/*
 * No socket was known to be in the instance when the wait began: another thread or process may have added the first, or it is one that is met here. before: what
 * stood there then. Where another thread has closed the instance meanwhile, the number may be anything's.
 */
static __attribute__((noinline)) struct spool_call *epoll_wait_late(enum call_number kind, int epoll, uint64_t before, uint64_t start_ticks, int count,
	uint32_t timeout, unsigned via, const void *caller, int error)
{
	uint64_t cell = table_get(epoll);
	struct spool_call *call;

	if (before && !(before & CELL_CLOSED) && (cell ^ before) & CELL_IDENTITY)
		return NULL;
	if ((cell & (CELL_EPOLL | CELL_EPOLL_USED | CELL_CLOSED)) == CELL_EPOLL && others_tell(cell) && change_use(epoll, cell, cell | CELL_EPOLL_USED))
		cell |= CELL_EPOLL_USED;
	if (cell == before && (!cell || cell & CELL_CLOSED) && (!error || error == EINTR))
		cell = epoll_meets(epoll, cell);
	if (!(cell & CELL_EPOLL_USED) || cell & CELL_CLOSED)
		return NULL;
	call = writer_call_begin(kind, epoll, cell, via, (uint64_t)(int64_t)count, timeout, 0, caller);
	if (call)
		call->start_ticks = start_ticks;
	return call;
}

/* An instance becomes worth recording when a socket is added to it; an added socket sets CELL_EPOLL_USED. */
#define EPOLL_WAIT_BODY(kind, timeout_, via, caller, call_real, late) \
	uint64_t cell = table_get(epoll), start_ticks = 0; \
	struct spool_call *call = NULL; \
	int error = 0; \
	if (likely((cell & (CELL_EPOLL_USED | CELL_CLOSED)) == CELL_EPOLL_USED)) \
		call = writer_call_begin(CALL_##kind, epoll, cell, via, (uint64_t)(int64_t)count, timeout_, 0, caller); \
	else if (writer_enabled) \
		start_ticks = clock_ticks(); \
	call_real \
	if (unlikely(start_ticks)) \
		call = epoll_wait_late(CALL_##kind, epoll, cell, start_ticks, count, timeout_, via, caller, error); \
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
	EPOLL_WAIT_BODY(epoll_wait, (uint32_t)timeout, TAG_VIA_SYMBOL, __builtin_return_address(0),
		DIRECT(raw_syscall(SYS_epoll_wait, epoll, events, count, timeout), REAL(epoll_wait)(epoll, events, count, timeout)),)
}

int hook_epoll_pwait(int epoll, struct epoll_event *events, int count, int timeout, const sigset_t *mask) EXPORT_AS(epoll_pwait);
int hook_epoll_pwait(int epoll, struct epoll_event *events, int count, int timeout, const sigset_t *mask)
{
	int result;
	EPOLL_WAIT_BODY(epoll_pwait, (uint32_t)timeout, TAG_VIA_SYMBOL, __builtin_return_address(0), LIBC(REAL(epoll_pwait)(epoll, events, count, timeout, mask)),)
}

int hook_epoll_pwait2(int epoll, struct epoll_event *events, int count, const struct timespec *timeout, const sigset_t *mask) EXPORT_AS(epoll_pwait2);
int hook_epoll_pwait2(int epoll, struct epoll_event *events, int count, const struct timespec *timeout, const sigset_t *mask)
{
	int result;
	EPOLL_WAIT_BODY(epoll_pwait2, UINT32_MAX, TAG_VIA_SYMBOL, __builtin_return_address(0), LIBC(REAL(epoll_pwait2)(epoll, events, count, timeout, mask)),
		if (!error || error == EINTR) call->flags = milliseconds(timeout);)
}

#ifdef SYS_epoll_wait
static long through_epoll_wait(const long *w, unsigned via, const void *caller)
{
	int epoll = (int)w[0], count = (int)w[2];
	const struct epoll_event *events = (const struct epoll_event *)w[1];
	long result;
	EPOLL_WAIT_BODY(epoll_wait, (uint32_t)w[3], via, caller, KERNEL(raw_syscall(SYS_epoll_wait, w[0], w[1], w[2], w[3])),)
}
#endif

static long through_epoll_pwait(const long *w, unsigned via, const void *caller)
{
	int epoll = (int)w[0], count = (int)w[2];
	const struct epoll_event *events = (const struct epoll_event *)w[1];
	long result;
	EPOLL_WAIT_BODY(epoll_pwait, (uint32_t)w[3], via, caller, KERNEL(raw_syscall(SYS_epoll_pwait, w[0], w[1], w[2], w[3], w[4], w[5])),)
}

static long through_epoll_pwait2(const long *w, unsigned via, const void *caller)
{
	int epoll = (int)w[0], count = (int)w[2];
	const struct epoll_event *events = (const struct epoll_event *)w[1];
	const struct timespec *timeout = (const struct timespec *)w[3];
	long result;
	EPOLL_WAIT_BODY(epoll_pwait2, UINT32_MAX, via, caller, KERNEL(raw_syscall(SYS_epoll_pwait2, w[0], w[1], w[2], w[3], w[4], w[5])),
		if (!error || error == EINTR) call->flags = milliseconds(timeout);)
}

hook_through *epoll_through(long number)
{
	switch (number) {
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
