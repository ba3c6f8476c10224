/*
 * script.h: the invented traffic of `make bench-db`: what a server and its eight clients do, as records of a spool.
 *
 * Connections come in groups of sixteen, each group on one client and the server's thread for it. In a group all connect, then question and answer go
 * round, then all close. One connection in five carries sixteen times as much as the others. So that `check` has something to
 * find: one in a thousand is never closed, one in two thousand meets a port where nobody listens first, one in five
 * thousand waits 200 ms for an answer.
 *
 * Shapes: "groups" is the above; "open" has all connections open at the same time and their calls in turn; "one" weighs all connections
 * alike, so that with SOCKETS=2 one socket has half of all calls; "unix" is "groups" on one path, whose connections are alike.
 */
#ifndef BENCH_SCRIPT_H
#define BENCH_SCRIPT_H

#include "schema/spool.h"

#define SCRIPT_CLIENTS 8

union script_slot {
	struct spool_tag tag;
	struct spool_call call;
	struct spool_process process;
	struct spool_ext_socket socket;
	struct spool_ext_tcp_info tcp_info;
	unsigned char bytes[SPOOL_SLOT_BYTES];
};

struct script_shape {
	const char *name;
	int domain;       /* AF_INET, AF_UNIX */
	int all_open;     /* 1: no connection is closed before all are made */
	int equal_weight; /* 1: no connection carries more than another */
};

/* NULL: there is none of that name. */
const struct script_shape *script_find_shape(const char *name);

struct script {
	uint64_t calls;    /* about so many in all: the connections' own are always made */
	uint64_t sockets;  /* two a connection, and the listener */
	uint64_t seed;
	const struct script_shape *shape;
	int32_t client_pid[SCRIPT_CLIENTS]; /* as the server's SO_PEERCRED says */
	uint64_t start_ns; /* CLOCK_MONOTONIC of the first moment; the script then keeps its own time */
};

/* A record of part `part` (0 the server, else client part - 1), 1 + tag.parts slots; of them new_sockets are sockets' first mention. */
typedef void script_line(void *context, int thread, const union script_slot *record, unsigned new_sockets);

/* Plays all of it and hands over the lines of one part, each thread's in the order of time. Returns the last moment of the part. */
uint64_t script_play(const struct script *script, int part, script_line *line, void *context);

#endif
