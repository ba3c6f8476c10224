/*
 * fork_share.c: a child goes on with its parent's sockets: one socket, two holders; it is closed when the last one lets go.
 *
 * lifecycle: pair unix closed close sent 6 received 3: socketpair write close write read close
 * lifecycle: pair unix closed exit sent 3 received 6: read close read write
 */
#include "program.h"

int main(void)
{
	char buffer[16];
	int ends[2], status;
	pid_t child;

	SHOW(socketpair(AF_UNIX, SOCK_STREAM, 0, ends));
	write(ends[0], "one", 3);
	child = fork();
	if (child == 0) {
		close(ends[0]);
		read(ends[1], buffer, 3);
		read(ends[1], buffer, 3);
		write(ends[1], "yes", 3);
		_exit(7);       /* and lets the kernel close it */
	}
	close(ends[1]);
	write(ends[0], "two", 3);
	SHOW(read(ends[0], buffer, sizeof(buffer)));
	waitpid(child, &status, 0);
	SHOW(WEXITSTATUS(status));
	SHOW(close(ends[0]));
	show_open_descriptors();
	return 0;
}
