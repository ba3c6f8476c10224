/*
 * record.h: one record and its extensions, copied out of a spool and unpacked. What is here has been checked: lengths
 * fit, slots are whole; meanings (kinds, numbers, flags) have not.
 */
#ifndef COLLECTOR_RECORD_H
#define COLLECTOR_RECORD_H

#include <stddef.h>
#include <stdint.h>

#include "schema/spool.h"

#define RECORD_ADDRESSES 8
#define RECORD_SOCKETS 16

union record_slot {
	struct spool_tag tag;
	struct spool_call call;
	struct spool_span span;
	struct spool_ready ready;
	struct spool_epoll_ready epoll_ready;
	struct spool_process process;
	struct spool_gap gap;
	struct spool_ext_socket ext_socket;
	struct spool_ext_tcp_info tcp_info;
	struct spool_ext_message message;
	struct spool_ext_epoll epoll;
	struct {
		struct spool_tag tag_of_data;
		unsigned char data[SPOOL_SLOT_BYTES - sizeof(struct spool_tag)];
	};
};

struct record_bytes {
	const unsigned char *bytes; /* NULL: not there */
	size_t length;
};

/* The extensions of a record, by type. */
struct record_extensions {
	struct record_bytes local, option, payload, text;
	struct record_bytes peers[RECORD_ADDRESSES];
	unsigned peer_count;
	const struct spool_ext_socket *sockets[RECORD_SOCKETS];
	unsigned socket_count;
	const struct spool_ext_tcp_info *tcp_info;
	const struct spool_ext_epoll *epoll;
	unsigned message_count;
	uint64_t message_bytes, message_requested; /* sums */
	uint32_t message_flags;      /* of all messages together */
	unsigned unknown_count;      /* slots of a type not known, or malformed: skipped */
	unsigned char room[SPOOL_MAX_PARTS * 56];
};

/* Unpacks the `parts` slots behind a record. Points into `slots` and into itself. */
void record_unpack(struct record_extensions *extensions, const union record_slot *slots, unsigned parts);

_Static_assert(sizeof(union record_slot) == SPOOL_SLOT_BYTES, "slot");

#endif
