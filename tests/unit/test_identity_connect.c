/* test_identity_connect.c: the rules of connecting (collector/identity_connect.c): records in, sockets out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/un.h>
#include <cmocka.h>

#include "tests/unit/identity_records.h"

static void connected_to_any(uint64_t cell, const void *local, unsigned local_bytes, const void *peer, unsigned peer_bytes)
{
	call_of(CALL_connect, 3, cell, 100, 110, 0, 0);
	memcpy(extend(SLOT_EXT_ADDRESS_PEER, peer_bytes)->data, peer, peer_bytes);
	memcpy(extend(SLOT_EXT_ADDRESS_LOCAL, local_bytes)->data, local, local_bytes);
	apply();
}

static void a_connect_to_any_address_leads_to_this_machine(void **state)
{
	struct sockaddr_in any = {.sin_family = AF_INET, .sin_port = htons(80)};
	struct sockaddr_in here = {.sin_family = AF_INET, .sin_port = htons(40000), .sin_addr.s_addr = htonl(0x7f000005)};
	struct sockaddr_in6 any6 = {.sin6_family = AF_INET6, .sin6_port = htons(80)}, here6 = any6, loopback6 = any6;

	make_socket(TCP(1), 3, 50);
	connected_to_any(TCP(1), &here, sizeof here, &any, sizeof any);
	assert_int_equal(row_of(TCP(1))->remote_id, inet_address(0x7f000005, 80));
	/* A socket of IPv6: bound to another address of this machine. */
	here6.sin6_addr.s6_addr[0] = 0xfd;
	loopback6.sin6_addr = in6addr_loopback;
	call_of(CALL_socket, -1, TCP(2) ^ (uint64_t)(AF_INET ^ AF_INET6) << CELL_DOMAIN_SHIFT, 1, 2, 4, 0)->arg = CREATION(AF_INET6, SOCK_STREAM, 0);
	apply();
	connected_to_any(TCP(2), &here6, sizeof here6, &any6, sizeof any6);
	assert_int_equal(row_of(TCP(2))->remote_id, identity_address_of(&loopback6, sizeof loopback6));
	/* Failed: nothing is known but what was asked for. */
	make_socket(TCP(3), 5, 50);
	call_of(CALL_connect, 5, TCP(3), 100, 110, -1, ECONNREFUSED);
	memcpy(extend(SLOT_EXT_ADDRESS_PEER, sizeof any)->data, &any, sizeof any);
	apply();
	assert_int_equal(row_of(TCP(3))->remote_id, inet_address(0, 80));
}

static void connects_to(uint64_t cell, int64_t at_ns, uint32_t host, int error)
{
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(80), .sin_addr.s_addr = htonl(host)};

	call_of(CALL_connect, 3, cell, at_ns, at_ns + 10, error ? -1 : 0, error);
	memcpy(extend(SLOT_EXT_ADDRESS_PEER, sizeof to)->data, &to, sizeof to);
	apply();
}

static void a_connected_socket_keeps_its_peer_when_another_connect_fails(void **state)
{
	make_socket(TCP(1), 3, 50);
	connects_to(TCP(1), 100, 0x7f000001, ECONNREFUSED);
	connects_to(TCP(1), 200, 0x7f000002, 0);
	assert_int_equal(row_of(TCP(1))->remote_id, inet_address(0x7f000002, 80));
	connects_to(TCP(1), 300, 0x7f000003, EISCONN);
	assert_int_equal(row_of(TCP(1))->remote_id, inet_address(0x7f000002, 80));
	/* A socket of datagrams may be connected elsewhere at any time. */
	connects_to(TCP(1), 400, 0x7f000004, 0);
	assert_int_equal(row_of(TCP(1))->remote_id, inet_address(0x7f000004, 80));
}

static void the_thread_that_connects_is_the_one_whose_connect_succeeds(void **state)
{
	struct thread *other = identity_thread_of(machine, &view, 101, 101, "child", 0), *first = thread;

	make_socket(TCP(1), 3, 50);
	assert_int_equal(row_of(TCP(1))->connecting_thread_id, FACT_NULL);
	call(CALL_connect, 3, TCP(1), 100, 110, -1, ECONNREFUSED);
	assert_int_equal(row_of(TCP(1))->connecting_thread_id, first->row.thread_id);
	thread = other;
	call(CALL_connect, 3, TCP(1), 200, 210, 0, 0);
	thread = first;
	assert_int_equal(row_of(TCP(1))->connecting_thread_id, other->row.thread_id);
	assert_int_equal(row_of(TCP(1))->connecting_ns, 100);
	call(CALL_connect, 3, TCP(1), 300, 310, -1, EISCONN);
	assert_int_equal(row_of(TCP(1))->connecting_thread_id, other->row.thread_id);
}

