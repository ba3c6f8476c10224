/*
 * patch_trampoline.S: where a patched site of libc jumps to, and how control gets back.
 *
 *   libc: jmp thunk[i] ─▶ thunk[i]: r11 = entry[i] ─▶ check ─┬─ quiet: eax = number, jump to entry.pass
 *                                                            ├─ marked: take the mark, likewise
 *                                                            └─ record: frame, C, restore, jump to entry.back
 *
 * As after a `syscall` instruction, all registers but rax, rcx and r11 are as before, the flags too, and nothing below the red zone's
 * end is touched; a marked call uses no stack at all. At a site rax is about to be overwritten, so it is free here.
 *
 * Call frame information is exact at every instruction, as signals may arrive at each and cancellation unwinds from
 * them: the caller's frame is libc's function at the site, with the site's own stack pointer. Until its address is on the
 * stack, the return address is said to be stored in the site's entry, which is found from the program counter within a
 * thunk and from r11 elsewhere. What unwinders look up is the return address less one: the syscall instruction itself.
 */
#include "preload/patch_site.h"

#if defined(__x86_64__)

	.text
	.balign 4096
	.hidden patch_thunks, patch_entries, patch_awake
	.globl patch_thunks, patch_entries

	.type patch_thunks, @function
patch_thunks:
	.cfi_startproc
	.cfi_def_cfa rsp, 0
	/* DW_CFA_expression rip: (pc & -PATCH_STRIDE) + PATCH_TABLE_BYTES; breg16 0, const1s -32, and, plus_uconst 8192 */
	.cfi_escape 0x10, 16, 8, 0x80, 0x00, 0x09, 0xe0, 0x1a, 0x23, 0x80, 0x40
	.set index, 0
	.rept PATCH_SITES_MAX
0:	lea	patch_entries + index * PATCH_STRIDE(%rip), %r11
	.byte	0xe9                    /* jmp patch_check, in its long form everywhere */
	.long	patch_check - . - 4
	/* PATCH_THUNK_SYSCALL: the call for a site whose own instruction is overwritten */
	syscall
	/* PATCH_THUNK_COMPARE */
	cmp	$-4096, %rax
	jmp	*patch_entries + index * PATCH_STRIDE + PATCH_ENTRY_RESUME(%rip)
	.balign	PATCH_STRIDE, 0xcc
	.set index, index + 1
	.endr
	.cfi_endproc
	.size patch_thunks, . - patch_thunks
	.org patch_thunks + PATCH_TABLE_BYTES /* an error here: thunks have outgrown their stride */

	/* Data among the text, at a fixed distance from the thunks; pages of its own, never executed. */
	.type patch_entries, @object
patch_entries:
	.fill	PATCH_TABLE_BYTES, 1, 0
	.size patch_entries, . - patch_entries

#define IN_ENTRY .cfi_escape 0x10, 16, 2, 0x7b, 0x00 /* DW_CFA_expression rip: breg11 + PATCH_ENTRY_RESUME (0) */

	.type patch_check, @function
patch_check:
	.cfi_startproc
	.cfi_def_cfa rsp, 0
	IN_ENTRY
	lea	patch_awake(%rip), %rax
	movzbl	PATCH_ENTRY_QUIET(%r11), %ecx
	movzbl	(%rax, %rcx), %ecx
	jrcxz	2f
	/* Is rsp within PATCH_MARK_REACH below the mark? Without touching the flags: rcx = (rsp - mark + 256) / 256. */
	mov	patch_mark@gottpoff(%rip), %rcx
	mov	%fs:(%rcx), %rax
	lea	PATCH_MARK_REACH(%rsp, %rax), %rcx
	movzbl	%cl, %eax
	not	%rax
	lea	1(%rcx, %rax), %rcx
	jrcxz	1f
	jmp	patch_record
1:	mov	patch_mark@gottpoff(%rip), %rcx
	movq	$0, %fs:(%rcx)
2:	movzwl	PATCH_ENTRY_NUMBER(%r11), %eax
	jmp	*PATCH_ENTRY_PASS(%r11)
	.cfi_endproc
	.size patch_check, . - patch_check

	.balign	16
	.type patch_record, @function
patch_record:
	.cfi_startproc
	.cfi_def_cfa rsp, 0
	IN_ENTRY
	lea	-128(%rsp), %rsp        /* the red zone of the function at the site */
	.cfi_def_cfa_offset 128
	pushq	PATCH_ENTRY_RESUME(%r11)
	.cfi_def_cfa_offset 136
	.cfi_offset rip, -136
	push	%rbp
	.cfi_def_cfa_offset PATCH_SKIPPED_BYTES
	.cfi_offset rbp, -PATCH_SKIPPED_BYTES
	mov	%rsp, %rbp
	.cfi_def_cfa_register rbp
	lahf
	seto	%al
	push	%rax
	push	%r11
	push	%r9
	push	%r8
	push	%r10
	push	%rdx
	push	%rsi
	push	%rdi
	mov	%rsp, %rdi              /* the six arguments */
	mov	%r11, %rsi
	mov	%rbp, %rdx
	and	$-16, %rsp
	call	patch_dispatch
	mov	%rax, %rcx
	mov	-8(%rbp), %eax
	add	$0x7f, %al              /* overflows again if it had */
	sahf
	mov	%rcx, %rax
	mov	-64(%rbp), %rdi
	mov	-56(%rbp), %rsi
	mov	-48(%rbp), %rdx
	mov	-40(%rbp), %r10
	mov	-32(%rbp), %r8
	mov	-24(%rbp), %r9
	mov	-16(%rbp), %r11
	mov	%rbp, %rsp
	.cfi_def_cfa_register rsp
	pop	%rbp
	.cfi_def_cfa_offset 136
	.cfi_restore rbp
	IN_ENTRY
	lea	136(%rsp), %rsp
	.cfi_def_cfa_offset 0
	jmp	*PATCH_ENTRY_BACK(%r11)
	.cfi_endproc
	.size patch_record, . - patch_record

#endif
	.section .note.GNU-stack, "", @progbits
