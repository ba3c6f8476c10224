/*
 * generate.c DIRECTORY CALLS SOCKETS SEED [SHAPE]: fills spools as traced programs would, as fast as a collector takes the records away. What
 * `make bench-db` makes its database with: the records are invented (the same ones for the same SEED), all that reads them is real.
 *
 * A server process with eight threads, and eight clients of one thread each, are forked. Each writes a spool of its own, under its own pid, and
 * lives until all it has to say is written, so that the collector sees what it sees in life. All nine play the same script
 * (script.c) and write down their own lines of it. A spool is a window of WINDOW_CHUNKS: a writer that finds no free chunk waits
 * for the collector to give one back; nothing is dropped.
 *
 * Prints, once every process is ready, "ready", and at the end "calls=… sockets=…", both exact.
 */
#include "bench/generate/script.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define WINDOW_CHUNKS 2048u /* 16 MiB a process */

struct window {
	struct spool_header *header;
	uint32_t chunk[SCRIPT_CLIENTS]; /* index + 1 of the chunk each thread writes; 0: none yet */
	uint32_t slot[SCRIPT_CLIENTS];  /* the next free one in it */
	int threads;
	uint64_t totals[2]; /* calls, sockets */
};

static void die(const char *what)
{
	fprintf(stderr, "generate: %s: %s\n", what, strerror(errno));
	exit(2);
}

