/*
 * cancel.c: threads cancelled inside recv, accept and poll: their clean-up handlers run, what they held can be used on.
 */
#include "program.h"

static int ends[2], server, cleaned;

static void clean(void *nothing) { cleaned++; }

static void *in_recv(void *nothing)
{
	char buffer[4];

	pthread_cleanup_push(clean, NULL);
	recv(ends[1], buffer, sizeof(buffer), 0);
	pthread_cleanup_pop(0);
	return NULL;
}

static void *in_accept(void *nothing)
{
	pthread_cleanup_push(clean, NULL);
	accept(server, NULL, NULL);
	pthread_cleanup_pop(0);
	return NULL;
}

static void *in_poll(void *nothing)
{
	struct pollfd set = { .fd = ends[1], .events = POLLIN };

	pthread_cleanup_push(clean, NULL);
	poll(&set, 1, -1);
	pthread_cleanup_pop(0);
	return NULL;
}

int main(void)
{
	void *(*const bodies[])(void *) = { in_recv, in_accept, in_poll };
	struct timespec pause = { 0, 50000000 };
	struct sockaddr_in address;
	char buffer[8];

	server = listener(&address);
	SHOW(socketpair(AF_UNIX, SOCK_STREAM, 0, ends));
	for (int i = 0; i < 3; i++) {
		pthread_t thread;
		void *result;

		pthread_create(&thread, NULL, bodies[i], NULL);
		nanosleep(&pause, NULL);
		SHOW(pthread_cancel(thread));
		pthread_join(thread, &result);
		SHOW(result == PTHREAD_CANCELED);
		SHOW(cleaned);
	}
	SHOW(write(ends[0], "still", 5));
	SHOW(read(ends[1], buffer, sizeof(buffer)));
	SHOW(close(server));
	SHOW(close(ends[0]));
	SHOW(close(ends[1]));
	show_open_descriptors();
	return 0;
}
