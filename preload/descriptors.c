/*
 * descriptors.c: calls that change what a descriptor number means, where the order of table and kernel matters (close.c: close).
 * Also fcntl and ioctl, which are variadic, and preadv2 and pwritev2, whose system calls have split offsets.
 */
#include "preload/detail.h"
#include "preload/guard.h"
#include "preload/hooks.h"
#include "preload/real.h"

#include <fcntl.h>
#include <linux/sockios.h>
#include <stdarg.h>
#include <sys/ioctl.h>

/*
 * Another thread has changed the number while this one's dup was under way: which of the two the kernel served last nobody has seen, so that it is asked what the number
 * is now. Who closes it asks as well (close.c), so that the last one to ask is told the truth. Returns what this one has replaced.
 */
static __attribute__((noinline)) uint64_t dup_met_another(const struct spool_call *call, int fd, uint64_t cell, uint64_t found)
{
	uint64_t now;

	if (cell & CELL_EPOLL || !guard_system_calls_allowed() || (cell && subject_is_at(fd, cell)))
		return found;
	now = subject_cell_of(fd, -1, -1, -1);
	if (table_change(fd, cell, now || !cell ? now : cell | CELL_CLOSED) && cell)
		writer_span(SPAN_CLOSED_FOUND, fd, cell, UINT32_MAX, 0, call ? call->start_ticks : 0);
	return now && ((now ^ found) & CELL_IDENTITY) == 0 ? 0 : found;
}

/*
 * What a dup that succeeded does to the table. Not before: until then, and in the same moment, the number is what it was to other threads; one that dup2
 * replaces is never free. met: what stood there before the call, NOTHING_LIVE where it was free. The span is the last thing it does, and its frame is gone by then.
 */
#define NOTHING_LIVE CELL_CLOSED
static __attribute__((noinline)) void dup_done(struct spool_call *call, int old_fd, int new_fd, uint64_t cell, uint64_t met)
{
	uint64_t replaced;

	if (old_fd == new_fd)
		return;
	if (cell & CELL_CLOSED)
		cell = 0;
	replaced = table_exchange(new_fd, epoll_duplicated(cell));
	epoll_has_number(old_fd, new_fd, cell);
	if (unlikely(met == NOTHING_LIVE ? replaced && !(replaced & CELL_CLOSED) : ((replaced ^ met) & (CELL_IDENTITY | CELL_CLOSED | CELL_CLOSING)) != 0))
		replaced = dup_met_another(call, new_fd, cell, replaced);
	if (replaced && !(replaced & (CELL_CLOSED | CELL_EPOLL)))
		writer_span(SPAN_CLOSED_DUP2, new_fd, replaced, UINT32_MAX, 0, call ? call->start_ticks : 0);
}

