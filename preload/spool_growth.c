/*
 * spool_growth.c: room in the spool: blocks on disk, and pages to write on. Blocks are reserved with fallocate before they are written: a sparse mapping on a
 * full disk is a SIGBUS for the traced program. RLIMIT_FSIZE is looked at first: the kernel would send SIGXFSZ (setrlimit(2)).
 */
#include "preload/spool_internal.h"
#include "preload/guard.h"
#include "preload/writer.h"
#include "schema/environment.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/uio.h>
#include <sys/vfs.h>

#define TMPFS_MAGIC_NUMBER 0x01021994 /* linux/magic.h */

static int took_one;               /* this process has taken a chunk */
static int writes_pages;           /* where reserving blocks does not make pages */
static int lacks_fallocate;        /* the filesystem does: blocks are reserved by writing on them, each thread those that it has taken */
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

/*
 * Makes sure that bytes [from, to) of the file have blocks. Zero-filled. Returns 0 or -errno. It does no harm to bytes that another thread already uses.
 */
static long reserve_blocks(int fd, uint64_t from, uint64_t to)
{
	long result;

	if (to > spool_limit_of(RLIMIT_FSIZE))
		return -EFBIG;
	result = raw_syscall(SYS_fallocate, fd, 0, from, to - from);
	if (result == -EOPNOTSUPP || result == -ENOSYS)
		set(&lacks_fallocate, 1);
	return result;
}

#define RUN_CHUNKS 8
#define RUN_BYTES ((uint64_t)RUN_CHUNKS * SPOOL_CHUNK_BYTES)
#define PIECE_BYTES 4096

static const char zero_piece[PIECE_BYTES];
#define PIECE {(void *)zero_piece, sizeof zero_piece}
#define FOUR_PIECES PIECE, PIECE, PIECE, PIECE
static const struct iovec zero_run[RUN_BYTES / PIECE_BYTES] = {FOUR_PIECES, FOUR_PIECES, FOUR_PIECES, FOUR_PIECES};

_Static_assert(SPOOL_HEADER_BYTES % PIECE_BYTES == 0 && SPOOL_CHUNK_BYTES % PIECE_BYTES == 0, "write_zeros");

/* The same where the filesystem lacks fallocate, of bytes that nobody uses yet. */
static long write_zeros(int fd, uint64_t from, uint64_t to)
{
	if (to > spool_limit_of(RLIMIT_FSIZE))
		return -EFBIG;
	while (from < to) {
		uint64_t pieces = (to - from) / PIECE_BYTES;
		long result = raw_syscall(SYS_pwritev, fd, zero_run, pieces < sizeof zero_run / sizeof *zero_run ? pieces : sizeof zero_run / sizeof *zero_run, from, 0);

		/* A disk that is full may take a part. */
		if (result < PIECE_BYTES)
			return result < 0 ? result : -ENOSPC;
		from += (uint64_t)result / PIECE_BYTES * PIECE_BYTES;
	}
	return 0;
}

long spool_reserve_first(int fd, uint64_t bytes)
{
	long error = reserve_blocks(fd, 0, bytes);

	return error < 0 && is_set(&lacks_fallocate) ? write_zeros(fd, 0, bytes) : error;
}

void spool_growth_init(int fd, void *room)
{
	struct statfs *filesystem = room;

	set(&writes_pages, raw_syscall(SYS_fstatfs, fd, filesystem) == 0 && filesystem->f_type != TMPFS_MAGIC_NUMBER);
}

