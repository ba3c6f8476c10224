/*
 * negative.c: ints below zero in a process whose seccomp filter looks at whole registers: each call below fails with ENOTUNIQ if anything stands above an
 * int. glibc leaves nothing there.
 */
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

/* Which of its arguments are ints: a bit for each. */
static const struct { int number; unsigned ints; } calls[] = {
	{SYS_socket, 7}, {SYS_connect, 5}, {SYS_accept, 1}, {SYS_accept4, 9}, {SYS_setsockopt, 23}, {SYS_close, 1}, {SYS_sendto, 41}, {SYS_sendmsg, 5},
	{SYS_recvfrom, 9}, {SYS_recvmsg, 5}, {SYS_read, 1}, {SYS_write, 1}, {SYS_readv, 1}, {SYS_writev, 1}, {SYS_poll, 4}, {SYS_epoll_ctl, 7},
	{SYS_epoll_wait, 13}, {SYS_dup, 1}, {SYS_dup2, 3}, {SYS_dup3, 3}, {SYS_fcntl, 3}, {SYS_ioctl, 1},
};

static struct sock_filter code[512];
static struct sock_fprog program = {0, code};

static int enter(void)
{
	for (unsigned i = 0; i < sizeof calls / sizeof *calls; i++) {
		code[program.len++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
		code[program.len++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)calls[i].number, 0,
			(unsigned char)(3 * __builtin_popcount(calls[i].ints)));
		for (unsigned argument = 0; argument < 6; argument++) {
			if (!(calls[i].ints >> argument & 1))
				continue;
			code[program.len++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (unsigned)offsetof(struct seccomp_data, args) + 8 * argument + 4);
			code[program.len++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 0);
			code[program.len++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOTUNIQ);
		}
	}
	code[program.len++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ? -1 : prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0);
}

#define SHOW(expression) do { \
	long result = (expression); \
	printf("%s: %ld %s\n", #expression, result, result < 0 ? strerrorname_np(errno) : ""); \
} while (0)

int main(void)
{
	char byte = 'x';
	struct iovec vector = {&byte, 1};
	struct msghdr message = {.msg_iov = &vector, .msg_iovlen = 1};
	struct epoll_event event = {.events = EPOLLIN};
	struct pollfd polled = {.events = POLLIN};
	struct sockaddr address = {.sa_family = AF_UNIX};
	volatile int none = -1;
	int ends[2], epoll = epoll_create1(0);

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) || epoll_ctl(epoll, EPOLL_CTL_ADD, ends[1], &event) || send(ends[0], "abcd", 4, 0) != 4)
		return 1;
	polled.fd = ends[1];
	if (enter() < 0)
		return 2;
	SHOW(poll(&polled, 1, none));
	SHOW(epoll_wait(epoll, &event, 1, none));
	SHOW(epoll_wait(none, &event, none, none));
	SHOW(epoll_ctl(epoll, none, ends[0], &event));
	SHOW(epoll_ctl(none, EPOLL_CTL_ADD, none, &event));
	SHOW(socket(none, SOCK_STREAM, 0));
	SHOW(socket(AF_UNIX, none, none));
	SHOW(connect(none, &address, sizeof address));
	SHOW(connect(ends[0], &address, (socklen_t)none));
	SHOW(accept(none, NULL, NULL));
	SHOW(accept4(ends[0], NULL, NULL, none));
	SHOW(setsockopt(none, none, none, &epoll, (socklen_t)none));
	SHOW(send(none, &byte, 1, 0));
	SHOW(sendto(none, &byte, 1, none, &address, (socklen_t)none));
	SHOW(sendmsg(none, &message, none));
	SHOW(recv(none, &byte, 1, none));
	SHOW(recvfrom(none, &byte, 1, 0, NULL, NULL));
	SHOW(recvmsg(none, &message, none));
	SHOW(read(none, &byte, 1));
	SHOW(write(none, &byte, 1));
	SHOW(readv(none, &vector, none));
	SHOW(writev(none, &vector, none));
	SHOW(close(none));
	SHOW(syscall(SYS_close, none));
	SHOW(syscall(SYS_dup, none));
	SHOW(syscall(SYS_dup2, ends[0], none));
	SHOW(syscall(SYS_dup3, none, none, 0));
	SHOW(syscall(SYS_fcntl, none, none, 0));
	SHOW(syscall(SYS_ioctl, none, 0, 0));
	SHOW(recv(ends[1], &byte, 1, 0));
	return 0;
}
