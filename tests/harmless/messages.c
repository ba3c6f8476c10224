/*
 * messages.c: messages with everything about them that is not data: error queues, credentials, descriptors that are peeked at, cut off or refused,
 * control data of no length and of no pointer, datagrams of nothing. Prints result, errno, flags, lengths and open descriptors after each.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/errqueue.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

static char bytes[64], control[256] __attribute__((aligned(16))), spare[64];
static struct iovec vector[1025];
static struct msghdr message;

static int open_descriptors(void)
{
	int count = 0;

	for (int fd = 0; fd < 200; fd++)
		count += fcntl(fd, F_GETFD) >= 0;
	return count;
}

static void say(const char *what, long result)
{
	int error = result < 0 ? errno : 0;

	printf("%s: %ld errno %d, flags %x, control %zu, name %u, %d descriptors\n", what, result, error, (unsigned)message.msg_flags, (size_t)message.msg_controllen,
		message.msg_namelen, open_descriptors());
}

static struct msghdr *with(size_t iovecs, void *control_data, size_t control_length)
{
	for (int i = 0; i < 1025; i++)
		vector[i] = (struct iovec){i ? spare + i % 60 : bytes, i ? 1 : 16};
	message = (struct msghdr){.msg_iov = vector, .msg_iovlen = iovecs, .msg_control = control_data, .msg_controllen = control_length};
	return &message;
}

static struct msghdr *with_descriptors(int count, const int *fds, int level)
{
	struct cmsghdr *header = (struct cmsghdr *)control;

	with(1, control, CMSG_SPACE((size_t)count * sizeof *fds));
	memset(control, 0, sizeof control);
	*header = (struct cmsghdr){.cmsg_len = CMSG_LEN((size_t)count * sizeof *fds), .cmsg_level = level, .cmsg_type = SCM_RIGHTS};
	memcpy(CMSG_DATA(header), fds, (size_t)count * sizeof *fds);
	return &message;
}

static void close_above(int fd)
{
	for (int i = fd + 1; i < 200; i++)
		close(i);
}

static void descriptors(int type)
{
	int fds[2], sent[3], many[300], last;

	if (socketpair(AF_UNIX, type, 0, fds))
		return;
	for (int i = 0; i < 3; i++)
		sent[i] = i ? socket(AF_INET, SOCK_DGRAM, 0) : open("/dev/null", O_RDONLY);
	last = sent[2];
	for (int i = 0; i < 300; i++)
		many[i] = sent[i % 3];
	say("send 3", sendmsg(fds[0], with_descriptors(3, sent, SOL_SOCKET), 0));
	say("peek", recvmsg(fds[1], with(1, control, sizeof control), MSG_PEEK));
	say("receive", recvmsg(fds[1], with(1, control, sizeof control), 0));
	close_above(last);
	say("send 3", sendmsg(fds[0], with_descriptors(3, sent, SOL_SOCKET), 0));
	say("room for one", recvmsg(fds[1], with(1, control, CMSG_LEN(4)), MSG_CMSG_CLOEXEC));
	close_above(last);
	say("send 3", sendmsg(fds[0], with_descriptors(3, sent, SOL_SOCKET), 0));
	say("room for none", recvmsg(fds[1], with(1, NULL, 0), 0));
	say("send 3", sendmsg(fds[0], with_descriptors(3, sent, SOL_SOCKET), 0));
	say("no pointer", recvmsg(fds[1], with(1, NULL, 64), 0));
	say("send 3", sendmsg(fds[0], with_descriptors(3, sent, SOL_SOCKET), 0));
	say("no header", recvmsg(fds[1], with(1, control, 7), 0));
	say("another level", sendmsg(fds[0], with_descriptors(3, sent, SOL_IP), 0));
	recv(fds[1], bytes, sizeof bytes, MSG_DONTWAIT);
	say("a bad one", sendmsg(fds[0], with_descriptors(3, (int[3]){sent[0], 199, sent[1]}, SOL_SOCKET), 0));
	say("none", sendmsg(fds[0], with_descriptors(0, sent, SOL_SOCKET), 0));
	recv(fds[1], bytes, sizeof bytes, MSG_DONTWAIT);
	{
		static char large[2048] __attribute__((aligned(16)));
		struct cmsghdr *header = (struct cmsghdr *)large;

		with(1, large, CMSG_SPACE(sizeof many));
		*header = (struct cmsghdr){.cmsg_len = CMSG_LEN(sizeof many), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS};
		memcpy(CMSG_DATA(header), many, sizeof many);
		say("300", sendmsg(fds[0], &message, 0));
		header->cmsg_len = 5;
		say("a header cut short", sendmsg(fds[0], &message, 0));
		header->cmsg_len = sizeof large * 2;
		say("a header too long", sendmsg(fds[0], &message, 0));
	}
	say("the socket itself", sendmsg(fds[0], with_descriptors(2, fds, SOL_SOCKET), 0));
	say("receive", recvmsg(fds[1], with(1, control, sizeof control), 0));
	close_above(last);
	close_above(2);
}

static void credentials(void)
{
	int fds[2], on = 1;

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, fds))
		return;
	say("SO_PASSCRED", setsockopt(fds[1], SOL_SOCKET, SO_PASSCRED, &on, sizeof on));
	send(fds[0], "hello", 5, 0);
	say("receive", recvmsg(fds[1], with(1, control, sizeof control), 0));
	printf("from itself %d\n", ((struct ucred *)CMSG_DATA((struct cmsghdr *)control))->pid == getpid());
	send(fds[0], "hello", 5, 0);
	say("no room", recvmsg(fds[1], with(1, control, 8), 0));
	close_above(2);
}

/* A port where nobody is: the refusal comes back by the error queue. */
static void error_queue(void)
{
	struct sockaddr_in nobody = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK), .sin_port = htons(1)}, name;
	int s = socket(AF_INET, SOCK_DGRAM, 0), on = 1;
	struct pollfd waited = {s, 0, 0};

	say("IP_RECVERR", setsockopt(s, IPPROTO_IP, IP_RECVERR, &on, sizeof on));
	say("empty", recvmsg(s, with(1, control, sizeof control), MSG_ERRQUEUE));
	for (int i = 0; i < 3; i++) {
		say("connect", connect(s, (struct sockaddr *)&nobody, sizeof nobody));
		say("send", send(s, "x", 1, 0));
		printf("poll %d %x\n", poll(&waited, 1, 5000), (unsigned)waited.revents);
		say("send again", send(s, "y", 1, 0));
		with(1, i ? control : NULL, sizeof control);
		message.msg_name = &name;
		message.msg_namelen = i == 2 ? 0 : sizeof name;
		say("error", recvmsg(s, &message, MSG_ERRQUEUE));
		say("receive", recvmsg(s, with(1, control, sizeof control), MSG_DONTWAIT));
		while (recvmsg(s, with(1, control, sizeof control), MSG_ERRQUEUE) >= 0)
			;
		while (recv(s, bytes, sizeof bytes, MSG_DONTWAIT) < 0 && errno == ECONNREFUSED)
			;
	}
	close_above(2);
}

