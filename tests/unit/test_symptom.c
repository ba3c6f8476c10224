/* test_symptom.c: the facts that rules suspect from, one call at a time. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "collector/symptom.h"
#include "schema/spool.h"

#define MS 1000000

static struct symptom symptom;

/* One call of a TCP socket. */
static struct symptom_call call_of(int kind, int effect, int64_t start_ns, int64_t duration_ns, int64_t requested, int64_t bytes, int error)
{
	return (struct symptom_call){.kind = (uint16_t)kind, .effect = (uint8_t)effect, .type = SOCK_STREAM, .tcp = true, .error = error,
		.start_ns = start_ns, .duration_ns = duration_ns, .requested_bytes = requested, .bytes = bytes};
}

static void send_at(int64_t start_ns, int64_t requested, int64_t bytes, int error)
{
	struct symptom_call call = call_of(CALL_send, EFFECT_SEND, start_ns, 10, requested, bytes, error);

	symptom_note_call(&symptom, &call);
}

static void receive_at(int64_t start_ns, int64_t duration_ns, int64_t bytes, int error)
{
	struct symptom_call call = call_of(CALL_recv, EFFECT_RECEIVE, start_ns, duration_ns, 100, bytes, error);

	symptom_note_call(&symptom, &call);
}

static int setup(void **state)
{
	symptom_init(&symptom);
	return 0;
}

static void nothing_seen_is_null(void **state)
{
	assert_int_equal(symptom.eof_count, 0);
	assert_int_equal(symptom.first_send_ns, SYMPTOM_NONE);
	assert_int_equal(symptom.longest_start_ns, SYMPTOM_NONE);
}

static void a_call_that_lacks_a_peer_is_noted_and_a_question_of_one_byte_is_not(void **state)
{
	struct symptom_call question = call_of(CALL_recv, EFFECT_RECEIVE, 1000, 100, 1, 0, ENOTCONN);

	symptom_note_call(&symptom, &question);
	assert_int_equal(symptom.not_connected_ns, SYMPTOM_NONE);
	receive_at(2000, 100, 0, ENOTCONN);
	assert_int_equal(symptom.not_connected_ns, 2000);
}

static void waits_in_vain_count_from_the_last_send_on(void **state)
{
	symptom_note_vain(&symptom, 700);
	send_at(1000, 10, 10, 0);
	assert_int_equal(symptom.vain_wait_ns, 0);
	symptom_note_vain(&symptom, 500);
	symptom_note_vain(&symptom, 300);
	assert_int_equal(symptom.vain_wait_ns, 500);
}

static void a_short_send_followed_by_the_rest_drops_nothing(void **state)
{
	send_at(1000, 100, 60, 0);
	send_at(2000, 40, 40, 0);
	assert_int_equal(symptom.short_send_count, 1);
	assert_int_equal(symptom.rest_dropped_count, 0);
	assert_int_equal(symptom.owed_bytes, 0);
	assert_true(symptom.last_send_ns > symptom.short_send_ns);
}

static void a_short_send_followed_by_as_much_again_drops_the_rest(void **state)
{
	send_at(1000, 100, 60, 0);
	send_at(2000, 100, 0, EAGAIN);
	assert_int_equal(symptom.rest_dropped_count, 1);
}

static void what_later_sends_cannot_have_carried_is_owed(void **state)
{
	send_at(1000, 100, 60, 0);
	send_at(2000, 100, 0, EAGAIN);
	send_at(3000, 5, 5, 0);
	assert_int_equal(symptom.owed_bytes, 35);
	send_at(4000, 50, 30, 0);
	assert_int_equal(symptom.owed_bytes, 20);
	send_at(5000, 7, 7, 0);
	send_at(6000, 13, 13, 0);
	assert_int_equal(symptom.owed_bytes, 0);
}

static void sendfile_may_send_less_than_asked(void **state)
{
	struct symptom_call call = call_of(CALL_sendfile, EFFECT_SEND, 1000, 10, INT32_MAX, 500, 0);

	symptom_note_call(&symptom, &call);
	assert_int_equal(symptom.short_send_count, 0);
}

static void the_longest_run_of_eagain_is_kept(void **state)
{
	for (int i = 0; i < 5; i++)
		receive_at(1000 + i * 100, 10, 0, EAGAIN);
	receive_at(2000, 10, 8, 0);
	receive_at(3000, 10, 0, EAGAIN);
	assert_int_equal(symptom.again_run_count, 5);
	assert_int_equal(symptom.again_run_start_ns, 1000);
	assert_int_equal(symptom.again_run_ns, 410);
}

static void turnarounds_are_timed_on_both_sides(void **state)
{
	send_at(1000, 5, 5, 0);
	receive_at(1100, 900, 5, 0);
	send_at(2500, 5, 5, 0);
	assert_int_equal(symptom.exchanges, 1);
	assert_int_equal(symptom.answer_ns, 1000);
	assert_int_equal(symptom.turns, 1);
	assert_int_equal(symptom.turn_ns, 500);
}

