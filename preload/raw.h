/*
 * raw.h: system calls made without libc: nothing here touches errno, is a cancellation point, or passes through a hooked
 * symbol. Results are the kernel's: -errno on failure. All of it is async-signal-safe.
 */
#ifndef PRELOAD_RAW_H
#define PRELOAD_RAW_H

#include <stdint.h>
#include <stddef.h>
#include <sys/syscall.h>

#define always_inline static inline __attribute__((always_inline))
#define likely(x) __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)

/*
 * Variables that every recorded call reads, and that hardly ever change, side by side (an output section of their own): after a system call little of the cache is
 * left, and each line less is a wait less.
 */
#define READ_BY_EVERY_CALL __attribute__((section("read_by_every_call")))

#if defined(__x86_64__)
always_inline long raw_syscall6(long number, long a, long b, long c, long d, long e, long f)
{
	long result;
	register long r10 __asm__("r10") = d;
	register long r8 __asm__("r8") = e;
	register long r9 __asm__("r9") = f;

	__asm__ volatile("syscall" : "=a"(result) : "0"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
		: "rcx", "r11", "memory");
	return result;
}
#elif defined(__aarch64__)
always_inline long raw_syscall6(long number, long a, long b, long c, long d, long e, long f)
{
	register long x8 __asm__("x8") = number;
	register long x0 __asm__("x0") = a;
	register long x1 __asm__("x1") = b;
	register long x2 __asm__("x2") = c;
	register long x3 __asm__("x3") = d;
	register long x4 __asm__("x4") = e;
	register long x5 __asm__("x5") = f;

	__asm__ volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5) : "memory");
	return x0;
}
#else
#error "socklife's shim knows x86-64 and aarch64"
#endif

#define raw_syscall(number, ...) RAW_PICK(__VA_ARGS__, RAW6, RAW5, RAW4, RAW3, RAW2, RAW1)(number, __VA_ARGS__)
#define RAW_PICK(a, b, c, d, e, f, name, ...) name
/* As C libraries pass it: nothing stands above an int, and a seccomp filter may look there. */
#define RAW_WORD(a) __builtin_choose_expr(__builtin_types_compatible_p(__typeof__(a), int), (long)(unsigned)(long)(a), (long)(a))
#define RAW1(n, a) raw_syscall6(n, RAW_WORD(a), 0, 0, 0, 0, 0)
#define RAW2(n, a, b) raw_syscall6(n, RAW_WORD(a), RAW_WORD(b), 0, 0, 0, 0)
#define RAW3(n, a, b, c) raw_syscall6(n, RAW_WORD(a), RAW_WORD(b), RAW_WORD(c), 0, 0, 0)
#define RAW4(n, a, b, c, d) raw_syscall6(n, RAW_WORD(a), RAW_WORD(b), RAW_WORD(c), RAW_WORD(d), 0, 0)
#define RAW5(n, a, b, c, d, e) raw_syscall6(n, RAW_WORD(a), RAW_WORD(b), RAW_WORD(c), RAW_WORD(d), RAW_WORD(e), 0)
#define RAW6(n, a, b, c, d, e, f) raw_syscall6(n, RAW_WORD(a), RAW_WORD(b), RAW_WORD(c), RAW_WORD(d), RAW_WORD(e), RAW_WORD(f))

/* Memory and strings: libc's may be resolved lazily, or have their text patched while we run. A sanitizer sees through C only. */
#if defined(__x86_64__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define RAW_STRING_INSTRUCTIONS 1
#endif
always_inline void raw_copy(void *to, const void *from, size_t bytes)
{
	unsigned char *t = to;
	const unsigned char *f = from;

#ifdef RAW_STRING_INSTRUCTIONS
	__asm__ volatile("rep movsb" : "+D"(t), "+S"(f), "+c"(bytes) : : "memory");
#else
	while (bytes--)
		*t++ = *f++;
#endif
}

always_inline void raw_zero(void *to, size_t bytes)
{
	unsigned char *t = to;

#ifdef RAW_STRING_INSTRUCTIONS
	__asm__ volatile("rep stosb" : "+D"(t), "+c"(bytes) : "a"(0) : "memory");
#else
	while (bytes--)
		*(volatile unsigned char *)t++ = 0;
#endif
}

always_inline size_t raw_length(const char *text)
{
	size_t n = 0;

	while (((const volatile char *)text)[n])
		n++;
	return n;
}

/* Never faults, whatever `at` is. An old processor that lacks the instruction takes it for none (Intel SDM: PREFETCHW). */
always_inline void raw_prefetch_for_write(const void *at)
{
#if defined(__x86_64__)
	__asm__ volatile("prefetchw (%0)" : : "r"(at));
#else
	__builtin_prefetch(at, 1);
#endif
}

always_inline int raw_equal(const char *a, const char *b, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++)
		if (((const volatile char *)a)[i] != b[i])
			return 0;
	return 1;
}

#endif
