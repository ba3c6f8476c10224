/*
 * descriptors.c: calls that change what a descriptor number means, where the order of table and kernel matters: close detaches before
 * the real call and records after it; dup2 detaches what it replaces; both put it back when the call failed.
 * Also fcntl and ioctl, which are variadic, and preadv2 and pwritev2, whose system calls have split offsets.
 */
#include "preload/detail.h"
#include "preload/guard.h"
#include "preload/hooks.h"
#include "preload/real.h"
#include "preload/unshare.h"

#include <fcntl.h>
#include <linux/sockios.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <sys/ioctl.h>

#ifndef CLOSE_RANGE_UNSHARE
#define CLOSE_RANGE_UNSHARE 2
#endif
#ifndef CLOSE_RANGE_CLOEXEC
#define CLOSE_RANGE_CLOEXEC 4
#endif

/* What TCP knows of the connection, asked just before it is given up. */
static void extend_tcp_info(struct writer_extension *extension, int fd)
{
	struct tcp_info info;
	socklen_t length = sizeof info;
	int unread = -1, unsent = -1;
	struct spool_ext_tcp_info *slot;

	if (!guard_system_calls_allowed() || raw_syscall(SYS_getsockopt, fd, IPPROTO_TCP, TCP_INFO, &info, &length) < 0)
		return;
	if (length < sizeof info)
		raw_zero((char *)&info + length, sizeof info - length);
	slot = writer_extend(extension, SLOT_EXT_TCP_INFO, info.tcpi_state, 56);
	if (!slot)
		return;
	if (info.tcpi_state != 10) { /* TCP_LISTEN has no byte queues (tcp(7): EINVAL) */
		/* What TCP_INFO answers already is not asked again: nothing in flight or waiting, no data ever received. */
		if (info.tcpi_unacked == 0 && info.tcpi_notsent_bytes == 0)
			unsent = 0;
		else
			raw_syscall(SYS_ioctl, fd, SIOCOUTQ, &unsent);
		if (info.tcpi_data_segs_in == 0)
			unread = 0;
		else
			raw_syscall(SYS_ioctl, fd, SIOCINQ, &unread);
	}
	slot->rtt_us = info.tcpi_rtt;
	slot->rtt_variance_us = info.tcpi_rttvar;
	slot->retransmits = info.tcpi_total_retrans;
	slot->lost = info.tcpi_lost;
	slot->bytes_acked = info.tcpi_bytes_acked;
	slot->bytes_received = info.tcpi_bytes_received;
	slot->unread_bytes = (uint32_t)unread;
	slot->unsent_bytes = (uint32_t)unsent;
	slot->min_rtt_us = info.tcpi_min_rtt;
	slot->segments_out = info.tcpi_segs_out;
	slot->segments_in = info.tcpi_segs_in;
}

/* struct tcp_info alone nearly fills a small signal stack's allowance: its frame is gone before the real close runs. */
static __attribute__((noinline)) void record_tcp_info(struct spool_call *call, int fd)
{
	struct writer_extension extension = writer_extensions_of(call);

	extend_tcp_info(&extension, fd);
}

#define CLOSE_BODY(via, caller, mark, call_real) \
	uint64_t cell = table_get(fd); \
	struct spool_call *call; \
	int error = 0; \
	if (likely(cell == 0) || !writer_enabled) { \
		HOOK_CALL_BEGINS(mark) \
		call_real \
		HOOK_CALL_ENDS(mark) \
		return result; \
	} \
	call = (cell & CELL_EPOLL) && !(cell & CELL_EPOLL_USED) ? NULL : \
		writer_call_begin(CALL_close, fd, cell & ~CELL_CLOSED, (cell & CELL_CLOSED ? TAG_STALE : 0) | (via), 0, 0, \
			(cell & CELL_TCP) && !(cell & CELL_CLOSED) ? 1 : 0, caller); \
	if (call && call->tag.parts) { \
		record_tcp_info(call, fd); \
		call->start_ticks = clock_ticks(); \
	} \
	cell = table_detach(fd); \
	HOOK_CALL_BEGINS(mark) \
	call_real \
	HOOK_CALL_ENDS(mark) \
	writer_call_returned(call); \
	if (!(cell & CELL_CLOSED)) { \
		if (error == EBADF) \
			table_restore(fd, cell); \
	} else if (error != EBADF) { \
		/* The number had become something else, of which we know nothing. */ \
		table_forget(fd, cell); \
		if (call) \
			writer_call_void(call); \
		return result; \
	} \
	if (call) \
		writer_call_end(call, result, error); \
	return result;

