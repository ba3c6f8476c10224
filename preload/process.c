/*
 * process.c: how processes begin and end: fork, vfork, clone, and _exit. A call is recorded once the process has a spool; none of
 * these makes one. The child of a fork is noticed at its first record in any case (struct process_page); here it is noticed
 * at once, so that what it holds is known although it may never touch it.
 */
#include "preload/blindspot.h"
#include "preload/guard.h"
#include "preload/hooks.h"
#include "preload/process.h"
#include "preload/real.h"
#include "preload/rights.h"
#include "preload/sharing.h"
#include "preload/spool.h"
#include "preload/subject.h"
#include "preload/unshare.h"
#include "preload/writer.h"

#include <errno.h>
#include <sched.h>
#include <stdarg.h>

/* Struct values of two words come back in rax and rdx, x0 and x1. */
struct vfork_target {
	void *real;
	struct sharing_frame *frame;
};
struct vfork_outcome {
	long result;
	const void *return_to;
};

_Static_assert(offsetof(struct sharing_frame, saved_register) == 0 && offsetof(struct sharing_frame, return_to) == 8, "vfork.S");

__attribute__((used, visibility("hidden"))) struct vfork_target vfork_before(const void *caller);
__attribute__((used, visibility("hidden"))) struct vfork_outcome vfork_after(int result, struct sharing_frame *frame);
extern int vfork_raw(void) __attribute__((visibility("hidden")));
__attribute__((used, visibility("hidden"))) void clone_passes(void);
__attribute__((used, visibility("hidden"))) struct sharing_frame *clone_before(uint32_t flags, const void *caller);
__attribute__((used, visibility("hidden"))) long clone_after(long result, struct sharing_frame *frame);

static struct spool_call *process_begin(enum call_number kind, unsigned via, uint32_t flags, const void *caller)
{
	subject_before_fork();
	if (!writer_enabled || !writer_spool)
		return NULL;
	epoll_before_fork();
	return writer_call_begin(kind, -1, 0, via, 0, flags, 0, caller);
}

static void process_end(struct spool_call *call, long result, int error)
{
	if (!call)
		return;
	writer_call_returned(call);
	writer_call_end(call, result, error);
}

/* In a child with memory of its own. */
static void forked(uint32_t parent_generation)
{
	uint32_t generation = process_page->generation;

	blindspot_after_fork();
	/* A fork handler of the program may have recorded already. Where the kernel does not wipe the page, it is still the parent's. */
	if (writer_enabled && (generation == 0 || generation == parent_generation))
		writer_after_fork();
}

#define FORK(name) \
	pid_t hook_##name(void) EXPORT_AS(name); \
	pid_t hook_##name(void) \
	{ \
		uint32_t generation = process_page->generation; \
		struct spool_call *call = process_begin(CALL_fork, TAG_VIA_SYMBOL, 0, __builtin_return_address(0)); \
		pid_t pid = REAL_IF_ANY(name) ? real.name() : (pid_t)hooks_libc_result(raw_syscall(SYS_clone, 17 /* SIGCHLD */, 0, 0, 0, 0)); \
		if (pid == 0) \
			forked(generation); \
		else \
			process_end(call, pid, pid < 0 ? errno : 0); \
		return pid; \
	}
FORK(fork)
FORK(_Fork)
extern __typeof__(hook_fork) hook___fork __asm__("__fork") __attribute__((alias("fork"), visibility("default")));

/* Two that fork inside libc. */
int hook_daemon(int keep_directory, int keep_descriptors) EXPORT_AS(daemon);
int hook_daemon(int keep_directory, int keep_descriptors)
{
	uint32_t generation = process_page->generation;
	struct spool_call *call = process_begin(CALL_fork, TAG_VIA_SYMBOL, 0, __builtin_return_address(0));
	int result = REAL(daemon)(keep_directory, keep_descriptors);

	/* The parent does not return from a daemon() that succeeds; an error may be met in either of the two. */
	if (process_page->generation != generation || result == 0)
		forked(generation);
	else
		process_end(call, result, errno);
	return result;
}

int hook_forkpty(int *terminal, char *name, const struct termios *settings, const struct winsize *size) EXPORT_AS(forkpty);
int hook_forkpty(int *terminal, char *name, const struct termios *settings, const struct winsize *size)
{
	uint32_t generation = process_page->generation;
	struct spool_call *call = process_begin(CALL_fork, TAG_VIA_SYMBOL, 0, __builtin_return_address(0));
	int result = REAL(forkpty)(terminal, name, settings, size);

	if (result == 0)
		forked(generation);
	else
		process_end(call, result, result < 0 ? errno : 0);
	return result;
}

