/*
 * epoll_shared.c: epoll instances that a parent and its child both have. The first socket of one is added by the child, while the parent waits or before; of the other
 * by the parent; a third holds none. Each wait on a socket is compared with the kernel's.
 */
#include "program.h"

static void add(int epoll, int fd)
{
	struct epoll_event event = { .events = EPOLLIN, .data.fd = fd };

	SHOW(epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event));
}

static void wait_on(int epoll, int milliseconds)
{
	struct epoll_event found = { 0 };

	SHOW(epoll_pwait(epoll, &found, 1, milliseconds, NULL));
	SHOW(found.data.fd);
}

static void then(int pipe_end)
{
	char byte;

	if (read(pipe_end, &byte, 1) != 1)
		abort();
}

int main(void)
{
	int ends[2], childs, parents, nobodys, there[2], back[2], file;
	pid_t child;

	childs = SHOW(epoll_create1(0)); /* before there is a spool */
	SHOW(socketpair(AF_UNIX, SOCK_STREAM, 0, ends));
	SHOW(write(ends[1], "x", 1));
	SHOW(pipe(there));
	SHOW(pipe(back));
	parents = SHOW(epoll_create1(0));
	nobodys = SHOW(epoll_create1(0));
	add(nobodys, there[0]);
	add(nobodys, nobodys); /* is refused */
	child = fork();
	if (child == 0) {
		/* Its output would come in no certain order. */
		if (dup2(file = open("/dev/null", O_WRONLY), 1) != 1 || close(file))
			abort();
		usleep(200000); /* so that the parent waits; if it does not, it finds the socket at once */
		add(childs, ends[0]);
		then(there[0]);
		wait_on(parents, 1000);
		add(nobodys, nobodys);
		wait_on(nobodys, 0);
		_exit(write(back[1], "x", 1) != 1);
	}
	wait_on(childs, 5000);
	wait_on(childs, 5000);
	add(parents, ends[0]);
	if (write(there[1], "x", 1) != 1)
		abort();
	then(back[0]);
	wait_on(parents, 0);
	wait_on(nobodys, 0);
	waitpid(child, NULL, 0);
	show_open_descriptors();
	return 0;
}
