/*
 * unshare_threads.c: a thread with a descriptor table of its own starts others: they have that table, not the one of the process. It lasts until the
 * last of them ends. A thread that unshares once more leaves the table to the others.
 *
 * lifecycle: pair unix closed close sent 3 received 0: socketpair close write close
 * lifecycle: pair unix closed close sent 0 received 3: close read close
 * lifecycle: pair unix closed close sent 2 received 0: socketpair write close close
 * lifecycle: pair unix closed exit sent 0 received 2: read
 * lifecycle: pair unix closed exit sent 4 received 0: socketpair write
 * lifecycle: pair unix closed close sent 0 received 4: read close
 * lifecycle: pair unix closed close sent 3 received 0: socketpair write close
 * lifecycle: pair unix closed close sent 0 received 3: read close
 */
#include "program.h"
#include <sched.h>
#include <threads.h>

static int ends[2], mine[2];
static int step;

static void wait_for(int wanted)
{
	while (__atomic_load_n(&step, __ATOMIC_ACQUIRE) < wanted)
		usleep(1000);
}

static void reached(int now)
{
	__atomic_store_n(&step, now, __ATOMIC_RELEASE);
}

/* Has the table of the thread that starts it; the numbers of the first pair are free there. */
static void *second(void *unused)
{
	SHOW(close(ends[0]));
	SHOW(close(ends[1]));
	SHOW(socketpair(AF_UNIX, SOCK_STREAM, 0, mine));
	SHOW(mine[0] == ends[0] && mine[1] == ends[1]);
	reached(1);
	wait_for(2);
	SHOW(write(mine[0], "22", 2));
	SHOW(read(mine[1], (char[8]){0}, 8));
	return NULL;
}

/* By C11's way: takes a copy of the copy, closes one number there, and so only for itself; its others go with it. */
static int third(void *unused)
{
	int other[2];

	SHOW(unshare(CLONE_FILES));
	SHOW(close(mine[0]));
	SHOW(socketpair(AF_UNIX, SOCK_STREAM, 0, other));
	SHOW(write(other[0], "4444", 4));
	SHOW(read(other[1], (char[8]){0}, 8));
	SHOW(close(other[1]));
	return 0;
}

static void *first(void *unused)
{
	pthread_t thread;
	thrd_t other;
	int result;

	SHOW(unshare(CLONE_FILES));
	pthread_create(&thread, NULL, second, NULL);
	pthread_join(thread, NULL);
	thrd_create(&other, third, NULL);
	thrd_join(other, &result);
	SHOW(close(mine[0]));
	/* Ends with the other end held. */
	return NULL;
}

int main(void)
{
	pthread_t thread;

	SHOW(socketpair(AF_UNIX, SOCK_STREAM, 0, ends));
	pthread_create(&thread, NULL, first, NULL);
	wait_for(1);
	SHOW(write(ends[0], "111", 3));
	SHOW(read(ends[1], (char[8]){0}, 8));
	reached(2);
	pthread_join(thread, NULL);
	SHOW(close(ends[0]));
	SHOW(socketpair(AF_UNIX, SOCK_STREAM, 0, mine) == 0 && mine[0] == ends[0]);
	SHOW(write(mine[0], "333", 3));
	SHOW(read(mine[1], (char[8]){0}, 8));
	SHOW(close(mine[0]));
	SHOW(close(mine[1]));
	SHOW(close(ends[1]));
	return 0;
}
