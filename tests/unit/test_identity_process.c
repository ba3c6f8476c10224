/* test_identity_process.c: each rule of the state machine about who holds a socket: forks, execs, ends, tables and namespaces of threads, passed descriptors. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <time.h>

#include "tests/unit/identity_records.h"

static struct thread *fork_child(int pid, int64_t at_ns)
{
	struct thread *child = identity_thread_of(machine, &view, pid, pid, "child", at_ns);

	assert_non_null(child);
	thread = child;
	memset(slots, 0, sizeof slots);
	slots[0].process = (struct spool_process){.tag = {.type = SLOT_PROCESS, .state = STATE_DONE, .kind = PROCESS_FORKED}, .pid = pid,
		.parent_pid = 100, .at_ticks = (uint64_t)at_ns};
	apply();
	return child;
}

static void a_forked_holder_keeps_the_socket_open_until_it_ends(void **state)
{
	struct thread *parent = thread, *child;

	make_socket(TCP(1), 3, 100);
	child = fork_child(101, 150);
	span_record(SPAN_OPENED_FORK, 3, TCP(1), 151);
	thread = parent;
	call(CALL_close, 3, TCP(1), 200, 210, 0, 0);
	assert_int_equal(row_of(TCP(1))->closed_ns, FACT_NULL);
	assert_int_equal(child->process->row.parent_id, maker->row.process_id);
	assert_int_equal(child->process->row.start_cause, START_FORK);
	identity_process_end(machine, child->process, 500, END_KILLED, FACT_NULL, 9);
	assert_int_equal(row_of(TCP(1))->closed_ns, 500);
	assert_int_equal(row_of(TCP(1))->how_ended, ENDED_KILLED);
	assert_int_equal(row_of(TCP(1))->closed_by_id, child->process->row.process_id);
	assert_int_equal(child->process->row.exit_signal, 9);
}

static void a_span_that_opens_late_in_an_ended_process_closes_with_it(void **state)
{
	identity_process_end(machine, maker, 300, END_EXIT, 0, FACT_NULL);
	make_socket(TCP(1), 3, 100);
	assert_int_equal(row_of(TCP(1))->closed_ns, 300);
	assert_int_equal(row_of(TCP(1))->how_ended, ENDED_EXIT);
}

static void a_number_used_again_is_another_image(void **state)
{
	struct thread *first = fork_child(101, 150), *second;

	second = fork_child(101, 900);
	second = identity_thread_of(machine, &view, 101, 101, "child", 900);
	assert_ptr_not_equal(first->process, second->process);
	assert_int_equal(second->process->row.started_ns, 900);
	assert_int_equal(first->process->row.end_cause, END_KILLED);
}

static void an_exec_links_the_images_and_passes_the_spans_on(void **state)
{
	struct spool_view next = view;
	struct process *image;

	make_socket(TCP(1), 3, 100);
	make_socket(TCP(2), 4, 100);
	next.name = "100-2.spool";
	next.follows_exec = 1;
	next.started_ns = 400;
	assert_int_equal(identity_spool_add(machine, &next, &image), 0);
	thread = identity_thread_of(machine, &next, 100, 100, "next", 400);
	span_record(SPAN_OPENED_INHERITED, 3, TCP(1), 401);
	identity_link_images(machine, 0);
	assert_int_equal(image->row.start_cause, START_EXEC);
	assert_int_equal(image->row.previous_id, maker->row.process_id);
	assert_int_equal(maker->row.end_cause, END_EXEC);
	assert_int_equal(maker->row.ended_ns, 400);
	assert_int_equal(row_of(TCP(1))->closed_ns, FACT_NULL);
	assert_int_equal(row_of(TCP(1))->origin, ORIGIN_SOCKET);
	assert_int_equal(row_of(TCP(2))->how_ended, ENDED_EXEC);
	assert_int_equal(row_of(TCP(2))->closed_ns, 400);
	assert_int_equal(span_at(2)->opened_by, OPENED_EXEC);
}

static void an_image_that_was_not_read_to_its_end_goes_on(void **state)
{
	struct spool_view next = view;
	struct process *image;

	next.name = "100-2.spool";
	next.follows_exec = 1;
	next.started_ns = 400;
	assert_int_equal(identity_spool_add(machine, &next, &image), 0);
	identity_link_images(machine, 1);
	assert_int_equal(image->row.previous_id, maker->row.process_id);
	assert_int_equal(maker->row.ended_ns, FACT_NULL);
	assert_int_equal(maker->exec_ns, 400);
	make_socket(TCP(1), 3, 100);
	call(CALL_close, 3, TCP(1), 300, 310, 0, 0);
	assert_int_equal(row_of(TCP(1))->how_ended, ENDED_CLOSE);
	assert_int_equal(row_of(TCP(1))->closed_ns, 300);
}

static void an_image_may_be_read_before_the_one_that_it_replaced(void **state)
{
	struct spool_view next = view;
	struct process *image;
	struct thread *child;

	next.name = "101-2.spool";
	next.pid = 101;
	next.parent_pid = 100;
	next.follows_exec = 1;
	next.started_ns = 400;
	assert_int_equal(identity_spool_add(machine, &next, &image), 0);
	identity_link_images(machine, 0);
	assert_int_equal(image->row.previous_id, FACT_NULL);
	identity_changes_clear(machine);
	/* Only now the spool of its parent tells of the child that called exec. */
	child = fork_child(101, 300);
	identity_link_images(machine, 0);
	assert_ptr_not_equal(child->process, image);
	assert_int_equal(image->row.previous_id, child->process->row.process_id);
	assert_int_equal(child->process->row.end_cause, END_EXEC);
	assert_int_equal(child->process->row.ended_ns, 400);
	assert_true(image->changed);
}

