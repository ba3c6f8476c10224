/*
 * init.c: the constructor: reads the environment, finds the real functions, looks which descriptors are sockets already, and switches
 * recording on. A program that opens no socket gets nothing more than this. The destructor notes that exit() is running.
 */
#include "preload/blindspot.h"
#include "preload/detail.h"
#include "preload/guard.h"
#include "preload/intercept.h"
#include "preload/names.h"
#include "preload/process.h"
#include "preload/readable.h"
#include "preload/real.h"
#include "preload/spool.h"
#include "preload/thread_end.h"
#include "preload/writer.h"
#include "schema/environment.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/mman.h>

extern char **environ __attribute__((weak));
extern int dladdr(const void *address, Dl_info *info) __attribute__((weak));

static const char *variable(const char *name)
{
	size_t length = raw_length(name);

	for (char **entry = environ; entry && *entry; entry++)
		if (raw_equal(*entry, name, length) && (*entry)[length] == '=')
			return *entry + length + 1;
	return NULL;
}

static uint64_t number_of(const char *text, uint64_t otherwise)
{
	uint64_t value = 0;

	if (!text || *text < '0' || *text > '9')
		return otherwise;
	for (; *text >= '0' && *text <= '9'; text++)
		value = value * 10 + (uint64_t)(*text - '0');
	switch (*text) {
	case 'G': case 'g': value <<= 10; __attribute__((fallthrough));
	case 'M': case 'm': value <<= 10; __attribute__((fallthrough));
	case 'K': case 'k': value <<= 10; break;
	default: break;
	}
	return value;
}

static size_t join(char *to, size_t room, size_t at, const char *text)
{
	size_t length = raw_length(text);

	if (at + length + 1 > room)
		length = room > at + 1 ? room - at - 1 : 0;
	raw_copy(to + at, text, length);
	to[at + length] = 0;
	return at + length;
}

/* SOCKLIFE_DB made absolute, so that children that change their directory record into the same database. */
static void set_database(void)
{
	const char *given = variable(ENVIRONMENT_DB);
	size_t at = 0;

	if (!given || !*given)
		given = "socklife.db";
	if (*given != '/') {
		long n = raw_syscall(SYS_getcwd, spool_options.database, sizeof spool_options.database);

		at = n > 1 ? (size_t)n - 1 : 0;
		at = join(spool_options.database, sizeof spool_options.database, at, "/");
	}
	join(spool_options.database, sizeof spool_options.database, at, given);
	at = join(spool_options.directory, sizeof spool_options.directory, 0, spool_options.database);
	join(spool_options.directory, sizeof spool_options.directory, at, SPOOL_SUFFIX);
	for (at = raw_length(spool_options.database); at > 1 && spool_options.database[at] != '/'; at--)
		;
	raw_copy(spool_options.around, spool_options.database, at);
}

