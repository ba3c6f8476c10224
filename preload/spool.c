/* spool.c: see spool.h: makes the file, its header and the mapping; spool_growth.c gives it room. */
#include "preload/spool_internal.h"
#include "preload/guard.h"
#include "preload/mappings.h"
#include "preload/hooks.h"
#include "preload/intercept.h"
#include "preload/own_table.h"
#include "preload/writer.h"
#include "schema/environment.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>

#define OPEN_ATTEMPTS 8
#define W_OK_AND_X_OK 3            /* access(2) */
#define REFUSED_PATH_BYTES 1000    /* of the program's path, with the word that there is no spool */
#define ADDRESS_SPACE_SHARE 16     /* of a limited address space, one part in so many may be ours */
#define WRITTEN_BYTES (UINT64_C(16) << 20) /* how long a spool gets where its length costs writing */
#define WINDOW_SPARE_CHUNKS 256    /* beyond those in use, when the window shrinks: threads may be taking some at this moment */

struct spool_options spool_options;
uint32_t spool_window;

char spool_path[4096 + 64];

static int open_attempts;
static uint64_t refused_ticks;     /* when word was left that there is no spool; 0: it was not */

uint64_t spool_limit_of(int resource)
{
	struct rlimit limit;

	if (raw_syscall(SYS_prlimit64, 0, resource, 0, &limit) < 0)
		return UINT64_MAX;
	return limit.rlim_cur == RLIM_INFINITY ? UINT64_MAX : limit.rlim_cur;
}

static char *append(char *to, char *end, const char *text)
{
	while (*text && to < end - 1)
		*to++ = *text++;
	*to = 0;
	return to;
}

static char *append_number(char *to, char *end, uint64_t number, unsigned base)
{
	char digits[24];
	unsigned n = sizeof digits;

	digits[--n] = 0;
	do {
		digits[--n] = "0123456789abcdef"[number % base];
		number /= base;
	} while (number);
	return append(to, end, digits + n);
}

/* Working space for making a spool; mapped for the purpose, because a hook may run on a tiny signal stack. */
struct scratch {
	char path[sizeof spool_path];
	char text[8192];
};

static void read_text(const char *path, char *to, uint32_t room, uint32_t *length)
{
	long fd = raw_syscall(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC, 0);
	long n = 0, done = 0;

	if (fd < 0)
		return;
	while (done < (long)room - 2 && (n = raw_syscall(SYS_read, fd, to + done, room - 2 - done)) > 0)
		done += n;
	raw_syscall(SYS_close, fd);
	*length = (uint32_t)done;
}

static uint64_t start_time_of_self(char *text, uint32_t room)
{
	uint32_t length = 0;
	uint64_t value = 0;
	char *at;

	read_text("/proc/self/stat", text, room, &length);
	/* Field 22, counted from behind the command's closing parenthesis, which may itself contain anything. */
	for (at = text + length; at > text && *at != ')'; at--)
		;
	for (int spaces = 0; at < text + length && spaces < 20; at++)
		spaces += *at == ' ';
	while (at < text + length && *at >= '0' && *at <= '9')
		value = value * 10 + (uint64_t)(*at++ - '0');
	return value;
}

uint64_t spool_network_namespace(void)
{
	char text[64];
	uint64_t value = 0;
	long n = raw_syscall(SYS_readlinkat, AT_FDCWD, "/proc/thread-self/ns/net", text, sizeof text - 1);

	for (long i = 0; i < n; i++)
		if (text[i] >= '0' && text[i] <= '9')
			value = value * 10 + (uint64_t)(text[i] - '0');
	return value;
}