int hook_close(int fd) EXPORT_AS(close);
int hook_close(int fd)
{
	int result;
	CLOSE_BODY(TAG_VIA_SYMBOL, __builtin_return_address(0), HOOK_MARK, result = REAL(close)(fd); if (result < 0) error = errno;)
}
extern __typeof__(hook_close) hook___close __asm__("__close") __attribute__((alias("close"), visibility("default")));

static long through_close(const long *w, unsigned via, const void *caller)
{
	int fd = (int)w[0];
	long result;
	CLOSE_BODY(via, caller, 0, result = raw_syscall(SYS_close, fd); if (result < 0) error = (int)-result;)
}

/* Records for the sockets in [first, last], which are about to be closed all at once. */
static int detach_range(unsigned first, unsigned last, uint64_t call_start)
{
	int count = 0;
	uint64_t cell;

	for (int fd = table_next((int)first, &cell); fd >= 0 && (unsigned)fd <= last; fd = table_next(fd + 1, &cell)) {
		table_detach(fd);
		if (!(cell & CELL_EPOLL))
			writer_span(SPAN_CLOSED_RANGE, fd, cell, UINT32_MAX, 0, call_start);
		count++;
	}
	return count;
}

/* Will the kernel close a range (before 5.9, and in some containers, it refuses)? Asked with one that holds no descriptor. */
static int closes_ranges(void)
{
	return !guard_system_calls_allowed() || raw_syscall(SYS_close_range, UINT32_MAX, UINT32_MAX, 0) == 0;
}

static struct spool_call *range_begin(enum call_number kind, unsigned first, unsigned last, unsigned flags, unsigned via, const void *caller)
{
	uint64_t cell;
	struct spool_call *call;
	int fd;

	/* The copy comes first: what is closed then is closed in it alone. */
	if (unlikely(flags & CLOSE_RANGE_UNSHARE) && (flags & ~(unsigned)(CLOSE_RANGE_UNSHARE | CLOSE_RANGE_CLOEXEC)) == 0 && first <= last && closes_ranges())
		unshare_done(unshare_prepare(), 1);
	fd = first > INT32_MAX ? -1 : table_next((int)first, &cell);
	if (!writer_enabled || !writer_spool || fd < 0 || (unsigned)fd > last)
		return NULL;
	call = writer_call_begin(kind, (int)first, 0, via, last, flags, 0, caller);
	/* With any other flag the kernel closes nothing: CLOSE_RANGE_CLOEXEC, or EINVAL. closefrom knows another way. */
	if ((flags & ~(unsigned)CLOSE_RANGE_UNSHARE) == 0 && first <= last && (kind == CALL_closefrom || closes_ranges()))
		detach_range(first, last, call ? call->start_ticks : 0);
	return call;
}

int hook_close_range(unsigned first, unsigned last, int flags) EXPORT_AS(close_range);
int hook_close_range(unsigned first, unsigned last, int flags)
{
	struct spool_call *call = range_begin(CALL_close_range, first, last, (unsigned)flags, TAG_VIA_SYMBOL, __builtin_return_address(0));
	int result;

	HOOK_CALL_BEGINS(HOOK_MARK)
	result = REAL_IF_ANY(close_range) ? real.close_range(first, last, flags) : (int)hooks_libc_result(raw_syscall(SYS_close_range, first, last, flags));
	HOOK_CALL_ENDS(HOOK_MARK)
	writer_call_returned(call);
	if (call)
		writer_call_end(call, result, result < 0 ? errno : 0);
	return result;
}

