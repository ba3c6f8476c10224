/*
 * fast_open.c: connections that are made by a send (TCP Fast Open): one that waits, one with sendmsg, one that does not wait, one that is refused. The listener
 * hands out no cookies, so that every send asks for a connection first.
 * Its timeline is compared with the kernel's.
 *
 * lifecycle: listener tcp closed close sent 0 received 0: socket bind listen getsockname accept accept accept close
 * lifecycle: client tcp closed close sent 5 received 3: socket sendto recv close
 * lifecycle: accepted tcp closed close sent 3 received 5: recv send close
 * lifecycle: client tcp closed close sent 5 received 0: socket sendmsg close
 * lifecycle: accepted tcp closed close sent 0 received 5: recv close
 * lifecycle: client tcp closed close sent 5 received 0: socket sendto sendto close
 * lifecycle: accepted tcp closed close sent 0 received 5: recv close
 * lifecycle: client tcp closed close sent 0 received 0: socket sendto close
 * pairs: 3
 */
#include "program.h"

#ifndef MSG_FASTOPEN
#define MSG_FASTOPEN 0x20000000
#endif

static void serve(int server, const char *answer)
{
	char buffer[16];
	int accepted = SHOW(accept(server, NULL, NULL));

	SHOW(recv(accepted, buffer, sizeof(buffer), 0));
	if (answer)
		SHOW(send(accepted, answer, strlen(answer), 0));
	SHOW(close(accepted));
}

int main(void)
{
	struct sockaddr_in address;
	struct iovec part = { "hello", 5 };
	struct msghdr message = { .msg_name = &address, .msg_namelen = sizeof(address), .msg_iov = &part, .msg_iovlen = 1 };
	struct pollfd waiting;
	char buffer[16];
	int server = listener(&address), client;

	client = SHOW(socket(AF_INET, SOCK_STREAM, 0));
	SHOW(sendto(client, "hello", 5, MSG_FASTOPEN, (struct sockaddr *)&address, sizeof(address)));
	serve(server, "yes");
	SHOW(recv(client, buffer, sizeof(buffer), 0));
	SHOW(close(client));

	client = SHOW(socket(AF_INET, SOCK_STREAM, 0));
	SHOW(sendmsg(client, &message, MSG_FASTOPEN));
	serve(server, NULL);
	SHOW(close(client));

	client = SHOW(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0));
	SHOW(sendto(client, "hello", 5, MSG_FASTOPEN, (struct sockaddr *)&address, sizeof(address)));
	waiting = (struct pollfd){ .fd = client, .events = POLLOUT };
	SHOW(poll(&waiting, 1, 5000));
	SHOW(sendto(client, "hello", 5, 0, NULL, 0));
	serve(server, NULL);
	SHOW(close(client));
	SHOW(close(server));

	client = SHOW(socket(AF_INET, SOCK_STREAM, 0));
	SHOW(sendto(client, "hello", 5, MSG_FASTOPEN, (struct sockaddr *)&address, sizeof(address)));
	SHOW(close(client));
	show_open_descriptors();
	return 0;
}
