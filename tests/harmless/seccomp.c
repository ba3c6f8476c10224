/*
 * seccomp.c MODE MOMENT: enters seccomp and goes on using sockets. A filter here kills at any call that this very program does not make by
 * itself: what the shim adds shows as SIGSYS.
 *   MODE    strict | filter | syscall (the filter through syscall(SYS_seccomp)) | errno (refuses instead of killing)
 *   MOMENT  first (before the first socket) | then (after it) | thread | fork (before a fork) | child (in the child of a fork)
 *           | exec (before an exec of itself) | probe (an attempt that fails first)
 */
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static const int always[] = {SYS_read, SYS_write, SYS_close, SYS_socket, SYS_socketpair, SYS_sendto, SYS_recvfrom, SYS_connect, SYS_bind, SYS_listen,
	SYS_exit, SYS_exit_group, SYS_rt_sigreturn, SYS_poll, SYS_dup2};
static const int forking[] = {SYS_clone, SYS_wait4, SYS_set_robust_list, SYS_rseq, SYS_rt_sigprocmask, SYS_gettid, SYS_futex};
static const int executing[] = {SYS_execve, SYS_brk, SYS_access, SYS_openat, SYS_newfstatat, SYS_mmap, SYS_pread64, SYS_arch_prctl, SYS_set_tid_address,
	SYS_set_robust_list, SYS_rseq, SYS_mprotect, SYS_munmap, SYS_prlimit64, SYS_getrandom, SYS_fstat};

/* A number that may be the first of its size. */
#define FAR 5000

static struct sock_filter code[128];
static struct sock_fprog program = {0, code};
static unsigned refusal = SECCOMP_RET_KILL_PROCESS;

static void allow(const int *numbers, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		code[program.len++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, numbers[i], 0, 1);
		code[program.len++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	}
}

static int enter(const char *mode, int forks, int execs)
{
	if (strcmp(mode, "strict") == 0)
		return prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT);
	if (strcmp(mode, "errno") == 0)
		refusal = SECCOMP_RET_ERRNO | EPERM;
	code[program.len++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
	/* accept, but for no address: a filter may look at arguments. */
	code[program.len++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_accept, 0, 4);
	code[program.len++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[1]));
	code[program.len++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 1);
	code[program.len++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	code[program.len++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, refusal);
	allow(always, sizeof always / sizeof *always);
	if (forks)
		allow(forking, sizeof forking / sizeof *forking);
	if (execs)
		allow(executing, sizeof executing / sizeof *executing);
	code[program.len++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, refusal);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -2;
	if (strcmp(mode, "syscall") == 0)
		return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program);
	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0);
}

static void say(const char *text, long number)
{
	char line[128];
	int n = snprintf(line, sizeof line, "%s %ld\n", text, number);

	write(1, line, (size_t)n);
}

static int pair[2] = {-1, -1};

/* Only read and write: all that strict mode leaves. */
static void talk_little(void)
{
	char byte = 0;
	long sum = 0;

	for (int i = 0; i < 500; i++)
		sum += write(pair[0], "x", 1) + read(pair[1], &byte, 1);
	say("bytes", sum);
}

static void talk(void)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK), .sin_port = htons(1)};
	char bytes[16];
	int fds[2], s;
	long sum = 0;

	for (int i = 0; i < 300; i++) {
		if (socketpair(AF_UNIX, SOCK_STREAM, 0, fds) < 0) {
			say("socketpair", -errno);
			return;
		}
		sum += send(fds[0], "hello", 5, 0) + recv(fds[1], bytes, 16, 0) + write(fds[1], "x", 1) + read(fds[0], bytes, 16);
		close(fds[0]);
		close(fds[1]);
		s = socket(AF_INET, SOCK_STREAM, 0);
		sum += s + bind(s, NULL, 0) + connect(s, (void *)&address, sizeof address);
		sum += accept(s, NULL, NULL) + dup2(s, 90) + close(90) + dup2(s, FAR) + close(FAR) + close(s);
		s = socket(AF_INET, SOCK_DGRAM, 0);
		sum += sendto(s, "x", 1, 0, (void *)&address, sizeof address);
		close(s);
	}
	say("sum", sum);
	if (pair[0] >= 0)
		talk_little();
}

static void *in_thread(void *mode)
{
	char byte;

	(void)byte;
	talk();
	return NULL;
}

static void report(pid_t child)
{
	int status = 0;

	waitpid(child, &status, 0);
	say(WIFSIGNALED(status) ? "signal" : "status", WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
}

int main(int argc, char **argv)
{
	const char *mode = argc > 1 ? argv[1] : "filter", *moment = argc > 2 ? argv[2] : "then";
	int strict = strcmp(mode, "strict") == 0;
	pthread_t thread;
	pid_t child;

	setrlimit(RLIMIT_NOFILE, &(struct rlimit){FAR + 1, FAR + 1});
	if (strcmp(moment, "inner") == 0) {
		talk();
		_exit(5);
	}
	if (strcmp(moment, "first") != 0 || strict)
		socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
	if (strcmp(moment, "exec") == 0) {
		say("entered", enter(mode, 0, 1));
		execl("/proc/self/exe", argv[0], mode, "inner", NULL);
		_exit(6);
	}
	if (strcmp(moment, "probe") == 0) {
		say("probe", prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, NULL, 0, 0));
		say("errno", errno);
		say("probe", syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 12345, NULL));
		say("errno", errno);
	}
	if (strcmp(moment, "fork") == 0 || strcmp(moment, "child") == 0) {
		int forks_after = strcmp(moment, "fork") == 0;

		if (forks_after)
			say("entered", enter(mode, 1, 0));
		child = fork();
		if (child == 0) {
			if (!forks_after)
				say("entered", enter(mode, 0, 0));
			if (strict)
				talk_little();
			else
				talk();
			syscall(strict ? SYS_exit : SYS_exit_group, 3);
		}
		report(child);
		if (!forks_after || !strict)
			talk();
		syscall(strict && forks_after ? SYS_exit : SYS_exit_group, 4);
	}
	if (strcmp(moment, "thread") == 0) {
		say("entered", enter(mode, 1, 1));
		if (pthread_create(&thread, NULL, in_thread, NULL) == 0)
			pthread_join(thread, NULL);
		else
			say("pthread_create", -errno);
		syscall(SYS_exit_group, 4);
	}
	say("entered", enter(mode, 0, 0));
	if (strict)
		talk_little();
	else
		talk();
	syscall(strict ? SYS_exit : SYS_exit_group, 4);
	return 1;
}
