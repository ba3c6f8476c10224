/*
 * patch.c: puts the jumps into libc's text; see patch.h, and docs/decisions/ for the choices made here.
 *
 * Nothing is ever written into memory that is executed. For each run of pages that hold sites, the same part of libc's
 * file is mapped again elsewhere, compared with the text in use, patched, made executable, and then moved over the text in use
 * with one mremap(2), which other threads see before or after, never halfway. So a policy against changed code (PR_SET_MDWE, SELinux,
 * a seccomp filter) says no while nothing has happened yet.
 *
 * It makes raw system calls only; of libc it calls dl_iterate_phdr and gnu_get_libc_version, before anything is changed.
 */
#include "preload/patch.h"
#include "preload/patch_known.h"
#include "preload/patch_module.h"
#include "preload/patch_scan.h"
#include "preload/patch_site.h"
#include "preload/raw.h"
#include "preload/real.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#if defined(__x86_64__)

#define PAGE_BYTES UINT64_C(4096)
#define RUN_GAP_PAGES 3              /* pages without a site that one run may span */
#define NEWEST_MINOR 40              /* glibc 2.41 made one routine of all cancellable calls, and checks the program counter in it */
#define JUMP_BYTES 5

extern const char *gnu_get_libc_version(void) __attribute__((weak));

extern const uint8_t patch_thunks[PATCH_TABLE_BYTES] __attribute__((visibility("hidden")));
extern struct patch_entry patch_entries[PATCH_SITES_MAX] __attribute__((visibility("hidden")));

static struct patch_site sites[PATCH_SITES_MAX];

static int failed(long result)
{
	return result < 0 && result > -4096;
}

static void refuse(struct patch_report *report, const char *why, long result)
{
	report->refused = why;
	report->error = failed(result) ? (int)-result : 0;
}

/* "2.36" → 36; -1: not a glibc 2 */
static int glibc_minor(void)
{
	const char *text = gnu_get_libc_version ? gnu_get_libc_version() : NULL;
	int minor = 0;

	if (!text || text[0] != '2' || text[1] != '.')
		return -1;
	for (text += 2; *text >= '0' && *text <= '9'; text++)
		minor = minor * 10 + (*text - '0');
	return minor;
}

/* --- is this process still single-threaded? --- */

static int single_threaded(void)
{
	struct stat about;

	/* proc(5): a link for each thread, and two */
	if (raw_syscall(SYS_newfstatat, AT_FDCWD, "/proc/self/task", &about, 0) == 0)
		return about.st_nlink == 3;
	return real_is_single_threaded();
}

/* --- thunks and entries --- */

static const uint8_t *thunk_of(unsigned index)
{
	return patch_thunks + (size_t)index * PATCH_STRIDE;
}

static int in_reach(const struct patch_site *site, unsigned index)
{
	int64_t distance = thunk_of(index) - (site->at + JUMP_BYTES);

	return distance == (int32_t)distance;
}

/* Entries are filled before any site leads to them, then read-only. */
static long fill_entries(unsigned count)
{
	size_t bytes = ((size_t)count * PATCH_STRIDE + PAGE_BYTES - 1) & -PAGE_BYTES;
	long result = raw_syscall(SYS_mprotect, patch_entries, bytes, PROT_READ | PROT_WRITE);

	if (failed(result))
		return result;
	for (unsigned i = 0; i < count; i++) {
		struct patch_entry *entry = &patch_entries[i];
		int clear = sites[i].kind == PATCH_XOR;

		entry->resume = (uintptr_t)sites[i].resume;
		entry->pass = (uintptr_t)(clear ? thunk_of(i) + PATCH_THUNK_SYSCALL : sites[i].at + JUMP_BYTES);
		entry->back = (uintptr_t)(clear ? thunk_of(i) + PATCH_THUNK_COMPARE : sites[i].resume);
		entry->number = sites[i].number;
		entry->quiet = (uint8_t)intercept_is_quiet(sites[i].number);
		entry->loads = sites[i].loads;
		for (unsigned l = 0; l < PATCH_LOADS_MAX; l++)
			entry->load[l] = sites[i].load[l];
	}
	return raw_syscall(SYS_mprotect, patch_entries, bytes, PROT_READ);
}

/* --- the text --- */

/* Consecutive pages with sites first … last - 1. */
struct run {
	uintptr_t start, end;
	unsigned first, last;
};

static struct run next_run(unsigned first, unsigned count)
{
	struct run run = { (uintptr_t)sites[first].at & -PAGE_BYTES, 0, first, first };

	do {
		run.end = (((uintptr_t)sites[run.last].at + JUMP_BYTES - 1) & -PAGE_BYTES) + PAGE_BYTES;
		run.last++;
	} while (run.last < count && (uintptr_t)sites[run.last].at < run.end + (RUN_GAP_PAGES + 1) * PAGE_BYTES);
	return run;
}

