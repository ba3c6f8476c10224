/*
 * detail.h: what is peculiar to each kind of call. Each detail <d> of schema/calls.def has three macros, used by the generated
 * wrapper with the row's parameters in scope:
 *
 *   PARTS_<d>   how many extension slots the record needs; evaluated before the real call
 *   ENTER_<d>   what must be recorded before the real call
 *   LEAVE_<d>   what is recorded after it; `result` and `error` (0 or errno) are in scope; `call` is NULL when there was no room: what
 *               opens descriptors must keep the table true all the same
 *
 * The program's pointers are looked at only after the kernel has found them good: after an outcome that proves that it read or
 * wrote there, and never beyond. Of an address that it may not have written, for want of room, see readable.h: on data calls nothing is asked.
 */
#ifndef PRELOAD_DETAIL_H
#define PRELOAD_DETAIL_H

#include "preload/guard.h"
#include "preload/subject.h"
#include "preload/unread.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/uio.h>

extern unsigned detail_payload_bytes __attribute__((visibility("hidden"))); /* bytes of each data call to keep; 0: none */

always_inline int cell_domain(uint64_t cell)
{
	return (int)(cell >> CELL_DOMAIN_SHIFT & CELL_DOMAIN_MASK);
}

always_inline int cell_type(uint64_t cell)
{
	return (int)(cell >> CELL_TYPE_SHIFT & CELL_TYPE_MASK);
}

/* Slots that an address of this domain takes: 1 for IPv4 and IPv6 (16, 28 bytes), 2 for Unix (110), else 3 (128). */
always_inline unsigned detail_address_slots(uint64_t cell)
{
	int domain = cell_domain(cell);

	return domain == AF_INET || domain == AF_INET6 ? 1 : domain == AF_UNIX ? 2 : 3;
}

/* Slots for the address of one datagram; a stream names no address per call. */
always_inline unsigned detail_datagram_slots(uint64_t cell, const void *address)
{
	return address && !(cell & CELL_TCP) ? detail_address_slots(cell) : 0;
}

/* TCP Fast Open: a send that connects as well (tcp(7)). Its slots are connect's. */
always_inline int detail_opens_fast(uint64_t cell, int flags)
{
	return unlikely(flags & MSG_FASTOPEN) && cell & CELL_TCP;
}

always_inline unsigned detail_fast_slots(uint64_t cell, int flags)
{
	return detail_opens_fast(cell, flags) ? 2 * detail_address_slots(cell) : 0;
}

/* A stream over TCP names no address per call, and so none is looked for. */
always_inline int detail_wants_room(uint64_t cell, const void *address_or_message)
{
	return unlikely(address_or_message != NULL) && !(cell & CELL_TCP);
}

always_inline unsigned detail_payload_slots(size_t bytes)
{
	if (likely(detail_payload_bytes == 0))
		return 0;
	return writer_slots_for(bytes < detail_payload_bytes ? bytes : detail_payload_bytes);
}

/* A message on a stream has no address, and is never cut: its call says all. */
always_inline int detail_has_messages(uint64_t cell)
{
	return !(cell & CELL_TCP) && cell_type(cell) != SOCK_STREAM;
}

#define detail_flags(type) ((type) & ~0xf)

void detail_new_socket(struct spool_call *call, int result, int domain, int type, int protocol);
void detail_new_pair(struct spool_call *call, const int *fds, int domain, int type, int protocol);
void detail_before_connect(struct spool_call *call, const void *address, socklen_t length);
void detail_after_connect(struct spool_call *call, int fd, const void *address, socklen_t length, int error);
void detail_after_bind(struct spool_call *call, int fd, const void *address, socklen_t length, int error);
/* room: of the address that the call itself has told the program, as it was before (detail_room_in). */
void detail_after_accept(struct spool_call *call, uint64_t listener, int result, const void *address, const socklen_t *length, size_t room);
void detail_after_listen(struct spool_call *call, int fd);
void detail_own_address(struct spool_call *call, int fd, unsigned type);
void detail_told_address(struct spool_call *call, int fd, unsigned type, const void *address, const socklen_t *length, size_t room);
void detail_given_address(struct spool_call *call, unsigned type, const void *address, size_t length);

/*
 * How many bytes of an address there is room for, as the program said it before the call; or one of two more. DETAIL_ROOM_UNKNOWN: it
 * could not be read then.
 */
#define DETAIL_ROOM_UNKNOWN SIZE_MAX
#define DETAIL_ROOM_SENT (SIZE_MAX - 1) /* the address is the program's, and the kernel has read it */
size_t detail_room_in(const socklen_t *room);

always_inline size_t detail_room_of_told(const void *address, const socklen_t *room)
{
	return address && room ? detail_room_in(room) : DETAIL_ROOM_UNKNOWN;
}

