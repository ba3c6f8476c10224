/*
 * detail.c: see detail.h.
 */
#include "preload/detail.h"
#include "preload/guard.h"
#include "preload/listeners.h"
#include "preload/readable.h"

#include <stddef.h>
#include <sys/un.h>

#define PATH_OFFSET offsetof(struct sockaddr_un, sun_path)

READ_BY_EVERY_CALL unsigned detail_payload_bytes;

static struct spool_ext_socket *extend_socket(struct writer_extension *extension, int fd, uint64_t cell, int protocol)
{
	struct spool_ext_socket *slot = writer_extend(extension, SLOT_EXT_SOCKET, 0, 56);

	if (!slot)
		return NULL;
	slot->socket = cell;
	slot->fd = fd;
	slot->protocol = (uint32_t)protocol;
	return slot;
}

void detail_new_socket(struct spool_call *call, int result, int domain, int type, int protocol)
{
	uint64_t cell = subject_cell_of(result, domain, type, protocol);

	if (table_set(result, cell) < 0)
		writer_gap(GAP_DESCRIPTOR_RANGE, 1, NULL);
	if (call)
		call->socket = cell;
}

void detail_new_pair(struct spool_call *call, const int *fds, int domain, int type, int protocol)
{
	struct writer_extension extension = call ? writer_extensions_of(call) : (struct writer_extension){0};

	for (int i = 0; i < 2; i++) {
		uint64_t cell = subject_cell_of(fds[i], domain, type, protocol);

		if (table_set(fds[i], cell) < 0)
			writer_gap(GAP_DESCRIPTOR_RANGE, 1, NULL);
		extend_socket(&extension, fds[i], cell, protocol);
		if (i == 0 && call)
			call->socket = cell;
	}
}

/* getsockname for LOCAL, getpeername for PEER; the bytes of the address, 0: not known. */
static size_t ask_address(int fd, unsigned type, struct sockaddr_storage *address)
{
	long number = type == SLOT_EXT_ADDRESS_LOCAL ? SYS_getsockname : SYS_getpeername;
	socklen_t length = sizeof *address;

	if (!guard_system_calls_allowed() || raw_syscall(number, fd, address, &length) < 0)
		return 0;
	return length < sizeof *address ? length : sizeof *address;
}

/* The extensions behind those already filled. */
static struct writer_extension unfilled(struct spool_call *call)
{
	struct writer_extension extension = writer_extensions_of(call);

	while (extension.left && extension.next->tag.type != SLOT_EMPTY) {
		extension.next++;
		extension.left--;
	}
	return extension;
}

/*
 * An address that the program has given. Many hand over a whole struct sockaddr_storage, and the kernel takes it: what stands behind the address has no slots in the
 * record, and would take those of the next one, or of the payload.
 */
static __attribute__((noinline)) void extend_given(struct writer_extension *extension, uint64_t cell, unsigned type, const void *address, size_t length)
{
	size_t most = detail_address_slots(cell) * sizeof extension->next->data;

	writer_extend_bytes(extension, type, address, length < most ? length : most);
}

static __attribute__((noinline)) void extend_own(struct writer_extension *extension, int fd, unsigned type)
{
	struct sockaddr_storage address;
	size_t length = extension->left ? ask_address(fd, type, &address) : 0;

	if (length)
		writer_extend_bytes(extension, type, &address, length);
}

void detail_own_address(struct spool_call *call, int fd, unsigned type)
{
	struct writer_extension extension = unfilled(call);

	extend_own(&extension, fd, type);
}

/* An address that the kernel has read, all of it. Apart, for the sake of the stack of those that ask for another one besides. */
__attribute__((noinline)) void detail_given_address(struct spool_call *call, unsigned type, const void *address, size_t length)
{
	struct writer_extension extension = unfilled(call);

	if (length)
		extend_given(&extension, call->socket, type, address, length);
}

/* The call has told the program: where that can be read for certain, and is all of it, the kernel is not asked once more. */
static void extend_told(struct writer_extension *extension, int fd, unsigned type, const void *address, const socklen_t *length, size_t room)
{
	if (room != DETAIL_ROOM_UNKNOWN && *length && *length <= room && *length <= sizeof(struct sockaddr_storage))
		writer_extend_bytes(extension, type, address, *length);
	else
		extend_own(extension, fd, type);
}

