/*
 * pairing_queue.h: which connect belongs to which accept, by what is certain: the order of the kernel's queue, the connecting
 * process that SO_PEERCRED names, names, and what was sent and received.
 */
#ifndef COLLECTOR_PAIRING_QUEUE_H
#define COLLECTOR_PAIRING_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PAIRING_NONE INT64_MIN
#define PAIRING_FOREVER INT64_MAX
#define PAIRING_UNNAMED 0

/* A socket that may be an end of a connection; times NONE: never, or not known. */
struct end {
	int64_t socket_id, parent_id;
	int64_t peer_id;     /* the other end, when it is known already; else NONE, and the solver finds it */
	struct end *peer;    /* out: the same */
	int64_t process_id;  /* whose clock the times of connect or accept were taken with */
	int64_t opened_ns, accepting_ns, connecting_ns, connected_ns, closed_ns, listening_ns; /* closed FOREVER: open */
	int64_t reachable_ns; /* of a listener: no connect to it returned before; of an accepted socket: its listener's */
	int64_t sent_bytes, received_bytes, first_send_ns, first_receive_ns, eof_ns, shutdown_send_ns;
	int64_t pid;         /* of the process that connected: as it says itself, and as SO_PEERCRED told the one that accepted; NONE: not known */
	int64_t own_name, peer_name; /* of Unix sockets: address_id; UNNAMED; NONE: not known */
	int64_t bound_ns;
	uint64_t path;       /* of Unix sockets: a number for the listener's path as this end knows it */
	bool is_relative;    /* … which says only what it ends with */
	bool is_accepted, low, connect_returned;
	bool is_dim;         /* not all that was done with it is in the trace: its bytes prove nothing, nor does a listener's queue */
	bool is_cut;         /* a call on it never returned: it may have moved more than is known */
	int candidates;      /* out: how many may be its peer, when that is not certain */
};

/* A call of accept that never returned may have taken a connection all the same: the one who made it was killed. */
struct end_lost {
	int64_t listener_id, accepting_ns;
};

/* The ends that named one address, in any order. */
struct end_group {
	struct end *ends;
	size_t count;
	const struct end_lost *lost; /* of all listeners; few */
	size_t lost_count;
	bool is_tuple; /* they have one TCP address pair, which is one connection at a time; else their listeners' Unix names end alike */
};

#define PAIRING_CLOCK_NS 1000 /* two processes' times differ by less: each has its own scale for the counter */

/* ns + more_ns, as far as there is room. */
int64_t pairing_plus_ns(int64_t ns, int64_t more_ns);

/* Can the client have stood in the listener's queue? */
bool pairing_may_reach(const struct end *client, const struct end *listener);

/* Can they be the two ends of one connection, places in the queue aside? */
bool pairing_may_be(const struct end_group *group, const struct end *client, const struct end *server);

/* Finds the peer of both ends where nothing else is possible, else sets `candidates`. Returns 0 or -ENOMEM. */
int pairing_queue_solve(const struct end_group *group);

#endif
