/* test_identity_wait.c: what poll, select and epoll_wait found, and of which socket. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <poll.h>

#include "tests/unit/identity_records.h"

static void epoll_add(uint64_t cell, int fd, uint64_t data)
{
	union record_slot *slot;

	call_of(CALL_epoll_ctl, fd, cell, 150, 151, 0, 0)->flags = EPOLL_CTL_ADD;
	slot = extend(SLOT_EXT_EPOLL, 56);
	slot->epoll.epoll = CELL_EPOLL | 50;
	slot->epoll.data = data;
	slot->epoll.events = EPOLLIN;
	apply();
}

static void epoll_finds(uint64_t data, int64_t at_ns)
{
	call(CALL_epoll_wait, 9, CELL_EPOLL | 50, at_ns, at_ns + 10, 1, 0);
	memset(slots, 0, sizeof slots);
	slots[0].epoll_ready = (struct spool_epoll_ready){.tag = {.type = SLOT_EPOLL_READY, .state = STATE_DONE, .length = 1},
		.call_start_ticks = (uint64_t)at_ns, .entry = {{EPOLLIN, (uint32_t)data, (uint32_t)(data >> 32)}}};
	apply();
}

static void epoll_data_names_a_socket_only_when_one_was_added_with_it(void **state)
{
	make_socket(TCP(1), 3, 100);
	make_socket(TCP(2), 4, 100);
	make_socket(TCP(3), 5, 100);
	epoll_add(TCP(1), 3, UINT64_C(0xabcdef0123456789));
	epoll_add(TCP(2), 4, 1);
	epoll_add(TCP(3), 5, 1);
	epoll_finds(UINT64_C(0xabcdef0123456789), 200);
	assert_int_equal(identity_facts(machine)->ready.count, 1);
	assert_int_equal(identity_facts(machine)->ready.rows[0].socket_id, row_of(TCP(1))->socket_id);
	assert_int_equal(row_of(TCP(1))->poll_ns, 10);
	epoll_finds(1, 300);
	assert_int_equal(identity_facts(machine)->ready.count, 1);
	call(CALL_close, 4, TCP(2), 400, 401, 0, 0);
	epoll_finds(1, 500);
	assert_int_equal(identity_facts(machine)->ready.count, 2);
	assert_int_equal(identity_facts(machine)->ready.rows[1].socket_id, row_of(TCP(3))->socket_id);
}

/* epoll_add is a call from 150 to 151. */
static void a_wait_may_be_read_before_the_call_that_added_what_it_found(void **state)
{
	make_socket(TCP(1), 3, 100);
	make_socket(TCP(2), 4, 100);
	epoll_finds(7, 120);  /* returned at 130: then the word was another file's */
	epoll_finds(7, 145);
	assert_int_equal(identity_facts(machine)->ready.count, 0);
	epoll_add(TCP(2), 4, 8);
	assert_int_equal(identity_facts(machine)->ready.count, 0);
	epoll_add(TCP(1), 3, 7);
	assert_int_equal(identity_facts(machine)->ready.count, 1);
	assert_int_equal(identity_facts(machine)->ready.rows[0].socket_id, row_of(TCP(1))->socket_id);
	assert_int_equal(identity_facts(machine)->ready.rows[0].start_ns, 145);
	assert_int_equal(row_of(TCP(1))->poll_ns, 10);
	epoll_add(TCP(1), 3, 7);
	assert_int_equal(identity_facts(machine)->ready.count, 1);
}

static void an_epoll_instance_is_its_spools_though_another_has_the_same_number(void **state)
{
	static struct spool_view other;
	struct thread *first = thread;
	struct process *process;

	other = (struct spool_view){.clock = {.ns_per_tick = 1}, .pid = 200, .parent_pid = 1, .name = "200-1.spool", .host_id = FACT_NULL};
	make_socket(TCP(1), 3, 100);
	epoll_add(TCP(1), 3, 7);
	assert_int_equal(identity_spool_add(machine, &other, &process), 0);
	thread = identity_thread_of(machine, &other, 200, 200, "main", 100);
	epoll_finds(7, 160);   /* what the other program added, which is no socket */
	assert_int_equal(identity_facts(machine)->ready.count, 0);
	identity_process_end(machine, process, 170, END_EXIT, 0, FACT_NULL);
	thread = identity_thread_of(machine, &other, 201, 201, "child", 180);
	make_socket(TCP(2), 3, 190);
	epoll_add(TCP(2), 3, 8);
	epoll_finds(8, 200);
	thread = first;
	epoll_finds(7, 300);
	epoll_finds(8, 400);
	assert_int_equal(identity_facts(machine)->ready.count, 2);
	assert_int_equal(identity_facts(machine)->ready.rows[0].socket_id, row_of(TCP(2))->socket_id);
	assert_int_equal(identity_facts(machine)->ready.rows[1].socket_id, row_of(TCP(1))->socket_id);
}

/* What poll found of the socket, in a wait that began at start_ns and is not recorded itself. */
static void poll_finds(uint64_t cell, int fd, int64_t start_ns, uint32_t events)
{
	memset(slots, 0, sizeof slots);
	slots[0].ready = (struct spool_ready){.tag = {.type = SLOT_READY, .state = STATE_DONE, .length = 1}, .call_start_ticks = (uint64_t)start_ns,
		.entry = {{.socket = cell, .fd = fd, .events = events}}};
	apply();
}