void detail_told_address(struct spool_call *call, int fd, unsigned type, const void *address, const socklen_t *length, size_t room)
{
	struct writer_extension extension = unfilled(call);

	extend_told(&extension, fd, type, address, length, room);
}

/* How much of an address was written, and can be read: `length` is that of the whole one (recvfrom(2)). `good`: what the kernel has written through for certain. */
static size_t received_bytes(const void *address, size_t length, size_t room, const void *good, size_t good_bytes)
{
	if (length > sizeof(struct sockaddr_storage))
		length = sizeof(struct sockaddr_storage);
	if (room != DETAIL_ROOM_UNKNOWN)
		return length < room ? length : room;
	return length && (readable_beside(address, length, good, good_bytes) || readable_surely(address, length)) ? length : 0;
}

size_t detail_room_in(const socklen_t *room)
{
	return readable_on_stack(room, sizeof *room) ? *room : DETAIL_ROOM_UNKNOWN;
}

size_t detail_room_of_message(const struct msghdr *message)
{
	return readable_on_stack(message, sizeof *message) ? message->msg_namelen : DETAIL_ROOM_UNKNOWN;
}

size_t detail_room_of_messages(const struct mmsghdr *messages, unsigned count)
{
	size_t least = DETAIL_ROOM_UNKNOWN;

	if (count > UIO_MAXIOV)
		count = UIO_MAXIOV;
	if (!readable_on_stack(messages, count * sizeof *messages))
		return DETAIL_ROOM_UNKNOWN;
	for (unsigned i = 0; i < count; i++)
		if (messages[i].msg_hdr.msg_name && messages[i].msg_hdr.msg_namelen < least)
			least = messages[i].msg_hdr.msg_namelen;
	return least;
}

void detail_received_address(struct spool_call *call, const void *address, const socklen_t *length, size_t room)
{
	detail_given_address(call, SLOT_EXT_ADDRESS_PEER, address, received_bytes(address, *length, room, length, sizeof *length));
}

/* The destination is recorded before the call, so that a connect that hangs says where to. The pointer may be bad. */
void detail_before_connect(struct spool_call *call, const void *address, socklen_t length)
{
	struct writer_extension extension = writer_extensions_of(call);

	if (length == 0 || length > sizeof(struct sockaddr_storage))
		return;
	if (readable_surely(address, length) || guard_can_read(address, length))
		extend_given(&extension, call->socket, SLOT_EXT_ADDRESS_PEER, address, length);
	call->start_ticks = clock_ticks();
}

/* The kernel ends a path with NUL; the program may leave that to the length. */
static int is_same_path(const char *given, size_t given_length, const char *reached, size_t reached_length)
{
	for (size_t i = 0; i < reached_length; i++) {
		char one = i < given_length ? given[i] : 0;

		if (one != reached[i])
			return 0;
		if (!one)
			break;
	}
	return 1;
}

/*
 * A path may lead to a server by another name than that it has bound: through a symbolic link (/var/run), a hard link or a rename (how OpenSSH makes its
 * control socket appear at once). The kernel tells the one it has bound. Apart, for the sake of the stack.
 */
static __attribute__((noinline)) void extend_reached(struct spool_call *call, int fd, const struct sockaddr_un *given, socklen_t given_length)
{
	struct writer_extension extension = unfilled(call);
	struct sockaddr_storage reached;
	size_t length = extension.left ? ask_address(fd, SLOT_EXT_ADDRESS_PEER, &reached) : 0;

	if (length > PATH_OFFSET && !is_same_path(given->sun_path, given_length - PATH_OFFSET, (const char *)&reached + PATH_OFFSET, length - PATH_OFFSET))
		writer_extend_bytes(&extension, SLOT_EXT_ADDRESS_PEER, &reached, length);
}

static int is_path(const void *address, socklen_t length)
{
	const struct sockaddr_un *given = address;

	return given && length > PATH_OFFSET && given->sun_family == AF_UNIX && given->sun_path[0];
}

