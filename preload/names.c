/*
 * names.c: name lookups: what was asked and what came back. What the lookup itself does on sockets (resolver, nscd, netlink) is
 * recorded on its own, as calls from inside libc. With SOCKLIFE_NAMES=0 neither name nor addresses are kept.
 *
 * A lookup of a name makes a spool: a program that asks for the address of a host is about to use the network. One of an address does not.
 */
#include "preload/hooks.h"
#include "preload/names.h"
#include "preload/real.h"
#include "preload/writer.h"

#include <errno.h>
#include <netinet/in.h>

#define NAME_BYTES 256 /* a host name has 253 at most (RFC 1035, 2.3.4) */
#define ANSWERS 8

int names_recorded = 1;

extern int *__h_errno_location(void) __attribute__((weak));

static __attribute__((noinline)) struct spool_call *name_begin(enum call_number kind, const char *name, uint64_t arg, uint32_t flags,
	const void *caller)
{
	struct writer_extension extension;
	struct spool_call *call;
	size_t length = 0;

	if (!writer_enabled)
		return NULL;
	if (name && names_recorded)
		while (length < NAME_BYTES && name[length])
			length++;
	call = writer_call_begin(kind, -1, 0, TAG_VIA_SYMBOL, arg, flags, names_recorded ? writer_slots_for(length) + ANSWERS : 0, caller);
	if (call && length) {
		extension = writer_extensions_of(call);
		extension.left -= ANSWERS;
		writer_extend_bytes(&extension, SLOT_EXT_TEXT, name, length);
	}
	return call;
}

static struct writer_extension answers_of(struct spool_call *call)
{
	struct writer_extension extension = writer_extensions_of(call);
	unsigned before = extension.left >= ANSWERS ? extension.left - ANSWERS : extension.left;

	return (struct writer_extension){extension.next + before, extension.left - before};
}

static __attribute__((noinline)) void found_addresses(struct spool_call *call, const struct addrinfo *list)
{
	struct writer_extension extension = answers_of(call);

	for (; list && extension.left; list = list->ai_next) {
		int again = 0;

		/* One for each kind of socket is one answer. */
		for (const struct spool_slot *slot = extension.next - (ANSWERS - extension.left); slot < extension.next; slot++)
			again |= slot->tag.length == list->ai_addrlen && raw_equal((const char *)slot->data, (const char *)list->ai_addr, list->ai_addrlen);
		if (list->ai_addr && list->ai_addrlen <= sizeof extension.next->data && !again)
			writer_extend_bytes(&extension, SLOT_EXT_ADDRESS_PEER, list->ai_addr, list->ai_addrlen);
	}
}

/* Returns the number of addresses found. */
static __attribute__((noinline)) int found_host(struct spool_call *call, const struct hostent *host)
{
	struct writer_extension extension = answers_of(call);
	int count = 0;

	if (!host)
		return 0;
	for (; host->h_addr_list && host->h_addr_list[count]; count++) {
		union {
			struct sockaddr_in v4;
			struct sockaddr_in6 v6;
		} address = {0};

		if (host->h_addrtype == AF_INET && host->h_length == 4) {
			address.v4.sin_family = AF_INET;
			raw_copy(&address.v4.sin_addr, host->h_addr_list[count], 4);
			writer_extend_bytes(&extension, SLOT_EXT_ADDRESS_PEER, &address, sizeof address.v4);
		} else if (host->h_addrtype == AF_INET6 && host->h_length == 16) {
			address.v6.sin6_family = AF_INET6;
			raw_copy(&address.v6.sin6_addr, host->h_addr_list[count], 16);
			writer_extend_bytes(&extension, SLOT_EXT_ADDRESS_PEER, &address, sizeof address.v6);
		}
	}
	return count;
}

int hook_getaddrinfo(const char *node, const char *service, const struct addrinfo *hints, struct addrinfo **result) EXPORT_AS(getaddrinfo);
int hook_getaddrinfo(const char *node, const char *service, const struct addrinfo *hints, struct addrinfo **result)
{
	struct spool_call *call = node || writer_spool ?
		name_begin(CALL_getaddrinfo, node, 0, hints ? (uint32_t)hints->ai_flags : 0, __builtin_return_address(0)) : NULL;
	int outcome = REAL(getaddrinfo)(node, service, hints, result);

	if (call) {
		writer_call_returned(call);
		if (outcome == 0)
			found_addresses(call, *result);
		writer_call_end(call, outcome, outcome == EAI_SYSTEM ? errno : 0);
	}
	return outcome;
}

static int why_not(const struct hostent *host)
{
	return host || !__h_errno_location ? 0 : *__h_errno_location();
}

/* flags: h_errno when nothing was found */
static __attribute__((noinline)) void host_end(struct spool_call *call, const struct hostent *host, int why)
{
	writer_call_returned(call);
	call->flags = (uint32_t)why;
	writer_call_end(call, found_host(call, host), 0);
}

#define HOST(name, asked, begin_if, arg, declared, given) \
	struct hostent *hook_##name declared EXPORT_AS(name); \
	struct hostent *hook_##name declared \
	{ \
		struct spool_call *call = begin_if ? name_begin(CALL_##name, asked, arg, 0, __builtin_return_address(0)) : NULL; \
		struct hostent *host = REAL(name) given; \
		if (call) \
			host_end(call, host, why_not(host)); \
		return host; \
	}
HOST(gethostbyname, host_name, 1, 0, (const char *host_name), (host_name))
HOST(gethostbyname2, host_name, 1, (uint64_t)(uint32_t)family, (const char *host_name, int family), (host_name, family))
HOST(gethostbyaddr, NULL, writer_spool, (uint64_t)(uint32_t)family, (const void *address, socklen_t length, int family), (address, length, family))

#define HOST_R(name, asked, begin_if, arg, declared, given) \
	int hook_##name declared EXPORT_AS(name); \
	int hook_##name declared \
	{ \
		struct spool_call *call = begin_if ? name_begin(CALL_##name, asked, arg, 0, __builtin_return_address(0)) : NULL; \
		int outcome = REAL(name) given; \
		if (call) \
			host_end(call, outcome == 0 ? *result : NULL, outcome == 0 && *result ? 0 : *why); \
		return outcome; \
	}
#define REST_DECLARED struct hostent *host, char *buffer, size_t bytes, struct hostent **result, int *why
#define REST_GIVEN host, buffer, bytes, result, why
HOST_R(gethostbyname_r, host_name, 1, 0, (const char *host_name, REST_DECLARED), (host_name, REST_GIVEN))
HOST_R(gethostbyname2_r, host_name, 1, (uint64_t)(uint32_t)family, (const char *host_name, int family, REST_DECLARED), (host_name, family, REST_GIVEN))
HOST_R(gethostbyaddr_r, NULL, writer_spool, (uint64_t)(uint32_t)family, (const void *address, socklen_t length, int family, REST_DECLARED),
	(address, length, family, REST_GIVEN))
