/*
 * options.c: options set and read, addresses asked for, IPv6 and a v4-mapped peer.
 *
 * lifecycle: listener tcp closed close sent 0 received 0: socket setsockopt setsockopt getsockopt bind listen getsockname accept close
 * lifecycle: client tcp closed close sent 0 received 0: socket setsockopt connect getpeername ioctl fcntl fcntl sockatmark close
 * lifecycle: accepted tcp closed close sent 0 received 0: getsockname close
 */
#include "program.h"

int main(void)
{
	struct sockaddr_in6 any = { .sin6_family = AF_INET6, .sin6_addr = in6addr_any };
	struct sockaddr_in address = loopback(0);
	socklen_t length = sizeof(any);
	int zero = 0, one = 1, size = 0, client, accepted, server = SHOW(socket(AF_INET6, SOCK_STREAM, 0));

	if (server == -1)
		return 0;
	SHOW(setsockopt(server, IPPROTO_IPV6, IPV6_V6ONLY, &zero, sizeof(zero)));
	SHOW(setsockopt(server, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)));
	length = sizeof(size);
	SHOW(getsockopt(server, SOL_SOCKET, SO_TYPE, &size, &length));
	SHOW(size == SOCK_STREAM && length == sizeof(size));
	SHOW(bind(server, (struct sockaddr *)&any, sizeof(any)));
	SHOW(listen(server, 128));
	length = sizeof(any);
	SHOW(getsockname(server, (struct sockaddr *)&any, &length));
	address.sin_port = any.sin6_port;
	client = SHOW(socket(AF_INET, SOCK_STREAM, 0));
	SHOW(setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one)));
	SHOW(connect(client, (struct sockaddr *)&address, sizeof(address)));
	length = sizeof(any);
	accepted = SHOW(accept(server, (struct sockaddr *)&any, &length));
	SHOW(IN6_IS_ADDR_V4MAPPED(&any.sin6_addr) != 0);
	SHOW(getsockname(accepted, (struct sockaddr *)&any, &length));
	length = sizeof(address);
	SHOW(getpeername(client, (struct sockaddr *)&address, &length));
	SHOW(ioctl(client, FIONBIO, &one));
	SHOW(fcntl(client, F_GETFL) & O_NONBLOCK);
	SHOW(fcntl(client, F_SETFD, FD_CLOEXEC));
	SHOW(sockatmark(client));
	SHOW(close(accepted));
	SHOW(close(client));
	SHOW(close(server));
	show_open_descriptors();
	return 0;
}