static void a_blocking_connect_is_known_at_its_return(void **state)
{
	make_socket(TCP(1), 3, 100);
	call(CALL_connect, 3, TCP(1), 110, 150, 0, 0);
	assert_int_equal(row_of(TCP(1))->connecting_ns, 110);
	assert_int_equal(row_of(TCP(1))->connected_ns, 150);
	assert_int_equal(row_of(TCP(1))->connect_proof, PROOF_CONNECT);
	assert_int_equal(row_of(TCP(1))->wait_ns, 40);
	assert_int_equal(row_of(TCP(1))->connect_ns, 40);
}

static void a_refused_connect_keeps_its_error(void **state)
{
	make_socket(TCP(1), 3, 100);
	call(CALL_connect, 3, TCP(1), 110, 150, -1, ECONNREFUSED);
	assert_int_equal(row_of(TCP(1))->connect_errno, ECONNREFUSED);
	assert_int_equal(row_of(TCP(1))->connected_ns, FACT_NULL);
	assert_int_equal(row_of(TCP(1))->errors, 1);
	assert_int_equal(row_of(TCP(1))->last_errno, ECONNREFUSED);
}

static void a_listener_that_is_told_eisconn_is_not_connected(void **state)
{
	make_socket(TCP(1), 3, 100);
	call(CALL_listen, 3, TCP(1), 110, 120, 0, 0);
	call(CALL_connect, 3, TCP(1), 130, 140, -1, EISCONN);
	assert_int_equal(row_of(TCP(1))->connected_ns, FACT_NULL);
}

static void so_error(int64_t at_ns, int error)
{
	union record_slot *slot;

	call_of(CALL_getsockopt, 3, TCP(1), at_ns, at_ns + 1, 0, 0);
	slots[0].call.arg = (uint64_t)SOL_SOCKET << 32;
	slots[0].call.flags = SO_ERROR;
	slot = extend(SLOT_EXT_OPTION, sizeof error);
	memcpy(slot->data, &error, sizeof error);
	apply();
}

static void a_connect_in_progress_ends_with_so_error_zero(void **state)
{
	make_socket(TCP(1), 3, 100);
	connect_in_progress(TCP(1), 110);
	assert_int_equal(row_of(TCP(1))->connected_ns, FACT_NULL);
	assert_int_equal(row_of(TCP(1))->errors, 0);
	so_error(300, 0);
	assert_int_equal(row_of(TCP(1))->connected_ns, 301);
	assert_int_equal(row_of(TCP(1))->connect_proof, PROOF_SO_ERROR);
}

static void a_connect_in_progress_fails_by_so_error(void **state)
{
	make_socket(TCP(1), 3, 100);
	connect_in_progress(TCP(1), 110);
	so_error(300, ECONNREFUSED);
	assert_int_equal(row_of(TCP(1))->connected_ns, FACT_NULL);
	assert_int_equal(row_of(TCP(1))->connect_errno, ECONNREFUSED);
	assert_int_equal(row_of(TCP(1))->errors, 1);
	assert_int_equal(row_of(TCP(1))->last_errno, ECONNREFUSED);
}

static void so_error_zero_too_early_gives_way_to_the_error(void **state)
{
	make_socket(TCP(1), 3, 100);
	connect_in_progress(TCP(1), 110);
	so_error(200, 0);
	so_error(300, ETIMEDOUT);
	assert_int_equal(row_of(TCP(1))->connected_ns, FACT_NULL);
	assert_int_equal(row_of(TCP(1))->connect_errno, ETIMEDOUT);
}

static void fast_open(int64_t start_ns, int64_t end_ns, int64_t result, int error)
{
	call_of(CALL_sendto, 3, TCP(1), start_ns, end_ns, result, error)->flags = MSG_FASTOPEN;
	slots[0].call.arg = 5;
	extend_inet(SLOT_EXT_ADDRESS_PEER, 0x7f000001, 80);
	apply();
}

static void a_send_with_fast_open_connects_as_well(void **state)
{
	make_socket(TCP(1), 3, 100);
	fast_open(110, 120, -1, EOPNOTSUPP); /* not tried */
	assert_int_equal(row_of(TCP(1))->connecting_ns, FACT_NULL);
	fast_open(200, 250, 5, 0);
	assert_int_equal(row_of(TCP(1))->connecting_ns, 200);
	assert_int_equal(row_of(TCP(1))->connected_ns, 250);
	assert_int_equal(row_of(TCP(1))->sent_bytes, 5);
	assert_int_equal(row_of(TCP(1))->remote_id, inet_address(0x7f000001, 80));
}

static void a_send_with_fast_open_that_does_not_wait_proves_nothing(void **state)
{
	make_socket(TCP(1), 3, 100);
	row_of(TCP(1))->nonblocking = 1;
	fast_open(200, 210, 5, 0);
	assert_int_equal(row_of(TCP(1))->connected_ns, FACT_NULL);
	call(CALL_recv, 3, TCP(1), 300, 310, 5, 0);
	assert_int_equal(row_of(TCP(1))->connected_ns, 310);
}

