/*
 * stack.c: how much stack does each call take? Runs it in handlers on a painted signal stack, often enough for the shim to need more room
 * for its records now and then, and prints how deep it was touched, the handler's own frame and the kernel's included. The difference
 * between a run with the shim and one without is what the shim takes.
 * link: -Wl,-z,now
 */
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define STACK_BYTES 65536
#define ROUNDS 400
#define FILLERS 8         /* of 0 to so many calls before a measured one: now and then it is the one for which the shim needs more room (each 126th record) */
#define FIRST_RECORDS 139264 /* 8.5 MB: beyond what is reserved at first */

static char *stack;
static int pair[2], udp, udp_client, tcp, accepted, listener, epoll, spare;
static struct sockaddr_in address, udp_address, any_port;
static char bytes[64];
static struct iovec vector = {bytes, 4};
static struct msghdr message = {.msg_iov = &vector, .msg_iovlen = 1};
static struct mmsghdr messages[1];
static struct sockaddr_storage sender, senders[2];
static struct msghdr datagram;
static struct mmsghdr datagrams[2];
static struct epoll_event event = {.events = EPOLLIN};
static struct pollfd poller;
static socklen_t length;
static int number;
static struct sockaddr_storage from;
static fd_set set;
static struct timeval none;
static struct timespec now;

static void set_names(socklen_t room)
{
	datagram = (struct msghdr){.msg_name = &sender, .msg_namelen = room, .msg_iov = &vector, .msg_iovlen = 1};
	for (int i = 0; i < 2; i++) {
		datagrams[i].msg_hdr = datagram;
		datagrams[i].msg_hdr.msg_name = room ? &senders[i] : NULL;
	}
}

#define CASES(X) \
	X(nothing, 0) \
	X(clock, clock_gettime(CLOCK_MONOTONIC, &now)) \
	X(send, send(pair[0], "x", 1, 0)) \
	X(recv, recv(pair[1], bytes, 1, 0)) \
	X(write, write(pair[0], "x", 1)) \
	X(read, read(pair[1], bytes, 1)) \
	X(sendto, sendto(udp, "x", 1, 0, (void *)&udp_address, sizeof udp_address)) \
	X(recvfrom, (length = sizeof from, recvfrom(udp, bytes, 1, MSG_DONTWAIT, (void *)&from, &length))) \
	X(sendmsg, sendmsg(pair[0], &message, 0)) \
	X(recvmsg, recvmsg(pair[1], &message, 0)) \
	X(sendmmsg, sendmmsg(pair[0], messages, 1, 0)) \
	X(recvmmsg, recvmmsg(pair[1], messages, 1, 0, NULL)) \
	X(sendmsg_udp, (set_names(sizeof address), datagram.msg_name = &udp_address, sendmsg(udp, &datagram, 0))) \
	X(recvmsg_udp, (set_names(sizeof sender), recvmsg(udp, &datagram, 0))) \
	X(sendmmsg_udp, (set_names(0), sendmmsg(udp_client, datagrams, 2, 0))) \
	X(recvmmsg_udp, (set_names(sizeof sender), recvmmsg(udp, datagrams, 2, 0, NULL))) \
	X(syscall_sendmsg, syscall(SYS_sendmsg, udp_client, &datagram, 0)) \
	X(syscall_recvmsg, (set_names(sizeof sender), syscall(SYS_recvmsg, udp, &datagram, 0))) \
	X(writev, writev(pair[0], &vector, 1)) \
	X(readv, readv(pair[1], &vector, 1)) \
	X(poll, poll(&poller, 1, 0)) \
	X(select, (FD_SET(pair[0], &set), select(16, NULL, &set, NULL, &none))) \
	X(epoll_wait, epoll_wait(epoll, &event, 1, 0)) \
	X(epoll_ctl, (event.events = EPOLLIN, epoll_ctl(epoll, EPOLL_CTL_MOD, udp, &event))) \
	X(shutdown, shutdown(tcp, 2)) \
	X(getsockopt, (length = 4, getsockopt(tcp, SOL_SOCKET, SO_TYPE, &number, &length))) \
	X(setsockopt, (number = 1, setsockopt(tcp, SOL_SOCKET, SO_KEEPALIVE, &number, 4))) \
	X(getsockname, (length = sizeof from, getsockname(tcp, (void *)&from, &length))) \
	X(fcntl, fcntl(tcp, F_GETFL)) \
	X(ioctl, ioctl(udp, FIONREAD, &number)) \
	X(syscall_send, syscall(SYS_sendto, pair[0], "x", 1, 0, NULL, 0)) \
	X(dup, (spare = dup(tcp))) \
	X(dup2, dup2(tcp, spare)) \
	X(close_dup, close(spare)) \
	X(socket, (tcp = socket(AF_INET, SOCK_STREAM, 0))) \
	X(bind, bind(tcp, (void *)&any_port, sizeof any_port)) \
	X(connect, connect(tcp, (void *)&address, sizeof address)) \
	X(accept, (accepted = accept(listener, NULL, NULL))) \
	X(close, (close(accepted), close(tcp)))

