/*
 * exec_keep.c: across exec one socket stays and another, marked close-on-exec, goes.
 *
 * lifecycle: pair unix closed close sent 2 received 0: socketpair write write close
 * lifecycle: pair unix closed close sent 0 received 2: read read close
 * lifecycle: unconnected tcp closed exec sent 0 received 0: socket
 */
#include "program.h"

int main(int argc, char **argv)
{
	char buffer[16], one[16], two[16];
	int ends[2];

	if (argc == 3) {
		int out = atoi(argv[1]), in = atoi(argv[2]);

		SHOW(write(out, "b", 1));
		SHOW(read(in, buffer, 1));
		SHOW(read(in, buffer, 1));
		SHOW(fcntl(5, F_GETFD));
		SHOW(close(out));
		SHOW(close(in));
		show_open_descriptors();
		return 3;
	}
	SHOW(socketpair(AF_UNIX, SOCK_STREAM, 0, ends));
	SHOW(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
	SHOW(write(ends[0], "a", 1));
	snprintf(one, sizeof(one), "%d", ends[0]);
	snprintf(two, sizeof(two), "%d", ends[1]);
	execl("/proc/self/exe", "exec_keep", one, two, (char *)NULL);
	return 1;
}
