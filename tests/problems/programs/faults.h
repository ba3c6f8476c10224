/*
 * faults.h: what programs with one known fault have in common (faults.c, variations.c, numbers.c, impatient.c, strangers.c): a free
 * loopback port, a client in a child process, and main: `PROGRAM list` prints NAME RULE of each fault, `PROGRAM NAME fault|repaired` runs it.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define MS 1000

static struct sockaddr_in address;

static void require(bool condition, const char *what)
{
	if (condition)
		return;
	perror(what);
	_exit(9);
}

/* A socket bound to a free loopback port, which `address` names from now on. */
static int bound(int type)
{
	int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0), on = 1;
	socklen_t length = sizeof address;

	address = (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	require(bind(fd, (struct sockaddr *)&address, sizeof address) == 0, "bind");
	getsockname(fd, (struct sockaddr *)&address, &length);
	return fd;
}

static int listening(int backlog)
{
	int fd = bound(SOCK_STREAM);

	require(listen(fd, backlog) == 0, "listen");
	return fd;
}

static int connected(void)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	require(connect(fd, (struct sockaddr *)&address, sizeof address) == 0, "connect");
	return fd;
}

static void say(int fd, const char *text)
{
	require(send(fd, text, strlen(text), MSG_NOSIGNAL) == (ssize_t)strlen(text), "send");
}

static int hear(int fd)
{
	char text[4096];

	return (int)recv(fd, text, sizeof text, 0);
}

/* Reads to the end of file and closes. */
static void drain(int fd)
{
	while (hear(fd) > 0)
		;
	close(fd);
}

/* Runs the client in a child, which gives the listener up first. */
static pid_t client(int listener, void (*run)(bool bad), bool bad)
{
	pid_t pid = fork();

	if (pid)
		return pid;
	close(listener);
	run(bad);
	exit(0);
}

static void wait_for(pid_t pid)
{
	waitpid(pid, NULL, 0);
}

struct fault {
	const char *name, *rule;
	void (*run)(bool bad);
};

static int run_fault(const struct fault *faults, size_t count, int argc, char **argv)
{
	for (size_t i = 0; i < count; i++) {
		if (argc == 2 && !strcmp(argv[1], "list")) {
			printf("%s %s\n", faults[i].name, faults[i].rule);
		} else if (argc == 3 && !strcmp(argv[1], faults[i].name)) {
			faults[i].run(!strcmp(argv[2], "fault"));
			return 0;
		}
	}
	return argc == 2 ? 0 : 2;
}
