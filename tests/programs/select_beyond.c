/*
 * select_beyond.c: a select's first argument is far beyond its set, which ends where memory does: the kernel looks at no more of it than there are
 * descriptors.
 *
 * found: select 140:IN
 */
#include "program.h"

#include <sys/mman.h>

int main(void)
{
	char *page = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	fd_set *set = (fd_set *)(page + 4096 - sizeof(fd_set));
	struct timeval none = { 0, 0 };
	int ends[2];

	SHOW(mprotect(page + 4096, 4096, PROT_NONE));
	SHOW(socketpair(AF_UNIX, SOCK_STREAM, 0, ends));
	SHOW(dup2(ends[0], 140));
	SHOW(write(ends[1], "x", 1));
	FD_SET(140, set);
	SHOW(select(1 << 20, set, NULL, NULL, &none));
	show_open_descriptors();
	return 0;
}
