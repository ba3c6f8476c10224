/*
 * clock.c: finds clock_gettime in the vDSO by reading its ELF symbol table (vdso(7)). libc's own clock_gettime is not used:
 * it would be one more symbol that another library may replace.
 */
#include "preload/clock.h"

#include <elf.h>
#include <link.h>
#include <sys/auxv.h>

int (*clock_vdso_gettime)(clockid_t, struct timespec *);

extern unsigned long getauxval(unsigned long type) __attribute__((weak));

#if defined(__x86_64__)
static const char vdso_symbol[] = "__vdso_clock_gettime";
#else
static const char vdso_symbol[] = "__kernel_clock_gettime";
#endif

void clock_init(void)
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
