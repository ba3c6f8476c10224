/*
 * unix_names.c: Unix sockets by path and by abstract name.
 *
 * lifecycle: listener unix closed close sent 0 received 0: socket bind listen accept close
 * lifecycle: client unix closed close sent 2 received 0: socket connect send close
 * lifecycle: accepted unix closed close sent 0 received 2: recv recv close
 * lifecycle: datagram unix closed close sent 0 received 3: socket bind recv close
 * lifecycle: datagram unix closed close sent 3 received 0: socket sendto close
 * lifecycle: client unix closed close sent 0 received 0: socket connect close
 */
#include "program.h"

int main(void)
{
	struct sockaddr_un path = { .sun_family = AF_UNIX }, name = { .sun_family = AF_UNIX };
	char buffer[16];
	int server, client, accepted, length;

	snprintf(path.sun_path, sizeof(path.sun_path), "unix_names.%d", getpid());
	server = SHOW(socket(AF_UNIX, SOCK_STREAM, 0));
	SHOW(bind(server, (struct sockaddr *)&path, sizeof(path)));
	SHOW(listen(server, 3));
	client = SHOW(socket(AF_UNIX, SOCK_STREAM, 0));
	SHOW(connect(client, (struct sockaddr *)&path, sizeof(path)));
	accepted = SHOW(accept(server, NULL, NULL));
	SHOW(send(client, "ab", 2, 0));
	SHOW(recv(accepted, buffer, sizeof(buffer), 0));
	SHOW(close(client));
	SHOW(recv(accepted, buffer, sizeof(buffer), 0));
	SHOW(close(accepted));
	SHOW(close(server));

	server = SHOW(socket(AF_UNIX, SOCK_DGRAM, 0));
	length = offsetof(struct sockaddr_un, sun_path) + 1 + snprintf(name.sun_path + 1, 60, "socklife test %d", getpid());
	SHOW(bind(server, (struct sockaddr *)&name, length) );
	client = SHOW(socket(AF_UNIX, SOCK_DGRAM, 0));
	SHOW(sendto(client, "abc", 3, 0, (struct sockaddr *)&name, length));
	SHOW(recv(server, buffer, sizeof(buffer), 0));
	SHOW(close(client));
	SHOW(close(server));
	SHOW(unlink(path.sun_path));
	client = SHOW(socket(AF_UNIX, SOCK_STREAM, 0));
	SHOW(connect(client, (struct sockaddr *)&path, sizeof(path)));
	SHOW(close(client));
	show_open_descriptors();
	return 0;
}
