/* test_identity.c: each rule of the state machine about sockets: records in, sockets and spans out (test_identity_connect.c: about connecting, test_identity_process.c: about processes). */
#include <netdb.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/unit/identity_records.h"

static void an_accepted_socket_knows_when_its_accept_began_and_who_connected(void **state)
{
	uint64_t listener = 7 | (uint64_t)AF_UNIX << CELL_DOMAIN_SHIFT | (uint64_t)SOCK_STREAM << CELL_TYPE_SHIFT, accepted = listener + 1;

	call_of(CALL_accept, 3, listener, 100, 250, 4, 0);
	extend_socket(accepted, 4);
	slots[1].ext_socket.peer_pid = 4711;
	apply();
	assert_int_equal(row_of(accepted)->accepting_ns, 100);
	assert_int_equal(row_of(accepted)->opened_ns, 250);
	assert_int_equal(row_of(accepted)->peer_pid, 4711);
	call_of(CALL_accept, 3, listener, 300, 350, 5, 0);
	extend_socket(listener + 2, 5);
	apply();
	assert_int_equal(row_of(listener + 2)->peer_pid, FACT_NULL);
}

static void a_socket_lives_from_the_return_of_socket_to_the_entry_of_close(void **state)
{
	make_socket(TCP(1), 3, 100);
	call(CALL_close, 3, TCP(1), 200, 210, 0, 0);
	assert_int_equal(row_of(TCP(1))->opened_ns, 100);
	assert_int_equal(row_of(TCP(1))->closed_ns, 200);
	assert_int_equal(row_of(TCP(1))->how_ended, ENDED_CLOSE);
	assert_int_equal(row_of(TCP(1))->closed_by_id, maker->row.process_id);
	assert_int_equal(row_of(TCP(1))->origin, ORIGIN_SOCKET);
	assert_int_equal(row_of(TCP(1))->fd, 3);
	assert_int_equal(row_of(TCP(1))->protocol, 6);
	assert_int_equal(span_count(), 1);
	assert_int_equal(span_at(0)->closed_by, CLOSED_CLOSE);
}

static void a_close_that_was_read_first_waits_for_its_opening(void **state)
{
	call(CALL_close, 3, TCP(1), 200, 210, 0, 0);
	make_socket(TCP(1), 3, 100);
	assert_int_equal(row_of(TCP(1))->closed_ns, 200);
	assert_int_equal(row_of(TCP(1))->origin, ORIGIN_SOCKET);
	assert_int_equal(span_count(), 1);
}

static void a_close_without_an_opening_becomes_a_span_at_the_end(void **state)
{
	call(CALL_close, 3, TCP(1), 200, 210, 0, 0);
	identity_finish(machine);
	assert_int_equal(span_count(), 1);
	assert_int_equal(span_at(0)->opened_by, OPENED_UNKNOWN);
	assert_int_equal(row_of(TCP(1))->closed_ns, 200);
}

static void a_duplicate_keeps_the_socket_open(void **state)
{
	make_socket(TCP(1), 3, 100);
	call(CALL_dup, 3, TCP(1), 110, 120, 4, 0);
	call(CALL_close, 3, TCP(1), 200, 210, 0, 0);
	assert_int_equal(row_of(TCP(1))->closed_ns, FACT_NULL);
	assert_int_equal(row_of(TCP(1))->how_ended, ENDED_OPEN);
	span_record(SPAN_CLOSED_DUP2, 4, TCP(1), 300);
	assert_int_equal(row_of(TCP(1))->closed_ns, 300);
	assert_int_equal(row_of(TCP(1))->how_ended, ENDED_DUP2);
}

static void dup2_onto_itself_opens_nothing(void **state)
{
	make_socket(TCP(1), 3, 100);
	call_of(CALL_dup2, 3, TCP(1), 110, 120, 3, 0)->arg = 3;
	apply();
	assert_int_equal(span_count(), 1);
}

