/*
 * guard.c: see guard.h.
 */
#include "preload/guard.h"
#include "preload/spool.h"
#include "preload/table.h"
#include "preload/writer.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <sys/auxv.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#define UNKNOWN_HOW 4096 /* neither SIG_BLOCK, SIG_UNBLOCK nor SIG_SETMASK */

int guard_level;

/* Offset of the thread id in libc's thread descriptor, found in the main thread; 0: not found for certain. */
static unsigned libc_tid_offset;

extern unsigned long getauxval(unsigned long type) __attribute__((weak));
extern const char *gnu_get_libc_version(void) __attribute__((weak));

#if defined(__x86_64__)
#define MUSL_TID_OFFSET 48 /* struct pthread: behind the six words that other compilers' code relies on */

static void find_libc_tid(void)
{
	int tid = (int)raw_syscall6(SYS_gettid, 0, 0, 0, 0, 0, 0);
	unsigned found = 0, count = 0, first = 64, end = 1024;
	const char *self;

	__asm__("mov %%fs:0, %0" : "=r"(self));
	/* glibc's struct pthread begins at the thread pointer and keeps tid well within its first KiB. musl's is shorter than that. */
	if (!gnu_get_libc_version) {
		first = MUSL_TID_OFFSET;
		end = first + 4;
	}
	for (unsigned offset = first; offset < end; offset += 4) {
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

/* A number of /proc/PID/status; -1: not there, or not readable. */
static long status_number(const char *path, const char *name)
{
	char text[2048];
	size_t length = raw_length(name);
	long fd = raw_syscall(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC, 0);
	long n = fd < 0 ? -1 : raw_syscall(SYS_read, fd, text, sizeof text);
	long value = -1;

	if (fd >= 0)
		raw_syscall(SYS_close, fd);
	for (long i = 0; i + (long)length + 2 < n; i++) {
		if ((i && text[i - 1] != '\n') || !raw_equal(text + i, name, length) || text[i + (long)length] != ':')
			continue;
		for (i += (long)length + 1; i < n && (text[i] == ' ' || text[i] == '\t'); i++)
			;
		for (value = 0; i < n && text[i] >= '0' && text[i] <= '9'; i++)
			value = value * 10 + text[i] - '0';
		break;
	}
	return value;
}

/*
 * A filter is there. Its parent has as many: a container's, or a whole tree's, which must do for any program. So must what a service
 * manager (process 1, or one outside of this PID namespace) puts on a service. Otherwise it was made for this one program.
 */
static int is_tailored(void)
{
	char path[32] = "/proc/", digits[20];
	long parent = status_number("/proc/self/status", "PPid");
	long own_filters = status_number("/proc/self/status", "Seccomp_filters"), parent_filters;
	unsigned n = 0, at = 6;

	if (parent <= 1 || own_filters < 0)
		return 0;
	for (long rest = parent; rest; rest /= 10)
		digits[n++] = (char)('0' + rest % 10);
	while (n)
		path[at++] = digits[--n];
	raw_copy(path + at, "/status", 8);
	parent_filters = status_number(path, "Seccomp_filters");
	return parent_filters >= 0 && parent_filters < own_filters;
}

void guard_init(void)
{
	long mode = status_number("/proc/self/status", "Seccomp");

	guard_level = mode == 0 ? GUARD_OPEN : GUARD_INHERITED;
	if (mode > 0 && is_tailored())
		guard_level = GUARD_TAILORED;
	else
		find_libc_tid();
}

int guard_report_due;
static int level_before = GUARD_ENTERED; /* while a call that may enter is being made: the level to fall back to */

/* Does this call, if it succeeds, forbid others? */
static int enters(long number, unsigned long first, unsigned long second)
{
	if (number == SYS_seccomp)
		return first == SECCOMP_SET_MODE_STRICT || first == SECCOMP_SET_MODE_FILTER;
	return number == SYS_prctl && first == PR_SET_SECCOMP && (second == SECCOMP_MODE_FILTER || second == SECCOMP_MODE_STRICT);
}

static int forbids_counter(long number, unsigned long first, unsigned long second)
{
	if (number == SYS_seccomp)
		return first == SECCOMP_SET_MODE_STRICT;
	return number == SYS_prctl && ((first == PR_SET_SECCOMP && second == SECCOMP_MODE_STRICT) ||
		(first == PR_SET_TSC && second == PR_TSC_SIGSEGV));
}

void guard_watch(long number, unsigned long first, unsigned long second)
{
	if (!writer_enabled)
		return;
	if (forbids_counter(number, first, second))
		clock_leave_counter();
	if (!enters(number, first, second) || guard_level >= GUARD_ENTERED)
		return;
	spool_open();
	table_reserve(spool_limit_of(RLIMIT_NOFILE));
	level_before = guard_level;
	guard_level = GUARD_ENTERED;
}

void guard_watched(long number, unsigned long first, unsigned long second, int succeeded)
{
	if (!enters(number, first, second) || guard_level != GUARD_ENTERED || level_before == GUARD_ENTERED)
		return;
	/* A process without a socket so far says it with its first record. */
	guard_report_due = succeeded;
	if (!succeeded)
		guard_level = level_before;
	else if (thread_state.cursor)
		guard_report();
	level_before = GUARD_ENTERED;
}

void guard_report(void)
{
	guard_report_due = 0;
	writer_gap(GAP_SECCOMP, 0, NULL);
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

int guard_can_read(const void *at, size_t bytes)
{
	uintptr_t last = ((uintptr_t)at + bytes - 1) >> 12;

	if ((uintptr_t)at < 4096 || last < (uintptr_t)at >> 12 || !guard_system_calls_allowed())
		return 0;
	for (uintptr_t page = (uintptr_t)at >> 12; page <= last; page++)
		if (raw_syscall(SYS_rt_sigprocmask, UNKNOWN_HOW, page << 12, 0, 8) != -EINVAL)
			return 0;
	return 1;
}

int guard_is_secure(void)
{
	return getauxval ? getauxval(AT_SECURE) != 0 : 1;
}
