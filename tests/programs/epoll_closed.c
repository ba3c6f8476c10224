/*
 * epoll_closed.c: epoll instances that hold no socket, and numbers that were an instance's: closed by another thread while one waits, and a file's since;
 * an instance whose first socket the kernel refuses. None of these waits is one on a socket; compared with the kernel's.
 */
#include "program.h"

static int epoll;

static void *wait_for_nothing(void *nothing)
{
	struct epoll_event found;

	(void)nothing;
	SHOW(epoll_pwait(epoll, &found, 1, 400, NULL));
	return NULL;
}

int main(void)
{
	struct epoll_event event = { .events = EPOLLIN }, found;
	int ends[2], pipe_ends[2], other, file;
	pthread_t thread;

	SHOW(socketpair(AF_UNIX, SOCK_STREAM, 0, ends));
	SHOW(pipe(pipe_ends));
	epoll = SHOW(epoll_create1(0));
	SHOW(epoll_ctl(epoll, EPOLL_CTL_ADD, pipe_ends[0], &event));
	pthread_create(&thread, NULL, wait_for_nothing, NULL);
	usleep(100000);
	close(epoll);       /* while it is waited on */
	file = open("/dev/null", O_RDONLY);
	pthread_join(thread, NULL);
	SHOW(file == epoll);
	SHOW(epoll_pwait(file, &found, 1, 0, NULL));
	SHOW(close(file));
	SHOW(epoll_pwait(file, &found, 1, 0, NULL));

	epoll = SHOW(epoll_create1(0));
	other = SHOW(dup(epoll));
	SHOW(epoll_ctl(other, EPOLL_CTL_ADD, ends[0], NULL));
	SHOW(epoll_pwait(epoll, &found, 1, 0, NULL));
	SHOW(epoll_pwait(other, &found, 1, 0, NULL));
	SHOW(epoll_ctl(other, EPOLL_CTL_ADD, ends[0], &event));
	SHOW(epoll_pwait(epoll, &found, 1, 0, NULL));
	SHOW(epoll_pwait(other, &found, 1, 0, NULL));
	SHOW(close(epoll));
	SHOW(close(other));
	SHOW(close(ends[0]));
	SHOW(close(ends[1]));
	show_open_descriptors();
	return 0;
}
