/*
 * empty_shim.c: a preloaded library that wraps every call of schema/calls.def and does nothing but make it: the floor under any tracer
 * that works by LD_PRELOAD, for comparison in `make bench`. Real functions are found once, by the constructor.
 *
 * With -DREFERENCE each wrapper also reads CLOCK_MONOTONIC before and after, and writes 64 bytes to memory of its thread that is in use already: the
 * least that a tracer of calls can do, and so the target.
 */
#include <dlfcn.h>
#include <poll.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <time.h>

#include "preload/parameters.h"

/* The wrappers have names of their own in C and the symbol's in assembly, so that no prototype of libc is contradicted. */
#define AS(symbol) __asm__(#symbol) __attribute__((visibility("default")))

static struct {
#define CALL(number, name, effect, sys, ret, n, params, ...) ret (*name)(DECLARE(n, params));
#include "schema/calls.def"
	int (*close)(int);
	int (*poll)(struct pollfd *, nfds_t, int);
	int (*epoll_create1)(int);
	int (*epoll_ctl)(int, int, int, struct epoll_event *);
	int (*epoll_wait)(int, struct epoll_event *, int, int);
} real;

#ifdef REFERENCE
struct record {
	uint64_t kind, started_ns, took_ns, result, unused[4];
};

static __thread struct record records[256] __attribute__((tls_model("initial-exec"), aligned(64)));
static __thread unsigned used __attribute__((tls_model("initial-exec")));

static inline uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static inline void write_record(uint64_t kind, uint64_t started_ns, uint64_t result)
{
	*(volatile struct record *)&records[used++ % 256] = (struct record){kind, started_ns, now_ns() - started_ns, result, {0}};
}

#define MAKE(kind, ret, call) uint64_t started_ns = now_ns(); ret result = call; write_record(kind, started_ns, (uint64_t)result); return result;
#else
#define MAKE(kind, ret, call) return call;
#endif

#define CALL(number, name, effect, sys, ret, n, params, ...) \
	ret empty_##name(DECLARE(n, params)) AS(name); \
	ret empty_##name(DECLARE(n, params)) { MAKE(number, ret, real.name(NAMES(n, params))) }
#include "schema/calls.def"

int empty_close(int fd) AS(close);
int empty_close(int fd) { MAKE(0, int, real.close(fd)) }
int empty_poll(struct pollfd *fds, nfds_t count, int timeout) AS(poll);
int empty_poll(struct pollfd *fds, nfds_t count, int timeout) { MAKE(0, int, real.poll(fds, count, timeout)) }
int empty_epoll_create1(int flags) AS(epoll_create1);
int empty_epoll_create1(int flags) { MAKE(0, int, real.epoll_create1(flags)) }
int empty_epoll_ctl(int instance, int operation, int fd, struct epoll_event *event) AS(epoll_ctl);
int empty_epoll_ctl(int instance, int operation, int fd, struct epoll_event *event) { MAKE(0, int, real.epoll_ctl(instance, operation, fd, event)) }
int empty_epoll_wait(int instance, struct epoll_event *events, int room, int timeout) AS(epoll_wait);
int empty_epoll_wait(int instance, struct epoll_event *events, int room, int timeout) { MAKE(0, int, real.epoll_wait(instance, events, room, timeout)) }

__attribute__((constructor)) static void find_all(void)
{
#define CALL(number, name, ...) *(void **)&real.name = dlsym(RTLD_NEXT, #name);
#include "schema/calls.def"
	*(void **)&real.close = dlsym(RTLD_NEXT, "close");
	*(void **)&real.poll = dlsym(RTLD_NEXT, "poll");
	*(void **)&real.epoll_create1 = dlsym(RTLD_NEXT, "epoll_create1");
	*(void **)&real.epoll_ctl = dlsym(RTLD_NEXT, "epoll_ctl");
	*(void **)&real.epoll_wait = dlsym(RTLD_NEXT, "epoll_wait");
}
