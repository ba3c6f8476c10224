/*
 * signals.c: signals around calls: a storm of handlers that send and receive while the program does, a handler on the smallest signal
 * stack with a guard page below, SIGPIPE, EINTR with and without SA_RESTART, the masks and dispositions that /proc shows, a jump out of
 * a handler. Prints only what must be the same every time.
 * link: -Wl,-z,now
 */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <poll.h>
#include <ucontext.h>
#include <unistd.h>

static int pair[2], loop[2];
static volatile long handled, failed;

static void timer(int microseconds)
{
	struct itimerval value = {{0, microseconds}, {0, microseconds}};

	setitimer(ITIMER_REAL, &value, NULL);
}

static void handle(int number, void (*handler)(int), int flags)
{
	struct sigaction action = {.sa_handler = handler, .sa_flags = flags};

	sigemptyset(&action.sa_mask);
	sigaction(number, &action, NULL);
}

static void masks(const char *when)
{
	char line[256];
	FILE *file = fopen("/proc/self/status", "r");

	while (file && fgets(line, sizeof line, file))
		if (strncmp(line, "Sig", 3) == 0 && strncmp(line, "SigQ", 4) != 0)
			printf("%s %s", when, line);
	if (file)
		fclose(file);
}

static void on_storm(int number)
{
	char bytes[64];
	int saved = errno, s;

	handled++;
	if (send(loop[0], "abcdefgh", 8, MSG_DONTWAIT) != 8 || recv(loop[1], bytes, 64, MSG_DONTWAIT) != 8)
		failed++;
	if (handled % 16 == 0) {
		s = socket(AF_INET, SOCK_STREAM, 0);
		if (s < 0 || close(s) < 0)
			failed++;
	}
	errno = saved;
}

static void storm(void)
{
	char byte;
	long bad = 0;

	handle(SIGALRM, on_storm, SA_RESTART);
	timer(50);
	for (int i = 0; i < 60000; i++) {
		errno = 77;
		if (send(pair[0], "x", 1, 0) != 1 || recv(pair[1], &byte, 1, 0) != 1 || byte != 'x' || errno != 77)
			bad++;
		if (i % 100 == 0) {
			int s = socket(AF_UNIX, SOCK_DGRAM, 0);

			bad += s < 0 || close(s) < 0;
		}
	}
	timer(0);
	printf("storm: %ld bad, %ld failed in handlers, handled %s\n", bad, failed, handled > 20 ? "many" : "few");
}

static void on_small_stack(int number)
{
	char byte;
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t length = sizeof address;
	int s = socket(AF_INET, SOCK_STREAM, 0), c, a;

	send(pair[0], "x", 1, 0);
	recv(pair[1], &byte, 1, 0);
	bind(s, (void *)&address, sizeof address);
	listen(s, 1);
	getsockname(s, (void *)&address, &length);
	c = socket(AF_INET, SOCK_STREAM, 0);
	connect(c, (void *)&address, sizeof address);
	a = accept(s, NULL, NULL);
	close(a);
	close(c);
	close(s);
	handled++;
}

