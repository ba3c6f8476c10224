/*
 * short_children.c COUNT: a process forked for each exchange on a socket that its parent has, one after another, as a server of the old school has them.
 * Prints the sum of what arrived.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	long count = argc > 1 ? atol(argv[1]) : 1000, sum = 0;
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
	}
	printf("%ld\n", sum);
	return 0;
}
