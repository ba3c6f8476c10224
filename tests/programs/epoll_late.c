/*
 * epoll_late.c: a thread waits on an epoll instance that has no socket yet; another adds one, and the wait returns with it. Its timeline is
 * compared with the kernel's.
 */
#include "program.h"

static int epoll;

static void *wait_for_it(void *nothing)
{
	struct epoll_event found = { 0 };

	(void)nothing;
	SHOW(epoll_wait(epoll, &found, 1, -1));
	SHOW(found.data.u32);
	return NULL;
}

int main(void)
{
	struct epoll_event event = { .events = EPOLLIN, .data.u32 = 77 };
	int ends[2];
	pthread_t thread;

	SHOW(socketpair(AF_UNIX, SOCK_STREAM, 0, ends));
	epoll = SHOW(epoll_create1(0));
	SHOW(write(ends[1], "x", 1));
	pthread_create(&thread, NULL, wait_for_it, NULL);
	usleep(200000);     /* so that the wait has begun; if it has not, it finds the socket at once */
	epoll_ctl(epoll, EPOLL_CTL_ADD, ends[0], &event); /* printed by neither thread: they would race */
	pthread_join(thread, NULL);
	SHOW(close(epoll));
	SHOW(close(ends[0]));
	SHOW(close(ends[1]));
	show_open_descriptors();
	return 0;
}