size_t detail_room_of_message(const struct msghdr *message);
/* The least of them. */
size_t detail_room_of_messages(const struct mmsghdr *messages, unsigned count);
/* length: as the kernel has left it. */
void detail_received_address(struct spool_call *call, const void *address, const socklen_t *length, size_t room);
void detail_payload(struct spool_call *call, const void *buffer, size_t bytes);
/* After an outcome that proves that the header was read. */
void detail_message(struct spool_call *call, uint64_t cell, const struct msghdr *message, long result, size_t room);
/* done: so many messages the kernel said it has dealt with; never more than it was given. */
void detail_messages(struct spool_call *call, uint64_t cell, const struct mmsghdr *messages, unsigned done, size_t room);
uint64_t detail_vector_bytes(const struct iovec *vector, size_t count);
void detail_vector_payload(struct spool_call *call, const struct iovec *vector, size_t count, long result);
void detail_option(struct spool_call *call, const void *value, size_t length);

/* Could a seccomp filter have made up this error? Then the kernel has looked at nothing. */
always_inline int detail_error_of_filter(int error)
{
	return unlikely(guard_level != GUARD_OPEN) && (error == EPERM || error == EACCES || error == ENOSYS);
}

/* Did the kernel read the address given to bind, connect or sendto? It does before all but these errors (net/socket.c). */
always_inline int detail_address_was_read(int error, long length)
{
	return error != EFAULT && error != EBADF && error != ENOTSOCK && error != ENOSYS && !detail_error_of_filter(error) &&
		length > 0 && length <= (long)sizeof(struct sockaddr_storage);
}

/* Did the kernel read the message header, or the vector of buffers? Only errors that come from the socket itself prove it. */
always_inline int detail_vector_was_read(int error)
{
	return likely(error == 0) || error == EAGAIN || error == EINTR || error == EPIPE || error == ECONNRESET || error == ENOTCONN ||
		error == ECONNREFUSED || error == ETIMEDOUT || error == EHOSTUNREACH || error == ENETUNREACH || error == EINPROGRESS;
}

#define PARTS_plain 0
#define ENTER_plain
#define LEAVE_plain

#define CREATION_ARG ((uint64_t)(uint16_t)domain | (uint64_t)(type & 0xf) << 16 | (uint64_t)(uint32_t)protocol << 32)
#define CREATION_FLAGS ((uint32_t)detail_flags(type))
#define PARTS_socket 0
#define ENTER_socket
#define LEAVE_socket if (!error) detail_new_socket(call, (int)result, domain, type & 0xf, protocol);
#define PARTS_socketpair 2
#define ENTER_socketpair
#define LEAVE_socketpair if (!error) detail_new_pair(call, fds, domain, type & 0xf, protocol);

#define PARTS_bind detail_address_slots(subject.cell)
#define ENTER_bind
#define LEAVE_bind if (call) { detail_after_bind(call, fd, addr, addrlen, error); }
/* Two addresses; of a Unix socket also the name that its server goes by (detail_after_connect). */
#define PARTS_connect (cell_domain(subject.cell) == AF_UNIX ? 3 : 2) * detail_address_slots(subject.cell)
#define ENTER_connect if (call) detail_before_connect(call, addr, addrlen);
#define LEAVE_connect if (!error) unread_after_connect(subject.cell, addr, addrlen); if (call) { detail_after_connect(call, fd, addr, addrlen, error); }
#define PARTS_listen detail_address_slots(subject.cell)
#define ENTER_listen
#define LEAVE_listen if (call && !error) detail_after_listen(call, fd);
#define PARTS_accept 1 + 2 * detail_address_slots(subject.cell)
/*
 * A program that does not want the peer's address leaves us to ask for it. accept itself tells it for less, and of a connection that has been
 * reset by then as well: of those getpeername says ENOTCONN, accept not (inet_getname in net/ipv4/af_inet.c).
 * Not where a filter of the program's may look at the arguments.
 */
#define ENTER_accept \
	struct sockaddr_in6 own_address; \
	socklen_t own_length = sizeof own_address; \
	size_t address_room = detail_room_of_told(addr, addrlen); \
	if (!addr && (subject.cell & CELL_TCP) && guard_system_calls_allowed()) { \
		own_address.sin6_family = AF_UNSPEC; /* a call that does not take it leaves it so */ \
		addr = (struct sockaddr *)&own_address; \
		addrlen = &own_length; \
	}
#define LEAVE_accept \
	if (addr == (struct sockaddr *)&own_address && own_address.sin6_family != AF_UNSPEC) \
		address_room = sizeof own_address; \
	if (!error) \
		detail_after_accept(call, subject.cell, (int)result, addr, addrlen, address_room);

