/* test_address.c: socket addresses as people write them, and hostile ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <linux/netlink.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "collector/address.h"

static struct address read_ok(const void *bytes, size_t length)
{
	struct address address;

	assert_int_equal(address_read(&address, bytes, length), 0);
	return address;
}

static struct address read_inet6(const char *text, unsigned scope)
{
	struct sockaddr_in6 in = {.sin6_family = AF_INET6, .sin6_port = htons(80), .sin6_scope_id = scope};

	assert_int_equal(inet_pton(AF_INET6, text, &in.sin6_addr), 1);
	return read_ok(&in, sizeof in);
}

static void ipv4_has_host_and_port(void **state)
{
	struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons(8080), .sin_addr.s_addr = htonl(0x7f000001)};
	struct address address = read_ok(&in, sizeof in);

	assert_string_equal(address.text, "127.0.0.1:8080");
	assert_string_equal(address.host, "127.0.0.1");
	assert_int_equal(address.port, 8080);
	assert_int_equal(address.is_any, 0);
	in.sin_addr.s_addr = 0;
	assert_int_equal(read_ok(&in, sizeof in).is_any, 1);
}

static void ipv6_is_in_brackets_with_its_scope(void **state)
{
	assert_string_equal(read_inet6("::1", 0).text, "[::1]:80");
	assert_string_equal(read_inet6("fe80::1", 2).text, "[fe80::1%2]:80");
}

static void a_mapped_address_reads_as_ipv4(void **state)
{
	struct address address = read_inet6("::ffff:10.0.0.7", 0);

	assert_string_equal(address.text, "10.0.0.7:80");
	assert_string_equal(address.host, "10.0.0.7");
	assert_int_equal(address.family, AF_INET6);
}

static void unix_names_are_paths_abstract_or_unnamed(void **state)
{
	struct sockaddr_un un = {.sun_family = AF_UNIX, .sun_path = "/run/x.sock"};

	assert_string_equal(read_ok(&un, sizeof un).text, "/run/x.sock");
	assert_string_equal(read_ok(&un, offsetof(struct sockaddr_un, sun_path) + 6).text, "/run/x");
	assert_string_equal(read_ok(&un, offsetof(struct sockaddr_un, sun_path)).text, "(unnamed)");
	memcpy(un.sun_path, "\0name\0x", 7);
	assert_string_equal(read_ok(&un, offsetof(struct sockaddr_un, sun_path) + 7).text, "@name\\x00x");
	memset(un.sun_path, 0, sizeof un.sun_path);
	memcpy(un.sun_path, "\0name", 5);
	assert_string_equal(read_ok(&un, offsetof(struct sockaddr_un, sun_path) + 6).text, "@name\\x00");
	assert_string_equal(read_ok(&un, sizeof un).text, "@name\\x00*103");
	memset(un.sun_path, 'a', sizeof un.sun_path);
	assert_int_equal(strlen(read_ok(&un, sizeof un).text), sizeof un.sun_path);
}

static void control_characters_do_not_reach_the_text(void **state)
{
	struct sockaddr_un un = {.sun_family = AF_UNIX, .sun_path = "/a\033[2J\n"};

	assert_string_equal(read_ok(&un, sizeof un).text, "/a\\x1b[2J\\x0a");
}

static void other_families_have_a_text(void **state)
{
	struct sockaddr_nl nl = {.nl_family = AF_NETLINK, .nl_pid = 42, .nl_groups = 1};
	unsigned char unknown[] = {99, 0, 1, 255};

	assert_string_equal(read_ok(&nl, sizeof nl).text, "netlink:pid=42 groups=0x1");
	assert_string_equal(read_ok(unknown, sizeof unknown).text, "family 99: 01 ff");
	assert_int_equal(read_ok(unknown, sizeof unknown).port, -1);
}

static void short_addresses_are_refused_or_shown_raw(void **state)
{
	unsigned char bytes[128] = {AF_INET, 0, 1, 2};
	struct address address;

	assert_int_not_equal(address_read(&address, bytes, 1), 0);
	assert_string_equal(read_ok(bytes, 4).text, "INET: 01 02");
	for (unsigned family = 0; family < 64; family++)
		for (size_t length = 2; length <= sizeof bytes; length++) {
			memset(bytes, 0xff, sizeof bytes);
			bytes[0] = (unsigned char)family;
			bytes[1] = 0;
			assert_true(strlen(read_ok(bytes, length).text) > 0);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ipv4_has_host_and_port),
		cmocka_unit_test(ipv6_is_in_brackets_with_its_scope),
		cmocka_unit_test(a_mapped_address_reads_as_ipv4),
		cmocka_unit_test(unix_names_are_paths_abstract_or_unnamed),
		cmocka_unit_test(control_characters_do_not_reach_the_text),
		cmocka_unit_test(other_families_have_a_text),
		cmocka_unit_test(short_addresses_are_refused_or_shown_raw),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
