/*
 * close_many.c: close_range and closefrom over sockets, and what they leave. A call on a number that was
 * a socket counts as that socket's (EBADF).
 *
 * lifecycle: unconnected tcp closed close sent 0 received 0: socket close
 * lifecycle: datagram udp closed close sent 0 received 0: socket
 * lifecycle: unconnected tcp closed close sent 0 received 0: socket fcntl send
 * lifecycle: unconnected tcp closed close sent 0 received 0: socket close
 */
#include "program.h"

int main(void)
{
	int first = SHOW(socket(AF_INET, SOCK_STREAM, 0)), kept;

	SHOW(socket(AF_INET, SOCK_DGRAM, 0));
	SHOW(close_range(first, first + 1, 0));
	SHOW(close(first));
	SHOW(close_range(9, 3, 0));
	SHOW(close_range(3, 3, 0x1000));
	kept = SHOW(socket(AF_INET, SOCK_STREAM, 0));
	SHOW(close_range(kept, kept, CLOSE_RANGE_CLOEXEC));
	SHOW(fcntl(kept, F_GETFD));
	closefrom(3);
	SHOW(send(kept, "x", 1, MSG_NOSIGNAL));
	SHOW(socket(AF_INET, SOCK_STREAM, 0));
	SHOW(close(kept));
	show_open_descriptors();
	return 0;
}
