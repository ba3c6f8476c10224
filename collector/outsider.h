/*
 * outsider.h: who holds an address that a bind could not have, when it is nobody in the trace: the machine is asked (/proc/net, /proc/PID/fd)
 * shortly after the bind failed. Only what this user may look into is found. Not for hot paths: it reads many files.
 */
#ifndef COLLECTOR_OUTSIDER_H
#define COLLECTOR_OUTSIDER_H

#include <stddef.h>

struct outsider {
	const char *state; /* "LISTEN", "TIME_WAIT" …, "BOUND" of UDP */
	int pid;           /* 0: none has it (TIME_WAIT), or it may not be looked into */
	char program[64];  /* its name; empty: pid is 0 */
};

/*
 * `address`: the sockaddr that was wanted; stream: TCP, else UDP; pid: the process that wanted it (its network namespace is asked while
 * it lives, else this process's). 0, or a negative errno: -ENOENT: nothing has the port now.
 */
int outsider_find(struct outsider *outsider, int pid, const unsigned char *address, size_t length, int stream);

#endif
