/*
 * epoll_numbers.c: waits on an epoll instance that was duplicated before its first socket was added, with each number closed in turn; on one that holds
 * another; on one that came through exec, and on one that another process passed. Each is a wait on a socket, and compared with the kernel's.
 */
#include "program.h"

static void pass(int through, int passed)
{
	char control[CMSG_SPACE(sizeof(int))] = { 0 }, byte = 'p';
	struct iovec part = { &byte, 1 };
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control) };
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);

	*header = (struct cmsghdr){ .cmsg_len = CMSG_LEN(sizeof(int)), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS };
	memcpy(CMSG_DATA(header), &passed, sizeof(int));
	SHOW(sendmsg(through, &message, 0));
}

static int receive(int through)
{
	char control[CMSG_SPACE(sizeof(int))] = { 0 }, byte;
	struct iovec part = { &byte, 1 };
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control) };
	int passed;

	SHOW(recvmsg(through, &message, 0));
	memcpy(&passed, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof(int));
	return passed;
}

static void add(int epoll, int fd)
{
	struct epoll_event event = { .events = EPOLLIN, .data.fd = fd };

	SHOW(epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event));
}

static void wait_on(int epoll)
{
	struct epoll_event found = { 0 };

	SHOW(epoll_pwait(epoll, &found, 1, 1000, NULL));
	SHOW(found.data.fd);
}

int main(int argc, char **argv)
{
	int ends[2], epoll, other, third, outer, channel[2], file;
	char words[2][16];

	if (argc == 3) {
		/* The image after exec: the instance, and the end of the pair that another process's instance comes through. */
		wait_on(atoi(argv[1]));
		wait_on(receive(atoi(argv[2])));
		show_open_descriptors();
		return 0;
	}
	/* A file's number is no instance: what fails on it must leave no trace. */
	file = SHOW(open("/dev/null", O_RDONLY));
	epoll = SHOW(epoll_create1(0));
	other = SHOW(dup(epoll));
	third = SHOW(fcntl(epoll, F_DUPFD, 10));
	SHOW(socketpair(AF_UNIX, SOCK_STREAM, 0, ends));
	SHOW(write(ends[1], "x", 1));
	add(other, ends[0]);
	wait_on(epoll);
	wait_on(third);
	SHOW(close(other));
	wait_on(epoll);
	SHOW(close(epoll));
	wait_on(third);
	outer = SHOW(epoll_create1(0));
	add(outer, third);
	wait_on(outer);
	SHOW(close(outer));
	SHOW(epoll_wait(file, &(struct epoll_event){ 0 }, 1, 0));
	SHOW(read(file, words, 1));
	SHOW(close(file));
	SHOW(epoll_wait(file, &(struct epoll_event){ 0 }, 1, 0));

	SHOW(socketpair(AF_UNIX, SOCK_STREAM, 0, channel));
	other = SHOW(epoll_create1(0));
	add(other, ends[0]);
	pass(channel[1], other);
	SHOW(close(other));
	SHOW(close(channel[1]));
	snprintf(words[0], sizeof(words[0]), "%d", third);
	snprintf(words[1], sizeof(words[1]), "%d", channel[0]);
	execl("/proc/self/exe", "epoll_numbers", words[0], words[1], (char *)NULL);
	return 1;
}
