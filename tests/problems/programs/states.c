/*
 * states.c: calls that fail because of the state that a socket, its address or the process is in, as a learner's do, and the same
 * programs repaired.
 */
#include "faults.h"

#include <sys/resource.h>
#include <sys/un.h>

static void greet(bool bad)
{
	int fd = connected();

	say(fd, "hello");
	drain(fd);
}

/* The answer goes to the listener instead of the connection. */
static void listener_send(bool bad)
{
	int listener = listening(4), fd;
	pid_t pid = client(listener, greet, bad);

	fd = accept(listener, NULL, NULL);
	hear(fd);
	send(bad ? listener : fd, "answer", 6, MSG_NOSIGNAL);
	close(fd);
	wait_for(pid);
	close(listener);
}

static void never_connected(bool bad)
{
	int listener = listening(4), fd = bad ? socket(AF_INET, SOCK_STREAM, 0) : connected();

	send(fd, "hello", 5, MSG_NOSIGNAL);
	close(fd);
	if (!bad)
		drain(accept(listener, NULL, NULL));
	close(listener);
}

static void own_shutdown(bool bad)
{
	int listener = listening(4), fd = connected(), other = accept(listener, NULL, NULL);

	if (bad)
		shutdown(fd, SHUT_WR);
	send(fd, "late", 4, MSG_NOSIGNAL);
	close(fd);
	drain(other);
	close(listener);
}

static void bind_elsewhere(bool bad)
{
	struct sockaddr_in wanted = {.sin_family = AF_INET, .sin_addr.s_addr = inet_addr(bad ? "192.0.2.77" : "127.0.0.1")};
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	bind(fd, (struct sockaddr *)&wanted, sizeof wanted);
	close(fd);
}

static void unlistened(bool bad)
{
	int listener = bound(SOCK_STREAM), fd;

	if (!bad) {
		listen(listener, 4);
		close(connected());
	}
	fd = accept(listener, NULL, NULL);
	if (fd >= 0)
		drain(fd);
	close(listener);
}

static void long_datagram(bool bad)
{
	static char data[66000];
	int receiver = bound(SOCK_DGRAM), fd = socket(AF_INET, SOCK_DGRAM, 0);

	sendto(fd, data, bad ? sizeof data : 1000, 0, (struct sockaddr *)&address, sizeof address);
	close(fd);
	close(receiver);
}

static void descriptors(bool bad)
{
	struct rlimit limit = {16, 16};
	int fds[32];

	setrlimit(RLIMIT_NOFILE, &limit);
	for (int i = 0; i < 32; i++) {
		fds[i] = socket(AF_INET, SOCK_STREAM, 0);
		if (!bad)
			close(fds[i]);
	}
	for (int i = 0; i < 32 && bad && fds[i] >= 0; i++)
		close(fds[i]);
}

/* A family that there is not, and nobody looked. */
static void bad_descriptor(bool bad)
{
	int fd = socket(bad ? 99 : AF_INET, SOCK_DGRAM, 0);
	struct sockaddr_in nowhere = {.sin_family = AF_INET, .sin_port = htons(9), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};

	connect(fd, (struct sockaddr *)&nowhere, sizeof nowhere);
	close(fd);
}

/* A datagram socket asks for a server of streams. */
static void connect_type(bool bad)
{
	struct sockaddr_un path = {.sun_family = AF_UNIX};
	int listener = socket(AF_UNIX, SOCK_STREAM, 0), fd = socket(AF_UNIX, bad ? SOCK_DGRAM : SOCK_STREAM, 0);

	snprintf(path.sun_path, sizeof path.sun_path, "/tmp/socklife-states.%d", (int)getpid());
	bind(listener, (struct sockaddr *)&path, sizeof path);
	listen(listener, 4);
	if (connect(fd, (struct sockaddr *)&path, sizeof path) == 0)
		close(accept(listener, NULL, NULL));
	close(fd);
	close(listener);
	unlink(path.sun_path);
}

static const struct fault faults[] = {
	{"listener_send", "NOT_CONNECTED", listener_send},
	{"never_connected", "NOT_CONNECTED", never_connected},
	{"own_shutdown", "BROKEN_PIPE", own_shutdown},
	{"bind_elsewhere", "BIND_FAILED", bind_elsewhere},
	{"unlistened", "ACCEPT_WITHOUT_LISTEN", unlistened},
	{"long_datagram", "MESSAGE_TOO_LONG", long_datagram},
	{"descriptors", "DESCRIPTORS_EXHAUSTED", descriptors},
	{"bad_descriptor", "BAD_DESCRIPTOR", bad_descriptor},
	{"connect_type", "CONNECT_FAILED", connect_type},
};

int main(int argc, char **argv)
{
	return run_fault(faults, sizeof faults / sizeof *faults, argc, argv);
}
