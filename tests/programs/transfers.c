/*
 * transfers.c: sendfile, splice, tee and vmsplice with sockets as source and target; their bytes count where they went.
 * (The second close of each finds the number closed already.)
 *
 * lifecycle: pair unix closed close sent 9 received 0: socketpair sendfile splice close close
 * lifecycle: pair unix closed close sent 0 received 9: splice recv close close
 */
#include "program.h"
#include <sys/sendfile.h>

int main(void)
{
	int ends[2], pipe_ends[2], second[2], file = SHOW(open("/proc/self/exe", O_RDONLY));
	char buffer[64];
	struct iovec data = { "vmsplice", 4 };
	off_t at = 0;

	SHOW(socketpair(AF_UNIX, SOCK_STREAM, 0, ends));
	SHOW(pipe(pipe_ends));
	SHOW(pipe(second));
	SHOW(sendfile(ends[0], file, &at, 5));
	SHOW(splice(ends[1], NULL, pipe_ends[1], NULL, 3, 0));
	SHOW(tee(pipe_ends[0], second[1], 3, 0));
	SHOW(read(pipe_ends[0], buffer, sizeof(buffer)));
	SHOW(vmsplice(pipe_ends[1], &data, 1, 0));
	SHOW(splice(pipe_ends[0], NULL, ends[0], NULL, 4, SPLICE_F_MORE));
	SHOW(recv(ends[1], buffer, sizeof(buffer), 0));
	SHOW(close(ends[0]));
	SHOW(close(ends[1]));
	for (int fd = file; fd < file + 8; fd++)
		close(fd);
	show_open_descriptors();
	return 0;
}
