/*
 * spool_growth.c: room in the spool: blocks on disk, and pages to write on. The file is as long as it can ever be, in holes. Before anybody writes on one, the kernel is asked
 * to make its pages writable, with the blocks that takes (MADV_POPULATE_WRITE): a full disk is its error there, and not a SIGBUS for the traced program. No
 * descriptor is opened in a program of several threads (own_table.h). RLIMIT_FSIZE is looked at before the file is written otherwise: the kernel would send
 * SIGXFSZ (setrlimit(2)).
 */
#include "preload/spool_internal.h"
#include "preload/guard.h"
#include "preload/real.h"
#include "preload/sharing.h"
#include "preload/writer.h"
#include "schema/environment.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/uio.h>
#include <sys/vfs.h>

#define TMPFS_MAGIC_NUMBER 0x01021994 /* linux/magic.h */

/* Filesystems whose files have no holes (linux/magic.h; fs/exfat, fs/hfsplus, fs/ecryptfs in the kernel). */
static const uint32_t without_holes[] = {0x4d44 /* FAT */, 0x2011bab0 /* exFAT */, 0x482b /* HFS+ */, 0xf15f /* eCryptfs */};

static int took_one;               /* this process has taken a chunk */
static int writes_pages;           /* where reserving blocks does not make pages */
static int growth_refused;         /* the last growth failed: wait for the collector, or for a process of ours to try at its start */

/* Several threads set and read them: any order will do. */
static int is_set(const int *flag)
{
	return __atomic_load_n(flag, __ATOMIC_RELAXED);
}

static void set(int *flag, int value)
{
	__atomic_store_n(flag, value, __ATOMIC_RELAXED);
}

#define RUN_CHUNKS SPOOL_RUN_CHUNKS
#define RUN_BYTES ((uint64_t)RUN_CHUNKS * SPOOL_CHUNK_BYTES)
#define PIECE_BYTES 4096

static const char zero_piece[PIECE_BYTES];
#define PIECE {(void *)zero_piece, sizeof zero_piece}
#define FOUR_PIECES PIECE, PIECE, PIECE, PIECE
static const struct iovec zero_run[RUN_BYTES / PIECE_BYTES] = {FOUR_PIECES, FOUR_PIECES, FOUR_PIECES, FOUR_PIECES};

_Static_assert(SPOOL_HEADER_BYTES % PIECE_BYTES == 0 && SPOOL_CHUNK_BYTES % PIECE_BYTES == 0, "write_zeros");

/* Where the filesystem lacks fallocate. */
static long write_zeros(int fd, uint64_t bytes)
{
	for (uint64_t at = 0; at < bytes;) {
		uint64_t pieces = (bytes - at) / PIECE_BYTES;
		long result = raw_syscall(SYS_pwritev, fd, zero_run, pieces < sizeof zero_run / sizeof *zero_run ? pieces : sizeof zero_run / sizeof *zero_run, at, 0);

		/* A disk that is full may take a part. */
		if (result < PIECE_BYTES)
			return result < 0 ? result : -ENOSPC;
		at += (uint64_t)result / PIECE_BYTES * PIECE_BYTES;
	}
	return 0;
}

long spool_reserve_first(int fd, uint64_t bytes)
{
	long result;

	if (bytes > spool_limit_of(RLIMIT_FSIZE))
		return -EFBIG;
	result = raw_syscall(SYS_fallocate, fd, 0, 0, bytes);
	return result == -EOPNOTSUPP || result == -ENOSYS ? write_zeros(fd, bytes) : result;
}

int spool_growth_init(int fd, void *room)
{
	struct statfs *filesystem = room;
	int known = raw_syscall(SYS_fstatfs, fd, filesystem) == 0;

	set(&writes_pages, known && filesystem->f_type != TMPFS_MAGIC_NUMBER);
	for (size_t i = 0; known && i < sizeof without_holes / sizeof *without_holes; i++)
		if (filesystem->f_type == (long)without_holes[i])
			return 0;
	return 1;
}

