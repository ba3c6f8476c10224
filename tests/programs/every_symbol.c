/*
 * every_symbol.c: calls every exported symbol of schema/calls.def that takes a descriptor, each on a duplicate of one socket under a number
 * of its own, and prints `symbol NAME fd N = result`: the test then finds each number in the trace, and each symbol of calls.def
 * here. With an argument, every system call through syscall() instead.
 */
#include "program.h"
#include <dlfcn.h>
#include <sys/sendfile.h>

#define FD (-7001)      /* stands for the duplicate's number */
#define NEW_FD (-7002)  /* a free number to duplicate to */
#define FILE_FD (-7003)
#define PIPE_FD (-7004)
#define EPOLL_FD (-7005)

static char data[64];
static struct sockaddr_storage address;
static socklen_t length = sizeof(address);
static struct iovec vector = { data, 1 };
static struct msghdr message = { .msg_iov = &vector, .msg_iovlen = 1 };
static struct mmsghdr messages[1] = { { .msg_hdr = { .msg_iov = &vector, .msg_iovlen = 1 } } };
static struct pollfd set;
static struct timespec no_time;
static struct timeval zero_time;
static fd_set fds;
static struct epoll_event event;
static int one = 1, pair[2];
static off_t offset;

#define P(x) ((long)(uintptr_t)(x))

struct attempt {
	const char *symbol;
	long arguments[7];
};

static const struct attempt *attempts(void)
{
	static struct attempt list[120];
	const struct attempt rows[] = {
		{ "socket", { AF_UNIX, SOCK_STREAM, 0 } }, { "socketpair", { AF_UNIX, SOCK_STREAM, 0, P(pair) } },
		{ "bind", { FD, P(&address), 2 } }, { "listen", { FD, 5 } }, { "accept", { FD } }, { "accept4", { FD } },
		{ "connect", { FD, P(&address), 2 } }, { "__connect", { FD, P(&address), 2 } },
		{ "send", { FD, P(data), 1 } }, { "__send", { FD, P(data), 1 } }, { "sendto", { FD, P(data), 1, 0, 0, 0 } },
		{ "sendmsg", { FD, P(&message) } }, { "sendmmsg", { FD, P(messages), 1 } }, { "recv", { FD, P(data), 1 } }, { "__recv", { FD, P(data), 1 } },
		{ "__recv_chk", { FD, P(data), 1, 64 } }, { "recvfrom", { FD, P(data), 1 } }, { "__recvfrom_chk", { FD, P(data), 1, 64 } },
		{ "recvmsg", { FD, P(&message) } }, { "recvmmsg", { FD, P(messages), 1 } },
		{ "read", { FD, P(data), 1 } }, { "__read", { FD, P(data), 1 } }, { "__read_chk", { FD, P(data), 1, 64 } },
		{ "write", { FD, P(data), 1 } }, { "__write", { FD, P(data), 1 } }, { "readv", { FD, P(&vector), 1 } }, { "writev", { FD, P(&vector), 1 } },
		{ "preadv2", { FD, P(&vector), 1, -1 } }, { "preadv64v2", { FD, P(&vector), 1, -1 } }, { "pwritev2", { FD, P(&vector), 1, -1 } },
		{ "pwritev64v2", { FD, P(&vector), 1, -1 } }, { "sendfile", { FD, FILE_FD, P(&offset), 1 } }, { "sendfile64", { FD, FILE_FD, P(&offset), 1 } },
		{ "splice", { FD, 0, PIPE_FD, 0, 1, SPLICE_F_NONBLOCK } }, { "tee", { FD, PIPE_FD, 1, SPLICE_F_NONBLOCK } }, { "vmsplice", { FD, P(&vector), 1 } },
		{ "pread64", { FD, P(data), 1 } }, { "pread", { FD, P(data), 1 } }, { "__pread64", { FD, P(data), 1 } },
		{ "__pread_chk", { FD, P(data), 1, 0, 64 } }, { "__pread64_chk", { FD, P(data), 1, 0, 64 } },
		{ "pwrite64", { FD, P(data), 1 } }, { "pwrite", { FD, P(data), 1 } }, { "__pwrite64", { FD, P(data), 1 } },
		{ "preadv", { FD, P(&vector), 1 } }, { "preadv64", { FD, P(&vector), 1 } }, { "pwritev", { FD, P(&vector), 1 } }, { "pwritev64", { FD, P(&vector), 1 } },
		{ "dup", { FD } }, { "dup2", { FD, NEW_FD } }, { "__dup2", { FD, NEW_FD } }, { "dup3", { FD, NEW_FD, O_CLOEXEC } },
		{ "fcntl", { FD, F_GETFL } }, { "fcntl64", { FD, F_GETFL } }, { "__fcntl", { FD, F_GETFL } }, { "ioctl", { FD, FIONREAD, P(data) } },
		{ "getsockname", { FD, P(&address), P(&length) } }, { "getpeername", { FD, P(&address), P(&length) } },
		{ "getsockopt", { FD, SOL_SOCKET, SO_TYPE, P(data), P(&length) } }, { "setsockopt", { FD, SOL_SOCKET, SO_KEEPALIVE, P(&one), 4 } },
		{ "sockatmark", { FD } }, { "epoll_create", { 1 } }, { "epoll_create1", { 0 } }, { "epoll_ctl", { EPOLL_FD, EPOLL_CTL_ADD, FD, P(&event) } },
		{ "poll", { P(&set), 1, 0 } }, { "__poll", { P(&set), 1, 0 } }, { "__poll_chk", { P(&set), 1, 0, sizeof(set) } },
		{ "ppoll", { P(&set), 1, P(&no_time), 0 } }, { "__ppoll_chk", { P(&set), 1, P(&no_time), 0, sizeof(set) } },
		{ "select", { 1024, P(&fds), 0, 0, P(&zero_time) } }, { "__select", { 1024, P(&fds), 0, 0, P(&zero_time) } },
		{ "pselect", { 1024, P(&fds), 0, 0, P(&no_time), 0 } }, { "epoll_wait", { EPOLL_FD, P(&event), 1, 0 } },
		{ "epoll_pwait", { EPOLL_FD, P(&event), 1, 0, 0 } }, { "epoll_pwait2", { EPOLL_FD, P(&event), 1, P(&no_time), 0 } },
		{ "close", { FD } }, { "__close", { FD } }, { "shutdown", { FD, SHUT_RDWR } }, { "close_range", { FD, FD, 0 } }, { "closefrom", { FD } },
	};

	memcpy(list, rows, sizeof(rows));
	return list;
}

