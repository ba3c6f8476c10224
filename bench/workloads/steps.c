/*
 * steps.c STEP COUNT: one step of a socket's life, COUNT times: what the budget of system calls (tests/budget) is measured with. Without
 * arguments: lists the steps. Steps that need a socket are given one that the step before made ready, outside of what is repeated only
 * where the kernel allows it; otherwise making it is part of the step, and its name says so.
 */
#include "bench/workloads/connection.h"

#include <fcntl.h>
#include <sys/epoll.h>

static struct sockaddr_in address;
static struct sockaddr_in datagrams_address;
static int listener, fds[2], pair[2], instance, datagrams;
static char buffer[64];

static void step_tcp_socket(void)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	CHECK(fd >= 0 && close(fd) == 0);
}

static void step_udp_socket(void)
{
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	CHECK(fd >= 0 && close(fd) == 0);
}

static void step_pair(void)
{
	int two[2];

	CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, two) == 0);
	CHECK(close(two[0]) == 0 && close(two[1]) == 0);
}

static void step_server(void)
{
	struct sockaddr_in any = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	CHECK(bind(fd, (struct sockaddr *)&any, sizeof any) == 0 && listen(fd, 1) == 0 && close(fd) == 0);
}

static void connection(int with_address)
{
	struct linger reset = {1, 0};
	struct sockaddr_in peer;
	socklen_t length = sizeof peer;
	int client = socket(AF_INET, SOCK_STREAM, 0), accepted;

	CHECK(setsockopt(client, SOL_SOCKET, SO_LINGER, &reset, sizeof reset) == 0);
	CHECK(connect(client, (struct sockaddr *)&address, sizeof address) == 0);
	accepted = with_address ? accept(listener, (struct sockaddr *)&peer, &length) : accept(listener, NULL, NULL);
	CHECK(accepted >= 0 && send(client, buffer, 1, 0) == 1 && recv(accepted, buffer, 1, 0) == 1);
	CHECK(close(client) == 0 && close(accepted) == 0);
}

static void step_connection(void)
{
	connection(0);
}

static void step_connection_address(void)
{
	connection(1);
}

static void step_dup(void)
{
	int fd = dup(fds[0]);

	CHECK(fd >= 0 && close(fd) == 0);
}

static void step_data(void)
{
	CHECK(send(fds[0], buffer, 1, 0) == 1 && recv(fds[1], buffer, 1, 0) == 1);
	CHECK(write(fds[1], buffer, 1) == 1 && read(fds[0], buffer, 1) == 1);
}

static void step_datagrams(void)
{
	struct sockaddr_in from;
	socklen_t length = sizeof from;
	struct iovec vector = {buffer, 1};
	struct msghdr message = {.msg_name = &from, .msg_namelen = sizeof from, .msg_iov = &vector, .msg_iovlen = 1};

	CHECK(sendto(datagrams, buffer, 1, 0, (struct sockaddr *)&datagrams_address, sizeof datagrams_address) == 1);
	CHECK(recvfrom(datagrams, buffer, 1, 0, (struct sockaddr *)&from, &length) == 1);
	CHECK(sendmsg(datagrams, &message, 0) == 1 && recvmsg(datagrams, &message, 0) == 1);
}

static void step_wait(void)
{
	struct epoll_event event;

	CHECK(write(fds[1], buffer, 1) == 1 && epoll_wait(instance, &event, 1, -1) == 1 && read(fds[0], buffer, 1) == 1);
}

static void step_option(void)
{
	int on = 1;

	CHECK(setsockopt(fds[0], SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on) == 0);
}

static void step_file(void)
{
	int fd = open("/dev/null", O_RDWR);

	CHECK(write(fd, buffer, 1) == 1 && read(fd, buffer, 1) == 0 && close(fd) == 0);
}

static void step_pipe(void)
{
	CHECK(write(pair[1], buffer, 1) == 1 && read(pair[0], buffer, 1) == 1);
}

static const struct step {
	const char *name;
	void (*once)(void);
} steps[] = {
	{"socket TCP, close", step_tcp_socket},
	{"socket UDP, close", step_udp_socket},
	{"socketpair, close both", step_pair},
	{"socket, bind, listen, close", step_server},
	{"socket, connect, accept, send, recv, close both", step_connection},
	{"socket, connect, accept with address, send, recv, close both", step_connection_address},
	{"dup, close", step_dup},
	{"send, recv, write, read", step_data},
	{"UDP: sendto, recvfrom, sendmsg, recvmsg", step_datagrams},
	{"write, epoll_wait, read", step_wait},
	{"setsockopt", step_option},
	{"file: open, write, read, close", step_file},
	{"pipe: write, read", step_pipe},
};

int main(int argc, char **argv)
{
	struct epoll_event event = {.events = EPOLLIN};
	socklen_t length = sizeof datagrams_address;

	for (size_t i = 0; argc < 3 && i < sizeof steps / sizeof *steps; i++)
		puts(steps[i].name);
	if (argc < 3)
		return 0;
	listener = connection_listen(&address);
	connection_make(listener, &address, fds);
	datagrams_address = (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	datagrams = socket(AF_INET, SOCK_DGRAM, 0);
	CHECK(bind(datagrams, (struct sockaddr *)&datagrams_address, sizeof datagrams_address) == 0);
	CHECK(getsockname(datagrams, (struct sockaddr *)&datagrams_address, &length) == 0);
	CHECK(pipe(pair) == 0 && (instance = epoll_create1(0)) >= 0);
	CHECK(epoll_ctl(instance, EPOLL_CTL_ADD, fds[0], &event) == 0);
	for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
		for (unsigned long n = strcmp(steps[i].name, argv[1]) ? 0 : strtoul(argv[2], NULL, 10); n; n--)
			steps[i].once();
	return 0;
}