static void a_fork_of_a_process_without_a_spool_is_its_child(void **state)
{
	struct spool_view next = view;
	struct process *image;

	next.name = "101-1.spool";
	next.pid = 101;
	next.parent_pid = 100;
	next.forked = 1;
	next.started_ns = 400;
	assert_int_equal(identity_spool_add(machine, &next, &image), 0);
	identity_link_images(machine, 0);
	assert_int_equal(image->row.start_cause, START_FORK);
	assert_int_equal(image->row.parent_id, maker->row.process_id);
	assert_int_equal(image->row.previous_id, FACT_NULL);
	assert_int_equal(maker->row.ended_ns, FACT_NULL);
}

static void process_record(enum spool_process_cause cause, uint64_t table, int64_t at_ns)
{
	memset(slots, 0, sizeof slots);
	slots[0].process = (struct spool_process){.tag = {.type = SLOT_PROCESS, .state = STATE_DONE, .kind = (uint16_t)cause}, .pid = 100,
		.at_ticks = (uint64_t)at_ns, .table = table};
	apply();
}

static void a_thread_with_a_table_of_its_own_closes_its_own_descriptors(void **state)
{
	struct thread *main_thread = thread, *alone = identity_thread_of(machine, &view, 100, 101, "alone", 0);

	make_socket(TCP(1), 3, 100);
	make_socket(TCP(2), 4, 110);
	thread = alone;
	process_record(PROCESS_UNSHARED, 1, 200);
	span_record(SPAN_OPENED_UNSHARE, 3, TCP(1), 201);
	span_record(SPAN_OPENED_UNSHARE, 4, TCP(2), 201);
	call(CALL_close, 3, TCP(1), 300, 310, 0, 0);
	assert_int_equal(row_of(TCP(1))->closed_ns, FACT_NULL);
	/* The others close theirs; the last holder is this thread, until it ends. */
	thread = main_thread;
	call(CALL_close, 3, TCP(1), 400, 410, 0, 0);
	call(CALL_close, 4, TCP(2), 420, 430, 0, 0);
	assert_int_equal(row_of(TCP(1))->closed_ns, 400);
	assert_int_equal(row_of(TCP(2))->closed_ns, FACT_NULL);
	thread = alone;
	process_record(PROCESS_THREAD_ENDING, 1, 500);
	assert_int_equal(row_of(TCP(2))->closed_ns, 500);
	assert_int_equal(row_of(TCP(2))->how_ended, ENDED_EXIT);
	assert_int_equal(span_count(), 4);
	assert_int_equal(span_at(2)->opened_by, OPENED_UNSHARE);
	assert_int_equal(span_at(2)->closed_ns, 300);
	assert_int_equal(span_at(3)->closed_by, CLOSED_EXIT);
}

