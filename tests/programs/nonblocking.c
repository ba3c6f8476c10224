/*
 * nonblocking.c: a connection made without waiting, seen complete by poll and SO_ERROR; one that is refused; EAGAIN is no error.
 * Its timeline is compared with the kernel.s.
 *
 */
#include "program.h"

int main(void)
{
	struct sockaddr_in address;
	struct pollfd waiting;
	char buffer[16];
	int server = listener(&address), client, accepted, error;
	socklen_t length = sizeof(error);

	client = SHOW(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0));
	SHOW(connect(client, (struct sockaddr *)&address, sizeof(address)));
	waiting = (struct pollfd){ .fd = client, .events = POLLOUT };
	SHOW(poll(&waiting, 1, 5000));
	SHOW(getsockopt(client, SOL_SOCKET, SO_ERROR, &error, &length));
	SHOW(error);
	accepted = SHOW(accept4(server, NULL, NULL, SOCK_NONBLOCK));
	SHOW(fcntl(server, F_SETFL, O_NONBLOCK));
	SHOW(accept4(server, NULL, NULL, SOCK_CLOEXEC));
	SHOW(recv(client, buffer, sizeof(buffer), 0));
	SHOW(send(client, "abc", 3, 0));
	waiting = (struct pollfd){ .fd = accepted, .events = POLLIN };
	SHOW(poll(&waiting, 1, 5000));
	SHOW(recv(accepted, buffer, sizeof(buffer), 0));
	SHOW(close(client));
	SHOW(close(accepted));
	SHOW(close(server));

	client = SHOW(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
	connect(client, (struct sockaddr *)&address, sizeof(address));
	waiting = (struct pollfd){ .fd = client, .events = POLLOUT };
	SHOW(poll(&waiting, 1, 5000));
	SHOW(getsockopt(client, SOL_SOCKET, SO_ERROR, &error, &length));
	SHOW(error);
	connect(client, (struct sockaddr *)&address, sizeof(address));
	SHOW(close(client));
	show_open_descriptors();
	return 0;
}
