/*
 * variations.c: faults as in faults.c in other shapes, each beside a program that looks like it and has no fault. Traced by
 * tests/problems/test_variations.sh.
 */
#include "faults.h"

#define LONG_BYTES (6 << 20) /* more than a socket's buffers take */

static void read_slowly(bool bad)
{
	char *text = malloc(LONG_BYTES);
	int fd = connected();

	usleep(150 * MS);
	while (recv(fd, text, LONG_BYTES, 0) > 0)
		;
	close(fd);
	free(text);
}

static void wait_for_events(int fd, short events, int at_most_ms)
{
	struct pollfd ready = {.fd = fd, .events = events};

	poll(&ready, 1, at_most_ms);
}

/* A long message is cut, and short ones follow. */
static void short_write_more(bool bad)
{
	char *text = calloc(1, LONG_BYTES);
	int listener = listening(4), fd;
	pid_t pid = client(listener, read_slowly, bad);
	ssize_t sent, done = 0;

	fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	do {
		sent = send(fd, text, (size_t)(LONG_BYTES - done), 0);
		if (sent > 0)
			done += sent;
		else
			wait_for_events(fd, POLLOUT, 5000);
	} while (!bad && done < LONG_BYTES);
	wait_for_events(fd, POLLOUT, 5000);
	say(fd, "more\n");
	say(fd, "end\n");
	close(fd);
	wait_for(pid);
	close(listener);
	free(text);
}

/* A long text in pieces of one size: each send after a short one offers as many bytes as that had, and is the rest all the same. */
static void short_write_pieces(bool bad)
{
	char *text = calloc(1, LONG_BYTES);
	int listener = listening(4), fd;
	pid_t pid = client(listener, read_slowly, bad);
	ssize_t sent, done = 0;

	fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	while (done < LONG_BYTES) {
		ssize_t left = LONG_BYTES - done;

		sent = send(fd, text, left > 100000 ? 100000 : (size_t)left, 0);
		if (sent > 0)
			done += sent;
		else if (bad && done > 0)
			break;
		else
			wait_for_events(fd, POLLOUT, 5000);
	}
	close(fd);
	wait_for(pid);
	close(listener);
	free(text);
}

/* Whoever asks for the length first cuts nothing. */
static void udp_truncated_peek(bool bad)
{
	char text[1000] = "";
	int receiver = bound(SOCK_DGRAM), sender = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	ssize_t length;

	sendto(sender, text, sizeof text, 0, (struct sockaddr *)&address, sizeof address);
	length = bad ? 100 : recv(receiver, NULL, 0, MSG_PEEK | MSG_TRUNC);
	recv(receiver, text, (size_t)length, 0);
	close(sender);
	close(receiver);
}

static void udp_truncated_pair(bool bad)
{
	char text[1000] = "";
	int pair[2];

	require(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, pair) == 0, "socketpair");
	say(pair[0], "a datagram through a pair of Unix sockets");
	recv(pair[1], text, bad ? 10 : sizeof text, 0);
	close(pair[0]);
	close(pair[1]);
}

static void speak_and_wait(bool bad)
{
	int fd = connected();

	if (!bad)
		say(fd, "question");
	hear(fd);
	close(fd);
}

/* Each side waits for the other to speak first, until one of them is killed. */
static void deadlock(bool bad)
{
	int listener = listening(4), fd;
	pid_t pid = client(listener, speak_and_wait, bad), server = fork();

	if (!server) {
		fd = accept(listener, NULL, NULL);
		hear(fd);
		say(fd, "answer");
		drain(fd);
		close(listener);
		exit(0);
	}
	close(listener);
	if (bad) {
		usleep(1300 * MS);
		kill(server, SIGTERM);
	}
	wait_for(server);
	wait_for(pid);
}

static void wait_in_queue(bool bad)
{
	int fds[2] = {connected(), connected()};

	for (int i = 0; i < 2; i++) {
		say(fds[i], "question");
		hear(fds[i]);
		close(fds[i]);
	}
}

/* The server takes one of two connections and goes; the other, in its queue, is reset. */
static void reset_in_queue(bool bad)
{
	int listener = listening(4);
	pid_t pid = client(listener, wait_in_queue, bad);

	for (int i = bad ? 1 : 0; i < 2; i++) {
		int fd = accept(listener, NULL, NULL);

		hear(fd);
		say(fd, "answer");
		drain(fd);
	}
	usleep(50 * MS);
	close(listener);
	wait_for(pid);
}

static void ask_and_read_end(bool bad)
{
	for (int i = 0; i < 5; i++) {
		int fd = connected();

		say(fd, "question");
		hear(fd);
		wait_for_events(fd, POLLIN, 120);
		close(fd);
	}
}

/* A pair of sockets to each worker: this side's end is forgotten when the worker is done. */
static void leak_pair(bool bad)
{
	for (int i = 0; i < 6; i++) {
		int pair[2];
		pid_t pid;

		require(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == 0, "socketpair");
		pid = fork();
		if (!pid) {
			for (int fd = 3; fd < pair[1]; fd++)
				close(fd);
			hear(pair[1]);
			say(pair[1], "done");
			_exit(0);
		}
		close(pair[1]);
		say(pair[0], "work");
		hear(pair[0]);
		wait_for(pid);
		if (!bad)
			close(pair[0]);
	}
	usleep(100 * MS);
}

/* A process for each connection, and the parent keeps its copy of it: the client never sees the end. */
static void leak_in_parent(bool bad)
{
	int listener = listening(16);
	pid_t pid = client(listener, ask_and_read_end, bad);

	for (int i = 0; i < 5; i++) {
		int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
		pid_t worker = fork();

		if (!worker) {
			close(listener);
			hear(fd);
			say(fd, "answer");
			close(fd);
			_exit(0);
		}
		if (!bad)
			close(fd);
		wait_for(worker);
	}
	wait_for(pid);
	usleep(100 * MS);
	close(listener);
}

static void *hear_once(void *fd)
{
	hear(*(int *)fd);
	return NULL;
}

/* A socket is closed to end a thread that reads from it; only shutdown does that. */
static void close_under_thread(bool bad)
{
	int listener = listening(4), fd = connected(), other = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	pthread_t thread;

	pthread_create(&thread, NULL, hear_once, &fd);
	usleep(50 * MS);
	if (!bad) {
		shutdown(fd, SHUT_RDWR);
		pthread_join(thread, NULL);
	}
	close(fd);
	usleep(300 * MS);
	close(other);
	close(listener);
}

static const struct fault faults[] = {
	{"close_under_thread", "USE_AFTER_CLOSE", close_under_thread},
	{"leak_pair", "LEAK", leak_pair},
	{"leak_in_parent", "LEAK", leak_in_parent},
	{"deadlock", "BLOCKED", deadlock},
	{"reset_in_queue", "RESET", reset_in_queue},
	{"short_write_more", "SHORT_WRITE", short_write_more},
	{"short_write_pieces", "SHORT_WRITE", short_write_pieces},
	{"udp_truncated_peek", "UDP_TRUNCATED", udp_truncated_peek},
	{"udp_truncated_pair", "UDP_TRUNCATED", udp_truncated_pair},
};

int main(int argc, char **argv)
{
	return run_fault(faults, sizeof faults / sizeof *faults, argc, argv);
}
