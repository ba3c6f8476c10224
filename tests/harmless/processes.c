/*
 * processes.c CASE: what a process may do to itself, its threads and its children while sockets are in use. Prints what it sees; the same is expected
 * without the shim. The cases are the functions below.
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/userfaultfd.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static int pair[2];
static volatile sig_atomic_t child_signals;
static void on_child(int number) { child_signals++; }

static void make(void)
{
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair))
		abort();
}

static long exchange(long rounds)
{
	char byte = 0;
	long sum = 0;

	for (long i = 0; i < rounds; i++)
		sum += send(pair[0], "x", 1, MSG_NOSIGNAL) + recv(pair[1], &byte, 1, 0);
	return sum;
}

static void say(const char *what, long number)
{
	printf("%s %ld\n", what, number);
	fflush(stdout);
}

static int ended(pid_t child)
{
	int status = -1;

	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	return status;
}

/* Orphans come to this process: the shim's must not. */
static void subreaper(void)
{
	signal(SIGCHLD, on_child);
	say("prctl", prctl(PR_SET_CHILD_SUBREAPER, 1));
	make();
	say("exchanged", exchange(2000));
	poll(NULL, 0, 300);
	errno = 0;
	say("wait", wait(NULL));
	say("errno", errno);
	say("wait for all kinds", waitpid(-1, NULL, __WALL));
	say("SIGCHLD", child_signals);
}

static void not_dumpable(void)
{
	say("dumpable", prctl(PR_SET_DUMPABLE, 0));
	make();
	say("exchanged", exchange(20000));
	say("dumpable", prctl(PR_GET_DUMPABLE));
	if (fork() == 0) {
		say("child", exchange(2000));
		_exit(0);
	}
	say("status", ended(-1));
}

