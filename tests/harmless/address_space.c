/*
 * address_space.c: a program that limits its own address space, before or after its first socket, and uses most of it: what the limit leaves
 * must be there. And it goes on to use sockets. The first argument: "before", "after", "prlimit", "syscall".
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#define MIB (1024l * 1024)

static int set_limit(const char *how)
{
	struct rlimit limit = { 200 * MIB, 200 * MIB };

	if (!strcmp(how, "prlimit"))
		return prlimit(0, RLIMIT_AS, &limit, NULL);
	if (!strcmp(how, "syscall"))
		return (int)syscall(SYS_prlimit64, 0, RLIMIT_AS, &limit, NULL);
	return setrlimit(RLIMIT_AS, &limit);
}

int main(int count, char **arguments)
{
	int ends[2], early = count > 1 && !strcmp(arguments[1], "before");
	char byte;

	if (early)
		printf("limit: %d\n", set_limit("before"));
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends))
		return 1;
	if (!early)
		printf("limit: %d\n", set_limit(count > 1 ? arguments[1] : ""));
	for (int i = 0; i < 4; i++)
		printf("40 MiB more: %s\n", mmap(NULL, 40 * MIB, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED ? strerror(errno) : "there");
	for (long i = 0; i < 20000; i++)
		if (write(ends[0], "x", 1) != 1 || read(ends[1], &byte, 1) != 1)
			return 2;
	printf("still talking\n");
	return 0;
}