static void fill_header(struct spool_header *spool, struct scratch *scratch, uint64_t chunks_max, uint64_t chunks_now, uint32_t locked)
{
	raw_copy(spool->magic, SPOOL_MAGIC, sizeof spool->magic);
	spool->version = SPOOL_VERSION;
	spool->header_bytes = SPOOL_HEADER_BYTES;
	spool->chunk_bytes = SPOOL_CHUNK_BYTES;
	spool->slot_bytes = SPOOL_SLOT_BYTES;
	spool->clock = clock_is_counter ? SPOOL_CLOCK_TSC : SPOOL_CLOCK_MONOTONIC;
	spool->pid = writer_pid;
	spool->forked = spool_options.forked_from != 0;
	spool->parent_pid = spool->forked ? spool_options.forked_from : (int32_t)raw_syscall6(SYS_getppid, 0, 0, 0, 0, 0, 0);
	spool->user_id = (uint32_t)raw_syscall6(SYS_geteuid, 0, 0, 0, 0, 0, 0);
	spool->start_ticks = spool_options.start_ticks;
	spool->start_monotonic_ns = clock_read(CLOCK_MONOTONIC);
	spool->start_unix_ns = clock_read(CLOCK_REALTIME);
	clock_pair(&spool->clock_ticks[0], &spool->clock_monotonic_ns[0]);
	spool->network_namespace = spool_network_namespace();
	spool->process_start_time = start_time_of_self(scratch->text, sizeof scratch->text);
	spool->follows_exec = (uint64_t)spool_options.follows_exec;
	spool->intercept = spool_options.intercept;
	spool->patched_sites = spool_options.patched_sites;
	spool->unpatched_sites = spool_options.unpatched_sites;
	spool->locked = locked;
	spool->chunk_max = (uint32_t)chunks_max;
	spool->chunk_limit = (uint32_t)chunks_now;
	raw_syscall(SYS_readlinkat, AT_FDCWD, "/proc/self/exe", spool->executable, sizeof spool->executable - 1);
	raw_syscall(SYS_getcwd, spool->working_directory, sizeof spool->working_directory - 1);
	read_text("/proc/self/cmdline", spool->command_line, sizeof spool->command_line, &spool->command_line_bytes);
	mappings_read(spool, scratch->text, sizeof scratch->text);
}

static void name_file(char *path, size_t room, uint64_t ticks, const char *suffix)
{
	char *end = path + room;
	char *at = append(path, end, spool_options.directory);

	at = append(at, end, "/");
	at = append_number(at, end, (uint64_t)writer_pid, 10);
	at = append(at, end, "-");
	at = append_number(at, end, ticks, 16);
	append(at, end, suffix);
}

/* Says in the directory that this process has no spool: once for it and the children it forks, who fare no better. */
static void leave_word(struct scratch *scratch, long error)
{
	char *end = scratch->text + sizeof scratch->text, *at;
	long n;

	if (refused_ticks)
		return;
	refused_ticks = clock_ticks();
	name_file(scratch->path, sizeof scratch->path, refused_ticks, SPOOL_REFUSED_SUFFIX);
	at = append_number(scratch->text, end, (uint64_t)error, 10);
	n = raw_syscall(SYS_readlinkat, AT_FDCWD, "/proc/self/exe", at + 1, REFUSED_PATH_BYTES);
	if (n > 0) {
		*at = ' ';
		at[1 + n] = 0;
	}
	if (raw_syscall(SYS_symlinkat, scratch->text, AT_FDCWD, scratch->path) >= 0 || n <= 0)
		return;
	/* A full disk has no block for a long one. */
	*at = 0;
	raw_syscall(SYS_symlinkat, scratch->text, AT_FDCWD, scratch->path);
}

/* It has one after all: what was missed until then is counted in it. */
static void take_word_back(struct scratch *scratch)
{
	if (!refused_ticks)
		return;
	name_file(scratch->path, sizeof scratch->path, refused_ticks, SPOOL_REFUSED_SUFFIX);
	raw_syscall(SYS_unlinkat, AT_FDCWD, scratch->path, 0);
	refused_ticks = 0;
}

