/* outsider.c: see outsider.h. */
#include "collector/outsider.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* States of /proc/net/tcp (include/net/tcp_states.h), those that hold a port dearest first: a listener rather than its connections. */
static const struct { unsigned number; const char *name; } states[] = {
	{10, "LISTEN"}, {1, "ESTABLISHED"}, {8, "CLOSE_WAIT"}, {4, "FIN_WAIT1"}, {5, "FIN_WAIT2"}, {9, "LAST_ACK"}, {11, "CLOSING"}, {2, "SYN_SENT"}, {6, "TIME_WAIT"},
};
#define STATES (sizeof states / sizeof *states)

/* Looks through one table of sockets; *best is the place in `states` of what was found so far. */
static void look_through(int pid, const char *table, unsigned port, int stream, size_t *best, unsigned long *inode)
{
	char path[64], line[512];
	FILE *file;

	snprintf(path, sizeof path, "/proc/%d/net/%s", pid, table);
	file = fopen(path, "re");
	if (!file) {
		snprintf(path, sizeof path, "/proc/self/net/%s", table);
		file = fopen(path, "re");
	}
	while (file && fgets(line, sizeof line, file)) {
		unsigned local_port, state;
		unsigned long number;

		if (sscanf(line, " %*u: %*[0-9A-Fa-f]:%x %*[0-9A-Fa-f]:%*x %x %*s %*s %*s %*u %*d %lu", &local_port, &state, &number) != 3 || local_port != port)
			continue;
		for (size_t i = 0; i < (stream ? *best : *best > 0); i++)
			if (!stream || states[i].number == state) {
				*best = i;
				*inode = number;
			}
	}
	if (file)
		fclose(file);
}

/* 1: the process has that socket. */
static int has_socket(int pid, unsigned long inode)
{
	char path[64], name[64], target[64];
	struct dirent *entry;
	DIR *directory;
	int found = 0;

	snprintf(path, sizeof path, "/proc/%d/fd", pid);
	snprintf(target, sizeof target, "socket:[%lu]", inode);
	directory = opendir(path);
	while (directory && !found && (entry = readdir(directory))) {
		ssize_t length = readlinkat(dirfd(directory), entry->d_name, name, sizeof name - 1);

		if (length > 0) {
			name[length] = 0;
			found = !strcmp(name, target);
		}
	}
	if (directory)
		closedir(directory);
	return found;
}

static void name_owner(struct outsider *outsider, unsigned long inode)
{
	DIR *directory = inode ? opendir("/proc") : NULL;
	struct dirent *entry;
	char path[64];
	FILE *file;

	while (directory && !outsider->pid && (entry = readdir(directory))) {
		int pid = atoi(entry->d_name);

		if (pid > 0 && has_socket(pid, inode))
			outsider->pid = pid;
	}
	if (directory)
		closedir(directory);
	if (!outsider->pid)
		return;
	snprintf(path, sizeof path, "/proc/%d/comm", outsider->pid);
	file = fopen(path, "re");
	if (file && fgets(outsider->program, sizeof outsider->program, file))
		outsider->program[strcspn(outsider->program, "\n")] = 0;
	if (file)
		fclose(file);
}

int outsider_find(struct outsider *outsider, int pid, const unsigned char *address, size_t length, int stream)
{
	struct sockaddr_in wanted; /* the port stands at one place in both families */
	size_t best = STATES;
	unsigned long inode = 0;

	if (length < sizeof wanted)
		return -EINVAL;
	memcpy(&wanted, address, sizeof wanted);
	if ((wanted.sin_family != AF_INET && wanted.sin_family != AF_INET6) || !wanted.sin_port)
		return -EINVAL;
	*outsider = (struct outsider){.pid = 0};
	look_through(pid, stream ? "tcp" : "udp", ntohs(wanted.sin_port), stream, &best, &inode);
	look_through(pid, stream ? "tcp6" : "udp6", ntohs(wanted.sin_port), stream, &best, &inode);
	if (best == STATES)
		return -ENOENT;
	outsider->state = stream ? states[best].name : "BOUND";
	name_owner(outsider, inode);
	return 0;
}
