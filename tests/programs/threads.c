/*
 * threads.c: eight threads open, use, duplicate and close sockets at once, so that numbers are reused under each other's hands. Each
 * checks that what it wrote is what it reads. Its timeline is compared with the kernel's.
 */
#include "program.h"

#define ROUNDS 60

static void *work(void *index)
{
	char text[32], buffer[32];
	long bad = 0;

	for (int round = 0; round < ROUNDS; round++) {
		int ends[2], copy, length;

		if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends))
			return (void *)-1L;
		copy = dup(ends[0]);
		length = snprintf(text, sizeof(text), "%ld %d", (long)index, round);
		bad += write(copy, text, length) != length;
		bad += close(copy) != 0;
		bad += recv(ends[1], buffer, sizeof(buffer), 0) != length || memcmp(buffer, text, length);
		if (round % 3 == 0)
			bad += dup2(ends[0], ends[1]) != ends[1];
		bad += close(ends[0]) != 0;
		bad += close(ends[1]) != 0;
	}
	return (void *)bad;
}

int main(void)
{
	pthread_t threads[8];
	void *bad;

	for (long i = 0; i < 8; i++)
		pthread_create(&threads[i], NULL, work, (void *)i);
	for (long i = 0; i < 8; i++) {
		pthread_join(threads[i], &bad);
		SHOW((long)bad);
	}
	show_open_descriptors();
	return 0;
}
