/*
 * syscall.c: the generic syscall() function (libuv, Go's cgo parts and others use it), dispatched to the observers of each call; and
 * prctl, which is watched for the entry into seccomp.
 */
#include "preload/blindspot.h"
#include "preload/guard.h"
#include "preload/hooks.h"
#include "preload/limits.h"
#include "preload/readable.h"
#include "preload/real.h"
#include "preload/rights.h"
#include "preload/spool.h"
#include "preload/unshare.h"
#include "preload/writer.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdarg.h>
#include <sys/prctl.h>

extern void *dlsym(void *handle, const char *symbol) __attribute__((weak));

long hooks_absent(void)
{
	errno = ENOSYS;
	return -1;
}

void hooks_resolve(void *entry, const char *name, void *otherwise)
{
	void *found = dlsym ? dlsym(RTLD_NEXT, name) : NULL;

	*(void **)entry = found ? found : otherwise;
}

__attribute__((used)) long hooks_libc_result(long kernel_result)
{
	if (kernel_result < 0 && kernel_result > -4096) {
		errno = (int)-kernel_result;
		return -1;
	}
	return kernel_result;
}

hook_through *hooks_find(long number)
{
	hook_through *through = hooks_through(number);

	if (!through)
		through = close_through(number);
	if (!through)
		through = descriptors_through(number);
	if (!through)
		through = waits_through(number);
	if (!through)
		through = epoll_through(number);
	if (!through)
		through = processes_through(number);
	if (!through)
		through = unshare_through(number);
	return through;
}

/* The exported symbol is in vfork.S, where that file knows the processor. */
#if defined(__x86_64__)
#define HOOK_SYSCALL __attribute__((used, visibility("hidden")))
#else
#define HOOK_SYSCALL EXPORT_AS(syscall)
#endif

/* The observer of a call made with syscall(); NULL: none, or it is observed already. Apart, so that its frame is gone when the call is made. */
static __attribute__((noinline)) hook_through *syscall_observer(long number)
{
	hook_through *through = writer_enabled ? hooks_find(number) : NULL;

	/* Another library, between us and libc, makes our wrapper's call in this way. */
	if (through && spool_options.patched_sites && patch_mark_take_far((int)number, (uintptr_t)__builtin_frame_address(0)))
		return NULL;
	return through;
}

/* Not observed, but watched. */
static __attribute__((noinline)) long syscall_watched(long number, const long *w)
{
	long result;

	if (number == SYS_mlockall)
		return limits_lock_all((int)w[0]);
	if (number == SYS_mprotect)
		readable_protect((const void *)w[0], (size_t)w[1], (int)w[2]);
	rights_watch(number);
	guard_watch(number, (unsigned long)w[0], (unsigned long)w[1]);
	result = REAL(syscall)(number, w[0], w[1], w[2], w[3], w[4], w[5]);
	guard_watched(number, (unsigned long)w[0], (unsigned long)w[1], result >= 0);
	if (number == SYS_prlimit64 && result == 0 && (w[0] == 0 || (int)w[0] == writer_pid))
		limits_changed((unsigned)w[1], (const struct rlimit *)w[2]);
	if (number == SYS_io_uring_setup && result >= 0)
		blindspot_ring("io_uring_setup was called through syscall()");
	return result;
}

/* Variadic for its callers: six longs come in the same places either way, and declared so they need no save area on the stack. */
long hook_syscall(long number, long a, long b, long c, long d, long e, long f) HOOK_SYSCALL;
long hook_syscall(long number, long a, long b, long c, long d, long e, long f)
{
	const long w[6] = {a, b, c, d, e, f};
	hook_through *through = syscall_observer(number);

	if (through)
		return hooks_libc_result(through(w, TAG_VIA_SYSCALL, __builtin_return_address(0)));
	return syscall_watched(number, w);
}

int hook_prctl(int option, ...) EXPORT_AS(prctl);
int hook_prctl(int option, ...)
{
	unsigned long w[4];
	va_list list;
	int result;

	va_start(list, option);
	for (int i = 0; i < 4; i++)
		w[i] = va_arg(list, unsigned long);
	va_end(list);
	guard_watch(SYS_prctl, (unsigned long)(unsigned)option, w[0]);
	result = REAL(prctl)(option, w[0], w[1], w[2], w[3]);
	guard_watched(SYS_prctl, (unsigned long)(unsigned)option, w[0], result == 0);
	if (option == PR_SET_NAME && result == 0 && guard_system_calls_allowed())
		raw_syscall(SYS_prctl, PR_GET_NAME, thread_state.name);
	return result;
}
