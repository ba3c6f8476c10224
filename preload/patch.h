/*
 * patch.h: records the calls that libc makes from its own inside: the `syscall` instructions of libc's text become jumps into
 * the shim. Only x86-64 with glibc before 2.41; elsewhere patch_install says why not, and exported symbols remain.
 */
#ifndef PRELOAD_PATCH_H
#define PRELOAD_PATCH_H

#include "preload/raw.h"

/* Why a call that we would like to see was left as it is. */
enum patch_left {
	PATCH_LEFT_FORM,      /* the instructions before it are not of a known form */
	PATCH_LEFT_JUMPED,    /* something jumps into the bytes to overwrite */
	PATCH_LEFT_THREADS,   /* another thread may be inside the bytes to overwrite */
	PATCH_LEFT_UNDECODED, /* its function holds an instruction that we cannot decode, or is of unknown extent */
	PATCH_LEFT_CHANGED,   /* the text in memory is not that of the file: another tool has patched it */
	PATCH_LEFT_ROOM,      /* no thunk left, or too far away */
	PATCH_LEFT_REASONS
};

struct patch_report {
	uint32_t patched;
	uint32_t left[PATCH_LEFT_REASONS];
	const char *refused;  /* why nothing, or not all, was patched; NULL: no refusal. A constant. */
	int error;            /* the errno behind it, 0: none */
};

/* Patches; once, from the constructor. What it cannot do it leaves alone and reports. */
void patch_install(struct patch_report *report);

/*
 * The core provides this: a call from within libc. Makes it, records what is of interest, and returns the kernel's result (-errno on
 * failure). `caller` is the address in libc behind the call. It may run in a signal handler, on a stack of a few KiB, in
 * a vfork child, with asynchronous cancellation enabled, and may touch general registers only.
 */
long intercept_syscall(long number, long a, long b, long c, long d, long e, long f, uintptr_t caller)
	__attribute__((visibility("hidden")));

/* The core provides this: 1 when the system call is of no interest to us before this process has had a socket, else 0. */
int intercept_is_quiet(long number) __attribute__((visibility("hidden")));

/*
 * Most programs that are started never have a socket. Until patch_wake, wrappers of quiet calls make the real call and do nothing else, and the
 * sites of quiet calls pass. Indexed by patch_entry.quiet: what is not quiet is always looked at.
 */
extern uint8_t patch_awake[2] __attribute__((visibility("hidden"))); /* [0]: 1; [1]: 0 until this process has had a socket */

always_inline int patch_is_awake(void)
{
	return __atomic_load_n(&patch_awake[1], __ATOMIC_RELAXED);
}

/* A store only where it changes something: every call of every thread reads this line. */
always_inline void patch_wake(void)
{
	if (unlikely(!patch_is_awake()))
		__atomic_store_n(&patch_awake[1], 1, __ATOMIC_RELAXED);
}

/*
 * The mark: a wrapper that has recorded a call, and now makes it through libc, says so, and the site lets the call pass. The mark is
 * the wrapper's stack pointer, negated; the first call made with a stack pointer at most PATCH_MARK_REACH bytes below
 * takes it, so that neither a signal handler that comes in between, nor a call that is left by longjmp or
 * cancellation, has another call mistaken for this one.
 *
 *     uintptr_t before = patch_mark_begin(SYS_recvfrom);
 *     result = real.recv(…);
 *     patch_mark_end(before);
 *
 * `number` is the system call expected, or PATCH_ANY_NUMBER. Where another preloaded library stands between us and libc, the distance is
 * greater, and the number decides.
 */
#define PATCH_ANY_NUMBER (-1)

extern __thread uintptr_t patch_mark __attribute__((visibility("hidden")));
extern __thread int patch_mark_number __attribute__((visibility("hidden")));

always_inline uintptr_t patch_mark_begin(int number)
{
	uintptr_t before = patch_mark;
#if defined(__x86_64__)
	uintptr_t stack;

	__asm__ volatile("mov %%rsp, %0" : "=r"(stack));
	patch_mark_number = number;
	patch_mark = -stack;
	__asm__ volatile("" : : : "memory");
#endif
	return before;
}

/*
 * Takes the mark of a wrapper that reaches system call `number` through another preloaded library, whose frames lie between: 1 if there was one. Valid
 * only where libc is patched: elsewhere nobody takes marks, and one may belong to a call that this one interrupts.
 */
#define PATCH_MARK_FAR_REACH 65536
always_inline int patch_mark_take_far(int number, uintptr_t stack)
{
	if (likely(patch_mark == 0) || -patch_mark - stack > PATCH_MARK_FAR_REACH || (patch_mark_number != number && patch_mark_number != PATCH_ANY_NUMBER))
		return 0;
	patch_mark = 0;
	return 1;
}

always_inline void patch_mark_end(uintptr_t before)
{
	__asm__ volatile("" : : : "memory");
	patch_mark = before;
}

#endif
