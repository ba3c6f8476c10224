/*
 * seccomp_passed.c: a process that has entered seccomp receives a socket and a file: that they are what they are may not be asked there. What
 * is done to the socket before a call that only sockets take is missing, and a gap says so; its timeline is compared with the kernel's.
 */
#include "program.h"
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>

static void send_descriptor(int over, int fd)
{
	char space[CMSG_SPACE(sizeof(int))] = { 0 };
	struct iovec data = { "!", 1 };
	struct msghdr message = { .msg_iov = &data, .msg_iovlen = 1, .msg_control = space, .msg_controllen = sizeof(space) };
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);

	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(header), &fd, sizeof(fd));
	SHOW(sendmsg(over, &message, 0));
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

static int sandboxed(int over)
{
	struct sock_filter all[] = { BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW) };
	struct sock_fprog filter = { 1, all };
	char buffer[8];
	int fd, copy, file;

	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter))
		return 9;
	fd = receive_descriptor(over);
	copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	if (write(fd, "a", 1) != 1 || send(copy, "b", 1, 0) != 1 || write(copy, "c", 1) != 1)
		return 8;
	close(copy);
	close(fd);
	file = receive_descriptor(over);
	return read(file, buffer, 4) == 4 && close(file) == 0 ? 0 : 7;
}

int main(void)
{
	char buffer[16];
	int way[2], ends[2], status;
	pid_t child;

	SHOW(socketpair(AF_UNIX, SOCK_STREAM, 0, way));
	child = fork();
	if (child == 0) {
		close(way[0]);
		_exit(sandboxed(way[1]));
	}
	SHOW(close(way[1]));
	SHOW(socketpair(AF_UNIX, SOCK_STREAM, 0, ends));
	send_descriptor(way[0], ends[1]);
	SHOW(close(ends[1]));
	send_descriptor(way[0], open("/dev/zero", O_RDONLY));
	waitpid(child, &status, 0);
	SHOW(WEXITSTATUS(status));
	SHOW(recv(ends[0], buffer, sizeof(buffer), MSG_WAITALL | MSG_DONTWAIT));
	SHOW(close(ends[0]));
	SHOW(close(way[0]));
	show_open_descriptors();
	return 0;
}
