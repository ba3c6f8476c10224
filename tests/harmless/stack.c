/*
 * stack.c: how much stack does each call take? Runs it in a handler on a painted signal stack and prints how deep it was touched, the
 * handler's own frame and the kernel's included. The difference between a run with the shim and one without is what the shim takes.
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
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define STACK_BYTES 65536

static char *stack;
static int pair[2], udp, tcp, accepted, listener, epoll, spare;
static struct sockaddr_in address;
static char bytes[64];
static struct iovec vector = {bytes, 4};
static struct msghdr message = {.msg_iov = &vector, .msg_iovlen = 1};
static struct mmsghdr messages[1];
static struct epoll_event event = {.events = EPOLLIN};
static struct pollfd poller;
static socklen_t length;
static int number;
static struct sockaddr_storage from;
static fd_set set;
static struct timeval none;

#define CASES(X) \
	X(send, send(pair[0], "x", 1, 0)) \
	X(recv, recv(pair[1], bytes, 1, 0)) \
	X(write, write(pair[0], "x", 1)) \
	X(read, read(pair[1], bytes, 1)) \
	X(sendto, sendto(udp, "x", 1, 0, (void *)&address, sizeof address)) \
	X(recvfrom, (length = sizeof from, recvfrom(udp, bytes, 1, MSG_DONTWAIT, (void *)&from, &length))) \
	X(sendmsg, sendmsg(pair[0], &message, 0)) \
	X(recvmsg, recvmsg(pair[1], &message, 0)) \
	X(sendmmsg, sendmmsg(pair[0], messages, 1, 0)) \
	X(recvmmsg, recvmmsg(pair[1], messages, 1, 0, NULL)) \
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
	X(bind, bind(tcp, (void *)&address, sizeof address)) \
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

int main(int argc, char **argv)
{
	stack_t given;
	struct sigaction action = {.sa_handler = handler, .sa_flags = SA_ONSTACK};

	stack = mmap(NULL, STACK_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	given = (stack_t){.ss_sp = stack, .ss_size = STACK_BYTES};
	sigaltstack(&given, NULL);
	sigaction(SIGUSR1, &action, NULL);
	if (argc > 1) {
		/* The very first call, for which the spool is made. */
		current = case_socket;
		for (int i = 0; i < 2; i++) {
			int at = 0;

			memset(stack, 0x5a, STACK_BYTES);
			raise(SIGUSR1);
			while (stack[at] == 0x5a)
				at++;
			printf("%s %d %ld\n", i ? "again" : "first", STACK_BYTES - at, current_result >= 0 ? 0 : current_result);
		}
		return 0;
	}
	address = (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
	udp = socket(AF_INET, SOCK_DGRAM, 0);
	bind(udp, (void *)&address, sizeof address);
	listener = socket(AF_INET, SOCK_STREAM, 0);
	listen(listener, 5);
	length = sizeof address;
	getsockname(listener, (void *)&address, &length);
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	tcp = socket(AF_INET, SOCK_STREAM, 0);
	connect(tcp, (void *)&address, sizeof address);
	accepted = accept(listener, NULL, NULL);
	epoll = epoll_create1(0);
	epoll_ctl(epoll, EPOLL_CTL_ADD, udp, &event);
	messages[0].msg_hdr = message;
	poller = (struct pollfd){pair[0], POLLOUT, 0};
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		int at = 0;

		current = cases[i].run;
		memset(stack, 0x5a, STACK_BYTES);
		raise(SIGUSR1);
		while (stack[at] == 0x5a)
			at++;
		printf("%s %d %ld\n", cases[i].name, STACK_BYTES - at, current_result >= 0 ? 0 : current_result);
	}
	return 0;
}