static void threads_that_one_with_its_own_table_starts_share_it(void **state)
{
	struct thread *main_thread = thread, *first = identity_thread_of(machine, &view, 100, 101, "first", 0);
	struct thread *second = identity_thread_of(machine, &view, 100, 102, "second", 0);

	make_socket(TCP(1), 3, 100);
	make_socket(TCP(2), 4, 110);
	/* The second one's records are read before those that tell how the table came to be. */
	thread = second;
	process_record(PROCESS_UNSHARED, 1, 250);
	call(CALL_close, 3, TCP(1), 300, 310, 0, 0);
	thread = first;
	process_record(PROCESS_UNSHARED, 1, 200);
	span_record(SPAN_OPENED_UNSHARE, 3, TCP(1), 201);
	span_record(SPAN_OPENED_UNSHARE, 4, TCP(2), 201);
	process_record(PROCESS_THREAD_ENDING, 0, 350);
	assert_int_equal(row_of(TCP(1))->closed_ns, FACT_NULL);
	thread = main_thread;
	call(CALL_close, 3, TCP(1), 400, 410, 0, 0);
	call(CALL_close, 4, TCP(2), 420, 430, 0, 0);
	assert_int_equal(row_of(TCP(1))->closed_ns, 400);
	assert_int_equal(row_of(TCP(2))->closed_ns, FACT_NULL);
	thread = second;
	process_record(PROCESS_THREAD_ENDING, 1, 500);
	assert_int_equal(row_of(TCP(2))->closed_ns, 500);
	assert_int_equal(span_count(), 4);
	assert_int_equal(span_at(2)->closed_ns, 300);
}

static void sockets_made_in_another_network_namespace_say_so(void **state)
{
	make_socket(TCP(1), 3, 100);
	memset(slots, 0, sizeof slots);
	slots[0].process = (struct spool_process){.tag = {.type = SLOT_PROCESS, .state = STATE_DONE, .kind = PROCESS_NETWORK}, .pid = 100,
		.at_ticks = 150, .network_namespace = 4026532999};
	apply();
	make_socket(TCP(2), 4, 200);
	assert_int_equal(row_of(TCP(1))->network_namespace, FACT_NULL);
	assert_int_equal(row_of(TCP(2))->network_namespace, 4026532999);
	/* What is accepted is where its listener is. */
	call_of(CALL_accept, 3, TCP(1), 300, 310, 5, 0);
	extend_socket(TCP(3), 5);
	apply();
	call_of(CALL_accept, 4, TCP(2), 320, 330, 6, 0);
	extend_socket(TCP(4), 6);
	apply();
	assert_int_equal(row_of(TCP(3))->network_namespace, FACT_NULL);
	assert_int_equal(row_of(TCP(4))->network_namespace, 4026532999);
}

static void a_stale_close_that_never_returned_may_have_been_a_files(void **state)
{
	make_socket(TCP(1), 3, 100);
	call(CALL_close, 3, TCP(1), 200, 210, 0, 0);
	identity_facts(machine)->calls.count = 0;
	call_of(CALL_close, 3, TCP(1), 300, 300, 0, 0);
	slots[0].tag.state = STATE_RUNNING;
	slots[0].tag.flags = TAG_STALE;
	assert_int_equal(identity_apply_running(machine, thread, slots), 0);
	assert_int_equal(identity_facts(machine)->calls.count, 0);
	slots[0].tag.flags = 0;
	assert_int_equal(identity_apply_running(machine, thread, slots), 0);
	assert_int_equal(identity_facts(machine)->calls.count, 1);
}

static void an_exit_call_tells_the_status(void **state)
{
	call_of(CALL__exit, -1, 0, 200, 200, 0, 0)->arg = 7;
	slots[0].tag.state = STATE_RUNNING;
	assert_int_equal(identity_apply_running(machine, thread, slots), 0);
	assert_int_equal(maker->exiting_ns, 200);
	assert_int_equal(maker->row.exit_status, 7);
	assert_true(identity_facts(machine)->calls.rows[0].duration_ns == FACT_NULL);
}

static void an_inherited_socket_that_has_a_peer_is_connected(void **state)
{
	memset(slots, 0, sizeof slots);
	slots[0].span = (struct spool_span){.tag = {.type = SLOT_SPAN, .state = STATE_DONE, .kind = SPAN_OPENED_INHERITED}, .fd = 3,
		.protocol = 6, .at_ticks = 50, .socket = TCP(1)};
	extend_inet(SLOT_EXT_ADDRESS_LOCAL, 0x7f000001, 80);
	extend_inet(SLOT_EXT_ADDRESS_PEER, 0x7f000001, 4000);
	apply();
	assert_int_equal(row_of(TCP(1))->origin, ORIGIN_INHERITED);
	assert_int_equal(row_of(TCP(1))->connect_proof, PROOF_INHERITED);
	assert_int_equal(row_of(TCP(1))->connected_ns, 50);
	assert_int_equal(span_at(0)->opened_by, OPENED_INHERITED);
}

