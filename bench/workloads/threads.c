/*
 * threads.c CALLS [THREADS]: each thread sends to itself over a Unix stream pair of its own, CALLS calls in all. What the threads have
 * in common is the tracer: a word it writes for every call costs a cache line that travels.
 */
#include "bench/workloads/measure.h"

#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

struct worker {
	pthread_t thread;
	uint64_t rounds;
	int fds[2];
};

static pthread_barrier_t gate;
static unsigned arrived; /* workers that stand at the gate, so that none has begun when the clock starts */

static void *work(void *argument)
{
	struct worker *worker = argument;
	char buffer[64] = {0};

	__atomic_fetch_add(&arrived, 1, __ATOMIC_RELEASE);
	pthread_barrier_wait(&gate);
	for (uint64_t i = 0; i < worker->rounds; i++) {
		CHECK(send(worker->fds[0], buffer, sizeof buffer, 0) == sizeof buffer);
		CHECK(recv(worker->fds[1], buffer, sizeof buffer, 0) == sizeof buffer);
	}
	pthread_barrier_wait(&gate);
	return NULL;
}

int main(int argc, char **argv)
{
	uint64_t calls = measure_argument(argc, argv, 1, 400000);
	unsigned count = (unsigned)measure_argument(argc, argv, 2, 8);
	struct worker *workers = calloc(count, sizeof *workers);
	uint64_t rounds = calls / 2 / count;

	CHECK(workers && count);
	pthread_barrier_init(&gate, NULL, count + 1);
	for (unsigned i = 0; i < count; i++) {
		workers[i].rounds = rounds;
		CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, workers[i].fds) == 0);
		CHECK(pthread_create(&workers[i].thread, NULL, work, &workers[i]) == 0);
	}
	measure_made("socketpair", count);
	while (__atomic_load_n(&arrived, __ATOMIC_ACQUIRE) < count)
		usleep(100);
	measure_start();
	pthread_barrier_wait(&gate);
	pthread_barrier_wait(&gate);
	measure_stop();
	for (unsigned i = 0; i < count; i++) {
		pthread_join(workers[i].thread, NULL);
		close(workers[i].fds[0]);
		close(workers[i].fds[1]);
	}
	measure_made("send", rounds * count);
	measure_made("recv", rounds * count);
	measure_made("close", 2 * count);
	return measure_report(2 * rounds * count);
}
