/*
 * vfork.S: vfork, which returns twice on one stack: whatever the child pushes lies where the parent's frames lie. So no C function may
 * be active while the real one runs; the return address and the register used to find it again are kept in a struct sharing_frame
 * (sharing.h), which the child shares but does not write. And syscall(), which can be asked for calls of the same kind.
 *
 *   vfork:  vfork_before() ─▶ no frame: jump to the real function
 *                          └▶ frame: take the return address off the stack, call the real function
 *                               child, then parent: vfork_after() ─▶ return to where the frame says
 */
#if defined(__x86_64__)

#define FRAME_REGISTER 0
#define FRAME_RETURN_TO 8
#define NR_clone 56
#define NR_vfork 58
#define NR_clone3 435
#define FLAG_CLONE_VM 0x100
#define FLAG_CLONE_VFORK 0x4000
#define FLAGS_TAKEN 0x94500     /* these two, CLONE_FILES, CLONE_THREAD, CLONE_SETTLS: a child like vfork's has the two alone */

	.text
	.globl vfork, __vfork
	.type vfork, @function
	.type __vfork, @function
	.balign 16
__vfork:
vfork:
	.cfi_startproc
	sub	$8, %rsp
	.cfi_def_cfa_offset 16
	mov	8(%rsp), %rdi
	call	vfork_before            /* rax: the real function; rdx: the frame */
	add	$8, %rsp
	.cfi_def_cfa_offset 8
	test	%rdx, %rdx
	jnz	1f
	jmp	*%rax
1:	mov	%rbx, FRAME_REGISTER(%rdx)
	mov	%rdx, %rbx
	popq	FRAME_RETURN_TO(%rbx)
	.cfi_def_cfa_offset 0
	.cfi_undefined rip              /* for a moment the return address is in no place that unwinders know */
	call	*%rax
	mov	%eax, %edi
	mov	%rbx, %rsi
	mov	FRAME_REGISTER(%rbx), %rbx
	call	vfork_after             /* rax: the result; rdx: the return address */
	push	%rdx
	ret
	.cfi_endproc
	.size vfork, . - vfork
	.size __vfork, . - __vfork

/* The call itself, where libc's function is not known yet. */
	.hidden vfork_raw
	.globl vfork_raw
	.type vfork_raw, @function
vfork_raw:
	.cfi_startproc
	pop	%rdi
	.cfi_def_cfa_offset 0
	.cfi_register rip, rdi
	mov	$NR_vfork, %eax
	syscall
	push	%rdi
	.cfi_def_cfa_offset 8
	.cfi_offset rip, -8
	cmp	$-4095, %rax
	jae	1f
	ret
1:	mov	%rax, %rdi
	jmp	hooks_libc_result
	.cfi_endproc
	.size vfork_raw, . - vfork_raw

/*
 * syscall(): calls that return twice, or on another stack, are made here and not recorded, but for vfork, and a clone like it with a stack for the
 * child; the others go to C. A fork or a clone without CLONE_VM and without a stack is harmless there: the child has a copy of ours.
 */
	.globl syscall
	.type syscall, @function
	.balign 16
syscall:
	.cfi_startproc
	cmp	$NR_vfork, %rdi
	je	vfork
	cmp	$NR_clone3, %rdi
	je	2f
	cmp	$NR_clone, %rdi
	je	1f
	jmp	hook_syscall
1:	test	%rdx, %rdx              /* the new stack */
	jnz	4f
	test	$FLAG_CLONE_VM, %esi
	jnz	2f
	jmp	hook_syscall
4:	mov	%esi, %eax
	and	$FLAGS_TAKEN, %eax
	cmp	$(FLAG_CLONE_VM | FLAG_CLONE_VFORK), %eax
	je	clone_like_vfork
