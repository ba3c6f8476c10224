/*
 * readable.c: see readable.h. The bounds come from the ELF headers of the program, from ld.so (where the stack began) and from libc's thread
 * descriptor, whose layout is found, not known.
 */
#include "preload/readable.h"

#include <link.h>
#include <sys/mman.h>
#include <sys/auxv.h>

#define SEGMENTS_MAX 8
#define DESCRIPTOR_BYTES 2304          /* of glibc's struct pthread, at the least */
#define MAIN_STACK_MAX (UINT64_C(64) << 20) /* the kernel keeps 128 MB below its beginning free of mappings (arch_pick_mmap_layout) */

extern unsigned long getauxval(unsigned long type) __attribute__((weak));
extern void *__libc_stack_end __attribute__((weak)); /* ld.so's: the stack pointer at the program's start */
extern void *__curbrk __attribute__((weak));         /* libc's: the end of the heap, once it has asked for one */

struct range {
	uintptr_t from, to;
};

static struct range segment[SEGMENTS_MAX];
static unsigned segments;
static uintptr_t heap_from;
static int is_closed;                  /* a part of them is not readable any more: none is certain */
static uintptr_t main_end;             /* of the main thread's stack: where the program started; 0: not known yet */

/* Offset in libc's thread descriptor of {stackblock, stackblock_size}; 0: not found for certain. */
static unsigned stack_offset;

static int within(const void *at, size_t bytes, uintptr_t from, uintptr_t to)
{
	return (uintptr_t)at >= from && (uintptr_t)at <= to && bytes <= to - (uintptr_t)at;
}

static void find_segments(void)
{
	const ElfW(Phdr) *headers = getauxval ? (const void *)getauxval(AT_PHDR) : NULL;
	unsigned long count = headers ? getauxval(AT_PHNUM) : 0;
	uintptr_t base = 0;

	for (unsigned long i = 0; i < count; i++)
		if (headers[i].p_type == PT_PHDR)
			base = (uintptr_t)headers - headers[i].p_vaddr;
	for (unsigned long i = 0; i < count && segments < SEGMENTS_MAX; i++)
		if (headers[i].p_type == PT_LOAD && headers[i].p_flags & PF_R)
			segment[segments++] = (struct range){base + headers[i].p_vaddr, base + headers[i].p_vaddr + headers[i].p_memsz};
}

#if defined(__x86_64__)
static const char *thread_descriptor(void)
{
	const char *self;

	__asm__("mov %%fs:0, %0" : "=r"(self));
	return self;
}

/* In the main thread glibc has no block there, and for its size the address where the stack began (__tls_init_tp). */
static void find_stack_offset(void)
{
	const uintptr_t *word = (const uintptr_t *)thread_descriptor();
	unsigned found = 0, count = 0;

	for (unsigned i = 16; &__libc_stack_end && i < DESCRIPTOR_BYTES / sizeof *word; i++) {
		if (word[i] == (uintptr_t)__libc_stack_end && word[i - 1] == 0) {
			found = (i - 1) * (unsigned)sizeof *word;
			count++;
		}
	}
	stack_offset = count == 1 ? found : 0;
}

/* The stack that libc gave this thread; empty: the main thread's, or not known. */
static struct range thread_stack(void)
{
	const char *self = thread_descriptor();
	const uintptr_t *block = (const uintptr_t *)(self + stack_offset);

	/* The descriptor itself lies at the top of it. */
	if (!stack_offset || !block[0] || (uintptr_t)self < block[0] || (uintptr_t)self - block[0] >= block[1])
		return (struct range){0, 0};
	return (struct range){block[0], block[0] + block[1]};
}
#else
static void find_stack_offset(void)
{
}

static struct range thread_stack(void)
{
	return (struct range){0, 0};
}
#endif

void readable_init(void)
{
	/* Of a libc without __libc_stack_end (musl): bytes that the kernel puts on the stack before it starts the program. */
	main_end = &__libc_stack_end ? (uintptr_t)__libc_stack_end : getauxval ? getauxval(AT_RANDOM) : 0;
	find_segments();
	find_stack_offset();
	heap_from = (uintptr_t)raw_syscall(SYS_brk, 0);
}

int readable_on_stack(const void *at, size_t bytes)
{
	uintptr_t frame = (uintptr_t)__builtin_frame_address(0);
	struct range own;

	if (within(at, bytes, frame, (frame | 4095) + 1))
		return 1;
	if (frame < main_end && main_end - frame < MAIN_STACK_MAX)
		return within(at, bytes, frame, main_end);
	own = thread_stack();
	return frame >= own.from && frame < own.to && within(at, bytes, frame, own.to);
}

int readable_surely(const void *at, size_t bytes)
{
	if (readable_on_stack(at, bytes))
		return 1;
	if (__atomic_load_n(&is_closed, __ATOMIC_RELAXED))
		return 0;
	for (unsigned i = 0; i < segments; i++)
		if (within(at, bytes, segment[i].from, segment[i].to))
			return 1;
	return &__curbrk && (uintptr_t)__curbrk > heap_from && within(at, bytes, heap_from, (uintptr_t)__curbrk);
}

static int overlaps(const void *at, size_t bytes, uintptr_t from, uintptr_t to)
{
	return (uintptr_t)at < to && (uintptr_t)at + bytes > from;
}

void readable_protect(const void *at, size_t bytes, int protection)
{
	int closes = &__curbrk && overlaps(at, bytes, heap_from, (uintptr_t)__curbrk);

	if (protection & PROT_READ)
		return;
	for (unsigned i = 0; i < segments && !closes; i++)
		closes = overlaps(at, bytes, segment[i].from, segment[i].to);
	if (closes)
		__atomic_store_n(&is_closed, 1, __ATOMIC_RELAXED);
}
