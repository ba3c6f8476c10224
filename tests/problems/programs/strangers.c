/*
 * strangers.c: faults as they are found in other people's programs, in shapes that faults.c and variations.c have not.
 */
#include "faults.h"
#include <sys/un.h>

static struct sockaddr_un path;

/* A listening Unix socket with an abstract name of this process. */
static int listening_by_name(int backlog)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	path = (struct sockaddr_un){.sun_family = AF_UNIX};
	snprintf(path.sun_path + 1, sizeof path.sun_path - 1, "socklife-test-%d", getpid());
	require(bind(fd, (struct sockaddr *)&path, sizeof path) == 0, "bind");
	listen(fd, backlog);
	return fd;
}

static void say_and_leave_later(bool bad)
{
	int fd = connected();

	say(fd, "hello");
	usleep(50 * MS);
	close(fd);
}

/* A loop that would act on data only, and is told of the end for ever. */
static void poll_end_unread(bool bad)
{
	int listener = listening(4), fd;
	pid_t pid = client(listener, say_and_leave_later, bad);
	struct pollfd waiting;

	fd = accept(listener, NULL, NULL);
	hear(fd);
	waiting = (struct pollfd){.fd = fd, .events = POLLIN};
	for (int i = 0; i < (bad ? 3000 : 1); i++)
		poll(&waiting, 1, 1000);
	if (!bad)
		hear(fd);
	close(fd);
	wait_for(pid);
	close(listener);
}

static void answer_later(bool bad)
{
	int fd = connected();

	hear(fd);
	usleep(500 * MS);
	say(fd, "answer");
	drain(fd);
}

/* POLLOUT is asked for although there is nothing to send. */
static void poll_out_always(bool bad)
{
	int listener = listening(4), fd;
	pid_t pid = client(listener, answer_later, bad);
	struct pollfd waiting;

	fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
	say(fd, "question");
	waiting = (struct pollfd){.fd = fd, .events = POLLIN | (bad ? POLLOUT : 0)};
	do
		poll(&waiting, 1, 1000);
	while (!(waiting.revents & POLLIN));
	hear(fd);
	close(fd);
	wait_for(pid);
	close(listener);
}

static void send_much(int fd)
{
	static char data[1 << 16];

	for (int i = 0; i < 160; i++)
		if (send(fd, data, sizeof data, MSG_NOSIGNAL) < 0)
			return;
}

static void read_much(int fd)
{
	static char data[1 << 16];

	for (int left = 160 * (int)sizeof data, got; left > 0; left -= got)
		if ((got = (int)recv(fd, data, sizeof data, 0)) <= 0)
			return;
}

static void send_before_reading(bool bad)
{
	int fd = connected();

	alarm(2);
	send_much(fd);
	read_much(fd);
	close(fd);
}

/* Both ends send all they have before they read. */
static void both_send(bool bad)
{
	int listener = listening(4), fd;
	pid_t pid = client(listener, send_before_reading, bad);

	fd = accept(listener, NULL, NULL);
	if (bad) {
		send_much(fd);
	} else {
		read_much(fd);
		send_much(fd);
	}
	close(fd);
	wait_for(pid);
	close(listener);
}

/* Non-blocking clients of a Unix listener with a short queue are turned away. */
static void queue_full(bool bad)
{
	int listener = listening_by_name(bad ? 0 : 8), fds[4];

	for (int i = 0; i < 4; i++) {
		fds[i] = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
		connect(fds[i], (struct sockaddr *)&path, sizeof path);
	}
	for (int i = 0; i < (bad ? 1 : 4); i++)
		close(accept(listener, NULL, NULL));
	for (int i = 0; i < 4; i++)
		close(fds[i]);
	close(listener);
}

/* Bound, and listen was forgotten. */
static void not_listening(bool bad)
{
	int server = bound(SOCK_STREAM), fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (!bad)
		listen(server, 4);
	if (connect(fd, (struct sockaddr *)&address, sizeof address) == 0)
		close(accept(server, NULL, NULL));
	close(fd);
	close(server);
}

static void pass(int over, int fd)
{
	union { struct cmsghdr header; char room[CMSG_SPACE(sizeof fd)]; } control = {.header = {CMSG_LEN(sizeof fd), SOL_SOCKET, SCM_RIGHTS}};
	struct msghdr message = {.msg_iov = &(struct iovec){"x", 1}, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};

	memcpy(CMSG_DATA(&control.header), &fd, sizeof fd);
	require(sendmsg(over, &message, 0) == 1, "sendmsg");
}

