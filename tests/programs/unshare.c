/*
 * unshare.c: a thread gets a descriptor table of its own. What it closes there stays open for the others, the same number is
 * another socket for each, and what it still held is gone with it. By unshare(CLONE_FILES), by its system call, and by close_range.
 *
 * lifecycle: pair unix closed close sent 6 received 0: socketpair close write close write close
 * lifecycle: pair unix closed close sent 0 received 6: close read close read close
 * lifecycle: pair unix closed close sent 2 received 0: socketpair write close
 * lifecycle: pair unix closed close sent 0 received 2: read close
 * lifecycle: pair unix closed close sent 4 received 0: socketpair write close
 * lifecycle: pair unix closed close sent 0 received 4: read close
 */
#include "program.h"
#include <sched.h>
#include <sys/syscall.h>

#ifndef CLOSE_RANGE_UNSHARE
#define CLOSE_RANGE_UNSHARE 2
#endif

static int ends[2];
static int step;

static void wait_for(int wanted)
{
	while (__atomic_load_n(&step, __ATOMIC_ACQUIRE) < wanted)
		usleep(1000);
}

static void *alone(void *unused)
{
	int mine[2];

	SHOW(unshare(CLONE_FILES));
	SHOW(close(ends[0]));
	SHOW(close(ends[1]));
	/* The very numbers that the others use for the first pair. */
	SHOW(socketpair(AF_UNIX, SOCK_STREAM, 0, mine));
	SHOW(mine[0] == ends[0] && mine[1] == ends[1]);
	__atomic_store_n(&step, 1, __ATOMIC_RELEASE);
	wait_for(2);
	SHOW(write(mine[0], "22", 2));
	SHOW(read(mine[1], (char[8]){0}, 8));
	SHOW(close(mine[0]));
	SHOW(close(mine[1]));
	return NULL;
}

static void *by_number(void *unused)
{
	int mine[2];

	SHOW(syscall(SYS_unshare, CLONE_FILES));
	SHOW(close(ends[1]));
	SHOW(close(ends[0]));
	SHOW(socketpair(AF_UNIX, SOCK_STREAM, 0, mine));
	SHOW(write(mine[0], "4444", 4));
	SHOW(read(mine[1], (char[8]){0}, 8));
	SHOW(close(mine[0]));
	SHOW(close(mine[1]));
	return NULL;
}

static void *by_range(void *unused)
{
	SHOW(close_range((unsigned)ends[1], ~0u, CLOSE_RANGE_UNSHARE));
	/* Ends with the first end held. */
	return NULL;
}

int main(void)
{
	pthread_t thread;
	int network = open("/proc/self/ns/net", O_RDONLY);

	SHOW(setns(network, CLONE_NEWNET)); /* as root: to where it is already */
	SHOW(close(network));
	SHOW(socketpair(AF_UNIX, SOCK_STREAM, 0, ends));
	pthread_create(&thread, NULL, alone, NULL);
	wait_for(1);
	SHOW(write(ends[0], "111", 3));
	SHOW(read(ends[1], (char[8]){0}, 8));
	__atomic_store_n(&step, 2, __ATOMIC_RELEASE);
	pthread_join(thread, NULL);
	pthread_create(&thread, NULL, by_number, NULL);
	pthread_join(thread, NULL);
	pthread_create(&thread, NULL, by_range, NULL);
	pthread_join(thread, NULL);
	SHOW(write(ends[0], "333", 3));
	SHOW(read(ends[1], (char[8]){0}, 8));
	SHOW(close(ends[0]));
	SHOW(close(ends[1]));
	return 0;
}