static void odd_lengths(void)
{
	int fds[2], stream[2];

	if (socketpair(AF_UNIX, SOCK_DGRAM, 0, fds) || socketpair(AF_UNIX, SOCK_STREAM, 0, stream))
		return;
	say("nothing", send(fds[0], "", 0, 0));
	say("received", recv(fds[1], bytes, sizeof bytes, 0));
	say("no vector", sendmsg(fds[0], with(0, NULL, 0), 0));
	say("received", recvmsg(fds[1], with(0, NULL, 0), 0));
	say("1024", sendmsg(fds[0], with(1024, NULL, 0), 0));
	say("cut", recvmsg(fds[1], with(1, NULL, 0), MSG_TRUNC));
	say("1025", sendmsg(fds[0], with(1025, NULL, 0), 0));
	say("1025", recvmsg(fds[1], with(1025, NULL, 0), MSG_DONTWAIT));
	say("no vector", sendmsg(stream[0], with(0, NULL, 0), 0));
	say("nothing", send(stream[0], "", 0, 0));
	say("empty", recv(stream[1], bytes, sizeof bytes, MSG_DONTWAIT));
	say("out of band", send(stream[0], "o", 1, MSG_OOB));
	say("out of band", recv(stream[1], bytes, 1, MSG_OOB | MSG_DONTWAIT));
	say("bad flags", accept4(stream[0], NULL, NULL, 0x7fffffff));
	say("flags from above", sendmsg(fds[0], with(1, NULL, 0), MSG_PROXY | MSG_CONFIRM | MSG_MORE));
	say("peeked", recv(fds[1], bytes, sizeof bytes, MSG_PEEK | MSG_TRUNC));
	close_above(2);
}

int main(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	descriptors(SOCK_STREAM);
	descriptors(SOCK_DGRAM);
	descriptors(SOCK_SEQPACKET);
	credentials();
	error_queue();
	odd_lengths();
	return 0;
}
