/*
 * chat_server.c: a small chat room over TCP. Whatever one guest writes, all the others read.
 *
 *     chat_server [PORT]      (0, or none: a free port, which it prints)
 *
 * The classic life of a server's sockets:
 *
 *     the listener:     socket → bind → listen → accept, accept, accept → close
 *     one per guest:    accept → recv and send, again and again → close
 *
 * All guests' sockets have the same local port, the listener's: what tells them apart is the guest's end.
 * The server waits for everybody at once with poll, and ends when the last guest has left.
 */
#include <arpa/inet.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define MOST_GUESTS 100

static struct pollfd watched[1 + MOST_GUESTS];  /* [0] is the listener, then one entry per guest */
static int guest_count;

static void fail(const char *what)
{
	perror(what);
	exit(1);
}

static int open_listener(int port)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t length = sizeof(address);
	int listener, yes = 1;

	listener = socket(AF_INET, SOCK_STREAM, 0);
	if (listener < 0)
		fail("socket");
	setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
	if (bind(listener, (struct sockaddr *)&address, sizeof(address)) < 0)
		fail("bind");
	if (listen(listener, 10) < 0)
		fail("listen");
	getsockname(listener, (struct sockaddr *)&address, &length);
	printf("%d\n", ntohs(address.sin_port));
	fflush(stdout);
	return listener;
}

static void welcome_guest(int listener)
{
	int guest = accept(listener, NULL, NULL);

	if (guest < 0)
		fail("accept");
	if (guest_count == MOST_GUESTS) {
		close(guest);
		return;
	}
	guest_count++;
	watched[guest_count] = (struct pollfd){ .fd = guest, .events = POLLIN };
}

static void hear_guest(int index)
{
	char text[500];
	ssize_t length = recv(watched[index].fd, text, sizeof(text), 0);

	if (length <= 0) {  /* 0: the guest has said goodbye; the last one takes the free place */
		close(watched[index].fd);
		watched[index] = watched[guest_count];
		guest_count--;
		return;
	}
	for (int other = 1; other <= guest_count; other++)
		if (other != index)
			send(watched[other].fd, text, length, MSG_NOSIGNAL);
}

int main(int argc, char **argv)
{
	int listener = open_listener(argc > 1 ? atoi(argv[1]) : 0);
	int had_guests = 0;

	watched[0] = (struct pollfd){ .fd = listener, .events = POLLIN };
	while (!had_guests || guest_count > 0) {
		if (poll(watched, 1 + guest_count, -1) < 0)
			fail("poll");
		for (int index = guest_count; index >= 1; index--)
			if (watched[index].revents)
				hear_guest(index);
		if (watched[0].revents) {
			welcome_guest(listener);
			had_guests = 1;
		}
	}
	close(listener);
	return 0;
}
