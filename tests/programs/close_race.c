/*
 * close_race.c [ROUNDS]: while a thread closes a socket, another closes the same descriptor: one of them succeeds, the other is told EBADF, whichever came first.
 * Then the other sends on it; then it opens and closes a file again and again, which may have that number as soon as it is free; then it forks, and the child does so. With
 * an argument it tells how many calls there were (test_races.py).
 *
 * link: -lpthread
 */
#include "program.h"
#include <sys/stat.h>

static int rounds = 60, shared_fd;
static enum { CLOSES, SENDS, OPENS_FILES, FORKS, PHASES } phase;
static pthread_barrier_t start, end;
static unsigned long made, closed, late, sent, refused;

static void close_it(void)
{
	if (close(shared_fd) == 0)
		__atomic_fetch_add(&closed, 1, __ATOMIC_RELAXED);
	else if (errno == EBADF)
		__atomic_fetch_add(&late, 1, __ATOMIC_RELAXED);
}

/* To nobody: a datagram. */
static void send_often(void)
{
	for (int i = 0; i < 20; i++) {
		sendto(shared_fd, "x", 1, MSG_DONTWAIT | MSG_NOSIGNAL, NULL, 0);
		*(errno == EBADF ? &refused : &sent) += 1;
	}
}

static void open_files(void)
{
	for (int i = 0; i < 20; i++) {
		char byte;
		int fd = open("/dev/zero", O_RDONLY);

		if (fd < 0 || read(fd, &byte, 1) != 1 || close(fd))
			abort();
	}
}

static void fork_one(void)
{
	pid_t child = fork();

	if (child == 0) {
		/* All that is free below some number, that of the socket among them if it is. */
		for (int i = 0; i < 4; i++)
			if (open("/dev/zero", O_RDONLY) < 0)
				abort();
		for (int fd = 3; fd < 12; fd++) {
			struct stat status;

			if (fstat(fd, &status) == 0 && !S_ISSOCK(status.st_mode))
				close(fd);
		}
		_exit(0);
	}
	waitpid(child, NULL, 0);
}

static int rounds_of(int of)
{
	return of == FORKS ? rounds / 6 : rounds;
}

static void *other(void *nothing)
{
	for (int of = 0; of < PHASES; of++)
		for (int i = 0; i < rounds_of(of); i++) {
			pthread_barrier_wait(&start);
			switch (phase) {
			case CLOSES: close_it(); break;
			case SENDS: send_often(); break;
			case OPENS_FILES: open_files(); break;
			default: fork_one(); break;
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
	for (int of = 0; of < PHASES; of++)
		for (int i = 0; i < rounds_of(of); i++) {
			phase = of;
			shared_fd = socket(AF_UNIX, SOCK_DGRAM, 0);
			made++;
			pthread_barrier_wait(&start);
			if (i % 3 == 0)
				sched_yield();
			close_it();
			pthread_barrier_wait(&end);
		}
	pthread_join(thread, NULL);
	printf("socket 0 %lu, close 0 %lu, close EBADF %lu", made, closed, late);
	if (argc > 1)
		printf(", sendto EBADF %lu, sendto ENOTCONN %lu", refused, sent);
	printf("\n");
	return 0;
}
