/*
 * impatient.c: clients that wait for an answer in one of the ways there are, and give up when none comes; repaired, it comes in time, or
 * none was expected.
 */
#include "faults.h"
#include <setjmp.h>
#include <sys/epoll.h>
#include <sys/select.h>

static sigjmp_buf out;

static void interrupt(int number) { }

static void jump(int number)
{
	siglongjmp(out, 1);
}

static void on_alarm(void (*handler)(int number))
{
	sigaction(SIGALRM, &(struct sigaction){.sa_handler = handler}, NULL);
}

/* A server that answers the first question of one client, after a while. */
static pid_t answering_after(int ms)
{
	int listener = listening(4), fd;
	pid_t pid = fork();

	if (pid) {
		close(listener);
		return pid;
	}
	fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	hear(fd);
	usleep(ms * MS);
	send(fd, "answer", 6, MSG_NOSIGNAL);
	drain(fd);
	exit(0);
}

static void recv_until_alarm(bool bad)
{
	pid_t pid = answering_after(bad ? 1500 : 10);
	int fd = connected();

	on_alarm(interrupt);
	say(fd, "question");
	ualarm(600 * MS, 0);
	hear(fd);
	ualarm(0, 0);
	close(fd);
	wait_for(pid);
}

static void recv_until_jump(bool bad)
{
	pid_t pid = answering_after(bad ? 1500 : 10);
	int fd = connected();

	on_alarm(jump);
	say(fd, "question");
	ualarm(600 * MS, 0);
	if (!sigsetjmp(out, 1))
		hear(fd);
	ualarm(0, 0);
	close(fd);
	wait_for(pid);
}

static void ask_by_select(bool bad)
{
	int server = bound(SOCK_DGRAM), fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct sockaddr_in from;
	socklen_t length = sizeof from;
	char text[100];
	fd_set set;

	for (int i = 0; i < 2; i++) {
		struct timeval most = {0, 300 * MS};

		sendto(fd, "question", 8, 0, (struct sockaddr *)&address, sizeof address);
		recvfrom(server, text, sizeof text, 0, (struct sockaddr *)&from, &length);
		if (!bad)
			sendto(server, "answer", 6, 0, (struct sockaddr *)&from, length);
		FD_ZERO(&set);
		FD_SET(fd, &set);
		if (select(fd + 1, &set, NULL, NULL, &most) == 1)
			hear(fd);
	}
	close(fd);
	close(server);
}

/* Repaired: a client that only tells something, and waits between one line and the next for other reasons. */
static void ask_by_epoll(bool bad)
{
	pid_t pid = answering_after(1500);
	int fd = connected(), set = epoll_create1(EPOLL_CLOEXEC);
	struct epoll_event event = {.events = EPOLLIN};

	epoll_ctl(set, EPOLL_CTL_ADD, fd, &event);
	if (bad) {
		say(fd, "question");
		epoll_wait(set, &event, 1, 400);
		epoll_wait(set, &event, 1, 200);
	} else {
		for (int i = 0; i < 3; i++) {
			say(fd, "a line to be kept");
			epoll_wait(set, &event, 1, 250);
		}
	}
	close(fd);
	close(set);
	wait_for(pid);
}

/* A listener whose queue is full drops whoever comes; until it is emptied. */
static int full(int *fillers, bool bad)
{
	int listener = listening(0);

	for (int i = 0; i < 3 && bad; i++) {
		fillers[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
		connect(fillers[i], (struct sockaddr *)&address, sizeof address);
	}
	return listener;
}

static void empty(int listener, int *fillers, bool bad)
{
	if (!bad)
		close(accept(listener, NULL, NULL));
	for (int i = 0; i < 3 && bad; i++)
		close(fillers[i]);
	close(listener);
}

static void connect_until_alarm(bool bad)
{
	int fillers[3], listener = full(fillers, bad), fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	on_alarm(interrupt);
	ualarm(500 * MS, 0);
	connect(fd, (struct sockaddr *)&address, sizeof address);
	ualarm(0, 0);
	close(fd);
	empty(listener, fillers, bad);
}

static void connect_with_limit(bool bad)
{
	int fillers[3], listener = full(fillers, bad), fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct timeval most = {0, 500 * MS};

	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &most, sizeof most);
	connect(fd, (struct sockaddr *)&address, sizeof address);
	close(fd);
	empty(listener, fillers, bad);
}

static void connect_by_poll(bool bad)
{
	int fillers[3], listener = full(fillers, bad), fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), error;
	struct pollfd waiting = {.fd = fd, .events = POLLOUT};
	socklen_t length = sizeof error;

	connect(fd, (struct sockaddr *)&address, sizeof address);
	if (poll(&waiting, 1, 500) == 1)
		getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length);
	close(fd);
	empty(listener, fillers, bad);
}

static const struct fault faults[] = {
	{"recv_until_alarm", "TIMEOUT", recv_until_alarm},
	{"recv_until_jump", "TIMEOUT", recv_until_jump},
	{"ask_by_select", "TIMEOUT", ask_by_select},
	{"ask_by_epoll", "TIMEOUT", ask_by_epoll},
	{"connect_until_alarm", "TIMEOUT", connect_until_alarm},
	{"connect_with_limit", "TIMEOUT", connect_with_limit},
	{"connect_by_poll", "TIMEOUT", connect_by_poll},
};

int main(int argc, char **argv)
{
	return run_fault(faults, sizeof faults / sizeof *faults, argc, argv);
}