/*
 * What is behind the address recorded before. Nothing more of the record is looked at: what has not been written is not in the cache, and a read would wait for it,
 * as a write need not.
 */
void detail_after_connect(struct spool_call *call, int fd, const void *address, socklen_t length, int error)
{
	struct writer_extension extension = writer_extensions_of(call);

	if (extension.left && extension.next->tag.type != SLOT_EMPTY) {
		unsigned filled = writer_slots_for(extension.next->tag.length);

		extension.next += filled;
		extension.left -= filled;
	} else if (address && detail_address_was_read(error, length))
		extend_given(&extension, call->socket, SLOT_EXT_ADDRESS_PEER, address, length);
	if (!error || error == EINPROGRESS)
		extend_own(&extension, fd, SLOT_EXT_ADDRESS_LOCAL);
	if (!error && cell_domain(call->socket) == AF_UNIX && is_path(address, length))
		extend_reached(call, fd, address, length);
}

void detail_after_bind(struct spool_call *call, int fd, const void *address, socklen_t length, int error)
{
	if (!error)
		detail_own_address(call, fd, SLOT_EXT_ADDRESS_LOCAL);
	else if (detail_address_was_read(error, length))
		detail_given_address(call, SLOT_EXT_ADDRESS_LOCAL, address, length);
}

void detail_after_listen(struct spool_call *call, int fd)
{
	struct writer_extension extension = unfilled(call);
	struct sockaddr_storage address;
	size_t length = ask_address(fd, SLOT_EXT_ADDRESS_LOCAL, &address);

	if (length) {
		writer_extend_bytes(&extension, SLOT_EXT_ADDRESS_LOCAL, &address, length);
		listeners_note(fd, call->socket, &address, length);
	}
}

/* Who connected: in the kernel's queue nothing else tells one Unix connection from another. */
static int32_t peer_pid_of(int fd)
{
	struct ucred peer = {0};
	socklen_t length = sizeof peer;

	if (!guard_system_calls_allowed() || raw_syscall(SYS_getsockopt, fd, SOL_SOCKET, SO_PEERCRED, &peer, &length) < 0)
		return 0;
	return peer.pid;
}

/* Names the accepted socket, in our table and in the record. */
static __attribute__((noinline)) void note_accepted(struct writer_extension *extension, uint64_t listener, int result)
{
	/* A connection is of its listener's kind; only of an unknown listener must the kernel be asked. */
	int known = listener != 0;
	struct spool_ext_socket *accepted;
	uint64_t cell = subject_cell_of(result, known ? cell_domain(listener) : -1, known ? cell_type(listener) : -1,
		!known ? -1 : listener & CELL_TCP ? 0 : 1 << 16);

	/* A connection of MPTCP has its listener's cookie, which is asked for early with us (mptcp_sk_clone_init in net/mptcp/protocol.c). */
	if (unlikely(known && ((cell ^ listener) & CELL_IDENTITY) == 0))
		cell = (cell & ~CELL_COOKIE_MASK) | (writer_synthetic() & CELL_COOKIE_MASK) | CELL_SYNTHETIC;
	if (table_set(result, cell) < 0)
		writer_gap(GAP_DESCRIPTOR_RANGE, 1, NULL);
	accepted = extend_socket(extension, result, cell, -1);
	if (accepted && cell_domain(cell) == AF_UNIX)
		accepted->peer_pid = peer_pid_of(result);
}

void detail_after_accept(struct spool_call *call, uint64_t listener, int result, const void *address, const socklen_t *length, size_t room)
{
	struct writer_extension extension = call ? writer_extensions_of(call) : (struct writer_extension){0};
	const void *own;
	size_t own_bytes;

	note_accepted(&extension, listener, result);
	if (!call)
		return;
	extend_told(&extension, result, SLOT_EXT_ADDRESS_PEER, address, length, room);
	own_bytes = listeners_address(listener, &own);
	if (own_bytes)
		writer_extend_bytes(&extension, SLOT_EXT_ADDRESS_LOCAL, own, own_bytes);
	else
		extend_own(&extension, result, SLOT_EXT_ADDRESS_LOCAL);
}

