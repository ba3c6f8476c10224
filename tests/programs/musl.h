/*
 * musl.h: what the test programs use and musl lacks, made of system calls. Included before each program when it is built with musl-gcc,
 * so that the programs themselves need not know.
 */
#ifndef PROGRAM_MUSL_H
#define PROGRAM_MUSL_H

#include <errno.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define CLOSE_RANGE_CLOEXEC 4

__attribute__((unused)) static const char *strerrorname_np(int error)
{
	switch (error) {
#define NAME(name) case name: return #name;
	NAME(EACCES) NAME(EADDRINUSE) NAME(EADDRNOTAVAIL) NAME(EAFNOSUPPORT) NAME(EAGAIN) NAME(EALREADY) NAME(EBADF) NAME(ECANCELED) NAME(ECHILD)
	NAME(ECONNABORTED) NAME(ECONNREFUSED) NAME(ECONNRESET) NAME(EDESTADDRREQ) NAME(EEXIST) NAME(EFAULT) NAME(EINPROGRESS) NAME(EINTR) NAME(EINVAL)
	NAME(EIO) NAME(EISCONN) NAME(EISDIR) NAME(ELOOP) NAME(EMFILE) NAME(EMSGSIZE) NAME(ENAMETOOLONG) NAME(ENOENT) NAME(ENOEXEC) NAME(ENOMEM)
	NAME(ENOPROTOOPT) NAME(ENOSYS) NAME(ENOTCONN) NAME(ENOTDIR) NAME(ENOTSOCK) NAME(ENOTTY) NAME(EOPNOTSUPP) NAME(EPERM) NAME(EPIPE) NAME(EPROTO)
	NAME(EPROTONOSUPPORT) NAME(EPROTOTYPE) NAME(ESPIPE) NAME(ESRCH) NAME(ETIMEDOUT) NAME(E2BIG) NAME(ENXIO) NAME(ENODEV) NAME(EMLINK) NAME(ENOTEMPTY)
#undef NAME
	}
	return "another error";
}

__attribute__((unused)) static int close_range(unsigned first, unsigned last, int flags)
{
	return (int)syscall(SYS_close_range, first, last, flags);
}

__attribute__((unused)) static void closefrom(int first)
{
	close_range((unsigned)first, ~0u, 0);
}

__attribute__((unused)) static int execveat(int fd, const char *path, char *const *argv, char *const *envp, int flags)
{
	return (int)syscall(SYS_execveat, fd, path, argv, envp, flags);
}

__attribute__((unused)) static int epoll_pwait2(int fd, struct epoll_event *events, int most, const struct timespec *timeout, const sigset_t *mask)
{
	return (int)syscall(SYS_epoll_pwait2, fd, events, most, timeout, mask, _NSIG / 8);
}

#endif
