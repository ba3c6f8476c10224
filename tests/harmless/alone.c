/*
 * alone.c: a process of one thread that cancels itself: each of these calls is a cancellation point then (pthreads(7)), and none while cancelling is disabled.
 * Before that, and in a child of its own for each, the same call does its work. Also with a second thread that has come and gone, and before there is a socket.
 * link: -lpthread
 */
#include <poll.h>
#include <pthread.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static int ends[2], listener, epoll;

static const char *const names[] = {"send", "sendto", "sendmsg", "write", "writev", "recv", "recvfrom", "recvmsg", "read", "readv",
	"poll", "epoll_wait", "accept", "accept4", "connect", "close"};
#define NAMES (sizeof names / sizeof *names)

static long make_call(unsigned which)
{
	char byte = 'x';
	struct iovec vector = {&byte, 1};
	struct msghdr message = {.msg_iov = &vector, .msg_iovlen = 1};
	struct pollfd polled = {.fd = ends[0], .events = POLLOUT};
	struct epoll_event event;
	struct sockaddr_un nowhere = {.sun_family = AF_UNIX, .sun_path = "\0alone-nobody-has-this-name"};

	switch (which) {
	case 0: return send(ends[0], &byte, 1, 0);
	case 1: return sendto(ends[0], &byte, 1, 0, NULL, 0);
	case 2: return sendmsg(ends[0], &message, 0);
	case 3: return write(ends[0], &byte, 1);
	case 4: return writev(ends[0], &vector, 1);
	case 5: return recv(ends[1], &byte, 1, 0);
	case 6: return recvfrom(ends[1], &byte, 1, 0, NULL, NULL);
	case 7: return recvmsg(ends[1], &message, 0);
	case 8: return read(ends[1], &byte, 1);
	case 9: return readv(ends[1], &vector, 1);
	case 10: return poll(&polled, 1, 0);
	case 11: return epoll_wait(epoll, &event, 1, 0);
	case 12: return accept(listener, NULL, NULL);
	case 13: return accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	case 14: return connect(listener, (struct sockaddr *)&nowhere, sizeof nowhere);
	default: return close(dup(ends[0]));
	}
}

static void say(void *what)
{
	printf("%s, ", (const char *)what);
	fflush(stdout);
}

/* Ends its process if the call is one at which it may be cancelled. */
static void cancelled_in(unsigned which, int state)
{
	pthread_cleanup_push(say, "cancelled");
	pthread_setcancelstate(state, NULL);
	pthread_cancel(pthread_self());
	printf("%ld, ", make_call(which));
	fflush(stdout);
	pthread_cleanup_pop(0);
	_exit(7);
}

static void *nothing(void *given)
{
	return given;
}

static void in_a_child(unsigned which, int state)
{
	pid_t child;
	int status;

	fflush(stdout);
	child = fork();
	if (child == 0)
		cancelled_in(which, state);
	waitpid(child, &status, 0);
	printf("status %d\n", status);
}

/* A process that has no socket makes its calls on other descriptors in another way. */
static int on_a_pipe(void)
{
	static const unsigned any_descriptor[] = {3, 4, 8, 9};
	int both[2];

	if (pipe(both) || write(both[1], "0123456789", 10) != 10)
		return 1;
	ends[0] = both[1];
	ends[1] = both[0];
	for (unsigned i = 0; i < sizeof any_descriptor / sizeof *any_descriptor; i++) {
		printf("pipe, %s: %ld, ", names[any_descriptor[i]], make_call(any_descriptor[i]));
		in_a_child(any_descriptor[i], PTHREAD_CANCEL_ENABLE);
		in_a_child(any_descriptor[i], PTHREAD_CANCEL_DISABLE);
	}
	close(both[0]);
	close(both[1]);
	printf("closed: %ld, %m\n", make_call(3));
	return 0;
}

int main(void)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	struct epoll_event writable = {.events = EPOLLOUT};
	pthread_t thread;
	int on = 1;

	if (on_a_pipe())
		return 1;
	listener = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
	/* An address that is none but for its family: the kernel gives a name. */
	if (listener < 0 || setsockopt(listener, SOL_SOCKET, SO_PASSCRED, &on, sizeof on) ||
	    bind(listener, (struct sockaddr *)&address, offsetof(struct sockaddr_un, sun_path)) || listen(listener, 1))
		return 1;
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) || write(ends[0], "0123456789012345678901234567890123456789", 40) != 40)
		return 1;
	epoll = epoll_create1(0);
	if (epoll < 0 || epoll_ctl(epoll, EPOLL_CTL_ADD, ends[0], &writable))
		return 1;
	for (int many = 0; many <= 1; many++) {
		for (unsigned which = 0; which < NAMES; which++) {
			printf("%s: %ld, ", names[which], make_call(which));
			in_a_child(which, PTHREAD_CANCEL_ENABLE);
			in_a_child(which, PTHREAD_CANCEL_DISABLE);
		}
		pthread_create(&thread, NULL, nothing, NULL);
		pthread_join(thread, NULL);
	}
	return 0;
}
