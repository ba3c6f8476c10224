/*
 * guard.h: may the shim make system calls of its own? Once the process has entered seccomp, a call that its filter does not know
 * can kill it (seccomp(2)), so none is made from then on (law 4); and the shim does nothing at all in a program that runs with
 * more privilege than its user (AT_SECURE, getauxval(3)).
 */
#ifndef PRELOAD_GUARD_H
#define PRELOAD_GUARD_H

#include "preload/raw.h"

enum guard_level {
	GUARD_OPEN,      /* no filter */
	GUARD_INHERITED, /* a filter was there at start: it let the dynamic linker work, so ordinary calls are known to it; exotic ones may not be */
	GUARD_ENTERED,   /* the program installed one itself: nothing but what it calls itself */
	GUARD_TAILORED,  /* whoever started the program installed one for it alone: it may allow no more than this program needs */
};

extern int guard_level __attribute__((visibility("hidden"))); /* enum guard_level */

always_inline int guard_system_calls_allowed(void)
{
	return likely(guard_level < GUARD_ENTERED);
}

/* Looks whether a filter is there already (with calls that the dynamic linker makes too), and where libc keeps a thread's id; from the constructor. */
void guard_init(void);

/*
 * prctl(2) and seccomp(2): _watch before the real call, which may be the last that is allowed; _watched with its outcome, since many
 * programs only try whether the kernel knows seccomp. From a successful one on, nothing is asked of the kernel; the spool is made
 * beforehand if there is none, and a gap says so.
 */
void guard_watch(long number, unsigned long first, unsigned long second);
void guard_watched(long number, unsigned long first, unsigned long second, int succeeded);
/* Writes the gap if it is due: with the first record after. */
void guard_report(void);
extern int guard_report_due __attribute__((visibility("hidden")));

/* The process id: by system call where allowed, else from libc's own copy, else 0. */
int guard_own_pid(void);
/* The thread id in the same way. */
int guard_own_tid(void);

/*
 * Can [at, at + bytes) be read? Asks the kernel, page by page, with the most ordinary call there is: rt_sigprocmask(2) reads its set before it refuses
 * an unknown `how`, and changes nothing. 0 where no call is allowed. Not for data calls: see readable.h.
 */
int guard_can_read(const void *at, size_t bytes);

/* Is this program running with raised privilege (setuid, file capabilities)? */
int guard_is_secure(void);

#endif