/*
 * A table of ours in each memory cannot follow the one that the kernel has for both. Written before the call: the spool that it may make needs a
 * descriptor for a moment, which the child could otherwise see taken.
 */
static struct spool_gap *note_shared_descriptors(unsigned long flags)
{
	if ((flags & (CLONE_FILES | CLONE_VM)) != CLONE_FILES || !writer_enabled)
		return NULL;
	return writer_gap(GAP_SHARED_DESCRIPTORS, 1, "clone with CLONE_FILES and without CLONE_VM");
}

/* fork and clone through syscall(): only where the child has a copy of this very stack (vfork.S). */
static long through_fork_like(const long *w, long number, enum call_number kind, unsigned via, const void *caller)
{
	uint32_t generation = process_page->generation;
	struct spool_gap *gap = kind == CALL_clone ? note_shared_descriptors((unsigned long)w[0]) : NULL;
	struct spool_call *call = process_begin(kind, via, kind == CALL_clone ? (uint32_t)w[0] : 0, caller);
	long result = raw_syscall6(number, w[0], w[1], w[2], w[3], w[4], w[5]);

	if (result == 0)
		forked(generation);
	else
		process_end(call, result, result < 0 ? (int)-result : 0);
	if (result == 0 && kind == CALL_clone && w[0] & CLONE_NEWNET)
		unshare_note_network();
	if (result < 0 && gap)
		writer_gap_void(gap);
	return result;
}

#ifdef SYS_fork
static long through_fork(const long *w, unsigned via, const void *caller)
{
	return through_fork_like(w, SYS_fork, CALL_fork, via, caller);
}
#endif

#if defined(__x86_64__)
static long through_clone(const long *w, unsigned via, const void *caller)
{
	if (w[0] & CLONE_NEWNS)
		rights_before_leaving();
	return through_fork_like(w, SYS_clone, CALL_clone, via, caller);
}
#endif

/* From vfork.S, in the parent. */
struct vfork_target vfork_before(const void *caller)
{
	struct vfork_target target = {REAL_IF_ANY(vfork), NULL};

	if (!target.real)
		target.real = (void *)vfork_raw;
	target.frame = sharing_begin();
	if (target.frame)
		target.frame->call = process_begin(CALL_vfork, TAG_VIA_SYMBOL, 0, caller);
	return target;
}

/* From vfork.S, first in the child, then in the parent. errno is as the real function left it. */
struct vfork_outcome vfork_after(int result, struct sharing_frame *frame)
{
	struct vfork_outcome outcome = {result, frame->return_to};

	if (result == 0) {
		sharing_enter(0);
	} else {
		struct spool_call *call = frame->call;

		sharing_end(frame);
		process_end(call, result, result < 0 ? errno : 0);
	}
	return outcome;
}

/*
 * From here and from vfork.S: what this clone makes is not followed. It may be a thread; one that is started by a thread with descriptors of its own goes on with those,
 * which is then not known.
 */
void clone_passes(void)
{
	if (writer_enabled && sharing_own_table())
		unshare_not_followed("clone, by a thread that has unshared its descriptors");
}

/* From vfork.S, in the parent: before and after a clone whose child is like that of vfork, but on a stack of its own. It becomes a borrower with its first record. */
struct sharing_frame *clone_before(uint32_t flags, const void *caller)
{
	struct sharing_frame *frame;

	if (flags & CLONE_NEWNS)
		rights_before_leaving();
	frame = sharing_begin();
	if (frame)
		frame->call = process_begin(CALL_clone, TAG_VIA_SYSCALL, flags, caller);
	else
		clone_passes();
	return frame;
}

long clone_after(long result, struct sharing_frame *frame)
{
	struct spool_call *call = frame->call;

	sharing_end(frame);
	process_end(call, result, result < 0 ? (int)-result : 0);
	return hooks_libc_result(result);
}

/* What the child of clone starts with; kept at the top of its own stack. */
struct clone_start {
	int (*function)(void *);
	void *argument;
	uint32_t flags;
	uint32_t parent_generation;
};

