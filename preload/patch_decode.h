/*
 * patch_decode.h: how long an x86-64 instruction is, and what little the patcher must know of it.
 */
#ifndef PRELOAD_PATCH_DECODE_H
#define PRELOAD_PATCH_DECODE_H

#include <stddef.h>
#include <stdint.h>

struct patch_instruction {
	uint8_t length;
	uint8_t opcode;      /* last opcode byte */
	uint8_t map;         /* 0: one-byte opcodes, 1: 0f xx, 2: 0f 38 xx, 3: 0f 3a xx */
	uint8_t rex;         /* the REX prefix, 0: none */
	uint8_t opcode_at;   /* offset of the opcode byte */
	uint8_t plain;       /* 1: no prefix but REX */
	uint8_t branches;    /* 1: a relative jump or call */
	const uint8_t *target; /* of a relative jump or call, else NULL */
};

/*
 * Decodes the instruction at `code`, of which at most `room` bytes may be read. Returns 1, or 0 when it is not one that a
 * compiler of a C library emits. Pure: reads the bytes, touches nothing else.
 */
int patch_decode(const uint8_t *code, size_t room, struct patch_instruction *out);

#endif
