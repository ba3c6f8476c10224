/*
 * every_process.c: every way to make a process or replace its image, each in a child of its own while a socket is open; prints what became
 * of the child. The statuses must be the same with and without us.
 */
#include "program.h"
#include <dlfcn.h>
#include <sched.h>
#include <spawn.h>

extern char **environ;
static char *arguments[] = { "sh", "-c", "exit 42", NULL };
static int fd;
/* Volatile, so that the compiler does not see what is wrong with them. */
static char *volatile bad_path = (char *)8, *volatile no_path;
static char **volatile bad_vector = (char **)8, **volatile no_vector;

static void report(const char *what, pid_t child)
{
	int status = -1;

	if (child < 0 || waitpid(child, &status, 0) != child) {
		printf("%s failed\n", what);
		return;
	}
	printf("%s: status %d\n", what, WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status));
	fflush(stdout);
}

static int in_clone(void *nothing)
{
	send(fd, "c", 1, MSG_NOSIGNAL);
	_exit(21);
}

int main(void)
{
	static char stack[65536];
	pid_t (*forking[])(void) = { fork, (pid_t (*)(void))dlsym(RTLD_DEFAULT, "__fork"), (pid_t (*)(void))dlsym(RTLD_DEFAULT, "_Fork") };
	const char *names[] = { "fork", "__fork", "_Fork" };
	int (*cloning)(int (*)(void *), void *, int, void *, ...) = dlsym(RTLD_DEFAULT, "__clone");
	pid_t child;

	fd = SHOW(socket(AF_UNIX, SOCK_STREAM, 0));
	for (int i = 0; i < 3; i++) {
		if (!forking[i]) {
			printf("absent %s\n", names[i]);
			continue;
		}
		child = forking[i]();
		if (child == 0) {
			send(fd, "f", 1, MSG_NOSIGNAL);
			_exit(10 + i);
		}
		report(names[i], child);
	}
	child = syscall(SYS_fork);
	if (child == 0)
		syscall(SYS_exit_group, 15);
	report("syscall fork", child);
	child = syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
	if (child == 0)
		_Exit(16);
	report("syscall clone", child);
	child = vfork();
	if (child == 0)
		_exit(20);
	report("vfork", child);
	report("clone", clone(in_clone, stack + sizeof(stack), SIGCHLD, NULL));
	report("clone with shared memory", clone(in_clone, stack + sizeof(stack), SIGCHLD | CLONE_VM | CLONE_VFORK, NULL));
	if (cloning)
		report("__clone", cloning(in_clone, stack + sizeof(stack), SIGCHLD, NULL));
	else
		printf("absent __clone\n");

#define IN_CHILD(call) \
	child = fork(); \
	if (child == 0) { \
		call; \
		_exit(99); \
	} \
	report(#call, child);
	IN_CHILD(execve("/bin/sh", arguments, environ))
	IN_CHILD(execv("/bin/sh", arguments))
	IN_CHILD(execvp("sh", arguments))
	IN_CHILD(execvpe("sh", arguments, environ))
	IN_CHILD(execl("/bin/sh", "sh", "-c", "exit 43", (char *)NULL))
	IN_CHILD(execlp("sh", "sh", "-c", "exit 44", (char *)NULL))
	IN_CHILD(execle("/bin/sh", "sh", "-c", "exit ${code-45}", (char *)NULL, (char *[]){ "code=46", NULL }))
	IN_CHILD(fexecve(open("/bin/sh", O_RDONLY), arguments, environ))
	IN_CHILD(execveat(AT_FDCWD, "/bin/sh", arguments, environ, 0))
	IN_CHILD(syscall(SYS_execve, "/bin/sh", arguments, environ))
	IN_CHILD(execve("/bin/sh", arguments, (char *[]){ NULL }))
	IN_CHILD(execve("/no/such/program", arguments, environ))
	IN_CHILD(execv("/proc/self/status", arguments))
	IN_CHILD(_exit(execve(bad_path, arguments, environ) == -1 ? errno : 0))
	IN_CHILD(_exit(execve(no_path, arguments, environ) == -1 ? errno : 0))
	IN_CHILD(_exit(execve("/bin/sh", arguments, bad_vector) == -1 ? errno : 0))
	IN_CHILD(_exit(syscall(SYS_execve, "/bin/sh", bad_vector, environ) == -1 ? errno : 0))
	IN_CHILD(_exit(execve("", arguments, environ) == -1 ? errno : 0))
	IN_CHILD(execve("/bin/sh", arguments, no_vector))
	IN_CHILD(_Exit(77))
	IN_CHILD(exit(78))
	IN_CHILD(signal(SIGTERM, SIG_DFL); raise(SIGTERM))
	posix_spawn(&child, "/bin/sh", NULL, NULL, arguments, environ);
	report("posix_spawn", child);
	posix_spawnp(&child, "sh", NULL, NULL, arguments, environ);
	report("posix_spawnp", child);
	SHOW(close(fd));
	show_open_descriptors();
	return 0;
}
