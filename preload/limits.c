/*
 * limits.c: the address space that the program limits for itself (setrlimit(2), RLIMIT_AS) is one that our mapping counts in: from then on we
 * keep to a small part of it.
 */
#include "preload/guard.h"
#include "preload/hooks.h"
#include "preload/limits.h"
#include "preload/real.h"
#include "preload/spool.h"
#include "preload/writer.h"

#include <sys/resource.h>

void limits_changed(unsigned resource, const struct rlimit *limit)
{
	if (writer_enabled && resource == RLIMIT_AS && limit && limit->rlim_cur != RLIM_INFINITY)
		spool_shrink_window(limit->rlim_cur);
}

int hook_setrlimit(unsigned resource, const struct rlimit *limit) EXPORT_AS(setrlimit);
int hook_setrlimit(unsigned resource, const struct rlimit *limit)
{
	int result = REAL(setrlimit)(resource, limit);

	if (result == 0)
		limits_changed(resource, limit);
	return result;
}
extern __typeof__(hook_setrlimit) hook_setrlimit64 __asm__("setrlimit64") __attribute__((alias("setrlimit"), visibility("default")));

int hook_prlimit(int pid, unsigned resource, const struct rlimit *limit, struct rlimit *old) EXPORT_AS(prlimit);
int hook_prlimit(int pid, unsigned resource, const struct rlimit *limit, struct rlimit *old)
{
	int result = REAL(prlimit)(pid, resource, limit, old);

	if (result == 0 && (pid == 0 || pid == writer_pid))
		limits_changed(resource, limit);
	return result;
}
extern __typeof__(hook_prlimit) hook_prlimit64 __asm__("prlimit64") __attribute__((alias("prlimit"), visibility("default")));