static const struct { const char *name; long number; } numbers[] = {
#define SYS_none -1
#define CALL(number_, name_, effect, sys, ...) { #name_, SYS_##sys },
#define CALL_BY_HAND(number_, name_, effect, sys) { #name_, SYS_##sys },
#include "schema/calls.def"
};

/* The system call that `symbol` is the name of; -1: it is none, or its parameters differ from the function's. */
static long number_of(const char *symbol)
{
	static const char *const differ[] = { "pselect", "preadv2", "pwritev2", "epoll_pwait", "epoll_pwait2" };

	for (size_t i = 0; i < sizeof(differ) / sizeof(*differ); i++)
		if (!strcmp(symbol, differ[i]))
			return -1;
	for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++)
		if (!strcmp(numbers[i].name, symbol))
			return numbers[i].number;
	return -1;
}

int main(int argc, char **argv)
{
	typedef long function(long, long, long, long, long, long, long);
	int ends[2], pipe_ends[2], file, epoll, fd = 100, by_number = argc > 1;

	socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends);
	file = open("/proc/self/exe", O_RDONLY);
	pipe(pipe_ends);
	epoll = epoll_create1(0);
	event.events = EPOLLOUT;
	epoll_ctl(epoll, EPOLL_CTL_ADD, ends[1], &event);
	for (const struct attempt *attempt = attempts(); attempt->symbol; attempt++, fd++) {
		function *call = (function *)dlsym(RTLD_DEFAULT, attempt->symbol);
		long a[7], result;

		if (by_number && number_of(attempt->symbol) < 0)
			continue;
		if (!by_number && !call) {
			printf("absent %s\n", attempt->symbol);
			continue;
		}
		dup2(ends[0], fd);
		for (int i = 0; i < 7; i++) {
			switch (a[i] = attempt->arguments[i]) {
			case FD: a[i] = fd; break;
			case NEW_FD: a[i] = fd + 200; break;
			case FILE_FD: a[i] = file; break;
			case PIPE_FD: a[i] = pipe_ends[1]; break;
			case EPOLL_FD: a[i] = epoll; break;
			}
		}
		set = (struct pollfd){ .fd = fd, .events = POLLOUT };
		FD_ZERO(&fds);
		FD_SET(fd, &fds);
		errno = 0;
		if (by_number)
			result = syscall(number_of(attempt->symbol), a[0], a[1], a[2], a[3], a[4], a[5]);
		else
			result = (int)call(a[0], a[1], a[2], a[3], a[4], a[5], a[6]);
		if (strcmp(attempt->symbol, "closefrom") == 0)
			result = 0;     /* it has none */
		printf("symbol %s fd %d = %s\n", attempt->symbol, fd, result < 0 ? strerrorname_np(errno) : "ok");
		fflush(stdout);
	}
	return 0;
}