#define DUP_BODY(kind, arg_, flags_, replaces, via, caller, call_real) \
	uint64_t cell = table_get(old_fd); \
	uint64_t replaced = (replaces) ? table_get(new_fd) : 0; \
	struct spool_call *call = NULL; \
	int error = 0; \
	if (likely(cell == 0 && replaced == 0) || !writer_enabled) { \
		call_real \
		return result; \
	} \
	if ((cell && !(cell & (CELL_EPOLL | CELL_CLOSED))) || (replaced && !(replaced & (CELL_EPOLL | CELL_CLOSED)))) \
		call = writer_call_begin(CALL_##kind, old_fd, cell & (CELL_CLOSED | CELL_EPOLL) ? 0 : cell, via, arg_, flags_, 0, caller); \
	call_real \
	writer_call_returned(call); \
	if (!error) \
		dup_done(call, old_fd, (int)result, cell, (replaces) ? replaced : NOTHING_LIVE); \
	if (call) \
		writer_call_end(call, result, error); \
	return result;

int hook_dup(int old_fd) EXPORT_AS(dup);
int hook_dup(int old_fd)
{
	int result, new_fd = -1;
	DUP_BODY(dup, SPOOL_UNKNOWN, 0, 0, TAG_VIA_SYMBOL, __builtin_return_address(0), LIBC(REAL(dup)(old_fd)))
}

int hook_dup2(int old_fd, int new_fd) EXPORT_AS(dup2);
int hook_dup2(int old_fd, int new_fd)
{
	int result;
	DUP_BODY(dup2, (uint64_t)(uint32_t)new_fd, 0, 1, TAG_VIA_SYMBOL, __builtin_return_address(0),
		LIBC(REAL(dup2)(old_fd, new_fd)))
}
extern __typeof__(hook_dup2) hook___dup2 __asm__("__dup2") __attribute__((alias("dup2"), visibility("default")));

int hook_dup3(int old_fd, int new_fd, int flags) EXPORT_AS(dup3);
int hook_dup3(int old_fd, int new_fd, int flags)
{
	int result;
	DUP_BODY(dup3, (uint64_t)(uint32_t)new_fd, (uint32_t)flags, 1, TAG_VIA_SYMBOL, __builtin_return_address(0),
		LIBC(REAL(dup3)(old_fd, new_fd, flags)))
}

static long through_dup(const long *w, unsigned via, const void *caller)
{
	int old_fd = (int)w[0], new_fd = -1;
	long result;
	DUP_BODY(dup, SPOOL_UNKNOWN, 0, 0, via, caller, KERNEL(raw_syscall(SYS_dup, w[0])))
}

#ifdef SYS_dup2
static long through_dup2(const long *w, unsigned via, const void *caller)
{
	int old_fd = (int)w[0], new_fd = (int)w[1];
	long result;
	DUP_BODY(dup2, (uint64_t)(uint32_t)new_fd, 0, 1, via, caller, KERNEL(raw_syscall(SYS_dup2, w[0], w[1])))
}
#endif

static long through_dup3(const long *w, unsigned via, const void *caller)
{
	int old_fd = (int)w[0], new_fd = (int)w[1];
	long result;
	DUP_BODY(dup3, (uint64_t)(uint32_t)new_fd, (uint32_t)w[2], 1, via, caller,
		KERNEL(raw_syscall(SYS_dup3, w[0], w[1], w[2])))
}

#define FCNTL_BODY(via, caller, call_real) \
	struct subject subject = subject_ANY(fd); \
	struct spool_call *call; \
	int duplicates = command == F_DUPFD || command == F_DUPFD_CLOEXEC; \
	int error = 0; \
	if (likely(!subject.wanted) && !(duplicates && subject.cell & CELL_EPOLL && !(subject.flags & TAG_STALE))) { \
		call_real \
		return result; \
	} \
	call = subject.wanted ? writer_call_begin(CALL_fcntl, fd, subject.cell, subject.flags | (via), argument, (uint32_t)command, 0, caller) : NULL; \
	call_real \
	writer_call_returned(call); \
	if (unlikely(subject.flags & TAG_STALE)) \
		subject = subject_settle(subject, call, 0, error); \
	else if (!error && duplicates) \
		dup_done(call, fd, (int)result, subject.cell, NOTHING_LIVE); \
	if (call && !subject.wanted) \
		writer_call_void(call); \
	else if (call) \
		writer_call_end(call, result, error); \
	return result;

int hook_fcntl(int fd, int command, ...) EXPORT_AS(fcntl);
int hook_fcntl(int fd, int command, ...)
{
	unsigned long argument;
	va_list list;
	int result;

	va_start(list, command);
	argument = va_arg(list, unsigned long);
	va_end(list);
	{
		FCNTL_BODY(TAG_VIA_SYMBOL, __builtin_return_address(0), LIBC(REAL(fcntl)(fd, command, argument)))
	}
}
extern __typeof__(hook_fcntl) hook_fcntl64 __asm__("fcntl64") __attribute__((alias("fcntl"), visibility("default")));
extern __typeof__(hook_fcntl) hook___fcntl __asm__("__fcntl") __attribute__((alias("fcntl"), visibility("default")));

static long through_fcntl(const long *w, unsigned via, const void *caller)
{
	int fd = (int)w[0], command = (int)w[1];
	unsigned long argument = (unsigned long)w[2];
	long result;
	FCNTL_BODY(via, caller, KERNEL(raw_syscall(SYS_fcntl, w[0], w[1], w[2])))
}

/* Requests whose argument points to an int that is worth showing. */
static int ioctl_has_int(unsigned long request)
{
	return request == FIONBIO || request == FIONREAD || request == SIOCOUTQ || request == FIOASYNC || request == SIOCATMARK;
}

#define IOCTL_BODY(via, caller, call_real) \
	struct subject subject = subject_ANY(fd); \
	struct spool_call *call; \
	int error = 0; \
	if (likely(!subject.wanted)) { \
		call_real \
		return result; \
	} \
	call = writer_call_begin(CALL_ioctl, fd, subject.cell, subject.flags | (via), argument, (uint32_t)request, 0, caller); \
	call_real \
	writer_call_returned(call); \
	if (unlikely(subject.flags & TAG_STALE)) \
		subject = subject_settle(subject, call, 0, error); \
	if (call && !subject.wanted) { \
		writer_call_void(call); \
	} else if (call) { \
		if (!error && ioctl_has_int(request)) \
			call->arg = (uint64_t)(int64_t)*(const int *)argument; \
		writer_call_end(call, result, error); \
	} \
	return result;

int hook_ioctl(int fd, unsigned long request, ...) EXPORT_AS(ioctl);
int hook_ioctl(int fd, unsigned long request, ...)
{
	unsigned long argument;
	va_list list;
	int result;

	va_start(list, request);
	argument = va_arg(list, unsigned long);
	va_end(list);
	{
		IOCTL_BODY(TAG_VIA_SYMBOL, __builtin_return_address(0), LIBC(REAL(ioctl)(fd, request, argument)))
	}
}

static long through_ioctl(const long *w, unsigned via, const void *caller)
{
	int fd = (int)w[0];
	unsigned long request = (unsigned long)w[1], argument = (unsigned long)w[2];
	long result;
	IOCTL_BODY(via, caller, KERNEL(raw_syscall(SYS_ioctl, w[0], w[1], w[2])))
}

/* A descriptor fetched from another process is recorded when it turns out to be a socket. */
static void got_from_process(struct spool_call *call, int result, int error)
{
	uint64_t cell = error ? 0 : subject_cell_of(result, -1, -1, -1);

	if (call && cell)
		call->socket = cell;
	if (cell)
		table_set(result, cell);
	if (call && (cell || error))
		writer_call_end(call, result, error);
	else if (call)
		writer_call_void(call);
}

int hook_pidfd_getfd(int pidfd, int target, unsigned flags) EXPORT_AS(pidfd_getfd);
int hook_pidfd_getfd(int pidfd, int target, unsigned flags)
{
	struct spool_call *call = writer_call_begin(CALL_pidfd_getfd, pidfd, 0, TAG_VIA_SYMBOL, (uint64_t)(uint32_t)target, flags, 0, __builtin_return_address(0));
	int result;

	HOOK_CALL_BEGINS
	result = REAL_IF_ANY(pidfd_getfd) ? real.pidfd_getfd(pidfd, target, flags) : (int)hooks_libc_result(raw_syscall(SYS_pidfd_getfd, pidfd, target, flags));
	HOOK_CALL_ENDS
	writer_call_returned(call);
	got_from_process(call, result, result < 0 ? errno : 0);
	return result;
}

static long through_pidfd_getfd(const long *w, unsigned via, const void *caller)
{
	struct spool_call *call = writer_call_begin(CALL_pidfd_getfd, (int)w[0], 0, via, (uint64_t)(uint32_t)w[1], (uint32_t)w[2], 0, caller);
	long result = raw_syscall(SYS_pidfd_getfd, w[0], w[1], w[2]);

	writer_call_returned(call);
	got_from_process(call, (int)result, result < 0 ? (int)-result : 0);
	return result;
}

#define VECTOR_BODY(kind, via, caller, call_real) \
	struct subject subject = subject_ANY(fd); \
	struct spool_call *call; \
	int error = 0; \
	if (likely(!subject.wanted)) { \
		call_real \
		return result; \
	} \
	call = writer_call_begin(CALL_##kind, fd, subject.cell, subject.flags | (via), SPOOL_UNKNOWN, (uint32_t)flags, PARTS_readv, caller); \
	call_real \
	writer_call_returned(call); \
	if (unlikely(subject.flags & TAG_STALE)) \
		subject = subject_settle(subject, call, 0, error); \
	LEAVE_readv \
	if (call && !subject.wanted) \
		writer_call_void(call); \
	else if (call) \
		writer_call_end(call, result, error); \
	return result;

ssize_t hook_preadv2(int fd, const struct iovec *iov, int count, off64_t offset, int flags) EXPORT_AS(preadv2);
ssize_t hook_preadv2(int fd, const struct iovec *iov, int count, off64_t offset, int flags)
{
	ssize_t result;
	VECTOR_BODY(preadv2, TAG_VIA_SYMBOL, __builtin_return_address(0),
		LIBC(REAL(preadv2)(fd, iov, count, offset, flags)))
}
extern __typeof__(hook_preadv2) hook_preadv64v2 __asm__("preadv64v2") __attribute__((alias("preadv2"), visibility("default")));

ssize_t hook_pwritev2(int fd, const struct iovec *iov, int count, off64_t offset, int flags) EXPORT_AS(pwritev2);
ssize_t hook_pwritev2(int fd, const struct iovec *iov, int count, off64_t offset, int flags)
{
	ssize_t result;
	VECTOR_BODY(pwritev2, TAG_VIA_SYMBOL, __builtin_return_address(0),
		LIBC(REAL(pwritev2)(fd, iov, count, offset, flags)))
}
extern __typeof__(hook_pwritev2) hook_pwritev64v2 __asm__("pwritev64v2") __attribute__((alias("pwritev2"), visibility("default")));

static long through_preadv2(const long *w, unsigned via, const void *caller)
{
	int fd = (int)w[0], count = (int)w[2], flags = (int)w[5];
	const struct iovec *iov = (const struct iovec *)w[1];
	long result;
	VECTOR_BODY(preadv2, via, caller, KERNEL(raw_syscall(SYS_preadv2, w[0], w[1], w[2], w[3], w[4], w[5])))
}

static long through_pwritev2(const long *w, unsigned via, const void *caller)
{
	int fd = (int)w[0], count = (int)w[2], flags = (int)w[5];
	const struct iovec *iov = (const struct iovec *)w[1];
	long result;
	VECTOR_BODY(pwritev2, via, caller, KERNEL(raw_syscall(SYS_pwritev2, w[0], w[1], w[2], w[3], w[4], w[5])))
}

hook_through *descriptors_through(long number)
{
	switch (number) {
	case SYS_dup: return through_dup;
#ifdef SYS_dup2
	case SYS_dup2: return through_dup2;
#endif
	case SYS_dup3: return through_dup3;
	case SYS_fcntl: return through_fcntl;
	case SYS_ioctl: return through_ioctl;
	case SYS_pidfd_getfd: return through_pidfd_getfd;
	case SYS_preadv2: return through_preadv2;
	case SYS_pwritev2: return through_pwritev2;
	default: return NULL;
	}
}
