/*
 * arguments.c: every observed call with bad arguments, crossed: result, errno and, where it dies, the signal must be what they are
 * untraced. Each case runs in a child of its own, on fresh sockets, and prints one line. The program is run with and without the
 * shim and the outputs are compared; it expects nothing by itself.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/select.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define COUNT(a) ((int)(sizeof(a) / sizeof *(a)))

static char *page;       /* readable and writable, followed by an unmapped page */
static char *read_only;  /* followed by an unmapped page as well */
static struct { const char *name; char *at; } pointers[8];
static int pointer_count;

/* Kinds of descriptors a case is run on; made fresh in its child. */
enum { STREAM, CONNECTED, LISTENER, DATAGRAM, UNIX_PAIR, UNIX_DATAGRAMS, CLOSED, FILE_, MINUS_ONE, HUGE_, EPOLL, KINDS };
static const char *const kind_names[KINDS] = {"tcp", "connected", "listener", "udp", "unix", "unixdgram", "closed", "file", "-1", "INT_MAX", "epoll"};
static int other = -1; /* the other end, where there is one */

static int make(int kind)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t length = sizeof address;
	int fds[2], fd, listener;

	other = -1;
	switch (kind) {
	case STREAM: return socket(AF_INET, SOCK_STREAM, 0);
	case LISTENER:
	case CONNECTED:
		listener = socket(AF_INET, SOCK_STREAM, 0);
		bind(listener, (void *)&address, sizeof address);
		listen(listener, 4);
		getsockname(listener, (void *)&address, &length);
		other = socket(AF_INET, SOCK_STREAM, 0);
		connect(other, (void *)&address, sizeof address);
		if (kind == LISTENER)
			return listener;
		fd = accept(listener, NULL, NULL);
		send(other, "0123456789", 10, 0);
		return fd;
	case DATAGRAM:
		fd = socket(AF_INET, SOCK_DGRAM, 0);
		bind(fd, (void *)&address, sizeof address);
		getsockname(fd, (void *)&address, &length);
		other = socket(AF_INET, SOCK_DGRAM, 0);
		connect(other, (void *)&address, sizeof address);
		send(other, "0123456789", 10, 0);
		return fd;
	case UNIX_PAIR:
	case UNIX_DATAGRAMS:
		socketpair(AF_UNIX, kind == UNIX_PAIR ? SOCK_STREAM : SOCK_DGRAM, 0, fds);
		other = fds[1];
		send(other, "0123456789", 10, 0);
		return fds[0];
	case CLOSED:
		fd = socket(AF_INET, SOCK_STREAM, 0);
		close(fd);
		return fd;
	case FILE_: return open("/dev/null", O_RDWR);
	case HUGE_: return INT_MAX;
	case EPOLL: return epoll_create1(0);
	default: return -1;
	}
}

/* A case: runs in a child with a descriptor, a pointer and a length; its value is the call's result. */
struct call_case {
	const char *name;
	long (*run)(int fd, char *pointer, long number);
	unsigned uses; /* 1: the pointer, 2: the number */
};

static const long numbers[] = {0, 1, 7, 16, 28, 110, 128, 129, 1024, 1025, 65536, INT_MAX, -1, INT_MIN, LONG_MAX};

static socklen_t given; /* an addrlen in valid memory */
static char buffer[70000];

static struct msghdr *header(char *name, long name_length, struct iovec *iov, long count, char *control, long control_length)
{
	static struct msghdr message;

	message = (struct msghdr){.msg_name = name, .msg_namelen = (socklen_t)name_length, .msg_iov = iov, .msg_iovlen = (size_t)count,
		.msg_control = control, .msg_controllen = (size_t)control_length};
	return &message;
}

static struct iovec vector[4096];
static struct iovec *good_vector(void)
{
	for (int i = 0; i < COUNT(vector); i++)
		vector[i] = (struct iovec){buffer + i, 1};
	return vector;
}

#define P char *p
#define N long n
#define CASE(identifier, expression) \
	static long run_##identifier(int fd, char *p, long n) { (void)fd; (void)p; (void)n; return (long)(expression); }
#define SPOIL(identifier) {#identifier, run_##identifier,

