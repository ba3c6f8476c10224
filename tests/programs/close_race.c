/*
 * close_race.c [ROUNDS]: two threads close the same descriptor at once: one of them succeeds, the other is told EBADF, whichever came first. Then one sends while
 * the other closes. Nothing else in the process opens a descriptor meanwhile. With an argument it tells how many calls there were (test_races.py).
 *
 * link: -lpthread
 */
#include "program.h"

static int rounds = 60, shared_fd, sending;
static pthread_barrier_t start, end;
static unsigned long closed, late, sent, refused;

static void close_it(void)
{
	if (close(shared_fd) == 0)
		__atomic_fetch_add(&closed, 1, __ATOMIC_RELAXED);
	else if (errno == EBADF)
		__atomic_fetch_add(&late, 1, __ATOMIC_RELAXED);
}

static void *other(void *nothing)
{
	for (int i = 0; i < 2 * rounds; i++) {
		pthread_barrier_wait(&start);
		if (!sending)
			close_it();
		/* To nobody: a datagram. */
		for (int j = 0; sending && j < 20; j++) {
			sendto(shared_fd, "x", 1, MSG_DONTWAIT | MSG_NOSIGNAL, NULL, 0);
			*(errno == EBADF ? &refused : &sent) += 1;
		}
		pthread_barrier_wait(&end);
	}
	return NULL;
}

int main(int argc, char **argv)
{
	pthread_t thread;

	if (argc > 1)
		rounds = atoi(argv[1]);
	pthread_barrier_init(&start, NULL, 2);
	pthread_barrier_init(&end, NULL, 2);
	pthread_create(&thread, NULL, other, NULL);
	for (int i = 0; i < 2 * rounds; i++) {
		sending = i >= rounds;
		shared_fd = socket(AF_UNIX, SOCK_DGRAM, 0);
		pthread_barrier_wait(&start);
		if (i % 3 == 0)
			sched_yield();
		close_it();
		pthread_barrier_wait(&end);
	}
	pthread_join(thread, NULL);
	printf("close 0 %lu, close EBADF %lu", closed, late);
	if (argc > 1)
		printf(", sendto EBADF %lu, sendto ENOTCONN %lu", refused, sent);
	printf("\n");
	return 0;
}
