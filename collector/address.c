/* address.c: see address.h. A table of families, each with its own writer; bytes that are too few become the generic form. */
#include "collector/address.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <linux/netlink.h>
#include <linux/vm_sockets.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "collector/constant.h"

static int read_inet(struct address *address, const void *bytes, size_t length)
{
	struct sockaddr_in in;

	if (length < offsetof(struct sockaddr_in, sin_zero))
		return -EINVAL;
	memset(&in, 0, sizeof in);
	memcpy(&in, bytes, length < sizeof in ? length : sizeof in);
	inet_ntop(AF_INET, &in.sin_addr, address->host, sizeof address->host);
	address->port = ntohs(in.sin_port);
	address->is_any = in.sin_addr.s_addr == htonl(INADDR_ANY);
	snprintf(address->text, sizeof address->text, "%s:%d", address->host, address->port);
	return 0;
}

static int read_inet6(struct address *address, const void *bytes, size_t length)
{
	struct sockaddr_in6 in;

	if (length < offsetof(struct sockaddr_in6, sin6_scope_id))
		return -EINVAL;
	memset(&in, 0, sizeof in);
	memcpy(&in, bytes, length < sizeof in ? length : sizeof in);
	address->port = ntohs(in.sin6_port);
	address->is_any = IN6_IS_ADDR_UNSPECIFIED(&in.sin6_addr);
	if (IN6_IS_ADDR_V4MAPPED(&in.sin6_addr)) {
		address->is_any = in.sin6_addr.s6_addr32[3] == 0;
		inet_ntop(AF_INET, &in.sin6_addr.s6_addr[12], address->host, sizeof address->host);
		snprintf(address->text, sizeof address->text, "%s:%d", address->host, address->port);
		return 0;
	}
	inet_ntop(AF_INET6, &in.sin6_addr, address->host, sizeof address->host);
	if (in.sin6_scope_id) {
		size_t used = strlen(address->host);

		snprintf(address->host + used, sizeof address->host - used, "%%%u", in.sin6_scope_id);
	}
	snprintf(address->text, sizeof address->text, "[%s]:%d", address->host, address->port);
	return 0;
}

/* Bytes as text: printable ASCII and UTF-8 as they are, control characters and backslashes as \xNN. */
static size_t escape(char *text, size_t size, const unsigned char *bytes, size_t length)
{
	size_t used = 0;

	for (size_t i = 0; i < length && used + 5 < size; i++) {
		if (bytes[i] < 0x20 || bytes[i] == 0x7f || bytes[i] == '\\')
			used += (size_t)snprintf(text + used, size - used, "\\x%02x", bytes[i]);
		else
			text[used++] = (char)bytes[i];
	}
	text[used] = 0;
	return used;
}

/* unix(7): a path ends at its NUL or at the length; a name that begins with NUL is abstract and may hold more of them. */
static int read_unix(struct address *address, const void *bytes, size_t length)
{
	const unsigned char *path = (const unsigned char *)bytes + offsetof(struct sockaddr_un, sun_path);
	size_t room = length - offsetof(struct sockaddr_un, sun_path);

	if (room > sizeof ((struct sockaddr_un *)0)->sun_path + 1)
		room = sizeof ((struct sockaddr_un *)0)->sun_path + 1;
	if (room == 0) {
		strcpy(address->text, "(unnamed)");
	} else if (path[0] == 0) {
		size_t length_less_zeros = room, used;

		while (length_less_zeros > 1 && !path[length_less_zeros - 1])
			length_less_zeros--;
		address->text[0] = '@';
		used = 1 + escape(address->text + 1, sizeof address->text - 1, path + 1, length_less_zeros - 1);
		/* bind(fd, address, sizeof address) makes the rest of the array a part of the name. */
		if (room > length_less_zeros)
			snprintf(address->text + used, sizeof address->text - used, room - length_less_zeros == 1 ? "\\x00" : "\\x00*%zu", room - length_less_zeros);
		if (room == 1)
			strcpy(address->text, "(unnamed)");
	} else {
		escape(address->text, sizeof address->text, path, strnlen((const char *)path, room));
	}
	return 0;
}

static int read_netlink(struct address *address, const void *bytes, size_t length)
{
	struct sockaddr_nl nl;

	if (length < sizeof nl)
		return -EINVAL;
	memcpy(&nl, bytes, sizeof nl);
	snprintf(address->text, sizeof address->text, "netlink:pid=%u groups=%#x", nl.nl_pid, nl.nl_groups);
	return 0;
}

static int read_packet(struct address *address, const void *bytes, size_t length)
{
	struct sockaddr_ll ll;
	int used;

	if (length < offsetof(struct sockaddr_ll, sll_addr))
		return -EINVAL;
	memset(&ll, 0, sizeof ll);
	memcpy(&ll, bytes, length < sizeof ll ? length : sizeof ll);
	used = snprintf(address->text, sizeof address->text, "packet:if=%d proto=0x%04x", ll.sll_ifindex, ntohs(ll.sll_protocol));
	for (int i = 0; i < ll.sll_halen && i < (int)sizeof ll.sll_addr; i++)
		used += snprintf(address->text + used, sizeof address->text - (size_t)used, "%c%02x", i ? ':' : ' ', ll.sll_addr[i]);
	return 0;
}

static int read_vsock(struct address *address, const void *bytes, size_t length)
{
	struct sockaddr_vm vm;

	if (length < offsetof(struct sockaddr_vm, svm_zero) )
		return -EINVAL;
	memset(&vm, 0, sizeof vm);
	memcpy(&vm, bytes, length < sizeof vm ? length : sizeof vm);
	if (vm.svm_cid == VMADDR_CID_ANY)
		snprintf(address->text, sizeof address->text, "vsock:*:%u", vm.svm_port);
	else
		snprintf(address->text, sizeof address->text, "vsock:%u:%u", vm.svm_cid, vm.svm_port);
	return 0;
}

static void read_other(struct address *address, const unsigned char *bytes, size_t length)
{
	const char *name = constant_find_name("domain", address->family);
	int used;

	if (address->family == AF_UNSPEC)
		used = snprintf(address->text, sizeof address->text, "unspecified");
	else if (name)
		used = snprintf(address->text, sizeof address->text, "%s:", name);
	else
		used = snprintf(address->text, sizeof address->text, "family %d:", address->family);
	for (size_t i = 2; i < length && i < 34 && address->family != AF_UNSPEC; i++)
		used += snprintf(address->text + used, sizeof address->text - (size_t)used, " %02x", bytes[i]);
}

static const struct {
	int family;
	int (*read)(struct address *address, const void *bytes, size_t length);
} families[] = {
	{AF_INET, read_inet}, {AF_INET6, read_inet6}, {AF_UNIX, read_unix},
	{AF_NETLINK, read_netlink}, {AF_PACKET, read_packet}, {AF_VSOCK, read_vsock},
};

int address_read(struct address *address, const void *bytes, size_t length)
{
	sa_family_t family;

	if (length < sizeof family)
		return -EINVAL;
	memcpy(&family, bytes, sizeof family);
	address->family = family;
	address->port = -1;
	address->is_any = 0;
	address->host[0] = address->text[0] = 0;
	for (size_t i = 0; i < sizeof families / sizeof *families; i++)
		if (families[i].family == family && families[i].read(address, bytes, length) == 0)
			return 0;
	read_other(address, bytes, length);
	return 0;
}
