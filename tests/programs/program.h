/*
 * program.h: what the traced test programs share. Each of them makes real calls, prints every result with SHOW, so that a traced and an
 * untraced run can be compared byte for byte (descriptor numbers, errno and left-over descriptors included), and states in its first
 * comment the lifecycles it expects in the trace, one line a socket in the order they were made:
 *
 *     lifecycle: ROLE PROTOCOL STATE HOW_ENDED sent N received N: call call …
 *     pairs: N (optional: so many pairs of them know each other)
 *     unread: N N … (optional: what each accepted socket had not read when it was closed)
 *
 * Nothing that differs from run to run (ports, pids, times) may be printed.
 */
#ifndef PROGRAM_H
#define PROGRAM_H

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* Makes the call, prints its text, result and errno, and gives the result. */
#define SHOW(expression) ({ \
	long shown_; \
	errno = 0; \
	shown_ = (long)(expression); \
	show_result(#expression, shown_, errno); \
	shown_; })

__attribute__((unused)) static void show_result(const char *text, long result, int error)
{
	printf("%s = %ld%s%s\n", text, result, result == -1 ? " " : "", result == -1 ? strerrorname_np(error) : "");
	fflush(stdout);
}

/* 127.0.0.1 and a port; 0: any. */
__attribute__((unused)) static struct sockaddr_in loopback(int port)
{
	return (struct sockaddr_in){ .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
}

/* A TCP socket listening on a free port of 127.0.0.1; *address says which. */
__attribute__((unused)) static int listener(struct sockaddr_in *address)
{
	socklen_t length = sizeof(*address);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	*address = loopback(0);
	if (fd < 0 || bind(fd, (struct sockaddr *)address, sizeof(*address)) || listen(fd, 8) || getsockname(fd, (struct sockaddr *)address, &length)) {
		perror("listener");
		exit(99);
	}
	return fd;
}

/* What is open now: the harness's way to see a leaked descriptor. */
__attribute__((unused)) static void show_open_descriptors(void)
{
	DIR *directory = opendir("/proc/self/fd");
	struct dirent *entry;

	printf("open:");
	while (directory && (entry = readdir(directory)))
		if (entry->d_name[0] != '.' && atoi(entry->d_name) != dirfd(directory))
			printf(" %s", entry->d_name);
	printf("\n");
	fflush(stdout);
	if (directory)
		closedir(directory);
}

#endif