static void raise_limit(struct spool_header *spool, uint32_t wanted)
{
	uint32_t limit = __atomic_load_n(&spool->chunk_limit, __ATOMIC_ACQUIRE);

	while (limit < wanted && !__atomic_compare_exchange_n(&spool->chunk_limit, &limit, wanted, 0, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
		;
}

static long open_to_grow(void)
{
	long fd;

	if (is_set(&growth_refused) || !__atomic_load_n(&spool_path[0], __ATOMIC_ACQUIRE) || !guard_system_calls_allowed())
		return -1;
	fd = raw_syscall(SYS_openat, AT_FDCWD, spool_path, O_RDWR | O_NOFOLLOW | O_CLOEXEC, 0);
	/* A server that has used up its descriptors will have some again. */
	if (fd < 0)
		set(&growth_refused, fd != -EMFILE && fd != -ENFILE);
	return fd;
}

/* Reserves up to chunk `wanted`. Returns 0 when chunk_limit has not risen. */
static int grow_to(struct spool_header *spool, uint64_t wanted)
{
	uint32_t before = __atomic_load_n(&spool->chunk_limit, __ATOMIC_ACQUIRE), limit;
	long fd;

	if (wanted > spool_window)
		wanted = spool_window;
	if (wanted <= before || is_set(&lacks_fallocate))
		return 0;
	fd = open_to_grow();
	if (fd < 0)
		return 0;
	while (wanted > before && reserve_blocks((int)fd, spool_bytes_of(before), spool_bytes_of(wanted)) < 0)
		wanted = before + (wanted - before) / 2;
	raw_syscall(SYS_close, fd);
	raise_limit(spool, (uint32_t)wanted);
	limit = __atomic_load_n(&spool->chunk_limit, __ATOMIC_ACQUIRE);
	set(&growth_refused, limit == before && !is_set(&lacks_fallocate));
	return limit > before;
}

/*
 * Doubles the reserved part. Several threads may do so at once, and the collector as well: reserving twice does no harm, and nobody
 * waits for anybody. Who finds that it was raised meanwhile has nothing to do.
 */
int spool_grow(struct spool_header *spool, uint32_t chunk)
{
	uint32_t limit = __atomic_load_n(&spool->chunk_limit, __ATOMIC_ACQUIRE);

	return chunk < limit || grow_to(spool, (uint64_t)limit * 2) || chunk < __atomic_load_n(&spool->chunk_limit, __ATOMIC_ACQUIRE);
}

/*
 * A page of the file that is first touched through the mapping takes 1 µs, and 4 to 6 where its memory is new to a virtual machine: read-ahead (up to
 * megabytes, as the disk has it) takes the largest and longest unused blocks of memory there are. Written in pieces of 64 KB first, the same page takes
 * 0.8 µs in all (docs/decisions/spool-growth.md).
 */
#define MADV_POPULATE_WRITE_NUMBER 23 /* Linux 5.14; older kernels refuse it, and the pages fault one by one */

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

/* Three steps, each the last thing that the one before does: a data call may need little stack. */
static __attribute__((noinline)) void *give_run(struct spool_header *spool, uint32_t first, void *passed)
{
	give(spool, first, first + RUN_CHUNKS);
	return passed;
}

/* Nobody else uses them yet, so that zeros may be written. Not by write_zeros: with its frame a data call would take 256 bytes of stack. */
static __attribute__((noinline)) void *make_pages(struct spool_header *spool, uint32_t first, void *passed)
{
	if (is_set(&writes_pages) && spool_bytes_of(first + RUN_CHUNKS) <= spool_limit_of(RLIMIT_FSIZE)) {
		long fd = raw_syscall(SYS_openat, AT_FDCWD, spool_path, O_WRONLY | O_NOFOLLOW | O_CLOEXEC, 0);

		if (fd >= 0) {
			raw_syscall(SYS_pwritev, fd, zero_run, sizeof zero_run / sizeof *zero_run, spool_bytes_of(first), 0);
			raw_syscall(SYS_close, fd);
		}
	}
	raw_syscall(SYS_madvise, (char *)spool + spool_bytes_of(first), RUN_BYTES, MADV_POPULATE_WRITE_NUMBER);
	return give_run(spool, first, passed);
}

void *spool_make_run(struct spool_header *spool, void *passed)
{
	uint32_t fresh, limit;

	/* A process's first chunk may be its only one; high ones on the list would be in the way of a process that reaches them not. */
	if (__atomic_load_n(&spool->narrowed, __ATOMIC_RELAXED) || (uint32_t)__atomic_load_n(&spool->chunk_free, __ATOMIC_RELAXED) || !__atomic_exchange_n(&took_one, 1, __ATOMIC_RELAXED) || guard_level != GUARD_OPEN)
		return passed;
	fresh = __atomic_load_n(&spool->chunk_fresh, __ATOMIC_RELAXED);
	do {
		limit = __atomic_load_n(&spool->chunk_limit, __ATOMIC_ACQUIRE);
		if (limit > spool_window)
			limit = spool_window;
		if (limit < RUN_CHUNKS || fresh > limit - RUN_CHUNKS)
			return passed;
	} while (!__atomic_compare_exchange_n(&spool->chunk_fresh, &fresh, fresh + RUN_CHUNKS, 0, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED));
	return make_pages(spool, fresh, passed);
}

/* Takes a run of chunks that were never used and writes on it. Returns how many, from *first on; 0: there are none, or they cannot be written. */
static uint32_t claim_run(struct spool_header *spool, uint32_t *first)
{
	uint32_t fresh = __atomic_load_n(&spool->chunk_fresh, __ATOMIC_RELAXED), count;
	long fd, error;

	if (!is_set(&lacks_fallocate) || fresh >= spool_window)
		return 0;
	fd = open_to_grow();
	if (fd < 0)
		return 0;
	do {
		count = fresh >= spool_window ? 0 : spool_window - fresh < RUN_CHUNKS ? spool_window - fresh : RUN_CHUNKS;
	} while (count && !__atomic_compare_exchange_n(&spool->chunk_fresh, &fresh, fresh + count, 0, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED));
	*first = fresh;
	error = count ? write_zeros((int)fd, spool_bytes_of(fresh), spool_bytes_of(fresh + count)) : 0;
	raw_syscall(SYS_close, fd);
	if (error < 0) {
		set(&growth_refused, 1);
		/* Nobody has taken those behind: it was as if nothing had been. */
		count += fresh;
		__atomic_compare_exchange_n(&spool->chunk_fresh, &count, fresh, 0, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED);
		return 0;
	}
	raise_limit(spool, fresh + count);
	return count;
}

int64_t spool_claim(struct spool_header *spool)
{
	uint32_t first, count = claim_run(spool, &first);

	if (!count)
		return -1;
	give(spool, first + 1, first + count);
	return first;
}

void spool_reserve_for_server(void)
{
	const uint32_t wanted = SPOOL_ROOT_SERVER_BYTES / SPOOL_CHUNK_BYTES;
	uint32_t first = 0, count = 1;

	if (!writer_spool || writer_spool->user_id != 0)
		return;
	grow_to(writer_spool, wanted);
	while (is_set(&lacks_fallocate) && count && __atomic_load_n(&writer_spool->chunk_limit, __ATOMIC_RELAXED) < wanted) {
		count = claim_run(writer_spool, &first);
		give(writer_spool, first, first + count);
	}
}

void spool_growth_after_fork(void)
{
	growth_refused = 0;
	took_one = 0;
}
