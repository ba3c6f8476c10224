/*
 * stdio_socket.c: fputs, fflush and fclose on sockets, on an alternate signal stack of the least size as well; then says whether any memory
 * is both writable and executable.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int pair[2];
static FILE *stream;

static void handler(int number)
{
	fputs("two", stream);
	fflush(stream);
}

int main(void)
{
	/* What the kernel needs for a signal, and 2 KiB for stdio and the shim. */
	size_t small = (size_t)sysconf(_SC_MINSIGSTKSZ) + 2048;
	stack_t stack = { .ss_sp = malloc(small), .ss_size = small };
	struct sigaction action = { .sa_handler = handler, .sa_flags = SA_ONSTACK };
	char line[512] = "";
	FILE *maps;

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair))
		return 2;
	stream = fdopen(pair[0], "w");
	sigaltstack(&stack, NULL);
	sigaction(SIGUSR1, &action, NULL);
	fputs("one", stream);
	fflush(stream);
	raise(SIGUSR1);
	fclose(stream);
	if (read(pair[1], line, sizeof line) != 6 || memcmp(line, "onetwo", 6) || read(pair[1], line, sizeof line) != 0)
		return 1;
	maps = fopen("/proc/self/maps", "r");
	while (maps && fgets(line, sizeof line, maps))
		if (strstr(line, " rwx"))
			printf("%s", line);
	return 0;
}
