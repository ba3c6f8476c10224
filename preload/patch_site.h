/*
 * patch_site.h: what a patched place in libc looks like, shared by the code that finds them (patch_scan.c), installs the
 * jumps (patch.c), and runs them (patch_trampoline.S, patch_dispatch.c). Included by assembly too.
 */
#ifndef PRELOAD_PATCH_SITE_H
#define PRELOAD_PATCH_SITE_H

#define PATCH_SITES_MAX 256
#define PATCH_STRIDE 32            /* bytes of a thunk, and of an entry: the unwinder finds one from the other */
#define PATCH_TABLE_BYTES (PATCH_SITES_MAX * PATCH_STRIDE)

/* Offsets in struct patch_entry */
#define PATCH_ENTRY_RESUME 0
#define PATCH_ENTRY_PASS 8
#define PATCH_ENTRY_BACK 16
#define PATCH_ENTRY_NUMBER 24
#define PATCH_ENTRY_QUIET 26

/* Offsets in a thunk (see patch_trampoline.S) */
#define PATCH_THUNK_SYSCALL 12
#define PATCH_THUNK_COMPARE 14

#define PATCH_SKIPPED_BYTES 144    /* from the saved rbp in the trampoline's frame up to the stack pointer at the site */
#define PATCH_MARK_REACH 256       /* see patch.h */

#ifndef __ASSEMBLER__
#include <stdint.h>

/* How the five bytes of the jump are had. */
enum patch_kind {
	/*
	 *   site:  b8 nr nr nr nr    mov $nr, %eax          overwritten
	 *          [8b ..] [8b ..]   mov disp(%rsp), %reg   up to two loads, left alone (or: add $number, %reg)
	 *   pass:  …, 0f 05          syscall                left alone
	 *   resume:
	 */
	PATCH_MOV,
	/*
	 *   site:  31 c0             xor %eax, %eax         overwritten: the whole of it, and one byte of what follows
	 *          0f 05             syscall                overwritten
	 *          48 3d 00 f0 ff ff cmp $-4096, %rax       overwritten in part: the thunk does it
	 *   resume:
	 */
	PATCH_XOR,
};

#define PATCH_LOAD_ARGUMENT 0x07   /* which argument of the call it loads, 0..5 */
#define PATCH_LOAD_ADD 0x20        /* adds the displacement to it instead */
#define PATCH_LOAD_WIDE 0x40       /* 8 bytes, else 4 */
#define PATCH_LOAD_RBP 0x80        /* relative to rbp, else to rsp */
#define PATCH_LOADS_MAX 2

struct patch_load {
	uint8_t what;
	int8_t displacement;
};

struct patch_site {
	const uint8_t *at;             /* first byte of the jump */
	const uint8_t *resume;
	uint16_t number;
	uint8_t kind;                  /* enum patch_kind */
	uint8_t loads;
	struct patch_load load[PATCH_LOADS_MAX];
};

/* One per thunk; read-only once the patch is in. */
struct patch_entry {
	uint64_t resume;               /* in libc, behind what the patch replaces: the return address that unwinders see */
	uint64_t pass;                 /* makes the call without us */
	uint64_t back;                 /* where the trampoline goes when the call has been made */
	uint16_t number;
	uint8_t quiet;                 /* 1: passes while patch_awake[1] is 0 (patch.h) */
	uint8_t loads;
	struct patch_load load[PATCH_LOADS_MAX];
};

_Static_assert(sizeof(struct patch_entry) == PATCH_STRIDE, "patch entry");
#endif

#endif
