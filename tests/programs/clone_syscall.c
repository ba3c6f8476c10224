/*
 * clone_syscall.c: a child that syscall() makes with its parent's memory and storage, on a stack of its own, while the parent is suspended: its records are its
 * own, and what it does to its descriptors its own affair. A call that fails is told as without us.
 *
 * lifecycle: pair unix closed close sent 2 received 1: socketpair write close read write close
 * lifecycle: pair unix closed close sent 1 received 2: read write read close
 */
#include "program.h"
#include <sched.h>

static int ends[2];

__attribute__((noreturn, used)) static void in_child(void)
{
	char byte;

	/* (Who starts the child on this stack puts the address there that syscall() returns to.) */
	close(ends[0]);
	if (read(ends[1], &byte, 1) != 1 || write(ends[1], "c", 1) != 1)
		_exit(98);
	_exit(7);
}

int main(void)
{
#if defined(__x86_64__)
	static void *stack[8192] __attribute__((aligned(16)));
	void **top = stack + 8190;
	char byte;
	int status = -1;
	long pid;

	SHOW(socketpair(AF_UNIX, SOCK_STREAM, 0, ends));
	SHOW(write(ends[0], "p", 1));
	*top = (void *)in_child;
	SHOW(syscall(SYS_clone, CLONE_VM | CLONE_VFORK | CLONE_FS | CLONE_NEWNS | SIGCHLD, top, NULL, NULL, NULL));
	pid = syscall(SYS_clone, CLONE_VM | CLONE_VFORK | SIGCHLD, top, NULL, NULL, NULL);
	SHOW(waitpid((pid_t)pid, &status, 0) == pid);
	SHOW(WEXITSTATUS(status));
	SHOW(read(ends[0], &byte, 1));
	SHOW(write(ends[0], "p", 1));
	SHOW(read(ends[1], &byte, 1));
	SHOW(close(ends[0]));
	SHOW(close(ends[1]));
#endif
	show_open_descriptors();
	return 0;
}