static long through_close_range(const long *w, unsigned via, const void *caller)
{
	struct spool_call *call = range_begin(CALL_close_range, (unsigned)w[0], (unsigned)w[1], (unsigned)w[2], via, caller);
	long result = raw_syscall(SYS_close_range, w[0], w[1], w[2]);

	writer_call_returned(call);
	if (call)
		writer_call_end(call, result, result < 0 ? (int)-result : 0);
	return result;
}

void hook_closefrom(int lowest) EXPORT_AS(closefrom);
void hook_closefrom(int lowest)
{
	unsigned first = lowest < 0 ? 0 : (unsigned)lowest;
	struct spool_call *call = range_begin(CALL_closefrom, first, UINT32_MAX, 0, TAG_VIA_SYMBOL, __builtin_return_address(0));

	HOOK_CALL_BEGINS(HOOK_MARK)
	if (REAL_IF_ANY(closefrom))
		real.closefrom(lowest);
	else
		raw_syscall(SYS_close_range, first, ~0u, 0);
	HOOK_CALL_ENDS(HOOK_MARK)
	writer_call_returned(call);
	if (call)
		writer_call_end(call, 0, 0);
}

/* What dup2 and dup3 do to the table; `replaced` is detached before the real call. */
static void dup_done(struct spool_call *call, int old_fd, int new_fd, uint64_t cell, uint64_t replaced, int error)
{
	if (error) {
		if (replaced && !(replaced & CELL_CLOSED))
			table_restore(new_fd, replaced);
		return;
	}
	if (old_fd == new_fd)
		return;
	if (replaced && !(replaced & (CELL_CLOSED | CELL_EPOLL)))
		writer_span(SPAN_CLOSED_DUP2, new_fd, replaced, UINT32_MAX, 0, call ? call->start_ticks : 0);
	table_set(new_fd, cell & CELL_CLOSED ? 0 : cell);
}