CASE(bind, bind(fd, (void *)p, (socklen_t)n))
CASE(connect, connect(fd, (void *)p, (socklen_t)n))
CASE(listen, listen(fd, (int)n))
CASE(accept_address, (given = 16, accept(fd, (void *)p, &given)))
CASE(accept_no_room, (given = 0, accept(fd, (void *)p, &given)))
CASE(accept_length, accept(fd, (void *)buffer, (socklen_t *)p))
CASE(accept_given, (given = (socklen_t)n, accept(fd, (void *)buffer, &given)))
CASE(accept4_flags, accept4(fd, NULL, NULL, (int)n))
CASE(accept_null_with_length, (given = 16, accept(fd, NULL, &given)))
CASE(shutdown, shutdown(fd, (int)n))
CASE(send_buffer, send(fd, p, 4, MSG_DONTWAIT | MSG_NOSIGNAL))
CASE(send_length, send(fd, buffer, n > 65536 ? 65536 : (size_t)n, MSG_DONTWAIT | MSG_NOSIGNAL))
CASE(send_flags, send(fd, buffer, 1, (int)n | MSG_DONTWAIT | MSG_NOSIGNAL))
CASE(sendto_address, sendto(fd, "x", 1, MSG_DONTWAIT | MSG_NOSIGNAL, (void *)p, 16))
CASE(sendto_length, sendto(fd, "x", 1, MSG_DONTWAIT | MSG_NOSIGNAL, (void *)buffer, (socklen_t)n))
CASE(sendto_null, sendto(fd, "x", 1, MSG_DONTWAIT | MSG_NOSIGNAL, NULL, (socklen_t)n))
CASE(sendmsg_header, sendmsg(fd, (void *)p, MSG_DONTWAIT | MSG_NOSIGNAL))
CASE(sendmsg_name, sendmsg(fd, header(p, 16, good_vector(), 1, NULL, 0), MSG_DONTWAIT | MSG_NOSIGNAL))
CASE(sendmsg_name_length, sendmsg(fd, header(buffer, n, good_vector(), 1, NULL, 0), MSG_DONTWAIT | MSG_NOSIGNAL))
CASE(sendmsg_vector, sendmsg(fd, header(NULL, 0, (void *)p, 1, NULL, 0), MSG_DONTWAIT | MSG_NOSIGNAL))
CASE(sendmsg_vector_unused, sendmsg(fd, header(NULL, 0, (void *)p, 0, NULL, 0), MSG_DONTWAIT | MSG_NOSIGNAL))
CASE(sendmsg_count, sendmsg(fd, header(NULL, 0, good_vector(), n, NULL, 0), MSG_DONTWAIT | MSG_NOSIGNAL))
CASE(sendmsg_control, sendmsg(fd, header(NULL, 0, good_vector(), 1, p, 24), MSG_DONTWAIT | MSG_NOSIGNAL))
CASE(sendmsg_control_length, sendmsg(fd, header(NULL, 0, good_vector(), 1, buffer, n), MSG_DONTWAIT | MSG_NOSIGNAL))
CASE(sendmsg_control_unused, sendmsg(fd, header(NULL, 0, good_vector(), 1, p, 0), MSG_DONTWAIT | MSG_NOSIGNAL))
CASE(recv_buffer, recv(fd, p, 4, MSG_DONTWAIT))
CASE(recv_length, recv(fd, buffer, n > 65536 ? 65536 : (size_t)n, MSG_DONTWAIT))
CASE(recv_flags, recv(fd, buffer, 1, ((int)n & ~(int)MSG_WAITALL) | MSG_DONTWAIT))
CASE(recvfrom_address, (given = 16, recvfrom(fd, buffer, 4, MSG_DONTWAIT, (void *)p, &given)))
CASE(recvfrom_no_room, (given = 0, recvfrom(fd, buffer, 4, MSG_DONTWAIT, (void *)p, &given)))
CASE(recvfrom_length, recvfrom(fd, buffer, 4, MSG_DONTWAIT, (void *)(buffer + 100), (socklen_t *)p))
CASE(recvfrom_given, (given = (socklen_t)n, recvfrom(fd, buffer, 4, MSG_DONTWAIT, (void *)(buffer + 100), &given)))
CASE(recvfrom_null, (given = (socklen_t)n, recvfrom(fd, buffer, 4, MSG_DONTWAIT, NULL, &given)))
CASE(recvmsg_header, recvmsg(fd, (void *)p, MSG_DONTWAIT))
CASE(recvmsg_name, recvmsg(fd, header(p, 16, good_vector(), 1, NULL, 0), MSG_DONTWAIT))
CASE(recvmsg_name_no_room, recvmsg(fd, header(p, 0, good_vector(), 1, NULL, 0), MSG_DONTWAIT))
CASE(recvmsg_name_length, recvmsg(fd, header(buffer + 100, n, good_vector(), 1, NULL, 0), MSG_DONTWAIT))
CASE(recvmsg_vector, recvmsg(fd, header(NULL, 0, (void *)p, 1, NULL, 0), MSG_DONTWAIT))
CASE(recvmsg_vector_unused, recvmsg(fd, header(NULL, 0, (void *)p, 0, NULL, 0), MSG_DONTWAIT))
CASE(recvmsg_count, recvmsg(fd, header(NULL, 0, good_vector(), n, NULL, 0), MSG_DONTWAIT))
CASE(recvmsg_control, recvmsg(fd, header(NULL, 0, good_vector(), 1, p, 24), MSG_DONTWAIT))
CASE(recvmsg_control_length, recvmsg(fd, header(NULL, 0, good_vector(), 1, buffer, n), MSG_DONTWAIT))
CASE(recvmsg_control_unused, recvmsg(fd, header(NULL, 0, good_vector(), 1, p, 0), MSG_DONTWAIT))
CASE(sendmmsg, sendmmsg(fd, (void *)p, 2, MSG_DONTWAIT | MSG_NOSIGNAL))
CASE(sendmmsg_none, sendmmsg(fd, (void *)p, 0, MSG_DONTWAIT | MSG_NOSIGNAL))
CASE(recvmmsg, recvmmsg(fd, (void *)p, 2, MSG_DONTWAIT, NULL))
CASE(recvmmsg_none, recvmmsg(fd, (void *)p, 0, MSG_DONTWAIT, NULL))
static struct mmsghdr messages[8];
static struct mmsghdr *good_messages(char *name, socklen_t name_length)
{
	for (int i = 0; i < COUNT(messages); i++)
		messages[i].msg_hdr = (struct msghdr){.msg_name = name, .msg_namelen = name_length, .msg_iov = good_vector(), .msg_iovlen = 2};
	return messages;
}
CASE(recvmmsg_timeout, recvmmsg(fd, good_messages(NULL, 0), 2, MSG_DONTWAIT, (void *)p))
CASE(recvmmsg_name_no_room, recvmmsg(fd, good_messages(p, 0), 2, MSG_DONTWAIT, NULL))
CASE(recvmmsg_name, recvmmsg(fd, good_messages(p, 16), 2, MSG_DONTWAIT, NULL))
CASE(sendmmsg_bad_second, (good_messages(NULL, 0)[1].msg_hdr.msg_iov = (void *)p, sendmmsg(fd, messages, 3, MSG_DONTWAIT | MSG_NOSIGNAL)))
CASE(read, (fcntl(fd, F_SETFL, O_NONBLOCK), read(fd, p, 4)))
CASE(read_length, (fcntl(fd, F_SETFL, O_NONBLOCK), read(fd, buffer, n > 65536 ? 65536 : (size_t)n)))
CASE(write, (fcntl(fd, F_SETFL, O_NONBLOCK), write(fd, p, 4)))
CASE(readv, (fcntl(fd, F_SETFL, O_NONBLOCK), readv(fd, (void *)p, 2)))
CASE(readv_none, (fcntl(fd, F_SETFL, O_NONBLOCK), readv(fd, (void *)p, 0)))
CASE(readv_count, (fcntl(fd, F_SETFL, O_NONBLOCK), readv(fd, good_vector(), (int)n)))
CASE(writev, (fcntl(fd, F_SETFL, O_NONBLOCK), writev(fd, (void *)p, 2)))
CASE(writev_count, (fcntl(fd, F_SETFL, O_NONBLOCK), writev(fd, good_vector(), (int)n)))
CASE(preadv, preadv(fd, (void *)p, 2, 0))
CASE(pwritev, pwritev(fd, (void *)p, 2, 0))
CASE(preadv2, (fcntl(fd, F_SETFL, O_NONBLOCK), preadv2(fd, (void *)p, 2, -1, 0)))
CASE(preadv2_offset, preadv2(fd, (void *)p, 2, 0, 0))
CASE(pwritev2, (fcntl(fd, F_SETFL, O_NONBLOCK), pwritev2(fd, (void *)p, 2, -1, 0)))
CASE(pwritev2_offset, pwritev2(fd, (void *)p, 2, 0, 0))
CASE(pwritev2_flags, pwritev2(fd, (void *)p, 2, -1, (int)n | 0x10000))
CASE(pread, pread(fd, p, 4, 0))
CASE(pwrite, pwrite(fd, p, 4, 0))
CASE(sendfile, sendfile(fd, 0, (void *)p, 4))
CASE(splice, splice(fd, (void *)p, other, NULL, 4, SPLICE_F_NONBLOCK))
CASE(tee, tee(fd, other, (size_t)n, SPLICE_F_NONBLOCK))
CASE(vmsplice, vmsplice(fd, (void *)p, 2, SPLICE_F_NONBLOCK))
CASE(getsockname, (given = 16, getsockname(fd, (void *)p, &given)))
CASE(getsockname_no_room, (given = 0, getsockname(fd, (void *)p, &given)))
CASE(getsockname_length, getsockname(fd, (void *)buffer, (socklen_t *)p))
CASE(getsockname_given, (given = (socklen_t)n, getsockname(fd, (void *)buffer, &given)))
CASE(getpeername, (given = 16, getpeername(fd, (void *)p, &given)))
CASE(getpeername_no_room, (given = 0, getpeername(fd, (void *)p, &given)))
CASE(getpeername_length, getpeername(fd, (void *)buffer, (socklen_t *)p))
CASE(getsockopt_value, (given = 4, getsockopt(fd, SOL_SOCKET, SO_ERROR, p, &given)))
CASE(getsockopt_no_room, (given = 0, getsockopt(fd, SOL_SOCKET, SO_TYPE, p, &given)))
CASE(getsockopt_length, getsockopt(fd, SOL_SOCKET, SO_TYPE, buffer, (socklen_t *)p))
CASE(getsockopt_given, (given = (socklen_t)n, getsockopt(fd, SOL_SOCKET, SO_RCVBUF, buffer, &given)))
CASE(getsockopt_tcp_info, (given = (socklen_t)n, getsockopt(fd, IPPROTO_TCP, TCP_INFO, buffer, &given)))
CASE(getsockopt_level, (given = 4, getsockopt(fd, (int)n, 1, buffer, &given)))
CASE(setsockopt_value, setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, p, 4))
CASE(setsockopt_length, setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, buffer, (socklen_t)n))
CASE(setsockopt_value_more, setsockopt(fd, SOL_SOCKET, SO_RCVLOWAT, p, 56))
CASE(setsockopt_empty, setsockopt(fd, IPPROTO_IP, IP_OPTIONS, p, 0))
CASE(setsockopt_device, setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, p, (socklen_t)n))
CASE(setsockopt_linger, setsockopt(fd, SOL_SOCKET, SO_LINGER, p, 8))
CASE(setsockopt_filter, setsockopt(fd, SOL_SOCKET, SO_DETACH_FILTER, p, 4))
CASE(setsockopt_congestion, setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, p, 4))
CASE(ioctl_pointer, ioctl(fd, FIONREAD, p))
CASE(ioctl_nonblocking, ioctl(fd, FIONBIO, p))
CASE(ioctl_request, ioctl(fd, (unsigned long)n, buffer))
CASE(fcntl_command, fcntl(fd, n == 1 ? 12345 : (int)n, 0))
CASE(fcntl_dup, fcntl(fd, F_DUPFD, (int)n) >= 0)
CASE(fcntl_lock, fcntl(fd, F_GETLK, p))
CASE(fcntl_owner, fcntl(fd, 16 /* F_GETOWN_EX */, p))
CASE(dup, dup(fd))
CASE(dup2, dup2(fd, n > 65536 || n < 0 ? (int)n : 300 + (int)n % 700))
CASE(dup2_self, dup2(fd, fd))
CASE(dup3, dup3(fd, 300, (int)n))
CASE(dup3_self, dup3(fd, fd, 0))
CASE(close_twice, close(fd) * 10 + close(fd))
CASE(close_range, close_range((unsigned)fd, (unsigned)fd, (int)n))
CASE(close_range_backwards, close_range(500, 400, 0))
CASE(socket_domain, socket((int)n, SOCK_STREAM, 0) >= 0)
CASE(socket_type, socket(AF_INET, (int)n, 0) >= 0)
CASE(socket_protocol, socket(AF_INET, SOCK_STREAM, (int)n) >= 0)
CASE(socketpair, socketpair(AF_UNIX, SOCK_STREAM, 0, (int *)p))
CASE(socketpair_domain, socketpair((int)n, SOCK_STREAM, 0, (int *)buffer))
CASE(epoll_create, epoll_create((int)n) >= 0)
CASE(epoll_create1, epoll_create1((int)n) >= 0)
CASE(epoll_add_event, epoll_ctl(epoll_create1(0), EPOLL_CTL_ADD, fd, (void *)p))
CASE(epoll_delete_event, ({ struct epoll_event e = {.events = EPOLLIN}; int ep = epoll_create1(0); epoll_ctl(ep, EPOLL_CTL_ADD, fd, &e); epoll_ctl(ep, EPOLL_CTL_DEL, fd, (void *)p); }))
CASE(epoll_delete_unknown, epoll_ctl(epoll_create1(0), EPOLL_CTL_DEL, fd, (void *)p))
CASE(epoll_operation, epoll_ctl(epoll_create1(0), (int)n, fd, (void *)p))
CASE(epoll_on, epoll_ctl(fd, EPOLL_CTL_ADD, other, (void *)p))
CASE(epoll_wait, ({ struct epoll_event e = {.events = EPOLLIN | EPOLLOUT}; int ep = epoll_create1(0); epoll_ctl(ep, EPOLL_CTL_ADD, fd, &e); epoll_wait(ep, (void *)p, 4, 0); }))
CASE(epoll_wait_count, ({ struct epoll_event e = {.events = EPOLLIN | EPOLLOUT}; int ep = epoll_create1(0); epoll_ctl(ep, EPOLL_CTL_ADD, fd, &e); epoll_wait(ep, (void *)buffer, (int)n, 0); }))
CASE(epoll_wait_on, epoll_wait(fd, (void *)buffer, 4, 0))
CASE(epoll_pwait, ({ struct epoll_event e = {.events = EPOLLIN | EPOLLOUT}; int ep = epoll_create1(0); epoll_ctl(ep, EPOLL_CTL_ADD, fd, &e); epoll_pwait(ep, (void *)buffer, 4, 0, (void *)p); }))
CASE(epoll_pwait2, ({ struct epoll_event e = {.events = EPOLLIN | EPOLLOUT}; int ep = epoll_create1(0); epoll_ctl(ep, EPOLL_CTL_ADD, fd, &e); syscall(SYS_epoll_pwait2, ep, buffer, 4, p, NULL, 8); }))
CASE(poll, poll((void *)p, 2, 0))
CASE(poll_none, poll((void *)p, 0, 0))
CASE(poll_count, poll((void *)buffer, (nfds_t)n, 0))
CASE(ppoll_mask, ({ struct timespec t = {0, 0}; ppoll(NULL, 0, &t, (void *)p); }))
CASE(ppoll_timeout, syscall(SYS_ppoll, buffer, 1, p, NULL, 8))
CASE(select_set, ({ struct timeval t = {0, 0}; select(8, (void *)p, NULL, NULL, &t); }))
CASE(select_count, ({ struct timeval t = {0, 0}; select((int)n, (void *)buffer, NULL, NULL, &t); }))
CASE(select_timeout, syscall(SYS_select, 8, NULL, NULL, NULL, p))
CASE(pselect_mask, syscall(SYS_pselect6, 8, NULL, NULL, NULL, page, p))
CASE(syscall_accept, syscall(SYS_accept, fd, p, p))
CASE(syscall_recvmsg, syscall(SYS_recvmsg, fd, p, MSG_DONTWAIT))
CASE(syscall_writev, syscall(SYS_writev, fd, p, 2))
CASE(syscall_connect, syscall(SYS_connect, fd, p, n))
CASE(syscall_unknown, syscall(n > 100000 || n < 0 ? n : 5000 + n, 1, 2, 3))
CASE(pidfd_getfd, syscall(SYS_pidfd_getfd, fd, 0, 0))