void detail_payload(struct spool_call *call, const void *buffer, size_t bytes)
{
	struct writer_extension extension = unfilled(call);

	/* A stream asked to discard (MSG_TRUNC, tcp(7)) writes nothing, and the buffer may be any pointer. */
	if (call->flags & MSG_TRUNC && cell_type(call->socket) != SOCK_DGRAM)
		return;
	writer_extend_bytes(&extension, SLOT_EXT_PAYLOAD, buffer, bytes < detail_payload_bytes ? bytes : detail_payload_bytes);
}

uint64_t detail_vector_bytes(const struct iovec *vector, size_t count)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < count; i++)
		sum += vector[i].iov_len;
	return sum;
}

void detail_vector_payload(struct spool_call *call, const struct iovec *vector, size_t count, long result)
{
	size_t left = (size_t)result < detail_payload_bytes ? (size_t)result : detail_payload_bytes;

	/* Each buffer is a payload of its own: the reader strings them together. */
	for (size_t i = 0; vector && i < count && left; i++) {
		size_t n = vector[i].iov_len < left ? vector[i].iov_len : left;

		if (n)
			detail_payload(call, vector[i].iov_base, n);
		left -= n;
	}
}

/*
 * The lengths in a message header: musl has them 32 bits wide, with padding behind that may hold anything. The kernel refuses what would need more.
 */
static size_t vector_count(const struct msghdr *message)
{
	return (uint32_t)message->msg_iovlen;
}

static size_t control_bytes(const struct msghdr *message)
{
	return (uint32_t)message->msg_controllen;
}

static size_t control_length(const struct cmsghdr *header)
{
	return (uint32_t)header->cmsg_len;
}

/* Whether what has arrived are sockets may not be asked: what is done to them goes unseen until a call that only sockets take. Said once. */
static __attribute__((noinline)) void note_unknown_descriptors(void)
{
	static int told_by;
	int pid = guard_own_pid();

	if (told_by != pid && writer_gap(GAP_PASSED_UNKNOWN, 0, NULL))
		told_by = pid;
}

/* Descriptors that travelled in a Unix message: received ones may be sockets and then open spans; sent ones are noted. */
static __attribute__((noinline)) void pass_descriptors(struct spool_call *call, uint64_t via, const struct msghdr *message, int sent)
{
	const char *end = (const char *)message->msg_control + control_bytes(message);

	for (const struct cmsghdr *header = message->msg_control; ; ) {
		const int *fds = (const int *)CMSG_DATA(header);
		size_t left = (size_t)(end - (const char *)header);
		size_t count;

		if (control_length(header) < sizeof *header || control_length(header) > left)
			break;
		count = (control_length(header) - CMSG_LEN(0)) / sizeof(int);
		if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS)
			count = 0;
		for (size_t i = 0; i < count; i++) {
			uint64_t cell = sent ? table_get(fds[i]) : subject_cell_of(fds[i], -1, -1, -1);

			/* Whatever it is: the number is no longer what it was. */
			if (!sent)
				table_set(fds[i], cell);
			if (!sent && !cell && !guard_system_calls_allowed())
				note_unknown_descriptors();
			if (!cell || cell & (CELL_CLOSED | CELL_EPOLL))
				continue;
			writer_span(sent ? SPAN_SENT : SPAN_OPENED_PASSED, fds[i], cell, UINT32_MAX, via, call ? call->start_ticks : 0);
		}
		/* CMSG_NXTHDR, as the kernel has it, which wants no padding behind the last one. */
		if (left < CMSG_ALIGN(control_length(header)) + sizeof *header)
			break;
		header = (const struct cmsghdr *)((const char *)header + CMSG_ALIGN(control_length(header)));
	}
}

/* May it carry any? Most do not, and spare the stack. */
always_inline int may_pass(uint64_t via, const struct msghdr *message)
{
	/* A socket that came to a process in seccomp is of unknown domain. */
	int carries = cell_domain(via) == AF_UNIX || cell_domain(via) == AF_UNSPEC;

	return carries && message->msg_control && control_bytes(message) >= sizeof(struct cmsghdr);
}

