/*
 * limits.c CASE: programs that limit themselves, before their first socket (early) or after it, and go on: descriptors down to three, file sizes down
 * to nothing, a stack of 64 KB, locked memory, data, processes. Prints what they see; the same is expected without the shim.
 *   CASE  nofile | fsize | memlock | future | data | nproc | stack | fork   followed by "early" or "late"
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static int pair[2] = {-1, -1};
static volatile long signals;
static void on_signal(int number) { signals += number; }

static void limit(int resource, rlim_t value)
{
	struct rlimit both = {value, value};

	printf("limit %d\n", setrlimit(resource, &both));
}

/* Enough records for the spool to grow more than once. */
static void talk(const char *when, long rounds)
{
	char byte = 0;
	long sum = 0;

	for (long i = 0; i < rounds; i++)
		sum += send(pair[0], "x", 1, MSG_NOSIGNAL) + recv(pair[1], &byte, 1, 0);
	printf("%s: %ld\n", when, sum);
}

static void make(void)
{
	int result = socketpair(AF_UNIX, SOCK_STREAM, 0, pair);

	printf("pair %d: %d %d errno %d\n", result, pair[0], pair[1], result ? errno : 0);
}

/* Standard streams and nothing else; with sockets that are open beyond the limit already. */
static void nofile(void)
{
	struct pollfd waited;
	int refused = 0;

	limit(RLIMIT_NOFILE, 3);
	for (int i = 0; i < 20; i++)
		refused += socket(AF_INET, SOCK_STREAM, 0) < 0 && errno == EMFILE;
	printf("refused %d\n", refused);
	printf("pair %d errno %d\n", socketpair(AF_UNIX, SOCK_STREAM, 0, (int[2]){0}), errno);
	printf("dup %d errno %d\n", dup(1), errno);
	printf("open %d errno %d\n", open("/dev/null", O_RDONLY), errno);
	if (pair[0] < 0)
		return;
	waited = (struct pollfd){pair[0], POLLOUT, 0};
	printf("poll %d\n", poll(&waited, 1, 0));
	talk("open beyond the limit", 30000);
	printf("dup2 over %d errno %d\n", dup2(pair[0], pair[1]) >= 0, errno);
	printf("close %d %d\n", close(pair[0]), close(pair[1]));
}

/* Few descriptors, one of them free again after a while of none. */
static void few(void)
{
	struct rlimit soft;
	int fd, last = -1, refused = 0;

	getrlimit(RLIMIT_NOFILE, &soft);
	soft.rlim_cur = 8;
	setrlimit(RLIMIT_NOFILE, &soft);
	while ((fd = open("/dev/null", O_RDONLY)) >= 0)
		last = fd;
	for (int i = 0; i < 20; i++)
		refused += socket(AF_INET, SOCK_STREAM, 0) < 0 && errno == EMFILE;
	printf("refused %d\n", refused);
	close(last);
	close(last - 1);
	make();
	talk("two descriptors for two", 1000);
}

static void fsize(void)
{
	signal(SIGXFSZ, on_signal);
	limit(RLIMIT_FSIZE, 0);
}

static void memlock(int flags)
{
	struct rlimit before;
	void *page = mmap(NULL, 65536, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int result;

	limit(RLIMIT_MEMLOCK, 16 << 20);
	getrlimit(RLIMIT_MEMLOCK, &before);
	result = mlockall(flags);
	printf("mlockall %d errno %d\n", result, result ? errno : 0);
	result = mlock(page, 65536);
	printf("mlock %d errno %d\n", result, result ? errno : 0);
	printf("8 MB more: %d\n", mmap(NULL, 8 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED);
}

static void deep(int levels)
{
	char frame[256];
	char byte = 0;

	memset(frame, levels, sizeof frame);
	if (levels)
		deep(levels - 1);
	else if (send(pair[0], frame, 1, 0) != 1 || recv(pair[1], &byte, 1, 0) != 1)
		puts("not on a deep stack");
	__asm__ volatile("" : : "r"(frame) : "memory");
}

static void children(void)
{
	int status;
	pid_t child = fork();

	if (child == 0) {
		make();
		talk("child", 20000);
		fflush(stdout);
		_exit(3);
	}
	printf("status %d\n", waitpid(child, &status, 0) == child ? status : -1);
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "nofile";
	int early = argc > 2 && !strcmp(argv[2], "early");

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (!early) {
		make();
		talk("before", 100);
	}
	if (argc > 3)
		printf("user %d\n", setgroups(0, NULL) + setgid((gid_t)atoi(argv[3])) + setuid((uid_t)atoi(argv[3])));
	if (!strcmp(what, "nofile")) {
		nofile();
		return 0;
	}
	if (!strcmp(what, "few")) {
		few();
		return 0;
	}
	if (!strcmp(what, "fsize"))
		fsize();
	if (!strcmp(what, "memlock"))
		memlock(MCL_CURRENT);
	if (!strcmp(what, "future"))
		memlock(MCL_CURRENT | MCL_FUTURE);
	if (!strcmp(what, "data"))
		limit(RLIMIT_DATA, 400 << 10);
	if (!strcmp(what, "nproc"))
		limit(RLIMIT_NPROC, 0);
	if (!strcmp(what, "stack"))
		limit(RLIMIT_STACK, 64 << 10);
	if (early)
		make();
	talk("after", 60000);
	deep(100);
	if (strcmp(what, "nproc") != 0)
		children();
	printf("signals %ld\n", signals);
	return 0;
}
