/*
 * test_detail.c: what preload/detail.c reads of a program's memory, and what it makes of it. Each piece of the program's memory is a block of its own of
 * exactly the size that the kernel would have looked at, so that under `make asan` a byte read beyond is an error.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The modules themselves; what they lean on is replaced below. */
#include "preload/clock.c"
#include "preload/detail.c"
#include "preload/listeners.c"
#include "preload/readable.c"
#include "preload/subject.c"
#include "preload/table.c"
#include "preload/writer.c"

int guard_level, guard_report_due;
uint32_t spool_window = UINT32_MAX;
uint8_t patch_awake[2] = {1, 0};
__thread struct sharing *sharing;

int guard_own_pid(void) { return 1; }
int guard_own_tid(void) { return 1; }
int guard_can_read(const void *at, size_t bytes) { return at && bytes; }
void guard_report(void) { }
void sharing_after_fork(void) { }
struct thread_state *sharing_state(void) { return &thread_state; }
struct table *sharing_table(void) { return &table_process; }
void spool_after_fork(int parent_pid) { }
void thread_end_watch(void) { }
int64_t spool_claim(struct spool_header *spool) { return -1; }
void *spool_make_run(struct spool_header *spool, uint32_t taken, void *passed) { return passed; }
struct spool_header *spool_open(void) { return writer_spool; }

#define UDP ((uint64_t)AF_INET << CELL_DOMAIN_SHIFT | (uint64_t)SOCK_DGRAM << CELL_TYPE_SHIFT | 7)
#define UNIX ((uint64_t)AF_UNIX << CELL_DOMAIN_SHIFT | (uint64_t)SOCK_STREAM << CELL_TYPE_SHIFT | 8)

static void *block(const void *from, size_t bytes)
{
	void *to = malloc(bytes ? bytes : 1);

	memcpy(to, from, bytes);
	return to;
}

static struct spool_call *record(unsigned parts, uint64_t cell)
{
	struct spool_call *call = calloc(1 + parts, SPOOL_SLOT_BYTES);

	call->tag.parts = (uint8_t)parts;
	call->socket = cell;
	return call;
}

static const struct spool_slot *slot(const struct spool_call *call, unsigned index)
{
	return (const struct spool_slot *)call + 1 + index;
}

/* One vector of `bytes`, in blocks of their own. */
static struct iovec *vector_of(size_t bytes)
{
	static const char text[64] = "the bytes of a message, which are longer than one slot of it..";
	struct iovec one = {block(text, bytes), bytes};

	return block(&one, sizeof one);
}

static void free_vector(struct iovec *vector)
{
	free(vector->iov_base);
	free(vector);
}

/* Control data of every length up to two headers, with every plausible and implausible cmsg_len. */
static void control_data_is_not_read_beyond_its_end(void **state)
{
	const size_t lengths[] = {0, 1, 15, 16, 17, 19, 20, 24, 28, 40, 4096, SIZE_MAX / 2, SIZE_MAX};
	union { struct cmsghdr header; char bytes[64]; } control = {0};
	struct iovec *vector = vector_of(4);

	for (size_t size = 0; size <= sizeof control; size++) {
		for (unsigned i = 0; i < sizeof lengths / sizeof *lengths; i++) {
			struct spool_call *call = record(3, UNIX);
			struct msghdr message = {.msg_iov = vector, .msg_iovlen = 1, .msg_controllen = size};

			control.header = (struct cmsghdr){.cmsg_len = lengths[i], .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS};
			message.msg_control = block(&control, size);
			detail_message(call, UNIX, &message, 4, DETAIL_ROOM_SENT);
			assert_int_equal(call->arg, 4);
			free(message.msg_control);
			free(call);
		}
	}
	free_vector(vector);
}

