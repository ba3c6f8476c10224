/*
 * blindspot.c: see blindspot.h.
 */
#include "preload/blindspot.h"
#include "preload/guard.h"
#include "preload/writer.h"

#include <fcntl.h>
#include <link.h>
#include <sys/auxv.h>

#define DESCRIPTORS_AT_EXIT 512 /* looked at: an exit must not get slow for 10,000 open sockets */

extern unsigned long getauxval(unsigned long type) __attribute__((weak));

/*
 * A Go program that is linked with libc (cgo) loads us, but its runtime makes its system calls itself. Its linker leaves a note in
 * memory: name "Go", type 4 (cmd/internal/buildid).
 */
static int is_go_program(void)
{
	const ElfW(Phdr) *segments = getauxval ? (const void *)getauxval(AT_PHDR) : NULL;
	unsigned long count = segments ? getauxval(AT_PHNUM) : 0;
	uintptr_t base = 0;

	for (unsigned long i = 0; i < count; i++)
		if (segments[i].p_type == PT_PHDR)
			base = (uintptr_t)segments - segments[i].p_vaddr;
	for (unsigned long i = 0; i < count; i++) {
		uintptr_t at = base + segments[i].p_vaddr, end = at + segments[i].p_filesz;

		while (segments[i].p_type == PT_NOTE && at + sizeof(ElfW(Nhdr)) + 4 <= end) {
			const ElfW(Nhdr) *note = (const void *)at;

			if (note->n_type == 4 && note->n_namesz == 4 && raw_equal((const char *)(note + 1), "Go", 3))
				return 1;
			at += sizeof *note + ((note->n_namesz + 3u) & ~3u) + ((note->n_descsz + 3u) & ~3u);
		}
	}
	return 0;
}

struct kernel_dirent {
	uint64_t inode;
	int64_t offset;
	uint16_t length;
	uint8_t type;
	char name[];
};

int blindspot_each_descriptor(int most, void (*look)(int fd))
{
	char buffer[2048];
	long fd = raw_syscall(SYS_openat, AT_FDCWD, "/proc/self/fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
	long n;

	if (fd < 0)
		return -1;
	while (most > 0 && (n = raw_syscall(SYS_getdents64, fd, buffer, sizeof buffer)) > 0) {
		for (long at = 0; at < n; at += ((struct kernel_dirent *)(buffer + at))->length) {
			int number = 0;

			for (const char *digit = ((struct kernel_dirent *)(buffer + at))->name; *digit; digit++)
				number = *digit >= '0' && *digit <= '9' ? number * 10 + *digit - '0' : -1;
			if (number < 0 || number == fd || most-- <= 0)
				continue;
			look(number);
		}
	}
	raw_syscall(SYS_close, fd);
	return 0;
}

static void look_for_ring(int fd)
{
	static const char ring[] = "anon_inode:[io_uring]";
	char path[32] = "/proc/self/fd/", target[32];
	char *at = path + 14, digits[12];
	unsigned n = sizeof digits;

	do
		digits[--n] = (char)('0' + fd % 10);
	while ((fd /= 10) > 0);
	while (n < sizeof digits)
		*at++ = digits[n++];
	*at = 0;
	if (raw_syscall(SYS_readlinkat, AT_FDCWD, path, target, sizeof target) == sizeof ring - 1 && raw_equal(target, ring, sizeof ring - 1))
		writer_gap(GAP_IO_URING, 0, "an io_uring descriptor was open at exit");
}

void blindspot_at_start(void)
{
	if (is_go_program())
		writer_gap(GAP_RAW_SYSCALLS, 0, "a Go program: its runtime makes system calls itself");
}

void blindspot_at_exit(void)
{
	if (guard_system_calls_allowed())
		blindspot_each_descriptor(DESCRIPTORS_AT_EXIT, look_for_ring);
}
