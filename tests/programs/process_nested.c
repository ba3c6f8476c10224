/*
 * process_nested.c: children within children: a vfork child that vforks, forks, spawns and calls system; many threads in system at once; a thread
 * cancelled while in system.
 *
 * lifecycle: pair unix closed close sent 4 received 0: socketpair write write close write close close write close
 * lifecycle: pair unix closed close sent 0 received 4: close read close
 */
#include "program.h"
#include <spawn.h>

#define THREADS 12

static int ends[2];

static int wait_for(pid_t child)
{
	int status = -1;

	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	return WEXITSTATUS(status);
}

static void *in_system(void *given)
{
	long sum = 0;

	for (int i = 0; i < 5; i++)
		sum += WEXITSTATUS(system("exit 3"));
	return (void *)sum;
}

static void *cancelled(void *given)
{
	system("sleep 5");
	return NULL;
}

/* Not in main: what is live across vfork must not be clobbered. */
static void nested(void)
{
	char *arguments[] = { "sh", "-c", "exit 5", NULL }, *nothing[] = { NULL };
	volatile int statuses[5];
	pid_t child;

	child = vfork();
	if (child == 0) {
		write(ends[0], "1", 1);
		child = vfork();
		if (child == 0) {
			write(ends[0], "2", 1);
			close(ends[0]);
			execve("/bin/sh", arguments, nothing);
			_exit(99);
		}
		statuses[0] = wait_for(child);
		child = fork();
		if (child == 0) {
			write(ends[0], "3", 1);
			close(ends[0]);
			close(ends[1]);
			_exit(6);
		}
		statuses[1] = wait_for(child);
		posix_spawn(&child, "/bin/sh", NULL, NULL, arguments, nothing);
		statuses[2] = wait_for(child);
		statuses[3] = WEXITSTATUS(system("exit 7"));
		close(ends[0]);
		_exit(8);
	}
	statuses[4] = wait_for(child);
	printf("statuses %d %d %d %d %d\n", statuses[0], statuses[1], statuses[2], statuses[3], statuses[4]);
}

int main(void)
{
	pthread_t threads[THREADS], one;
	char buffer[16];
	void *sum;
	long total = 0;

	SHOW(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends));
	nested();
	SHOW(write(ends[0], "4", 1));
	SHOW(read(ends[1], buffer, sizeof(buffer)));
	for (int i = 0; i < THREADS; i++)
		pthread_create(&threads[i], NULL, in_system, NULL);
	for (int i = 0; i < THREADS; i++) {
		pthread_join(threads[i], &sum);
		total += (long)sum;
	}
	SHOW(total);
	pthread_create(&one, NULL, cancelled, NULL);
	usleep(100000);
	pthread_cancel(one);
	pthread_join(one, &sum);
	SHOW(sum == PTHREAD_CANCELED);
	SHOW(close(ends[0]));
	SHOW(close(ends[1]));
	show_open_descriptors();
	return 0;
}
