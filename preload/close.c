/*
 * close.c: close detaches the descriptor before the real call, records it after it, and puts it back when the call failed. close_range and closefrom
 * detach all sockets of their range.
 */
#include "preload/detail.h"
#include "preload/guard.h"
#include "preload/hooks.h"
#include "preload/real.h"
#include "preload/unread.h"
#include "preload/unshare.h"

#include <linux/sockios.h>
#include <linux/tcp.h>
#include <sys/ioctl.h>

#ifndef CLOSE_RANGE_UNSHARE
#define CLOSE_RANGE_UNSHARE 2
#endif
#ifndef CLOSE_RANGE_CLOEXEC
#define CLOSE_RANGE_CLOEXEC 4
#endif

/* include/net/tcp_states.h; netinet/tcp.h, which names them as well, does not go with linux/tcp.h. */
enum tcp_state { IN_TIME_WAIT = 6, IN_CLOSE_WAIT = 8, IN_LAST_ACK = 9, IN_LISTEN = 10, IN_CLOSING = 11 };

/* The FIN counts as a byte received. (In state CLOSE it may as well: then the sum is not met, and the kernel is asked.) */
static int has_received_fin(unsigned state)
{
	return state == IN_CLOSE_WAIT || state == IN_LAST_ACK || state == IN_CLOSING || state == IN_TIME_WAIT;
}

/*
 * What TCP knows of the connection, asked just before it is given up; unread_bytes: 0 or not known yet. struct tcp_info alone nearly fills a small signal stack's
 * allowance: its frame is gone before what is unread is looked for, and before the real close runs.
 */
static __attribute__((noinline)) void record_tcp_info(struct spool_call *call, int fd)
{
	struct writer_extension extension = writer_extensions_of(call);
	struct tcp_info info;
	socklen_t length = sizeof info;
	int unsent = -1;
	struct spool_ext_tcp_info *slot;

	if (!guard_system_calls_allowed() || raw_syscall(SYS_getsockopt, fd, IPPROTO_TCP, TCP_INFO, &info, &length) < 0)
		return;
	if (length < sizeof info)
		raw_zero((char *)&info + length, sizeof info - length);
	slot = writer_extend(&extension, SLOT_EXT_TCP_INFO, info.tcpi_state, 56);
	if (!slot)
		return;
	slot->unread_bytes = UINT32_MAX;
	if (info.tcpi_state != IN_LISTEN) { /* which has no byte queues (tcp(7): EINVAL) */
		/* What TCP_INFO answers already is not asked again: nothing in flight or waiting, no data ever received. */
		if (info.tcpi_unacked == 0 && info.tcpi_notsent_bytes == 0)
			unsent = 0;
		else
			raw_syscall(SYS_ioctl, fd, SIOCOUTQ, &unsent);
		if (info.tcpi_data_segs_in == 0)
			slot->unread_bytes = 0;
	}
	slot->rtt_us = info.tcpi_rtt;
	slot->rtt_variance_us = info.tcpi_rttvar;
	slot->retransmits = info.tcpi_total_retrans;
	slot->lost = info.tcpi_lost;
	slot->bytes_acked = info.tcpi_bytes_acked;
	slot->bytes_received = info.tcpi_bytes_received;
	slot->unsent_bytes = (uint32_t)unsent;
	slot->min_rtt_us = info.tcpi_min_rtt;
	slot->segments_out = info.tcpi_segs_out;
	slot->segments_in = info.tcpi_segs_in;
}

static __attribute__((noinline)) void record_unread(struct spool_call *call, int fd)
{
	struct spool_ext_tcp_info *slot = (struct spool_ext_tcp_info *)(call + 1);
	int unread = 0;

	if (slot->tag.type != SLOT_EXT_TCP_INFO || slot->tag.kind == IN_LISTEN || slot->unread_bytes == 0)
		return;
	if (unread_is_nothing(call, slot->bytes_received - has_received_fin(slot->tag.kind)) || raw_syscall(SYS_ioctl, fd, SIOCINQ, &unread) >= 0)
		slot->unread_bytes = (uint32_t)unread;
}

/* Another thread is closing the number. Had it done so already, and something else has the number by now, then the socket is not this one's to close. */
static __attribute__((noinline)) uint64_t still_closing(int fd, uint64_t met)
{
	return table_is_closing(met) && !subject_is_at(fd, met) ? met & ~CELL_CLOSING : met;
}

/* This one's close succeeded though the number had been closed, or was being so: a socket that has come to it since? Returns its cell, or 0. */
static uint64_t taken_beside(int fd)
{
	uint64_t now = table_get(fd);

	return now && !(now & (CELL_CLOSED | CELL_EPOLL)) && !subject_is_at(fd, now) && table_change(fd, now, now | CELL_CLOSED) ? now : 0;
}

