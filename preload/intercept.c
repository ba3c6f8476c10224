/*
 * intercept.c: see intercept.h.
 */
#include "preload/intercept.h"
#include "preload/hooks.h"
#include "preload/patch.h"
#include "preload/sharing.h"
#include "preload/spool.h"
#include "preload/writer.h"
#include "schema/environment.h"

#define NUMBERS 512

/* In every glibc so far one call remains that no known form fits: the profiler's writev (gmon.c), into a file that it opens itself. */
#define LEFT_HARMLESS 1

/* By enum patch_left; a gap names the last of those that occurred. */
static const char *const left_why[PATCH_LEFT_REASONS] = {
	[PATCH_LEFT_FORM] = "some calls inside libc are not of a form that can be patched",
	[PATCH_LEFT_JUMPED] = "jumps inside libc lead to where some calls would be patched",
	[PATCH_LEFT_THREADS] = "threads were running already: libc's own reads are not seen",
	[PATCH_LEFT_UNDECODED] = "parts of libc could not be decoded",
	[PATCH_LEFT_CHANGED] = "something else has patched libc: some of its own calls are not seen",
	[PATCH_LEFT_ROOM] = "libc has too many calls, or lies too far from the shim",
};

static hook_through *observers[NUMBERS];
static struct patch_report report;
static uint32_t left_count;

long intercept_syscall(long number, long a, long b, long c, long d, long e, long f, uintptr_t caller)
{
	hook_through *through = observers[number];

	if (likely(through && writer_enabled) && likely(!sharing || !sharing_is_within_wrapper())) {
		const long w[6] = {a, b, c, d, e, f};

		return through(w, TAG_VIA_LIBC, (const void *)caller);
	}
	return raw_syscall6(number, a, b, c, d, e, f);
}

void intercept_init(const char *mode)
{
	static const char symbols[] = "symbols";

	if (mode && raw_equal(mode, symbols, sizeof symbols)) {
		report.refused = ENVIRONMENT_INTERCEPT "=symbols was asked for";
		return;
	}
	for (long number = 0; number < NUMBERS; number++)
		observers[number] = hooks_find(number);
	patch_install(&report);
	for (unsigned i = 0; i < PATCH_LEFT_REASONS; i++)
		left_count += report.left[i];
	spool_options.intercept = report.patched > 0;
	spool_options.patched_sites = report.patched;
	spool_options.unpatched_sites = left_count;
}

void intercept_record_pending(void)
{
	unsigned why = PATCH_LEFT_REASONS - 1;

	if (report.refused)
		writer_gap(GAP_PATCH_REFUSED, 0, report.refused);
	if (report.refused || left_count <= LEFT_HARMLESS)
		return;
	while (!report.left[why])
		why--;
	writer_gap(GAP_PATCH_REFUSED, left_count, left_why[why]);
}
