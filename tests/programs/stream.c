/*
 * stream.c: a socket closed by fclose; its number is a file's afterwards. It asks for libc to be left unpatched, as some are.
 *
 * lifecycle: datagram udp closed close sent 0 received 0: socket fcntl close
 */
#include "program.h"

int main(int count, char **arguments)
{
	char bytes[4];
	FILE *stream;
	int fd;

	(void)count;
	if (getenv("LD_PRELOAD") && !getenv("SOCKLIFE_INTERCEPT")) {
		setenv("SOCKLIFE_INTERCEPT", "symbols", 1);
		execv("/proc/self/exe", arguments);
	}
	fd = SHOW(socket(AF_INET, SOCK_DGRAM, 0));
	SHOW(fcntl(fd, F_GETFL) & O_ACCMODE);
	stream = fdopen(fd, "r+");
	SHOW(fclose(stream));
	SHOW(open("/dev/zero", O_RDWR));
	SHOW(read(fd, bytes, 4));
	SHOW(write(fd, bytes, 4));
	SHOW(close(fd));
	show_open_descriptors();
	return 0;
}
