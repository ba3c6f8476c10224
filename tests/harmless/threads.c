/*
 * threads.c: forks while other threads send, threads that end in the middle of it, children that send at once, a clone with a small stack,
 * vfork and exec, descriptors passed between threads. Counts what arrives: the sums must be exact.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static atomic_long sent, received;
static atomic_int stop;

static void *sender(void *unused)
{
	int fds[2];
	char byte;

	while (!stop) {
		if (socketpair(AF_UNIX, SOCK_STREAM, 0, fds) < 0)
			abort();
		for (int i = 0; i < 20; i++) {
			sent += send(fds[0], "x", 1, 0);
			received += recv(fds[1], &byte, 1, 0);
		}
		if (close(fds[0]) < 0 || close(fds[1]) < 0)
			abort();
	}
	return NULL;
}

static void *short_lived(void *fd)
{
	if (send((int)(long)fd, "s", 1, 0) != 1)
		abort();
	return NULL;
}

static int small(void *fd)
{
	char byte = 'c';

	if (syscall(SYS_write, *(int *)fd, &byte, 1) != 1 || send(*(int *)fd, "d", 1, 0) != 1)
		return 1;
	return 0;
}

int main(void)
{
	pthread_t threads[3], one;
	int fds[2], status;
	volatile int good = 0;
	char bytes[4096];
	long total = 0;
	char *stack = mmap(NULL, 12288, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	mprotect(stack, 4096, PROT_NONE);
	setvbuf(stdout, NULL, _IOLBF, 0);
	socketpair(AF_UNIX, SOCK_STREAM, 0, fds);
	for (int i = 0; i < 3; i++)
		pthread_create(&threads[i], NULL, sender, NULL);
	for (int i = 0; i < 60; i++) {
		pid_t child = i % 4 == 3 ? (pid_t)syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0) : fork();

		if (child == 0) {
			int inner[2];

			for (int j = 0; j < 10; j++) {
				if (socketpair(AF_UNIX, SOCK_STREAM, 0, inner) < 0 || send(inner[1], "y", 1, 0) != 1 || send(fds[0], "f", 1, 0) != 1)
					_exit(1);
				close(inner[0]);
				close(inner[1]);
			}
			_exit(0);
		}
		waitpid(child, &status, 0);
		good += status == 0;
		total += recv(fds[1], bytes, sizeof bytes, MSG_DONTWAIT) > 0;
		total += recv(fds[1], bytes, sizeof bytes, MSG_DONTWAIT) > 0;
	}
	stop = 1;
	for (int i = 0; i < 3; i++)
		pthread_join(threads[i], NULL);
	printf("children %d, threads %s\n", good, sent == received ? "exact" : "wrong");
	printf("from children %ld\n", total);
	for (int i = 0; i < 200; i++) {
		pthread_create(&one, NULL, short_lived, (void *)(long)fds[0]);
		pthread_join(one, NULL);
	}
	for (total = 0; (status = (int)recv(fds[1], bytes, sizeof bytes, MSG_DONTWAIT)) > 0; )
		total += status;
	printf("from threads %ld\n", total);
	for (int i = 0; i < 3; i++) {
		static const int flags[] = {SIGCHLD, SIGCHLD | CLONE_VM | CLONE_VFORK, SIGCHLD | CLONE_FILES};
		pid_t child = clone(small, stack + 4096 + 5120, flags[i], &fds[0]);

		waitpid(child, &status, 0);
		printf("clone on 5 KB: %d, %d bytes\n", status, (int)recv(fds[1], bytes, sizeof bytes, MSG_DONTWAIT));
	}
	for (int i = 0; i < 20; i++) {
		pid_t child = vfork();

		if (child == 0) {
			send(fds[0], "v", 1, 0);
			execl("/bin/true", "true", NULL);
			_exit(9);
		}
		waitpid(child, &status, 0);
		good += status == 0;
	}
	printf("vfork and exec %d, %d bytes\n", good, (int)recv(fds[1], bytes, sizeof bytes, MSG_DONTWAIT));
	errno = 0;
	printf("wait %d errno %d\n", wait(NULL), errno);
	return 0;
}
