/*
 * long_addresses.c: addresses given with the length of a struct sockaddr_storage, which the kernel takes: of IPv4, of IPv6, by TCP Fast Open, and
 * for a datagram. What is behind them does not stand in the way of what is recorded next: where the socket is connected from.
 *
 * lifecycle: listener tcp closed exit sent 0 received 0: socket bind listen getsockname accept accept accept
 * lifecycle: client tcp closed close sent 0 received 0: socket connect close
 * lifecycle: accepted tcp closed close sent 0 received 0: close
 * lifecycle: client tcp closed close sent 3 received 0: socket sendto close
 * lifecycle: accepted tcp closed close sent 0 received 0: close
 * lifecycle: client tcp closed close sent 3 received 0: socket sendmsg close
 * lifecycle: accepted tcp closed close sent 0 received 0: close
 * lifecycle: datagram udp closed close sent 3 received 0: socket connect sendto close
 * lifecycle: listener tcp closed exit sent 0 received 0: socket bind listen getsockname accept
 * lifecycle: client tcp closed close sent 0 received 0: socket connect close
 * lifecycle: accepted tcp closed close sent 0 received 0: close
 * pairs: 4
 */
#include "program.h"

#ifndef MSG_FASTOPEN
#define MSG_FASTOPEN 0x20000000
#endif

static union { struct sockaddr any; struct sockaddr_in v4; struct sockaddr_in6 v6; struct sockaddr_storage whole; } address;

static void end(int server, int client)
{
	int accepted = SHOW(accept(server, NULL, NULL));

	SHOW(close(accepted));
	SHOW(close(client));
}

int main(void)
{
	struct iovec part = { "abc", 3 };
	struct msghdr message = { .msg_name = &address, .msg_namelen = sizeof address, .msg_iov = &part, .msg_iovlen = 1 };
	int server = listener(&address.v4), client = SHOW(socket(AF_INET, SOCK_STREAM, 0));
	socklen_t length = sizeof address.v6;

	SHOW(connect(client, &address.any, sizeof address));
	end(server, client);
	client = SHOW(socket(AF_INET, SOCK_STREAM, 0));
	SHOW(sendto(client, "abc", 3, MSG_FASTOPEN, &address.any, sizeof address));
	end(server, client);
	client = SHOW(socket(AF_INET, SOCK_STREAM, 0));
	SHOW(sendmsg(client, &message, MSG_FASTOPEN));
	end(server, client);
	client = SHOW(socket(AF_INET, SOCK_DGRAM, 0));
	SHOW(connect(client, &address.any, sizeof address));
	SHOW(sendto(client, "abc", 3, 0, &address.any, sizeof address));
	SHOW(close(client));

	server = SHOW(socket(AF_INET6, SOCK_STREAM, 0));
	address.v6 = (struct sockaddr_in6){ .sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT };
	SHOW(bind(server, &address.any, sizeof address.v6));
	SHOW(listen(server, 8));
	SHOW(getsockname(server, &address.any, &length));
	client = SHOW(socket(AF_INET6, SOCK_STREAM, 0));
	SHOW(connect(client, &address.any, sizeof address));
	end(server, client);
	return 0;
}
