/*
 * subject.c: see subject.h.
 */
#include "preload/subject.h"
#include "preload/guard.h"
#include "preload/real.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>

#ifndef SO_COOKIE
#define SO_COOKIE 57
#endif

static int socket_option(int fd, int option)
{
	int value = -1;
	socklen_t length = sizeof value;

	if (!guard_system_calls_allowed() || raw_syscall(SYS_getsockopt, fd, SOL_SOCKET, option, &value, &length) < 0)
		return -1;
	return value;
}

uint64_t subject_cell_of(int fd, int domain, int type, int protocol)
{
	uint64_t cookie = 0, cell;
	socklen_t length = sizeof cookie;

	if (type < 0)
		type = socket_option(fd, SO_TYPE);
	if (type < 0) /* no socket, and most descriptors that are asked about are none */
		return 0;
	if (domain < 0)
		domain = socket_option(fd, SO_DOMAIN);
	if (domain < 0)
		domain = 0;
	if (protocol < 0)
		protocol = socket_option(fd, SO_PROTOCOL);
	if (guard_system_calls_allowed())
		raw_syscall(SYS_getsockopt, fd, SOL_SOCKET, SO_COOKIE, &cookie, &length);
	cell = cookie && cookie <= CELL_COOKIE_MASK ? cookie : (writer_synthetic() & CELL_COOKIE_MASK) | CELL_SYNTHETIC;
	cell |= ((uint64_t)type & CELL_TYPE_MASK) << CELL_TYPE_SHIFT | ((uint64_t)domain & CELL_DOMAIN_MASK) << CELL_DOMAIN_SHIFT;
	if ((domain == AF_INET || domain == AF_INET6) && type == SOCK_STREAM && (protocol == 0 || protocol == IPPROTO_TCP))
		cell |= CELL_TCP;
	return cell;
}

static int is_open(int fd)
{
	return raw_syscall(SYS_fcntl, fd, F_GETFD, 0) >= 0;
}

uint64_t subject_if_closed(int fd, uint64_t cell)
{
	/* One that is being closed at this moment is most likely open yet; the call will tell. */
	if (table_is_closing(cell) || !guard_system_calls_allowed() || !is_open(fd))
		return cell;
	table_forget(fd, cell);
	return 0;
}

int subject_is_at(int fd, uint64_t cell)
{
	uint64_t cookie;
	socklen_t length = sizeof cookie;

	if (!guard_system_calls_allowed())
		return 1;
	/* Without a cookie one socket is as good as another. */
	if (cell & CELL_SYNTHETIC)
		return subject_cell_of(fd, -1, -1, -1) != 0;
	return raw_syscall(SYS_getsockopt, fd, SOL_SOCKET, SO_COOKIE, &cookie, &length) >= 0 && cookie == (cell & CELL_COOKIE_MASK);
}

static __thread int forks_alone;

void subject_before_fork(void)
{
	forks_alone = real_is_single_threaded();
}

void subject_after_fork(void)
{
	int (*const next)(int from, uint64_t *cell) = guard_system_calls_allowed() ? table_next_any : table_next_closing;
	uint64_t cell;

	if (forks_alone)
		return;
	for (int fd = next(0, &cell); fd >= 0; fd = next(fd + 1, &cell)) {
		uint64_t now;

		if (fd == table_own_close)
			continue;
		if (!guard_system_calls_allowed() || cell & CELL_SYNTHETIC)
			now = table_is_closing(cell) ? table_named(cell) : cell;
		else if (!(cell & CELL_EPOLL) && subject_is_at(fd, cell))
			now = table_named(cell);
		else
			now = subject_cell_of(fd, -1, -1, -1);
		if (!now)
			now = cell & CELL_EPOLL ? cell : table_named(cell) | CELL_CLOSED;
		table_change(fd, cell, now);
	}
}

/* A call met a socket that another thread was closing, and was in time: is it that socket's? Not if the number has become something else since. */
static int was_in_time(struct subject subject, int is_socket_call)
{
	uint64_t cell = guard_system_calls_allowed() ? subject_cell_of(subject.fd, -1, -1, -1) : 0;

	if (cell)
		return ((cell ^ subject.cell) & CELL_IDENTITY) == 0;
	return is_socket_call || !guard_system_calls_allowed() || !is_open(subject.fd);
}

struct subject subject_settle(struct subject subject, struct spool_call *call, int is_socket_call, int error)
{
	uint64_t cell;

	if (subject.flags & TAG_STALE) {
		uint64_t found = subject.cell | CELL_CLOSED;

		subject.cell = table_named(found);
		if (call)
			call->socket = subject.cell;
		if (error == EBADF)
			return subject;
		subject.flags &= (uint16_t)~TAG_STALE;
		if (call)
			call->tag.flags &= (uint8_t)~TAG_STALE;
		if (table_is_closing(found) && was_in_time(subject, is_socket_call))
			return subject;
		table_forget(subject.fd, found);
		subject.cell = 0;
		if (call)
			call->socket = 0;
	}
	if (!is_socket_call) {
		/* The number is a file by now, or a socket that came unseen; the first socket call on it will tell. */
		subject.wanted = 0;
		return subject;
	}
	if (error == EBADF || error == ENOTSOCK || subject.fd < 0)
		return subject;
	cell = subject_cell_of(subject.fd, -1, -1, -1);
	/* Where nothing may be asked: it is a socket, for the call has succeeded. */
	if (!cell && !error && !guard_system_calls_allowed())
		cell = subject_cell_of(subject.fd, 0, 0, 0);
	if (!cell)
		return subject;
	subject.cell = cell;
	subject.flags |= TAG_ADOPTED;
	if (call)
		call->socket = cell;
	/* Another thread may have found it as well, or be closing it. */
	if (table_change(subject.fd, 0, cell))
		writer_span(SPAN_OPENED_INHERITED, subject.fd, cell, UINT32_MAX, 0, call ? call->start_ticks : 0);
	return subject;
}
