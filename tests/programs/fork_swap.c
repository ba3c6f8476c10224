/*
 * fork_swap.c [CHILDREN]: a thread makes and closes sockets without pause while the other forks. Each child says which sockets it has, which it asks the kernel for
 * unseen: "held PID FD COOKIE".
 */
#include "program.h"
#include "preload/raw.h"

#include <stdatomic.h>

static atomic_int stops;

static void *swap(void *nothing)
{
	while (!stops) {
		int fd = socket(AF_UNIX, SOCK_DGRAM, 0);

		close(fd);
	}
	return nothing;
}

static void say_held(void)
{
	char line[80];

	for (int fd = 3; fd < 8; fd++) {
		uint64_t cookie;
		socklen_t length = sizeof cookie;

		if (raw_syscall(SYS_getsockopt, fd, SOL_SOCKET, SO_COOKIE, &cookie, &length) == 0)
			raw_syscall(SYS_write, 1, line, snprintf(line, sizeof line, "held %d %d %llu\n", getpid(), fd, (unsigned long long)cookie));
	}
}

int main(int argc, char **argv)
{
	int children = argc > 1 ? atoi(argv[1]) : 0, ended = 0;
	pthread_t thread;

	SHOW(socket(AF_UNIX, SOCK_DGRAM, 0));
	pthread_create(&thread, NULL, swap, NULL);
	for (int i = 0; i < children; i++) {
		int status;
		pid_t child = fork();

		if (child == 0) {
			say_held();
			_exit(3);
		}
		ended += waitpid(child, &status, 0) == child && WEXITSTATUS(status) == 3;
	}
	stops = 1;
	pthread_join(thread, NULL);
	printf("%s\n", ended == children ? "all of them" : "not all of them");
	show_open_descriptors();
	return 0;
}