#define PARTS_send detail_payload_slots(len)
#define ENTER_send
#define LEAVE_send if (unlikely(call && detail_payload_bytes && result > 0)) detail_payload(call, buf, (size_t)result < len ? (size_t)result : len);
#define PARTS_recv PARTS_send
#define ENTER_recv
#define LEAVE_recv LEAVE_send
#define PARTS_sendto (unlikely(addr != NULL) ? detail_datagram_slots(subject.cell, addr) + detail_fast_slots(subject.cell, flags) : 0) + detail_payload_slots(len)
#define ENTER_sendto
#define LEAVE_sendto \
	if (unlikely(addr != NULL) && call && detail_address_was_read(error, addrlen)) { \
		if (!(subject.cell & CELL_TCP)) \
			detail_given_address(call, SLOT_EXT_ADDRESS_PEER, addr, addrlen); \
		else if (detail_opens_fast(subject.cell, flags)) \
			detail_after_connect(call, fd, addr, addrlen, error); \
	} \
	LEAVE_send
#define PARTS_recvfrom detail_datagram_slots(subject.cell, addr) + detail_payload_slots(len)
#define ENTER_recvfrom size_t address_room = detail_wants_room(subject.cell, addr) && addrlen ? detail_room_in(addrlen) : 0;
#define LEAVE_recvfrom \
	if (unlikely(address_room != 0) && call && !error) \
		detail_received_address(call, addr, addrlen, address_room); \
	LEAVE_send

/* The datagram's address; of a received one its flags as well (struct spool_ext_message). */
#define PARTS_sendmsg (detail_has_messages(subject.cell) ? detail_address_slots(subject.cell) : detail_fast_slots(subject.cell, flags)) + \
	detail_payload_slots(detail_payload_bytes)
#define ENTER_sendmsg
#define LEAVE_sendmsg if (detail_vector_was_read(error)) detail_message(call, subject.cell, msg, result, DETAIL_ROOM_SENT);
#define PARTS_recvmsg (detail_has_messages(subject.cell) ? 1 + detail_address_slots(subject.cell) : 0) + detail_payload_slots(detail_payload_bytes)
#define ENTER_recvmsg size_t address_room = detail_wants_room(subject.cell, msg) ? detail_room_of_message(msg) : 0;
#define LEAVE_recvmsg if (detail_vector_was_read(error)) detail_message(call, subject.cell, msg, result, address_room);
/* What all messages sum up to, and two addresses: whether there were several. */
#define PARTS_sendmmsg 1 + (detail_has_messages(subject.cell) ? 2 * detail_address_slots(subject.cell) : 0)
#define ENTER_sendmmsg
#define LEAVE_sendmmsg if (result > 0) detail_messages(call, subject.cell, msgs, (unsigned)result, DETAIL_ROOM_SENT);
#define PARTS_recvmmsg PARTS_sendmmsg
#define ENTER_recvmmsg size_t address_room = detail_wants_room(subject.cell, msgs) ? detail_room_of_messages(msgs, count) : 0;
#define LEAVE_recvmmsg if (result > 0) detail_messages(call, subject.cell, msgs, (unsigned)result, address_room);

#define PARTS_readv detail_payload_slots(detail_payload_bytes)
#define ENTER_readv
#define LEAVE_readv \
	if (call && detail_vector_was_read(error) && count > 0 && count <= UIO_MAXIOV) { \
		call->arg = detail_vector_bytes(iov, (size_t)count); \
		if (unlikely(detail_payload_bytes && result > 0)) \
			detail_vector_payload(call, iov, (size_t)count, result); \
	}
#define PARTS_writev PARTS_readv
#define ENTER_writev
#define LEAVE_writev LEAVE_readv

#define PARTS_getsockname detail_address_slots(subject.cell)
#define ENTER_getsockname size_t address_room = detail_room_of_told(addr, addrlen);
#define LEAVE_getsockname if (call) { if (!error) detail_told_address(call, fd, SLOT_EXT_ADDRESS_LOCAL, addr, addrlen, address_room); }
#define PARTS_getpeername PARTS_getsockname
#define ENTER_getpeername ENTER_getsockname
#define LEAVE_getpeername if (call) { if (!error) detail_told_address(call, fd, SLOT_EXT_ADDRESS_PEER, addr, addrlen, address_room); }
#define PARTS_getsockopt 1
#define ENTER_getsockopt
#define LEAVE_getsockopt if (call) { if (!error && len) { call->arg |= *len; detail_option(call, value, *len); } }
#define PARTS_setsockopt 1
#define ENTER_setsockopt
#define LEAVE_setsockopt if (call) { if (!error) detail_option(call, value, len); }

#endif