static void two_small_writes_and_forty_milliseconds_are_counted(void **state)
{
	send_at(1 * MS, 5, 5, 0);
	send_at(2 * MS, 5, 5, 0);
	receive_at(3 * MS, 39 * MS, 5, 0);
	assert_int_equal(symptom.small_write_count, 1);
	send_at(50 * MS, 5, 5, 0);
	receive_at(51 * MS, 40 * MS, 5, 0);
	assert_int_equal(symptom.small_write_count, 1);
}

static void an_end_of_file_is_not_data(void **state)
{
	receive_at(1000, 10, 0, 0);
	receive_at(2000, 10, 0, 0);
	assert_int_equal(symptom.eof_count, 2);
	assert_int_equal(symptom.first_receive_ns, SYMPTOM_NONE);
}

static void a_call_that_never_returned_is_remembered(void **state)
{
	struct symptom_call call = call_of(CALL_recv, EFFECT_RECEIVE, 7000, -1, 100, 0, 0);

	symptom_note_call(&symptom, &call);
	assert_int_equal(symptom.unreturned_start_ns, 7000);
	assert_int_equal(symptom.unreturned_kind_id, CALL_recv);
	assert_int_equal(symptom.eof_count, 0);
}

static void a_call_that_was_seen_in_progress_has_returned_after_all(void **state)
{
	struct symptom_call call = call_of(CALL_recv, EFFECT_RECEIVE, 7000, -1, 100, 0, 0);

	symptom_note_call(&symptom, &call);
	call.start_ns = 6990; /* the clock was calibrated */
	symptom_note_call(&symptom, &call);
	assert_int_equal(symptom.unreturned_start_ns, 6990);
	call.start_ns = 7010;
	call.duration_ns = 500;
	symptom_note_call(&symptom, &call);
	assert_int_equal(symptom.unreturned_start_ns, SYMPTOM_NONE);
	assert_int_equal(symptom.unreturned_kind_id, SYMPTOM_NONE);
	assert_int_equal(symptom.longest_start_ns, 7010);
}

static void a_late_close_and_a_late_use_are_told_apart(void **state)
{
	struct symptom_call close_call = call_of(CALL_close, EFFECT_CLOSE, 5000, 10, -1, 0, EBADF);
	struct symptom_call send_call = call_of(CALL_send, EFFECT_SEND, 4000, 10, 5, 0, EBADF);

	close_call.stale = send_call.stale = true;
	symptom_note_call(&symptom, &close_call);
	symptom_note_call(&symptom, &send_call);
	assert_int_equal(symptom.stale_close_count, 1);
	assert_int_equal(symptom.stale_use_count, 1);
	assert_int_equal(symptom.stale_ns, 4000);
}

static void asking_whether_a_closed_number_is_open_is_no_use_of_it(void **state)
{
	struct symptom_call question = call_of(CALL_fcntl, EFFECT_CONTROL, 4000, 10, -1, 0, EBADF);

	question.stale = true;
	question.flags = F_GETFD;
	symptom_note_call(&symptom, &question);
	question.flags = F_GETFL;
	symptom_note_call(&symptom, &question);
	assert_int_equal(symptom.stale_use_count, 0);
	assert_int_equal(symptom.stale_ns, SYMPTOM_NONE);
	question.flags = F_SETFL;
	symptom_note_call(&symptom, &question);
	assert_int_equal(symptom.stale_use_count, 1);
}

static void a_full_datagram_is_suspected_a_cut_one_known(void **state)
{
	struct symptom_call full = call_of(CALL_recvfrom, EFFECT_RECEIVE, 1000, 10, 100, 100, 0), cut = full;

	full.type = cut.type = SOCK_DGRAM;
	full.tcp = cut.tcp = false;
	cut.truncated = true;
	symptom_note_call(&symptom, &full);
	symptom_note_call(&symptom, &cut);
	assert_int_equal(symptom.full_receive_count, 1);
	assert_int_equal(symptom.full_receive_bytes, 100);
	assert_int_equal(symptom.truncated_count, 1);
	cut.type = SOCK_SEQPACKET;
	symptom_note_call(&symptom, &cut);
	assert_int_equal(symptom.truncated_count, 2);
}

static void a_datagram_that_was_only_looked_at_is_not_cut(void **state)
{
	struct symptom_call call = call_of(CALL_recv, EFFECT_RECEIVE, 1000, 10, 0, 3000, 0);

	call.type = SOCK_DGRAM;
	call.tcp = false;
	call.flags = MSG_PEEK | MSG_TRUNC;
	symptom_note_call(&symptom, &call);
	call.truncated = true;
	symptom_note_call(&symptom, &call);
	assert_int_equal(symptom.truncated_count, 0);
	assert_int_equal(symptom.full_receive_count, 0);
}

