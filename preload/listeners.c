/*
 * listeners.c: see listeners.h. A few places, taken once and never given back, so that no reader can see one change: programs have few listeners.
 */
#include "preload/listeners.h"
#include "preload/guard.h"
#include "preload/table.h"

#include <netinet/in.h>
#include <sys/socket.h>

#define PLACES 16

static struct place {
	uint64_t identity; /* 0: free */
	uint32_t length;   /* 0: not known yet, or no longer */
	unsigned char address[sizeof(struct sockaddr_in6)];
} places[PLACES];

static struct place *find(uint64_t identity)
{
	for (unsigned i = 0; i < PLACES; i++)
		if (__atomic_load_n(&places[i].identity, __ATOMIC_ACQUIRE) == identity)
			return &places[i];
	return NULL;
}

static struct place *take(uint64_t identity)
{
	for (unsigned i = 0; i < PLACES; i++) {
		uint64_t nobody = 0;

		if (__atomic_compare_exchange_n(&places[i].identity, &nobody, identity, 0, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
			return &places[i];
	}
	return NULL;
}

static int is_off(int fd, int level, int option)
{
	int value = 1;
	socklen_t length = sizeof value;

	return raw_syscall(SYS_getsockopt, fd, level, option, &value, &length) == 0 && !value;
}

/* Does it take connections to this one address alone? */
static int is_one_address(int fd, const void *address, size_t length)
{
	const struct sockaddr_in *v4 = address;
	const struct sockaddr_in6 *v6 = address;

	if (v4->sin_family == AF_INET && length == sizeof *v4)
		return v4->sin_addr.s_addr != INADDR_ANY && is_off(fd, SOL_IP, IP_TRANSPARENT);
	/* The wildcard of a mapped IPv4 address ends in zeros as well. */
	return v6->sin6_family == AF_INET6 && length == sizeof *v6 && v6->sin6_addr.s6_addr32[3] != 0 && is_off(fd, SOL_IPV6, IPV6_TRANSPARENT);
}

void listeners_note(int fd, uint64_t cell, const void *address, size_t length)
{
	struct place *place = cell & CELL_TCP ? find(cell & CELL_IDENTITY) : NULL;

	if (place) { /* listen(2) may be called once more: for another backlog, or after it was bound anew */
		if (place->length != length || !raw_equal((const char *)place->address, address, length))
			__atomic_store_n(&place->length, 0, __ATOMIC_RELAXED);
		return;
	}
	if (!(cell & CELL_TCP) || !guard_system_calls_allowed() || !is_one_address(fd, address, length))
		return;
	place = take(cell & CELL_IDENTITY);
	if (!place)
		return;
	raw_copy(place->address, address, length);
	__atomic_store_n(&place->length, (uint32_t)length, __ATOMIC_RELEASE);
	table_change(fd, cell, cell | CELL_BOUND);
}

size_t listeners_address(uint64_t listener, const void **address)
{
	struct place *place = listener & CELL_BOUND ? find(listener & CELL_IDENTITY) : NULL;

	*address = place ? place->address : NULL;
	return place ? __atomic_load_n(&place->length, __ATOMIC_ACQUIRE) : 0;
}