static void a_passed_descriptor_is_the_same_socket(void **state)
{
	make_socket(TCP(1), 3, 100);
	span_record(SPAN_SENT, 3, TCP(1), 150);
	call(CALL_close, 3, TCP(1), 200, 201, 0, 0);
	fork_child(101, 110);
	span_record(SPAN_OPENED_PASSED, 8, TCP(1), 300);
	assert_int_equal(row_of(TCP(1))->closed_ns, FACT_NULL);
	assert_int_equal(row_of(TCP(1))->origin, ORIGIN_SOCKET);
	assert_int_equal(identity_facts(machine)->passings.count, 1);
}

static void synthetic_numbers_count_within_their_spool(void **state)
{
	uint64_t cell = CELL_SYNTHETIC | 7 | (uint64_t)AF_INET << CELL_DOMAIN_SHIFT;
	struct spool_view other = view;
	struct process *image;

	other.pid = 200;
	other.name = "200-1.spool";
	assert_int_equal(identity_spool_add(machine, &other, &image), 0);
	assert_ptr_equal(identity_socket_of(machine, &view, cell), identity_socket_of(machine, &view, cell));
	assert_ptr_not_equal(identity_socket_of(machine, &view, cell), identity_socket_of(machine, &other, cell));
	assert_int_equal(row_of(cell)->cookie, FACT_NULL);
	assert_ptr_equal(identity_socket_of(machine, &view, TCP(7)), identity_socket_of(machine, &other, TCP(7)));
}

static void a_process_without_a_number_ends_nothing(void **state)
{
	struct thread *child = fork_child(200, 10);

	slots[0].process.pid = 0;
	slots[0].process.at_ticks = 20;
	apply();
	assert_int_equal(identity_facts(machine)->missing.count, 1);
	assert_string_equal(identity_facts(machine)->missing.rows[0].reason, "unknown_record");
	assert_ptr_equal(identity_thread_of(machine, &view, 200, 200, "child", 30), child);
}

/* Processor time of calls that so many children make in turn on one socket that all of them hold. */
static int64_t time_of_calls(unsigned first_pid, unsigned children, unsigned calls)
{
	struct thread **threads = calloc(children, sizeof *threads);
	struct timespec from, to;

	assert_non_null(threads);
	for (unsigned i = 0; i < children; i++) {
		threads[i] = fork_child((int)(first_pid + i), 110);
		span_record(SPAN_OPENED_FORK, 3, TCP(1), 111);
	}
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &from);
	for (unsigned i = 0; i < calls; i++) {
		thread = threads[i % children];
		call(CALL_send, 3, TCP(1), 200 + i, 201 + i, 1, 0);
	}
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &to);
	for (unsigned i = 0; i < children; i++)
		assert_int_equal(threads[i]->process->spans->row.calls, calls / children);
	free(threads);
	return (to.tv_sec - from.tv_sec) * INT64_C(1000000000) + to.tv_nsec - from.tv_nsec;
}

static void a_call_costs_no_more_when_thousands_hold_its_socket(void **state)
{
	int64_t few, many;

	make_socket(TCP(1), 3, 100);
	few = time_of_calls(1000, 10, 40000);
	many = time_of_calls(2000, 4000, 40000);
	/* A walk through the holders takes 30 times as long and more. */
	assert_in_range(many, 0, few * 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_forked_holder_keeps_the_socket_open_until_it_ends),
		TEST(a_call_costs_no_more_when_thousands_hold_its_socket),
		TEST(a_span_that_opens_late_in_an_ended_process_closes_with_it),
		TEST(a_number_used_again_is_another_image),
		TEST(an_exec_links_the_images_and_passes_the_spans_on),
		TEST(an_image_that_was_not_read_to_its_end_goes_on),
		TEST(an_image_may_be_read_before_the_one_that_it_replaced),
		TEST(a_fork_of_a_process_without_a_spool_is_its_child),
		TEST(a_thread_with_a_table_of_its_own_closes_its_own_descriptors),
		TEST(threads_that_one_with_its_own_table_starts_share_it),
		TEST(sockets_made_in_another_network_namespace_say_so),
		TEST(an_exit_call_tells_the_status),
		TEST(a_stale_close_that_never_returned_may_have_been_a_files),
		TEST(an_inherited_socket_that_has_a_peer_is_connected),
		TEST(a_passed_descriptor_is_the_same_socket),
		TEST(synthetic_numbers_count_within_their_spool),
		TEST(a_process_without_a_number_ends_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
