/*
 * cancel_destructors.cc: threads cancelled inside blocking calls, deferred and asynchronous: their destructors and catch blocks must
 * run, with the registers that the compiler kept their values in. Prints the calls for which they did not.
 */
#include <atomic>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

static std::atomic<int> destroyed, entered;
static int pair[2];
static bool asynchronous;
static int which;
enum { STDIO = 5, CALLS = 8, TIMES = 10 };

struct Guard {
	long value;
	explicit Guard(long v) : value(v) {}
	~Guard() { if (value == 42) destroyed++; }
};

__attribute__((noinline)) static ssize_t blocked(long a, long b, long c, long d)
{
	Guard guard(a + b);
	char buffer[16];
	iovec vector = { buffer, sizeof buffer };
	msghdr message = {};
	pollfd waited = { pair[0], POLLIN, 0 };
	fd_set set;
	ssize_t result = 0;

	message.msg_iov = &vector;
	message.msg_iovlen = 1;
	FD_ZERO(&set);
	FD_SET(pair[0], &set);
	entered++;
	switch (which) {
	case 0: result = recv(pair[0], buffer, sizeof buffer, 0); break;
	case 1: result = read(pair[0], buffer, sizeof buffer); break;
	case 2: result = recvfrom(pair[0], buffer, sizeof buffer, 0, nullptr, nullptr); break;
	case 3: result = recvmsg(pair[0], &message, 0); break;
	case 4: result = poll(&waited, 1, -1); break;
	case STDIO: result = fgetc(fdopen(dup(pair[0]), "r")); break; /* libc's own read; not async-cancel-safe */
	case 6: result = readv(pair[0], &vector, 1); break;
	case 7: result = select(pair[0] + 1, &set, nullptr, nullptr, nullptr); break;
	}
	return result + c * d;
}

static void *thread(void *)
{
	pthread_setcanceltype(asynchronous ? PTHREAD_CANCEL_ASYNCHRONOUS : PTHREAD_CANCEL_DEFERRED, nullptr);
	try {
		blocked(40, 2, 3, 4);
	} catch (...) {
		destroyed += 100;
		throw;
	}
	return nullptr;
}

int main()
{
	int wrong = 0;

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair))
		return 2;
	for (int round = 0; round < 2 * CALLS * TIMES; round++) {
		pthread_t id;
		void *result;

		asynchronous = round >= CALLS * TIMES;
		which = round / TIMES % CALLS;
		if (asynchronous && which == STDIO)
			continue;
		destroyed = entered = 0;
		pthread_create(&id, nullptr, thread, nullptr);
		while (!entered)
			usleep(50);
		if (asynchronous || round % 2)
			usleep(500);
		pthread_cancel(id);
		pthread_join(id, &result);
		if (result == PTHREAD_CANCELED && destroyed == 101)
			continue;
		wrong++;
		printf("%s cancellation, call %d: destroyed %d\n", asynchronous ? "asynchronous" : "deferred", which, (int)destroyed);
	}
	return wrong != 0;
}
