/*
 * subject.h: whose call is it? Takes the socket from the descriptor table at entry, before another thread can reuse the number.
 */
#ifndef PRELOAD_SUBJECT_H
#define PRELOAD_SUBJECT_H

#include "preload/table.h"
#include "preload/writer.h"

struct subject {
	int fd;
	int wanted;        /* record the call? */
	uint64_t cell;     /* without CELL_CLOSED; 0: no socket known */
	unsigned flags;    /* TAG_* */
};

/* A call that only sockets take: recorded whatever fd is, for the kernel sees a socket call all the same. */
always_inline struct subject subject_SOCKET(int fd)
{
	uint64_t cell = table_get(fd);

	return (struct subject){fd, writer_enabled, cell & ~CELL_CLOSED, unlikely(cell & CELL_CLOSED) ? TAG_STALE : 0};
}

/* The number of a closed socket: is it still closed? 0, and forgotten, when something else has it by now: a file's read is not the socket's. */
uint64_t subject_if_closed(int fd, uint64_t cell);

/* A call that any descriptor takes. */
always_inline struct subject subject_ANY(int fd)
{
	uint64_t cell = table_get(fd);

	if (unlikely(cell & CELL_CLOSED))
		cell = subject_if_closed(fd, cell);
	return (struct subject){fd, cell != 0 && !(cell & CELL_EPOLL), cell & ~CELL_CLOSED, unlikely(cell & CELL_CLOSED) ? TAG_STALE : 0};
}

always_inline struct subject subject_EITHER(int out_fd, int in_fd)
{
	struct subject out = subject_ANY(out_fd);
	struct subject in = subject_ANY(in_fd);

	if ((out.wanted && !out.flags) || !in.wanted)
		return out;
	in.flags |= TAG_RECEIVES;
	return in;
}

#define subject_NEW ((struct subject){-1, writer_enabled, 0, 0})

/*
 * After a call on a descriptor the table did not know as open: a success proves that it is open. Adopts a socket that came by ways
 * unseen, forgets a number that has become something else. For subjects of cell 0 or TAG_STALE only.
 */
void subject_settle(struct subject *subject, struct spool_call *call, int is_socket_call, int error);

/* The cell of a new socket, by SO_COOKIE; the other facts are asked of the kernel when given as -1. 0: fd is no socket. */
uint64_t subject_cell_of(int fd, int domain, int type, int protocol);

#endif
