/*
 * unread.c: see unread.h.
 */
#include "preload/unread.h"
#include "preload/writer.h"

#include <sys/socket.h>

#define SLOTS_LOOKED_AT 48 /* lines of memory that were written a moment ago */

/* Not one that leaves the data there (MSG_PEEK), or takes it from another queue (MSG_OOB, MSG_ERRQUEUE). */
static int took_data(const struct spool_call *call)
{
	const uint32_t harmless = MSG_DONTWAIT | MSG_NOSIGNAL | MSG_WAITALL | MSG_CMSG_CLOEXEC;

	switch (call->tag.kind) {
	case CALL_read:
	case CALL_readv:
		return call->result > 0;
	case CALL_recv:
	case CALL_recvfrom:
	case CALL_recvmsg:
		return call->result > 0 && !(call->flags & ~harmless);
	default:
		return 0;
	}
}

int unread_is_nothing(const struct spool_call *closing, uint64_t received_bytes)
{
	size_t in_chunk = ((size_t)((const char *)closing - (const char *)writer_spool) - SPOOL_HEADER_BYTES) % SPOOL_CHUNK_BYTES;
	size_t before = (in_chunk - SPOOL_CHUNK_HEADER_BYTES) / SPOOL_SLOT_BYTES;
	const struct spool_call *call = closing;
	uint64_t taken_bytes = 0;

	if (unlikely(writer_spool->tcp_reused))
		return 0;
	for (size_t i = 0; i < before && i < SLOTS_LOOKED_AT && taken_bytes < received_bytes; i++) {
		call--;
		if (call->tag.type == SLOT_CALL && call->tag.state == STATE_DONE && ((call->socket ^ closing->socket) & CELL_IDENTITY) == 0 && took_data(call))
			taken_bytes += (uint64_t)call->result;
	}
	return taken_bytes == received_bytes;
}

/* The kernel counts from zero then, and what was received of the connection before, by whomever, is of the same socket. */
void unread_after_connect(uint64_t cell, const void *address, size_t length)
{
	struct spool_header *spool = writer_spool;

	if (cell & CELL_TCP && spool && address && length >= sizeof(sa_family_t) && ((const struct sockaddr *)address)->sa_family == AF_UNSPEC)
		spool->tcp_reused = 1;
}
