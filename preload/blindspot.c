/*
 * blindspot.c: see blindspot.h.
 */
#include "preload/blindspot.h"
#include "preload/guard.h"
#include "preload/hooks.h"
#include "preload/sharing.h"
#include "preload/table.h"
#include "preload/writer.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/stat.h>

#define DESCRIPTORS_AT_EXIT 512 /* looked at: an exit must not get slow for 10,000 open sockets */
#define SOCKETS_AT_EXIT 8       /* are asked about as well: a ring closes sockets unseen, and then they are not as many as we know of */
#define CLOSED_AT_EXIT 64       /* numbers without a descriptor that are asked about in vain, before all are listed */
#define YOUNG_NS 100000000      /* a child that has lived less was forked a moment ago: */
#define OPEN_IN_CHILD 64        /* there these are the limits */
#define CLOSED_IN_CHILD 4

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

int blindspot_each_descriptor(char *buffer, size_t bytes, int most, void (*look)(int fd))
{
	long fd = raw_syscall(SYS_openat, AT_FDCWD, "/proc/self/fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
	long n;

	if (fd < 0)
		return -1;
	while (most > 0 && (n = raw_syscall(SYS_getdents64, fd, buffer, bytes)) > 0) {
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

/* --- io_uring --- */

extern int dl_iterate_phdr(int (*callback)(struct dl_phdr_info *, size_t, void *), void *data) __attribute__((weak));
extern void *dlopen(const char *path, int flags) __attribute__((weak));
extern int dlclose(void *handle) __attribute__((weak));
extern void *dlsym(void *handle, const char *symbol) __attribute__((weak));

static int told_by; /* the process whose gap has been written */

void blindspot_ring(const char *how)
{
	int pid;

	if (!writer_enabled)
		return;
	pid = guard_own_pid();
	if (told_by != pid && writer_gap(GAP_IO_URING, 0, how))
		told_by = pid;
}

static int is_liburing(struct dl_phdr_info *info, size_t bytes, void *data)
{
	static const char name[] = "/liburing.so";

	for (const char *at = info->dlpi_name; at && *at; at++) {
		if (raw_equal(at, name, sizeof name - 1)) {
			*(const char **)data = info->dlpi_name;
			return 1;
		}
	}
	return 0;
}

/* A plugin's liburing is in its own scope, where RTLD_NEXT does not look; but the plugin finds us. */
static void *find_in_liburing(const char *name)
{
	void *found = dlsym ? dlsym(RTLD_NEXT, name) : NULL, *handle;
	const char *path = NULL;

	if (found || !dl_iterate_phdr || !dlopen || !dlclose || !dl_iterate_phdr(is_liburing, &path))
		return found;
	handle = dlopen(path, RTLD_LAZY | RTLD_NOLOAD);
	if (!handle)
		return NULL;
	found = dlsym(handle, name);
	dlclose(handle);
	return found;
}

/* liburing makes its system calls itself: what can be seen is that a ring is set up. Its functions return -errno. */
#define RING_FUNCTION(name) \
	int hook_##name(long a, long b, long c, long d, long e) EXPORT_AS(name); \
	int hook_##name(long a, long b, long c, long d, long e) \
	{ \
		int (*function)(long, long, long, long, long) = (int (*)(long, long, long, long, long))find_in_liburing(#name); \
		int result = function ? function(a, b, c, d, e) : -ENOSYS; \
		if (result >= 0) \
			blindspot_ring(#name " of liburing was called"); \
		return result; \
	}
RING_FUNCTION(io_uring_queue_init)
RING_FUNCTION(io_uring_queue_init_params)
RING_FUNCTION(io_uring_queue_init_mem)
RING_FUNCTION(io_uring_setup)

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
		blindspot_ring("an io_uring descriptor was open at exit");
}

/*
 * statx of the descriptor fd, or of path. Nothing is asked of a file's server, nor is a file's size, which some filesystems tell when all is written (cifs_getattr in
 * fs/smb/client/inode.c). 0, or what went wrong.
 */
static long look_at(int fd, const char *path, struct statx *found)
{
	return raw_syscall(SYS_statx, fd, path, (*path ? 0 : AT_EMPTY_PATH) | AT_STATX_DONT_SYNC, *path ? STATX_SIZE : STATX_TYPE, found);
}

static uint64_t forked_ns; /* when this image was forked; 0: it was executed */

void blindspot_after_fork(void)
{
	if (writer_enabled)
		forked_ns = clock_read(CLOCK_MONOTONIC_COARSE);
}

/*
 * Each descriptor that is listed below /proc/self/fd costs a directory entry, which the parent must take down when it waits for us: microseconds. So the
 * numbers that are no socket's are asked about one by one, where that is cheaper: where most are sockets, until as many are found as are open (since Linux 6.2 the
 * directory's size); and in a child that was forked a moment ago, up to some that are closed: what it opens gets the lowest numbers. Returns whether that will do.
 */
static int ring_is_found_by_number(void)
{
	int young = forked_ns && clock_read(CLOCK_MONOTONIC_COARSE) - forked_ns < YOUNG_NS;
	int closed = young ? CLOSED_IN_CHILD : CLOSED_AT_EXIT, left = young ? OPEN_IN_CHILD : DESCRIPTORS_AT_EXIT;
	uint64_t cell, open = UINT64_MAX, known = 0;
	struct statx status;

	if (!young) {
		for (int fd = table_next(0, &cell); fd >= 0; fd = table_next(fd + 1, &cell))
			if (++known <= SOCKETS_AT_EXIT && raw_syscall(SYS_fcntl, fd, F_GETFD, 0) < 0)
				return 0;
		if (!known || look_at(AT_FDCWD, "/proc/self/fd", &status) || !status.stx_size || status.stx_size / 2 > known || status.stx_size < known)
			return 0;
		open = status.stx_size - known;
	}
	for (int fd = 0; open && left && closed; fd++) {
		long failure;

		cell = table_get(fd);
		if (cell && !(cell & CELL_CLOSED))
			continue;
		failure = look_at(fd, "", &status);
		if (failure && failure != -EBADF)
			return 0;
		if (failure) {
			/* What was a socket's when a ring was made may be closed now. */
			if (young && cell)
				left--;
			else
				closed--;
			continue;
		}
		open--;
		left--;
		if (!(status.stx_mode & S_IFMT)) /* an anonymous inode */
			look_for_ring(fd);
	}
	return young || !open || !left;
}

void blindspot_at_start(void)
{
	if (is_go_program())
		writer_gap(GAP_RAW_SYSCALLS, 0, "a Go program: its runtime makes system calls itself");
}

/* The stack may be a signal handler's. A vfork child leaves its parent's descriptors behind. */
void blindspot_at_exit(void)
{
	long page;

	if (!writer_enabled || sharing || !guard_system_calls_allowed() || (told_by && told_by == guard_own_pid()) || ring_is_found_by_number())
		return;
	page = raw_syscall(SYS_mmap, 0, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (page < 0 && page > -4096)
		return;
	blindspot_each_descriptor((char *)page, 4096, DESCRIPTORS_AT_EXIT, look_for_ring);
	raw_syscall(SYS_munmap, page, 4096);
}