static void a_send_with_fast_open_may_be_refused(void **state)
{
	make_socket(TCP(1), 3, 100);
	fast_open(200, 210, -1, ECONNREFUSED);
	assert_int_equal(row_of(TCP(1))->connect_errno, ECONNREFUSED);
	assert_int_equal(row_of(TCP(1))->connected_ns, FACT_NULL);
}

static void the_first_data_proves_a_connect_in_progress(void **state)
{
	make_socket(TCP(1), 3, 100);
	connect_in_progress(TCP(1), 110);
	call(CALL_send, 3, TCP(1), 200, 210, 5, 0);
	assert_int_equal(row_of(TCP(1))->connected_ns, 210);
	assert_int_equal(row_of(TCP(1))->connect_proof, PROOF_DATA);
}

static void data_read_before_the_connect_proves_it_as_well(void **state)
{
	make_socket(TCP(1), 3, 100);
	call(CALL_send, 3, TCP(1), 200, 210, 5, 0);
	connect_in_progress(TCP(1), 110);
	assert_int_equal(row_of(TCP(1))->connected_ns, 210);
}

static void getpeername_proves_a_connect_in_progress(void **state)
{
	make_socket(TCP(1), 3, 100);
	connect_in_progress(TCP(1), 110);
	call(CALL_getpeername, 3, TCP(1), 200, 201, -1, ENOTCONN);
	assert_int_equal(row_of(TCP(1))->connected_ns, FACT_NULL);
	call(CALL_getpeername, 3, TCP(1), 300, 301, 0, 0);
	assert_int_equal(row_of(TCP(1))->connected_ns, 301);
	assert_int_equal(row_of(TCP(1))->connect_proof, PROOF_GETPEERNAME);
}

static void a_data_call_reports_the_failure_of_a_connect_in_progress(void **state)
{
	make_socket(TCP(1), 3, 100);
	connect_in_progress(TCP(1), 110);
	call(CALL_recv, 3, TCP(1), 150, 151, -1, EAGAIN);
	assert_int_equal(row_of(TCP(1))->connect_errno, FACT_NULL);
	call(CALL_recv, 3, TCP(1), 200, 201, -1, ECONNREFUSED);
	assert_int_equal(row_of(TCP(1))->connect_errno, ECONNREFUSED);
	assert_int_equal(row_of(TCP(1))->errors, 1);
}

static void extend_path(unsigned type, const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	memcpy(address.sun_path, path, strlen(path));
	memcpy(extend(type, 2 + strlen(path) + 1)->data, &address, 2 + strlen(path) + 1);
}

static void a_unix_client_keeps_the_path_that_it_asked_for_and_the_one_that_it_reached(void **state)
{
	uint64_t server = 7 | (uint64_t)AF_UNIX << CELL_DOMAIN_SHIFT | (uint64_t)SOCK_STREAM << CELL_TYPE_SHIFT, client = server + 1;

	call_of(CALL_bind, 3, server, 90, 95, 0, 0);
	extend_path(SLOT_EXT_ADDRESS_LOCAL, "/run/x");
	apply();
	call_of(CALL_connect, 4, client, 100, 110, 0, 0);
	extend_path(SLOT_EXT_ADDRESS_PEER, "/var/run/x");
	extend_path(SLOT_EXT_ADDRESS_PEER, "/run/x");
	apply();
	assert_int_equal(row_of(client)->reached_id, row_of(server)->local_id);
	assert_int_not_equal(row_of(client)->remote_id, row_of(client)->reached_id);
	assert_int_not_equal(row_of(client)->remote_id, FACT_NULL);
	call_of(CALL_connect, 4, client, 120, 130, 0, 0);
	extend_path(SLOT_EXT_ADDRESS_PEER, "/run/x");
	apply();
	assert_int_equal(row_of(client)->remote_id, row_of(server)->local_id);
	assert_int_equal(row_of(client)->reached_id, FACT_NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_connect_to_any_address_leads_to_this_machine),
		TEST(a_connected_socket_keeps_its_peer_when_another_connect_fails),
		TEST(the_thread_that_connects_is_the_one_whose_connect_succeeds),
		TEST(a_blocking_connect_is_known_at_its_return),
		TEST(a_refused_connect_keeps_its_error),
		TEST(a_listener_that_is_told_eisconn_is_not_connected),
		TEST(a_connect_in_progress_ends_with_so_error_zero),
		TEST(a_connect_in_progress_fails_by_so_error),
		TEST(so_error_zero_too_early_gives_way_to_the_error),
		TEST(a_send_with_fast_open_connects_as_well),
		TEST(a_send_with_fast_open_that_does_not_wait_proves_nothing),
		TEST(a_send_with_fast_open_may_be_refused),
		TEST(the_first_data_proves_a_connect_in_progress),
		TEST(data_read_before_the_connect_proves_it_as_well),
		TEST(getpeername_proves_a_connect_in_progress),
		TEST(a_data_call_reports_the_failure_of_a_connect_in_progress),
		TEST(a_unix_client_keeps_the_path_that_it_asked_for_and_the_one_that_it_reached),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
