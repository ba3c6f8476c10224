/*
 * reuse.c: the numbers of closed sockets become numbers of files, pipes and epoll instances: nothing done to those is the sockets'. And a
 * close_range that the kernel refuses closes nothing.
 *
 * lifecycle: unconnected tcp closed close sent 0 received 0: socket close
 * lifecycle: unconnected tcp closed close sent 0 received 0: socket close
 * lifecycle: unconnected tcp closed close sent 0 received 0: socket close
 * lifecycle: datagram udp closed close sent 0 received 0: socket write write
 * lifecycle: unconnected tcp closed close sent 0 received 0: socket close send read
 */
#include "program.h"

static void noticed(int signal)
{
	(void)signal;
}

static int closed_number(void)
{
	int fd = SHOW(socket(AF_INET, SOCK_STREAM, 0));

	SHOW(close(fd));
	return fd;
}

int main(void)
{
	struct sigaction action = { .sa_handler = noticed };
	char byte[4] = "";
	int fd, fds[2];

	fd = closed_number();
	SHOW(open("/dev/null", O_WRONLY));
	SHOW(send(fd, byte, 1, 0));
	SHOW(close(fd));

	fd = closed_number();
	SHOW(open("/dev/null", O_WRONLY));
	SHOW(read(fd, byte, 1));
	SHOW(write(fd, byte, 1));
	SHOW(close(fd));

	/* A read that hangs is not the closed socket's. */
	fd = closed_number();
	SHOW(pipe(fds));
	sigaction(SIGALRM, &action, NULL);
	alarm(1);
	SHOW(read(fd, byte, 1));
	SHOW(close(fds[0]));
	SHOW(close(fds[1]));

	fd = SHOW(socket(AF_INET, SOCK_DGRAM, 0));
	SHOW(close_range(fd, fd, 1 << 6));
	SHOW(write(fd, byte, 1));
	SHOW(close_range(fd, fd, 0));
	SHOW(write(fd, byte, 1));

	/* Used after it was closed, it still is the socket's. */
	fd = closed_number();
	SHOW(send(fd, byte, 1, 0));
	SHOW(read(fd, byte, 1));
	show_open_descriptors();
	return 0;
}
