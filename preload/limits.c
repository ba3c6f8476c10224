/*
 * limits.c: the address space that the program limits for itself (setrlimit(2), RLIMIT_AS) is one that our mapping counts in: from then on we
 * keep to a small part of it. So it does in the memory that the program locks (mlockall(2)): it is kept out of that. And memory that we take for readable may be
 * closed (mprotect(2)).
 */
#include "preload/guard.h"
#include "preload/hooks.h"
#include "preload/limits.h"
#include "preload/readable.h"
#include "preload/real.h"
#include "preload/spool.h"
#include "preload/writer.h"

#include <errno.h>
#include <sys/mman.h>
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

/* All that is mapped must fit into RLIMIT_MEMLOCK. Is it ours that does not? */
static int makes_room(int flags, int error)
{
	struct rlimit limit;

	if (!writer_enabled || !writer_spool || !(flags & MCL_CURRENT) || error != ENOMEM || !guard_system_calls_allowed() ||
	    raw_syscall(SYS_prlimit64, 0, RLIMIT_MEMLOCK, 0, &limit) < 0)
		return 0;
	spool_shrink_window(limit.rlim_cur);
	return 1;
}

int limits_lock_all(int flags)
{
	int result = REAL(mlockall)(flags);

	if (result < 0 && makes_room(flags, errno))
		result = REAL(mlockall)(flags);
	if (result == 0 && writer_enabled)
		spool_unlock_memory();
	return result;
}

int hook_mlockall(int flags) EXPORT_AS(mlockall);
int hook_mlockall(int flags)
{
	return limits_lock_all(flags);
}

int hook_mprotect(void *at, size_t bytes, int protection) EXPORT_AS(mprotect);
int hook_mprotect(void *at, size_t bytes, int protection)
{
	readable_protect(at, bytes, protection);
	return REAL(mprotect)(at, bytes, protection);
}
