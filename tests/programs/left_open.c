/*
 * left_open.c: a socket never closed ends with its process.
 *
 * lifecycle: client tcp closed exit sent 2 received 0: socket connect send
 * lifecycle: listener tcp closed exit sent 0 received 0: socket bind listen getsockname
 */
#include "program.h"

int main(void)
{
	struct sockaddr_in address;
	int client = socket(AF_INET, SOCK_STREAM, 0);

	listener(&address);
	SHOW(connect(client, (struct sockaddr *)&address, sizeof(address)));
	SHOW(send(client, "ab", 2, 0));
	show_open_descriptors();
	return 11;
}
