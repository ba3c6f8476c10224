/*
 * readable.h: which memory of the program can be read for certain, without asking anybody? A pointer that the kernel has just read or written
 * through is good; one that it may not have looked at is not: recvfrom(2) given no room for an address never looks at the pointer to it, and
 * afterwards the length that said so is overwritten. So the length is read before the call where that cannot fault, and the
 * address is read afterwards only if it was written, or lies in memory that is there as long as the program is.
 *
 * No system call, no memory of what was good before: a page found good may be gone the next moment.
 */
#ifndef PRELOAD_READABLE_H
#define PRELOAD_READABLE_H

#include "preload/raw.h"

/*
 * Does [at, at + bytes) lie on the calling thread's own stack, in or above the caller's frame? Such memory cannot go away while the
 * frame is there. 0 when it is not known: a fibre's stack, a libc that keeps no bounds.
 */
int readable_on_stack(const void *at, size_t bytes);

/* The same, or in the program's own data, or in the part of the heap that grows by brk(2), unless the program has closed a part of these. */
int readable_surely(const void *at, size_t bytes);

/* Do the two lie on the same pages? Then what is known of `good` holds for `at`. */
always_inline int readable_beside(const void *at, size_t bytes, const void *good, size_t good_bytes)
{
	return (uintptr_t)at >> 12 >= (uintptr_t)good >> 12 && ((uintptr_t)at + bytes - 1) >> 12 <= ((uintptr_t)good + good_bytes - 1) >> 12 &&
		(uintptr_t)at + bytes > (uintptr_t)at;
}

/* The program is about to change the protection of memory (mprotect(2)). */
void readable_protect(const void *at, size_t bytes, int protection);

/* Finds the bounds; once, from the constructor, in the main thread. */
void readable_init(void);

#endif
