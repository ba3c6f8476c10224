/*
 * identity_records.h: a state machine with one process, and records for it, for its tests. Times are nanoseconds.
 *
 *	make_socket(TCP(1), 3, 100);                          socket() that returned 3 at 100
 *	call(CALL_close, 3, TCP(1), 200, 210, 0, 0);
 *	call_of(CALL_connect, …); extend_inet(…); apply();    one with extensions
 *	row_of(TCP(1))->closed_ns
 */
#ifndef TESTS_UNIT_IDENTITY_RECORDS_H
#define TESTS_UNIT_IDENTITY_RECORDS_H

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "collector/identity.h"

#define TCP(cookie) ((uint64_t)(cookie) | CELL_TCP | (uint64_t)AF_INET << CELL_DOMAIN_SHIFT | (uint64_t)SOCK_STREAM << CELL_TYPE_SHIFT)
#define CREATION(domain, type, protocol) ((uint64_t)(domain) | (uint64_t)(type) << 16 | (uint64_t)(protocol) << 32)

static struct identity *machine;
static struct spool_view view;
static struct process *maker;
static struct thread *thread;
static union record_slot slots[1 + SPOOL_MAX_PARTS];

static inline int start(void **state)
{
	struct identity_config config = {.keep_data_calls = 1};

	assert_int_equal(identity_new(&machine, &config), 0);
	view = (struct spool_view){.clock = {.ns_per_tick = 1}, .pid = 100, .parent_pid = 1, .name = "100-1.spool", .user_id = 0,
		.host_id = FACT_NULL, .executable = "/bin/program"};
	assert_int_equal(identity_spool_add(machine, &view, &maker), 0);
	thread = identity_thread_of(machine, &view, 100, 100, "main", 0);
	assert_non_null(thread);
	return 0;
}

static inline int stop(void **state)
{
	identity_free(machine);
	return 0;
}

static inline struct spool_call *call_of(enum call_number kind, int fd, uint64_t cell, int64_t start_ns, int64_t end_ns, int64_t result, int error)
{
	memset(slots, 0, sizeof slots);
	slots[0].call = (struct spool_call){.tag = {.type = SLOT_CALL, .state = STATE_DONE, .kind = kind, .length = (uint16_t)error}, .fd = fd,
		.start_ticks = (uint64_t)start_ns, .duration_ticks = (uint64_t)(end_ns - start_ns), .result = result, .socket = cell};
	return &slots[0].call;
}

static inline union record_slot *extend(unsigned type, unsigned length)
{
	union record_slot *slot = &slots[1 + slots[0].tag.parts++];

	slot->tag = (struct spool_tag){.type = (uint8_t)type, .state = STATE_DONE, .length = (uint16_t)length};
	return slot;
}

static inline void extend_inet(unsigned type, uint32_t host, uint16_t port)
{
	struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(host)};

	memcpy(extend(type, sizeof in)->data, &in, sizeof in);
}

static inline void extend_socket(uint64_t cell, int fd)
{
	union record_slot *slot = extend(SLOT_EXT_SOCKET, 56);

	slot->ext_socket.socket = cell;
	slot->ext_socket.fd = fd;
	slot->ext_socket.protocol = UINT32_MAX;
}

static inline void apply(void)
{
	assert_int_equal(identity_apply(machine, thread, slots), 0);
}

static inline void call(enum call_number kind, int fd, uint64_t cell, int64_t start_ns, int64_t end_ns, int64_t result, int error)
{
	call_of(kind, fd, cell, start_ns, end_ns, result, error);
	apply();
}

static inline void make_socket(uint64_t cell, int fd, int64_t at_ns)
{
	call_of(CALL_socket, -1, cell, at_ns - 1, at_ns, fd, 0)->arg = CREATION(AF_INET, SOCK_STREAM, 0);
	apply();
}

static inline void span_record(unsigned cause, int fd, uint64_t cell, int64_t at_ns)
{
	memset(slots, 0, sizeof slots);
	slots[0].span = (struct spool_span){.tag = {.type = SLOT_SPAN, .state = STATE_DONE, .kind = (uint16_t)cause}, .fd = fd,
		.protocol = UINT32_MAX, .at_ticks = (uint64_t)at_ns, .socket = cell};
	apply();
}

static inline struct fact_socket *row_of(uint64_t cell)
{
	struct socket *socket = identity_socket_of(machine, &view, cell);

	assert_non_null(socket);
	return &socket->row;
}

static inline uint32_t identity_address_of(const void *bytes, size_t length)
{
	return intern_put(identity_addresses(machine), bytes, length, NULL);
}

static inline uint32_t inet_address(uint32_t host, uint16_t port)
{
	struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(host)};

	return identity_address_of(&in, sizeof in);
}

static inline const struct fact_span *span_at(size_t index)
{
	struct span **spans;

	assert_true(index < identity_changed_spans(machine, &spans));
	return &spans[index]->row;
}

static inline size_t span_count(void)
{
	struct span **spans;

	return identity_changed_spans(machine, &spans);
}

static inline void connect_in_progress(uint64_t cell, int64_t at_ns)
{
	call_of(CALL_connect, 3, cell, at_ns, at_ns + 1, -1, EINPROGRESS);
	extend_inet(SLOT_EXT_ADDRESS_PEER, 0x7f000001, 80);
	apply();
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)

#endif
