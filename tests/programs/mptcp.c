/*
 * mptcp.c: two connections of Multipath TCP at a time: the kernel gives an accepted one its listener's cookie, and it is another socket all the same. Where there is no
 * MPTCP, so it says.
 */
#include "program.h"

#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP 262
#endif

int main(void)
{
	struct sockaddr_in address = loopback(0);
	socklen_t length = sizeof address;
	int server = SHOW(socket(AF_INET, SOCK_STREAM, IPPROTO_MPTCP)), client[2], accepted[2];
	char byte;

	if (server < 0)
		return 0;
	SHOW(bind(server, (struct sockaddr *)&address, sizeof address));
	SHOW(listen(server, 8));
	SHOW(getsockname(server, (struct sockaddr *)&address, &length));
	for (int i = 0; i < 2; i++) {
		client[i] = SHOW(socket(AF_INET, SOCK_STREAM, IPPROTO_MPTCP));
		SHOW(connect(client[i], (struct sockaddr *)&address, sizeof address));
		accepted[i] = SHOW(i ? accept4(server, NULL, NULL, SOCK_CLOEXEC) : accept(server, NULL, NULL));
	}
	for (int i = 0; i < 2; i++) {
		SHOW(send(client[i], "x", 1, 0));
		SHOW(recv(accepted[i], &byte, 1, 0));
		SHOW(close(accepted[i]));
		SHOW(close(client[i]));
	}
	SHOW(close(server));
	show_open_descriptors();
	return 0;
}