2:	push	%rdi
	.cfi_adjust_cfa_offset 8
	push	%rsi
	.cfi_adjust_cfa_offset 8
	push	%rdx
	.cfi_adjust_cfa_offset 8
	push	%rcx
	.cfi_adjust_cfa_offset 8
	push	%r8
	.cfi_adjust_cfa_offset 8
	push	%r9
	.cfi_adjust_cfa_offset 8
	sub	$8, %rsp                /* the calls' stack is aligned */
	.cfi_adjust_cfa_offset 8
	call	clone_passes
	add	$8, %rsp
	.cfi_adjust_cfa_offset -8
	pop	%r9
	.cfi_adjust_cfa_offset -8
	pop	%r8
	.cfi_adjust_cfa_offset -8
	pop	%rdx                    /* the others to where the system call wants them */
	.cfi_adjust_cfa_offset -8
	pop	%rsi
	.cfi_adjust_cfa_offset -8
	pop	%rdi
	.cfi_adjust_cfa_offset -8
	pop	%rax
	.cfi_adjust_cfa_offset -8
	mov	%r8, %r10
	mov	%r9, %r8
	mov	8(%rsp), %r9
	syscall
	cmp	$-4095, %rax
	jae	3f
	ret
3:	mov	%rax, %rdi
	jmp	hooks_libc_result
	.cfi_endproc
	.size syscall, . - syscall

	.type clone_like_vfork, @function
clone_like_vfork:
	.cfi_startproc
	push	%rsi
	.cfi_adjust_cfa_offset 8
	push	%rdx
	.cfi_adjust_cfa_offset 8
	push	%rcx
	.cfi_adjust_cfa_offset 8
	push	%r8
	.cfi_adjust_cfa_offset 8
	push	%r9
	.cfi_adjust_cfa_offset 8
	mov	%esi, %edi
	mov	40(%rsp), %rsi
	call	clone_before            /* rax: the frame, or 0 */
	mov	%rax, %r11
	pop	%r8                     /* each to where the system call wants it */
	.cfi_adjust_cfa_offset -8
	pop	%r10
	.cfi_adjust_cfa_offset -8
	pop	%rdx
	.cfi_adjust_cfa_offset -8
	pop	%rsi
	.cfi_adjust_cfa_offset -8
	pop	%rdi
	.cfi_adjust_cfa_offset -8
	mov	8(%rsp), %r9
	mov	$NR_clone, %eax
	test	%r11, %r11
	jz	2f
	mov	%rbx, FRAME_REGISTER(%r11)
	mov	%r11, %rbx              /* the child's as well: it finds its own there */
	syscall
	test	%rax, %rax
	jz	1f
	mov	%rax, %rdi
	mov	%rbx, %rsi
	mov	FRAME_REGISTER(%rbx), %rbx
	jmp	clone_after
1:	mov	FRAME_REGISTER(%rbx), %rbx
	ret
2:	syscall
	cmp	$-4095, %rax
	jae	3f
	ret
3:	mov	%rax, %rdi
	jmp	hooks_libc_result
	.cfi_endproc
	.size clone_like_vfork, . - clone_like_vfork

#elif defined(__aarch64__)

	.text
	.globl vfork, __vfork
	.type vfork, %function
	.type __vfork, %function
__vfork:
vfork:
	stp	x29, x30, [sp, -16]!
	mov	x0, x30
	bl	vfork_before            /* x0: the real function; x1: the frame */
	ldp	x29, x30, [sp], 16
	cbnz	x1, 1f
	br	x0
1:	str	x19, [x1]
	str	x30, [x1, 8]
	mov	x19, x1
	blr	x0
	mov	x1, x19
	ldr	x19, [x19]
	bl	vfork_after             /* x0: the result; x1: the return address */
	ret	x1
	.size vfork, . - vfork

	.hidden vfork_raw
	.globl vfork_raw
	.type vfork_raw, %function
vfork_raw:
	mov	x0, 0x4111              /* CLONE_VM | CLONE_VFORK | SIGCHLD */
	mov	x1, 0
	mov	x8, 220                 /* clone */
	svc	0
	cmn	x0, 4095
	b.cs	1f
	ret
1:	b	hooks_libc_result
	.size vfork_raw, . - vfork_raw

#endif
	.section .note.GNU-stack, "", @progbits
