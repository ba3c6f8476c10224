/*
 * exec_scrubbed.c: children that are given an empty environment are traced all the same, however they are started. Each child sends itself as
 * many bytes as its number.
 *
 * lifecycle: pair unix closed close sent 1 received 0: socketpair write close
 * lifecycle: pair unix closed close sent 0 received 1: read close
 * lifecycle: pair unix closed close sent 2 received 0: socketpair write close
 * lifecycle: pair unix closed close sent 0 received 2: read close
 * lifecycle: pair unix closed close sent 3 received 0: socketpair write close
 * lifecycle: pair unix closed close sent 0 received 3: read close
 * lifecycle: pair unix closed close sent 4 received 0: socketpair write close
 * lifecycle: pair unix closed close sent 0 received 4: read close
 * lifecycle: pair unix closed close sent 5 received 0: socketpair write close
 * lifecycle: pair unix closed close sent 0 received 5: read close
 * lifecycle: pair unix closed close sent 6 received 0: socketpair write close
 * lifecycle: pair unix closed close sent 0 received 6: read close
 * lifecycle: pair unix closed close sent 7 received 0: socketpair write close
 * lifecycle: pair unix closed close sent 0 received 7: read close
 * lifecycle: pair unix closed close sent 8 received 0: socketpair write close
 * lifecycle: pair unix closed close sent 0 received 8: read close
 * lifecycle: pair unix closed close sent 9 received 0: socketpair write close
 * lifecycle: pair unix closed close sent 0 received 9: read close
 * lifecycle: pair unix closed close sent 10 received 0: socketpair write close
 * lifecycle: pair unix closed close sent 0 received 10: read close
 * lifecycle: pair unix closed close sent 11 received 0: socketpair write close
 * lifecycle: pair unix closed close sent 0 received 11: read close
 * lifecycle: pair unix closed close sent 12 received 0: socketpair write close
 * lifecycle: pair unix closed close sent 0 received 12: read close
 * lifecycle: pair unix closed close sent 13 received 0: socketpair write close
 * lifecycle: pair unix closed close sent 0 received 13: read close
 * lifecycle: pair unix closed close sent 14 received 0: socketpair write close
 * lifecycle: pair unix closed close sent 0 received 14: read close
 * lifecycle: pair unix closed close sent 15 received 0: socketpair write close
 * lifecycle: pair unix closed close sent 0 received 15: read close
 * lifecycle: pair unix closed close sent 16 received 0: socketpair write close
 * lifecycle: pair unix closed close sent 0 received 16: read close
 */
#include "program.h"
#include <spawn.h>
#include <sys/stat.h>

static char self[4096];
static char number[16];
static char *arguments[] = { self, number, NULL };
static char *nothing[] = { NULL };

static int child(int bytes)
{
	static char buffer[64];
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) || write(ends[0], buffer, (size_t)bytes) != bytes || read(ends[1], buffer, 64) != bytes)
		return 1;
	close(ends[0]);
	close(ends[1]);
	printf("child %d: descriptors %d and %d\n", bytes, ends[0], ends[1]);
	fflush(stdout);
	return 100 + bytes;
}

static int next;

static void name_next(void)
{
	snprintf(number, sizeof(number), "%d", ++next);
}

static void report(const char *what, pid_t pid)
{
	int status = -1;

	waitpid(pid, &status, 0);
	printf("%s: %d\n", what, WIFEXITED(status) ? WEXITSTATUS(status) : -1);
	fflush(stdout);
}

#define IN_FORK(call) \
	name_next(); \
	pid = fork(); \
	if (pid == 0) { \
		call; \
		_exit(99); \
	} \
	report(#call, pid);

int main(int argc, char **argv)
{
	char command[4300], line[256];
	FILE *pipe;
	pid_t pid;
	int result;
	int script;

	if (argc > 1)
		return child(atoi(argv[1]));
	if (readlink("/proc/self/exe", self, sizeof(self) - 1) < 0)
		return 98;
	IN_FORK(execve(self, arguments, nothing))
	IN_FORK(execle(self, self, number, (char *)NULL, nothing))
	IN_FORK(execvpe(self, arguments, nothing))
	IN_FORK(fexecve(open(self, O_RDONLY | O_CLOEXEC), arguments, nothing))
	IN_FORK(execveat(AT_FDCWD, self, arguments, nothing, 0))
	name_next();
	pid = vfork();
	if (pid == 0) {
		execve(self, arguments, nothing);
		_exit(99);
	}
	report("vfork and execve", pid);
	name_next();
	result = posix_spawn(&pid, self, NULL, NULL, arguments, nothing);   /* printed after what the child prints */
	report("posix_spawn", pid);
	SHOW(result);
	name_next();
	result = posix_spawnp(&pid, self, NULL, NULL, arguments, nothing);
	report("posix_spawnp", pid);
	SHOW(result);
	IN_FORK(syscall(SYS_execve, self, arguments, nothing))
	IN_FORK(clearenv(); execv(self, arguments))
	IN_FORK(clearenv(); execvp(self, arguments))
	IN_FORK(clearenv(); execl(self, self, number, (char *)NULL))
	clearenv();
	name_next();
	snprintf(command, sizeof(command), "%s %s", self, number);
	SHOW(WEXITSTATUS(system(command)));
	name_next();
	snprintf(command, sizeof(command), "%s %s", self, number);
	pipe = popen(command, "r");
	while (fgets(line, sizeof(line), pipe))
		printf("%s", line);
	SHOW(WEXITSTATUS(pclose(pipe)));
	name_next();
	script = open("script", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0755);
	dprintf(script, "#!/bin/sh\n%s %s\n", self, number);
	close(script);
	pid = fork();
	if (pid == 0) {
		execve("./script", (char *[]){ "script", NULL }, nothing);
		_exit(99);
	}
	report("script", pid);
	IN_FORK(execle("/usr/bin/env", "env", "-i", self, number, (char *)NULL, nothing))
	show_open_descriptors();
	return 0;
}