#define ROW(name, uses) {#name, run_##name, uses}
static const struct call_case cases[] = {
	ROW(bind, 3), ROW(connect, 3), ROW(listen, 2), ROW(accept_address, 1), ROW(accept_no_room, 1), ROW(accept_length, 1), ROW(accept_given, 2),
	ROW(accept4_flags, 2), ROW(accept_null_with_length, 0), ROW(shutdown, 2), ROW(send_buffer, 1), ROW(send_length, 2), ROW(send_flags, 2),
	ROW(sendto_address, 1), ROW(sendto_length, 2), ROW(sendto_null, 2), ROW(sendmsg_header, 1), ROW(sendmsg_name, 1), ROW(sendmsg_name_length, 2),
	ROW(sendmsg_vector, 1), ROW(sendmsg_vector_unused, 1), ROW(sendmsg_count, 2), ROW(sendmsg_control, 1), ROW(sendmsg_control_length, 2), ROW(sendmsg_control_unused, 1),
	ROW(recv_buffer, 1), ROW(recv_length, 2), ROW(recv_flags, 2), ROW(recvfrom_address, 1), ROW(recvfrom_no_room, 1), ROW(recvfrom_length, 1),
	ROW(recvfrom_given, 2), ROW(recvfrom_null, 2), ROW(recvmsg_header, 1), ROW(recvmsg_name, 1), ROW(recvmsg_name_no_room, 1), ROW(recvmsg_name_length, 2),
	ROW(recvmsg_vector, 1), ROW(recvmsg_vector_unused, 1), ROW(recvmsg_count, 2), ROW(recvmsg_control, 1), ROW(recvmsg_control_length, 2), ROW(recvmsg_control_unused, 1),
	ROW(sendmmsg, 1), ROW(sendmmsg_none, 1), ROW(recvmmsg, 1), ROW(recvmmsg_none, 1), ROW(recvmmsg_timeout, 1), ROW(recvmmsg_name_no_room, 1), ROW(recvmmsg_name, 1), ROW(sendmmsg_bad_second, 1),
	ROW(read, 1), ROW(read_length, 2), ROW(write, 1), ROW(readv, 1), ROW(readv_none, 1), ROW(readv_count, 2), ROW(writev, 1), ROW(writev_count, 2),
	ROW(preadv, 1), ROW(pwritev, 1), ROW(preadv2, 1), ROW(preadv2_offset, 1), ROW(pwritev2, 1), ROW(pwritev2_offset, 1), ROW(pwritev2_flags, 1), ROW(pread, 1), ROW(pwrite, 1),
	ROW(sendfile, 1), ROW(splice, 1), ROW(tee, 2), ROW(vmsplice, 1), ROW(getsockname, 1), ROW(getsockname_no_room, 1), ROW(getsockname_length, 1), ROW(getsockname_given, 2),
	ROW(getpeername, 1), ROW(getpeername_no_room, 1), ROW(getpeername_length, 1), ROW(getsockopt_value, 1), ROW(getsockopt_no_room, 1), ROW(getsockopt_length, 1), ROW(getsockopt_given, 2),
	ROW(getsockopt_tcp_info, 2), ROW(getsockopt_level, 2), ROW(setsockopt_value, 1), ROW(setsockopt_length, 2), ROW(setsockopt_value_more, 1), ROW(setsockopt_empty, 1),
	ROW(setsockopt_device, 3), ROW(setsockopt_linger, 1), ROW(setsockopt_filter, 1), ROW(setsockopt_congestion, 1), ROW(ioctl_pointer, 1), ROW(ioctl_nonblocking, 1),
	ROW(ioctl_request, 2), ROW(fcntl_command, 2), ROW(fcntl_dup, 2), ROW(fcntl_lock, 1), ROW(fcntl_owner, 1), ROW(dup, 0), ROW(dup2, 2), ROW(dup2_self, 0), ROW(dup3, 2), ROW(dup3_self, 0),
	ROW(close_twice, 0), ROW(close_range, 2), ROW(close_range_backwards, 0), ROW(socket_domain, 2), ROW(socket_type, 2), ROW(socket_protocol, 2), ROW(socketpair, 1), ROW(socketpair_domain, 2),
	ROW(epoll_create, 2), ROW(epoll_create1, 2), ROW(epoll_add_event, 1), ROW(epoll_delete_event, 1), ROW(epoll_delete_unknown, 1), ROW(epoll_operation, 3), ROW(epoll_on, 1),
	ROW(epoll_wait, 1), ROW(epoll_wait_count, 2), ROW(epoll_wait_on, 0), ROW(epoll_pwait, 1), ROW(epoll_pwait2, 1), ROW(poll, 1), ROW(poll_none, 1), ROW(poll_count, 2), ROW(ppoll_mask, 1),
	ROW(ppoll_timeout, 1), ROW(select_set, 1), ROW(select_count, 2), ROW(select_timeout, 1), ROW(pselect_mask, 1), ROW(syscall_accept, 1), ROW(syscall_recvmsg, 1), ROW(syscall_writev, 1),
	ROW(syscall_connect, 3), ROW(syscall_unknown, 2), ROW(pidfd_getfd, 0),
};

