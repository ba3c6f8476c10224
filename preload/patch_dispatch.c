/*
 * patch_dispatch.c: the C side of the trampoline: from the registers at a site to the core's intercept_syscall. General registers
 * only: the trampoline saves no others.
 */
#include "preload/patch.h"
#include "preload/patch_site.h"
#include "preload/raw.h"

__thread uintptr_t patch_mark;
__thread int patch_mark_number;

#if defined(__x86_64__)

#define MARK_FAR_BYTES 65536

long patch_dispatch(long *arguments, const struct patch_entry *entry, const uintptr_t *frame) __attribute__((visibility("hidden")));

/* The loads between the overwritten instruction and the system call. `frame` points to the saved rbp. */
static void load_arguments(long *arguments, const struct patch_entry *entry, const uintptr_t *frame)
{
	for (unsigned i = 0; i < entry->loads; i++) {
		const struct patch_load *load = &entry->load[i];
		uintptr_t base = load->what & PATCH_LOAD_RBP ? *frame : (uintptr_t)frame + PATCH_SKIPPED_BYTES;
		const char *from = (const char *)base + load->displacement;
		long *to = &arguments[load->what & PATCH_LOAD_ARGUMENT];

		if (load->what & PATCH_LOAD_ADD)
			*to = load->what & PATCH_LOAD_WIDE ? *to + load->displacement : (long)(uint32_t)(*to + load->displacement);
		else
			*to = load->what & PATCH_LOAD_WIDE ? *(const long *)from : (long)*(const uint32_t *)from;
	}
}

/* Takes the mark of a wrapper that reaches libc through another preloaded library, farther down the stack. */
static int take_far_mark(int number, const uintptr_t *frame)
{
	uintptr_t distance = -patch_mark - (uintptr_t)frame;

	if (likely(patch_mark == 0) || distance > MARK_FAR_BYTES || (patch_mark_number != number && patch_mark_number != PATCH_ANY_NUMBER))
		return 0;
	patch_mark = 0;
	return 1;
}

long patch_dispatch(long *arguments, const struct patch_entry *entry, const uintptr_t *frame)
{
	if (unlikely(entry->loads))
		load_arguments(arguments, entry, frame);
	if (unlikely(take_far_mark(entry->number, frame)))
		return raw_syscall6(entry->number, arguments[0], arguments[1], arguments[2], arguments[3], arguments[4], arguments[5]);
	return intercept_syscall(entry->number, arguments[0], arguments[1], arguments[2], arguments[3], arguments[4], arguments[5],
		(uintptr_t)entry->resume);
}

#endif
