/*
 * errors.c: arguments that are wrong: the program must see what it would see without us, and live. Its timeline is compared with the kernel.s.
 *
 */
#include "program.h"
#include <sys/mman.h>

static void *volatile bad_pointer = (void *)8;   /* volatile: the compiler must not see how bad it is */
static volatile int minus_one = -1;
#define BAD bad_pointer

int main(void)
{
	struct sockaddr_in address = loopback(1);
	socklen_t length;
	char buffer[16];
	int fds[2], tcp = SHOW(socket(AF_INET, SOCK_STREAM, 0)), udp, file, epoll;
	struct msghdr message = { 0 };
	/* A page that ends where nothing is mapped. */
	char *page = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	munmap(page + 4096, 4096);
	SHOW(socket(AF_INET, 77, 0));
	SHOW(socket(999, SOCK_STREAM, 0));
	SHOW(socketpair(AF_INET, SOCK_STREAM, 0, fds));
	SHOW(socketpair(AF_UNIX, SOCK_STREAM, 0, BAD));
	SHOW(bind(tcp, BAD, 16));
	SHOW(bind(tcp, (struct sockaddr *)&address, 3));
	SHOW(bind(tcp, (struct sockaddr *)&address, (socklen_t)-1));
	SHOW(bind(tcp, NULL, 0));
	SHOW(connect(tcp, BAD, 16));
	SHOW(connect(tcp, (struct sockaddr *)&address, 0));
	SHOW(connect(tcp, (struct sockaddr *)&address, 1000000));
	SHOW(connect(tcp, (struct sockaddr *)(page + 4096 - 8), 16));
	SHOW(accept(tcp, NULL, NULL));
	SHOW(accept(tcp, BAD, BAD));
	SHOW(accept4(tcp, NULL, NULL, 0xfff));
	SHOW(send(tcp, BAD, 10, MSG_NOSIGNAL));
	SHOW(recv(tcp, BAD, 10, 0));
	SHOW(recv(tcp, buffer, 10, 0));
	SHOW(shutdown(tcp, SHUT_RDWR));
	SHOW(shutdown(tcp, 99));
	SHOW(getsockname(tcp, BAD, BAD));
	SHOW(getsockname(tcp, (struct sockaddr *)&address, NULL));
	length = (socklen_t)-5;
	SHOW(getsockname(tcp, (struct sockaddr *)&address, &length));
	length = 2;
	SHOW(getsockname(tcp, (struct sockaddr *)&address, &length));
	SHOW(length);
	SHOW(getpeername(tcp, NULL, NULL));
	SHOW(getsockopt(tcp, SOL_SOCKET, SO_ERROR, BAD, BAD));
	SHOW(getsockopt(tcp, SOL_SOCKET, SO_ERROR, buffer, NULL));
	SHOW(setsockopt(tcp, SOL_SOCKET, SO_REUSEADDR, BAD, 4));
	SHOW(setsockopt(tcp, SOL_SOCKET, SO_REUSEADDR, NULL, 0));
	SHOW(setsockopt(tcp, SOL_SOCKET, SO_REUSEADDR, page + 4092, 4));
	SHOW(setsockopt(tcp, SOL_SOCKET, SO_REUSEADDR, page + 4092, 4000000));
	SHOW(setsockopt(tcp, 1234, 1234, buffer, -1));
	SHOW(sendmsg(tcp, BAD, 0));
	SHOW(recvmsg(tcp, NULL, 0));
	message.msg_iov = BAD;
	message.msg_iovlen = 3;
	SHOW(sendmsg(tcp, &message, MSG_NOSIGNAL));
	SHOW(recvmsg(tcp, &message, MSG_DONTWAIT));
	message.msg_iovlen = 1u << 20;
	SHOW(sendmsg(tcp, &message, MSG_NOSIGNAL));
	SHOW(sendmmsg(tcp, BAD, 2, 0));
	SHOW(recvmmsg(tcp, BAD, 2, MSG_DONTWAIT, NULL));
	SHOW(sendmmsg(tcp, NULL, 0, 0));
	SHOW(readv(tcp, BAD, 2));
	SHOW(writev(tcp, BAD, 2));
	SHOW(readv(tcp, NULL, minus_one));
	SHOW(ioctl(tcp, FIONBIO, BAD));
	SHOW(ioctl(tcp, FIONREAD, NULL));
	SHOW(ioctl(tcp, 0x1234, 0));
	SHOW(fcntl(tcp, 9999, 0));
	SHOW(fcntl(tcp, F_DUPFD, -1));
	SHOW(dup2(tcp, -1));
	SHOW(dup2(-1, tcp));
	SHOW(dup3(tcp, tcp, 0));
	SHOW(dup2(tcp, tcp));
	SHOW(dup(-1));

	epoll = SHOW(epoll_create1(0));
	SHOW(epoll_ctl(epoll, EPOLL_CTL_DEL, tcp, NULL));
	SHOW(epoll_ctl(epoll, EPOLL_CTL_ADD, tcp, BAD));
	SHOW(epoll_ctl(tcp, EPOLL_CTL_ADD, epoll, NULL));
	SHOW(epoll_ctl(-1, EPOLL_CTL_ADD, tcp, NULL));
	SHOW(epoll_wait(epoll, BAD, 1, 0));
	SHOW(epoll_wait(epoll, BAD, 0, 0));
	SHOW(poll(BAD, 1, 0));
	SHOW(select(5, BAD, NULL, NULL, NULL));
	SHOW(select(-1, NULL, NULL, NULL, NULL));
	SHOW(close(epoll));

	/* Not sockets, and not descriptors at all. */
	file = SHOW(open("/dev/null", O_RDWR));
	SHOW(send(file, "x", 1, 0));
	SHOW(bind(file, (struct sockaddr *)&address, sizeof(address)));
	SHOW(getsockname(file, (struct sockaddr *)&address, &length));
	SHOW(close(file));
	SHOW(close(file));
	SHOW(send(file, "x", 1, 0));
	SHOW(recv(-1, buffer, 1, 0));
	SHOW(connect(2147483647, (struct sockaddr *)&address, sizeof(address)));
	SHOW(read(-2147483647 - 1, buffer, 1));
	SHOW(close(-1));
	SHOW(close(2147483647));
	SHOW(shutdown(1000000, 2));

	udp = SHOW(socket(AF_INET, SOCK_DGRAM, 0));
	length = sizeof(address);
	SHOW(sendto(udp, "x", 1, 0, BAD, 16));
	SHOW(sendto(udp, "x", 1, 0, (struct sockaddr *)&address, 2));
	SHOW(sendto(udp, "x", 1, 0, NULL, 0));
	SHOW(recvfrom(udp, buffer, 1, MSG_DONTWAIT, BAD, BAD));
	SHOW(sendto(udp, page, 70000, 0, (struct sockaddr *)&address, sizeof(address)));
	SHOW(close(udp));
	SHOW(close(udp));
	SHOW(close(tcp));
	show_open_descriptors();
	return 0;
}