static uint64_t requested_bytes(const struct msghdr *message)
{
	return message->msg_iov ? detail_vector_bytes(message->msg_iov, vector_count(message)) : 0;
}

/* How much of a message's address was written, and can be read. */
static size_t address_bytes(const struct msghdr *message, size_t room)
{
	return room && message->msg_name ? received_bytes(message->msg_name, message->msg_namelen, room, message, sizeof *message) : 0;
}

/* Apart, for the sake of the stack of those that connect nothing. */
static __attribute__((noinline)) void open_fast(struct spool_call *call, const struct msghdr *message, long result)
{
	detail_after_connect(call, call->fd, message->msg_name, message->msg_namelen, result < 0 ? EINPROGRESS : 0);
}

void detail_message(struct spool_call *call, uint64_t cell, const struct msghdr *message, long result, size_t room)
{
	struct writer_extension extension = call ? writer_extensions_of(call) : (struct writer_extension){0};
	int sent = room == DETAIL_ROOM_SENT;

	if (call)
		call->arg = requested_bytes(message);
	if (call && sent && detail_opens_fast(cell, (int)call->flags))
		open_fast(call, message, result);
	if (result < 0)
		return;
	if (extension.left && detail_has_messages(cell)) {
		struct spool_ext_message *slot = sent ? NULL : writer_extend(&extension, SLOT_EXT_MESSAGE, 0, 56);
		size_t length = address_bytes(message, room);

		if (slot) {
			slot->bytes = (uint64_t)result;
			slot->requested_bytes = call->arg;
			slot->message_flags = (uint32_t)message->msg_flags;
		}
		if (length)
			extend_given(&extension, cell, SLOT_EXT_ADDRESS_PEER, message->msg_name, length);
	}
	if (call && detail_payload_bytes && result > 0)
		detail_vector_payload(call, message->msg_iov, vector_count(message), result);
	if (may_pass(cell, message))
		pass_descriptors(call, cell, message, sent);
}

/* Written for little stack, as a data call may have. An address is told once for those in a row that have it. */
void detail_messages(struct spool_call *call, uint64_t cell, const struct mmsghdr *messages, unsigned done, size_t room)
{
	struct writer_extension extension = call ? writer_extensions_of(call) : (struct writer_extension){0};
	struct spool_ext_message *sum = call ? writer_extend(&extension, SLOT_EXT_MESSAGE, 0, 56) : NULL;
	const struct mmsghdr *end = messages + done;

	for (const struct mmsghdr *at = messages; at < end; at++)
		if (may_pass(cell, &at->msg_hdr))
			pass_descriptors(call, cell, &at->msg_hdr, room == DETAIL_ROOM_SENT);
	if (!sum)
		return;
	for (const struct mmsghdr *at = messages; at < end; at++) {
		sum->bytes += at->msg_len;
		sum->requested_bytes += requested_bytes(&at->msg_hdr);
		if (room != DETAIL_ROOM_SENT)
			sum->message_flags |= (uint32_t)at->msg_hdr.msg_flags;
	}
	for (const struct msghdr *told = NULL; messages < end && extension.left; messages++) {
		size_t length = address_bytes(&messages->msg_hdr, room);

		if (!length || (told && told->msg_namelen == messages->msg_hdr.msg_namelen && raw_equal(told->msg_name, messages->msg_hdr.msg_name, length)))
			continue;
		told = &messages->msg_hdr;
		extend_given(&extension, cell, SLOT_EXT_ADDRESS_PEER, told->msg_name, length);
	}
}

void detail_option(struct spool_call *call, const void *value, size_t length)
{
	struct writer_extension extension = writer_extensions_of(call);
	size_t to_page_end = 4096 - ((uintptr_t)value & 4095);

	if (length > 56)
		length = 56;
	/* The kernel reads no more of an option than it needs, of some nothing: what is beyond need not be there. */
	if (length > to_page_end)
		length = to_page_end;
	if (value && length && (readable_surely(value, length) || guard_can_read(value, length)))
		writer_extend_bytes(&extension, SLOT_EXT_OPTION, value, length);
}
