/*
 * message_padding.c: message headers in memory that held something else before: what lies between their fields (musl has 32 bits of
 * padding behind each length) means nothing.
 *
 * lifecycle: pair unix closed close sent 3 received 0: socketpair sendmsg close close
 * lifecycle: pair unix closed close sent 0 received 3: recvmsg close
 */
#include "program.h"

static long with_descriptor(int over, int fd, int sending)
{
	char space[CMSG_SPACE(sizeof(int))], bytes[] = "abc";
	struct iovec data = { bytes, 3 };
	struct msghdr message;
	struct cmsghdr *header;
	long result;
	int got = -1;

	memset(&message, 0xa5, sizeof(message));
	memset(space, 0xa5, sizeof(space));
	message.msg_name = NULL;
	message.msg_namelen = 0;
	message.msg_iov = &data;
	message.msg_iovlen = 1;
	message.msg_control = space;
	message.msg_controllen = sizeof(space);
	message.msg_flags = 0;
	header = CMSG_FIRSTHDR(&message);
	if (sending) {
		header->cmsg_level = SOL_SOCKET;
		header->cmsg_type = SCM_RIGHTS;
		header->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(header), &fd, sizeof(fd));
		return sendmsg(over, &message, 0);
	}
	result = recvmsg(over, &message, 0);
	memcpy(&got, CMSG_DATA(header), sizeof(got));
	printf("received as descriptor %d\n", got);
	close(got);
	return result;
}

int main(void)
{
	int ends[2];

	SHOW(socketpair(AF_UNIX, SOCK_STREAM, 0, ends));
	SHOW(with_descriptor(ends[0], ends[0], 1));
	SHOW(with_descriptor(ends[1], -1, 0));
	SHOW(close(ends[0]));
	SHOW(close(ends[1]));
	show_open_descriptors();
	return 0;
}
