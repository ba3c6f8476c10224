/*
 * vfork_descriptors.c: what a vfork child does to its descriptors is its own affair, as inetd's children do: dup2 over 0, 1, 2, close the rest, exec.
 * The parent's sockets stay what they were. The same with clone and shared memory, and with posix_spawn's file actions.
 *
 * lifecycle: pair unix closed close sent 9 received 21: socketpair close write read close write read close write read close close
 * lifecycle: pair unix closed close sent 21 received 9: dup2 dup2 close read read read write dup2 dup2 close read read read write dup2 dup2 close read read read write close
 */
#include "program.h"
#include <sched.h>
#include <spawn.h>

static char *arguments[] = { "sh", "-c", "read line; echo got $line", NULL };
static char *nothing[] = { NULL };
static int ends[2];

static int in_clone(void *unused)
{
	dup2(ends[1], 0);
	dup2(ends[1], 1);
	close(ends[0]);
	close(ends[1]);
	execve("/bin/sh", arguments, nothing);
	_exit(98);
}

static void answer(pid_t pid, const char *what)
{
	char buffer[64];
	int status = -1;

	SHOW(write(ends[0], "ab\n", 3));
	waitpid(pid, &status, 0);
	printf("%s: status %d\n", what, WEXITSTATUS(status));
	SHOW(read(ends[0], buffer, sizeof(buffer)));
}

int main(void)
{
	static char stack[65536] __attribute__((aligned(16)));
	posix_spawn_file_actions_t actions;
	pid_t pid;

	SHOW(socketpair(AF_UNIX, SOCK_STREAM, 0, ends));
	pid = vfork();
	if (pid == 0) {
		dup2(ends[1], 0);
		dup2(ends[1], 1);
		close(ends[0]);
		close(ends[1]);
		execve("/bin/sh", arguments, nothing);
		_exit(99);
	}
	answer(pid, "vfork");
	pid = clone(in_clone, stack + sizeof(stack), CLONE_VM | CLONE_VFORK | SIGCHLD, NULL);
	answer(pid, "clone");
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, ends[1], 0);
	posix_spawn_file_actions_adddup2(&actions, ends[1], 1);
	posix_spawn_file_actions_addclose(&actions, ends[0]);
	posix_spawn_file_actions_addclose(&actions, ends[1]);
	SHOW(posix_spawn(&pid, "/bin/sh", &actions, NULL, arguments, nothing));
	posix_spawn_file_actions_destroy(&actions);
	answer(pid, "posix_spawn");
	pid = vfork();
	if (pid == 0) {
		close(ends[0]);
		execve("/no/such/program", arguments, nothing);
		_exit(errno);
	}
	waitpid(pid, NULL, 0);
	SHOW(close(ends[0]));
	SHOW(close(ends[1]));
	show_open_descriptors();
	return 0;
}
