/*
 * dup_race.c [ROUNDS]: a thread duplicates over the number of a socket, while another closes that number, or duplicates something else over it. Afterwards the number is
 * closed, a file's or a socket's: then a file is read there, or a byte is sent to it. With an argument it tells how often (test_races.py).
 */
#include "program.h"
#include <sys/stat.h>

#define NUMBER 50

static int rounds = 60, lasting[2], file;
static pthread_barrier_t start, end;
static enum { SOCKET_CLOSED, FILE_CLOSED, SOCKET_FILE, PHASES } phase;

static void *other(void *nothing)
{
	for (int i = 0; i < PHASES * rounds; i++) {
		pthread_barrier_wait(&start);
		if (phase == SOCKET_FILE)
			dup2(file, NUMBER);
		else
			close(NUMBER);
		pthread_barrier_wait(&end);
	}
	return nothing;
}

int main(int argc, char **argv)
{
	unsigned long reads = 0, writes = 0;
	int victim[2];
	pthread_t thread;

	if (argc > 1)
		rounds = atoi(argv[1]);
	pthread_barrier_init(&start, NULL, 2);
	pthread_barrier_init(&end, NULL, 2);
	file = open("/dev/zero", O_RDONLY);
	if (file < 0 || socketpair(AF_UNIX, SOCK_DGRAM, 0, lasting))
		return 1;
	pthread_create(&thread, NULL, other, NULL);
	for (phase = 0; phase < PHASES; phase++) {
		for (int i = 0; i < rounds; i++) {
			struct stat status;
			char byte;

			if (socketpair(AF_UNIX, SOCK_DGRAM, 0, victim) || dup2(victim[0], NUMBER) != NUMBER)
				abort();
			close(victim[0]);
			close(victim[1]);
			pthread_barrier_wait(&start);
			if (dup2(phase == FILE_CLOSED ? file : lasting[0], NUMBER) != NUMBER)
				abort();
			pthread_barrier_wait(&end);
			if (fstat(NUMBER, &status))
				fcntl(file, F_DUPFD, NUMBER);
			if (fstat(NUMBER, &status) == 0 && S_ISSOCK(status.st_mode)) {
				if (write(NUMBER, "x", 1) != 1 || recv(lasting[1], &byte, 1, 0) != 1)
					abort();
				writes++;
			} else {
				if (read(NUMBER, &byte, 1) != 1)
					abort();
				reads++;
			}
			close(NUMBER);
		}
	}
	pthread_join(thread, NULL);
	if (argc > 1)
		printf("write %lu read %lu\n", writes, reads);
	return 0;
}
