/* partner.c: see partner.h. */
#include "collector/partner.h"

#include <stdlib.h>
#include <sys/socket.h>

#define PLACES_BITS 16

struct place {
	int64_t low_id, high_id; /* the two addresses; 0: nothing here */
	int64_t client_id, server_id; /* 0: not seen yet */
	int64_t connecting_ns, queued_ns, closed_ns; /* the client's */
	int64_t accepted_ns;     /* the server's */
};

struct partner {
	struct place places[1 << PLACES_BITS];
};

struct partner *partner_new(void)
{
	return calloc(1, sizeof(struct partner));
}

void partner_free(struct partner *partner)
{
	free(partner);
}

static int is_accepted(const struct fact_socket *row)
{
	return row->origin == ORIGIN_ACCEPT;
}

static int is_end(const struct fact_socket *row)
{
	return row->type == SOCK_STREAM && (row->domain == AF_INET || row->domain == AF_INET6) && row->listening_ns == FACT_NULL &&
		row->local_id > 0 && row->remote_id > 0 && row->local_id != row->remote_id && row->network_namespace == FACT_NULL &&
		row->process_id != FACT_NULL && (is_accepted(row) || (row->origin == ORIGIN_SOCKET && row->connecting_ns != FACT_NULL));
}

static struct place *place_of(struct partner *partner, const struct fact_socket *row)
{
	int64_t low = row->local_id < row->remote_id ? row->local_id : row->remote_id;
	int64_t high = row->local_id < row->remote_id ? row->remote_id : row->local_id;
	uint64_t hash = ((uint64_t)low * UINT64_C(0xff51afd7ed558ccd) + (uint64_t)high) * UINT64_C(0x9e3779b97f4a7c15);
	struct place *place = &partner->places[hash >> (64 - PLACES_BITS)];

	if (place->low_id != low || place->high_id != high)
		*place = (struct place){.low_id = low, .high_id = high};
	return place;
}

/* An accept that returned before the connect was called, or after the client had gone, may have been of another connection. */
static int may_belong(const struct place *place)
{
	return place->client_id && place->server_id && place->accepted_ns >= place->connecting_ns &&
		(place->closed_ns == FACT_NULL || place->closed_ns >= place->accepted_ns);
}

/* The next connection of the same two addresses begins anew once the last one was whole. */
static void note(struct place *place, const struct fact_socket *row)
{
	int64_t *id = is_accepted(row) ? &place->server_id : &place->client_id;

	if (*id && *id != row->socket_id && may_belong(place))
		*place = (struct place){.low_id = place->low_id, .high_id = place->high_id};
	*id = row->socket_id;
	if (is_accepted(row)) {
		place->accepted_ns = row->opened_ns;
		return;
	}
	place->connecting_ns = row->connecting_ns;
	place->queued_ns = row->connect_proof == PROOF_CONNECT && row->connected_ns != FACT_NULL ? row->connected_ns : row->connecting_ns;
	place->closed_ns = row->closed_ns;
}

static void set_peer(const struct place *place, struct fact_socket *row)
{
	if (!may_belong(place) || row->socket_id != (is_accepted(row) ? place->server_id : place->client_id))
		return;
	row->peer_id = is_accepted(row) ? place->client_id : place->server_id;
	if (is_accepted(row))
		row->accept_wait_ns = place->accepted_ns > place->queued_ns ? place->accepted_ns - place->queued_ns : 0;
}

void partner_find(struct partner *partner, struct socket **sockets, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (is_end(&sockets[i]->row))
			note(place_of(partner, &sockets[i]->row), &sockets[i]->row);
	for (size_t i = 0; i < count; i++)
		if (is_end(&sockets[i]->row))
			set_peer(place_of(partner, &sockets[i]->row), &sockets[i]->row);
}