static void small_stack(size_t bytes)
{
	size_t room = (bytes + 4095) & ~(size_t)4095;
	char *low = mmap(NULL, room + 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	stack_t stack = {.ss_sp = low + 4096 + room - bytes, .ss_size = bytes};

	mprotect(low, 4096, PROT_NONE);
	/* Painted below what the stack was said to be: an overflow within the page is seen too. */
	memset(low + 4096, 0x5a, room);
	printf("sigaltstack %d\n", sigaltstack(&stack, NULL));
	handle(SIGUSR1, on_small_stack, SA_ONSTACK);
	handled = 0;
	raise(SIGUSR1);
	for (size_t i = 0; i < room - bytes; i++)
		if (low[4096 + i] != 0x5a) {
			printf("the stack ran over\n");
			break;
		}
	printf("on a small stack: %ld\n", handled);
	stack.ss_flags = SS_DISABLE;
	sigaltstack(&stack, NULL);
}

static void broken_pipe(void)
{
	int fds[2], status;

	for (int ignore = 0; ignore < 2; ignore++) {
		pid_t child = fork();

		if (child == 0) {
			socketpair(AF_UNIX, SOCK_STREAM, 0, fds);
			close(fds[1]);
			if (ignore)
				signal(SIGPIPE, SIG_IGN);
			_exit(write(fds[0], "x", 1) == -1 && errno == EPIPE ? 3 : 4);
		}
		waitpid(child, &status, 0);
		printf("SIGPIPE: signal %d status %d\n", WIFSIGNALED(status) ? WTERMSIG(status) : 0, WIFEXITED(status) ? WEXITSTATUS(status) : 0);
	}
}

static volatile int interrupted;
static void on_interrupt(int number)
{
	if (++interrupted == 3)
		send(loop[0], "z", 1, 0);
}

static void interruption(int flags)
{
	char byte;
	long n;
	int times = 0;
	struct pollfd poller = {loop[1], POLLIN, 0};

	interrupted = 0;
	handle(SIGALRM, on_interrupt, flags);
	timer(20000);
	while ((n = recv(loop[1], &byte, 1, 0)) < 0 && errno == EINTR)
		times++;
	timer(0);
	printf("recv with flags %x: interrupted %d, %ld\n", flags, times, n);
	interrupted = 0;
	times = 0;
	timer(20000);
	while ((n = poll(&poller, 1, -1)) < 0 && errno == EINTR)
		times++;
	timer(0);
	printf("poll: interrupted %d, %ld\n", times, n);
	recv(loop[1], &byte, 1, 0);
}

static sigjmp_buf out;
static void on_jump(int number) { siglongjmp(out, 1); }
static void jump(void)
{
	char byte;
	volatile int jumps = 0;

	handle(SIGALRM, on_jump, 0);
	for (int i = 0; i < 20; i++) {
		if (sigsetjmp(out, 1) == 0) {
			ualarm(3000, 0);
			recv(loop[1], &byte, 1, 0);
		} else {
			jumps++;
		}
		if (send(pair[0], "x", 1, 0) != 1 || recv(pair[1], &byte, 1, 0) != 1)
			puts("not afterwards");
	}
	printf("jumped %d\n", jumps);
}

static ucontext_t main_context, fibres[8];
static int finished;
static void fibre(int index)
{
	char byte;

	for (int i = 0; i < 50; i++) {
		send(pair[0], "f", 1, 0);
		swapcontext(&fibres[index], &main_context);
		recv(pair[1], &byte, 1, 0);
	}
	finished++;
}

static void fibre_switching(void)
{
	for (int i = 0; i < 8; i++) {
		char *stack = mmap(NULL, 12288, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		mprotect(stack, 4096, PROT_NONE);
		getcontext(&fibres[i]);
		fibres[i].uc_stack.ss_sp = stack + 4096;
		fibres[i].uc_stack.ss_size = 8192;
		fibres[i].uc_link = &main_context;
		makecontext(&fibres[i], (void (*)(void))fibre, 1, i);
	}
	for (int round = 0; round < 51; round++)
		for (int i = 0; i < 8; i++)
			swapcontext(&main_context, &fibres[i]);
	printf("fibres %d\n", finished);
}

static void blocked(void)
{
	sigset_t all, pending;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	raise(SIGUSR2);
	close(socket(AF_INET, SOCK_STREAM, 0));
	masks("blocked");
	sigpending(&pending);
	printf("pending %d\n", sigismember(&pending, SIGUSR2));
	signal(SIGUSR2, SIG_IGN);
	sigemptyset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
}

int main(int argc, char **argv)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	masks("start");
	if (argc > 1) {
		/* The first socket is made on the small stack. */
		small_stack(getauxval(AT_MINSIGSTKSZ) > 2048 ? getauxval(AT_MINSIGSTKSZ) + 512 : MINSIGSTKSZ);
		return 0;
	}
	socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
	socketpair(AF_UNIX, SOCK_STREAM, 0, loop);
	masks("with sockets");
	blocked();
	storm();
	small_stack(8192);
	small_stack(getauxval(AT_MINSIGSTKSZ) > 2048 ? getauxval(AT_MINSIGSTKSZ) + 512 : MINSIGSTKSZ);
	broken_pipe();
	interruption(0);
	interruption(SA_RESTART);
	jump();
	fibre_switching();
	masks("end");
	return 0;
}
