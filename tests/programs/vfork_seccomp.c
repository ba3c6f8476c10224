/*
 * vfork_seccomp.c: once a process has entered seccomp, a call that its filter does not know kills it; its children of vfork must come and go,
 * and its own sockets stay its own.
 *
 * lifecycle: pair unix closed close sent 2 received 0: socketpair write write close
 * lifecycle: pair unix closed close sent 0 received 2: read close
 */
#include "program.h"
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>

#define ALLOW(call) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_##call, 0, 1), BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)

int main(void)
{
	struct sock_filter rules[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		ALLOW(read), ALLOW(write), ALLOW(close), ALLOW(clone), ALLOW(wait4), ALLOW(exit_group), ALLOW(set_robust_list), ALLOW(rt_sigprocmask),
#ifdef SYS_vfork
		ALLOW(vfork), ALLOW(fork),
#endif
#ifndef __GLIBC__
		ALLOW(writev), ALLOW(gettid), /* musl's stdio and fork */
#endif
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
	};
	struct sock_fprog filter = { sizeof(rules) / sizeof(*rules), rules };
	char buffer[8];
	int ends[2], status = 0;
	pid_t child;

	SHOW(socketpair(AF_UNIX, SOCK_STREAM, 0, ends));
	SHOW(write(ends[0], "a", 1));
	SHOW(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
	SHOW(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter));
	child = vfork();
	if (child == 0) {
		close(ends[0]);
		close(ends[1]);
		_exit(4);
	}
	SHOW(waitpid(child, &status, 0) == child);
	SHOW(WEXITSTATUS(status));
	child = fork();
	if (child == 0)
		_exit(5);
	SHOW(waitpid(child, &status, 0) == child);
	SHOW(WEXITSTATUS(status));
	SHOW(write(ends[0], "b", 1));
	SHOW(read(ends[1], buffer, sizeof(buffer)));
	SHOW(close(ends[0]));
	SHOW(close(ends[1]));
	return 0;
}