/*
 * A page of the file that is first touched through the mapping takes 1 µs, and 4 to 6 where its memory is new to a virtual machine: read-ahead (up to
 * megabytes, as the disk has it) takes the largest and longest unused blocks of memory there are. Written in pieces of 64 KB first, the same page takes
 * 0.8 µs in all (docs/decisions/spool-growth.md).
 */
#define MADV_POPULATE_WRITE_NUMBER 23 /* Linux 5.14; older kernels refuse it */

/* Puts chunks [first, end) on the free list. */
static void give(struct spool_header *spool, uint32_t first, uint32_t end)
{
	/* The lowest is the next to be taken. */
	for (uint32_t index = end; index-- > first;) {
		struct spool_chunk_header *chunk = (struct spool_chunk_header *)((char *)spool + spool_bytes_of(index));
		uint64_t head = __atomic_load_n(&spool->chunk_free, __ATOMIC_ACQUIRE), next;

		do {
			__atomic_store_n(&chunk->next_free, (uint32_t)head, __ATOMIC_RELAXED);
			next = ((head >> 32) + 1) << 32 | (index + 1);
		} while (!__atomic_compare_exchange_n(&spool->chunk_free, &head, next, 0, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE));
	}
}

static void raise_limit(struct spool_header *spool, uint32_t wanted)
{
	uint32_t limit = __atomic_load_n(&spool->chunk_limit, __ATOMIC_ACQUIRE);

	while (limit < wanted && !__atomic_compare_exchange_n(&spool->chunk_limit, &limit, wanted, 0, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
		;
}

/* Each page by itself, for kernels before 5.14: the kernel writes for us, and says EFAULT where we would get a signal. */
static __attribute__((noinline)) long write_pages(char *at, const char *end)
{
	long pid = raw_syscall6(SYS_getpid, 0, 0, 0, 0, 0, 0), result = 1;

	for (; at < end && result == 1; at += PIECE_BYTES) {
		struct iovec zero = {(void *)zero_piece, 1}, page = {at, 1};

		result = raw_syscall(SYS_process_vm_writev, pid, &zero, 1, &page, 1, 0);
	}
	return result == 1 ? 0 : -EFAULT;
}

/* Blocks and pages for chunks that nobody uses yet. A full disk is an error here, not a signal (madvise(2): EFAULT). */
always_inline long make_writable(struct spool_header *spool, uint32_t first, uint32_t end)
{
	char *at = (char *)spool + spool_bytes_of(first), *behind = (char *)spool + spool_bytes_of(end);
	long error = raw_syscall(SYS_madvise, at, behind - at, MADV_POPULATE_WRITE_NUMBER);

	return error == -EINVAL ? write_pages(at, behind) : error;
}

/* Chunks [first, end) have no room. Unless somebody has taken those behind meanwhile, it is as if nobody had taken them. */
static void give_up(struct spool_header *spool, uint32_t first, uint32_t end)
{
	set(&growth_refused, 1);
	__atomic_compare_exchange_n(&spool->chunk_fresh, &end, first, 0, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED);
}

/* Steps, each the last thing that the one before does: a data call may need little stack. */
static __attribute__((noinline)) void *give_run(struct spool_header *spool, uint32_t first, void *passed)
{
	raise_limit(spool, first + RUN_CHUNKS);
	give(spool, first, first + RUN_CHUNKS);
	return passed;
}

/* Where blocks are reserved already, pages come as they are touched if not now. */
static __attribute__((noinline)) void *make_pages(struct spool_header *spool, uint32_t first, void *passed)
{
	if (make_writable(spool, first, first + RUN_CHUNKS) >= 0 || first + RUN_CHUNKS <= __atomic_load_n(&spool->chunk_limit, __ATOMIC_ACQUIRE))
		return give_run(spool, first, passed);
	give_up(spool, first, first + RUN_CHUNKS);
	return passed;
}

/* The cheaper way needs a descriptor for a moment, and so a program of one thread; no handler may jump out of it. */
static __attribute__((noinline)) void write_zero_run(uint32_t first)
{
	uint64_t mask = ~UINT64_C(0);
	long fd;

	raw_syscall(SYS_rt_sigprocmask, SIG_SETMASK, &mask, &mask, sizeof mask);
	fd = raw_syscall(SYS_openat, AT_FDCWD, spool_path, O_WRONLY | O_NOFOLLOW | O_CLOEXEC, 0);
	if (fd >= 0) {
		raw_syscall(SYS_pwritev, fd, zero_run, sizeof zero_run / sizeof *zero_run, spool_bytes_of(first), 0);
		raw_syscall(SYS_close, fd);
	}
	raw_syscall(SYS_rt_sigprocmask, SIG_SETMASK, &mask, 0, sizeof mask);
}

static __attribute__((noinline)) void *write_run(struct spool_header *spool, uint32_t first, void *passed)
{
	if (spool_bytes_of(first + RUN_CHUNKS) <= spool_limit_of(RLIMIT_FSIZE))
		write_zero_run(first);
	return make_pages(spool, first, passed);
}

/* The collector has made the pages of these; all are mapped at once, which is cheaper than a fault for each. */
static __attribute__((noinline)) void *map_run(struct spool_header *spool, uint32_t first, void *passed)
{
	raw_syscall(SYS_madvise, (char *)spool + spool_bytes_of(first), RUN_BYTES, MADV_POPULATE_WRITE_NUMBER);
	return passed;
}

void *spool_make_run(struct spool_header *spool, uint32_t taken, void *passed)
{
	const struct spool_chunk_header *chunk = (const struct spool_chunk_header *)((const char *)spool + spool_bytes_of(taken));
	uint32_t fresh;

	if (taken % RUN_CHUNKS == 0 && chunk->generation == 0 && guard_level == GUARD_OPEN && taken + RUN_CHUNKS <= __atomic_load_n(&spool->chunk_fresh, __ATOMIC_RELAXED) &&
	    taken + RUN_CHUNKS <= spool_window)
		return map_run(spool, taken, passed);
	/* A process's first chunk may be its only one. High ones on the list would be in the way of a process that reaches them not. */
	if (__atomic_load_n(&spool->narrowed, __ATOMIC_RELAXED) || (uint32_t)__atomic_load_n(&spool->chunk_free, __ATOMIC_RELAXED) || !__atomic_exchange_n(&took_one, 1, __ATOMIC_RELAXED) || guard_level != GUARD_OPEN)
		return passed;
	fresh = __atomic_load_n(&spool->chunk_fresh, __ATOMIC_RELAXED);
	do {
		if (spool_window < RUN_CHUNKS || fresh > spool_window - RUN_CHUNKS ||
		    (is_set(&growth_refused) && fresh + RUN_CHUNKS > __atomic_load_n(&spool->chunk_limit, __ATOMIC_ACQUIRE)))
			return passed;
	} while (!__atomic_compare_exchange_n(&spool->chunk_fresh, &fresh, fresh + RUN_CHUNKS, 0, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED));
	if (is_set(&writes_pages) && real_is_single_threaded() && !sharing)
		return write_run(spool, fresh, passed);
	return make_pages(spool, fresh, passed);
}

int64_t spool_claim(struct spool_header *spool)
{
	uint32_t fresh = __atomic_load_n(&spool->chunk_fresh, __ATOMIC_RELAXED), end;
	uint32_t most = __atomic_load_n(&spool->narrowed, __ATOMIC_RELAXED) ? 1 : RUN_CHUNKS;

	if (is_set(&growth_refused) || !guard_system_calls_allowed())
		return -1;
	do {
		if (fresh >= spool_window)
			return -1;
		end = spool_window - fresh < most ? spool_window : fresh + most;
	} while (!__atomic_compare_exchange_n(&spool->chunk_fresh, &fresh, end, 0, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED));
	if (make_writable(spool, fresh, end) < 0) {
		give_up(spool, fresh, end);
		return -1;
	}
	raise_limit(spool, end);
	give(spool, fresh + 1, end);
	return fresh;
}

void spool_growth_after_fork(void)
{
	growth_refused = 0;
	took_one = 0;
}