static long make_file(char *path, size_t room)
{
	long fd;

	/* Through a link, into a directory that somebody else has chosen: not ours. */
	if (raw_syscall(SYS_readlinkat, AT_FDCWD, spool_options.directory, path, 1) >= 0)
		return -ENOTDIR;
	name_file(path, room, clock_ticks(), SPOOL_SUFFIX);
	fd = raw_syscall(SYS_openat, AT_FDCWD, path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd != -ENOENT)
		return fd;
	if (raw_syscall(SYS_mkdirat, AT_FDCWD, spool_options.directory, 0700) == 0 && raw_syscall6(SYS_geteuid, 0, 0, 0, 0, 0, 0) == 0)
		raw_syscall(SYS_fchmodat, AT_FDCWD, spool_options.directory, SPOOL_DIRECTORY_MODE_ROOT);
	return raw_syscall(SYS_openat, AT_FDCWD, path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
}

static uint64_t fair_chunks(uint64_t limit_bytes)
{
	return limit_bytes / ADDRESS_SPACE_SHARE / SPOOL_CHUNK_BYTES;
}

/* Maps room for `chunks` or, under RLIMIT_AS, for a fair share. NULL and *error: there is none. */
static void *map_window(long fd, uint64_t *chunks, uint64_t least, long *error)
{
	uint64_t fair = fair_chunks(spool_limit_of(RLIMIT_AS));

	if (*chunks > fair)
		*chunks = fair > least ? fair : least;
	for (; *chunks >= least; *chunks /= 2) {
		long address = raw_syscall(SYS_mmap, 0, spool_bytes_of(*chunks), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE, fd, 0);

		if (address > 0 || address < -4096) {
			/* After mlockall(MCL_FUTURE) it counts as locked memory, which the program may not have much of. */
			raw_syscall(SYS_munlock, address, spool_bytes_of(*chunks));
			/* A page touched alone: no read-ahead with it, which may be megabytes of zeroing. */
			raw_syscall(SYS_madvise, address, spool_bytes_of(*chunks), MADV_RANDOM);
			return (void *)address;
		}
		*error = -address;
	}
	return NULL;
}

/* One that is being made: what needs descriptors for it. */
struct making {
	struct scratch *scratch;
	struct spool_header *spool; /* NULL: it cannot be made */
	long error;                 /* why */
	uint64_t chunks_max;
};

/* As long as it can ever be, in holes: room is made in it through the mapping, without a descriptor. Returns how many chunks that are. */
static uint64_t set_length(int fd, uint64_t chunks_max, uint64_t least)
{
	uint64_t limit = spool_limit_of(RLIMIT_FSIZE);

	if (limit < spool_bytes_of(chunks_max))
		chunks_max = limit < spool_bytes_of(least) ? least : (limit - SPOOL_HEADER_BYTES) / SPOOL_CHUNK_BYTES;
	while (chunks_max > least && raw_syscall(SYS_ftruncate, fd, spool_bytes_of(chunks_max)) < 0)
		chunks_max = chunks_max / 2 > least ? chunks_max / 2 : least;
	return chunks_max;
}

static void make_and_map(void *argument)
{
	struct making *making = argument;
	struct scratch *scratch = making->scratch;
	uint64_t chunks_max = (spool_options.max_bytes - SPOOL_HEADER_BYTES) / SPOOL_CHUNK_BYTES;
	uint64_t chunks_now = SPOOL_FIRST_BYTES / SPOOL_CHUNK_BYTES;
	long fd = make_file(scratch->path, sizeof scratch->path);
	uint32_t locked;

	if (fd < 0) {
		making->error = -fd;
		return;
	}
	if (chunks_now > chunks_max)
		chunks_now = chunks_max;
	while (chunks_now && (making->error = -spool_reserve_first((int)fd, spool_bytes_of(chunks_now))) > 0)
		chunks_now /= 2;
	if (!spool_growth_init((int)fd, scratch->text) && chunks_max > WRITTEN_BYTES / SPOOL_CHUNK_BYTES)
		chunks_max = WRITTEN_BYTES / SPOOL_CHUNK_BYTES;
	if (chunks_now) {
		chunks_max = set_length((int)fd, chunks_max, chunks_now);
		making->spool = map_window(fd, &chunks_max, chunks_now, &making->error);
	}
	/* Held by the mapping: until the last process that has it exits, execs or is killed (see spool.h: locked). */
	locked = raw_syscall(SYS_flock, fd, LOCK_SH | LOCK_NB) == 0;
	raw_syscall(SYS_close, fd);
	if (making->spool)
		fill_header(making->spool, scratch, chunks_max, chunks_now, locked);
	else
		raw_syscall(SYS_unlinkat, AT_FDCWD, scratch->path, 0);
	making->chunks_max = chunks_max;
}

static struct spool_header *make_spool(struct scratch *scratch)
{
	struct spool_header *spool, *published = NULL;
	struct making making = {.scratch = scratch};

	own_table_run(make_and_map, &making);
	spool = making.spool;
	if (!spool) {
		/* A server that has used up its descriptors will have some again. */
		open_attempts -= making.error == EMFILE || making.error == ENFILE;
		if (making.error != ENOTDIR)
			leave_word(scratch, making.error);
		return NULL;
	}
	__atomic_store_n(&spool_window, (uint32_t)making.chunks_max, __ATOMIC_RELAXED);
	if (!__atomic_compare_exchange_n(&writer_spool, &published, spool, 0, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) {
		raw_syscall(SYS_munmap, spool, spool_bytes_of(making.chunks_max));
		raw_syscall(SYS_unlinkat, AT_FDCWD, scratch->path, 0);
		return published;
	}
	/* Not before: of those that lost nobody is to read a word. */
	__atomic_store_n(&spool->ready, 1, __ATOMIC_RELEASE);
	/* Its first byte last: who finds none comes again. */
	raw_copy(spool_path + 1, scratch->path + 1, sizeof spool_path - 1);
	__atomic_store_n(&spool_path[0], scratch->path[0], __ATOMIC_RELEASE);
	take_word_back(scratch);
	intercept_record_pending();
	epoll_record_pending();
	spool_start_collector();
	return spool;
}

/*
 * By the real user, without the capabilities that an exec will take from it; by the effective one as well, where that can be asked (Linux 5.8; a container's
 * filter from before then says EPERM, which denied access never is).
 */
static long may_write_in(const char *directory)
{
	long by_real = raw_syscall(SYS_faccessat, AT_FDCWD, directory, W_OK_AND_X_OK);
	long effective = raw_syscall(SYS_faccessat2, AT_FDCWD, directory, W_OK_AND_X_OK, AT_EACCESS);

	return by_real == 0 && effective != -ENOSYS && effective != -EPERM ? effective : by_real;
}

int spool_is_reachable(void)
{
	long result;

	if (!guard_system_calls_allowed())
		return 1;
	/* It is made with the first spool, if the directory around it is there. */
	result = may_write_in(spool_options.directory);
	return result == 0 || (result == -ENOENT && may_write_in(spool_options.around) == 0);
}

struct spool_header *spool_open(void)
{
	struct spool_header *spool = __atomic_load_n(&writer_spool, __ATOMIC_ACQUIRE);
	long scratch;

	if (spool || !guard_system_calls_allowed() || open_attempts >= OPEN_ATTEMPTS)
		return spool;
	scratch = raw_syscall(SYS_mmap, 0, sizeof(struct scratch), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (scratch < 0 && scratch > -4096)
		return NULL;
	spool = make_spool((struct scratch *)scratch);
	raw_syscall(SYS_munmap, scratch, sizeof(struct scratch));
	/* A failure is one; many threads that come at once are not. */
	if (!spool)
		open_attempts++;
	return spool;
}

void spool_unlock_memory(void)
{
	struct spool_header *spool = __atomic_load_n(&writer_spool, __ATOMIC_ACQUIRE);

	if (spool && guard_system_calls_allowed())
		raw_syscall(SYS_munlock, spool, spool_bytes_of(spool_window));
}

/* What other threads have taken, or are about to take, stays mapped: the window is narrowed first, and then looked at what is in use. */
void spool_shrink_window(uint64_t limit_bytes)
{
	struct spool_header *spool = __atomic_load_n(&writer_spool, __ATOMIC_ACQUIRE);
	uint64_t spare = fair_chunks(limit_bytes);
	uint32_t before = __atomic_load_n(&spool_window, __ATOMIC_ACQUIRE), window;

	if (!spool || !guard_system_calls_allowed())
		return;
	window = __atomic_load_n(&spool->chunk_fresh, __ATOMIC_ACQUIRE) + (uint32_t)(spare < WINDOW_SPARE_CHUNKS ? spare : WINDOW_SPARE_CHUNKS);
	if (window >= before || !__atomic_compare_exchange_n(&spool_window, &before, window, 0, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
		return;
	raw_syscall(SYS_munmap, (char *)spool + spool_bytes_of(window), spool_bytes_of(before) - spool_bytes_of(window));
	__atomic_store_n(&spool->narrowed, 1, __ATOMIC_RELAXED);
}

void spool_after_fork(int parent_pid)
{
	open_attempts = 0;
	spool_growth_after_fork();
	if (writer_spool)
		return;
	/* The spool that it will make is its own, and says what the parent's would have. */
	spool_options.start_ticks = clock_ticks();
	spool_options.follows_exec = 0;
	spool_options.forked_from = parent_pid;
}
