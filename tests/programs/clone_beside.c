/*
 * clone_beside.c: a child of clone with shared memory runs beside its parent, on the same thread-local storage, with descriptors of its own (or,
 * the second time, with the same ones). Both talk at once; each byte is one of the right socket.
 *
 * lifecycle: pair unix closed close sent 3000 received 0: 3003 calls
 * lifecycle: pair unix closed close sent 0 received 3000: 3002 calls
 */
#include "program.h"
#include <sched.h>

static int ends[2];

/* Nothing but system calls: the C library believes that this is its parent. */
static int beside(void *closes)
{
	char byte = 'c';

	for (int i = 0; i < 1000; i++) {
		send(ends[0], &byte, 1, 0);
		recv(ends[1], &byte, 1, 0);
	}
	if (closes) {
		close(ends[0]);
		close(ends[1]);
	}
	return 6;
}

int main(void)
{
	static char stacks[2][65536] __attribute__((aligned(16)));
	char byte = 'p';
	int status = -1;
	pid_t child, other;

	SHOW(socketpair(AF_UNIX, SOCK_STREAM, 0, ends));
	child = clone(beside, stacks[0] + sizeof(stacks[0]), CLONE_VM | SIGCHLD, "closes");
	other = clone(beside, stacks[1] + sizeof(stacks[1]), CLONE_VM | CLONE_FILES | SIGCHLD, NULL);
	for (int i = 0; i < 1000; i++) {
		send(ends[0], &byte, 1, 0);
		recv(ends[1], &byte, 1, 0);
	}
	SHOW(waitpid(child, &status, 0) == child);
	SHOW(WEXITSTATUS(status));
	SHOW(waitpid(other, &status, 0) == other);
	SHOW(WEXITSTATUS(status));
	SHOW(close(ends[0]));
	SHOW(close(ends[1]));
	return 0;
}
