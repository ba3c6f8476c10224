/*
 * tcp_echo.c: a listener, a client and the accepted socket in one thread: the whole classic life of each.
 *
 * lifecycle: listener tcp closed close sent 0 received 0: socket bind listen getsockname accept close
 * lifecycle: client tcp closed close sent 5 received 7: socket connect send recv shutdown recv close
 * lifecycle: accepted tcp closed close sent 7 received 5: recv send recv close
 */
#include "program.h"

int main(void)
{
	struct sockaddr_in address;
	char buffer[64];
	int server = listener(&address);
	int client = SHOW(socket(AF_INET, SOCK_STREAM, 0));
	int accepted;

	SHOW(connect(client, (struct sockaddr *)&address, sizeof(address)));
	accepted = SHOW(accept(server, NULL, NULL));
	SHOW(send(client, "hello", 5, 0));
	SHOW(recv(accepted, buffer, sizeof(buffer), 0));
	SHOW(send(accepted, "goodbye", 7, MSG_NOSIGNAL));
	SHOW(recv(client, buffer, sizeof(buffer), 0));
	SHOW(shutdown(client, SHUT_WR));
	SHOW(recv(accepted, buffer, sizeof(buffer), 0));
	SHOW(close(accepted));
	SHOW(recv(client, buffer, sizeof(buffer), 0));
	SHOW(close(client));
	SHOW(close(server));
	show_open_descriptors();
	return 0;
}
