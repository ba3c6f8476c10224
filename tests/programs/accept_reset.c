/*
 * accept_reset.c: connections that their client has reset before they are accepted, by a server that asks for no address and by one that does. Who
 * connected is known of all.
 *
 * lifecycle: listener tcp closed close sent 0 received 0: socket bind listen getsockname accept accept4 accept close
 * lifecycle: client tcp closed close sent 0 received 0: socket connect setsockopt close
 * lifecycle: accepted tcp closed close sent 0 received 0: recv close
 * lifecycle: client tcp closed close sent 0 received 0: socket connect setsockopt close
 * lifecycle: accepted tcp closed close sent 0 received 0: recv close
 * lifecycle: client tcp closed close sent 0 received 0: socket connect setsockopt close
 * lifecycle: accepted tcp closed close sent 0 received 0: recv close
 * pairs: 3
 */
#include "program.h"

int main(void)
{
	const struct linger reset = { 1, 0 };
	struct sockaddr_in address, peer = { 0 };
	socklen_t length = sizeof peer;
	int server = listener(&address), fd;

	for (int round = 0; round < 3; round++) {
		char byte;

		fd = SHOW(socket(AF_INET, SOCK_STREAM, 0));
		SHOW(connect(fd, (struct sockaddr *)&address, sizeof address));
		SHOW(setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset));
		SHOW(close(fd));
		switch (round) {
		case 0: fd = SHOW(accept(server, NULL, NULL)); break;
		case 1: fd = SHOW(accept4(server, NULL, NULL, SOCK_CLOEXEC)); break;
		default: fd = SHOW(accept(server, (struct sockaddr *)&peer, &length)); break;
		}
		SHOW(recv(fd, &byte, 1, 0));
		SHOW(close(fd));
	}
	printf("%u bytes, family %d\n", length, peer.sin_family);
	SHOW(close(server));
	show_open_descriptors();
	return 0;
}
