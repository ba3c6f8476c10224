/*
 * ten_thousand.c: ten thousand connections, one after the other. Prints what a correct trace must count.
 */
#include "program.h"

int main(int argc, char **argv)
{
	struct sockaddr_in address;
	struct linger hard = { 1, 0 };
	int count = argc > 1 ? atoi(argv[1]) : 10000, server = listener(&address), done = 0;
	char byte = 'x';

	for (int i = 0; i < count; i++) {
		int client = socket(AF_INET, SOCK_STREAM, 0), accepted;

		setsockopt(client, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard));  /* or the ports run out in TIME_WAIT */
		if (connect(client, (struct sockaddr *)&address, sizeof(address)))
			break;
		accepted = accept(server, NULL, NULL);
		done += send(client, &byte, 1, 0) == 1 && recv(accepted, &byte, 1, 0) == 1;
		close(accepted);
		close(client);
	}
	SHOW(done == count);
	close(server);
	show_open_descriptors();
	return 0;
}