/* Children started by libc itself (system, popen) get the program's environment: the absolute path goes there too. */
static void export_database(void)
{
	static char entry[sizeof ENVIRONMENT_DB + sizeof spool_options.database + 1];
	size_t at, count = 0;
	const char *given = variable(ENVIRONMENT_DB);
	char **copy;
	long address;

	if (given && *given == '/')
		return;
	at = join(entry, sizeof entry, 0, ENVIRONMENT_DB "=");
	join(entry, sizeof entry, at, spool_options.database);
	for (; environ && environ[count]; count++) {
		if (given && environ[count] + sizeof ENVIRONMENT_DB == given) {
			environ[count] = entry;
			return;
		}
	}
	address = raw_syscall(SYS_mmap, 0, (count + 2) * sizeof *copy, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (!environ || (address < 0 && address > -4096))
		return;
	copy = (char **)address;
	for (size_t i = 0; i < count; i++)
		copy[i] = environ[i];
	copy[count] = entry;
	environ = copy;
}

/* The collector's program: named, or beside this library, or where it was installed. */
static void set_collector(void)
{
	const char *given = variable(ENVIRONMENT_COLLECTOR);
	static const char *const places[] = {"socklife", "../bin/socklife"};
	Dl_info info;
	size_t at = 0;

	if (given) {
		if (*given == '/')
			join(spool_options.collector, sizeof spool_options.collector, 0, given);
		return;
	}
	if (!dladdr || !dladdr(&spool_options, &info) || !info.dli_fname)
		return;
	for (size_t i = 0; info.dli_fname[i]; i++)
		if (info.dli_fname[i] == '/')
			at = i + 1;
	for (unsigned i = 0; i < sizeof places / sizeof *places; i++) {
		size_t end = 0;

		if (info.dli_fname[0] != '/') {
			long n = raw_syscall(SYS_getcwd, spool_options.collector, sizeof spool_options.collector);

			end = n > 1 ? join(spool_options.collector, sizeof spool_options.collector, (size_t)n - 1, "/") : 0;
		}
		if (end + at + 32 > sizeof spool_options.collector)
			break;
		raw_copy(spool_options.collector + end, info.dli_fname, at);
		join(spool_options.collector, sizeof spool_options.collector, end + at, places[i]);
		if (raw_syscall(SYS_faccessat, AT_FDCWD, spool_options.collector, 1 /* X_OK */) == 0)
			return;
	}
	spool_options.collector[0] = 0;
}

static void make_process_page(void)
{
	long address = raw_syscall(SYS_mmap, 0, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct process_page *page;

	if (address < 0 && address > -4096)
		return;
	page = (struct process_page *)address;
	page->generation = 1;
	/* Where the kernel lacks it (before 4.14), forks are still seen by the fork wrappers. */
	raw_syscall(SYS_madvise, page, 4096, 18 /* MADV_WIPEONFORK */);
	process_page = page;
	writer_enabled = 1;
}

/* A socket that was here before us: socket activation, inetd, an image before this one. */
static void report_inherited(int fd, uint64_t cell)
{
	struct spool_span *span = writer_reserve(1 + 6);
	struct writer_extension extension;
	struct {
		struct sockaddr_storage address;
		socklen_t length;
	} asked;

	if (!span)
		return;
	span->fd = fd;
	span->protocol = UINT32_MAX;
	span->at_ticks = clock_ticks();
	span->socket = cell;
	writer_tag_store(span, SLOT_SPAN, 6, STATE_RUNNING, 0, SPAN_OPENED_INHERITED, 0);
	extension = (struct writer_extension){(struct spool_slot *)(span + 1), 6};
	asked.length = sizeof asked.address;
	if (raw_syscall(SYS_getsockname, fd, &asked.address, &asked.length) == 0)
		writer_extend_bytes(&extension, SLOT_EXT_ADDRESS_LOCAL, &asked.address, asked.length);
	asked.length = sizeof asked.address;
	if (raw_syscall(SYS_getpeername, fd, &asked.address, &asked.length) == 0)
		writer_extend_bytes(&extension, SLOT_EXT_ADDRESS_PEER, &asked.address, asked.length);
	writer_tag_store(span, SLOT_SPAN, 6, STATE_DONE, 0, SPAN_OPENED_INHERITED, 0);
}

static void look_at(int fd)
{
	uint64_t cell = table_get(fd) ? 0 : subject_cell_of(fd, -1, -1, -1);

	if (cell && table_set(fd, cell) == 0)
		report_inherited(fd, cell);
}

static void find_inherited(void)
{
	char buffer[2048];

	/* No /proc, or no descriptor left: the usual ones. */
	if (blindspot_each_descriptor(buffer, sizeof buffer, INT_MAX, look_at) < 0)
		for (int i = 0; i < 256; i++)
			look_at(i);
}

__attribute__((constructor(101))) static void socklife_init(void)
{
	const char *image;

	if (guard_is_secure())
		return;
	real_resolve();
	guard_init();
	readable_init();
	if (guard_level == GUARD_TAILORED)
		return;
	clock_init();
	writer_pid = (int)raw_syscall6(SYS_getpid, 0, 0, 0, 0, 0, 0);
	spool_options.start_ticks = clock_ticks();
	spool_options.max_bytes = number_of(variable(ENVIRONMENT_SPOOL_MAX), SPOOL_MAX_DEFAULT_BYTES);
	if (spool_options.max_bytes < SPOOL_HEADER_BYTES + 2 * SPOOL_CHUNK_BYTES)
		spool_options.max_bytes = SPOOL_HEADER_BYTES + 2 * SPOOL_CHUNK_BYTES;
	image = variable(ENVIRONMENT_IMAGE);
	spool_options.follows_exec = image && number_of(image, 0) == (uint64_t)writer_pid;
	detail_payload_bytes = (unsigned)number_of(variable(ENVIRONMENT_PAYLOAD), 0);
	if (detail_payload_bytes > 56 * 100)
		detail_payload_bytes = 56 * 100;
	names_recorded = number_of(variable(ENVIRONMENT_NAMES), 1) != 0;
	spool_options.detail = variable(ENVIRONMENT_DETAIL);
	if (spool_options.detail)
		spool_options.detail -= sizeof ENVIRONMENT_DETAIL;
	set_database();
	export_database();
	child_environment_init(environ);
	set_collector();
	make_process_page();
	if (writer_enabled) {
		thread_end_init();
		intercept_init(variable(ENVIRONMENT_INTERCEPT));
		find_inherited();
		blindspot_at_start();
	}
}

__attribute__((destructor)) static void socklife_end(void)
{
	blindspot_at_exit();
	if (!writer_enabled || !writer_spool)
		return;
	/* A second reading of both clocks, for a spool that is read when this boot is over. */
	if (writer_pid == writer_spool->pid)
		clock_pair(&writer_spool->clock_ticks[1], &writer_spool->clock_monotonic_ns[1]);
	writer_process(PROCESS_EXITING, 0);
}
