/*
 * collector_start.c: with a bare LD_PRELOAD nobody tails the spools, so the first record of a process starts a collector, unless one
 * holds the lock of the spool directory. The program must not notice, neither by SIGCHLD nor by wait(2). An exec gives any child SIGCHLD for
 * its exit signal (exec.c: begin_new_exec), so it must not be ours that execs:
 *
 *   program ─ clone, no exit signal ─▶ helper ─ clone ─▶ its child: exec `socklife collect --detach`
 *             wait(__WCLONE)       ◀── exit                         goes on as a child of init
 *
 * Both share our memory until the exec, each while its parent is suspended; `--detach` leaves our session before it does anything else. Where orphans would
 * come to the program itself (process 1, prctl(2): PR_SET_CHILD_SUBREAPER), no collector is started: whoever looks at the database takes the spools in.
 */
#include "preload/own_table.h"
#include "preload/spool.h"
#include "preload/writer.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/wait.h>

static char lock_path[4096 + 32];
static char *helper_argv[5];
static char *helper_envp[2];

/* Is a collector at work on this directory? It holds the lock as long as it lives. */
static int collector_is_running(void)
{
	static const char name[] = "/collector.lock";
	size_t length = raw_length(spool_options.directory);
	long fd;
	int running;

	if (length + sizeof name > sizeof lock_path)
		return 1;
	raw_copy(lock_path, spool_options.directory, length);
	raw_copy(lock_path + length, name, sizeof name);
	fd = raw_syscall(SYS_openat, AT_FDCWD, lock_path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return 1;
	running = raw_syscall(SYS_flock, fd, LOCK_EX | LOCK_NB) < 0;
	raw_syscall(SYS_close, fd);
	return running;
}

static int inherits_orphans(void)
{
	int subreaper = 0;

	return writer_pid == 1 || (raw_syscall(SYS_prctl, PR_GET_CHILD_SUBREAPER, &subreaper) == 0 && subreaper);
}

static void exec_collector(void *nothing)
{
	raw_syscall(SYS_execve, helper_argv[0], helper_argv, helper_envp);
}

/* It has copies of what the program has open: none of that may stay open for longer than the call in which we are. */
static void run_helper(void *exec_stack_top)
{
	raw_syscall(SYS_close_range, 0, ~0u, 0);
	for (int i = 0; i < 3; i++)
		raw_syscall(SYS_openat, AT_FDCWD, "/dev/null", O_RDWR, 0);
	own_table_clone(CLONE_VM | CLONE_VFORK, exec_stack_top, NULL, exec_collector, NULL);
}

static void start_unless_running(void *nothing)
{
	long helper_stack, exec_stack, pid = -1;
	void *helper_top, *exec_top;

	if (collector_is_running())
		return;
	helper_top = own_table_stack(&helper_stack);
	exec_top = own_table_stack(&exec_stack);
	if (helper_top && exec_top)
		pid = own_table_clone(CLONE_VM | CLONE_VFORK, helper_top, NULL, run_helper, exec_top);
	if (pid > 0)
		raw_syscall(SYS_wait4, pid, 0, __WCLONE, 0);
	if (helper_top)
		raw_syscall(SYS_munmap, helper_stack, OWN_TABLE_STACK_BYTES);
	if (exec_top)
		raw_syscall(SYS_munmap, exec_stack, OWN_TABLE_STACK_BYTES);
}

/* No handler of the program's may run in the children, which share its memory: own_table_run sees to that. */
void spool_start_collector(void)
{
	static char collect[] = "collect", detach[] = "--detach";

	if (!spool_options.collector[0] || inherits_orphans())
		return;
	helper_argv[0] = spool_options.collector;
	helper_argv[1] = collect;
	helper_argv[2] = detach;
	helper_argv[3] = spool_options.database;
	helper_envp[0] = (char *)spool_options.detail;
	own_table_run(start_unless_running, NULL);
}
