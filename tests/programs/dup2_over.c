/*
 * dup2_over.c: dup2 over a live socket closes that one, without any close call; the number then means the other.
 *
 * lifecycle: pair unix closed close sent 3 received 0: socketpair dup2 write close close
 * lifecycle: pair unix closed close sent 0 received 3: read close
 * lifecycle: unconnected tcp closed close sent 0 received 0: socket
 * lifecycle: unconnected tcp closed close sent 0 received 0: socket close
 */
#include "program.h"

int main(void)
{
	char buffer[16];
	int ends[2], victim;

	SHOW(socketpair(AF_UNIX, SOCK_STREAM, 0, ends));
	victim = SHOW(socket(AF_INET, SOCK_STREAM, 0));
	SHOW(dup2(ends[0], victim));
	SHOW(write(victim, "new", 3));
	SHOW(read(ends[1], buffer, sizeof(buffer)));
	SHOW(close(victim));
	SHOW(close(ends[0]));
	SHOW(close(ends[1]));
	SHOW(socket(AF_INET, SOCK_STREAM, 0) == ends[0]);
	SHOW(close(ends[0]));
	show_open_descriptors();
	return 0;
}