static void two_threads_of_those_that_send_or_receive_are_remembered(void **state)
{
	struct symptom_call sent = call_of(CALL_send, EFFECT_SEND, 1000, 10, 5, 5, 0), received = call_of(CALL_recv, EFFECT_RECEIVE, 2000, -1, 5, 0, 0);

	for (int64_t thread = 7; thread <= 9; thread++) {
		sent.thread_id = thread;
		symptom_note_call(&symptom, &sent);
		symptom_note_call(&symptom, &sent);
	}
	received.thread_id = 9;
	symptom_note_call(&symptom, &received);
	assert_int_equal(symptom.sender_id, 7);
	assert_int_equal(symptom.other_sender_id, 8);
	assert_int_equal(symptom.receiver_id, 9);
	assert_int_equal(symptom.other_receiver_id, SYMPTOM_NONE);
}

static void waits_in_vain_are_counted_until_something_is_done(void **state)
{
	struct symptom_call received = call_of(CALL_recv, EFFECT_RECEIVE, 4500, 10, 5, 5, 0);

	for (int64_t at = 1000; at <= 4000; at += 1000)
		symptom_note_ready(&symptom, at, 7);
	symptom_note_call(&symptom, &received);
	symptom_note_ready(&symptom, 5000, 7);
	assert_int_equal(symptom.ready_run_count, 4);
	assert_int_equal(symptom.ready_run_start_ns, 1000);
	assert_int_equal(symptom.ready_run_ns, 3000);
}

static void waits_in_between_which_others_were_served_are_not_in_vain(void **state)
{
	for (int64_t at = 1000; at <= 4000; at += 1000)
		symptom_note_ready(&symptom, at, (uint64_t)at);
	assert_int_equal(symptom.ready_run_count, 1);
}

/* As a collector that goes on finds it in the database. */
static void store_and_restore(void)
{
	struct symptom stored = symptom;

	symptom_init(&symptom);
#define SYMPTOM_COLUMN(name, initial) symptom.name = stored.name;
	SYMPTOM_COLUMNS(SYMPTOM_COLUMN)
#undef SYMPTOM_COLUMN
	symptom_restore(&symptom, stored.longest_ns);
}

static void what_was_restored_goes_on_with_the_turn_it_was_in(void **state)
{
	store_and_restore();
	send_at(100, 10, 10, 0);
	store_and_restore();
	receive_at(200, 50, 10, 0);
	assert_int_equal(symptom.exchanges, 1);
	assert_int_equal(symptom.answer_ns, 150);
	store_and_restore();
	send_at(300, 10, 10, 0);
	assert_int_equal(symptom.turns, 1);
	assert_int_equal(symptom.turn_ns, 50);
	assert_int_equal(symptom.longest_start_ns, 200);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(nothing_seen_is_null, setup),
		cmocka_unit_test_setup(a_call_that_lacks_a_peer_is_noted_and_a_question_of_one_byte_is_not, setup),
		cmocka_unit_test_setup(waits_in_vain_count_from_the_last_send_on, setup),
		cmocka_unit_test_setup(a_short_send_followed_by_the_rest_drops_nothing, setup),
		cmocka_unit_test_setup(a_short_send_followed_by_as_much_again_drops_the_rest, setup),
		cmocka_unit_test_setup(what_later_sends_cannot_have_carried_is_owed, setup),
		cmocka_unit_test_setup(sendfile_may_send_less_than_asked, setup),
		cmocka_unit_test_setup(the_longest_run_of_eagain_is_kept, setup),
		cmocka_unit_test_setup(turnarounds_are_timed_on_both_sides, setup),
		cmocka_unit_test_setup(what_was_restored_goes_on_with_the_turn_it_was_in, setup),
		cmocka_unit_test_setup(two_small_writes_and_forty_milliseconds_are_counted, setup),
		cmocka_unit_test_setup(an_end_of_file_is_not_data, setup),
		cmocka_unit_test_setup(a_call_that_never_returned_is_remembered, setup),
		cmocka_unit_test_setup(a_call_that_was_seen_in_progress_has_returned_after_all, setup),
		cmocka_unit_test_setup(a_late_close_and_a_late_use_are_told_apart, setup),
		cmocka_unit_test_setup(asking_whether_a_closed_number_is_open_is_no_use_of_it, setup),
		cmocka_unit_test_setup(a_datagram_that_was_only_looked_at_is_not_cut, setup),
		cmocka_unit_test_setup(two_threads_of_those_that_send_or_receive_are_remembered, setup),
		cmocka_unit_test_setup(waits_in_between_which_others_were_served_are_not_in_vain, setup),
		cmocka_unit_test_setup(waits_in_vain_are_counted_until_something_is_done, setup),
		cmocka_unit_test_setup(a_full_datagram_is_suspected_a_cut_one_known, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