/* What was written of an address is recorded, and nothing else. */
static void an_address_is_read_as_far_as_it_was_written(void **state)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = 99};
	struct iovec *vector = vector_of(4);

	for (size_t room = 0; room <= sizeof address; room++) {
		struct spool_call *call = record(2, UDP);
		struct msghdr message = {.msg_name = block(&address, room), .msg_namelen = sizeof address, .msg_iov = vector, .msg_iovlen = 1};

		detail_message(call, UDP, &message, 4, room);
		assert_int_equal(slot(call, 0)->tag.type, SLOT_EXT_MESSAGE);
		assert_int_equal(slot(call, 1)->tag.type, room ? SLOT_EXT_ADDRESS_PEER : SLOT_EMPTY);
		assert_int_equal(slot(call, 1)->tag.length, room);
		assert_memory_equal(slot(call, 1)->data, &address, room);
		free(message.msg_name);
		free(call);
	}
	free_vector(vector);
}

static void an_address_is_not_read_when_its_room_is_not_known(void **state)
{
	struct iovec *vector = vector_of(4);
	struct spool_call *call = record(2, UDP);
	/* Mapped memory of nobody: neither stack nor data nor heap, and no header beside it. */
	char *nowhere = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct msghdr message = {.msg_name = nowhere, .msg_namelen = 16, .msg_iov = vector, .msg_iovlen = 1};
	socklen_t length = 16;

	detail_message(call, UDP, &message, 4, DETAIL_ROOM_UNKNOWN);
	assert_int_equal(slot(call, 1)->tag.type, SLOT_EMPTY);
	detail_received_address(call, nowhere, &length, DETAIL_ROOM_UNKNOWN);
	assert_int_equal(slot(call, 1)->tag.type, SLOT_EMPTY);
	munmap(nowhere, 4096);
	free(call);
	free_vector(vector);
}

static void payload_is_read_as_far_as_it_went(void **state)
{
	detail_payload_bytes = 60;
	for (size_t bytes = 0; bytes <= 64; bytes++) {
		struct spool_call *call = record(2, UNIX);
		struct iovec *vector = vector_of(bytes);

		detail_vector_payload(call, vector, 1, (long)bytes);
		assert_int_equal(slot(call, 0)->tag.type, bytes ? SLOT_EXT_PAYLOAD : SLOT_EMPTY);
		assert_int_equal(slot(call, 0)->tag.length, bytes < 60 ? bytes : 60);
		free_vector(vector);
		free(call);
	}
	detail_payload_bytes = 0;
}

static void an_option_is_read_as_far_as_its_length_says(void **state)
{
	static const char text[128];

	for (size_t bytes = 0; bytes <= sizeof text; bytes++) {
		struct spool_call *call = record(1, UDP);
		char *value = block(text, bytes);

		detail_option(call, value, bytes);
		assert_true(slot(call, 0)->tag.length <= bytes && slot(call, 0)->tag.length <= 56);
		free(value);
		free(call);
	}
}

static struct mmsghdr *messages_to(const in_port_t *ports, unsigned count)
{
	struct mmsghdr *messages = calloc(count, sizeof *messages);

	for (unsigned i = 0; i < count; i++) {
		struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = ports[i]};

		messages[i].msg_hdr = (struct msghdr){.msg_name = block(&address, sizeof address), .msg_namelen = sizeof address,
			.msg_iov = vector_of(i + 1), .msg_iovlen = 1, .msg_flags = MSG_TRUNC};
		messages[i].msg_len = i;
	}
	return messages;
}

static void free_messages(struct mmsghdr *messages, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		free(messages[i].msg_hdr.msg_name);
		free_vector(messages[i].msg_hdr.msg_iov);
	}
	free(messages);
}

