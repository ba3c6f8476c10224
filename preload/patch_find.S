/*
 * patch_find.S: searches text for the bytes 0f 05, sixteen at a time; libc has 1.4 MB of it, and every program pays at its start.
 *
 *     const uint8_t *patch_find_syscall(const uint8_t *from, const uint8_t *end)
 *
 * The first p in [from, end - 1) with p[0] = 0f and p[1] = 05, else NULL.
 */
#if defined(__x86_64__)
	.text
	.hidden patch_find_syscall
	.globl patch_find_syscall
	.type patch_find_syscall, @function
patch_find_syscall:
	.cfi_startproc
	mov	$0x0f0f0f0f, %eax
	movd	%eax, %xmm0
	pshufd	$0, %xmm0, %xmm0
	mov	$0x05050505, %eax
	movd	%eax, %xmm1
	pshufd	$0, %xmm1, %xmm1
	lea	-17(%rsi), %rcx         /* last place where 16 first and 16 second bytes may be read */
	jmp	2f
1:	movdqu	(%rdi), %xmm2
	movdqu	1(%rdi), %xmm3
	pcmpeqb	%xmm0, %xmm2
	pcmpeqb	%xmm1, %xmm3
	pand	%xmm3, %xmm2
	pmovmskb %xmm2, %eax
	test	%eax, %eax
	jnz	4f
	add	$16, %rdi
2:	cmp	%rcx, %rdi
	jbe	1b
	dec	%rsi
3:	cmp	%rsi, %rdi
	jae	5f
	cmpw	$0x050f, (%rdi)
	je	6f
	inc	%rdi
	jmp	3b
4:	bsf	%eax, %eax
	lea	(%rdi,%rax), %rax
	ret
5:	xor	%eax, %eax
	ret
6:	mov	%rdi, %rax
	ret
	.cfi_endproc
	.size patch_find_syscall, . - patch_find_syscall
#endif
	.section .note.GNU-stack, "", @progbits
