/*
 * hooks.h: the ways into the observed calls other than their exported symbols.
 */
#ifndef PRELOAD_HOOKS_H
#define PRELOAD_HOOKS_H

#include "preload/raw.h"

/* thread_state.inside while a wrapper's real call runs: libc's system call for it is the same call, not another one. */
#define HOOK_MARK 1

/*
 * Makes system call w[0..5] and records it. via: TAG_VIA_*. Returns the kernel's result (-errno on failure); does not touch errno.
 */
typedef long hook_through(const long *w, unsigned via, const void *caller);

/* The observer of a system call number; NULL: not observed. hooks_through knows the generated ones, the others are theirs to name. */
hook_through *hooks_through(long number);
hook_through *descriptors_through(long number);
hook_through *waits_through(long number);
hook_through *processes_through(long number);

/* All of them. */
hook_through *hooks_find(long number);

/* Records the epoll instances made before the spool was; once, when it is. */
void waits_record_pending(void);

#define EXPORT_AS(symbol) __asm__(#symbol) __attribute__((visibility("default")))

/* The real function `name`, found now when the constructor has not run yet. NULL only if libc has none. */
#define REAL(name) ({ \
	if (unlikely(!real.name)) \
		hooks_resolve(&real.name, #name); \
	real.name; })
void hooks_resolve(void *entry, const char *name);

/* -errno convention → libc's: sets errno and returns -1. */
long hooks_libc_result(long kernel_result);

#endif
