/* fork_first.c: processes that fork before any of them has a socket; each makes one of its own then. */
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
	int ends[2], status = 0;
	pid_t child = fork(), grandchild = child == 0 ? fork() : -1;

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends))
		return 1;
	if (grandchild != 0 && (wait(&status) < 0 || status != 0))
		return 1;
	return 0;
}
