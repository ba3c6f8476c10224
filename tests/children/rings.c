/*
 * rings.c: sets up an io_uring in the way that its first argument names, sends a byte through it where liburing does the work, and ends; 77: there is
 * no io_uring here. A second argument: in a forked child.
 */
#include <liburing.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define NONE 77

static long set_up_alone(void)
{
	long result = SYS_io_uring_setup;
	char parameters[128];

	memset(parameters, 0, sizeof(parameters));
	__asm__ volatile("syscall" : "+a"(result) : "D"(4L), "S"(parameters) : "rcx", "r11", "memory");
	return result;
}

/* As a ring may do it, whose work is not seen. */
static void close_alone(int fd)
{
	long result = SYS_close;

	__asm__ volatile("syscall" : "+a"(result) : "D"((long)fd) : "rcx", "r11", "memory");
}

static int send_through_liburing(void)
{
	struct io_uring_cqe *completion;
	struct io_uring ring;
	int ends[2];
	char byte = 0;

	if (io_uring_queue_init(4, &ring, 0))
		return NONE;
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends))
		return 2;
	io_uring_prep_send(io_uring_get_sqe(&ring), ends[0], "x", 1, 0);
	if (io_uring_submit(&ring) != 1 || io_uring_wait_cqe(&ring, &completion) || completion->res != 1)
		return 3;
	io_uring_cqe_seen(&ring, completion);
	if (read(ends[1], &byte, 1) != 1 || byte != 'x')
		return 4;
	io_uring_queue_exit(&ring);
	return 0;
}

/* A ring among 40 sockets: "among", or where they were ("closed"; "unseen": all but one), or on a number with none near ("far"). */
static int set_up_among_sockets(const char *how)
{
	int ring = -1, ends[20][2];

	for (int i = 0; i < 20; i++) {
		if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends[i]))
			return 2;
		if (i == 10 && (ring = (int)set_up_alone()) < 0)
			return NONE;
	}
	if (!strcmp(how, "far") && (dup2(ring, 900) != 900 || close(ring)))
		return 3;
	for (int i = 0; !strcmp(how, "closed") && i < 20; i++)
		close(ends[i][0]), close(ends[i][1]);
	for (int i = 0; !strcmp(how, "unseen") && i < 20; i++) {
		close_alone(ends[i][0]);
		if (i != 3)
			close_alone(ends[i][1]);
	}
	return 0;
}

static int use(const char *how)
{
	if (!strcmp(how, "among") || !strcmp(how, "closed") || !strcmp(how, "unseen") || !strcmp(how, "far"))
		return set_up_among_sockets(how);
	if (!strcmp(how, "liburing"))
		return send_through_liburing();
	if (!strcmp(how, "syscall")) {
		char parameters[128] = {0};
		long ring = syscall(SYS_io_uring_setup, 4, parameters);

		return ring < 0 ? NONE : close((int)ring);
	}
	if (set_up_alone() < 0)
		return NONE;
	if (!strcmp(how, "_exit"))
		_exit(0);
	if (!strcmp(how, "killed")) {
		socket(AF_INET, SOCK_STREAM, 0);
		sleep(1);
		raise(SIGKILL);
	}
	return 0;
}

int main(int count, char **arguments)
{
	int status;
	pid_t child;

	if (count < 3)
		return use(arguments[1]);
	child = fork();
	if (child == 0)
		exit(use(arguments[1]));
	waitpid(child, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