static void dup2_over_a_number_of_the_same_socket_is_one_span_after_another(void **state)
{
	make_socket(TCP(1), 3, 100);
	call(CALL_dup, 3, TCP(1), 110, 120, 4, 0);
	call_of(CALL_dup2, 4, TCP(1), 200, 210, 3, 0)->arg = 3;
	apply();
	memset(slots, 0, sizeof slots);
	slots[0].span = (struct spool_span){.tag = {.type = SLOT_SPAN, .state = STATE_DONE, .kind = SPAN_CLOSED_DUP2}, .fd = 3,
		.at_ticks = 215, .socket = TCP(1), .call_start_ticks = 200};
	apply();
	call(CALL_close, 4, TCP(1), 300, 301, 0, 0);
	assert_int_equal(row_of(TCP(1))->closed_ns, FACT_NULL);
	call(CALL_close, 3, TCP(1), 400, 401, 0, 0);
	assert_int_equal(row_of(TCP(1))->closed_ns, 400);
	identity_finish(machine);
	assert_int_equal(span_count(), 3);
	assert_int_equal(span_at(0)->closed_by, CLOSED_DUP2);
	assert_int_equal(span_at(2)->opened_by, OPENED_DUP);
	assert_int_equal(span_at(2)->closed_by, CLOSED_CLOSE);
}

static void f_dupfd_opens_a_span(void **state)
{
	make_socket(TCP(1), 3, 100);
	call_of(CALL_fcntl, 3, TCP(1), 110, 120, 9, 0)->flags = F_DUPFD_CLOEXEC;
	apply();
	assert_int_equal(span_count(), 2);
	assert_int_equal(span_at(1)->fd, 9);
	assert_int_equal(span_at(1)->opened_by, OPENED_DUP);
}

static void a_failed_close_of_a_closed_number_changes_nothing(void **state)
{
	make_socket(TCP(1), 3, 100);
	call(CALL_close, 3, TCP(1), 200, 210, 0, 0);
	call_of(CALL_close, 3, TCP(1), 300, 310, -1, EBADF)->tag.flags = TAG_STALE;
	apply();
	assert_int_equal(row_of(TCP(1))->closed_ns, 200);
	assert_int_equal(row_of(TCP(1))->errors, 1);
	assert_int_equal(identity_socket_of(machine, &view, TCP(1))->symptom.stale_close_count, 1);
}

static void an_accepted_socket_knows_its_listener_and_addresses(void **state)
{
	make_socket(TCP(1), 3, 100);
	call_of(CALL_listen, 3, TCP(1), 110, 111, 0, 0)->arg = 5;
	apply();
	call_of(CALL_accept4, 3, TCP(1), 120, 500, 4, 0)->flags = SOCK_NONBLOCK;
	extend_socket(TCP(2), 4);
	extend_inet(SLOT_EXT_ADDRESS_PEER, 0x7f000001, 4000);
	extend_inet(SLOT_EXT_ADDRESS_LOCAL, 0x7f000001, 80);
	apply();
	assert_int_equal(row_of(TCP(1))->listening_ns, 111);
	assert_int_equal(row_of(TCP(1))->backlog, 5);
	assert_int_equal(row_of(TCP(1))->accepted_count, 1);
	assert_int_equal(row_of(TCP(1))->accept_ns, 380);
	assert_int_equal(row_of(TCP(2))->parent_id, row_of(TCP(1))->socket_id);
	assert_int_equal(row_of(TCP(2))->opened_ns, 500);
	assert_int_equal(row_of(TCP(2))->connected_ns, 500);
	assert_int_equal(row_of(TCP(2))->connect_proof, PROOF_ACCEPT);
	assert_int_equal(row_of(TCP(2))->protocol, 6);
	assert_int_equal(row_of(TCP(2))->nonblocking, 1);
	assert_int_not_equal(row_of(TCP(2))->local_id, row_of(TCP(2))->remote_id);
}

static void epipe_is_a_reset_only_where_there_was_a_peer_to_end(void **state)
{
	make_socket(TCP(1), 3, 100);
	call(CALL_send, 3, TCP(1), 110, 120, -1, EPIPE);
	assert_int_equal(row_of(TCP(1))->reset_ns, FACT_NULL);
	make_socket(TCP(2), 4, 200);
	call(CALL_connect, 4, TCP(2), 210, 220, 0, 0);
	call_of(CALL_shutdown, 4, TCP(2), 230, 240, 0, 0)->flags = SHUT_WR;
	apply();
	call(CALL_send, 4, TCP(2), 250, 260, -1, EPIPE);
	assert_int_equal(row_of(TCP(2))->reset_ns, FACT_NULL);
	make_socket(TCP(3), 5, 300);
	call(CALL_connect, 5, TCP(3), 310, 320, 0, 0);
	call(CALL_send, 5, TCP(3), 330, 340, -1, EPIPE);
	assert_int_equal(row_of(TCP(3))->reset_ns, 340);
}

