/*
 * stress.c: fork, threads, signals, exec and kill all at once, for some seconds, counting its own sends and receives in shared memory: what a
 * complete trace must have. Used by tests/stress.sh; without arguments one short round.
 *
 *     stress [SECONDS]      prints `calls N` and `killed N` (children ended by SIGKILL, whose last call may be uncounted)
 */
#include "program.h"
#include <sys/mman.h>

#define WORKERS 4
#define THREADS 3

static struct shared {
	_Atomic long calls, killed;
} *shared;
static volatile sig_atomic_t stop;
static int side[2];

static void on_signal(int number)
{
	int kept = errno;

	if (send(side[0], "s", 1, MSG_DONTWAIT | MSG_NOSIGNAL) == 1 || errno == EAGAIN)
		shared->calls++;
	errno = kept;
}

static void *talk(void *nothing)
{
	char byte = 'x';

	while (!stop) {
		int ends[2], copy;

		if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends))
			break;
		copy = dup(ends[1]);
		for (int i = 0; i < 20 && !stop; i++) {
			send(ends[0], &byte, 1, MSG_NOSIGNAL);
			shared->calls++;
			recv(copy, &byte, 1, 0);
			shared->calls++;
		}
		close(copy);
		close(ends[0]);
		close(ends[1]);
	}
	return NULL;
}

static void nap(long milliseconds)
{
	struct timespec pause = { milliseconds / 1000, milliseconds % 1000 * 1000000 };

	nanosleep(&pause, NULL);
}

/* A worker: threads that talk and are signalled; its children exec or are killed. */
static void work(int seconds)
{
	pthread_t threads[THREADS];
	struct sigaction action = { .sa_handler = on_signal, .sa_flags = SA_RESTART };
	time_t end = time(NULL) + seconds;

	socketpair(AF_UNIX, SOCK_STREAM, 0, side);
	sigaction(SIGUSR1, &action, NULL);
	for (int i = 0; i < THREADS; i++)
		pthread_create(&threads[i], NULL, talk, NULL);
	while (time(NULL) < end) {
		char drain[4096];
		pid_t child;

		pthread_kill(threads[0], SIGUSR1);
		if (recv(side[1], drain, sizeof(drain), MSG_DONTWAIT) >= 0 || errno == EAGAIN)
			shared->calls++;
		child = fork();
		if (child == 0) {
			talk(NULL);
			_exit(0);
		}
		nap(20);
		kill(child, SIGKILL);
		waitpid(child, NULL, 0);
		shared->killed++;
		child = fork();
		if (child == 0) {
			execl("/bin/true", "true", (char *)NULL);
			_exit(1);
		}
		waitpid(child, NULL, 0);
	}
	stop = 1;
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	exit(0);
}

int main(int argc, char **argv)
{
	int seconds = argc > 1 ? atoi(argv[1]) : 1, status, bad = 0;

	shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	for (int i = 0; i < WORKERS; i++)
		if (fork() == 0)
			work(seconds);
	while (wait(&status) > 0)
		bad |= status;
	if (argc > 1)
		printf("calls %ld\nkilled %ld\n", shared->calls, shared->killed);
	SHOW(bad);
	return 0;
}
