/*
 * descriptors.c: programs that care about descriptor numbers: closing everything, duplicating over everything, expecting the lowest
 * free number, listing /proc/self/fd and /proc/self/task. Prints what it finds; the same is expected without the shim.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static void list(const char *what)
{
	char path[64], target[256];
	int from = dup(1), fd = open("/proc/self/fd", O_RDONLY | O_DIRECTORY);
	DIR *directory = fdopendir(fd);
	int numbers[256], count = 0;

	for (struct dirent *entry; directory && (entry = readdir(directory)); )
		if (entry->d_name[0] != '.' && count < 256)
			numbers[count++] = atoi(entry->d_name);
	for (int i = 0; i < count; i++) {
		long n;

		snprintf(path, sizeof path, "/proc/self/fd/%d", numbers[i]);
		n = readlink(path, target, sizeof target - 1);
		target[n > 0 ? n : 0] = 0;
		if (strchr(target, '['))
			*strchr(target, '[') = 0;
		if (numbers[i] > 2)
			printf("%s: %d %s\n", what, numbers[i], strncmp(target, "/proc", 5) == 0 ? "proc" : target);
	}
	closedir(directory);
	close(from);
}

static int tasks(void)
{
	DIR *directory = opendir("/proc/self/task");
	int count = 0;

	while (directory && readdir(directory))
		count++;
	closedir(directory);
	return count - 2;
}

static int talk(void)
{
	int fds[2];
	char byte = 0;
	long n;

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, fds) < 0)
		return -errno;
	n = send(fds[0], "y", 1, 0) + recv(fds[1], &byte, 1, 0);
	printf("pair %d %d: %ld %c\n", fds[0], fds[1], n, byte);
	close(fds[0]);
	close(fds[1]);
	return 0;
}

static void closefrom_3(void) { closefrom(3); }
static void close_range_all(void) { printf("close_range %d\n", close_range(3, ~0U, 0)); }
static void close_range_unshare(void) { printf("close_range %d\n", close_range(3, ~0U, 2)); }
static void close_range_cloexec(void) { printf("close_range %d\n", close_range(3, ~0U, 4)); }
static void close_range_syscall(void) { printf("close_range %ld\n", syscall(SYS_close_range, 3, ~0U, 0)); }
static void close_loop(void)
{
	int closed = 0;

	for (int fd = 3; fd < 65536; fd++)
		closed += close(fd) == 0;
	printf("closed %d\n", closed);
}
static void dup2_over_all(void)
{
	int null = open("/dev/null", O_RDWR), good = 0;

	for (int fd = 3; fd < 1100; fd++)
		good += fd != null && dup2(null, fd) == fd;
	printf("duplicated over %d\n", good);
	closefrom(3);
}
static void socket_over_all(void)
{
	int s = socket(AF_INET, SOCK_STREAM, 0), good = 0;

	for (int fd = 3; fd < 1100; fd++)
		good += fd != s && dup2(s, fd) == fd;
	printf("duplicated over %d\n", good);
	closefrom(3);
}
static void lowest_free(void)
{
	for (int i = 0; i < 40; i++)
		printf("%d ", socket(i % 2 ? AF_INET : AF_UNIX, i % 3 ? SOCK_STREAM : SOCK_DGRAM, 0));
	for (int i = 5; i < 40; i += 7)
		close(i);
	for (int i = 0; i < 10; i++)
		printf("%d ", i % 2 ? epoll_create1(0) : socket(AF_INET, SOCK_DGRAM, 0));
	puts("");
	closefrom(3);
}
static void one_left(void)
{
	struct rlimit limit;
	int fd, count = 0, first, second;

	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = 64;
	setrlimit(RLIMIT_NOFILE, &limit);
	while ((fd = open("/dev/null", O_RDONLY)) >= 0)
		count++;
	printf("%d files, then errno %d\n", count, errno);
	close(40);
	first = socket(AF_INET, SOCK_STREAM, 0);
	second = socket(AF_INET, SOCK_STREAM, 0);
	printf("in the only free number: %d, then %d errno %d\n", first, second, errno);
	printf("send %ld errno %d\n", send(40, "x", 1, MSG_NOSIGNAL), errno);
	closefrom(3);
}
static void high_numbers(void)
{
	struct rlimit limit;
	int s = socket(AF_INET, SOCK_STREAM, 0);

	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
	printf("%d\n", dup2(s, 19999) > 0 || errno == EBADF);
	printf("send errno %d\n", send(19999, "x", 1, MSG_NOSIGNAL) < 0 ? errno : 0);
	closefrom(3);
}
static void nothing(void) { }
static void children(void)
{
	int status, before = 0;
	pid_t child = fork();

	if (child == 0) {
		talk();
		fflush(stdout);
		_exit(7);
	}
	printf("wait %d", waitpid(-1, &status, 0) == child);
	printf(" status %d", WEXITSTATUS(status));
	/* No helper process of the shim may be ours to wait for. */
	printf(" then %d errno %d, %d\n", waitpid(-1, &status, 0), errno, before);
}

static const struct { const char *name; void (*run)(void); } steps[] = {
	{"nothing", nothing}, {"closefrom", closefrom_3}, {"close_range", close_range_all}, {"close_range unshare", close_range_unshare},
	{"close_range cloexec", close_range_cloexec}, {"close_range syscall", close_range_syscall}, {"close loop", close_loop}, {"dup2 over all", dup2_over_all},
	{"a socket over all", socket_over_all}, {"lowest free", lowest_free}, {"one left", one_left}, {"high numbers", high_numbers}, {"children", children},
};

static volatile sig_atomic_t child_signals;
static void on_child(int number) { child_signals++; }

int main(void)
{
	struct sigaction action = {.sa_handler = on_child};

	setvbuf(stdout, NULL, _IOLBF, 0);
	sigaction(SIGCHLD, &action, NULL);
	for (unsigned i = 0; i < sizeof steps / sizeof *steps; i++) {
		for (int before = 0; before < 3; before++) {
			/* Before any socket; with one open; after one was closed. */
			pid_t child = fork();

			if (child == 0) {
				printf("%s, %d:\n", steps[i].name, before);
				if (before == 1)
					socket(AF_INET, SOCK_STREAM, 0);
				if (before == 2)
					talk();
				steps[i].run();
				talk();
				list("open");
				printf("tasks %d, SIGCHLD %d\n", tasks(), (int)child_signals);
				fflush(stdout);
				_exit(0);
			}
			waitpid(child, NULL, 0);
			child_signals = 0;
		}
	}
	return 0;
}
