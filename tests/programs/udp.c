/*
 * udp.c: datagrams, unconnected and connected; a peek counts as nothing received; a datagram cut short counts what was copied.
 *
 * lifecycle: datagram udp closed close sent 4 received 9: socket bind getsockname recvfrom recvfrom recv sendto close
 * lifecycle: datagram udp closed close sent 14 received 4: socket sendto connect send send recv close
 */
#include "program.h"

int main(void)
{
	struct sockaddr_in address = loopback(0), from;
	socklen_t length = sizeof(address);
	char buffer[64];
	int server = SHOW(socket(AF_INET, SOCK_DGRAM, 0)), client = SHOW(socket(AF_INET, SOCK_DGRAM, IPPROTO_UDP));

	SHOW(bind(server, (struct sockaddr *)&address, sizeof(address)));
	getsockname(server, (struct sockaddr *)&address, &length);
	SHOW(sendto(client, "hello", 5, 0, (struct sockaddr *)&address, sizeof(address)));
	SHOW(connect(client, (struct sockaddr *)&address, sizeof(address)));
	length = sizeof(from);
	SHOW(recvfrom(server, buffer, sizeof(buffer), MSG_PEEK, (struct sockaddr *)&from, &length));
	SHOW(recvfrom(server, buffer, sizeof(buffer), 0, (struct sockaddr *)&from, &length));
	SHOW(send(client, "longer one", 8, 0));
	SHOW(send(client, "x", 1, MSG_DONTWAIT));
	SHOW(recv(server, buffer, 4, 0));
	SHOW(sendto(server, "back", 4, 0, (struct sockaddr *)&from, length));
	SHOW(recv(client, buffer, sizeof(buffer), 0));
	SHOW(close(client));
	SHOW(close(server));
	show_open_descriptors();
	return 0;
}
