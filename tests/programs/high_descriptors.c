/*
 * high_descriptors.c: descriptors above 1024, by dup2, F_DUPFD and by having many open.
 *
 * lifecycle: pair unix closed close sent 8 received 0: socketpair dup2 fcntl write write close fcntl close close
 * lifecycle: pair unix closed close sent 0 received 8: read read dup3 close close
 */
#include "program.h"

int main(void)
{
	struct rlimit limit = { 4096, 4096 };
	char buffer[16];
	int ends[2];

	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = limit.rlim_max < 4096 ? limit.rlim_max : 4096;
	setrlimit(RLIMIT_NOFILE, &limit);
	SHOW(socketpair(AF_UNIX, SOCK_STREAM, 0, ends));
	SHOW(dup2(ends[0], 1500));
	SHOW(fcntl(ends[0], F_DUPFD, 3000));
	SHOW(write(1500, "1234", 4));
	SHOW(write(3000, "5678", 4));
	SHOW(close(ends[0]));
	SHOW(read(ends[1], buffer, 4));
	SHOW(read(ends[1], buffer, 4));
	SHOW(dup3(ends[1], 4000, O_CLOEXEC));
	SHOW(close(ends[1]));
	SHOW(fcntl(1500, F_GETFD));
	SHOW(close(1500));
	SHOW(close(4000));
	SHOW(close(3000));
	show_open_descriptors();
	return 0;
}