/* One slot sums them up; an address is told once for those in a row that have it, as far as there are slots. */
static void many_messages_take_a_slot_and_an_address_for_each_change(void **state)
{
	enum { MESSAGES = 6 };
	static const in_port_t ports[MESSAGES] = {7, 7, 7, 8, 8, 9};

	for (unsigned parts = 1; parts <= 4; parts++) {
		struct mmsghdr *messages = messages_to(ports, MESSAGES);
		struct spool_call *call = record(parts, UDP);
		const struct spool_ext_message *sum = (const void *)slot(call, 0);

		detail_messages(call, UDP, messages, MESSAGES, sizeof(struct sockaddr_in));
		assert_int_equal(sum->tag.type, SLOT_EXT_MESSAGE);
		assert_int_equal(sum->bytes, MESSAGES * (MESSAGES - 1) / 2);
		assert_int_equal(sum->requested_bytes, MESSAGES * (MESSAGES + 1) / 2);
		assert_int_equal(sum->message_flags, MSG_TRUNC);
		for (unsigned i = 1; i < parts; i++) {
			struct sockaddr_in address;

			assert_int_equal(slot(call, i)->tag.type, SLOT_EXT_ADDRESS_PEER);
			memcpy(&address, slot(call, i)->data, sizeof address);
			assert_int_equal(address.sin_port, 6 + i);
		}
		free_messages(messages, MESSAGES);
		free(call);
	}
}

/* msg_flags of a message to send is nobody's: the kernel does not read it (sendmsg(2)). */
static void flags_of_what_is_sent_are_not_recorded(void **state)
{
	static const in_port_t ports[2] = {7, 7};
	struct mmsghdr *messages = messages_to(ports, 2);
	struct spool_call *many = record(3, UDP), *one = record(1, UDP);

	detail_messages(many, UDP, messages, 2, DETAIL_ROOM_SENT);
	assert_int_equal(((const struct spool_ext_message *)slot(many, 0))->message_flags, 0);
	detail_message(one, UDP, &messages[1].msg_hdr, 1, DETAIL_ROOM_SENT);
	assert_int_equal(one->arg, 2);
	assert_int_equal(slot(one, 0)->tag.type, SLOT_EXT_ADDRESS_PEER);
	free_messages(messages, 2);
	free(many);
	free(one);
}

static void *on_a_thread(void *result)
{
	socklen_t room = 16;

	*(int *)result = readable_on_stack(&room, sizeof room) && detail_room_in(&room) == 16;
	return NULL;
}

static void the_stack_is_known_and_what_is_beyond_is_not(void **state)
{
	static socklen_t data = 16;
	socklen_t room = 16;
	int found = 0;
	pthread_t thread;

	readable_init();
#ifndef __SANITIZE_ADDRESS__ /* which keeps locals elsewhere */
	assert_int_equal(detail_room_in(&room), 16);
	pthread_create(&thread, NULL, on_a_thread, &found);
	pthread_join(thread, NULL);
	assert_true(found);
#endif
	assert_true(detail_room_in(&data) == DETAIL_ROOM_UNKNOWN);
	assert_true(readable_surely(&data, sizeof data));
	assert_false(readable_surely((char *)NULL + 1, 16));
	assert_false(readable_surely((char *)UINTPTR_MAX - 8, 16));
	assert_false(readable_surely(&data, SIZE_MAX));
	(void)room, (void)found, (void)thread, (void)on_a_thread;
}

static int bound_socket(int family, const char *address, int transparent, struct sockaddr_in6 *to, socklen_t *length)
{
	int fd = socket(family, SOCK_STREAM, 0);

	memset(to, 0, sizeof *to);
	to->sin6_family = (sa_family_t)family;
	inet_pton(family, address, family == AF_INET ? (void *)&((struct sockaddr_in *)to)->sin_addr : (void *)&to->sin6_addr);
	*length = family == AF_INET ? sizeof(struct sockaddr_in) : sizeof *to;
	if (transparent && setsockopt(fd, SOL_IP, IP_TRANSPARENT, &(int){1}, sizeof(int)) < 0) {
		close(fd);
		return -1;
	}
	assert_int_equal(bind(fd, (struct sockaddr *)to, *length), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)to, length), 0);
	return fd;
}

