/*
 * talk.c [ROUNDS [USER [FIRST]]]: talks to itself over TCP and Unix sockets ROUNDS times and prints sums, for runs under limits: a full
 * disk, no /proc, few descriptors. With USER it becomes that user id on the way: after its first socket, or before it with FIRST.
 */
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static long sum, signals;
static void on_signal(int number) { signals += number; }

static void once(void)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t length = sizeof address;
	char bytes[32];
	int listener = socket(AF_INET, SOCK_STREAM, 0), client, server, fds[2];

	sum += bind(listener, (void *)&address, length) + listen(listener, 4) + getsockname(listener, (void *)&address, &length);
	client = socket(AF_INET, SOCK_STREAM, 0);
	sum += connect(client, (void *)&address, length);
	server = accept(listener, NULL, NULL);
	sum += listener + client + server;
	for (int i = 0; i < 50; i++)
		sum += send(client, "hello", 5, 0) + recv(server, bytes, 5, MSG_WAITALL);
	sum += close(listener) + close(client) + close(server);
	if (socketpair(AF_UNIX, SOCK_DGRAM, 0, fds) == 0) {
		for (int i = 0; i < 50; i++)
			sum += send(fds[0], "hello", 5, 0) + read(fds[1], bytes, sizeof bytes);
		sum += close(fds[0]) + close(fds[1]);
	}
}

int main(int argc, char **argv)
{
	int rounds = argc > 1 ? atoi(argv[1]) : 10, status = 0;
	int user = argc > 2 ? atoi(argv[2]) : 0;
	pid_t child;

	signal(SIGXFSZ, on_signal);
	signal(SIGCHLD, on_signal);
	if (argc <= 3)
		once();
	if (user)
		sum += setgid((gid_t)user) + setuid((uid_t)user);
	for (int i = 0; i < rounds; i++)
		once();
	printf("sum %ld, signals %ld\n", sum, signals);
	fflush(stdout);
	child = fork();
	if (child == 0) {
		once();
		_exit(3);
	}
	waitpid(child, &status, 0);
	printf("child %d, signals %ld, another %d\n", status, signals, (int)wait(NULL));
	return 0;
}