#define DUP_BODY(kind, arg_, flags_, replaces, via, caller, mark, call_real) \
	uint64_t cell = table_get(old_fd); \
	uint64_t replaced = (replaces) ? table_get(new_fd) : 0; \
	struct spool_call *call = NULL; \
	int error = 0; \
	if (likely(cell == 0 && replaced == 0) || !writer_enabled) { \
		HOOK_CALL_BEGINS(mark) \
		call_real \
		HOOK_CALL_ENDS(mark) \
		return result; \
	} \
	if ((cell && !(cell & (CELL_EPOLL | CELL_CLOSED))) || (replaced && !(replaced & (CELL_EPOLL | CELL_CLOSED)))) \
		call = writer_call_begin(CALL_##kind, old_fd, cell & (CELL_CLOSED | CELL_EPOLL) ? 0 : cell, via, arg_, flags_, 0, caller); \
	if (replaces && old_fd != new_fd) \
		replaced = table_detach(new_fd); \
	HOOK_CALL_BEGINS(mark) \
	call_real \
	HOOK_CALL_ENDS(mark) \
	writer_call_returned(call); \
	dup_done(call, old_fd, error ? new_fd : (int)result, cell, replaced, error); \
	if (call) \
		writer_call_end(call, result, error); \
	return result;

int hook_dup(int old_fd) EXPORT_AS(dup);
int hook_dup(int old_fd)
{
	int result, new_fd = -1;
	DUP_BODY(dup, SPOOL_UNKNOWN, 0, 0, TAG_VIA_SYMBOL, __builtin_return_address(0), HOOK_MARK, result = REAL(dup)(old_fd); if (result < 0) error = errno;)
}

int hook_dup2(int old_fd, int new_fd) EXPORT_AS(dup2);
int hook_dup2(int old_fd, int new_fd)
{
	int result;
	DUP_BODY(dup2, (uint64_t)(uint32_t)new_fd, 0, 1, TAG_VIA_SYMBOL, __builtin_return_address(0), HOOK_MARK,
		result = REAL(dup2)(old_fd, new_fd); if (result < 0) error = errno;)
}
extern __typeof__(hook_dup2) hook___dup2 __asm__("__dup2") __attribute__((alias("dup2"), visibility("default")));

int hook_dup3(int old_fd, int new_fd, int flags) EXPORT_AS(dup3);
int hook_dup3(int old_fd, int new_fd, int flags)
{
	int result;
	DUP_BODY(dup3, (uint64_t)(uint32_t)new_fd, (uint32_t)flags, 1, TAG_VIA_SYMBOL, __builtin_return_address(0), HOOK_MARK,
		result = REAL(dup3)(old_fd, new_fd, flags); if (result < 0) error = errno;)
}

static long through_dup(const long *w, unsigned via, const void *caller)
{
	int old_fd = (int)w[0], new_fd = -1;
	long result;
	DUP_BODY(dup, SPOOL_UNKNOWN, 0, 0, via, caller, 0, result = raw_syscall(SYS_dup, old_fd); if (result < 0) error = (int)-result;)
}

#ifdef SYS_dup2
static long through_dup2(const long *w, unsigned via, const void *caller)
{
	int old_fd = (int)w[0], new_fd = (int)w[1];
	long result;
	DUP_BODY(dup2, (uint64_t)(uint32_t)new_fd, 0, 1, via, caller, 0, result = raw_syscall(SYS_dup2, old_fd, new_fd); if (result < 0) error = (int)-result;)
}
#endif

static long through_dup3(const long *w, unsigned via, const void *caller)
{
	int old_fd = (int)w[0], new_fd = (int)w[1];
	long result;
	DUP_BODY(dup3, (uint64_t)(uint32_t)new_fd, (uint32_t)w[2], 1, via, caller, 0,
		result = raw_syscall(SYS_dup3, old_fd, new_fd, w[2]); if (result < 0) error = (int)-result;)
}

#define FCNTL_BODY(via, caller, mark, call_real) \
	struct subject subject = subject_ANY(fd); \
	struct spool_call *call; \
	int duplicates = command == F_DUPFD || command == F_DUPFD_CLOEXEC; \
	int error = 0; \
	if (likely(!subject.wanted) && !(duplicates && subject.cell & CELL_EPOLL && !(subject.flags & TAG_STALE))) { \
		HOOK_CALL_BEGINS(mark) \
		call_real \
		HOOK_CALL_ENDS(mark) \
		return result; \
	} \
	call = subject.wanted ? writer_call_begin(CALL_fcntl, fd, subject.cell, subject.flags | (via), argument, (uint32_t)command, 0, caller) : NULL; \
	HOOK_CALL_BEGINS(mark) \
	call_real \
	HOOK_CALL_ENDS(mark) \
	writer_call_returned(call); \
	if (unlikely(subject.flags & TAG_STALE)) \
		subject = subject_settle(subject, call, 0, error); \
	else if (!error && duplicates) \
		table_set((int)result, subject.cell); \
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
		FCNTL_BODY(TAG_VIA_SYMBOL, __builtin_return_address(0), HOOK_MARK, result = REAL(fcntl)(fd, command, argument); if (result == -1) error = errno;)
	}
}
extern __typeof__(hook_fcntl) hook_fcntl64 __asm__("fcntl64") __attribute__((alias("fcntl"), visibility("default")));
extern __typeof__(hook_fcntl) hook___fcntl __asm__("__fcntl") __attribute__((alias("fcntl"), visibility("default")));

static long through_fcntl(const long *w, unsigned via, const void *caller)
{
	int fd = (int)w[0], command = (int)w[1];
	unsigned long argument = (unsigned long)w[2];
	long result;
	FCNTL_BODY(via, caller, 0, result = raw_syscall(SYS_fcntl, fd, command, argument); if (result < 0 && result > -4096) error = (int)-result;)
}

/* Requests whose argument points to an int that is worth showing. */
static int ioctl_has_int(unsigned long request)
{
	return request == FIONBIO || request == FIONREAD || request == SIOCOUTQ || request == FIOASYNC || request == SIOCATMARK;
}

