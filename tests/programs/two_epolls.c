/*
 * two_epolls.c: a child forked before there was a socket has an epoll instance of its own, with the parent's words for other files: what a wait finds is
 * named by the words of its own instance. (test_invariants.py asks what was found.)
 *
 * lifecycle: pair unix closed close sent 1 received 0: socketpair epoll_ctl write close
 * lifecycle: pair unix closed close sent 0 received 0: epoll_ctl close
 * lifecycle: pair unix closed close sent 0 received 0: socketpair epoll_ctl close
 * lifecycle: pair unix closed close sent 1 received 0: write close
 */
#include "program.h"

static void add(int epoll, int fd, uint64_t word)
{
	struct epoll_event event = { .events = EPOLLIN, .data.u64 = word };

	SHOW(epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event));
}

static void find(int epoll)
{
	struct epoll_event found[4];

	SHOW(epoll_pwait(epoll, found, 4, 1000, NULL));
}

static void be_child(int go, int done)
{
	int epoll = epoll_create1(0), ends[2], other[2];
	char byte;

	read(go, &byte, 1);     /* the parent's sockets have their words */
	SHOW(socketpair(AF_UNIX, SOCK_STREAM, 0, ends));
	SHOW(pipe(other));
	add(epoll, other[0], 7);
	add(epoll, ends[0], 9);
	SHOW(write(other[1], "x", 1));
	SHOW(write(ends[1], "x", 1));
	find(epoll);
	SHOW(close(ends[0]));
	SHOW(close(ends[1]));
	write(done, "!", 1);
}

int main(void)
{
	int go[2], done[2], epoll, ends[2], status;
	char byte;

	pipe(go);
	pipe(done);
	if (fork() == 0) {
		be_child(go[0], done[1]);
		_exit(0);
	}
	epoll = SHOW(epoll_create1(0));
	SHOW(socketpair(AF_UNIX, SOCK_STREAM, 0, ends));
	add(epoll, ends[0], 7);
	add(epoll, ends[1], 9);
	SHOW(write(ends[0], "x", 1));
	write(go[1], "!", 1);
	read(done[0], &byte, 1);
	find(epoll);
	SHOW(close(ends[0]));
	SHOW(close(ends[1]));
	wait(&status);
	show_open_descriptors();
	return 0;
}