static uint64_t clock_ns(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* Field 22 of /proc/self/stat, by which a collector knows a process from a later one of the same number. */
static uint64_t start_time(void)
{
	char text[1024] = "", *at;
	FILE *file = fopen("/proc/self/stat", "r");
	uint64_t value = 0;

	if (file) {
		size_t length = fread(text, 1, sizeof text - 1, file);

		text[length] = 0;
		fclose(file);
	}
	at = strrchr(text, ')');
	for (int spaces = 0; at && *at && spaces < 20; at++)
		spaces += *at == ' ';
	if (at)
		value = strtoull(at, NULL, 10);
	return value;
}

static void open_window(struct window *window, const char *directory, uint64_t start_ns)
{
	size_t bytes = SPOOL_HEADER_BYTES + (size_t)WINDOW_CHUNKS * SPOOL_CHUNK_BYTES;
	struct spool_header *header;
	char path[4096];
	int fd;

	snprintf(path, sizeof path, "%s/%d-%" PRIx64 SPOOL_SUFFIX, directory, (int)getpid(), start_ns);
	fd = open(path, O_RDWR | O_CREAT | O_EXCL, 0600);
	if (fd < 0 || posix_fallocate(fd, 0, (off_t)bytes))
		die(path);
	header = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (header == MAP_FAILED)
		die("mmap");
	close(fd);
	memcpy(header->magic, SPOOL_MAGIC, sizeof header->magic);
	header->version = SPOOL_VERSION;
	header->header_bytes = SPOOL_HEADER_BYTES;
	header->chunk_bytes = SPOOL_CHUNK_BYTES;
	header->slot_bytes = SPOOL_SLOT_BYTES;
	header->clock = SPOOL_CLOCK_MONOTONIC;
	header->pid = getpid();
	header->parent_pid = getppid();
	header->user_id = geteuid();
	header->start_ticks = header->clock_ticks[0] = header->clock_monotonic_ns[0] = start_ns;
	header->start_monotonic_ns = start_ns;
	header->start_unix_ns = clock_ns(CLOCK_REALTIME) - clock_ns(CLOCK_MONOTONIC) + start_ns;
	header->process_start_time = start_time();
	header->intercept = 1;
	header->chunk_max = header->chunk_limit = WINDOW_CHUNKS;
	snprintf(header->executable, sizeof header->executable, "/usr/bin/%s", window->threads > 1 ? "server" : "client");
	header->command_line_bytes = (uint32_t)snprintf(header->command_line, sizeof header->command_line, "%s", window->threads > 1 ? "server" : "client") + 1;
	strcpy(header->working_directory, "/");
	__atomic_store_n(&header->ready, 1, __ATOMIC_RELEASE);
	window->header = header;
}

static struct spool_chunk_header *chunk_at(struct window *window, uint32_t number)
{
	return (struct spool_chunk_header *)((char *)window->header + SPOOL_HEADER_BYTES + (size_t)(number - 1) * SPOOL_CHUNK_BYTES);
}

/* From the free list, or one never used; waits until there is one. Returns its number, index + 1. */
static uint32_t take_chunk(struct window *window)
{
	struct spool_header *header = window->header;

	for (;;) {
		uint64_t head = __atomic_load_n(&header->chunk_free, __ATOMIC_ACQUIRE);

		while ((uint32_t)head) {
			uint64_t next = ((head >> 32) + 1) << 32 | chunk_at(window, (uint32_t)head)->next_free;

			if (__atomic_compare_exchange_n(&header->chunk_free, &head, next, 0, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
				return (uint32_t)head;
		}
		if (header->chunk_fresh < WINDOW_CHUNKS)
			return __atomic_add_fetch(&header->chunk_fresh, 1, __ATOMIC_ACQ_REL);
		usleep(500);
	}
}

static void retire(struct window *window, int thread)
{
	if (window->chunk[thread])
		__atomic_store_n(&chunk_at(window, window->chunk[thread])->state, CHUNK_RETIRED, __ATOMIC_RELEASE);
	window->chunk[thread] = 0;
}

/* Copies a record of 1 + parts slots; its tag comes last. */
static void write_record(struct window *window, int thread, const union script_slot *record)
{
	unsigned slots = 1u + record->tag.parts;
	char *to;

	if (!window->chunk[thread] || window->slot[thread] + slots > SPOOL_CHUNK_SLOTS) {
		struct spool_chunk_header *chunk;
		uint32_t number;

		retire(window, thread);
		number = take_chunk(window);
		chunk = chunk_at(window, number);
		chunk->pid = getpid();
		chunk->tid = getpid() + thread;
		chunk->taken_ticks = record->call.start_ticks;
		snprintf(chunk->thread_name, sizeof chunk->thread_name, "worker-%d", thread);
		__atomic_store_n(&chunk->state, CHUNK_OWNED, __ATOMIC_RELEASE);
		window->chunk[thread] = number;
		window->slot[thread] = 0;
	}
	to = (char *)(chunk_at(window, window->chunk[thread]) + 1) + (size_t)window->slot[thread] * SPOOL_SLOT_BYTES;
	memcpy(to + sizeof record->tag, (const char *)record + sizeof record->tag, slots * SPOOL_SLOT_BYTES - sizeof record->tag);
	__atomic_store_n((uint64_t *)to, *(const uint64_t *)record, __ATOMIC_RELEASE);
	window->slot[thread] += slots;
}

static void write_line(void *context, int thread, const union script_slot *record, unsigned new_sockets)
{
	struct window *window = context;

	write_record(window, thread, record);
	window->totals[0] += record->tag.type == SLOT_CALL;
	window->totals[1] += new_sockets;
}

/* Plays one of the nine parts: 0 the server, else client part - 1. Never returns. */
static void play(const char *directory, const struct script *script, int part, int ready, int go, int result)
{
	struct window window = {.threads = part ? 1 : SCRIPT_CLIENTS};
	union script_slot exiting = {.tag = {.type = SLOT_PROCESS, .state = STATE_DONE, .kind = PROCESS_EXITING}};
	char byte = 0;

	open_window(&window, directory, script->start_ns);
	if (write(ready, &byte, 1) != 1 || read(go, &byte, 1) < 0)
		die("pipe");
	exiting.process.at_ticks = script_play(script, part, write_line, &window) + 1000;
	exiting.process.pid = getpid();
	write_record(&window, 0, &exiting);
	for (int thread = 0; thread < window.threads; thread++)
		retire(&window, thread);
	if (write(result, window.totals, sizeof window.totals) != sizeof window.totals)
		die("pipe");
	_exit(0);
}

int main(int argc, char **argv)
{
	struct script script = {0};
	int ready[2], go[2], result[2], status, failed = 0;
	uint64_t totals[2] = {0}, part[2];
	char byte;

	script.shape = script_find_shape(argc == 6 ? argv[5] : "groups");
	if (argc < 5 || argc > 6 || !script.shape) {
		fprintf(stderr, "usage: generate DIRECTORY CALLS SOCKETS SEED [groups|open|one|unix]\n");
		return 2;
	}
	script.calls = strtoull(argv[2], NULL, 10);
	script.sockets = strtoull(argv[3], NULL, 10);
	script.seed = strtoull(argv[4], NULL, 10);
	script.start_ns = clock_ns(CLOCK_MONOTONIC);
	if (mkdir(argv[1], 0700) && errno != EEXIST)
		die(argv[1]);
	if (pipe(ready) || pipe(go) || pipe(result))
		die("pipe");
	for (int i = SCRIPT_CLIENTS; i >= 0; i--) { /* the server last: it knows who connects */
		pid_t pid = fork();

		if (pid < 0)
			die("fork");
		if (pid == 0) {
			close(go[1]);
			play(argv[1], &script, i, ready[1], go[0], result[1]);
		}
		if (i)
			script.client_pid[i - 1] = pid;
	}
	for (int i = 0; i <= SCRIPT_CLIENTS; i++)
		if (read(ready[0], &byte, 1) != 1)
			die("pipe");
	puts("ready");
	fflush(stdout);
	/* The caller starts the collector and then closes our standard input: from here on it is timed. */
	while (read(0, &byte, 1) > 0)
		;
	close(go[1]);
	close(result[1]);
	while (read(result[0], part, sizeof part) == sizeof part)
		for (int i = 0; i < 2; i++)
			totals[i] += part[i];
	while (wait(&status) > 0)
		failed |= status;
	printf("calls=%" PRIu64 " sockets=%" PRIu64 "\n", totals[0], totals[1]);
	return failed ? 2 : 0;
}
