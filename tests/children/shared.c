/*
 * shared.c [number]: a child of clone that has the descriptors of its parent, but a memory of its own: what it opens, the parent can use. With an
 * argument by syscall(), else by the function. Exits with 0 when that worked.
 */
#include <sched.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static int child(void *unused)
{
	int ends[2];

	socketpair(AF_UNIX, SOCK_STREAM, 0, ends);
	return write(ends[0], "x", 1) != 1;
}

int main(int count, char **arguments)
{
	static char stack[65536] __attribute__((aligned(16)));
	int status = 1;
	char byte;
	long pid;

	if (count > 1) {
		pid = syscall(SYS_clone, CLONE_FILES | SIGCHLD, 0, 0, 0, 0);
		if (pid == 0)
			_exit(child(NULL));
	} else {
		pid = clone(child, stack + sizeof stack, CLONE_FILES | SIGCHLD, NULL);
	}
	waitpid((pid_t)pid, &status, 0);
	return status != 0 || read(4, &byte, 1) != 1;
}
