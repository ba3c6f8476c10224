/*
 * faults.c: programs with one known fault each, and the same programs repaired: `faults NAME fault|repaired`. They are traced
 * by tests/problems/test_programs.sh, which expects `socklife check` to name the fault and to find nothing once repaired.
 *
 * Server and client are two processes, parent and child, on a free loopback port; the child inherits nothing it does not
 * use. `faults list` prints NAME RULE for each.
 */
#include "faults.h"

/* --- one pair of functions for each fault --- */

static void ask_ten_times(bool bad)
{
	for (int i = 0; i < 10; i++) {
		int fd = connected();

		say(fd, i % 3 ? "hello" : "wrong");
		hear(fd);
		close(fd);
	}
}

/* The way out after a wrong request forgets the close. */
static void leak(bool bad)
{
	int listener = listening(16);
	pid_t pid = client(listener, ask_ten_times, bad);

	for (int i = 0; i < 10; i++) {
		char text[16] = "";
		int fd = accept(listener, NULL, NULL);

		recv(fd, text, sizeof text, 0);
		say(fd, "answer");
		hear(fd);
		if (bad && !strcmp(text, "wrong"))
			continue;
		close(fd);
	}
	wait_for(pid);
	usleep(100 * MS);
	close(listener);
}

static void leak_client_run(bool bad)
{
	for (int i = 0; i < 8; i++) {
		int fd = connected();

		say(fd, "hello");
		hear(fd);
		if (!bad || i % 2)
			close(fd);
	}
}

static void leak_client(bool bad)
{
	int listener = listening(16), fds[8];
	pid_t pid = client(listener, leak_client_run, bad);

	for (int i = 0; i < 8; i++) {
		fds[i] = accept(listener, NULL, NULL);
		hear(fds[i]);
		say(fds[i], "answer");
	}
	for (int i = 0; i < 8; i++)
		drain(fds[i]);
	wait_for(pid);
	close(listener);
}

/* A failed connect is tried again with a new socket; the old one is forgotten. */
static void leak_retry(bool bad)
{
	int listener = listening(8);

	if (bad)
		close(listener);
	for (int i = 0; i < 4; i++) {
		int fd = socket(AF_INET, SOCK_STREAM, 0);

		if (connect(fd, (struct sockaddr *)&address, sizeof address) == 0) {
			close(accept(listener, NULL, NULL));
			close(fd);
		}
	}
	if (!bad)
		close(listener);
}

static void addrinuse(bool bad)
{
	int first = listening(4), second = socket(AF_INET, SOCK_STREAM, 0);

	if (!bad)
		address.sin_port = 0;
	usleep(20 * MS);
	if (bind(second, (struct sockaddr *)&address, sizeof address) == 0)
		listen(second, 4);
	close(second);
	close(first);
}

static void refused(bool bad)
{
	int listener = listening(4), fd;

	if (bad)
		close(listener);
	fd = socket(AF_INET, SOCK_STREAM, 0);
	if (connect(fd, (struct sockaddr *)&address, sizeof address) == 0)
		close(accept(listener, NULL, NULL));
	close(fd);
	if (!bad)
		close(listener);
}

static void reset_run(bool bad)
{
	int fd = connected();

	say(fd, "one request and more than was asked for");
	usleep(150 * MS);
	hear(fd);
	close(fd);
}

/* The server closes with the client's bytes unread. */
static void reset_unread(bool bad)
{
	int listener = listening(4), fd;
	pid_t pid = client(listener, reset_run, bad);

	fd = accept(listener, NULL, NULL);
	usleep(50 * MS);
	if (bad)
		close(fd);
	else {
		hear(fd);
		close(fd);
	}
	wait_for(pid);
	close(listener);
}

static void reset_linger(bool bad)
{
	int listener = listening(4), fd;
	pid_t pid = client(listener, reset_run, bad);
	struct linger linger = {.l_onoff = 1};

	fd = accept(listener, NULL, NULL);
	hear(fd);
	if (bad)
		setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
	close(fd);
	wait_for(pid);
	close(listener);
}

static void hello_and_go(bool bad)
{
	int fd = connected();

	say(fd, "hello");
	close(fd);
}

static void close_wait(bool bad)
{
	int listener = listening(4), fd;
	pid_t pid = client(listener, hello_and_go, bad);

	fd = accept(listener, NULL, NULL);
	hear(fd);
	wait_for(pid);
	if (!bad)
		drain(fd);
	usleep(1300 * MS);
	if (bad)
		drain(fd);
	close(listener);
}

