/*
 * patch_decode.c: see patch_decode.h. A length decoder: prefixes, opcode map, ModRM, displacement, immediate (Intel SDM
 * volume 2, chapter 2 and appendix A). The patcher walks whole functions with it, so that it knows where instructions begin and
 * where jumps lead, and never takes bytes of one instruction for another.
 */
#include "preload/patch_decode.h"

#define M 0x01  /* has a ModRM byte */
#define B 0x02  /* immediate of one byte */
#define Z 0x04  /* immediate of four bytes (two with prefix 66) */
#define W 0x08  /* immediate of two bytes */
#define J 0x10  /* the immediate is a relative jump's distance */
#define P 0x20  /* prefix or escape: dealt with before the table is asked */
#define X 0x40  /* invalid, or not worth knowing */
#define S 0x80  /* special: see immediate_bytes() */

static const uint8_t one_byte[256] = {
	/*       0      1      2      3      4      5      6      7      8      9      a      b      c      d      e      f */
	/* 0 */  M,     M,     M,     M,     B,     Z,     X,     X,     M,     M,     M,     M,     B,     Z,     X,     P,
	/* 1 */  M,     M,     M,     M,     B,     Z,     X,     X,     M,     M,     M,     M,     B,     Z,     X,     X,
	/* 2 */  M,     M,     M,     M,     B,     Z,     P,     X,     M,     M,     M,     M,     B,     Z,     P,     X,
	/* 3 */  M,     M,     M,     M,     B,     Z,     P,     X,     M,     M,     M,     M,     B,     Z,     P,     X,
	/* 4 */  P,     P,     P,     P,     P,     P,     P,     P,     P,     P,     P,     P,     P,     P,     P,     P,
	/* 5 */  0,     0,     0,     0,     0,     0,     0,     0,     0,     0,     0,     0,     0,     0,     0,     0,
	/* 6 */  X,     X,     P,     M,     P,     P,     P,     P,     Z,     M | Z, B,     M | B, 0,     0,     0,     0,
	/* 7 */  B | J, B | J, B | J, B | J, B | J, B | J, B | J, B | J, B | J, B | J, B | J, B | J, B | J, B | J, B | J, B | J,
	/* 8 */  M | B, M | Z, X,     M | B, M,     M,     M,     M,     M,     M,     M,     M,     M,     M,     M,     M,
	/* 9 */  0,     0,     0,     0,     0,     0,     0,     0,     0,     0,     X,     0,     0,     0,     0,     0,
	/* a */  S,     S,     S,     S,     0,     0,     0,     0,     B,     Z,     0,     0,     0,     0,     0,     0,
	/* b */  B,     B,     B,     B,     B,     B,     B,     B,     S,     S,     S,     S,     S,     S,     S,     S,
	/* c */  M | B, M | B, W,     0,     P,     P,     M | B, M | Z, W | B, 0,     W,     0,     0,     B,     X,     0,
	/* d */  M,     M,     M,     M,     X,     X,     X,     0,     M,     M,     M,     M,     M,     M,     M,     M,
	/* e */  B | J, B | J, B | J, B | J, B,     B,     B,     B,     Z | J, Z | J, X,     B | J, 0,     0,     0,     0,
	/* f */  P,     X,     P,     P,     0,     0,     M | S, M | S, 0,     0,     0,     0,     0,     0,     M,     M,
};

/* Opcodes after 0f: all others have a ModRM byte and no immediate. */
static int two_byte(uint8_t opcode)
{
	if (opcode >= 0x80 && opcode <= 0x8f)
		return Z | J;
	if ((opcode >= 0x05 && opcode <= 0x09) || opcode == 0x0b || opcode == 0x0e || (opcode >= 0x30 && opcode <= 0x37) ||
	    opcode == 0x77 || (opcode >= 0xa0 && opcode <= 0xa2) || (opcode >= 0xa8 && opcode <= 0xaa) ||
	    (opcode >= 0xc8 && opcode <= 0xcf))
		return 0;
	if ((opcode >= 0x70 && opcode <= 0x73) || opcode == 0xa4 || opcode == 0xac || opcode == 0xba || opcode == 0xc2 ||
	    (opcode >= 0xc4 && opcode <= 0xc6))
		return M | B;
	if (opcode == 0x04 || opcode == 0x0a || opcode == 0x0c || opcode == 0x0f || (opcode >= 0x24 && opcode <= 0x27) || opcode == 0xff)
		return X;
	return M;
}

static int opcode_form(uint8_t map, uint8_t opcode)
{
	switch (map) {
	case 0: return one_byte[opcode];
	case 1: return two_byte(opcode);
	case 2: return M;
	case 3: return M | B;
	default: return X;
	}
}

