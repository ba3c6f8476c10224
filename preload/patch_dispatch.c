/*
 * patch_dispatch.c: the C side of the trampoline: from the registers at a site to the core's intercept_syscall. General registers
 * only: the trampoline saves no others.
 */
#include "preload/patch.h"
#include "preload/patch_site.h"
#include "preload/raw.h"

__thread uintptr_t patch_mark;
__thread int patch_mark_number;
READ_BY_EVERY_CALL uint8_t patch_awake[2] = {1, 0};

#if defined(__x86_64__)

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

long patch_dispatch(long *arguments, const struct patch_entry *entry, const uintptr_t *frame)
{
	if (unlikely(entry->loads))
		load_arguments(arguments, entry, frame);
	if (unlikely(patch_mark_take_far(entry->number, (uintptr_t)frame)))
		return raw_syscall6(entry->number, arguments[0], arguments[1], arguments[2], arguments[3], arguments[4], arguments[5]);
	return intercept_syscall(entry->number, arguments[0], arguments[1], arguments[2], arguments[3], arguments[4], arguments[5],
		(uintptr_t)entry->resume);
}

#endif
