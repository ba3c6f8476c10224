/*
 * count.c FILE [THREADS [ROUNDS [HOW]]]: makes socket calls as fast as it can and counts, in a file that others can map, each call that has
 * returned: the oracle for what a trace must hold when this process is killed. With ROUNDS it ends after so many a thread.
 * HOW: letters: s, a storm of signals whose handler makes calls too; f, forks children that are killed; e, forks children that run this
 * program again. They count in FILE.PID. The file: for each kind of call two 64-bit counts a thread, of those that have returned and of those that are about to
 * be made, the last row the handlers'.
 */
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#define THREADS_MAX 16

struct counts {
	uint64_t of[4];    /* socketpair, send, recv, close: returned */
	uint64_t begun[4];
};

static struct counts *counts;
static long rounds;
static const char *file, *how = "";
static char **arguments;
static int handler_pair[2];

static int open_counts(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT, 0600);

	if (fd < 0 || ftruncate(fd, sizeof *counts * THREADS_MAX) < 0)
		return -1;
	counts = mmap(NULL, sizeof *counts * THREADS_MAX, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	return close(fd);
}

static void on_alarm(int number)
{
	struct counts *own = &counts[THREADS_MAX - 1];
	char byte;

	__atomic_fetch_add(&own->begun[1], 1, __ATOMIC_RELEASE);
	if (send(handler_pair[0], "h", 1, 0) == 1)
		__atomic_fetch_add(&own->of[1], 1, __ATOMIC_RELEASE);
	__atomic_fetch_add(&own->begun[2], 1, __ATOMIC_RELEASE);
	if (recv(handler_pair[1], &byte, 1, 0) == 1)
		__atomic_fetch_add(&own->of[2], 1, __ATOMIC_RELEASE);
}

static void *work(void *given);

/* A child of this process while its threads are at work. */
static void beget(long round)
{
	int again = strchr(how, 'e') && (round / 10 % 2 || !strchr(how, 'f'));
	char path[4096], number[16];
	pid_t child = fork();

	if (child == 0) {
		snprintf(path, sizeof path, "%s.%d", file, (int)getpid());
		if (again) {
			snprintf(number, sizeof number, "%d", 5);
			execl(arguments[0], arguments[0], path, "2", number, "s", NULL);
			_exit(127);
		}
		if (open_counts(path) < 0)
			_exit(2);
		how = "";
		rounds = 0;
		work(&counts[0]);
	}
	if (!again) {
		usleep((useconds_t)(rand() % 3000));
		kill(child, SIGKILL);
	}
	waitpid(child, NULL, 0);
}

static void begins(struct counts *own, int kind)
{
	__atomic_store_n(&own->begun[kind], own->begun[kind] + 1, __ATOMIC_RELEASE);
}

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
		begins(own, 0);
		if (socketpair(AF_UNIX, SOCK_STREAM, 0, fds) < 0)
			abort();
		returned(own, 0);
		for (int i = 0; i < 64; i++) {
			begins(own, 1);
			if (send(fds[0], bytes, (size_t)i + 1, 0) != i + 1)
				abort();
			returned(own, 1);
			begins(own, 2);
			if (recv(fds[1], bytes, sizeof bytes, 0) != i + 1)
				abort();
			returned(own, 2);
		}
		begins(own, 3);
		close(fds[0]);
		returned(own, 3);
		begins(own, 3);
		close(fds[1]);
		returned(own, 3);
		if (own == counts && *how && round % 10 == 9 && strpbrk(how, "fe"))
			beget(round);
	}
	return NULL;
}

int main(int argc, char **argv)
{
	int threads = argc > 2 ? atoi(argv[2]) : 1;
	pthread_t ids[THREADS_MAX];
	struct sigaction action = {.sa_handler = on_alarm, .sa_flags = SA_RESTART};
	struct itimerval often = {{0, 200}, {0, 200}};

	if (argc < 2 || threads < 1 || threads >= THREADS_MAX || open_counts(argv[1]) < 0)
		return 2;
	file = argv[1];
	arguments = argv;
	rounds = argc > 3 ? atol(argv[3]) : 0;
	how = argc > 4 ? argv[4] : "";
	if (strchr(how, 's')) {
		begins(&counts[THREADS_MAX - 1], 0);
		socketpair(AF_UNIX, SOCK_STREAM, 0, handler_pair);
		returned(&counts[THREADS_MAX - 1], 0);
		sigaction(SIGALRM, &action, NULL);
		setitimer(ITIMER_REAL, &often, NULL);
	}
	for (int i = 1; i < threads; i++)
		pthread_create(&ids[i], NULL, work, &counts[i]);
	work(&counts[0]);
	for (int i = 1; i < threads; i++)
		pthread_join(ids[i], NULL);
	return 0;
}
