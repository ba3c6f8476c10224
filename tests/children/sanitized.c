/*
 * sanitized.c: seven calls on a pair of sockets; then, as its first argument says: "bug", memory is used after it was freed; "self", itself once
 * more without an environment; "shell COMMAND", a command by system.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int count, char **arguments)
{
	const char *what = count > 1 ? arguments[1] : "";
	char *again[] = {arguments[0], NULL}, *nothing[] = {NULL}, byte;
	int ends[2], status = 0;
	pid_t child;

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) || send(ends[0], "a", 1, 0) != 1 || recv(ends[1], &byte, 1, 0) != 1 ||
	    write(ends[0], "b", 1) != 1 || read(ends[1], &byte, 1) != 1)
		return 9;
	close(ends[0]);
	close(ends[1]);
	if (strcmp(what, "bug") == 0) {
		volatile char *memory = malloc(4);

		free((void *)memory);
		return memory[1];
	}
	if (strcmp(what, "self") == 0) {
		child = fork();
		if (child == 0) {
			execve(arguments[0], again, nothing);
			_exit(8);
		}
		waitpid(child, &status, 0);
		return WEXITSTATUS(status);
	}
	if (strcmp(what, "shell") == 0)
		return system(arguments[2]) >> 8;
	puts("done");
	return 0;
}
