/*
 * collector_start.c: with a bare LD_PRELOAD nobody tails the spools, so the first record of a process starts a collector, unless one
 * holds the lock of the spool directory. The program must not notice, neither by SIGCHLD nor by wait(2). An exec gives any child SIGCHLD for
 * its exit signal (exec.c: begin_new_exec), so it must not be ours that execs:
 *
 *   program ─ clone, no exit signal ─▶ helper ─ clone ─▶ its child: exec `socklife collect --detach`
 *             wait(__WCLONE)       ◀── exit                         goes on as a child of init
 *
 * Both share our memory until the exec, each while its parent is suspended; `--detach` leaves our session and closes all it inherited before it does
 * anything else. Where orphans would come to the program itself (process 1, prctl(2): PR_SET_CHILD_SUBREAPER), no collector is started: whoever
 * looks at the database takes the spools in.
 */
#include "preload/guard.h"
#include "preload/spool.h"
#include "preload/writer.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#define HELPER_STACK_BYTES 16384

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

#if defined(__x86_64__)
/* clone(2) onto a stack of its own: the child must not return through the caller's frame. `run` never returns. */
static long clone_onto(unsigned long flags, void *stack_top, void (*run)(void))
{
	long result;
	register long r10 __asm__("r10") = 0;
	register long r8 __asm__("r8") = 0;

	__asm__ volatile("syscall\n\t"
		"test %%rax, %%rax\n\t"
		"jnz 1f\n\t"
		"xor %%ebp, %%ebp\n\t"
		"call *%[run]\n\t"
		"hlt\n"
		"1:"
		: "=a"(result)
		: "0"((long)SYS_clone), "D"(flags), "S"(stack_top), "d"(0L), "r"(r10), "r"(r8), [run] "r"(run)
		: "rcx", "r11", "memory", "cc");
	return result;
}
#else
static long clone_onto(unsigned long flags, void *stack_top, void (*run)(void))
{
	return -1;
}
#endif

static char *exec_stack_top;

static void exec_collector(void)
{
	raw_syscall(SYS_execve, helper_argv[0], helper_argv, helper_envp);
	for (;;)
		raw_syscall(SYS_exit_group, 127);
}

static void run_helper(void)
{
	clone_onto(CLONE_VM | CLONE_VFORK, exec_stack_top, exec_collector);
	for (;;)
		raw_syscall(SYS_exit_group, 0);
}

void spool_start_collector(void)
{
	static char collect[] = "collect", detach[] = "--detach";
	uint64_t all = ~UINT64_C(0), before;
	long stack, pid;

	if (!spool_options.collector[0] || inherits_orphans() || collector_is_running())
		return;
	stack = raw_syscall(SYS_mmap, 0, 2 * HELPER_STACK_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (stack < 0 && stack > -4096)
		return;
	helper_argv[0] = spool_options.collector;
	helper_argv[1] = collect;
	helper_argv[2] = detach;
	helper_argv[3] = spool_options.database;
	helper_envp[0] = (char *)spool_options.detail;
	/* No handler of the program's may run in the child, which shares its memory. */
	raw_syscall(SYS_rt_sigprocmask, SIG_SETMASK, &all, &before, sizeof all);
	exec_stack_top = (char *)stack + 2 * HELPER_STACK_BYTES - 64;
	pid = clone_onto(CLONE_VM | CLONE_VFORK, (char *)stack + HELPER_STACK_BYTES - 64, run_helper);
	if (pid > 0)
		raw_syscall(SYS_wait4, pid, 0, __WCLONE, 0);
	raw_syscall(SYS_rt_sigprocmask, SIG_SETMASK, &before, 0, sizeof before);
	raw_syscall(SYS_munmap, stack, 2 * HELPER_STACK_BYTES);
}
