/*
 * clock.c: finds clock_gettime in the vDSO by reading its ELF symbol table (vdso(7)). libc's own clock_gettime is not used:
 * it would be one more symbol that another library may replace.
 */
#include "preload/clock.h"

#if defined(__x86_64__)
#include <asm/prctl.h>
#endif
#include <elf.h>
#include <fcntl.h>
#include <link.h>
#include <sys/auxv.h>

int (*clock_vdso_gettime)(clockid_t, struct timespec *);

extern unsigned long getauxval(unsigned long type) __attribute__((weak));

#if defined(__x86_64__)
static const char vdso_symbol[] = "__vdso_clock_gettime";
#else
static const char vdso_symbol[] = "__kernel_clock_gettime";
#endif

READ_BY_EVERY_CALL _Alignas(64) int clock_is_counter; /* this file is linked first of theirs: where their line begins (tests/budget) */

#if defined(__x86_64__)

#define READINGS 8

/* CPUID 80000007h, EDX bit 8 (Intel SDM, AMD APM): the counter runs at one rate, in every power state. A hypervisor that says so keeps it so. */
static int counter_is_invariant(void)
{
	unsigned a = 0x80000007u, b, c = 0, d;

	/* A debugger may have made the instruction a fault (arch_prctl(2)). */
	if (raw_syscall(SYS_arch_prctl, ARCH_GET_CPUID, 0) == 0)
		return 0;
	__asm__ volatile("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
	return d >> 8 & 1;
}

/*
 * In a guest of KVM the kernel's clock is the counter, scaled. Its vDSO reads that by itself only while the host says that the counters of all
 * processors are in step (PVCLOCK_TSC_STABLE_BIT, arch/x86/include/asm/vdso/gettimeofday.h); else it makes the system call, and then takes longer than one.
 */
static int vdso_reads_counter(void)
{
	uint64_t fastest[2] = {UINT64_MAX, UINT64_MAX};

	if (!clock_vdso_gettime)
		return 0;
	for (int i = 0; i < 2 * READINGS; i++) {
		struct timespec now;
		uint64_t took = clock_counter();

		if (i & 1)
			raw_syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &now);
		else
			clock_vdso_gettime(CLOCK_MONOTONIC, &now);
		took = clock_counter() - took;
		if (took < fastest[i & 1])
			fastest[i & 1] = took;
	}
	return fastest[0] < fastest[1] / 2;
}

#endif

/* The kernel's judgement: it takes the counter only when it is invariant and in step, and leaves it when it proves not to be. */
static int kernel_trusts_counter(void)
{
#if defined(__x86_64__)
	static const char counter[] = "tsc\n", scaled[] = "kvm-clock\n";
	char name[16] = "";
	long fd = raw_syscall(SYS_openat, AT_FDCWD, "/sys/devices/system/clocksource/clocksource0/current_clocksource", O_RDONLY | O_CLOEXEC, 0);

	if (fd < 0)
		return 0;
	raw_syscall(SYS_read, fd, name, sizeof name - 1);
	raw_syscall(SYS_close, fd);
	return raw_equal(name, counter, sizeof counter - 1) ||
		(raw_equal(name, scaled, sizeof scaled - 1) && counter_is_invariant() && vdso_reads_counter());
#else
	return 0;
#endif
}

/* A pair from the start, and where the coarse clock takes over from the counter; rate: ticks a nanosecond << 20. */
static uint64_t start_ticks, start_ns, left_ticks, left_ns, rate = 1 << 20;
static int left_counter;

uint64_t clock_ticks_slowly(void)
{
	uint64_t now;

	if (likely(!left_counter))
		return clock_read(CLOCK_MONOTONIC);
	now = clock_read(CLOCK_MONOTONIC_COARSE);
	return left_ticks + (now > left_ns ? (uint64_t)((unsigned __int128)(now - left_ns) * rate >> 20) : 0);
}

/* Shifted left by 20. libgcc's 128-bit division is not ours to use: both lose low bits instead until the shift fits. */
static uint64_t ticks_per_ns(uint64_t ticks, uint64_t ns)
{
	while (ticks >> 43) {
		ticks >>= 1;
		ns >>= 1;
	}
	return (ticks << 20) / ns;
}

void clock_leave_counter(void)
{
	if (left_counter)
		return;
	clock_pair(&left_ticks, &left_ns);
	if (left_ns > start_ns && clock_is_counter)
		rate = ticks_per_ns(left_ticks - start_ticks, left_ns - start_ns);
	left_counter = 1;
	clock_is_counter = 0;
}

void clock_pair(uint64_t *ticks, uint64_t *monotonic_ns)
{
	uint64_t best = UINT64_MAX;

	if (left_counter)
		return;
	if (!clock_is_counter) {
		*ticks = *monotonic_ns = clock_read(CLOCK_MONOTONIC);
		return;
	}
	/* The reading that was interrupted least. */
	for (int i = 0; i < 4; i++) {
		uint64_t before = clock_counter();
		uint64_t now = clock_read(CLOCK_MONOTONIC);
		uint64_t took = clock_counter() - before;

		if (took < best) {
			best = took;
			*ticks = before + took / 2;
			*monotonic_ns = now;
		}
	}
}

static void find_vdso_clock(void);

void clock_init(void)
{
	find_vdso_clock();
	clock_is_counter = kernel_trusts_counter();
	clock_pair(&start_ticks, &start_ns);
}

static void find_vdso_clock(void)
{
	const ElfW(Ehdr) *header = getauxval ? (const void *)getauxval(AT_SYSINFO_EHDR) : NULL;
	const ElfW(Phdr) *segments;
	const ElfW(Dyn) *dynamic = NULL;
	const ElfW(Sym) *symbols = NULL;
	const uint32_t *hash = NULL;
	const char *strings = NULL;
	uintptr_t base = 0;
	int have_base = 0;

	if (!header)
		return;
	segments = (const void *)((const char *)header + header->e_phoff);
	for (unsigned i = 0; i < header->e_phnum; i++) {
		if (segments[i].p_type == PT_LOAD && !have_base) {
			base = (uintptr_t)header + segments[i].p_offset - segments[i].p_vaddr;
			have_base = 1;
		} else if (segments[i].p_type == PT_DYNAMIC) {
			dynamic = (const void *)((const char *)header + segments[i].p_offset);
		}
	}
	if (!dynamic || !have_base)
		return;
	for (; dynamic->d_tag != DT_NULL; dynamic++) {
		const void *at = (const void *)(base + dynamic->d_un.d_ptr);

		if (dynamic->d_tag == DT_STRTAB)
			strings = at;
		else if (dynamic->d_tag == DT_SYMTAB)
			symbols = at;
		else if (dynamic->d_tag == DT_HASH)
			hash = at;
	}
	if (!strings || !symbols || !hash)
		return;
	for (uint32_t i = 0; i < hash[1]; i++)
		if (symbols[i].st_shndx != SHN_UNDEF && raw_equal(strings + symbols[i].st_name, vdso_symbol, sizeof vdso_symbol))
			clock_vdso_gettime = (int (*)(clockid_t, struct timespec *))(base + symbols[i].st_value);
}
