/*
 * hooks.h: the ways into the observed calls other than their exported symbols.
 */
#ifndef PRELOAD_HOOKS_H
#define PRELOAD_HOOKS_H

#include "preload/patch.h"
#include "preload/raw.h"

/* Around a wrapper's real call: libc's system call for it is the same call, not another one (see patch.h). */
#define HOOK_CALL_BEGINS uintptr_t mark_before = patch_mark_begin(PATCH_ANY_NUMBER);
#define HOOK_CALL_ENDS patch_mark_end(mark_before);

/*
 * The ways to make the real call; each leaves its value in `result`, and 0 or errno in `error`.
 *   LIBC    through libc's function, for a wrapper
 *   DIRECT  the system call that libc makes of it, where that is all that libc does (real_is_system_call), else LIBC
 *   KERNEL  the system call, for the program's own one or for libc's: errno is left alone
 */
#define LIBC(expression) { \
	HOOK_CALL_BEGINS \
	result = expression; \
	if (result == -1) \
		error = errno; \
	HOOK_CALL_ENDS \
}
#if defined(__x86_64__)
#define DIRECT(system_call, expression) DIRECT_IF(1, system_call, expression)
#else /* which lacks some of the system calls, and libc is always asked there */
#define DIRECT(system_call, expression) LIBC(expression)
#endif
#define DIRECT_IF(direct, system_call, expression) \
	if ((direct) && likely(real_is_system_call())) { \
		long answer = system_call; \
		error = unlikely(answer < 0) ? (int)-answer : 0; \
		result = error ? -1 : (__typeof__(result))answer; \
		if (unlikely(error)) \
			errno = error; \
	} else \
		LIBC(expression)
#define KERNEL(expression) { \
	result = expression; \
	if (result < 0 && result > -4096) \
		error = (int)-result; \
}

/*
 * Makes system call w[0..5] and records it. via: TAG_VIA_*. Returns the kernel's result (-errno on failure); does not touch errno.
 */
typedef long hook_through(const long *w, unsigned via, const void *caller);

/* The observer of a system call number; NULL: not observed. hooks_through knows the generated ones, the others are theirs to name. */
hook_through *hooks_through(long number);
hook_through *close_through(long number);
hook_through *descriptors_through(long number);
hook_through *waits_through(long number);
hook_through *epoll_through(long number);
hook_through *processes_through(long number);

/* All of them. */
hook_through *hooks_find(long number);

/* Records the epoll instances made before the spool was; once, when it is. */
void epoll_record_pending(void);

/* Before a fork: from then on another process may add a socket to an instance that both have. */
void epoll_before_fork(void);

/* An instance gets another number, if it is one: to be told before it has. Returns the cell that it was given. */
uint64_t epoll_duplicated(uint64_t cell);
/* It has it now: another thread may have added its first socket since the cell was read. */
void epoll_has_number(int old_fd, int new_fd, uint64_t cell);

#define EXPORT_AS(symbol) __asm__(#symbol) __attribute__((visibility("default")))

/* For what glibc on x86-64 has in several versions (preload/exports.map): a program keeps the one it was linked with. Elsewhere there is one. */
#if defined(__x86_64__)
#define EXPORT_VERSION(name, symbol, version) \
	__asm__(#name) __attribute__((visibility("default"))); __asm__(".symver " #name ", " #symbol version)
#else
#define EXPORT_VERSION(name, symbol, version) EXPORT_AS(symbol)
#endif

/*
 * The real function `name`, found now when the constructor has not run yet. One that libc lacks, and that a program can have found only because
 * we export it, fails with ENOSYS. Its entry keeps that answer: a name is used with REAL or with REAL_IF_ANY, never with both.
 */
#define REAL(name) ({ \
	if (unlikely(!real.name)) \
		hooks_resolve(&real.name, #name, (void *)hooks_absent); \
	real.name; })
/* NULL if libc has none. */
#define REAL_IF_ANY(name) ({ \
	if (unlikely(!real.name)) \
		hooks_resolve(&real.name, #name, NULL); \
	real.name; })
void hooks_resolve(void *entry, const char *name, void *otherwise);
long hooks_absent(void);

/* -errno convention → libc's: sets errno and returns -1. */
long hooks_libc_result(long kernel_result);

#endif