/* What a child found; in shared memory, so that a child that dies has told as far as it came. */
static struct outcome { long result; int error, done; char bytes[64]; } *outcomes;

static void run_case(const struct call_case *one, int kind, int pointer, long number)
{
	struct outcome *outcome = outcomes;
	int status, slots = 0;
	pid_t child;

	memset(outcome, 0, sizeof *outcome);
	fflush(stdout);
	child = fork();
	if (child == 0) {
		int fd = make(kind);

		alarm(2);
		/* Both ends stay out of blocking: what would block says EAGAIN. */
		if (kind <= UNIX_DATAGRAMS)
			fcntl(fd, F_SETFL, O_NONBLOCK);
		errno = 0;
		outcome->result = one->run(fd, pointers[pointer].at, number);
		outcome->error = errno;
		outcome->done = 1;
		memcpy(outcome->bytes, &given, sizeof given);
		/* The descriptors left must be the same too. */
		for (int i = 0; i < 400; i++)
			slots += fcntl(i, F_GETFD) >= 0;
		outcome->bytes[8] = (char)slots;
		_exit(0);
	}
	waitpid(child, &status, 0);
	printf("%s on %s pointer %s number %ld: ", one->name, kind_names[kind], one->uses & 1 ? pointers[pointer].name : "-", one->uses & 2 ? number : 0);
	if (outcome->done)
		printf("%ld errno %d, length %u, %d descriptors", outcome->result, outcome->error, *(unsigned *)outcome->bytes, outcome->bytes[8]);
	else
		printf("no return");
	printf(", %s %d\n", WIFSIGNALED(status) ? "signal" : "status", WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
}

int main(int argc, char **argv)
{
	/* A part of the cases: `arguments K N` runs every N-th, beginning with K. */
	int part = argc > 2 ? atoi(argv[1]) : 0, parts = argc > 2 ? atoi(argv[2]) : 1, at = 0;
	int null = open("/dev/null", O_RDONLY);

	dup2(null, 0);
	close(null);
	/* The first socket: all children share what it makes (a spool each would fill the disk). */
	close(socket(AF_UNIX, SOCK_STREAM, 0));
	page = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	munmap(page + 4096, 4096);
	read_only = mmap(NULL, 8192, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	munmap(read_only + 4096, 4096);
	outcomes = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
#define POINTER(n, a) pointers[pointer_count].name = n, pointers[pointer_count++].at = (a)
	POINTER("good", page);
	POINTER("NULL", NULL);
	POINTER("1", (char *)1);
	POINTER("unmapped", page + 4096);
	POINTER("end", page + 4096 - 3);
	POINTER("read-only", read_only);
	POINTER("kernel", (char *)0xffff800000000000);
	for (int i = 0; i < COUNT(cases); i++) {
		for (int kind = 0; kind < KINDS; kind++) {
			for (int pointer = 0; pointer < (cases[i].uses & 1 ? pointer_count : 1); pointer++) {
				int last = cases[i].uses == 3 ? 9 : cases[i].uses & 2 ? COUNT(numbers) : 1;

				for (int number = 0; number < last; number++)
					if (at++ % parts == part)
						run_case(&cases[i], kind, pointer, numbers[number]);
			}
		}
	}
	return 0;
}
