/*
 * spool_input.h: what fuzz_spool.c and fuzz_reader.c make of their input: a spool whose header and chunk headers are good, unless the input says
 * otherwise.
 *
 * The input: bytes 0..11 change the spool (three times: position, value, xor or set), the rest are slots of 64 bytes, laid into
 * the chunks one after another. So mutations meet records rather than the first check.
 */
#ifndef TESTS_FUZZ_SPOOL_INPUT_H
#define TESTS_FUZZ_SPOOL_INPUT_H

#include <stdint.h>
#include <string.h>

#include "schema/spool.h"

#define CHUNKS 4
#define PATCHES 3
#define SPOOL_NAME "4711-1.spool"

static uint8_t spool[SPOOL_HEADER_BYTES + CHUNKS * SPOOL_CHUNK_BYTES];

static void spool_input_lay_out(const uint8_t *data, size_t size)
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

#endif
