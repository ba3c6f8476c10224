/*
 * unmapped.c [addresses]: receives datagrams with an address pointer to memory that was good a call ago and is gone now, which is legal when the program
 * says that there is no room at it; and with bad pointers to what says so. The room stands on the stack, in the program's data, on the heap, in
 * mapped memory; in the main thread, another one, a fibre. And sets that are shorter than a select says, which ends with what is mapped. Each case prints what the kernel answered; the same is expected with the shim.
 * With `addresses`: the same places with room, for a trace that must have each sender.
 */
#include <errno.h>
#include <limits.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

static int receiver, sender;
static int with_room;
static char bytes[64];
static struct iovec vector = {bytes, sizeof bytes};

/* What a case passes besides the address. */
struct given {
	socklen_t length;
	struct msghdr message;
	struct mmsghdr messages[2];
};
static struct given in_data;

static void *map(size_t size)
{
	return mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

static void datagram(void)
{
	if (send(sender, "0123456789", 10, 0) != 10)
		abort();
}

static void say(const char *where, const char *call, long result, unsigned length)
{
	printf("%s %s: %ld errno %d, length %u\n", where, call, result, result < 0 ? errno : 0, length);
}

/* One datagram each by recvfrom, recvmsg, recvmmsg; `gone`: unmaps the address between a good call and one without room. */
static void receive(const char *where, struct given *given)
{
	const socklen_t enough = sizeof(struct sockaddr_in);

	for (int call = 0; call < 3; call++) {
		struct sockaddr_in *address = map(4096);

		for (int gone = 0; gone <= !with_room; gone++) {
			socklen_t room = gone ? 0 : enough;
			long result;

			if (gone)
				munmap(address, 4096);
			datagram();
			given->length = room;
			given->message = (struct msghdr){.msg_name = address, .msg_namelen = room, .msg_iov = &vector, .msg_iovlen = 1};
			given->messages[0].msg_hdr = given->messages[1].msg_hdr = given->message;
			result = call == 0 ? recvfrom(receiver, bytes, sizeof bytes, 0, (void *)address, &given->length)
				: call == 1 ? recvmsg(receiver, &given->message, 0) : recvmmsg(receiver, given->messages, 2, MSG_DONTWAIT, NULL);
			say(where, call == 0 ? "recvfrom" : call == 1 ? "recvmsg" : "recvmmsg", result,
				call == 0 ? given->length : call == 1 ? given->message.msg_namelen : given->messages[0].msg_hdr.msg_namelen);
		}
		if (with_room)
			munmap(address, 4096);
	}
}

static void on_stack(const char *where)
{
	struct given given;

	receive(where, &given);
}

static void *in_thread(void *where)
{
	on_stack(where);
	return NULL;
}

/* A fibre whose stack ends where nothing is mapped: what lies above its frame need not be there. */
static ucontext_t main_context, fibre_context;
static char *fibre_stack;
static void in_fibre(void)
{
	char *beyond = fibre_stack + 65536;

	on_stack("stack of a fibre");
	datagram();
	say("above a fibre's stack", "recvfrom", recvfrom(receiver, bytes, sizeof bytes, 0, (void *)beyond, (void *)(beyond + 64)), 0);
	say("above a fibre's stack", "recvmsg", recvmsg(receiver, (void *)beyond, MSG_DONTWAIT), 0);
	say("above a fibre's stack", "recvmmsg", recvmmsg(receiver, (void *)beyond, 2, MSG_DONTWAIT, NULL), 0);
}

static void fibre(void)
{
	fibre_stack = map(65536 + 8192);
	munmap(fibre_stack + 65536, 8192);
	getcontext(&fibre_context);
	fibre_context.uc_stack = (stack_t){.ss_sp = fibre_stack, .ss_size = 65536};
	fibre_context.uc_link = &main_context;
	makecontext(&fibre_context, in_fibre, 0);
	swapcontext(&main_context, &fibre_context);
}

/* The room itself cannot be read: in the program's data, and in mapped memory that another thread's stack may lie beside. */
static char closed_data[8192] __attribute__((aligned(4096)));
static char *hole;
static void *bad_rooms(void *where)
{
	struct sockaddr_in address;
	char *rooms[] = {closed_data + 16, closed_data + 4096 - 2, hole, hole - 2};

	for (unsigned i = 0; i < sizeof rooms / sizeof *rooms; i++) {
		datagram();
		say(where, "recvfrom", recvfrom(receiver, bytes, sizeof bytes, 0, (void *)&address, (void *)rooms[i]), i);
		say(where, "recvmsg", recvmsg(receiver, (void *)rooms[i], MSG_DONTWAIT), i);
		say(where, "recvmmsg", recvmmsg(receiver, (void *)rooms[i], 2, MSG_DONTWAIT, NULL), i);
	}
	return NULL;
}

/* The kernel reads of a set what there can be descriptors for, whatever the count. */
static void short_sets(const char *where, size_t words)
{
	unsigned long *set = (unsigned long *)hole - words;
	struct timeval none = {0, 0};
	int pipe_ends[2];
	char byte = 'x';

	if (pipe(pipe_ends))
		abort();
	datagram();
	for (int i = 0; i < 3; i++) {
		int fd = i == 0 ? receiver : i == 1 ? pipe_ends[1] : 63;

		memset(set, 0, words * sizeof *set);
		set[0] = 1UL << fd;
		say(where, "select", select(65536, (fd_set *)set, i == 1 ? (fd_set *)set : NULL, NULL, &none), 0);
		set[0] = 1UL << fd;
		say(where, "pselect", pselect(INT_MAX, (fd_set *)set, NULL, NULL, &(struct timespec){0, 0}, NULL), 0);
	}
	recv(receiver, &byte, 1, 0);
	close(pipe_ends[0]);
	close(pipe_ends[1]);
}

static void thread(void *(*run)(void *), const char *where)
{
	pthread_t id;

	pthread_create(&id, NULL, run, (void *)where);
	pthread_join(id, NULL);
}

int main(int argc, char **argv)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t length = sizeof address;
	struct given *given;

	with_room = argc > 1;
	setvbuf(stdout, NULL, _IOLBF, 0);
	receiver = socket(AF_INET, SOCK_DGRAM, 0);
	sender = socket(AF_INET, SOCK_DGRAM, 0);
	if (bind(receiver, (void *)&address, sizeof address) || getsockname(receiver, (void *)&address, &length) || connect(sender, (void *)&address, sizeof address))
		return 1;
	on_stack("stack");
	thread(in_thread, "stack of a thread");
	if (with_room)
		return 0;
	receive("data", &in_data);
	given = malloc(sizeof *given);
	receive("heap", given);
	free(given);
	given = map(4096);
	receive("mapped", given);
	fibre();
	hole = (char *)map(8192) + 4096;
	munmap(hole, 4096);
	short_sets("short set", sizeof(fd_set) / sizeof(long));
	/* A number that was high; the child's table of descriptors has room for those that are open: 64. */
	dup2(sender, 900);
	for (int fd = 64; fd < 1024; fd++)
		close(fd);
	if (!fork()) {
		short_sets("short set, after a fork", 1);
		_exit(0);
	}
	wait(NULL);
	mprotect(closed_data, 4096, PROT_NONE);
	bad_rooms("no room");
	thread(bad_rooms, "no room, thread");
	say("closed data", "connect", connect(sender, (void *)closed_data, sizeof address), 0);
	say("closed data", "setsockopt", setsockopt(sender, SOL_SOCKET, SO_RCVBUF, closed_data, sizeof(int)), 0);
	say("closed data", "select", select(sender + 1, (fd_set *)closed_data, NULL, NULL, &(struct timeval){0, 0}), 0);
	return 0;
}
