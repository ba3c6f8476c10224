/*
 * partner.h: the peer that an end of a TCP connection most likely has, said as its row is stored: the one that connected from the address which
 * the other was accepted from. Pairing has the last word when recording ends (pairing.h); so most rows need not be written again.
 *
 * The connections seen last are kept in a table of fixed size, each in the one place that its addresses give: what another has driven out has to wait for
 * pairing, and so does all whose addresses do not tell (several network namespaces).
 */
#ifndef COLLECTOR_PARTNER_H
#define COLLECTOR_PARTNER_H

#include "collector/identity.h"

struct partner;

/* NULL: out of memory. */
struct partner *partner_new(void);
void partner_free(struct partner *partner);

/* Sets peer_id and accept_wait_ns of those sockets' rows whose partner is among them, or was in an earlier call. */
void partner_find(struct partner *partner, struct socket **sockets, size_t count);

#endif