/* The client leaves; the server goes on writing. */
static void broken_pipe(bool bad)
{
	int listener = listening(4), fd;
	pid_t pid = client(listener, hello_and_go, bad);

	fd = accept(listener, NULL, NULL);
	hear(fd);
	wait_for(pid);
	if (bad)
		for (int i = 0; i < 3; i++) {
			send(fd, "chunk", 5, MSG_NOSIGNAL);
			usleep(20 * MS);
		}
	drain(fd);
	close(listener);
}

static void broken_pipe_signal(bool bad)
{
	int listener = listening(4), fd;
	pid_t pid = client(listener, hello_and_go, bad), server;

	server = fork();
	if (!server) {
		fd = accept(listener, NULL, NULL);
		close(listener);
		hear(fd);
		usleep(50 * MS);
		for (int i = 0; i < 3 && bad; i++) {
			(void)!write(fd, "chunk", 5);
			usleep(20 * MS);
		}
		drain(fd);
		exit(0);
	}
	close(listener);
	wait_for(pid);
	wait_for(server);
}

static void read_slowly(bool bad)
{
	int fd = connected();

	usleep(50 * MS);
	drain(fd);
}

/* One send of more than the kernel takes, non-blocking. */
static void short_write(bool bad)
{
	static char data[16 << 20];
	int listener = listening(4), fd;
	pid_t pid = client(listener, read_slowly, bad);
	size_t sent = 0;

	fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
	do {
		struct pollfd waiting = {.fd = fd, .events = POLLOUT};
		ssize_t count;

		poll(&waiting, 1, 1000);
		count = send(fd, data + sent, sizeof data - sent, MSG_NOSIGNAL);
		if (count > 0)
			sent += (size_t)count;
	} while (!bad && sent < sizeof data);
	close(fd);
	wait_for(pid);
	close(listener);
}

static void eof_ignored(bool bad)
{
	int listener = listening(4), fd;
	pid_t pid = client(listener, hello_and_go, bad);

	fd = accept(listener, NULL, NULL);
	for (int i = 0; i < 1000; i++) {
		int count = hear(fd);

		if (count < 0 || (count == 0 && !bad))
			break;
	}
	close(fd);
	wait_for(pid);
	close(listener);
}

static void answer_late(bool bad)
{
	int fd = connected();

	usleep(100 * MS);
	say(fd, "at last");
	close(fd);
}

static void eagain_spin(bool bad)
{
	int listener = listening(4), fd, count;
	pid_t pid = client(listener, answer_late, bad);

	fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
	do {
		struct pollfd waiting = {.fd = fd, .events = POLLIN};

		if (!bad)
			poll(&waiting, 1, 1000);
		count = hear(fd);
	} while (count < 0 && errno == EAGAIN);
	drain(fd);
	wait_for(pid);
	close(listener);
}

static void ask_once(bool bad)
{
	int fd = connected();

	say(fd, "question");
	hear(fd);
	close(fd);
}

/* The server computes for more than a second. */
static void blocked(bool bad)
{
	int listener = listening(4), fd;
	pid_t pid = client(listener, ask_once, bad);

	fd = accept(listener, NULL, NULL);
	hear(fd);
	if (bad)
		usleep(1300 * MS);
	say(fd, "answer");
	drain(fd);
	wait_for(pid);
	close(listener);
}

static void ask_three_times(bool bad)
{
	for (int i = 0; i < 3; i++)
		ask_once(bad);
}

static void slow_accept(bool bad)
{
	int listener = listening(4);
	pid_t pid = client(listener, ask_three_times, bad);

	for (int i = 0; i < 3; i++) {
		int fd;

		if (bad)
			usleep(250 * MS);
		fd = accept(listener, NULL, NULL);
		hear(fd);
		say(fd, "answer");
		drain(fd);
	}
	wait_for(pid);
	close(listener);
}

static void wait_in_vain(bool bad)
{
	int fd = connected();
	struct pollfd waiting = {.fd = fd, .events = POLLIN};

	say(fd, "anybody?");
	if (poll(&waiting, 1, bad ? 600 : 2000) == 1)
		hear(fd);
	close(fd);
}

static void never_accepted(bool bad)
{
	int listener = listening(4), fd;
	pid_t pid = client(listener, wait_in_vain, bad);

	if (!bad) {
		fd = accept(listener, NULL, NULL);
		hear(fd);
		say(fd, "yes");
		drain(fd);
	}
	wait_for(pid);
	usleep(200 * MS);
	close(listener);
}

static void double_close(bool bad)
{
	int fd = bound(SOCK_DGRAM);

	close(fd);
	if (bad)
		close(fd);
}

static int shared_fd = -1;

static void *owner(void *unused)
{
	int fd = bound(SOCK_DGRAM);

	shared_fd = fd;
	usleep(100 * MS);
	sendto(fd, "x", 1, 0, (struct sockaddr *)&address, sizeof address);
	close(fd);
	return NULL;
}

