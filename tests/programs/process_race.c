/*
 * process_race.c: threads send and receive, signal handlers send, while other threads fork, vfork, spawn and clone as fast as they can. Each
 * byte is counted by the program and must be counted by us: nothing is lost, nothing lands on another socket.
 *
 * Prints the totals, which are fixed: each thread makes a fixed number of calls.
 */
#include "program.h"
#include <sched.h>
#include <spawn.h>
#include <sys/time.h>

#define THREADS 3
#define MESSAGES 2000
#define CHILDREN 40

static int handler_ends[2];
static int begun, handled;

/* A hundred of them send, so that the total is fixed; two threads may be in here at once. */
static void handler(int number)
{
	int before = errno;

	if (__atomic_fetch_add(&begun, 1, __ATOMIC_RELAXED) < 100 && write(handler_ends[0], "h", 1) == 1)
		__atomic_fetch_add(&handled, 1, __ATOMIC_RELAXED);
	errno = before;
}

static void *talk(void *unused)
{
	char byte = 'x';
	int ends[2];

	socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends);
	for (int i = 0; i < MESSAGES; i++) {
		send(ends[0], &byte, 1, 0);
		recv(ends[1], &byte, 1, 0);
	}
	close(ends[0]);
	close(ends[1]);
	return NULL;
}

static int in_clone(void *given)
{
	int ends[2];

	socketpair(AF_UNIX, SOCK_STREAM, 0, ends);
	write(ends[0], "c", 1);
	close(ends[0]);
	close(ends[1]);
	return 5;
}

static void *multiply(void *unused)
{
	char *arguments[] = { "true", NULL }, *nothing[] = { NULL };
	char *stack = malloc(65536);
	int status;
	volatile int sum = 0;
	pid_t pid;

	for (volatile int i = 0; i < CHILDREN; i++) {
		switch (i % 5) {
		case 0:
			pid = fork();
			if (pid == 0)
				_exit(1);
			break;
		case 1:
			pid = vfork();
			if (pid == 0)
				_exit(2);
			break;
		case 2:
			pid = vfork();
			if (pid == 0) {
				execve("/bin/true", arguments, nothing);
				_exit(9);
			}
			break;
		case 3:
			pid = -1;
			posix_spawn(&pid, "/bin/true", NULL, NULL, arguments, nothing);
			break;
		default:
			pid = clone(in_clone, stack + 65536, (i % 10 == 4 ? CLONE_VM | CLONE_VFORK : 0) | SIGCHLD, NULL);
		}
		status = -1;
		while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
			;
		sum += WEXITSTATUS(status);
	}
	free(stack);
	return (void *)(long)sum;
}

int main(void)
{
	struct itimerval often = { { 0, 2000 }, { 0, 2000 } }, never = { { 0, 0 }, { 0, 0 } };
	struct sigaction action = { .sa_handler = handler, .sa_flags = SA_RESTART };
	pthread_t talking[THREADS], multiplying[2];
	char buffer[256];
	void *sum;

	socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, handler_ends);
	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &often, NULL);
	for (int i = 0; i < THREADS; i++)
		pthread_create(&talking[i], NULL, talk, NULL);
	for (int i = 0; i < 2; i++)
		pthread_create(&multiplying[i], NULL, multiply, NULL);
	for (int i = 0; i < THREADS; i++)
		pthread_join(talking[i], NULL);
	for (int i = 0; i < 2; i++) {
		pthread_join(multiplying[i], &sum);
		printf("statuses: %ld\n", (long)sum);
	}
	while (__atomic_load_n(&handled, __ATOMIC_RELAXED) < 100)
		pause();
	setitimer(ITIMER_REAL, &never, NULL);
	SHOW(read(handler_ends[1], buffer, sizeof(buffer)));
	show_open_descriptors();
	return 0;
}