static int take(int over)
{
	union { struct cmsghdr header; char room[CMSG_SPACE(sizeof(int))]; } control;
	char text[8];
	struct msghdr message = {.msg_iov = &(struct iovec){text, sizeof text}, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
	int fd;

	if (recvmsg(over, &message, MSG_CMSG_CLOEXEC) <= 0)
		return -1;
	memcpy(&fd, CMSG_DATA(&control.header), sizeof fd);
	return fd;
}

static void ask_six_times(bool bad)
{
	for (int i = 0; i < 6; i++) {
		int fd = connected();

		say(fd, "question");
		hear(fd);
		close(fd);
	}
}

/* A worker gets connections by SCM_RIGHTS, and keeps them. */
static void leak_passed(bool bad)
{
	int listener = listening(8), pair[2];
	pid_t pid = client(listener, ask_six_times, bad), worker;

	socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair);
	worker = fork();
	if (!worker) {
		close(listener);
		close(pair[0]);
		for (int fd; (fd = take(pair[1])) >= 0;) {
			hear(fd);
			say(fd, "answer");
			if (!bad)
				drain(fd);
		}
		usleep(200 * MS);
		_exit(0);
	}
	close(pair[1]);
	for (int i = 0; i < 6; i++) {
		int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);

		pass(pair[0], fd);
		close(fd);
	}
	wait_for(pid);
	close(pair[0]);
	wait_for(worker);
	close(listener);
}

static void say_and_wait_for_end(bool bad)
{
	int fd = connected();

	say(fd, "all there is");
	shutdown(fd, SHUT_WR);
	drain(fd);
}

/* The client has ended its side; the server has answered, and does not close. */
static void never_finished(bool bad)
{
	int listener = listening(4), fd;
	pid_t pid = client(listener, say_and_wait_for_end, bad);

	fd = accept(listener, NULL, NULL);
	while (hear(fd) > 0)
		;
	say(fd, "answer");
	if (bad)
		usleep(1300 * MS);
	close(fd);
	wait_for(pid);
	close(listener);
}

/* Clients of a server that does other things first: their packets are dropped while its queue is full. One cause, one finding. */
static void connect_dropped(bool bad)
{
	int listener = listening(bad ? 0 : 8);

	for (int i = 0; i < 4; i++)
		if (client(listener, ask_six_times, bad) < 0)
			return;
	for (int i = 0; i < 24; i++) {
		int fd;

		if (bad && i < 3)
			usleep(400 * MS);
		fd = accept(listener, NULL, NULL);
		hear(fd);
		say(fd, "answer");
		drain(fd);
	}
	while (wait(NULL) > 0)
		;
	close(listener);
}

static void ask_and_leave(bool bad)
{
	int fd = connected();

	say(fd, "a request of some length, which nobody reads");
	usleep(bad ? 0 : 150 * MS);
	close(fd);
}

/* The request is never read, and the client, which leaves without waiting, never learns of it. */
static void unread_unseen(bool bad)
{
	int listener = listening(4), fd;
	pid_t pid = client(listener, ask_and_leave, bad);

	fd = accept(listener, NULL, NULL);
	wait_for(pid);
	if (!bad)
		hear(fd);
	close(fd);
	close(listener);
}

/* The same, of a server that ends. */
static void unread_at_exit(bool bad)
{
	int listener = listening(4), fd;
	pid_t pid = client(listener, ask_and_leave, bad);

	fd = accept(listener, NULL, NULL);
	wait_for(pid);
	if (!bad)
		drain(fd);
	exit(0);
}

static void serve_and_exit(int fd)
{
	usleep(50 * MS);
	hear(fd);
	say(fd, "answer");
	exit(0);
}

/* The parent closes its copy with the request unread in both; only the repaired child reads it. */
static void unread_by_child(bool bad)
{
	int listener = listening(4), fd;
	pid_t pid = client(listener, ask_and_leave, false), child;

	fd = accept(listener, NULL, NULL);
	usleep(50 * MS);
	child = fork();
	if (child == 0) {
		close(listener);
		if (bad)
			exit(0);
		serve_and_exit(fd);
	}
	close(fd);
	wait_for(child);
	wait_for(pid);
	close(listener);
}

static const struct fault faults[] = {
	{"poll_end_unread", "EOF_IGNORED", poll_end_unread},
	{"poll_out_always", "EAGAIN_SPIN", poll_out_always},
	{"both_send", "BLOCKED", both_send},
	{"queue_full", "REFUSED", queue_full},
	{"not_listening", "REFUSED", not_listening},
	{"leak_passed", "LEAK", leak_passed},
	{"never_finished", "CLOSE_WAIT", never_finished},
	{"connect_dropped", "SLOW_ACCEPT", connect_dropped},
	{"unread_unseen", "RESET", unread_unseen},
	{"unread_at_exit", "RESET", unread_at_exit},
	{"unread_by_child", "RESET", unread_by_child},
};

int main(int argc, char **argv)
{
	return run_fault(faults, sizeof faults / sizeof *faults, argc, argv);
}
