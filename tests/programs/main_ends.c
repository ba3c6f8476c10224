/*
 * main_ends.c: the main thread ends with pthread_exit, and two others go on for longer than it takes a collector to look for processes that have gone.
 *
 * lifecycle: pair unix closed close sent 220 received 0: 222 calls
 * lifecycle: pair unix closed close sent 0 received 220: 221 calls
 * lifecycle: pair unix closed close sent 220 received 0: 222 calls
 * lifecycle: pair unix closed close sent 0 received 220: 221 calls
 * link: -lpthread
 */
#include "program.h"

static void *work(void *nothing)
{
	int ends[2];
	char byte = 'x';

	socketpair(AF_UNIX, SOCK_STREAM, 0, ends);
	for (int i = 0; i < 220; i++) {
		send(ends[0], &byte, 1, 0);
		recv(ends[1], &byte, 1, 0);
		usleep(5000);
	}
	close(ends[0]);
	close(ends[1]);
	return NULL;
}

int main(void)
{
	pthread_t threads[2];

	for (int i = 0; i < 2; i++)
		pthread_create(&threads[i], NULL, work, NULL);
	usleep(300000);
	pthread_exit(NULL);
}
