/*
 * connection.h: TCP over the loopback interface, both ends in one program.
 */
#ifndef BENCH_CONNECTION_H
#define BENCH_CONNECTION_H

#include "bench/workloads/measure.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

/* A listener on a free port of 127.0.0.1; its address is left in *address. */
static inline int connection_listen(struct sockaddr_in *address)
{
	socklen_t length = sizeof *address;
	int listener = socket(AF_INET, SOCK_STREAM, 0);

	*address = (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	CHECK(listener >= 0);
	CHECK(bind(listener, (struct sockaddr *)address, sizeof *address) == 0);
	CHECK(listen(listener, 128) == 0);
	CHECK(getsockname(listener, (struct sockaddr *)address, &length) == 0);
	measure_made("socket", 1);
	measure_made("bind", 1);
	measure_made("listen", 1);
	measure_made("getsockname", 1);
	return listener;
}

/* fds[0]: the client's end, fds[1]: the accepted one. Three calls: socket, connect, accept. */
static inline void connection_make(int listener, const struct sockaddr_in *address, int *fds)
{
	fds[0] = socket(AF_INET, SOCK_STREAM, 0);
	CHECK(fds[0] >= 0);
	CHECK(connect(fds[0], (const struct sockaddr *)address, sizeof *address) == 0);
	fds[1] = accept(listener, NULL, NULL);
	CHECK(fds[1] >= 0);
}

#endif