/* Whether the address of what it accepts is known of this listener. */
static int is_kept(int fd, uint64_t number, const struct sockaddr_in6 *address, socklen_t length)
{
	uint64_t cell = number | CELL_TCP | (uint64_t)address->sin6_family << CELL_DOMAIN_SHIFT | (uint64_t)SOCK_STREAM << CELL_TYPE_SHIFT;
	const void *kept;
	size_t bytes;

	if (table_get(fd) == 0)
		table_set(fd, cell);
	listeners_note(fd, table_get(fd), address, length);
	bytes = listeners_address(table_get(fd), &kept);
	return bytes == length && memcmp(kept, address, bytes) == 0;
}

static void the_address_of_a_listener_is_kept_if_it_is_the_only_one(void **state)
{
	struct sockaddr_in6 address;
	socklen_t length;
	int fd;

	fd = bound_socket(AF_INET, "127.0.0.1", 0, &address, &length);
	assert_true(is_kept(fd, 101, &address, length));
	assert_true(is_kept(fd, 101, &address, length)); /* listen once more */
	assert_int_equal(listeners_address(table_get(fd) ^ 1, &(const void *){0}), 0);
	((struct sockaddr_in *)&address)->sin_port ^= 1; /* it was bound anew */
	assert_false(is_kept(fd, 101, &address, length));
	close(fd);
	table_set(fd, 0);
	fd = bound_socket(AF_INET, "0.0.0.0", 0, &address, &length);
	assert_false(is_kept(fd, 102, &address, length));
	close(fd);
	table_set(fd, 0);
	fd = bound_socket(AF_INET6, "::", 0, &address, &length);
	assert_false(is_kept(fd, 103, &address, length));
	close(fd);
	table_set(fd, 0);
	fd = bound_socket(AF_INET, "127.0.0.1", 1, &address, &length);
	if (fd >= 0) { /* it takes a capability */
		assert_false(is_kept(fd, 104, &address, length));
		close(fd);
		table_set(fd, 0);
	}
}

/* Which port the record of a socket's own address has, when the program was told another. */
static int recorded_port(int fd, const struct sockaddr_in *told, socklen_t length, size_t room)
{
	struct spool_call *call = record(1, 7 | CELL_TCP);
	const struct spool_slot *slot = (const struct spool_slot *)(call + 1);
	struct sockaddr_in address;

	detail_told_address(call, fd, SLOT_EXT_ADDRESS_LOCAL, told, &length, room);
	assert_int_equal(slot->tag.type, SLOT_EXT_ADDRESS_LOCAL);
	assert_int_equal(slot->tag.length, sizeof address);
	memcpy(&address, slot->data, sizeof address);
	free(call);
	return ntohs(address.sin_port);
}

static void an_address_that_the_program_was_told_is_not_asked_for_again(void **state)
{
	struct sockaddr_in told = {.sin_family = AF_INET, .sin_port = htons(1)};
	struct sockaddr_in6 address;
	socklen_t length;
	int fd = bound_socket(AF_INET, "127.0.0.1", 0, &address, &length), port = ntohs(((struct sockaddr_in *)&address)->sin_port);

	assert_int_equal(recorded_port(fd, &told, sizeof told, sizeof told), 1);
	assert_int_equal(recorded_port(fd, &told, sizeof told, DETAIL_ROOM_UNKNOWN), port);
	assert_int_equal(recorded_port(fd, &told, sizeof told, 4), port); /* it was cut */
	assert_int_equal(recorded_port(fd, &told, 0, sizeof told), port);
	close(fd);
}

static void as_many_listeners_are_kept_as_there_are_places(void **state)
{
	struct sockaddr_in6 address;
	socklen_t length;
	int fd = bound_socket(AF_INET, "127.0.0.1", 0, &address, &length), kept = 0;

	for (uint64_t i = 0; i < 2 * PLACES; i++) {
		table_set(fd, 0);
		kept += is_kept(fd, 200 + i, &address, length);
	}
	assert_in_range(kept, 1, PLACES);
	table_set(fd, 0);
	close(fd);
}