static int clone_child(void *given)
{
	struct clone_start *start = given;
	int (*function)(void *) = start->function;
	void *argument = start->argument;
	int status;

	if (start->flags & CLONE_VM)
		sharing_enter(start->flags & CLONE_FILES);
	else
		forked(start->parent_generation);
	if (start->flags & CLONE_NEWNET)
		unshare_note_network();
	status = function(argument);
	blindspot_at_exit();
	if (writer_enabled && writer_spool)
		writer_call_begin(CALL__exit, -1, 0, TAG_VIA_LIBC, (uint64_t)(int64_t)status, 0, 0, NULL);
	return status;
}

/*
 * A child with thread-local storage of its own (CLONE_SETTLS) is a thread, or something that only the program understands: it goes its
 * way untouched. One that shares ours is a borrower: for as long as its parent is suspended (CLONE_VFORK), else for ever.
 */
int hook_clone(int (*function)(void *), void *stack, int flags, void *argument, ...) EXPORT_AS(clone);
int hook_clone(int (*function)(void *), void *stack, int flags, void *argument, ...)
{
	int (*real_clone)(int (*)(void *), void *, int, void *, ...) = REAL(clone);
	struct sharing_frame *frame = NULL;
	struct clone_start *start;
	struct spool_gap *gap;
	struct spool_call *call;
	void *tls;
	pid_t *parent_tid, *child_tid;
	va_list list;
	int pid;

	va_start(list, argument);
	parent_tid = va_arg(list, pid_t *);
	tls = va_arg(list, void *);
	child_tid = va_arg(list, pid_t *);
	va_end(list);
	if (flags & (CLONE_THREAD | CLONE_SETTLS))
		clone_passes();
	if (!writer_enabled || !function || !stack || flags & (CLONE_THREAD | CLONE_SETTLS))
		return real_clone(function, stack, flags, argument, parent_tid, tls, child_tid);
	if (flags & CLONE_VM) {
		frame = sharing_begin();
		if (!frame)
			return real_clone(function, stack, flags, argument, parent_tid, tls, child_tid);
	}
	if (flags & CLONE_NEWNS)
		rights_before_leaving();
	gap = note_shared_descriptors((unsigned long)flags);
	start = (struct clone_start *)(((uintptr_t)stack & ~(uintptr_t)15) - sizeof *start);
	*start = (struct clone_start){function, argument, (uint32_t)flags, process_page->generation};
	call = process_begin(CALL_clone, TAG_VIA_SYMBOL, (uint32_t)flags, __builtin_return_address(0));
	if (frame && !(flags & CLONE_VFORK))
		sharing_stay(frame);
	pid = real_clone(clone_child, start, flags, start, parent_tid, tls, child_tid);
	if (frame && flags & CLONE_VFORK)
		sharing_end(frame);
	process_end(call, pid, pid < 0 ? errno : 0);
	if (pid < 0 && gap)
		writer_gap_void(gap);
	return pid;
}
extern __typeof__(hook_clone) hook___clone __asm__("__clone") __attribute__((alias("clone"), visibility("default")));

/* The call never returns: its record stays a running one. */
void hook__exit(int status) EXPORT_AS(_exit) __attribute__((noreturn));
void hook__exit(int status)
{
	blindspot_at_exit();
	if (writer_enabled && writer_spool)
		writer_call_begin(CALL__exit, -1, 0, TAG_VIA_SYMBOL, (uint64_t)(int64_t)status, 0, 0, __builtin_return_address(0));
	if (REAL_IF_ANY(_exit))
		real._exit(status);
	for (;;)
		raw_syscall(SYS_exit_group, status);
}
extern __typeof__(hook__exit) hook__Exit __asm__("_Exit") __attribute__((alias("_exit"), visibility("default"), noreturn));

static long through_exit_group(const long *w, unsigned via, const void *caller)
{
	blindspot_at_exit();
	if (writer_spool)
		writer_call_begin(CALL__exit, -1, 0, via, (uint64_t)(int64_t)(int)w[0], 0, 0, caller);
	return raw_syscall(SYS_exit_group, w[0]);
}

hook_through *processes_through(long number)
{
	switch (number) {
#ifdef SYS_fork
	case SYS_fork: return through_fork;
#endif
#if defined(__x86_64__)
	case SYS_clone: return through_clone;
#endif
	case SYS_exit_group: return through_exit_group;
	default: return exec_through(number);
	}
}
