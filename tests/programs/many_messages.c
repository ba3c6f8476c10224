/*
 * many_messages.c: sendmmsg and recvmmsg, sendmsg and recvmsg: bytes are the messages' sums, not the number of messages.
 *
 * lifecycle: pair unix closed close sent 15 received 0: socketpair sendmmsg sendmsg close
 * lifecycle: pair unix closed close sent 0 received 15: recvmmsg recvmsg recvmmsg close
 */
#include "program.h"

int main(void)
{
	int ends[2];
	char room[4][16];
	struct iovec parts[4] = { { "a", 1 }, { "bcd", 3 }, { "efghij", 6 }, { "klmno", 5 } };
	struct iovec into[4] = { { room[0], 16 }, { room[1], 16 }, { room[2], 16 }, { room[3], 16 } };
	struct mmsghdr out[3] = { 0 }, in[4] = { 0 };
	struct msghdr last = { .msg_iov = &parts[3], .msg_iovlen = 1 }, received = { .msg_iov = &into[3], .msg_iovlen = 1 };

	SHOW(socketpair(AF_UNIX, SOCK_DGRAM, 0, ends));
	for (int i = 0; i < 3; i++) {
		out[i].msg_hdr = (struct msghdr){ .msg_iov = &parts[i], .msg_iovlen = 1 };
		in[i].msg_hdr = (struct msghdr){ .msg_iov = &into[i], .msg_iovlen = 1 };
	}
	in[3].msg_hdr = received;
	SHOW(sendmmsg(ends[0], out, 3, 0));
	SHOW(out[2].msg_len);
	SHOW(sendmsg(ends[0], &last, 0));
	SHOW(recvmmsg(ends[1], in, 3, MSG_WAITFORONE, NULL));
	SHOW(in[0].msg_len + in[1].msg_len + in[2].msg_len);
	SHOW(recvmsg(ends[1], &received, 0));
	SHOW(recvmmsg(ends[1], in, 4, MSG_DONTWAIT, NULL));
	SHOW(close(ends[0]));
	SHOW(close(ends[1]));
	show_open_descriptors();
	return 0;
}
