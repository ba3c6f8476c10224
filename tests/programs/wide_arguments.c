/*
 * wide_arguments.c: ints given to syscall() with garbage in their upper halves, which the kernel does not look at; and descriptors
 * passed in messages that are only peeked at, cut short, or end without padding.
 *
 * lifecycle: datagram udp closed exit sent 13 received 0: socket bind getsockname connect write write sendto dup2 write close fcntl setsockopt ioctl writev epoll_ctl shutdown
 * lifecycle: pair unix closed exit sent 3 received 0: socketpair sendmsg sendmsg sendmsg
 * lifecycle: pair unix closed exit sent 0 received 3: setsockopt recvmsg recvmsg recvmsg recvmsg
 */
#include "program.h"

#define WIDE(n) (0x7654321L << 36 | (long)(unsigned)(n))

/* Credentials before the descriptor; nothing behind the last byte. */
static void send_descriptor(int through, int fd)
{
	char control[CMSG_SPACE(sizeof(struct ucred)) + CMSG_SPACE(sizeof fd)] = "";
	struct cmsghdr *credentials = (struct cmsghdr *)control, *rights = (struct cmsghdr *)(control + CMSG_SPACE(sizeof(struct ucred)));
	struct iovec vector = { "x", 1 };
	struct msghdr message = { .msg_iov = &vector, .msg_iovlen = 1, .msg_control = control,
		.msg_controllen = CMSG_SPACE(sizeof(struct ucred)) + CMSG_LEN(sizeof fd) };

	credentials->cmsg_level = rights->cmsg_level = SOL_SOCKET;
	credentials->cmsg_type = SCM_CREDENTIALS;
	credentials->cmsg_len = CMSG_LEN(sizeof(struct ucred));
	*(struct ucred *)CMSG_DATA(credentials) = (struct ucred){ getpid(), getuid(), getgid() };
	rights->cmsg_type = SCM_RIGHTS;
	rights->cmsg_len = CMSG_LEN(sizeof fd);
	*(int *)CMSG_DATA(rights) = fd;
	SHOW(sendmsg(through, &message, 0));
}

static int receive_descriptor(int through, int flags, size_t room)
{
	char control[256] = "", byte;
	struct iovec vector = { &byte, 1 };
	struct msghdr message = { .msg_iov = &vector, .msg_iovlen = 1, .msg_control = control, .msg_controllen = room };
	struct cmsghdr *second = (struct cmsghdr *)(control + CMSG_SPACE(sizeof(struct ucred)));

	SHOW(recvmsg(through, &message, flags));
	printf("flags %x, control %zu\n", message.msg_flags, (size_t)message.msg_controllen);
	return message.msg_controllen >= CMSG_SPACE(sizeof(struct ucred)) + CMSG_LEN(sizeof(int)) ? *(int *)CMSG_DATA(second) : -1;
}

int main(void)
{
	struct sockaddr_in address = loopback(0);
	socklen_t length = sizeof address;
	struct epoll_event event = { .events = EPOLLIN };
	struct iovec vector = { "xy", 2 };
	int one = 1, udp = SHOW(socket(AF_INET, SOCK_DGRAM, 0)), fds[2], epoll;

	/* Connected to itself. */
	SHOW(bind(udp, (struct sockaddr *)&address, sizeof address));
	syscall(SYS_getsockname, udp, &address, &length);
	SHOW(connect(udp, (struct sockaddr *)&address, sizeof address));
	SHOW(socketpair(AF_UNIX, SOCK_STREAM, 0, fds));
	SHOW(setsockopt(fds[1], SOL_SOCKET, SO_PASSCRED, &one, sizeof one));
	send_descriptor(fds[0], udp);
	SHOW(write(receive_descriptor(fds[1], MSG_PEEK, 200), "peek", 4));
	SHOW(write(receive_descriptor(fds[1], 0, CMSG_SPACE(sizeof(struct ucred)) + CMSG_LEN(sizeof(int))), "all", 3));
	send_descriptor(fds[0], udp);
	receive_descriptor(fds[1], 0, CMSG_SPACE(sizeof(struct ucred)));
	send_descriptor(fds[0], udp);
	receive_descriptor(fds[1], 0, 0);

	SHOW(syscall(SYS_sendto, WIDE(udp), "abc", 3L, WIDE(MSG_DONTWAIT), NULL, WIDE(0)));
	SHOW(syscall(SYS_dup2, WIDE(udp), WIDE(20)));
	SHOW(syscall(SYS_write, WIDE(20), "z", 1L));
	SHOW(syscall(SYS_close, WIDE(20)));
	SHOW(syscall(SYS_fcntl, WIDE(udp), WIDE(F_DUPFD), 30L));
	SHOW(syscall(SYS_setsockopt, WIDE(udp), WIDE(SOL_SOCKET), WIDE(SO_REUSEADDR), &one, WIDE(sizeof one)));
	SHOW(syscall(SYS_ioctl, WIDE(udp), WIDE(FIONREAD), &one));
	SHOW(syscall(SYS_writev, WIDE(udp), &vector, 1L));
	epoll = SHOW(epoll_create1(0));
	SHOW(syscall(SYS_epoll_ctl, WIDE(epoll), WIDE(EPOLL_CTL_ADD), WIDE(udp), &event));
	SHOW(syscall(SYS_epoll_wait, WIDE(epoll), &event, WIDE(1), WIDE(0)));
	SHOW(syscall(SYS_close_range, WIDE(30), WIDE(30), WIDE(0)));
	SHOW(syscall(SYS_shutdown, WIDE(udp), WIDE(SHUT_RDWR)));
	show_open_descriptors();
	return 0;
}