/* The second close hits the socket that another thread has got the number of. */
static void double_close_thread(bool bad)
{
	int fd = bound(SOCK_DGRAM);
	pthread_t thread;

	close(fd);
	pthread_create(&thread, NULL, owner, NULL);
	usleep(50 * MS);
	if (bad)
		close(fd);
	pthread_join(thread, NULL);
}

static void use_after_close(bool bad)
{
	int fd = bound(SOCK_DGRAM);

	if (bad)
		close(fd);
	sendto(fd, "x", 1, 0, (struct sockaddr *)&address, sizeof address);
	if (!bad)
		close(fd);
}

/* A helper program gets the listener and outlives the server. */
static void inherited(bool bad)
{
	int listener = listening(4), on = 0;
	pid_t pid;

	if (bad)
		fcntl(listener, F_SETFD, on);
	pid = fork();
	if (!pid) {
		execl("/bin/sh", "sh", "-c", "sleep 0.6; :", NULL);
		_exit(9);
	}
	usleep(100 * MS);
	close(listener);
	wait_for(pid);
}

static void send_datagram(bool bad)
{
	static char data[1000];
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	usleep(50 * MS);
	sendto(fd, data, sizeof data, 0, (struct sockaddr *)&address, sizeof address);
	close(fd);
}

static void udp_truncated(bool bad)
{
	static char data[65536];
	int fd = bound(SOCK_DGRAM);
	pid_t pid = client(fd, send_datagram, bad);

	recvfrom(fd, data, bad ? 100 : sizeof data, 0, NULL, NULL);
	wait_for(pid);
	close(fd);
}

static void write_twice(bool bad)
{
	int fd = connected(), on = 1;

	if (!bad)
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	for (int i = 0; i < 20; i++) {
		say(fd, "header");
		say(fd, "body");
		hear(fd);
	}
	close(fd);
}

static void small_writes(bool bad)
{
	int listener = listening(4), fd;
	pid_t pid = client(listener, write_twice, bad);

	fd = accept(listener, NULL, NULL);
	for (int i = 0; i < 20; i++) {
		for (int count = 0, got; count < 10; count += got)
			if ((got = hear(fd)) <= 0)
				break;
		say(fd, "answer");
	}
	drain(fd);
	wait_for(pid);
	close(listener);
}

static void connect_to_nobody(bool bad)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), error = 0;
	struct pollfd waiting = {.fd = fd, .events = POLLOUT};
	socklen_t length = sizeof error;

	connect(fd, (struct sockaddr *)&address, sizeof address);
	if (poll(&waiting, 1, 1200) == 1)
		getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length);
	close(fd);
}

/* The listener's queue is full: packets are dropped as by a firewall. */
static void timeout_connect(bool bad)
{
	int listener = listening(0), fillers[4];

	for (int i = 0; i < 4 && bad; i++) {
		fillers[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
		connect(fillers[i], (struct sockaddr *)&address, sizeof address);
	}
	connect_to_nobody(bad);
	for (int i = 0; i < 4 && bad; i++)
		close(fillers[i]);
	if (!bad)
		close(accept(listener, NULL, NULL));
	close(listener);
}

static const struct fault faults[] = {
	{"leak", "LEAK", leak},
	{"leak_client", "LEAK", leak_client},
	{"leak_retry", "LEAK", leak_retry},
	{"addrinuse", "EADDRINUSE", addrinuse},
	{"refused", "REFUSED", refused},
	{"reset_unread", "RESET", reset_unread},
	{"reset_linger", "RESET", reset_linger},
	{"close_wait", "CLOSE_WAIT", close_wait},
	{"broken_pipe", "BROKEN_PIPE", broken_pipe},
	{"broken_pipe_signal", "BROKEN_PIPE", broken_pipe_signal},
	{"short_write", "SHORT_WRITE", short_write},
	{"eof_ignored", "EOF_IGNORED", eof_ignored},
	{"eagain_spin", "EAGAIN_SPIN", eagain_spin},
	{"blocked", "BLOCKED", blocked},
	{"slow_accept", "SLOW_ACCEPT", slow_accept},
	{"never_accepted", "NEVER_ACCEPTED", never_accepted},
	{"double_close", "DOUBLE_CLOSE", double_close},
	{"double_close_thread", "DOUBLE_CLOSE", double_close_thread},
	{"use_after_close", "USE_AFTER_CLOSE", use_after_close},
	{"inherited", "INHERITED", inherited},
	{"udp_truncated", "UDP_TRUNCATED", udp_truncated},
	{"small_writes", "SMALL_WRITES", small_writes},
	{"timeout_connect", "TIMEOUT", timeout_connect},
};

int main(int argc, char **argv)
{
	return run_fault(faults, sizeof faults / sizeof *faults, argc, argv);
}
