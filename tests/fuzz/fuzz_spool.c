/*
 * fuzz_spool.c: a spool of hostile bytes goes the whole way: reader, identity, store. Whatever it holds, the collector ends, and the database that
 * it leaves is sound.
 *
 * The input: bytes 0..11 change the header (three times: position, high byte of it, value, xor or set), the rest are slots of 64
 * bytes, laid into chunks whose headers are good unless slot bytes say otherwise. So mutations meet records rather than the first check.
 */
#include "tests/fuzz/fuzz.h"
#include "collector/collector.h"
#include "schema/spool.h"

#include <sqlite3.h>

#define CHUNKS 4
#define PATCHES 3

static uint8_t spool[SPOOL_HEADER_BYTES + CHUNKS * SPOOL_CHUNK_BYTES];
static char database[128], spool_directory[128], spool_path[160];

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	fuzz_begin();
	snprintf(database, sizeof(database), "%s/t.db", fuzz_directory);
	snprintf(spool_directory, sizeof(spool_directory), "%s/t.db.spool", fuzz_directory);
	snprintf(spool_path, sizeof(spool_path), "%s/4711-1.spool", spool_directory);
	return 0;
}

static void lay_out(const uint8_t *data, size_t size)
{
	struct spool_header *header = (struct spool_header *)spool;
	size_t at = PATCHES * 4;

	memset(spool, 0, sizeof(spool));
	memcpy(header->magic, SPOOL_MAGIC, 8);
	header->version = SPOOL_VERSION;
	header->header_bytes = SPOOL_HEADER_BYTES;
	header->chunk_bytes = SPOOL_CHUNK_BYTES;
	header->slot_bytes = SPOOL_SLOT_BYTES;
	header->clock = SPOOL_CLOCK_MONOTONIC;
	header->pid = 999999999;
	header->start_ticks = header->start_monotonic_ns = header->clock_ticks[0] = header->clock_monotonic_ns[0] = 1000;
	header->clock_ticks[1] = header->clock_monotonic_ns[1] = 2000;
	header->start_unix_ns = 1700000000000000000;
	header->ready = 1;
	header->chunk_max = header->chunk_limit = header->chunk_fresh = CHUNKS;
	memcpy(header->executable, "/bin/fuzzed", 11);
	for (int i = 0; i < CHUNKS; i++) {
		struct spool_chunk_header *chunk = (struct spool_chunk_header *)(spool + SPOOL_HEADER_BYTES + i * SPOOL_CHUNK_BYTES);

		chunk->state = i % 2 ? CHUNK_RETIRED : CHUNK_OWNED;
		chunk->pid = 999999999 + i / 2;
		chunk->tid = 999999999 + i;
		for (int slot = 0; slot < SPOOL_CHUNK_SLOTS && at + SPOOL_SLOT_BYTES <= size; slot++, at += SPOOL_SLOT_BYTES)
			memcpy((uint8_t *)(chunk + 1) + slot * SPOOL_SLOT_BYTES, data + at, SPOOL_SLOT_BYTES);
	}
	for (int i = 0; i < PATCHES && (size_t)i * 4 + 4 <= size; i++) {
		const uint8_t *patch = data + i * 4;
		size_t position = (patch[0] | (size_t)patch[1] << 8) % sizeof(spool);

		if (patch[3] & 1)
			spool[position] = patch[2];
		else
			spool[position] ^= patch[2];
	}
}

static void check_database(void)
{
	sqlite3 *db;
	sqlite3_stmt *statement;

	if (sqlite3_open_v2(database, &db, SQLITE_OPEN_READONLY, NULL) == SQLITE_OK &&
	    sqlite3_prepare_v2(db, "SELECT (SELECT integrity_check FROM pragma_integrity_check), (SELECT count(detail) FROM timeline), (SELECT count(state) FROM lifecycle)", -1, &statement, NULL) == SQLITE_OK) {
		if (sqlite3_step(statement) == SQLITE_ROW && strcmp((const char *)sqlite3_column_text(statement, 0), "ok"))
			abort();
		sqlite3_finalize(statement);
	}
	sqlite3_close(db);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static unsigned runs;
	char message[512];

	lay_out(data, size);
	mkdir(spool_directory, 0700);
	fuzz_write(spool_path, spool, sizeof(spool));
	if (collector_ingest(database, message) == 0 && access(database, F_OK) == 0 && runs++ % 16 == 0)
		check_database();
	unlink(spool_path);
	unlink(database);
	return 0;
}