#define CASE(name, expression) static long case_##name(void) { return (long)(expression); }
CASES(CASE)
#define ROW(name, expression) {#name, case_##name},
static const struct { const char *name; long (*run)(void); } cases[] = {CASES(ROW)};

static long (*current)(void);
static long current_result;
static void handler(int signal_number) { current_result = current(); }

/* How deep the stack was touched. */
static int depth_of(long (*run)(void))
{
	int at = 0;

	current = run;
	memset(stack, 0x5a, STACK_BYTES);
	raise(SIGUSR1);
	while (stack[at] == 0x5a)
		at++;
	return STACK_BYTES - at;
}

static void make_sockets(void)
{
	address = udp_address = any_port = (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
	udp = socket(AF_INET, SOCK_DGRAM, 0);
	bind(udp, (void *)&udp_address, sizeof udp_address);
	length = sizeof udp_address;
	getsockname(udp, (void *)&udp_address, &length);
	udp_client = socket(AF_INET, SOCK_DGRAM, 0);
	connect(udp_client, (void *)&udp_address, sizeof udp_address);
	listener = socket(AF_INET, SOCK_STREAM, 0);
	bind(listener, (void *)&address, sizeof address);
	listen(listener, 5);
	length = sizeof address;
	getsockname(listener, (void *)&address, &length);
	epoll = epoll_create1(0);
	epoll_ctl(epoll, EPOLL_CTL_ADD, udp, &event);
	messages[0].msg_hdr = message;
	poller = (struct pollfd){pair[0], POLLOUT, 0};
}

int main(int argc, char **argv)
{
	struct sigaction action = {.sa_handler = handler, .sa_flags = SA_ONSTACK};
	int deepest[sizeof cases / sizeof *cases] = {0};
	unsigned fillers = 1;
	stack_t given;

	stack = mmap(NULL, STACK_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	given = (stack_t){.ss_sp = stack, .ss_size = STACK_BYTES};
	sigaltstack(&given, NULL);
	sigaction(SIGUSR1, &action, NULL);
	if (argc > 1) {
		/* The very first call, for which the spool is made. */
		for (int i = 0; i < 2; i++)
			printf("%s %d %ld\n", i ? "again" : "first", depth_of(case_socket), current_result >= 0 ? 0 : current_result);
		return 0;
	}
	make_sockets();
	for (int i = 0; i < FIRST_RECORDS; i++)
		send(-1, "", 0, 0);
	for (int round = 0; round < ROUNDS; round++) {
		tcp = socket(AF_INET, SOCK_STREAM, 0);
		connect(tcp, (void *)&address, sizeof address);
		accepted = accept(listener, NULL, NULL);
		close(accepted);
		for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
			int depth;

			fillers = fillers * 1103515245 + 12345;
			for (unsigned filler = fillers / 65536 % FILLERS; filler; filler--)
				send(-1, "", 0, 0);
			if (cases[i].run == case_socket)
				close(tcp);
			depth = depth_of(cases[i].run);
			deepest[i] = depth > deepest[i] ? depth : deepest[i];
			if (current_result < 0)
				printf("%s failed\n", cases[i].name);
		}
	}
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++)
		printf("%s %d\n", cases[i].name, deepest[i]);
	return 0;
}