static void calls_on_no_descriptor_are_counted_for_the_process(void **state)
{
	call(CALL_send, -1, 0, 110, 120, -1, EBADF);
	call(CALL_recv, -1, 0, 130, 140, -1, EBADF);
	call(CALL_recv, 0, 0, 150, 160, -1, ENOTSOCK);
	assert_int_equal(maker->row.bad_descriptor_count, 2);
	assert_int_equal(maker->row.bad_descriptor_ns, 110);
}

static void calls_that_find_no_free_descriptor_are_counted_for_the_process(void **state)
{
	make_socket(TCP(1), 3, 100);
	call(CALL_accept, 3, TCP(1), 110, 120, -1, EMFILE);
	call(CALL_accept, 3, TCP(1), 130, 140, -1, EMFILE);
	assert_int_equal(maker->row.exhausted_count, 2);
	assert_int_equal(maker->row.exhausted_ns, 110);
	assert_int_equal(maker->row.exhausted_socket_id, row_of(TCP(1))->socket_id);
}

static void totals_count_what_the_kernel_moved(void **state)
{
	make_socket(TCP(1), 3, 100);
	call_of(CALL_send, 3, TCP(1), 110, 120, 70, 0)->arg = 100;
	apply();
	call_of(CALL_recv, 3, TCP(1), 130, 140, 30, 0)->flags = MSG_PEEK;
	apply();
	call(CALL_recv, 3, TCP(1), 150, 160, 30, 0);
	call(CALL_recv, 3, TCP(1), 170, 180, -1, EAGAIN);
	call(CALL_recv, 3, TCP(1), 190, 200, -1, EINTR);
	call(CALL_send, 3, TCP(1), 210, 220, -1, EPIPE);
	assert_int_equal(row_of(TCP(1))->sent_bytes, 70);
	assert_int_equal(row_of(TCP(1))->received_bytes, 30);
	assert_int_equal(row_of(TCP(1))->send_calls, 2);
	assert_int_equal(row_of(TCP(1))->receive_calls, 4);
	assert_int_equal(row_of(TCP(1))->errors, 1);
	assert_int_equal(row_of(TCP(1))->again_count, 1);
	assert_int_equal(row_of(TCP(1))->reset_ns, 220);
	assert_int_equal(row_of(TCP(1))->first_activity_ns, 110);
	assert_int_equal(row_of(TCP(1))->last_activity_ns, 160);
	assert_int_equal(row_of(TCP(1))->calls, 7);
}

static void sendmmsg_counts_messages_and_their_bytes(void **state)
{
	uint64_t udp = 9 | (uint64_t)AF_INET << CELL_DOMAIN_SHIFT | (uint64_t)SOCK_DGRAM << CELL_TYPE_SHIFT;

	call_of(CALL_sendmmsg, 3, udp, 110, 120, 2, 0)->arg = 2;
	for (int i = 0; i < 2; i++)
		extend(SLOT_EXT_MESSAGE, 56)->message.bytes = 10 + (unsigned)i;
	apply();
	assert_int_equal(row_of(udp)->sent_bytes, 21);
	assert_int_equal(row_of(udp)->sent_messages, 2);
	assert_int_equal(row_of(udp)->send_calls, 1);
	assert_int_equal(identity_facts(machine)->calls.rows[0].outcome, 21);
}

static void only_blocking_calls_wait(void **state)
{
	make_socket(TCP(1), 3, 100);
	call(CALL_recv, 3, TCP(1), 200, 300, 1, 0);
	call_of(CALL_recv, 3, TCP(1), 300, 350, 1, 0)->flags = MSG_DONTWAIT;
	apply();
	call_of(CALL_fcntl, 3, TCP(1), 400, 401, 0, 0)->flags = F_SETFL;
	slots[0].call.arg = O_RDWR | O_NONBLOCK;
	apply();
	call(CALL_recv, 3, TCP(1), 500, 600, 1, 0);
	assert_int_equal(row_of(TCP(1))->wait_ns, 100);
	assert_int_equal(row_of(TCP(1))->receive_ns, 100);
	assert_int_equal(row_of(TCP(1))->nonblocking, 1);
}

