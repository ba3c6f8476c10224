/*
 * hooks.c: the wrappers that schema/calls.def describes completely: each exported symbol, and the same call as it comes through
 * syscall() or from inside libc. What they have in common is OBSERVE; what is peculiar to one is its detail (detail.h).
 */
#include "preload/hooks.h"
#include "preload/detail.h"
#include "preload/real.h"

#define EXPORT __attribute__((visibility("default")))

/* The shape of every observed call. `call_real`: LIBC, DIRECT or KERNEL. */
#define OBSERVE(kind, name_subject, arg_, flags_, detail, via, caller, call_real) \
	struct subject subject = subject_##name_subject; \
	struct spool_call *call; \
	int error = 0; \
	if (likely(!subject.wanted)) { \
		call_real \
		return result; \
	} \
	subject.flags |= (uint16_t)(via); \
	call = writer_call_begin(CALL_##kind, subject.fd, subject.cell, subject.flags, arg_, flags_, PARTS_##detail, caller); \
	ENTER_##detail \
	call_real \
	writer_call_returned(call); \
	if (unlikely(subject.cell == 0 || subject.flags & TAG_STALE)) \
		SETTLE_##name_subject; \
	LEAVE_##detail \
	if (likely(call != NULL)) { \
		if (unlikely(!subject.wanted)) \
			writer_call_void(call); \
		else \
			writer_call_end_as(call, CALL_##kind, call->tag.parts, subject.flags, result, error); \
	} \
	return result;

#define SETTLE_SOCKET(fd) subject = subject_settle(subject, call, 1, error)
#define SETTLE_ANY(fd) subject = subject_settle(subject, call, 0, error)
#define SETTLE_EITHER(a, b) subject = subject_settle(subject, call, 0, error)
#define SETTLE_NEW (void)0

/*
 * Before the process has had a socket, a call that any descriptor takes has nothing to look up, and nothing to mark for libc's inside: its
 * wrapper is a jump to the real function, or the system call (DIRECT). So that it needs no stack for that, what records stands apart.
 */
#define QUIET_SOCKET(fd) 0
#define QUIET_ANY(fd) 1
#define QUIET_EITHER(a, b) 1
#define QUIET_NEW 0
#define RECORDER_SOCKET(fd) always_inline
#define RECORDER_ANY(fd) static __attribute__((noinline))
#define RECORDER_EITHER(a, b) static __attribute__((noinline))
#define RECORDER_NEW always_inline

/*
 * What libc makes of a call in a process of one thread, of those that are made often: docs/decisions/direct-calls.md. Each is in the list of
 * real_resolve as well.
 */
#define DIRECT_socket ~, 1, raw_syscall(SYS_socket, domain, type, protocol)
#define DIRECT_connect ~, 1, raw_syscall(SYS_connect, fd, addr, addrlen)
#define DIRECT_accept ~, 1, raw_syscall(SYS_accept, fd, addr, addrlen)
#define DIRECT_accept4 ~, 1, raw_syscall(SYS_accept4, fd, addr, addrlen, flags)
#define DIRECT_setsockopt ~, 1, raw_syscall(SYS_setsockopt, fd, level, option, value, len)
#define DIRECT_send ~, 1, raw_syscall(SYS_sendto, fd, buf, len, flags, 0, 0)
#define DIRECT_sendto ~, 1, raw_syscall(SYS_sendto, fd, buf, len, flags, addr, addrlen)
#define DIRECT_sendmsg ~, 1, raw_syscall(SYS_sendmsg, fd, msg, flags)
#define DIRECT_recv ~, 1, raw_syscall(SYS_recvfrom, fd, buf, len, flags, 0, 0)
#define DIRECT_recvfrom ~, 1, raw_syscall(SYS_recvfrom, fd, buf, len, flags, addr, addrlen)
#define DIRECT_recvmsg ~, 1, raw_syscall(SYS_recvmsg, fd, msg, flags)
#define DIRECT_read ~, 1, raw_syscall(SYS_read, fd, buf, len)
#define DIRECT_write ~, 1, raw_syscall(SYS_write, fd, buf, len)
#define DIRECT_readv ~, 1, raw_syscall(SYS_readv, fd, iov, count)
#define DIRECT_writev ~, 1, raw_syscall(SYS_writev, fd, iov, count)
/* Is there a line above for it, and what does it say? Of any other name the macro's own is the first argument. */
#define SECOND_OF(a, b, ...) b
#define THIRD_OF(a, b, c, ...) c
#define IS_DIRECT(...) SECOND_OF(__VA_ARGS__, 0, 0, ~)
#define DIRECT_CALL(...) THIRD_OF(__VA_ARGS__, 0, 0, ~)

#define WRAPPER(symbol, name, ret, n, params, subject_, arg_, flags_, detail) \
	RECORDER_##subject_ ret record_##symbol(DECLARE(n, params), const void *caller) \
	{ \
		ret result; \
		OBSERVE(name, subject_, arg_, flags_, detail, TAG_VIA_SYMBOL, caller, \
			DIRECT_IF(IS_DIRECT(DIRECT_##symbol), DIRECT_CALL(DIRECT_##symbol), REAL(symbol)(NAMES(n, params)))) \
	} \
	ret hook_##symbol(DECLARE(n, params)) __asm__(#symbol) EXPORT; \
	ret hook_##symbol(DECLARE(n, params)) \
	{ \
		if (QUIET_##subject_ && likely(!patch_is_awake())) { \
			if (IS_DIRECT(DIRECT_##symbol) && likely(real_is_system_call())) { \
				long answer = DIRECT_CALL(DIRECT_##symbol); \
				return likely(answer >= 0) ? (ret)answer : (ret)hooks_libc_result(answer); \
			} \
			if (likely(real.symbol != NULL)) \
				return real.symbol(NAMES(n, params)); \
		} \
		return record_##symbol(NAMES(n, params), __builtin_return_address(0)); \
	}

/* Rows without a system call of their own get numbers that no system call has. */
#define SYS_none (100000 + __COUNTER__)

#define CALL(number, name, effect, sys, ret, n, params, subject_, arg_, flags_, detail) \
	WRAPPER(name, name, ret, n, params, subject_, arg_, flags_, detail)
#define VARIANT(symbol, name, ret, n, params, subject_, arg_, flags_, detail) \
	WRAPPER(symbol, name, ret, n, params, subject_, arg_, flags_, detail)
#include "schema/calls.def"

#define ALIAS(symbol, name) \
	extern __typeof__(hook_##name) alias_##symbol __asm__(#symbol) __attribute__((alias(#name), visibility("default")));
#include "schema/calls.def"

/* The same calls made as system calls: parameters in w, result as the kernel's. */
#define CALL(number, name, effect, sys, ret, n, params, subject_, arg_, flags_, detail) \
	static long through_##name(const long *w, unsigned via, const void *caller) \
	{ \
		UNPACK(n, params) \
		long result; \
		OBSERVE(name, subject_, arg_, flags_, detail, via, caller, KERNEL(raw_syscall6(SYS_##sys, w[0], w[1], w[2], w[3], w[4], w[5]))) \
	}
#include "schema/calls.def"

hook_through *hooks_through(long number)
{
	switch (number) {
#define CALL(number, name, effect, sys, ...) case SYS_##sys: return through_##name;
#include "schema/calls.def"
	default:
		return NULL;
	}
}

int intercept_is_quiet(long number)
{
	switch (number) {
#define CALL(number, name, effect, sys, ret, n, params, subject_, ...) case SYS_##sys: return QUIET_##subject_;
#include "schema/calls.def"
	default:
		return 0;
	}
}