static int same(const uint64_t *a, const uint64_t *b, size_t bytes)
{
	for (size_t i = 0; i < bytes / 8; i++)
		if (a[i] != b[i])
			return 0;
	return 1;
}

static void write_jump(volatile uint8_t *to, const struct patch_site *site, unsigned index)
{
	uint32_t distance = (uint32_t)(thunk_of(index) - (site->at + JUMP_BYTES));

	to[0] = 0xe9;
	for (unsigned i = 0; i < 4; i++)
		to[1 + i] = (uint8_t)(distance >> 8 * i);
}

static int patch_run(const struct patch_module *module, int fd, const struct run *run, struct patch_report *report)
{
	size_t bytes = run->end - run->start;
	uint64_t offset = run->start - (uintptr_t)module->text + module->text_offset;
	long copy = raw_syscall(SYS_mmap, 0, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, offset), result;

	if (failed(copy)) {
		refuse(report, "libc's file cannot be mapped again", copy);
		return 0;
	}
	if (!same((const uint64_t *)copy, (const uint64_t *)run->start, bytes)) {
		report->left[PATCH_LEFT_CHANGED] += run->last - run->first;
		raw_syscall(SYS_munmap, copy, bytes);
		return 1;
	}
	for (unsigned i = run->first; i < run->last; i++)
		write_jump((uint8_t *)copy + ((uintptr_t)sites[i].at - run->start), &sites[i], i);
	result = raw_syscall(SYS_mprotect, copy, bytes, PROT_READ | PROT_EXEC);
	if (failed(result)) {
		refuse(report, "memory that was written may not be made executable", result);
		raw_syscall(SYS_munmap, copy, bytes);
		return 0;
	}
	result = raw_syscall(SYS_mremap, copy, bytes, bytes, MREMAP_MAYMOVE | MREMAP_FIXED, run->start);
	if (failed(result)) {
		refuse(report, "the patched text cannot be moved into place", result);
		raw_syscall(SYS_munmap, copy, bytes);
		return 0;
	}
	report->patched += run->last - run->first;
	return 1;
}

static void patch_module_text(const struct patch_module *module, unsigned first, unsigned last, struct patch_report *report)
{
	uint64_t end = (module->text_offset + module->text_bytes + PAGE_BYTES - 1) & -PAGE_BYTES;
	struct stat about;
	long fd = raw_syscall(SYS_openat, AT_FDCWD, module->path, O_RDONLY | O_CLOEXEC, 0);

	if (failed(fd)) {
		refuse(report, "libc's file cannot be opened", fd);
		return;
	}
	if (raw_syscall(SYS_fstat, fd, &about) || (uint64_t)about.st_size < end)
		refuse(report, "libc's file is not the one that is loaded", 0);
	for (unsigned i = first; i < last && !report->refused;) {
		struct run run = next_run(i, last);

		if (!patch_run(module, (int)fd, &run, report))
			break;
		i = run.last;
	}
	raw_syscall(SYS_close, fd);
}

/* Drops from sites[first … count] what must not be patched here and now; returns the new count. */
static unsigned keep_patchable(unsigned first, unsigned count, struct patch_report *report)
{
	int alone = -1;
	unsigned kept = first;

	for (unsigned i = first; i < count; i++) {
		if (sites[i].kind == PATCH_XOR && alone < 0)
			alone = single_threaded();
		if (sites[i].kind == PATCH_XOR && !alone)
			report->left[PATCH_LEFT_THREADS]++;
		else if (!in_reach(&sites[i], kept))
			report->left[PATCH_LEFT_ROOM]++;
		else
			sites[kept++] = sites[i];
	}
	return kept;
}

void patch_install(struct patch_report *report)
{
	struct patch_module modules[PATCH_MODULES_MAX];
	unsigned end[PATCH_MODULES_MAX] = { 0 }, count = 0, module_count;
	int minor = glibc_minor();
	long result;

	if (minor < 0) {
		refuse(report, "the C library is not glibc", 0);
		return;
	}
	if (minor > NEWEST_MINOR) {
		refuse(report, "glibc is newer than 2.40 and makes its calls in one place", 0);
		return;
	}
	module_count = patch_modules(modules);
	for (unsigned m = 0; m < module_count; m++) {
		struct patch_found found = { sites, count, PATCH_SITES_MAX, report->left };

		if (!patch_known_module(&modules[m], &found))
			patch_scan_module(&modules[m], &found);
		count = end[m] = keep_patchable(count, found.count, report);
	}
	if (count == 0) {
		refuse(report, "no system call of a known form was found in libc", 0);
		return;
	}
	result = fill_entries(count);
	if (failed(result)) {
		refuse(report, "the shim's own pages may not be changed", result);
		return;
	}
	for (unsigned m = 0; m < module_count && !report->refused; m++)
		patch_module_text(&modules[m], m ? end[m - 1] : 0, end[m], report);
}

#else

void patch_install(struct patch_report *report)
{
	report->refused = "libc is patched on x86-64 only";
}

#endif
