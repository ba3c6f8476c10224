/*
 * count.c FILE [THREADS [CALLS]]: makes socket calls as fast as it can and counts, in a file that others can map, each call that has
 * returned: the oracle for what a trace must hold when this process is killed. With CALLS it ends after so many rounds a thread.
 * The file: for each kind of call one 64-bit count a thread; see struct counts.
 */
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#define THREADS_MAX 16

struct counts {
	uint64_t of[4]; /* socketpair, send, recv, close */
	uint64_t unused[4];
};

static struct counts *counts;
static long rounds;

static void returned(struct counts *own, int kind)
{
	__atomic_store_n(&own->of[kind], own->of[kind] + 1, __ATOMIC_RELEASE);
}

static void *work(void *given)
{
	struct counts *own = given;
	char bytes[256] = "";
	int fds[2];

	for (long round = 0; !rounds || round < rounds; round++) {
		if (socketpair(AF_UNIX, SOCK_STREAM, 0, fds) < 0)
			abort();
		returned(own, 0);
		for (int i = 0; i < 64; i++) {
			if (send(fds[0], bytes, (size_t)i + 1, 0) != i + 1)
				abort();
			returned(own, 1);
			if (recv(fds[1], bytes, sizeof bytes, 0) != i + 1)
				abort();
			returned(own, 2);
		}
		close(fds[0]);
		returned(own, 3);
		close(fds[1]);
		returned(own, 3);
	}
	return NULL;
}

int main(int argc, char **argv)
{
	int threads = argc > 2 ? atoi(argv[2]) : 1;
	pthread_t ids[THREADS_MAX];
	int fd = argc > 1 ? open(argv[1], O_RDWR | O_CREAT, 0600) : -1;

	if (fd < 0 || threads < 1 || threads > THREADS_MAX || ftruncate(fd, sizeof *counts * THREADS_MAX) < 0)
		return 2;
	counts = mmap(NULL, sizeof *counts * THREADS_MAX, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	rounds = argc > 3 ? atol(argv[3]) : 0;
	for (int i = 1; i < threads; i++)
		pthread_create(&ids[i], NULL, work, &counts[i]);
	work(&counts[0]);
	for (int i = 1; i < threads; i++)
		pthread_join(ids[i], NULL);
	return 0;
}
