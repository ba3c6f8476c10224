/*
 * shell.c: system and popen. libc starts the shell in a child that borrows our thread-local storage (sharing.h), with the program's own
 * environment, which must not be touched: libc's execve is patched, so that the child gets what it needs there. Where libc
 * cannot be patched, and the program has scrubbed its environment, the shell is a gap.
 */
#include "preload/hooks.h"
#include "preload/process.h"
#include "preload/real.h"
#include "preload/sharing.h"
#include "preload/spool.h"
#include "preload/writer.h"

#include <errno.h>

extern char **environ __attribute__((weak));

struct shell_begun {
	struct sharing_frame *frame;
	struct spool_call *call;
};

static __attribute__((noinline)) struct shell_begun shell_begin(enum call_number kind, const void *caller)
{
	struct shell_begun begun = {0};

	if (!writer_enabled)
		return begun;
	if (child_follow && !spool_options.patched_sites && !child_environment_is_whole(environ))
		writer_gap(GAP_UNTRACEABLE_CHILD, 1, "/bin/sh: the program has changed its environment, and libc could not be patched");
	begun.frame = sharing_begin();
	if (writer_spool)
		begun.call = writer_call_begin(kind, -1, 0, TAG_VIA_SYMBOL, 0, 0, 0, caller);
	return begun;
}

static __attribute__((noinline)) void shell_end(const struct shell_begun *begun, long result, int error)
{
	if (begun->frame)
		sharing_end(begun->frame);
	if (!begun->call)
		return;
	writer_call_returned(begun->call);
	writer_call_end(begun->call, result, error);
}

int hook_system(const char *command) EXPORT_AS(system);
int hook_system(const char *command)
{
	struct shell_begun begun = shell_begin(CALL_system, __builtin_return_address(0));
	int result = REAL(system)(command);

	shell_end(&begun, result, result == -1 ? errno : 0);
	return result;
}

struct _IO_FILE *hook_popen(const char *command, const char *mode) EXPORT_AS(popen);
struct _IO_FILE *hook_popen(const char *command, const char *mode)
{
	struct shell_begun begun = shell_begin(CALL_popen, __builtin_return_address(0));
	struct _IO_FILE *result = REAL(popen)(command, mode);

	shell_end(&begun, result ? 0 : -1, result ? 0 : errno);
	return result;
}
