/*
 * chat_client.c: one guest of the chat room (chat_server.c).
 *
 *     chat_client PORT NAME      sends each line of its standard input, prints what the others say
 *
 * The classic life of a client's socket: socket → connect → send and recv → shutdown → close.
 */
#include <arpa/inet.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void fail(const char *what)
{
	perror(what);
	exit(1);
}

static int open_connection(int port)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (fd < 0)
		fail("socket");
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
		fail("connect");
	return fd;
}

/* Passes one line of standard input on; returns 0 at its end. */
static int say(int fd, const char *name)
{
	char line[300], message[400];

	if (!fgets(line, sizeof(line), stdin))
		return 0;
	snprintf(message, sizeof(message), "%s: %s", name, line);
	if (send(fd, message, strlen(message), MSG_NOSIGNAL) < 0)
		fail("send");
	return 1;
}

/* Prints what arrived; returns 0 when the server has closed. */
static int hear(int fd)
{
	char text[500];
	ssize_t length = recv(fd, text, sizeof(text), 0);

	if (length < 0)
		fail("recv");
	fwrite(text, 1, length, stdout);
	return length > 0;
}

int main(int argc, char **argv)
{
	struct pollfd watched[2] = { { .fd = 0, .events = POLLIN }, { .events = POLLIN } };
	int fd;

	if (argc != 3) {
		fprintf(stderr, "usage: chat_client PORT NAME\n");
		return 2;
	}
	setvbuf(stdin, NULL, _IONBF, 0);  /* so that poll sees every line that waits */
	fd = open_connection(atoi(argv[1]));
	watched[1].fd = fd;
	for (;;) {
		if (poll(watched, 2, -1) < 0)
			fail("poll");
		if (watched[1].revents && !hear(fd))
			break;
		if (watched[0].revents && !say(fd, argv[2])) {
			shutdown(fd, SHUT_WR);  /* "nothing more from me": the server reads it as the end, and closes */
			watched[0].fd = -1;
		}
	}
	close(fd);
	return 0;
}