#define IOCTL_BODY(via, caller, mark, call_real) \
	struct subject subject = subject_ANY(fd); \
	struct spool_call *call; \
	int error = 0; \
	if (likely(!subject.wanted)) { \
		HOOK_CALL_BEGINS(mark) \
		call_real \
		HOOK_CALL_ENDS(mark) \
		return result; \
	} \
	call = writer_call_begin(CALL_ioctl, fd, subject.cell, subject.flags | (via), argument, (uint32_t)request, 0, caller); \
	HOOK_CALL_BEGINS(mark) \
	call_real \
	HOOK_CALL_ENDS(mark) \
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
		IOCTL_BODY(TAG_VIA_SYMBOL, __builtin_return_address(0), HOOK_MARK, result = REAL(ioctl)(fd, request, argument); if (result == -1) error = errno;)
	}
}

static long through_ioctl(const long *w, unsigned via, const void *caller)
{
	int fd = (int)w[0];
	unsigned long request = (unsigned long)w[1], argument = (unsigned long)w[2];
	long result;
	IOCTL_BODY(via, caller, 0, result = raw_syscall(SYS_ioctl, fd, request, argument); if (result < 0 && result > -4096) error = (int)-result;)
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

	HOOK_CALL_BEGINS(HOOK_MARK)
	result = REAL_IF_ANY(pidfd_getfd) ? real.pidfd_getfd(pidfd, target, flags) : (int)hooks_libc_result(raw_syscall(SYS_pidfd_getfd, pidfd, target, flags));
	HOOK_CALL_ENDS(HOOK_MARK)
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

#define VECTOR_BODY(kind, via, caller, mark, call_real) \
	struct subject subject = subject_ANY(fd); \
	struct spool_call *call; \
	int error = 0; \
	if (likely(!subject.wanted)) { \
		HOOK_CALL_BEGINS(mark) \
		call_real \
		HOOK_CALL_ENDS(mark) \
		return result; \
	} \
	call = writer_call_begin(CALL_##kind, fd, subject.cell, subject.flags | (via), SPOOL_UNKNOWN, (uint32_t)flags, PARTS_readv, caller); \
	HOOK_CALL_BEGINS(mark) \
	call_real \
	HOOK_CALL_ENDS(mark) \
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
	VECTOR_BODY(preadv2, TAG_VIA_SYMBOL, __builtin_return_address(0), HOOK_MARK,
		result = REAL(preadv2)(fd, iov, count, offset, flags); if (result < 0) error = errno;)
}
extern __typeof__(hook_preadv2) hook_preadv64v2 __asm__("preadv64v2") __attribute__((alias("preadv2"), visibility("default")));

ssize_t hook_pwritev2(int fd, const struct iovec *iov, int count, off64_t offset, int flags) EXPORT_AS(pwritev2);
ssize_t hook_pwritev2(int fd, const struct iovec *iov, int count, off64_t offset, int flags)
{
	ssize_t result;
	VECTOR_BODY(pwritev2, TAG_VIA_SYMBOL, __builtin_return_address(0), HOOK_MARK,
		result = REAL(pwritev2)(fd, iov, count, offset, flags); if (result < 0) error = errno;)
}
extern __typeof__(hook_pwritev2) hook_pwritev64v2 __asm__("pwritev64v2") __attribute__((alias("pwritev2"), visibility("default")));

static long through_preadv2(const long *w, unsigned via, const void *caller)
{
	int fd = (int)w[0], count = (int)w[2], flags = (int)w[5];
	const struct iovec *iov = (const struct iovec *)w[1];
	long result;
	VECTOR_BODY(preadv2, via, caller, 0, result = raw_syscall(SYS_preadv2, w[0], w[1], w[2], w[3], w[4], w[5]); if (result < 0) error = (int)-result;)
}

static long through_pwritev2(const long *w, unsigned via, const void *caller)
{
	int fd = (int)w[0], count = (int)w[2], flags = (int)w[5];
	const struct iovec *iov = (const struct iovec *)w[1];
	long result;
	VECTOR_BODY(pwritev2, via, caller, 0, result = raw_syscall(SYS_pwritev2, w[0], w[1], w[2], w[3], w[4], w[5]); if (result < 0) error = (int)-result;)
}

hook_through *descriptors_through(long number)
{
	switch (number) {
	case SYS_close: return through_close;
	case SYS_close_range: return through_close_range;
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
