/*
 * waits.c: every way of waiting for sockets, finding them ready and not. Its timeline is compared with the kernel's.
 */
#include "program.h"

int main(void)
{
	int ends[2], pipe_ends[2], other, epoll;
	struct epoll_event event = { .events = EPOLLIN, .data.u64 = 0x1122334455667788 }, found[4];
	struct timespec none = { 0, 0 };
	struct timeval zero = { 0, 0 };
	sigset_t empty;
	char buffer[8];

	sigemptyset(&empty);
	SHOW(socketpair(AF_UNIX, SOCK_STREAM, 0, ends));
	other = SHOW(socket(AF_INET, SOCK_DGRAM, 0));
	epoll = SHOW(epoll_create(1));
	SHOW(epoll_ctl(epoll, EPOLL_CTL_ADD, ends[1], &event));
	SHOW(epoll_ctl(epoll, EPOLL_CTL_ADD, other, &event));
	for (int full = 0; full < 2; full++) {
		struct pollfd set[3] = { { .fd = ends[1], .events = POLLIN }, { .fd = -1, .events = POLLIN }, { .fd = other, .events = POLLIN } };
		fd_set readable, writable;

		if (full)
			SHOW(write(ends[0], "x", 1));
		SHOW(poll(set, 3, 0));
		SHOW(ppoll(set, 3, &none, NULL));
		SHOW(ppoll(set, 3, &none, &empty));
		FD_ZERO(&readable);
		FD_SET(ends[1], &readable);
		FD_ZERO(&writable);
		FD_SET(other, &writable);
		SHOW(select(other + 1, &readable, &writable, NULL, &zero));
		SHOW(FD_ISSET(ends[1], &readable) != 0);
		FD_ZERO(&readable);
		FD_SET(ends[1], &readable);
		SHOW(pselect(other + 1, &readable, NULL, NULL, &none, &empty));
		SHOW(epoll_wait(epoll, found, 4, 0));
		if (full)
			SHOW(found[0].data.u64 == event.data.u64);
		SHOW(epoll_pwait(epoll, found, 4, 0, &empty));
		SHOW(epoll_pwait2(epoll, found, 4, &none, NULL));
	}
	SHOW(poll(NULL, 0, 0));
	/* No socket is waited for here, though some are open below. */
	SHOW(pipe(pipe_ends));
	for (int full = 0; full < 2; full++) {
		fd_set readable;

		if (full)
			SHOW(write(pipe_ends[1], "x", 1));
		FD_ZERO(&readable);
		FD_SET(pipe_ends[0], &readable);
		SHOW(select(pipe_ends[0] + 1, &readable, NULL, NULL, &zero));
		SHOW(pselect(pipe_ends[0] + 1, &readable, NULL, NULL, &none, NULL));
	}
	SHOW(select(pipe_ends[0] + 1, NULL, NULL, NULL, &zero));
	SHOW(select(pipe_ends[0] + 1, (fd_set *)8, NULL, NULL, &zero));
	/* Numbers of closed sockets; and one that a file has since. */
	SHOW(close(dup2(ends[1], 41)));
	SHOW(fcntl(pipe_ends[0], F_DUPFD, 41));
	for (int full = 0; full < 2; full++) {
		fd_set readable;

		FD_ZERO(&readable);
		FD_SET(41, &readable);
		SHOW(select(42, &readable, NULL, NULL, &zero));
		if (full)
			SHOW(close(41));
	}
	SHOW(close(dup2(ends[1], 40)));
	for (int both = 0; both < 2; both++) {
		struct pollfd closed[2] = {{40, POLLIN, 0}, {both ? ends[1] : -1, POLLIN, 0}};
		fd_set readable;

		FD_ZERO(&readable);
		FD_SET(40, &readable);
		if (both)
			FD_SET(ends[1], &readable);
		SHOW(select(41, &readable, NULL, NULL, &zero));
		SHOW(poll(closed, 2, 0));
		SHOW(closed[0].revents == POLLNVAL);
	}
	SHOW(close(pipe_ends[0]));
	SHOW(close(pipe_ends[1]));
	SHOW(epoll_ctl(epoll, EPOLL_CTL_MOD, ends[1], &event));
	SHOW(epoll_ctl(epoll, EPOLL_CTL_DEL, other, NULL));
	SHOW(read(ends[1], buffer, sizeof(buffer)));
	SHOW(close(epoll));
	SHOW(close(other));
	SHOW(close(ends[0]));
	SHOW(close(ends[1]));
	show_open_descriptors();
	return 0;
}