/* A whole struct sockaddr_storage is given for it: an address takes its own slots, not those of what is recorded next. */
static void what_is_behind_an_address_takes_no_slot(void **state)
{
	union { struct sockaddr_storage whole; struct sockaddr_in v4; } given = {.v4 = {.sin_family = AF_INET, .sin_port = 99}};
	static const in_port_t ports[2] = {7, 8};
	struct spool_call *call = record(2, UDP);
	struct mmsghdr *messages;

	detail_payload_bytes = 40;
	detail_given_address(call, SLOT_EXT_ADDRESS_PEER, &given, sizeof given);
	detail_payload(call, &given, 40);
	assert_int_equal(slot(call, 0)->tag.type, SLOT_EXT_ADDRESS_PEER);
	assert_memory_equal(slot(call, 0)->data, &given, sizeof given.v4);
	assert_int_equal(slot(call, 1)->tag.type, SLOT_EXT_PAYLOAD);
	assert_int_equal(slot(call, 1)->tag.length, 40);
	detail_payload_bytes = 0;
	free(call);

	messages = messages_to(ports, 2);
	for (unsigned i = 0; i < 2; i++) {
		struct sockaddr_in *address = messages[i].msg_hdr.msg_name;

		given.v4 = *address;
		free(address);
		messages[i].msg_hdr.msg_name = block(&given, sizeof given);
		messages[i].msg_hdr.msg_namelen = sizeof given;
	}
	call = record(3, UDP);
	detail_messages(call, UDP, messages, 2, DETAIL_ROOM_SENT);
	assert_int_equal(slot(call, 1)->tag.type, SLOT_EXT_ADDRESS_PEER);
	assert_int_equal(slot(call, 2)->tag.type, SLOT_EXT_ADDRESS_PEER);
	free_messages(messages, 2);
	free(call);
}

/* The same of connect: where from is recorded behind where to. */
static void what_is_behind_an_address_does_not_hide_where_from(void **state)
{
	union { struct sockaddr_storage whole; struct sockaddr_in v4; } given = {.v4 = {.sin_family = AF_INET, .sin_port = 99}};
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	assert_int_equal(connect(fd, (void *)&given, sizeof given), 0);
	for (int before = 0; before <= 1; before++) {
		struct spool_call *call = record(2, UDP);

		if (before)
			detail_before_connect(call, &given, sizeof given);
		detail_after_connect(call, fd, &given, sizeof given, 0);
		assert_int_equal(slot(call, 0)->tag.type, SLOT_EXT_ADDRESS_PEER);
		assert_int_equal(slot(call, 1)->tag.type, SLOT_EXT_ADDRESS_LOCAL);
		free(call);
	}
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(control_data_is_not_read_beyond_its_end),
		cmocka_unit_test(an_address_is_read_as_far_as_it_was_written),
		cmocka_unit_test(an_address_is_not_read_when_its_room_is_not_known),
		cmocka_unit_test(payload_is_read_as_far_as_it_went),
		cmocka_unit_test(an_option_is_read_as_far_as_its_length_says),
		cmocka_unit_test(what_is_behind_an_address_takes_no_slot),
		cmocka_unit_test(what_is_behind_an_address_does_not_hide_where_from),
		cmocka_unit_test(many_messages_take_a_slot_and_an_address_for_each_change),
		cmocka_unit_test(flags_of_what_is_sent_are_not_recorded),
		cmocka_unit_test(the_address_of_a_listener_is_kept_if_it_is_the_only_one),
		cmocka_unit_test(an_address_that_the_program_was_told_is_not_asked_for_again),
		cmocka_unit_test(as_many_listeners_are_kept_as_there_are_places),
		cmocka_unit_test(the_stack_is_known_and_what_is_beyond_is_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
