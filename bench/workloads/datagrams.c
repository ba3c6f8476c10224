/*
 * datagrams.c CALLS [BATCH]: UDP over loopback, BATCH messages with each sendmmsg, received with one recvmmsg. A record of such a call
 * holds each message's size and address.
 */
#include "bench/workloads/measure.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#define BATCH_MAX 64

static void describe(struct mmsghdr *messages, struct iovec *vectors, char (*buffers)[64], struct sockaddr_in *addresses, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		vectors[i] = (struct iovec){buffers[i], sizeof buffers[i]};
		messages[i].msg_hdr = (struct msghdr){.msg_iov = &vectors[i], .msg_iovlen = 1,
			.msg_name = &addresses[i], .msg_namelen = sizeof addresses[i]};
	}
}

int main(int argc, char **argv)
{
	uint64_t rounds = measure_argument(argc, argv, 1, 40000) / 2;
	unsigned batch = (unsigned)measure_argument(argc, argv, 2, 16);
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t length = sizeof address;
	struct sockaddr_in to[BATCH_MAX], from[BATCH_MAX];
	struct mmsghdr sent[BATCH_MAX] = {0}, received[BATCH_MAX] = {0};
	struct iovec vectors[2][BATCH_MAX];
	static char buffers[2][BATCH_MAX][64];
	int sender = socket(AF_INET, SOCK_DGRAM, 0), receiver = socket(AF_INET, SOCK_DGRAM, 0);

	CHECK(batch >= 1 && batch <= BATCH_MAX);
	CHECK(sender >= 0 && receiver >= 0);
	CHECK(bind(receiver, (struct sockaddr *)&address, sizeof address) == 0);
	CHECK(getsockname(receiver, (struct sockaddr *)&address, &length) == 0);
	measure_made("socket", 2);
	measure_made("bind", 1);
	measure_made("getsockname", 1);
	for (unsigned i = 0; i < batch; i++)
		to[i] = address;
	measure_start();
	for (uint64_t i = 0; i < rounds; i++) {
		describe(sent, vectors[0], buffers[0], to, batch);
		CHECK(sendmmsg(sender, sent, batch, 0) == (int)batch);
		describe(received, vectors[1], buffers[1], from, batch);
		CHECK(recvmmsg(receiver, received, batch, MSG_DONTWAIT, NULL) == (int)batch);
	}
	measure_stop();
	measure_made("sendmmsg", rounds);
	measure_made("recvmmsg", rounds);
	close(sender);
	close(receiver);
	measure_made("close", 2);
	return measure_report(2 * rounds);
}
