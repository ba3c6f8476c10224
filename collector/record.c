/* record.c: see record.h. Data that spans slots is gathered into `room`, since each slot begins with a tag of its own. */
#include "collector/record.h"

#include <string.h>

/* Gathers the data of the slot at `at` and of its continuations; the number of slots that it took. */
static unsigned gather(const union record_slot *slots, unsigned at, unsigned parts, unsigned char *room, struct record_bytes *bytes)
{
	size_t length = slots[at].tag.length, used = 0;
	unsigned taken = 0;

	do {
		size_t piece = length - used < sizeof slots->data ? length - used : sizeof slots->data;

		memcpy(room + used, slots[at + taken].data, piece);
		used += piece;
		taken++;
	} while (used < length && at + taken < parts && slots[at + taken].tag.type == SLOT_EXT_MORE);
	*bytes = (struct record_bytes){room, used};
	return taken;
}

void record_unpack(struct record_extensions *extensions, const union record_slot *slots, unsigned parts)
{
	unsigned char *room = extensions->room;

	memset(extensions, 0, offsetof(struct record_extensions, room));
	for (unsigned at = 0; at < parts;) {
		const union record_slot *slot = &slots[at];
		struct record_bytes ignored, *bytes = &ignored;
		unsigned taken = 1;

		switch (slot->tag.type) {
		case SLOT_EMPTY: /* reserved for what turned out not to be there */
			break;
		case SLOT_EXT_SOCKET:
			if (extensions->socket_count < RECORD_SOCKETS)
				extensions->sockets[extensions->socket_count++] = &slot->ext_socket;
			break;
		case SLOT_EXT_TCP_INFO:
			extensions->tcp_info = &slot->tcp_info;
			break;
		case SLOT_EXT_EPOLL:
			extensions->epoll = &slot->epoll;
			break;
		case SLOT_EXT_MESSAGE:
			extensions->message_count++;
			extensions->message_bytes += slot->message.bytes;
			extensions->message_requested += slot->message.requested_bytes;
			extensions->message_flags |= slot->message.message_flags;
			break;
		case SLOT_EXT_ADDRESS_PEER:
			if (extensions->peer_count < RECORD_ADDRESSES)
				bytes = &extensions->peers[extensions->peer_count++];
			goto data;
		case SLOT_EXT_ADDRESS_LOCAL:
			bytes = &extensions->local;
			goto data;
		case SLOT_EXT_OPTION:
			bytes = &extensions->option;
			goto data;
		case SLOT_EXT_PAYLOAD:
			bytes = &extensions->payload;
			goto data;
		case SLOT_EXT_TEXT:
			bytes = &extensions->text;
		data:
			taken = gather(slots, at, parts, room, bytes);
			room += taken * sizeof slots->data;
			break;
		default:
			extensions->unknown_count++;
		}
		at += taken;
	}
}
