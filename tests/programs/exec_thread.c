/*
 * exec_thread.c: a thread other than the first executes a new image while the others are in calls on sockets: those calls never return, and the
 * new image has the process's id.
 *
 * lifecycle: pair unix closed close sent 1 received 0: socketpair read write close
 * lifecycle: pair unix closed close sent 0 received 1: read close
 */
#include "program.h"

static int ends[2];

static void *waits(void *unused)
{
	char byte;

	read(ends[0], &byte, 1);
	return NULL;
}

static void *executes(void *given)
{
	char one[16], two[16];

	snprintf(one, sizeof(one), "%d", ends[0]);
	snprintf(two, sizeof(two), "%d", ends[1]);
	usleep(50000);
	execle("/proc/self/exe", "exec_thread", one, two, (char *)NULL, (char *[]){ NULL });
	return NULL;
}

int main(int argc, char **argv)
{
	pthread_t one, two;
	char byte;

	if (argc == 3) {
		SHOW(write(atoi(argv[1]), "x", 1));
		SHOW(read(atoi(argv[2]), &byte, 1));
		SHOW(close(atoi(argv[1])));
		SHOW(close(atoi(argv[2])));
		show_open_descriptors();
		return 17;
	}
	SHOW(socketpair(AF_UNIX, SOCK_STREAM, 0, ends));
	pthread_create(&one, NULL, waits, NULL);
	pthread_create(&two, NULL, executes, NULL);
	pthread_join(one, NULL);
	return 1;
}
