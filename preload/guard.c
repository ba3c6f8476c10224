/*
 * guard.c: see guard.h.
 */
#include "preload/guard.h"
#include "preload/writer.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <sys/auxv.h>
#include <sys/prctl.h>

#define UNKNOWN_HOW 4096 /* neither SIG_BLOCK, SIG_UNBLOCK nor SIG_SETMASK */

int guard_level;

/* Offset of the thread id in libc's thread descriptor, found in the main thread; 0: not found for certain. */
static unsigned libc_tid_offset;

extern unsigned long getauxval(unsigned long type) __attribute__((weak));

#if defined(__x86_64__)
static void find_libc_tid(void)
{
	const char *self;
	int tid = (int)raw_syscall6(SYS_gettid, 0, 0, 0, 0, 0, 0);
	unsigned found = 0, count = 0;

	__asm__("mov %%fs:0, %0" : "=r"(self));
	/* glibc's struct pthread begins at the thread pointer and keeps tid well within its first KiB. */
	for (unsigned offset = 64; offset < 1024; offset += 4) {
		if (*(const int *)(self + offset) == tid) {
			found = offset;
			count++;
		}
	}
	libc_tid_offset = count == 1 ? found : 0;
}

static int libc_tid(void)
{
	const char *self;

	__asm__("mov %%fs:0, %0" : "=r"(self));
	return libc_tid_offset ? *(const int *)(self + libc_tid_offset) : 0;
}
#else
static void find_libc_tid(void)
{
}

static int libc_tid(void)
{
	return 0;
}
#endif

void guard_init(void)
{
	long mode = raw_syscall(SYS_prctl, PR_GET_SECCOMP, 0, 0, 0, 0);

	guard_level = mode > 0 ? GUARD_INHERITED : GUARD_OPEN;
	find_libc_tid();
}

void guard_enter(void)
{
	if (guard_level == GUARD_ENTERED)
		return;
	if (writer_enabled && writer_spool)
		writer_gap(GAP_SECCOMP, 0, NULL);
	guard_level = GUARD_ENTERED;
}

void guard_watch_prctl(int option, unsigned long argument)
{
	if (option == PR_SET_SECCOMP && (argument == SECCOMP_MODE_FILTER || argument == SECCOMP_MODE_STRICT))
		guard_enter();
}

int guard_own_pid(void)
{
	if (guard_system_calls_allowed())
		return (int)raw_syscall6(SYS_getpid, 0, 0, 0, 0, 0, 0);
	return libc_tid();
}

int guard_own_tid(void)
{
	if (guard_system_calls_allowed())
		return (int)raw_syscall6(SYS_gettid, 0, 0, 0, 0, 0, 0);
	return libc_tid();
}

int guard_can_read_now(const void *at, size_t bytes)
{
	uintptr_t last = ((uintptr_t)at + bytes - 1) >> 12;

	if ((uintptr_t)at < 4096 || last < (uintptr_t)at >> 12 || !guard_system_calls_allowed())
		return 0;
	for (uintptr_t page = (uintptr_t)at >> 12; page <= last; page++)
		if (raw_syscall(SYS_rt_sigprocmask, UNKNOWN_HOW, page << 12, 0, 8) != -EINVAL)
			return 0;
	return 1;
}

int guard_can_read(const void *at, size_t bytes)
{
	static uintptr_t good_page;
	uintptr_t frame = (uintptr_t)__builtin_frame_address(0) >> 12;
	uintptr_t last = ((uintptr_t)at + bytes - 1) >> 12;

	if ((uintptr_t)at < 4096 || last < (uintptr_t)at >> 12)
		return 0;
	for (uintptr_t page = (uintptr_t)at >> 12; page <= last; page++) {
		if (page == frame || page == __atomic_load_n(&good_page, __ATOMIC_RELAXED))
			continue;
		if (!guard_system_calls_allowed()) {
			if (page < 16 || page >> 35)
				return 0;
			continue;
		}
		if (raw_syscall(SYS_rt_sigprocmask, UNKNOWN_HOW, page << 12, 0, 8) != -EINVAL)
			return 0;
		__atomic_store_n(&good_page, page, __ATOMIC_RELAXED);
	}
	return 1;
}

int guard_is_secure(void)
{
	return getauxval ? getauxval(AT_SECURE) != 0 : 1;
}
