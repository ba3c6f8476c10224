/*
 * waits_many.c: waits on many sockets, a few of which are ready; numbers across the words of a select's sets, and beside a pipe that is ready as well.
 *
 * found: poll 100:IN 140:IN,HUP 200:OUT
 * found: poll 100:IN 140:IN,HUP
 * found: select 100:IN 140:IN 200:OUT
 * found: pselect 100:IN
 * found: select 140:IN 200:IN,OUT
 * found: select 140:IN 200:IN
 */
#include "program.h"

static void at(int *end, int number)
{
	SHOW(dup2(*end, number));
	SHOW(close(*end));
	*end = number;
}

int main(void)
{
	int ends[40][2], pipe_ends[2], fds = 0;
	struct pollfd set[81] = { 0 };
	struct timespec none = { 0, 0 };
	struct timeval zero = { 0, 0 };
	fd_set readable, writable, exceptional;

	SHOW(pipe(pipe_ends));
	SHOW(write(pipe_ends[1], "x", 1));
	for (int i = 0; i < 40; i++)
		SHOW(socketpair(AF_UNIX, SOCK_STREAM, 0, ends[i]));
	at(&ends[2][1], 100);
	at(&ends[30][1], 140);
	at(&ends[31][0], 200);
	SHOW(write(ends[2][0], "x", 1));
	SHOW(close(ends[30][0]));
	for (int i = 0; i < 40; i++)
		for (int end = 0; end < 2; end++)
			if (i != 30 || end)
				set[fds++] = (struct pollfd){ ends[i][end], ends[i][end] == 200 ? POLLIN | POLLOUT : POLLIN, 0 };
	set[fds++] = (struct pollfd){ pipe_ends[0], POLLIN, 0 };
	SHOW(poll(set, fds, 0));
	for (int i = 0; i < fds; i++)
		set[i].events = POLLIN;
	SHOW(poll(set, fds, 0));
	for (int turn = 0; turn < 3; turn++) {
		FD_ZERO(&readable);
		FD_ZERO(&writable);
		FD_ZERO(&exceptional);
		FD_SET(pipe_ends[0], &readable);
		for (int i = 0; i < 40; i++)
			for (int end = 0; end < 2; end++)
				if (i != 30 || end)
					FD_SET(ends[i][end], &readable), FD_SET(ends[i][end], &exceptional);
		FD_SET(200, &writable);
		if (turn == 2)
			SHOW(write(ends[31][1], "x", 1));
		if (turn == 1)
			SHOW(pselect(140, &readable, NULL, &exceptional, &none, NULL)); /* 140 itself is not waited for */
		else
			SHOW(select(201, &readable, &writable, turn ? NULL : &exceptional, &zero));
		if (turn == 1)
			SHOW(read(100, &(char){ 0 }, 1));
	}
	SHOW(select(201, &readable, NULL, NULL, &zero) > 0);
	show_open_descriptors();
	return 0;
}