static void no_new_privileges(void)
{
	say("no new privileges", prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
	make();
	say("exchanged", exchange(1000));
	say("no new privileges", prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
	if (fork() == 0) {
		execl("/proc/self/exe", "processes", "personality", NULL);
		_exit(9);
	}
	say("status", ended(-1));
}

static void other_personality(void)
{
	say("personality", personality(0xffffffff));
	say("personality", personality(ADDR_NO_RANDOMIZE | READ_IMPLIES_EXEC) >= 0);
	make();
	say("exchanged", exchange(20000));
	say("personality", personality(0xffffffff));
}

static atomic_int stop;
static atomic_long made, bad;
static void *busy(void *unused)
{
	int fds[2];
	char byte;

	while (!stop) {
		if (socketpair(AF_UNIX, SOCK_STREAM, 0, fds))
			abort();
		for (int i = 0; i < 10; i++)
			bad += send(fds[0], "x", 1, 0) != 1 || recv(fds[1], &byte, 1, 0) != 1;
		bad += close(fds[0]) != 0 || close(fds[1]) != 0;
		made++;
	}
	return NULL;
}

/* libc makes each thread change its user by a signal, whatever that thread is in. */
static void users_and_threads(void)
{
	struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
	struct __user_cap_data_struct none[2] = {{0}};
	pthread_t threads[4];

	for (int i = 0; i < 4; i++)
		pthread_create(&threads[i], NULL, busy, NULL);
	while (made < 100)
		sched_yield();
	say("groups", setgroups(0, NULL));
	for (int i = 0; i < 50; i++)
		if (setresuid((uid_t)-1, 65534, (uid_t)-1) || setresuid((uid_t)-1, 0, (uid_t)-1))
			say("not back", errno);
	say("setreuid", setreuid((uid_t)-1, 65534) + setreuid((uid_t)-1, 0));
	say("setgid", setgid(65534));
	say("setuid", setuid(65534));
	say("capset", syscall(SYS_capset, &header, none));
	for (long before = made; made < before + 100; )
		sched_yield();
	stop = 1;
	for (int i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	say("bad", bad);
	say("user", getuid());
	say("root again", setuid(0));
}

static void *last_one(void *unused)
{
	pthread_t *first = unused;

	pthread_join(*first, NULL);
	say("after main", exchange(3000));
	exit(5);
}

/* main's thread ends, with its storage, while others go on. */
static void main_leaves(void)
{
	static pthread_t self;
	pthread_t thread;

	make();
	self = pthread_self();
	say("main", exchange(10));
	pthread_create(&thread, NULL, last_one, &self);
	pthread_exit(NULL);
}

/* daemon(), with a pipe to hear from what becomes of it. */
static void daemonize(void)
{
	int heard[2];
	char line[256];
	ssize_t n;

	if (pipe(heard))
		return;
	if (fork() == 0) {
		close(heard[0]);
		make();
		say("before", exchange(100));
		if (daemon(0, 0))
			_exit(1);
		n = snprintf(line, sizeof line, "daemon %ld, leader of its session: %d, stdin %d\n", exchange(3000), getsid(0) != getppid(), fcntl(0, F_GETFL) & O_ACCMODE);
		if (write(heard[1], line, (size_t)n) != n)
			_exit(2);
		_exit(0);
	}
	close(heard[1]);
	say("status", ended(-1));
	while ((n = read(heard[0], line, sizeof line)) > 0)
		fwrite(line, 1, (size_t)n, stdout);
}

static void forks_twice(void)
{
	int heard[2], status;
	char line[64];
	ssize_t n;

	if (pipe(heard))
		return;
	make();
	if (fork() == 0) {
		if (fork() == 0) {
			setsid();
			n = snprintf(line, sizeof line, "grandchild %ld\n", exchange(3000));
			_exit(write(heard[1], line, (size_t)n) != n);
		}
		_exit(0);
	}
	status = ended(-1);
	close(heard[1]);
	while ((n = read(heard[0], line, sizeof line)) > 0)
		fwrite(line, 1, (size_t)n, stdout);
	say("status", status);
	say("and again", exchange(10));
}

/* A child that is traced by this program: it stops where it would, and at signals only. */
static void traces_child(void)
{
	int stops = 0, status;
	pid_t child;

	make();
	fflush(stdout);
	child = fork();
	if (child == 0) {
		ptrace(PTRACE_TRACEME, 0, 0, 0);
		raise(SIGSTOP);
		for (int i = 0; i < 5; i++) {
			exchange(500);
			raise(SIGUSR1);
		}
		_exit(4);
	}
	while (waitpid(child, &status, 0) == child && WIFSTOPPED(status)) {
		stops++;
		ptrace(PTRACE_CONT, child, 0, 0);
	}
	say("stops", stops);
	say("status", status);
}

/* System call by system call. */
static void steps_child(void)
{
	int seen = 0, status;
	pid_t child;

	make();
	fflush(stdout);
	child = fork();
	if (child == 0) {
		ptrace(PTRACE_TRACEME, 0, 0, 0);
		raise(SIGSTOP);
		exchange(300);
		_exit(4);
	}
	while (waitpid(child, &status, 0) == child && WIFSTOPPED(status)) {
		seen++;
		ptrace(PTRACE_SYSCALL, child, 0, 0);
	}
	say("some hundred stops", seen > 1200 && seen < 1300);
	say("status", status);
}

/* Memory that children do not have, and that they find empty; buffers in pages that come one by one. */
static void memory_advice(void)
{
	char *page = mmap(NULL, 3 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int status;

	make();
	say("dontfork", madvise(page, 4096, MADV_DONTFORK));
	say("wipeonfork", madvise(page + 4096, 4096, MADV_WIPEONFORK));
	say("send", send(pair[0], "0123456789", 10, 0));
	say("into it", recv(pair[1], page + 4, 10, 0));
	memset(page + 4096, 'x', 4096);
	fflush(stdout);
	if (fork() == 0) {
		send(pair[0], "0123456789", 10, 0);
		say("into what is not there", recv(pair[1], page + 4, 10, MSG_DONTWAIT));
		say("errno", errno);
		say("empty", page[4096]);
		say("across", recv(pair[1], page + 2 * 4096 - 5, 10, MSG_DONTWAIT));
		_exit(0);
	}
	status = ended(-1);
	say("status", status);
}

static void *fills(void *given)
{
	int faults = *(int *)given;
	struct uffd_msg message;
	char full[4096];

	memset(full, 'u', sizeof full);
	for (int i = 0; i < 2 && read(faults, &message, sizeof message) == sizeof message; i++) {
		struct uffdio_copy copy = {.dst = message.arg.pagefault.address & ~4095ul, .src = (unsigned long)full, .len = 4096};

		ioctl(faults, UFFDIO_COPY, &copy);
	}
	return NULL;
}

/* Pages that the program itself brings, when the kernel reads or writes a buffer in them. */
static void user_faults(void)
{
	int faults = (int)syscall(SYS_userfaultfd, O_CLOEXEC);
	struct uffdio_api api = {.api = UFFD_API};
	char *pages = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct uffdio_register range = {.range = {(unsigned long)pages, 8192}, .mode = UFFDIO_REGISTER_MODE_MISSING};
	pthread_t thread;
	char bytes[8] = "";

	make();
	if (faults < 0 || ioctl(faults, UFFDIO_API, &api) || ioctl(faults, UFFDIO_REGISTER, &range)) {
		say("no userfaultfd", 0);
		return;
	}
	pthread_create(&thread, NULL, fills, &faults);
	say("sent", send(pair[0], pages + 100, 4, 0));
	say("received", recv(pair[1], bytes, 4, 0));
	printf("%.4s\n", bytes);
	say("sent", send(pair[0], "abcd", 4, 0));
	say("received", recv(pair[1], pages + 4196, 4, 0));
	printf("%.6s\n", pages + 4195);
	pthread_join(thread, NULL);
}

/* Whatever lies beside what the shim has mapped: pages come and go, and their protection. */
static void neighbours(void)
{
	enum { PAGES = 400 };
	char *pages[PAGES];
	long sum = 0;

	make();
	exchange(1000);
	for (int round = 0; round < 5; round++) {
		for (int i = 0; i < PAGES; i++) {
			pages[i] = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
			pages[i][0] = (char)i;
			if (i % 3 == 0)
				mprotect(pages[i], 4096, PROT_NONE);
		}
		sum += exchange(2000);
		for (int i = 0; i < PAGES; i++)
			sum += munmap(pages[i], 4096);
		sum += exchange(2000);
	}
	say("sum", sum);
}

/* The parent's death is a signal that a child asked for. */
static void parent_dies(void)
{
	int heard[2];
	char byte;
	pid_t child;

	if (pipe(heard))
		return;
	make();
	fflush(stdout);
	if (fork() == 0) {
		child = fork();
		if (child == 0) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			close(heard[0]);
			exchange(100);
			write(heard[1], "r", 1);
			recv(pair[1], &byte, 1, 0);
			_exit(1);
		}
		close(heard[1]);
		read(heard[0], &byte, 1);
		_exit(3);
	}
	close(heard[1]);
	say("status", ended(-1));
	read(heard[0], &byte, 1);
	say("the pipe has ended", read(heard[0], &byte, 1));
}

/* Signals by the thousand from another process, restarting what they interrupt. */
static volatile long handled;
static void on_storm(int number) { handled++; }
static void storm(void)
{
	struct sigaction action = {.sa_handler = on_storm, .sa_flags = SA_RESTART};
	pid_t parent = getpid(), child;
	char byte = 0;
	long wrong = 0;

	sigaction(SIGUSR1, &action, NULL);
	make();
	fflush(stdout);
	child = fork();
	if (child == 0) {
		for (;;)
			if (kill(parent, SIGUSR1))
				_exit(0);
	}
	for (int i = 0; i < 40000 || handled < 1000; i++)
		wrong += send(pair[0], "x", 1, 0) != 1 || recv(pair[1], &byte, 1, 0) != 1;
	kill(child, SIGKILL);
	ended(child);
	say("wrong", wrong);
}

static const struct { const char *name; void (*run)(void); } cases[] = {
	{"subreaper", subreaper}, {"dumpable", not_dumpable}, {"privileges", no_new_privileges}, {"personality", other_personality}, {"users", users_and_threads},
	{"main", main_leaves}, {"daemon", daemonize}, {"twice", forks_twice}, {"ptrace", traces_child}, {"steps", steps_child}, {"advice", memory_advice}, {"faults", user_faults},
	{"neighbours", neighbours}, {"death", parent_dies}, {"storm", storm},
};

int main(int argc, char **argv)
{
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++)
		if (argc > 1 && !strcmp(argv[1], cases[i].name))
			cases[i].run();
	return 0;
}
