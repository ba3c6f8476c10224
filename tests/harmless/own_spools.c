/*
 * own_spools.c COUNT TOGETHER: COUNT children, each with a socket of its own and nothing from its parent, which has none: each makes a spool. TOGETHER
 * of them live at a time, and close their sockets only when as many have begun.
 */
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static void live(int begun, int go)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	char byte = 0;

	if (fd < 0 || write(begun, &byte, 1) != 1 || read(go, &byte, 1) != 0)
		_exit(9);
	close(fd);
	_exit(0);
}

int main(int argc, char **argv)
{
	int count = argc > 1 ? atoi(argv[1]) : 100, together = argc > 2 ? atoi(argv[2]) : 1, status, failed = 0;

	for (int made = 0; made < count; made += together) {
		int begun[2], go[2], alive = 0;
		char byte;

		if (pipe(begun) || pipe(go))
			return 1;
		for (; alive < together && made + alive < count; alive++) {
			pid_t child = fork();

			if (child < 0)
				return 2;
			if (child == 0) {
				close(go[1]);
				live(begun[1], go[0]);
			}
		}
		for (int i = 0; i < alive; i++)
			failed |= read(begun[0], &byte, 1) != 1;
		for (int i = 0; i < 2; i++) {
			close(go[1 - i]);
			close(begun[i]);
		}
		while (alive--)
			failed |= wait(&status) < 0 || status != 0;
	}
	return failed ? 3 : 0;
}
