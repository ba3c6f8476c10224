/*
 * subject.h: whose call is it? Takes the socket from the descriptor table at entry, before another thread can reuse the number.
 */
#ifndef PRELOAD_SUBJECT_H
#define PRELOAD_SUBJECT_H

#include "preload/table.h"
#include "preload/writer.h"

/* Two words, so that it travels in registers: a wrapper has little stack to spend (test_harmless.sh). */
struct subject {
	uint64_t cell;     /* without CELL_CLOSED; 0: no socket known. Until it is settled, with CELL_CLOSING. */
	int32_t fd;
	uint16_t flags;    /* TAG_* */
	uint16_t wanted;   /* record the call? */
};

/* A call that only sockets take: recorded whatever fd is, for the kernel sees a socket call all the same. */
always_inline struct subject subject_SOCKET(int fd)
{
	uint64_t cell = table_get(fd);

	return (struct subject){cell & ~CELL_CLOSED, fd, unlikely(cell & CELL_CLOSED) ? TAG_STALE : 0, (uint16_t)writer_enabled};
}

/* The number of a closed socket: is it still closed? 0, and forgotten, when something else has it by now: a file's read is not the socket's. */
uint64_t subject_if_closed(int fd, uint64_t cell);

/* A call that any descriptor takes. */
always_inline struct subject subject_ANY(int fd)
{
	uint64_t cell = table_get(fd);

	if (unlikely(cell & CELL_CLOSED))
		cell = subject_if_closed(fd, cell);
	return (struct subject){cell & ~CELL_CLOSED, fd, unlikely(cell & CELL_CLOSED) ? TAG_STALE : 0, cell != 0 && !(cell & CELL_EPOLL)};
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

#define subject_NEW ((struct subject){0, -1, 0, (uint16_t)writer_enabled})

/*
 * After a call on a descriptor the table did not know as open: a success proves that it is open. Adopts a socket that came by ways
 * unseen, forgets a number that has become something else. For subjects of cell 0 or TAG_STALE only. Returns what is known of it then.
 */
struct subject subject_settle(struct subject subject, struct spool_call *call, int is_socket_call, int error);

/* Does fd refer to the cell's socket now? Where nothing may be asked: yes. */
int subject_is_at(int fd, uint64_t cell);

/*
 * Before a fork, and in its child: the kernel copies the descriptors first and the memory after them (copy_process in kernel/fork.c), so that what other threads opened
 * and closed just then the child's table has and its descriptors have not, or the other way round. Unless there was one thread only, each number that a socket has had is
 * asked about, with one getsockopt if it still is. What cannot be told, and what this thread itself is closing, stays as it is.
 */
void subject_before_fork(void);
void subject_after_fork(void);

/* The cell of a new socket, by SO_COOKIE; the other facts are asked of the kernel when given as -1. 0: fd is no socket. */
uint64_t subject_cell_of(int fd, int domain, int type, int protocol);

#endif