static void a_stream_that_returns_zero_is_at_its_end(void **state)
{
	make_socket(TCP(1), 3, 100);
	call_of(CALL_recv, 3, TCP(1), 200, 210, 0, 0)->arg = 0;
	apply();
	assert_int_equal(row_of(TCP(1))->eof_ns, FACT_NULL);
	call_of(CALL_recv, 3, TCP(1), 300, 310, 0, 0)->arg = 100;
	apply();
	assert_int_equal(row_of(TCP(1))->eof_ns, 310);
}

static void shutdown_is_a_phase_not_an_end(void **state)
{
	make_socket(TCP(1), 3, 100);
	call_of(CALL_shutdown, 3, TCP(1), 200, 201, 0, 0)->flags = SHUT_WR;
	apply();
	assert_int_equal(row_of(TCP(1))->shutdown_send_ns, 200);
	assert_int_equal(row_of(TCP(1))->shutdown_receive_ns, FACT_NULL);
	assert_int_equal(row_of(TCP(1))->closed_ns, FACT_NULL);
}

static void a_pair_is_paired(void **state)
{
	uint64_t a = 5 | (uint64_t)AF_UNIX << CELL_DOMAIN_SHIFT | (uint64_t)SOCK_STREAM << CELL_TYPE_SHIFT, b = a + 1;

	call_of(CALL_socketpair, -1, a, 110, 120, 0, 0)->arg = CREATION(AF_UNIX, SOCK_STREAM, 0);
	extend_socket(a, 3);
	extend_socket(b, 4);
	apply();
	assert_int_equal(row_of(a)->peer_id, row_of(b)->socket_id);
	assert_int_equal(row_of(b)->peer_id, row_of(a)->socket_id);
	assert_int_equal(row_of(b)->origin, ORIGIN_SOCKETPAIR);
	assert_int_equal(row_of(a)->connect_proof, PROOF_PAIR);
	assert_int_equal(span_count(), 2);
}

static void datagram_from(uint64_t cell, uint16_t port)
{
	call_of(CALL_recvfrom, 3, cell, 200, 210, 5, 0);
	extend_inet(SLOT_EXT_ADDRESS_PEER, 0x7f000001, port);
	apply();
}

static void an_unconnected_datagram_socket_knows_whom_alone_it_talked_to(void **state)
{
	uint64_t cell = 1 | (uint64_t)AF_INET << CELL_DOMAIN_SHIFT | (uint64_t)SOCK_DGRAM << CELL_TYPE_SHIFT;

	call_of(CALL_socket, -1, cell, 1, 2, 3, 0)->arg = CREATION(AF_INET, SOCK_DGRAM, 0);
	apply();
	call(CALL_recv, 3, cell, 100, 110, 5, 0);
	assert_int_equal(row_of(cell)->only_remote_id, FACT_NULL);
	datagram_from(cell, 40001);
	datagram_from(cell, 40001);
	assert_int_equal(row_of(cell)->only_remote_id, inet_address(0x7f000001, 40001));
	datagram_from(cell, 40002);
	assert_int_equal(row_of(cell)->only_remote_id, 0);
	datagram_from(cell, 40001);
	assert_int_equal(row_of(cell)->only_remote_id, 0);
}

static void tcp_info_is_kept_from_the_last_close(void **state)
{
	union record_slot *slot;

	make_socket(TCP(1), 3, 100);
	call_of(CALL_close, 3, TCP(1), 200, 201, 0, 0);
	slot = extend(SLOT_EXT_TCP_INFO, 56);
	slot->tag.kind = 8;
	slot->tcp_info.rtt_us = 33;
	slot->tcp_info.unread_bytes = 5;
	slot->tcp_info.unsent_bytes = UINT32_MAX;
	apply();
	assert_int_equal(row_of(TCP(1))->tcp_state, 8);
	assert_int_equal(row_of(TCP(1))->rtt_us, 33);
	assert_int_equal(row_of(TCP(1))->unread_bytes, 5);
	assert_int_equal(row_of(TCP(1))->unsent_bytes, FACT_NULL);
}

static void unknown_records_are_counted_not_believed(void **state)
{
	memset(slots, 0xff, sizeof slots);
	slots[0].tag = (struct spool_tag){.type = 31, .state = STATE_DONE};
	apply();
	apply();
	call(CALL_NUMBERS - 1, 3, TCP(1), 1, 2, 0, 0);
	assert_int_equal(identity_facts(machine)->missing.count, 2);
	assert_int_equal(identity_facts(machine)->missing.rows[0].count, 2);
	assert_string_equal(identity_facts(machine)->missing.rows[0].reason, "unknown_record");
}

