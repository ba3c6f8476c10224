/* test_partner.c: ends of one TCP connection are told apart from those of the next with the same addresses, in whatever order they come. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "collector/partner.h"

#define SERVER_ADDRESS 1
#define CLIENT_ADDRESS 2

static struct partner *partner;

static int open_partner(void **state)
{
	partner = partner_new();
	return partner ? 0 : -1;
}

static int close_partner(void **state)
{
	partner_free(partner);
	return 0;
}

static struct socket end(int64_t socket_id, int64_t origin, int64_t local_id, int64_t remote_id, int64_t opened_ns)
{
	struct socket socket;

	memset(&socket, 0, sizeof socket);
	socket.row = (struct fact_socket){.socket_id = socket_id, .domain = AF_INET, .type = SOCK_STREAM, .origin = origin, .process_id = 1, .local_id = local_id,
		.remote_id = remote_id, .opened_ns = opened_ns, .listening_ns = FACT_NULL, .network_namespace = FACT_NULL, .peer_id = FACT_NULL,
		.accept_wait_ns = FACT_NULL, .connecting_ns = FACT_NULL, .connected_ns = FACT_NULL, .closed_ns = FACT_NULL, .connect_proof = FACT_NULL};
	return socket;
}

static struct socket client(int64_t socket_id, int64_t connecting_ns, int64_t connected_ns)
{
	struct socket socket = end(socket_id, ORIGIN_SOCKET, CLIENT_ADDRESS, SERVER_ADDRESS, connecting_ns - 1);

	socket.row.connecting_ns = connecting_ns;
	socket.row.connected_ns = connected_ns;
	socket.row.connect_proof = PROOF_CONNECT;
	return socket;
}

static struct socket server(int64_t socket_id, int64_t accepted_ns)
{
	return end(socket_id, ORIGIN_ACCEPT, SERVER_ADDRESS, CLIENT_ADDRESS, accepted_ns);
}

static void both_ends_of_one_batch_have_each_other(void **state)
{
	struct socket a = client(5, 100, 120), b = server(6, 150);
	struct socket *sockets[] = {&b, &a};

	partner_find(partner, sockets, 2);
	assert_int_equal(a.row.peer_id, 6);
	assert_int_equal(b.row.peer_id, 5);
	assert_int_equal(b.row.accept_wait_ns, 30);
	assert_int_equal(a.row.accept_wait_ns, FACT_NULL);
}

static void an_end_that_comes_later_has_the_earlier_one(void **state)
{
	struct socket a = client(5, 100, 120), b = server(6, 150);
	struct socket *first = &a, *second = &b;

	partner_find(partner, &first, 1);
	assert_int_equal(a.row.peer_id, FACT_NULL);
	partner_find(partner, &second, 1);
	assert_int_equal(b.row.peer_id, 5);
	partner_find(partner, &first, 1);
	assert_int_equal(a.row.peer_id, 6);
}

static void the_next_connection_of_the_same_addresses_is_not_taken_for_it(void **state)
{
	struct socket a = client(5, 100, 120), b = server(6, 150), c = client(7, 200, 220), d = server(8, 250);
	struct socket *one[] = {&a, &b}, *next = &c, *two[] = {&b, &d};

	partner_find(partner, one, 2);
	partner_find(partner, &next, 1);
	assert_int_equal(c.row.peer_id, FACT_NULL);
	partner_find(partner, two, 2);
	assert_int_equal(b.row.peer_id, 5); /* as before */
	assert_int_equal(d.row.peer_id, 7);
}

static void an_accept_before_the_connect_or_after_its_close_is_another_s(void **state)
{
	struct socket a = client(5, 100, 120), b = server(6, 90), c = server(7, 400);
	struct socket *early[] = {&a, &b}, *late[] = {&a, &c};

	partner_find(partner, early, 2);
	assert_int_equal(b.row.peer_id, FACT_NULL);
	a.row.peer_id = FACT_NULL;
	a.row.closed_ns = 300;
	partner_find(partner, late, 2);
	assert_int_equal(c.row.peer_id, FACT_NULL);
}

static void what_is_no_connection_has_no_partner(void **state)
{
	struct socket listener = end(3, ORIGIN_SOCKET, SERVER_ADDRESS, FACT_NULL, 10), self = client(4, 10, 20), far = client(5, 10, 20), b = server(6, 30);
	struct socket *sockets[] = {&listener, &self, &far, &b};

	listener.row.listening_ns = 20;
	self.row.local_id = self.row.remote_id;
	far.row.network_namespace = 4711;
	partner_find(partner, sockets, 4);
	for (int i = 0; i < 4; i++)
		assert_int_equal(sockets[i]->row.peer_id, FACT_NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(both_ends_of_one_batch_have_each_other, open_partner, close_partner),
		cmocka_unit_test_setup_teardown(an_end_that_comes_later_has_the_earlier_one, open_partner, close_partner),
		cmocka_unit_test_setup_teardown(the_next_connection_of_the_same_addresses_is_not_taken_for_it, open_partner, close_partner),
		cmocka_unit_test_setup_teardown(an_accept_before_the_connect_or_after_its_close_is_another_s, open_partner, close_partner),
		cmocka_unit_test_setup_teardown(what_is_no_connection_has_no_partner, open_partner, close_partner),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
