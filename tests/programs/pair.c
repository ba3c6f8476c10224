/*
 * pair.c: both ends of a socketpair through read, write, readv, writev and their kin.
 *
 * lifecycle: pair unix closed close sent 11 received 6: socketpair write writev send read readv close
 * lifecycle: pair unix closed close sent 6 received 11: read readv recv recv write writev pread64 close
 */
#include "program.h"

int main(void)
{
	int ends[2];
	char one[3], two[64];
	struct iovec out[2] = { { "ab", 2 }, { "cd", 2 } }, in[2] = { { one, sizeof(one) }, { two, sizeof(two) } };

	SHOW(socketpair(AF_UNIX, SOCK_STREAM, 0, ends));
	SHOW(write(ends[0], "12345", 5));
	SHOW(read(ends[1], two, sizeof(two)));
	SHOW(writev(ends[0], out, 2));
	SHOW(readv(ends[1], in, 2));
	SHOW(send(ends[0], "xy", 2, MSG_NOSIGNAL));
	SHOW(recv(ends[1], two, sizeof(two), MSG_PEEK));
	SHOW(recv(ends[1], two, sizeof(two), MSG_DONTWAIT));
	SHOW(write(ends[1], "ab", 2));
	SHOW(writev(ends[1], out, 2));
	SHOW(pread(ends[1], two, 1, 0));
	SHOW(read(ends[0], two, 2));
	SHOW(readv(ends[0], in, 2));
	SHOW(close(ends[0]));
	SHOW(close(ends[1]));
	show_open_descriptors();
	return 0;
}