static void byte_counts_beyond_all_bounds_are_summed_without_harm(void **state)
{
	make_socket(TCP(1), 3, 100);
	for (int i = 0; i < 4; i++) {
		call(CALL_send, 3, TCP(1), 200 + i * 20, 210 + i * 20, INT64_MAX - i, 0);
		call(CALL_recv, 3, TCP(1), 215 + i * 20, 216 + i * 20, INT64_MAX - i, 0);
	}
	assert_int_equal(row_of(TCP(1))->send_calls, 4);
	assert_int_equal(row_of(TCP(1))->receive_calls, 4);
}

static struct fact_socket first_row;

static int64_t loaded_id;

static struct socket *load(void *context, int64_t socket_id)
{
	loaded_id = socket_id;
	return identity_restore_socket(machine, &first_row, 1, NULL);
}

static int64_t looked_for;

static unsigned looks;

static int64_t find_cookie(void *context, int64_t cookie)
{
	looked_for = cookie;
	looks++;
	return cookie == 1 ? 1 : 0;
}

static void store_all(void)
{
	struct socket **changed;

	for (size_t i = identity_changed_sockets(machine, &changed); i-- > 0;)
		changed[i]->stored = 1;
	identity_changes_clear(machine);
}

/* Sockets with the cookies first … last, each closed at once. */
static void make_and_close(unsigned first, unsigned last)
{
	for (unsigned i = first; i <= last; i++) {
		make_socket(TCP(i), 3, 10 * i);
		call(CALL_close, 3, TCP(i), 10 * i + 1, 10 * i + 2, 0, 0);
	}
}

static void start_with_a_store(void **state)
{
	struct identity_config config = {.keep_data_calls = 1, .load_socket = load, .find_cookie = find_cookie};

	stop(state);
	assert_int_equal(identity_new(&machine, &config), 0);
	view.images = view.living = NULL;
	assert_int_equal(identity_spool_add(machine, &view, &maker), 0);
	thread = identity_thread_of(machine, &view, 100, 100, "main", 0);
	loaded_id = looked_for = looks = 0;
}

static void closed_sockets_are_forgotten_and_come_back_when_named(void **state)
{
	start_with_a_store(state);
	make_and_close(1, 20000);
	first_row = *row_of(TCP(1));
	store_all();
	assert_int_equal(row_of(TCP(20000))->socket_id, 20000);
	assert_int_equal(loaded_id, 0);
	call_of(CALL_close, 3, TCP(1), 900000, 900001, -1, EBADF)->tag.flags = TAG_STALE;
	apply();
	assert_int_equal(loaded_id, 1);
	assert_int_equal(row_of(TCP(1))->socket_id, 1);
	assert_int_equal(row_of(TCP(1))->calls, 3);
	assert_int_equal(row_of(TCP(1))->closed_ns, 11);
	make_socket(TCP(30000), 3, 1000000);
	assert_int_equal(row_of(TCP(30000))->socket_id, 20001);
	assert_int_equal(looks, 0);
}

static void so_many_that_their_numbers_are_forgotten_as_well_are_looked_for(void **state)
{
	start_with_a_store(state);
	make_and_close(1, 10);
	first_row = *row_of(TCP(1));
	for (unsigned i = 1; i <= 30; i++) {
		make_and_close(i * 10000 + 1, i * 10000 + 10000);
		store_all();
	}
	assert_int_equal(looks, 0); /* those were new: none of them can have been forgotten */
	call_of(CALL_close, 3, TCP(1), 9000000, 9000001, -1, EBADF)->tag.flags = TAG_STALE;
	apply();
	assert_int_equal(looked_for, 1);
	assert_int_equal(loaded_id, 1);
	assert_int_equal(row_of(TCP(1))->calls, 3);
	make_socket(TCP(5000), 3, 9000010); /* its cookie is older than those, and it was never seen */
	assert_int_equal(looked_for, 5000);
	assert_int_equal(row_of(TCP(5000))->socket_id, 300011);
}