/* Something has been duplicated over the number since the record was begun: a socket, or what is not recorded. */
static __attribute__((noinline)) struct spool_call *closes_another(struct spool_call *call, uint64_t cell)
{
	if (call && cell)
		call->socket = table_named(cell);
	else if (call)
		writer_call_void(call);
	return cell ? call : NULL;
}

/* The same, but it came too late for the table: what was closed is the socket that was duplicated over this one. */
static __attribute__((noinline)) void closed_after_dup2(struct spool_call *call, int fd, uint64_t cell)
{
	uint64_t taken = taken_beside(fd);

	if (!taken || !call)
		return;
	writer_span(SPAN_CLOSED_DUP2, fd, cell, UINT32_MAX, 0, call->start_ticks);
	call->socket = taken;
}

/*
 * `met`: what table_begin_close found, without CELL_CLOSING if something else had the number. Of two threads that close one socket the other fails if this one
 * succeeds.
 */
static __attribute__((noinline)) void close_beside(struct spool_call *call, int fd, uint64_t met, long result, int error)
{
	uint64_t taken = error == EBADF ? 0 : taken_beside(fd);
	unsigned flags;

	/* The number had become something else, of which we know nothing. */
	if (error != EBADF && !taken && !table_is_closing(met)) {
		table_forget(fd, met);
		if (call)
			writer_call_void(call);
		return;
	}
	if (!call)
		return;
	flags = call->tag.flags & ~(unsigned)TAG_STALE;
	if (error == EBADF)
		flags |= TAG_STALE;
	else
		call->socket = taken ? taken : table_named(met);
	writer_call_end_as(call, CALL_close, call->tag.parts, flags, result, error);
}

#define CLOSE_BODY(via, caller, call_real) \
	uint64_t cell = table_get(fd), met = cell; \
	struct spool_call *call; \
	int error = 0, outer; \
	if (likely(cell == 0) || !writer_enabled) { \
		call_real \
		return result; \
	} \
	outer = table_own_close; \
	call = (cell & CELL_EPOLL) && !(cell & CELL_EPOLL_USED) ? NULL : \
		writer_call_begin(CALL_close, fd, table_named(cell), (cell & CELL_CLOSED ? TAG_STALE : 0) | (via), 0, 0, \
			(cell & CELL_TCP) && !(cell & CELL_CLOSED) ? 1 : 0, caller); \
	if (call && call->tag.parts) { \
		record_tcp_info(call, fd); \
		record_unread(call, fd); \
		call->start_ticks = clock_ticks(); \
	} \
	table_own_close = fd; \
	cell = table_begin_close(fd); \
	if (unlikely(cell != met)) \
		call = closes_another(call, cell); \
	if (unlikely(cell & CELL_CLOSED)) \
		cell = still_closing(fd, cell); \
	call_real \
	writer_call_returned(call); \
	if (unlikely(cell & CELL_CLOSED)) { \
		table_own_close = outer; \
		close_beside(call, fd, cell, result, error); \
		return result; \
	} \
	if (unlikely(!table_end_close(fd, cell)) && !error) \
		closed_after_dup2(call, fd, cell); \
	table_own_close = outer; \
	if (call) \
		writer_call_end(call, result, error); \
	return result;

int hook_close(int fd) EXPORT_AS(close);
int hook_close(int fd)
{
	int result;
	CLOSE_BODY(TAG_VIA_SYMBOL, __builtin_return_address(0), DIRECT(raw_syscall(SYS_close, fd), REAL(close)(fd)))
}
extern __typeof__(hook_close) hook___close __asm__("__close") __attribute__((alias("close"), visibility("default")));

static long through_close(const long *w, unsigned via, const void *caller)
{
	int fd = (int)w[0];
	long result;
	CLOSE_BODY(via, caller, KERNEL(raw_syscall(SYS_close, w[0])))
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

	HOOK_CALL_BEGINS
	result = REAL_IF_ANY(close_range) ? real.close_range(first, last, flags) : (int)hooks_libc_result(raw_syscall(SYS_close_range, first, last, flags));
	HOOK_CALL_ENDS
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

	HOOK_CALL_BEGINS
	if (REAL_IF_ANY(closefrom))
		real.closefrom(lowest);
	else
		raw_syscall(SYS_close_range, first, ~0u, 0);
	HOOK_CALL_ENDS
	writer_call_returned(call);
	if (call)
		writer_call_end(call, 0, 0);
}

hook_through *close_through(long number)
{
	switch (number) {
	case SYS_close: return through_close;
	case SYS_close_range: return through_close_range;
	default: return NULL;
	}
}
