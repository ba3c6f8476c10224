/*
 * passing.c: descriptors in messages, the hard ways: looked at with MSG_PEEK (which installs them, and the receive after it again), cut by
 * MSG_CTRUNC, without any room, by sendmmsg and recvmmsg, over RLIMIT_NOFILE, a socket over itself, and one that nobody ever receives.
 *
 * lifecycle: pair unix closed close sent 5 received 0: socketpair sendmsg sendmsg sendmsg sendmsg close sendmsg close
 * lifecycle: pair unix closed close sent 0 received 5: recvmsg recvmsg recvmsg recvmsg recvmsg recvmsg close
 * lifecycle: pair unix closed close sent 5 received 0: socketpair close write close write close close
 * lifecycle: pair unix closed close sent 0 received 5: close read read close
 * lifecycle: pair unix closed close sent 2 received 0: socketpair sendmmsg sendmsg close
 * lifecycle: pair unix closed close sent 0 received 1: recvmmsg close
 */
#include "program.h"

#define ROOM 4

struct passage {
	struct mmsghdr message;
	struct iovec data;
	char byte;
	int fds[ROOM], count;
	_Alignas(struct cmsghdr) char space[CMSG_SPACE(ROOM * sizeof(int))];
};

static struct mmsghdr *prepare(struct passage *passage, int count)
{
	passage->byte = '!';
	passage->data = (struct iovec){ &passage->byte, 1 };
	memset(passage->space, 0, sizeof(passage->space));
	passage->message = (struct mmsghdr){ .msg_hdr = { .msg_iov = &passage->data, .msg_iovlen = 1, .msg_control = passage->space,
		.msg_controllen = count ? CMSG_LEN((size_t)count * sizeof(int)) : 0 } };
	return &passage->message;
}

static struct mmsghdr *offering(struct passage *passage, const int *fds, int count)
{
	struct mmsghdr *message = prepare(passage, count);
	struct cmsghdr *header = CMSG_FIRSTHDR(&message->msg_hdr);

	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN((size_t)count * sizeof(int));
	memcpy(CMSG_DATA(header), fds, (size_t)count * sizeof(int));
	return message;
}

/* What came; all of it is closed again but the first. */
static int taken(struct passage *passage)
{
	struct msghdr *message = &passage->message.msg_hdr;
	struct cmsghdr *header = CMSG_FIRSTHDR(message);

	passage->count = header ? (int)((header->cmsg_len - CMSG_LEN(0)) / sizeof(int)) : 0;
	if (header)
		memcpy(passage->fds, CMSG_DATA(header), (size_t)passage->count * sizeof(int));
	printf("%d descriptors%s\n", passage->count, message->msg_flags & MSG_CTRUNC ? ", cut" : "");
	for (int i = 1; i < passage->count; i++)
		SHOW(close(passage->fds[i]));
	return passage->count ? passage->fds[0] : -1;
}

int main(void)
{
	struct passage passage;
	struct rlimit usual, small;
	int over[2], ends[2], packets[2], fd;
	char buffer[8];

	SHOW(socketpair(AF_UNIX, SOCK_STREAM, 0, over));
	SHOW(socketpair(AF_UNIX, SOCK_STREAM, 0, ends));
	SHOW(socketpair(AF_UNIX, SOCK_DGRAM, 0, packets));

	SHOW(sendmsg(over[0], &offering(&passage, ends, 2)->msg_hdr, 0));
	SHOW(recvmsg(over[1], &prepare(&passage, 2)->msg_hdr, MSG_PEEK));
	SHOW(close(taken(&passage)));
	SHOW(recvmsg(over[1], &prepare(&passage, 1)->msg_hdr, 0));
	fd = taken(&passage);
	SHOW(write(fd, "hi", 2));
	SHOW(close(fd));
	SHOW(read(ends[1], buffer, sizeof(buffer)));

	SHOW(sendmmsg(packets[0], offering(&passage, ends, 1), 1, 0));
	SHOW(recvmmsg(packets[1], prepare(&passage, 1), 1, 0, NULL));
	fd = taken(&passage);
	SHOW(write(fd, "abc", 3));
	SHOW(read(ends[1], buffer, sizeof(buffer)));
	SHOW(close(fd));

	SHOW(sendmsg(over[0], &offering(&passage, ends, 2)->msg_hdr, 0));
	SHOW(recvmsg(over[1], &prepare(&passage, 0)->msg_hdr, 0));
	taken(&passage);

	SHOW(sendmsg(over[0], &offering(&passage, ends, 2)->msg_hdr, 0));
	getrlimit(RLIMIT_NOFILE, &usual);
	small = usual;
	small.rlim_cur = (rlim_t)packets[1] + 1;
	SHOW(setrlimit(RLIMIT_NOFILE, &small));
	SHOW(recvmsg(over[1], &prepare(&passage, 2)->msg_hdr, 0));
	fd = taken(&passage);
	SHOW(prlimit(0, RLIMIT_NOFILE, &usual, NULL));
#ifdef __GLIBC__
	/* The same by their other names. */
	struct rlimit64 wide;
	SHOW(prlimit64(0, RLIMIT_NOFILE, NULL, &wide));
	SHOW(setrlimit64(RLIMIT_NOFILE, &wide));
#endif

	SHOW(sendmsg(over[0], &offering(&passage, over, 1)->msg_hdr, 0));
	SHOW(recvmsg(over[1], &prepare(&passage, 1)->msg_hdr, 0));
	fd = taken(&passage);
	SHOW(close(over[0]));
	SHOW(sendmsg(fd, &prepare(&passage, 0)->msg_hdr, 0));
	SHOW(recvmsg(over[1], &prepare(&passage, 0)->msg_hdr, 0));
	SHOW(close(fd));
	SHOW(close(over[1]));

	SHOW(sendmsg(packets[0], &offering(&passage, &ends[1], 1)->msg_hdr, 0));
	SHOW(close(ends[1]));
	SHOW(close(packets[0]));
	SHOW(close(packets[1]));
	SHOW(close(ends[0]));
	show_open_descriptors();
	return 0;
}
