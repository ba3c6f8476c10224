/*
 * numbers.c: a descriptor's number that has become another socket's while one thread still means the old one. No call fails, so that
 * only who used what tells it; each repaired program gives the same number from one socket to the next as well, but with all threads knowing.
 */
#include "faults.h"

static struct sockaddr_in first_address;
static volatile int number = -1;
static volatile bool stop;

/* Greets whoever connects, and reads to the end. */
static void *serve(void *listener)
{
	for (;;) {
		int fd = accept4(*(int *)listener, NULL, NULL, SOCK_CLOEXEC);

		if (fd < 0)
			return NULL;
		say(fd, "welcome");
		drain(fd);
	}
}

/* A process that serves two addresses: first_address, and the one in `address`. */
static pid_t server(void)
{
	int first = listening(4), second;
	pthread_t thread;
	pid_t pid;

	first_address = address;
	second = listening(4);
	pid = fork();
	if (!pid) {
		pthread_create(&thread, NULL, serve, &first);
		serve(&second);
		_exit(0);
	}
	close(first);
	close(second);
	return pid;
}

static void end(pid_t pid)
{
	usleep(50 * MS);
	kill(pid, SIGTERM);
	wait_for(pid);
}

static void *beat(void *unused)
{
	while (!stop) {
		if (number >= 0)
			say(number, "beat");
		usleep(20 * MS);
	}
	return NULL;
}

/* The connection of the heartbeat is closed, and its number taken by one that is this thread's own. */
static void stale_sender(bool bad)
{
	pid_t pid = server();
	pthread_t thread;
	int fd = connected();

	if (!bad)
		hear(fd);
	number = fd;
	pthread_create(&thread, NULL, beat, NULL);
	usleep(70 * MS);
	if (!bad) {
		number = -1; /* the other one knows, and goes on with the new connection when it is greeted */
		usleep(50 * MS);
	}
	close(fd);
	fd = connected();
	hear(fd);
	if (!bad)
		number = fd;
	for (int i = 0; i < 3; i++) {
		if (bad)
			say(fd, "a letter");
		usleep(30 * MS);
	}
	stop = true;
	pthread_join(thread, NULL);
	close(fd);
	end(pid);
}

/* The same, but this thread has used the old connection too; the new one leads elsewhere. Repaired: it leads to the same place. */
static void stale_sender_elsewhere(bool bad)
{
	pid_t pid = server();
	pthread_t thread;
	int fd = connected();

	hear(fd);
	say(fd, "hello");
	number = fd;
	pthread_create(&thread, NULL, beat, NULL);
	usleep(70 * MS);
	if (!bad) {
		number = -1;
		usleep(50 * MS);
	}
	close(fd);
	if (bad)
		address = first_address;
	fd = connected();
	hear(fd);
	say(fd, "hello");
	number = fd;
	usleep(70 * MS);
	say(fd, "bye");
	stop = true;
	pthread_join(thread, NULL);
	close(fd);
	end(pid);
}

static void *hear_twice(void *unused)
{
	hear(number);
	while (stop)
		usleep(MS);
	hear(number);
	return NULL;
}

static void *say_late(void *fd)
{
	for (int i = 0; i < 2; i++) {
		usleep(100 * MS);
		say(*(int *)fd, "for whom?");
	}
	return NULL;
}

/*
 * A thread waits for words of a connection that is closed meanwhile; then it takes those of the next one, for which this thread waits. Repaired: it
 * gets both connections from this thread, which takes the second one back.
 */
static void stale_reader(bool bad)
{
	int listener = listening(4), fd = connected(), other = accept4(listener, NULL, NULL, SOCK_CLOEXEC), next;
	pthread_t reader, sayer;

	number = fd;
	stop = !bad;
	pthread_create(&reader, NULL, hear_twice, NULL);
	usleep(50 * MS);
	if (!bad) {
		say(other, "in time");
		usleep(50 * MS);
	}
	close(fd);
	fd = connected();
	next = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	stop = false;
	if (bad)
		say(other, "too late");
	usleep(50 * MS);
	pthread_create(&sayer, NULL, say_late, &next);
	if (!bad)
		pthread_join(reader, NULL);
	hear(fd);
	if (bad)
		pthread_join(reader, NULL);
	pthread_join(sayer, NULL);
	close(fd);
	close(next);
	close(other);
	close(listener);
}

static void *own(void *unused)
{
	int fd = connected();

	number = fd;
	hear(fd);
	for (int i = 0; i < 3; i++) {
		send(fd, "words", 5, MSG_NOSIGNAL);
		usleep(40 * MS);
	}
	if (!stop)
		close(fd);
	return NULL;
}

/* This thread's connection is closed twice; the second time it is another thread's, which goes on sending. Repaired: it was given to this thread. */
static void double_close_used(bool bad)
{
	pid_t pid = server();
	pthread_t thread;
	int fd = connected();

	hear(fd);
	say(fd, "mine");
	close(fd);
	stop = !bad;
	pthread_create(&thread, NULL, own, NULL);
	usleep(60 * MS);
	if (!bad) {
		pthread_join(thread, NULL);
		fd = number;
	}
	close(fd);
	if (bad)
		pthread_join(thread, NULL);
	end(pid);
}

static void *own_and_wait(void *unused)
{
	int fd = connected();

	number = fd;
	hear(fd);
	hear(fd);
	if (!stop)
		close(fd);
	return NULL;
}

/* The same while the other thread waits for an answer, and is not woken. Repaired: the close was that thread's own. */
static void double_close_waiting(bool bad)
{
	pid_t pid = server();
	pthread_t thread;
	int fd = connected();

	hear(fd);
	say(fd, "mine");
	close(fd);
	stop = bad;
	pthread_create(&thread, NULL, own_and_wait, NULL);
	usleep(60 * MS);
	if (bad) {
		close(fd);
		usleep(250 * MS);
	}
	kill(pid, SIGTERM);
	wait_for(pid);
	pthread_join(thread, NULL);
	usleep(250 * MS);
}

static void *close_it(void *fd)
{
	say(*(int *)fd, "bye");
	close(*(int *)fd);
	return NULL;
}

/* A connection is closed by the thread that it was given to, and once more by this one, which has used it: by then it is a third one's. */
static void double_close_of_two(bool bad)
{
	pid_t pid = server();
	pthread_t thread;
	int fd = connected();

	hear(fd);
	pthread_create(&thread, NULL, close_it, &fd);
	pthread_join(thread, NULL);
	pthread_create(&thread, NULL, own, NULL);
	usleep(60 * MS);
	if (bad)
		close(fd);
	pthread_join(thread, NULL);
	end(pid);
}

static const struct fault faults[] = {
	{"stale_sender", "USE_AFTER_CLOSE", stale_sender},
	{"stale_sender_elsewhere", "USE_AFTER_CLOSE", stale_sender_elsewhere},
	{"stale_reader", "USE_AFTER_CLOSE", stale_reader},
	{"double_close_used", "DOUBLE_CLOSE", double_close_used},
	{"double_close_waiting", "DOUBLE_CLOSE", double_close_waiting},
	{"double_close_of_two", "DOUBLE_CLOSE", double_close_of_two},
};

int main(int argc, char **argv)
{
	return run_fault(faults, sizeof faults / sizeof *faults, argc, argv);
}
