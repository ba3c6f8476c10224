/*
 * real.h: the functions behind our wrappers: those the program would have called. Found once with dlsym(RTLD_NEXT), so that another
 * preloaded library keeps its turn and a cancellation point stays one. Before the constructor has run, and for a function that
 * the libc at hand lacks, an entry is NULL.
 *
 * Calls that are made often need not go through theirs where nothing stands there but a system call: see real_is_system_call.
 */
#ifndef PRELOAD_REAL_H
#define PRELOAD_REAL_H

#include "preload/parameters.h"
#include "preload/raw.h"

#include <netdb.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <time.h>

/* Hand-wrapped functions: name, return type, parameters. */
#define REAL_BY_HAND(X) \
	X(close, int, (int)) \
	X(close_range, int, (unsigned, unsigned, int)) \
	X(closefrom, void, (int)) \
	X(fclose, int, (struct _IO_FILE *)) \
	X(preadv2, ssize_t, (int, const struct iovec *, int, off64_t, int)) \
	X(pwritev2, ssize_t, (int, const struct iovec *, int, off64_t, int)) \
	X(dup, int, (int)) \
	X(dup2, int, (int, int)) \
	X(dup3, int, (int, int, int)) \
	X(fcntl, int, (int, int, ...)) \
	X(fcntl64, int, (int, int, ...)) \
	X(ioctl, int, (int, unsigned long, ...)) \
	X(pidfd_getfd, int, (int, int, unsigned)) \
	X(poll, int, (struct pollfd *, nfds_t, int)) \
	X(__poll_chk, int, (struct pollfd *, nfds_t, int, size_t)) \
	X(ppoll, int, (struct pollfd *, nfds_t, const struct timespec *, const sigset_t *)) \
	X(__ppoll_chk, int, (struct pollfd *, nfds_t, const struct timespec *, const sigset_t *, size_t)) \
	X(select, int, (int, fd_set *, fd_set *, fd_set *, struct timeval *)) \
	X(pselect, int, (int, fd_set *, fd_set *, fd_set *, const struct timespec *, const sigset_t *)) \
	X(epoll_create, int, (int)) \
	X(epoll_create1, int, (int)) \
	X(epoll_ctl, int, (int, int, int, struct epoll_event *)) \
	X(epoll_wait, int, (int, struct epoll_event *, int, int)) \
	X(epoll_pwait, int, (int, struct epoll_event *, int, int, const sigset_t *)) \
	X(epoll_pwait2, int, (int, struct epoll_event *, int, const struct timespec *, const sigset_t *)) \
	X(fork, pid_t, (void)) \
	X(_Fork, pid_t, (void)) \
	X(daemon, int, (int, int)) \
	X(chroot, int, (const char *)) \
	X(setuid, int, (uid_t)) \
	X(setreuid, int, (uid_t, uid_t)) \
	X(setresuid, int, (uid_t, uid_t, uid_t)) \
	X(seteuid, int, (uid_t)) \
	X(setfsuid, int, (uid_t)) \
	X(setns, int, (int, int)) \
	X(pthread_create, int, (pthread_t *, const pthread_attr_t *, void *(*)(void *), void *)) \
	X(thrd_create, int, (pthread_t *, int (*)(void *), void *)) \
	X(unshare, int, (int)) \
	X(forkpty, int, (int *, char *, const struct termios *, const struct winsize *)) \
	X(posix_spawn, int, (pid_t *, const char *, const posix_spawn_file_actions_t *, const posix_spawnattr_t *, char *const *, char *const *)) \
	X(posix_spawnp, int, (pid_t *, const char *, const posix_spawn_file_actions_t *, const posix_spawnattr_t *, char *const *, char *const *)) \
	X(execve, int, (const char *, char *const *, char *const *)) \
	X(execvpe, int, (const char *, char *const *, char *const *)) \
	X(fexecve, int, (int, char *const *, char *const *)) \
	X(execveat, int, (int, const char *, char *const *, char *const *, int)) \
	X(_exit, void, (int)) \
	X(system, int, (const char *)) \
	X(popen, struct _IO_FILE *, (const char *, const char *)) \
	X(getaddrinfo, int, (const char *, const char *, const struct addrinfo *, struct addrinfo **)) \
	X(gethostbyname, struct hostent *, (const char *)) \
	X(gethostbyname2, struct hostent *, (const char *, int)) \
	X(gethostbyname_r, int, (const char *, struct hostent *, char *, size_t, struct hostent **, int *)) \
	X(gethostbyname2_r, int, (const char *, int, struct hostent *, char *, size_t, struct hostent **, int *)) \
	X(gethostbyaddr, struct hostent *, (const void *, socklen_t, int)) \
	X(gethostbyaddr_r, int, (const void *, socklen_t, int, struct hostent *, char *, size_t, struct hostent **, int *)) \
	X(setrlimit, int, (unsigned, const struct rlimit *)) \
	X(mlockall, int, (int)) \
	X(mprotect, int, (void *, size_t, int)) \
	X(prlimit, int, (int, unsigned, const struct rlimit *, struct rlimit *)) \
	X(syscall, long, (long, ...)) \
	X(prctl, int, (int, ...))

struct _IO_FILE;
struct termios;
struct rlimit;
struct winsize;

struct real_functions {
#define CALL(number, name, effect, sys, ret, n, params, ...) ret (*name)(DECLARE(n, params));
#define VARIANT(symbol, name, ret, n, params, ...) ret (*symbol)(DECLARE(n, params));
#include "schema/calls.def"
#define X(name, ret, params) ret (*name) params;
	REAL_BY_HAND(X)
#undef X
	int (*clone)(int (*)(void *), void *, int, void *, ...);
	void *vfork;
};

extern struct real_functions real __attribute__((visibility("hidden")));

/* The first versions of posix_spawn and posix_spawnp; from the constructor. */
void exec_resolve(void);

/* Finds them all; from the constructor. */
void real_resolve(void);

/* 1: the functions of which real_is_system_call is asked are glibc's own, not another preloaded library's (real_resolve). */
extern int real_calls_are_libc __attribute__((visibility("hidden")));

extern char __libc_single_threaded __attribute__((weak));

/* 0 where libc does not say. */
always_inline int real_is_single_threaded(void)
{
	return &__libc_single_threaded && __libc_single_threaded;
}

/*
 * Does libc make nothing of a call now but the system call? glibc: in a process of one thread that nobody has asked to cancel (SINGLE_THREAD_P of
 * sysdeps/unix/sysdep-cancel.h; pthread_cancel of oneself sets multiple_threads of tcbhead_t as well). Both words are asked, lest a later glibc uses one
 * of them for something else.
 */
always_inline int real_is_system_call(void)
{
#if defined(__x86_64__) && defined(__GLIBC__)
	int multiple_threads;

	if (unlikely(!real_calls_are_libc))
		return 0;
	__asm__ volatile("movl %%fs:0x18, %0" : "=r"(multiple_threads));
	return multiple_threads == 0 && __libc_single_threaded;
#else
	return 0;
#endif
}

#endif
