/*
 * spool_file.h: writes spools as a traced process would, for tests of their reader.
 *
 *	spool_file_make(path, 4);                         a spool with room for 4 chunks
 *	spool_file_chunk(path, 0, pid, tid, CHUNK_OWNED);
 *	spool_file_slot(path, 0, 5, &slot);               slot 5 of chunk 0
 */
#ifndef TESTS_UNIT_SPOOL_FILE_H
#define TESTS_UNIT_SPOOL_FILE_H

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "collector/record.h"

static void spool_file_write(const char *path, off_t at, const void *bytes, size_t length)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	if (fd < 0 || pwrite(fd, bytes, length, at) != (ssize_t)length)
		abort();
	close(fd);
}

static inline void spool_file_make(const char *path, uint32_t chunks)
{
	static struct spool_header header;
	struct timespec now, monotonic;
	char zero = 0;

	memset(&header, 0, sizeof header);
	memcpy(header.magic, SPOOL_MAGIC, 8);
	header.version = SPOOL_VERSION;
	header.header_bytes = SPOOL_HEADER_BYTES;
	header.chunk_bytes = SPOOL_CHUNK_BYTES;
	header.slot_bytes = SPOOL_SLOT_BYTES;
	header.clock = SPOOL_CLOCK_MONOTONIC;
	header.pid = 2000000000; /* no process has it */
	header.parent_pid = 1;
	header.start_ticks = 1000;
	header.start_monotonic_ns = 1000;
	clock_gettime(CLOCK_REALTIME, &now);
	clock_gettime(CLOCK_MONOTONIC, &monotonic);
	header.start_unix_ns = 1000 + (uint64_t)(now.tv_sec - monotonic.tv_sec) * 1000000000; /* this boot's */
	header.process_start_time = 1;
	header.ready = 1;
	header.chunk_max = header.chunk_limit = header.chunk_fresh = chunks;
	strcpy(header.executable, "/bin/program");
	memcpy(header.command_line, "program\0it's", 13);
	header.command_line_bytes = 13;
	spool_file_write(path, 0, &header, sizeof header);
	spool_file_write(path, SPOOL_HEADER_BYTES + (off_t)chunks * SPOOL_CHUNK_BYTES - 1, &zero, 1);
}

static inline void spool_file_chunk_taken(const char *path, uint32_t chunk, int tid, unsigned state, uint64_t taken_ns)
{
	struct spool_chunk_header header = {.state = state, .pid = 2000000000, .tid = tid, .taken_ticks = taken_ns, .thread_name = "worker"};

	spool_file_write(path, SPOOL_HEADER_BYTES + (off_t)chunk * SPOOL_CHUNK_BYTES, &header, sizeof header);
}

static inline void spool_file_chunk(const char *path, uint32_t chunk, int tid, unsigned state)
{
	spool_file_chunk_taken(path, chunk, tid, state, 1000);
}

static inline void spool_file_slot(const char *path, uint32_t chunk, unsigned slot, const union record_slot *bytes)
{
	spool_file_write(path, SPOOL_HEADER_BYTES + (off_t)chunk * SPOOL_CHUNK_BYTES + SPOOL_CHUNK_HEADER_BYTES +
		(off_t)slot * SPOOL_SLOT_BYTES, bytes, sizeof *bytes);
}

/* A finished send of 5 bytes on the TCP socket with that cookie. */
static inline void spool_file_send(const char *path, uint32_t chunk, unsigned slot, uint64_t cookie, uint64_t start_ns, unsigned state)
{
	union record_slot record = {.call = {.tag = {.type = SLOT_CALL, .state = (uint8_t)state, .kind = CALL_send}, .fd = 3,
		.start_ticks = start_ns, .duration_ticks = 10, .result = 5, .arg = 5,
		.socket = cookie | CELL_TCP | UINT64_C(2) << CELL_DOMAIN_SHIFT | UINT64_C(1) << CELL_TYPE_SHIFT}};

	spool_file_slot(path, chunk, slot, &record);
}

#endif
