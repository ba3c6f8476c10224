/*
 * fork_share.c: a child goes on with its parent's sockets: one socket, two holders; it is closed when the last one lets go.
 *
 * lifecycle: pair unix closed close sent 6 received 3: socketpair write close read close
 * lifecycle: pair unix closed exit sent 3 received 6: close read read write
 */
#include "program.h"

int main(void)
{
	char buffer[16];
	int ends[2], ready[2], status;
	pid_t child;

	SHOW(socketpair(AF_UNIX, SOCK_STREAM, 0, ends));
	pipe(ready);
	child = fork();
	if (child == 0) {
		read(ready[0], buffer, 1);      /* the parent has done its part */
		close(ends[0]);
		read(ends[1], buffer, 3);
		read(ends[1], buffer, 3);
		write(ends[1], "yes", 3);
		_exit(7);       /* and lets the kernel close it */
	}
	SHOW(close(ends[1]));
	SHOW(write(ends[0], "onetwo", 6));
	SHOW(write(ready[1], "!", 1));
	waitpid(child, &status, 0);
	SHOW(WEXITSTATUS(status));
	SHOW(read(ends[0], buffer, sizeof(buffer)));
	SHOW(close(ends[0]));
	SHOW(close(ready[0]));
	SHOW(close(ready[1]));
	show_open_descriptors();
	return 0;
}
