/*
 * rights.c: a process gives up its root directory, its mounts or its user. Behind that a spool may not be within its reach, nor a collector to be started:
 * what happens there, be it only a gap, needs a spool made before. Only watched: none of these calls is recorded.
 */
#include "preload/guard.h"
#include "preload/hooks.h"
#include "preload/real.h"
#include "preload/rights.h"
#include "preload/spool.h"
#include "preload/writer.h"

void rights_before_leaving(void)
{
	if (writer_enabled && !writer_spool)
		spool_open();
}

/* Another user cannot give up anything. */
static void before_leaving_root(void)
{
	if (guard_system_calls_allowed() && raw_syscall6(SYS_geteuid, 0, 0, 0, 0, 0, 0) == 0)
		rights_before_leaving();
}

int hook_chroot(const char *path) EXPORT_AS(chroot);
int hook_chroot(const char *path)
{
	before_leaving_root();
	return REAL(chroot)(path);
}

int hook_setuid(uid_t user) EXPORT_AS(setuid);
int hook_setuid(uid_t user)
{
	before_leaving_root();
	return REAL(setuid)(user);
}

int hook_setreuid(uid_t user, uid_t effective) EXPORT_AS(setreuid);
int hook_setreuid(uid_t user, uid_t effective)
{
	before_leaving_root();
	return REAL(setreuid)(user, effective);
}

int hook_setresuid(uid_t user, uid_t effective, uid_t saved) EXPORT_AS(setresuid);
int hook_setresuid(uid_t user, uid_t effective, uid_t saved)
{
	before_leaving_root();
	return REAL(setresuid)(user, effective, saved);
}

int hook_seteuid(uid_t effective) EXPORT_AS(seteuid);
int hook_seteuid(uid_t effective)
{
	before_leaving_root();
	return REAL(seteuid)(effective);
}

int hook_setfsuid(uid_t user) EXPORT_AS(setfsuid);
int hook_setfsuid(uid_t user)
{
	before_leaving_root();
	return REAL(setfsuid)(user);
}

void rights_watch(long number)
{
	if (number == SYS_chroot || number == SYS_setuid || number == SYS_setreuid || number == SYS_setresuid || number == SYS_setfsuid)
		before_leaving_root();
}
