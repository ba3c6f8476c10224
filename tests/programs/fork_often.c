/*
 * fork_often.c [CHILDREN]: a listener, and children one after another that have it and never use it.
 *
 * lifecycle: listener tcp closed close sent 0 received 0: socket bind listen getsockname close
 */
#include "program.h"

int main(int argc, char **argv)
{
	int children = argc > 1 ? atoi(argv[1]) : 5, ended = 0;
	struct sockaddr_in address;
	int fd = listener(&address);

	for (int i = 0; i < children; i++) {
		int status;
		pid_t child = fork();

		if (child == 0)
			_exit(3);
		ended += waitpid(child, &status, 0) == child && WEXITSTATUS(status) == 3;
	}
	printf("%s\n", ended == children ? "all of them" : "not all of them");
	SHOW(close(fd));
	show_open_descriptors();
	return 0;
}
