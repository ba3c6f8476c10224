/*
 * short_children.c COUNT [PAUSE_MS]: a process forked for each exchange on a socket that its parent has, one after another, as a server of the old school has them.
 * After each hundred a pause, for whoever is to keep up on a busy machine.
 * Prints the sum of what arrived.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	long count = argc > 1 ? atol(argv[1]) : 1000, pause_ms = argc > 2 ? atol(argv[2]) : 0, sum = 0;
	int pair[2], status;
	char byte;

	socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
	for (long i = 0; i < count; i++) {
		pid_t child = fork();

		if (child == 0)
			_exit(send(pair[0], "x", 1, 0) == 1 && recv(pair[1], &byte, 1, 0) == 1 ? 1 : 9);
		if (child < 0 || waitpid(child, &status, 0) != child)
			return 1;
		sum += WEXITSTATUS(status);
		if (pause_ms && i % 100 == 99)
			usleep((useconds_t)pause_ms * 1000);
	}
	printf("%ld\n", sum);
	return 0;
}
