/*
 * killed.c: killed while another thread hangs in recv: the calls that returned are there, and so is the one that never did.
 *
 * lifecycle: pair unix closed killed sent 3 received 0: socketpair send
 * lifecycle: pair unix closed killed sent 0 received 3: recv recv
 */
#include "program.h"

static void *hang(void *fd)
{
	char buffer[8];

	recv((int)(intptr_t)fd, buffer, sizeof(buffer), 0);
	recv((int)(intptr_t)fd, buffer, sizeof(buffer), 0);
	return NULL;
}

int main(void)
{
	struct timespec pause = { 0, 100000000 };
	pthread_t thread;
	int ends[2];

	SHOW(socketpair(AF_UNIX, SOCK_STREAM, 0, ends));
	SHOW(send(ends[0], "abc", 3, 0));
	pthread_create(&thread, NULL, hang, (void *)(intptr_t)ends[1]);
	nanosleep(&pause, NULL);
	show_open_descriptors();
	kill(getpid(), SIGKILL);
	return 0;
}
