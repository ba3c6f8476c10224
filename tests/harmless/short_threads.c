/*
 * short_threads.c COUNT: a thread for each exchange, as a server may have one for each connection; of some (every third) a destructor sends, of every
 * twelfth nothing else does. Prints the sum of what arrived.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

static int pair[2];
static pthread_key_t key;
static long sum;

static void at_end(void *unused)
{
	char byte;

	sum += send(pair[0], "e", 1, 0) + recv(pair[1], &byte, 1, 0);
}

static void *exchange(void *number)
{
	char byte;

	if ((long)number % 3 == 0)
		pthread_setspecific(key, &key);
	if ((long)number % 12 != 0)
		sum += send(pair[0], "x", 1, 0) + recv(pair[1], &byte, 1, 0);
	if ((long)number % 5 == 0)
		pthread_exit(NULL);
	return NULL;
}

int main(int argc, char **argv)
{
	long count = argc > 1 ? atol(argv[1]) : 1000;

	pthread_key_create(&key, at_end);
	socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
	for (long i = 0; i < count; i++) {
		pthread_t thread;

		if (pthread_create(&thread, NULL, exchange, (void *)i) || pthread_join(thread, NULL))
			return 1;
	}
	printf("%ld\n", sum);
	return 0;
}
