/*
 * pass_descriptor.c: a socket travels to another process in a message (SCM_RIGHTS) and is used there: still one socket. Its timeline is compared with the kernel.s.
 *
 */
#include "program.h"

static long send_descriptor(int over, int fd)
{
	char space[CMSG_SPACE(sizeof(int))] = { 0 };
	struct iovec data = { "!", 1 };
	struct msghdr message = { .msg_iov = &data, .msg_iovlen = 1, .msg_control = space, .msg_controllen = sizeof(space) };
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);

	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(header), &fd, sizeof(fd));
	return sendmsg(over, &message, 0);
}

static int receive_descriptor(int over)
{
	char space[CMSG_SPACE(sizeof(int))], byte;
	struct iovec data = { &byte, 1 };
	struct msghdr message = { .msg_iov = &data, .msg_iovlen = 1, .msg_control = space, .msg_controllen = sizeof(space) };
	int fd = -1;

	if (recvmsg(over, &message, 0) == 1 && CMSG_FIRSTHDR(&message))
		memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof(fd));
	return fd;
}

int main(void)
{
	char buffer[16];
	int way[2], ends[2], status;
	pid_t child;

	SHOW(socketpair(AF_UNIX, SOCK_STREAM, 0, way));
	child = fork();
	if (child == 0) {
		int fd;

		close(way[0]);
		fd = receive_descriptor(way[1]);
		_exit(write(fd, "hello", 5) == 5 ? fd : 99);
	}
	close(way[1]);
	SHOW(socketpair(AF_UNIX, SOCK_STREAM, 0, ends));
	SHOW(send_descriptor(way[0], ends[1]));
	SHOW(close(ends[1]));
	SHOW(read(ends[0], buffer, sizeof(buffer)));
	waitpid(child, &status, 0);
	SHOW(WEXITSTATUS(status));
	SHOW(close(ends[0]));
	SHOW(close(way[0]));
	show_open_descriptors();
	return 0;
}
