/*
 * children.c: vfork and exec, posix_spawn, system and popen while a socket is open: the parent's life goes on, statuses come through.
 *
 * lifecycle: pair unix closed close sent 4 received 0: socketpair write close
 * lifecycle: pair unix closed close sent 0 received 4: read close
 */
#include "program.h"
#include <spawn.h>

extern char **environ;

int main(void)
{
	char *arguments[] = { "true", NULL }, *failing[] = { "false", NULL };
	char buffer[64];
	int ends[2], status = 0;
	FILE *pipe;
	pid_t child;

	SHOW(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends));
	child = vfork();
	if (child == 0) {
		execv("/bin/false", failing);
		_exit(9);
	}
	waitpid(child, &status, 0);
	SHOW(WEXITSTATUS(status));
	child = vfork();
	if (child == 0)
		_exit(9);
	waitpid(child, &status, 0);
	SHOW(WEXITSTATUS(status));
	SHOW(posix_spawn(&child, "/bin/true", NULL, NULL, arguments, environ));
	waitpid(child, &status, 0);
	SHOW(WEXITSTATUS(status));
	SHOW(posix_spawnp(&child, "no-such-program", NULL, NULL, arguments, environ));
	SHOW(posix_spawnp(&child, "false", NULL, NULL, failing, environ));
	waitpid(child, &status, 0);
	SHOW(WEXITSTATUS(status));
	SHOW(WEXITSTATUS(system("exit 5")));
	pipe = popen("echo from popen; cat /proc/self/fd/0 </dev/null", "r");
	fgets(buffer, sizeof(buffer), pipe);
	printf("%s", buffer);
	SHOW(pclose(pipe));
	SHOW(write(ends[0], "1234", 4));
	SHOW(read(ends[1], buffer, 4));
	SHOW(close(ends[0]));
	SHOW(close(ends[1]));
	show_open_descriptors();
	return 0;
}