static const char *last_detail(void)
{
	const struct facts *facts = identity_facts(machine);
	const struct intern_entry *entry = intern_get(identity_details(machine), facts->calls.rows[facts->calls.count - 1].detail_id);

	return entry ? (const char *)entry->bytes : "";
}

static void details_read_like_the_source(void **state)
{
	int one = 1;

	make_socket(TCP(1), 3, 100);
	assert_string_equal(last_detail(), "INET, STREAM");
	call_of(CALL_recv, 3, TCP(1), 110, 111, 1, 0)->flags = MSG_PEEK | MSG_DONTWAIT;
	apply();
	assert_string_equal(last_detail(), "MSG_PEEK|MSG_DONTWAIT");
	call_of(CALL_setsockopt, 3, TCP(1), 120, 121, 0, 0)->arg = (uint64_t)SOL_SOCKET << 32 | 4;
	slots[0].call.flags = SO_REUSEADDR;
	memcpy(extend(SLOT_EXT_OPTION, 4)->data, &one, sizeof one);
	apply();
	assert_string_equal(last_detail(), "SOL_SOCKET SO_REUSEADDR=1");
	call_of(CALL_fcntl, 3, TCP(1), 130, 131, 0, 0)->flags = F_SETFL;
	slots[0].call.arg = O_RDWR | O_NONBLOCK;
	apply();
	assert_string_equal(last_detail(), "F_SETFL O_NONBLOCK");
	connect_in_progress(TCP(1), 140);
	assert_string_equal(last_detail(), "127.0.0.1:80");
	call_of(CALL_shutdown, 3, TCP(1), 150, 151, 0, 0)->flags = SHUT_WR;
	apply();
	assert_string_equal(last_detail(), "SHUT_WR");
}

static void look_up(int flags, int result, int64_t at_ns)
{
	struct spool_call *lookup = call_of(CALL_getaddrinfo, -1, 0, at_ns, at_ns + 5, result, 0);

	lookup->flags = (uint32_t)flags;
	memcpy(extend(SLOT_EXT_TEXT, 4)->data, "host", 4);
	apply();
}

static void a_text_that_is_no_numeric_address_is_no_failed_lookup(void **state)
{
	look_up(AI_NUMERICHOST, EAI_NONAME, 100);
	assert_int_equal(identity_facts(machine)->names.count, 0);
	look_up(AI_PASSIVE, EAI_NONAME, 110);
	assert_int_equal(identity_facts(machine)->names.count, 1);
	assert_int_equal(identity_facts(machine)->names.rows[0].error, EAI_NONAME);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_accepted_socket_knows_when_its_accept_began_and_who_connected),
		TEST(a_socket_lives_from_the_return_of_socket_to_the_entry_of_close),
		TEST(a_close_that_was_read_first_waits_for_its_opening),
		TEST(a_close_without_an_opening_becomes_a_span_at_the_end),
		TEST(a_duplicate_keeps_the_socket_open),
		TEST(dup2_onto_itself_opens_nothing),
		TEST(dup2_over_a_number_of_the_same_socket_is_one_span_after_another),
		TEST(f_dupfd_opens_a_span),
		TEST(a_failed_close_of_a_closed_number_changes_nothing),
		TEST(an_accepted_socket_knows_its_listener_and_addresses),
		TEST(epipe_is_a_reset_only_where_there_was_a_peer_to_end),
		TEST(calls_on_no_descriptor_are_counted_for_the_process),
		TEST(calls_that_find_no_free_descriptor_are_counted_for_the_process),
		TEST(totals_count_what_the_kernel_moved),
		TEST(sendmmsg_counts_messages_and_their_bytes),
		TEST(only_blocking_calls_wait),
		TEST(a_stream_that_returns_zero_is_at_its_end),
		TEST(shutdown_is_a_phase_not_an_end),
		TEST(a_pair_is_paired),
		TEST(an_unconnected_datagram_socket_knows_whom_alone_it_talked_to),
		TEST(tcp_info_is_kept_from_the_last_close),
		TEST(unknown_records_are_counted_not_believed),
		TEST(byte_counts_beyond_all_bounds_are_summed_without_harm),
		TEST(closed_sockets_are_forgotten_and_come_back_when_named),
		TEST(so_many_that_their_numbers_are_forgotten_as_well_are_looked_for),
		TEST(a_text_that_is_no_numeric_address_is_no_failed_lookup),
		TEST(details_read_like_the_source),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
