/*
 * discard.c: a receiver on TCP may have bytes thrown away, with any pointer for a buffer (MSG_TRUNC, tcp(7)).
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>

int main(void)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t length = sizeof address;
	int listener = socket(AF_INET, SOCK_STREAM, 0), client = socket(AF_INET, SOCK_STREAM, 0), server;
	char *volatile nowhere = (char *)8, bytes[4];
	struct iovec vector = { nowhere, 3 };
	struct msghdr message = { .msg_iov = &vector, .msg_iovlen = 1 };

	if (bind(listener, (struct sockaddr *)&address, sizeof address) || listen(listener, 1) || getsockname(listener, (struct sockaddr *)&address, &length) ||
	    connect(client, (struct sockaddr *)&address, sizeof address) || (server = accept(listener, NULL, NULL)) < 0 || send(client, "0123456789", 10, 0) != 10)
		return 1;
	printf("%zd\n", recv(server, nowhere, 3, MSG_TRUNC));
	printf("%zd\n", recvmsg(server, &message, MSG_TRUNC));
	printf("%zd\n", recv(server, bytes, sizeof bytes, 0));
	printf("%.4s\n", bytes);
	return 0;
}
