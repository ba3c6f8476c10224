/*
 * signals.c: a handler that sends while its thread is inside recv; EINTR with and without SA_RESTART; SIGPIPE; a handler on a small stack.
 */
#include "program.h"

static int ends[2], handled;

static void on_alarm(int number)
{
	int kept = errno;

	handled++;
	if (handled == 3)
		send(ends[0], "woken", 5, 0);
	errno = kept;
}

static void on_pipe(int number)
{
	static const char text[] = "SIGPIPE\n";

	write(1, text, sizeof(text) - 1);
}

static void tick(int milliseconds)
{
	struct timespec pause = { 0, milliseconds * 1000000 };

	nanosleep(&pause, NULL);
}

static void *pester(void *thread)
{
	while (handled < 3) {
		tick(30);
		pthread_kill((pthread_t)(uintptr_t)thread, SIGUSR1);
	}
	return NULL;
}

int main(void)
{
	static char small[8192];
	stack_t stack = { .ss_sp = small, .ss_size = sizeof(small) };
	struct sigaction action = { .sa_handler = on_alarm, .sa_flags = SA_RESTART | SA_ONSTACK };
	struct timeval limit = { 0, 20000 };
	pthread_t thread;
	char buffer[16];

	SHOW(socketpair(AF_UNIX, SOCK_STREAM, 0, ends));
	SHOW(sigaltstack(&stack, NULL));
	sigaction(SIGUSR1, &action, NULL);
	pthread_create(&thread, NULL, pester, (void *)(uintptr_t)pthread_self());
	SHOW(recv(ends[1], buffer, sizeof(buffer), 0));     /* restarted until the handler sends */
	pthread_join(thread, NULL);

	handled = 0;
	action.sa_flags = 0;
	sigaction(SIGUSR1, &action, NULL);
	pthread_create(&thread, NULL, pester, (void *)(uintptr_t)pthread_self());
	SHOW(recv(ends[1], buffer, sizeof(buffer), 0));     /* broken off */
	while (handled < 3)
		tick(10);
	pthread_join(thread, NULL);
	SHOW(recv(ends[1], buffer, sizeof(buffer), MSG_DONTWAIT));

	SHOW(setsockopt(ends[1], SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)));
	SHOW(recv(ends[1], buffer, sizeof(buffer), 0));
	action.sa_handler = on_pipe;
	sigaction(SIGPIPE, &action, NULL);
	SHOW(close(ends[1]));
	SHOW(write(ends[0], "x", 1));
	SHOW(send(ends[0], "x", 1, MSG_NOSIGNAL));
	SHOW(close(ends[0]));
	show_open_descriptors();
	return 0;
}
