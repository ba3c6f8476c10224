/*
 * libc_threads.c timer|queue|resolver|read|list own|network|shared: libc starts a thread by itself, for one that has descriptors of its own, is in another
 * network namespace (77 where that is not allowed), or shares all with its process. Exits with 0 when that thread did its work.
 */
#include <aio.h>
#include <errno.h>
#include <mqueue.h>
#include <netdb.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static int done;

static void notified(union sigval value)
{
	(void)value;
	__atomic_store_n(&done, 1, __ATOMIC_RELEASE);
}

static int waited(void)
{
	for (int i = 0; i < 5000 && !__atomic_load_n(&done, __ATOMIC_ACQUIRE); i++)
		usleep(1000);
	return !__atomic_load_n(&done, __ATOMIC_ACQUIRE);
}

static int by_timer(void)
{
	struct sigevent event = {.sigev_notify = SIGEV_THREAD, .sigev_notify_function = notified};
	struct itimerspec soon = {.it_value.tv_nsec = 1000000};
	timer_t timer;

	return timer_create(CLOCK_MONOTONIC, &event, &timer) || timer_settime(timer, 0, &soon, NULL) || waited();
}

static int by_queue(void)
{
	struct sigevent event = {.sigev_notify = SIGEV_THREAD, .sigev_notify_function = notified};
	char name[40];
	mqd_t queue;

	snprintf(name, sizeof name, "/socklife-%d", getpid());
	queue = mq_open(name, O_CREAT | O_RDWR, 0600, NULL);
	mq_unlink(name);
	return mq_notify(queue, &event) || mq_send(queue, "x", 1, 0) || waited();
}

static int by_resolver(void)
{
	struct gaicb request = {.ar_name = "127.0.0.1"}, *list[] = {&request};

	return getaddrinfo_a(GAI_WAIT, list, 1, NULL) || gai_error(&request) || !request.ar_result;
}

static int transferred(int as_list)
{
	struct aiocb block = {.aio_buf = (char[8]){0}, .aio_nbytes = 8, .aio_lio_opcode = LIO_READ};
	struct aiocb *list[] = {&block};
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) || write(ends[1], "12345", 5) != 5)
		return 1;
	block.aio_fildes = ends[0];
	if (as_list ? lio_listio(LIO_WAIT, list, 1, NULL) : aio_read(&block))
		return 1;
	while (aio_error(&block) == EINPROGRESS)
		usleep(1000);
	return aio_return(&block) != 5;
}

static int by_reading(void)
{
	return transferred(0);
}

static int by_list(void)
{
	return transferred(1);
}

static const struct {
	const char *name;
	int (*work)(void);
} ways[] = {{"timer", by_timer}, {"queue", by_queue}, {"resolver", by_resolver}, {"read", by_reading}, {"list", by_list}};

static char **given;

static int leave(void)
{
	return !strcmp(given[2], "own") ? unshare(CLONE_FILES) : !strcmp(given[2], "network") ? unshare(CLONE_NEWNET) : 0;
}

static void *thread(void *status)
{
	socket(AF_INET, SOCK_STREAM, 0);
	if (leave()) {
		*(int *)status = errno == EPERM ? 77 : 1;
		return NULL;
	}
	for (size_t i = 0; i < sizeof ways / sizeof *ways; i++)
		if (!strcmp(given[1], ways[i].name))
			*(int *)status = ways[i].work();
	return NULL;
}

int main(int count, char **arguments)
{
	pthread_t other;
	int status = 2;

	if (count < 3)
		return 2;
	given = arguments;
	pthread_create(&other, NULL, thread, &status);
	pthread_join(other, NULL);
	return status;
}