/* Bytes of ModRM, SIB and displacement. */
static size_t modrm_bytes(const uint8_t *at)
{
	unsigned mod = at[0] >> 6, rm = at[0] & 7;
	size_t bytes = 1;

	if (mod == 3)
		return 1;
	if (rm == 4) {
		bytes = 2;
		if (mod == 0 && (at[1] & 7) == 5)
			bytes += 4;
	} else if (mod == 0 && rm == 5) {
		bytes += 4;
	}
	return bytes + (mod == 1 ? 1 : mod == 2 ? 4 : 0);
}

#define WINDOW_BYTES 24 /* no read goes farther from an instruction's first byte */

struct prefixes {
	int operand16, address32, count;
};

static size_t immediate_bytes(int form, const struct patch_instruction *i, const struct prefixes *prefixes, const uint8_t *modrm)
{
	size_t word = prefixes->operand16 && !(form & J) ? 2 : 4;
	size_t bytes = (form & B ? 1 : 0) + (form & Z ? word : 0) + (form & W ? 2 : 0);

	if (!(form & S) || i->map != 0)
		return bytes;
	if (i->opcode >= 0xa0 && i->opcode <= 0xa3)
		return prefixes->address32 ? 4 : 8;
	if (i->opcode >= 0xb8 && i->opcode <= 0xbf)
		return i->rex & 8 ? 8 : word;
	/* f6, f7: test has an immediate, its siblings have none */
	if ((modrm[0] & 0x38) > 0x08)
		return 0;
	return i->opcode == 0xf6 ? 1 : word;
}

/* VEX (c4, c5) and EVEX (62): returns the bytes before the opcode, 0 when the map is unknown. */
static size_t vector_prefix(const uint8_t *code, struct patch_instruction *i)
{
	if (code[0] == 0xc5) {
		i->map = 1;
		return 2;
	}
	i->map = code[0] == 0xc4 ? code[1] & 0x1f : code[1] & 7;
	if (i->map < 1 || i->map > 3)
		return 0;
	return code[0] == 0xc4 ? 3 : 4;
}

static size_t legacy_prefixes(const uint8_t *code, size_t room, struct prefixes *out)
{
	size_t at = 0;

	for (; at < room && at < 14; at++) {
		switch (code[at]) {
		case 0x66:
			out->operand16 = 1;
			continue;
		case 0x67:
			out->address32 = 1;
			continue;
		case 0x26: case 0x2e: case 0x36: case 0x3e: case 0x64: case 0x65: case 0xf0: case 0xf2: case 0xf3:
			continue;
		}
		break;
	}
	out->count = (int)at;
	return at;
}

static int64_t signed_immediate(const uint8_t *at, size_t bytes)
{
	return bytes == 1 ? (int8_t)at[0] : (int32_t)(at[0] | at[1] << 8 | at[2] << 16 | (uint32_t)at[3] << 24);
}

int patch_decode(const uint8_t *code, size_t room, struct patch_instruction *out)
{
	uint8_t copy[WINDOW_BYTES];
	const uint8_t *window = code;
	struct prefixes prefixes = { 0, 0, 0 };
	struct patch_instruction i = { 0, 0, 0, 0, 0, 0, 0, NULL };
	size_t at, immediate;
	int form, vector = 0;
	const uint8_t *modrm;

	if (room < WINDOW_BYTES) {
		/* Past the end of the code, zeros: an instruction that would need them is refused below. */
		for (at = 0; at < WINDOW_BYTES; at++)
			((volatile uint8_t *)copy)[at] = at < room ? code[at] : 0;
		window = copy;
	}
	at = legacy_prefixes(window, 15, &prefixes);
	if ((window[at] & 0xf0) == 0x40)
		i.rex = window[at++];
	if (window[at] == 0xc4 || window[at] == 0xc5 || window[at] == 0x62) {
		size_t skip = vector_prefix(window + at, &i);

		if (!skip || i.rex)
			return 0;
		vector = 1;
		at += skip;
	} else if (window[at] == 0x0f) {
		at++;
		i.map = window[at] == 0x38 ? 2 : window[at] == 0x3a ? 3 : 1;
		at += i.map > 1;
	}
	i.opcode_at = (uint8_t)at;
	i.opcode = window[at++];
	form = opcode_form(i.map, i.opcode);
	if (form & (X | P))
		return 0;
	modrm = window + at;
	if (form & M)
		at += modrm_bytes(modrm);
	immediate = immediate_bytes(form, &i, &prefixes, modrm);
	at += immediate;
	if (at > room || at > 15)
		return 0;
	i.length = (uint8_t)at;
	i.plain = prefixes.count == 0 && !vector;
	if (form & J && !vector) {
		i.branches = 1;
		i.target = code + at + signed_immediate(window + at - immediate, immediate);
	}
	*out = i;
	return 1;
}
