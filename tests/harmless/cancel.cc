/*
 * cancel.cc: threads cancelled in recv, accept, connect, poll and read, deferred and asynchronous: destructors run, the socket goes on
 * working, and the thread's end is what pthread_join says. Also a thread that exits in the middle of a call's signal handler, and an
 * exception thrown out of a signal handler's neighbourhood: from a callback under qsort around a send.
 * link: -lpthread
 */
#include <arpa/inet.h>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

static int pair_fds[2], listener, full;
static int destroyed, cleaned;

struct Witness {
	~Witness()
	{
		destroyed++;
		/* Calls are made while the thread unwinds. */
		send(pair_fds[0], "d", 1, 0);
	}
};

static void clean(void *) { cleaned++; }

static volatile int blocking; /* the number of the thread that is about to wait */

/* Until it waits: a thread that is cancelled sooner has not come to what is to be undone. */
static void wait_until_it_waits()
{
	char path[64], text[256];
	FILE *file;

	for (int i = 0; i < 1000; i++) {
		usleep(5000);
		snprintf(path, sizeof path, "/proc/self/task/%d/stat", blocking);
		file = blocking ? fopen(path, "r") : NULL;
		text[0] = 0;
		if (file) {
			fgets(text, sizeof text, file);
			fclose(file);
		}
		if (strstr(text, ") S "))
			break;
	}
	blocking = 0;
}

static long block(int how)
{
	char byte;
	struct pollfd poller = {pair_fds[1], POLLIN, 0};
	struct iovec vector = {&byte, 1};
	struct msghdr message = {};
	struct sockaddr_in address = {};

	message.msg_iov = &vector;
	message.msg_iovlen = 1;
	blocking = gettid();
	switch (how) {
	case 0: return recv(pair_fds[1], &byte, 1, 0);
	case 1: return accept(listener, NULL, NULL);
	case 2: return read(pair_fds[1], &byte, 1);
	case 3: return poll(&poller, 1, -1);
	case 4: return recvmsg(pair_fds[1], &message, 0);
	case 5: return readv(pair_fds[1], &vector, 1);
	case 6: return recvfrom(pair_fds[1], &byte, 1, 0, NULL, NULL);
	case 7: {
		/* A listener whose queue is full: connect waits. */
		int s = socket(AF_INET, SOCK_STREAM, 0);
		socklen_t length = sizeof address;

		getsockname(full, (struct sockaddr *)&address, &length);
		return connect(s, (struct sockaddr *)&address, length);
	}
	default: return 0;
	}
}

static int asynchronous, way;

static void *thread(void *)
{
	Witness witness;

	if (asynchronous)
		pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, NULL);
	pthread_cleanup_push(clean, NULL);
	block(way);
	pthread_cleanup_pop(0);
	return NULL;
}

static void *pending(void *)
{
	Witness witness;
	int s = socket(AF_INET, SOCK_DGRAM, 0);

	pthread_cancel(pthread_self());
	printf("socket made %d\n", s > 2);
	block(way);
	return NULL;
}

static int compare(const void *a, const void *b)
{
	send(pair_fds[0], "c", 1, 0);
	if (*(const int *)a == 7)
		throw 7;
	return *(const int *)a - *(const int *)b;
}

static void *leaves(void *)
{
	Witness witness;

	send(pair_fds[0], "l", 1, 0);
	pthread_exit((void *)42);
}

/* Out of a handler, in the middle of a call: destructors and clean-up run as well. */
static void leaves_in_handler(int)
{
	pthread_exit((void *)43);
}

static void *waits_to_leave(void *)
{
	Witness witness;

	pthread_cleanup_push(clean, NULL);
	block(way);
	pthread_cleanup_pop(0);
	return NULL;
}

/* Process exit while threads are in calls: exit status, what exit() runs, and its order are as before. */
static void at_exit() { printf("exit handler, sent %d\n", (int)send(pair_fds[0], "e", 1, 0)); }

static int drain()
{
	char bytes[64];

	return (int)recv(pair_fds[1], bytes, sizeof bytes, MSG_DONTWAIT);
}

int main()
{
	struct sockaddr_in address = {};
	socklen_t length = sizeof address;

	setvbuf(stdout, NULL, _IOLBF, 0);
	address.sin_family = AF_INET;
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	socketpair(AF_UNIX, SOCK_STREAM, 0, pair_fds);
	listener = socket(AF_INET, SOCK_STREAM, 0);
	listen(listener, 1);
	full = socket(AF_INET, SOCK_STREAM, 0);
	bind(full, (struct sockaddr *)&address, sizeof address);
	listen(full, 0);
	getsockname(full, (struct sockaddr *)&address, &length);
	for (int i = 0; i < 4; i++) {
		int s = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);

		connect(s, (struct sockaddr *)&address, length);
	}
	for (way = 0; way < 8; way++) {
		for (asynchronous = 0; asynchronous < 2; asynchronous++) {
			pthread_t id;
			void *result;

			destroyed = cleaned = 0;
			pthread_create(&id, NULL, thread, NULL);
			wait_until_it_waits();
			pthread_cancel(id);
			pthread_join(id, &result);
			printf("way %d asynchronous %d: cancelled %d, destroyed %d, cleaned %d, drained %d\n", way, asynchronous, result == PTHREAD_CANCELED,
				destroyed, cleaned, drain());
		}
	}
	for (way = 0; way < 8; way++) {
		pthread_t id;
		void *result;

		destroyed = 0;
		pthread_create(&id, NULL, pending, NULL);
		pthread_join(id, &result);
		printf("pending, way %d: cancelled %d, destroyed %d, drained %d\n", way, result == PTHREAD_CANCELED, destroyed, drain());
	}
	signal(SIGUSR1, leaves_in_handler);
	for (way = 0; way < 8; way++) {
		pthread_t id;
		void *result;

		destroyed = cleaned = 0;
		pthread_create(&id, NULL, waits_to_leave, NULL);
		wait_until_it_waits();
		pthread_kill(id, SIGUSR1);
		pthread_join(id, &result);
		printf("left in a handler, way %d: %ld, destroyed %d, cleaned %d, drained %d\n", way, (long)result, destroyed, cleaned, drain());
	}
	{
		pthread_t id;
		void *result;
		int numbers[] = {3, 7, 1};

		pthread_create(&id, NULL, leaves, NULL);
		pthread_join(id, &result);
		printf("left %ld, drained %d\n", (long)result, drain());
		try {
			qsort(numbers, 3, sizeof *numbers, compare);
		} catch (int thrown) {
			printf("thrown %d\n", thrown);
		}
		printf("drained %d\n", drain() > 0);
	}
	atexit(at_exit);
	for (way = 0; way < 7; way++) {
		pthread_t id;

		pthread_create(&id, NULL, waits_to_leave, NULL);
	}
	usleep(20000);
	exit(6);
}