/* How long before the last call the wait began that is part of it; FACT_NULL: none is. *is_alone: 1: the wait found last is a row of its own. */
static int64_t last_ready_ns(int *is_alone)
{
	const struct facts *facts = identity_facts(machine);
	const struct fact_call *call = &facts->calls.rows[facts->calls.count - 1];

	*is_alone = facts->ready.rows[facts->ready.count - 1].socket_id != FACT_NULL;
	return call->ready_events ? call->outcome : FACT_NULL;
}

static void a_wait_is_part_of_the_call_that_follows_it(void **state)
{
	int is_alone;

	make_socket(TCP(1), 3, 100);
	poll_finds(TCP(1), 3, 200, POLLIN);
	call(CALL_recv, 3, TCP(1), 250, 251, 5, 0);
	assert_int_equal(last_ready_ns(&is_alone), 50);
	assert_false(is_alone);
	assert_int_equal(identity_facts(machine)->calls.rows[identity_facts(machine)->calls.count - 1].ready_events, POLLIN);
	call(CALL_recv, 3, TCP(1), 260, 261, -1, EAGAIN);
	assert_int_equal(last_ready_ns(&is_alone), FACT_NULL);
	poll_finds(TCP(1), 3, 300, POLLIN | POLLHUP);
	call(CALL_recv, 3, TCP(1), 310, 311, 0, 0);
	assert_int_equal(last_ready_ns(&is_alone), 10);
	assert_false(is_alone);
}

static void a_wait_that_no_call_follows_at_once_is_a_row_of_its_own(void **state)
{
	struct thread *first = thread;
	int is_alone;

	make_socket(TCP(1), 3, 100);
	make_socket(TCP(2), 4, 101);
	/* Another socket's call, another descriptor's, one that moves no data, one of another thread. */
	poll_finds(TCP(1), 3, 200, POLLIN);
	call(CALL_recv, 4, TCP(2), 210, 211, 5, 0);
	assert_int_equal(last_ready_ns(&is_alone), FACT_NULL);
	call(CALL_recv, 9, TCP(1), 220, 221, 5, 0);
	assert_int_equal(last_ready_ns(&is_alone), FACT_NULL);
	assert_true(is_alone);
	poll_finds(TCP(1), 3, 300, POLLIN);
	call(CALL_getsockopt, 3, TCP(1), 310, 311, 0, 0);
	assert_int_equal(last_ready_ns(&is_alone), FACT_NULL);
	call(CALL_recv, 3, TCP(1), 320, 321, 5, 0); /* with a call between, the wait would come after it */
	assert_int_equal(last_ready_ns(&is_alone), FACT_NULL);
	assert_true(is_alone);
	poll_finds(TCP(1), 3, 400, POLLIN);
	thread = identity_thread_of(machine, &view, 100, 101, "second", 0);
	call(CALL_recv, 3, TCP(1), 410, 411, 5, 0);
	assert_int_equal(last_ready_ns(&is_alone), FACT_NULL);
	thread = first;
	call(CALL_recv, 3, TCP(1), 420, 421, 5, 0);
	assert_int_equal(last_ready_ns(&is_alone), FACT_NULL);
	assert_true(is_alone);
	/* A call of another thread that began in the wait. */
	thread = identity_thread_of(machine, &view, 100, 101, "second", 0);
	call(CALL_send, 3, TCP(1), 510, 511, 5, 0);
	thread = first;
	poll_finds(TCP(1), 3, 500, POLLIN);
	call(CALL_recv, 3, TCP(1), 520, 521, 5, 0);
	assert_int_equal(last_ready_ns(&is_alone), FACT_NULL);
	assert_true(is_alone);
	/* One that failed: its row has the error there. */
	poll_finds(TCP(1), 3, 550, POLLIN);
	call(CALL_recv, 3, TCP(1), 560, 561, -1, EAGAIN);
	assert_int_equal(last_ready_ns(&is_alone), FACT_NULL);
	assert_true(is_alone);
	call(CALL_recv, 3, TCP(1), 570, 571, 5, 0);
	assert_int_equal(last_ready_ns(&is_alone), FACT_NULL);
	/* In the set, and not ready. */
	poll_finds(TCP(1), 3, 600, READY_NOT | POLLIN);
	call(CALL_recv, 3, TCP(1), 610, 611, 5, 0);
	assert_int_equal(last_ready_ns(&is_alone), FACT_NULL);
	assert_true(is_alone);
}

static void a_wait_that_names_a_descriptor_twice_found_it_once(void **state)
{
	int is_alone;

	make_socket(TCP(1), 3, 100);
	poll_finds(TCP(1), 3, 200, POLLIN);
	poll_finds(TCP(1), 3, 200, POLLIN | POLLOUT);
	assert_int_equal(identity_facts(machine)->ready.count, 1);
	call(CALL_recv, 3, TCP(1), 250, 251, 5, 0);
	assert_int_equal(last_ready_ns(&is_alone), 50);
	assert_int_equal(identity_facts(machine)->calls.rows[identity_facts(machine)->calls.count - 1].ready_events, POLLIN | POLLOUT);
	poll_finds(TCP(1), 3, 300, POLLIN);
	poll_finds(TCP(1), 3, 310, POLLIN);
	assert_int_equal(identity_facts(machine)->ready.count, 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(epoll_data_names_a_socket_only_when_one_was_added_with_it),
		TEST(an_epoll_instance_is_its_spools_though_another_has_the_same_number),
		TEST(a_wait_may_be_read_before_the_call_that_added_what_it_found),
		TEST(a_wait_is_part_of_the_call_that_follows_it),
		TEST(a_wait_that_no_call_follows_at_once_is_a_row_of_its_own),
		TEST(a_wait_that_names_a_descriptor_twice_found_it_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
