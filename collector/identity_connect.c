/*
 * identity_connect.c: what connect, and a send that connects, do to a socket's life.
 *
 * A connection is known to stand (connected_ns) by the earliest proof there is: connect's own return; for a connect in
 * progress SO_ERROR = 0, a repeated connect, getpeername or the first data call that succeeds. It is known to have failed by
 * connect's error, SO_ERROR, or the error of a data call while it was pending.
 */
#include "collector/identity_internal.h"

#include <errno.h>
#include <netinet/in.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>

void socket_connected(struct identity *identity, struct socket *socket, int64_t at_ns, int proof)
{
	if (socket->row.connected_ns == FACT_NULL || at_ns < socket->row.connected_ns) {
		socket->row.connected_ns = at_ns;
		socket->row.connect_proof = proof;
	}
	socket->row.connect_errno = FACT_NULL;
	socket->connect_pending_ns = FACT_NULL;
	socket_touch(identity, socket);
}

void socket_not_connected(struct socket *socket, int error)
{
	socket->row.connect_errno = error;
	socket->connect_pending_ns = FACT_NULL;
}

static void connect_outcome(struct step *step)
{
	struct socket *socket = step->socket;
	int error = step->call->tag.length;

	if (step->failed && error == EISCONN && socket->row.listening_ns != FACT_NULL)
		return; /* that is what a listener is told */
	if (!step->failed || error == EISCONN) {
		socket_connected(step->identity, socket, step->end_ns, PROOF_CONNECT);
	} else if (error == EINPROGRESS || error == EALREADY || error == EINTR) {
		if (socket->row.connected_ns != FACT_NULL && socket->row.connected_ns >= step->start_ns)
			return;
		earliest(&socket->connect_pending_ns, step->start_ns);
		socket->row.connect_errno = FACT_NULL;
		if (socket->first_success_ns != FACT_NULL && socket->first_success_ns > step->start_ns)
			socket_connected(step->identity, socket, socket->first_success_ns, PROOF_DATA);
	} else if (!is_again(error) || socket->row.domain == AF_UNIX) {
		socket_not_connected(socket, error);
	}
}

/*
 * Where a connect to 0.0.0.0 or :: leads: to this machine. Linux takes the address that the socket is bound to, else loopback: the one
 * that its own end has now, which the kernel told after the call; for :: always loopback.
 */
static uint32_t address_behind_any(struct step *step, uint32_t peer)
{
	const struct record_bytes *local = &step->extensions->local, *given = &step->extensions->peers[0];
	unsigned char here[sizeof(struct sockaddr_in6)];
	int is_any;

	identity_address(step->identity, given, NULL, &is_any);
	if (!is_any || local->length > sizeof here || given->length < offsetof(struct sockaddr_in, sin_addr) ||
	    !identity_address(step->identity, local, NULL, &is_any) || is_any)
		return peer;
	memcpy(here, local->bytes, local->length);
	if (step->socket->row.domain == AF_INET6 && local->length == sizeof(struct sockaddr_in6) &&
	    !IN6_IS_ADDR_V4MAPPED((const struct in6_addr *)(here + offsetof(struct sockaddr_in6, sin6_addr))))
		memcpy(here + offsetof(struct sockaddr_in6, sin6_addr), &in6addr_loopback, sizeof in6addr_loopback);
	/* The port stands in the same place in both. */
	memcpy(here + offsetof(struct sockaddr_in, sin_port), given->bytes + offsetof(struct sockaddr_in, sin_port), sizeof(in_port_t));
	return identity_address(step->identity, &(struct record_bytes){here, local->length}, NULL, NULL);
}

/* What both kinds of connect say of the socket: where to, and from where. Returns 0 when nothing is connected by it. */
static int connect_begins(struct step *step)
{
	struct socket *socket = step->socket;
	int family;
	uint32_t local, reached;

	if (step->extensions->peer_count)
		step->address_id = identity_address(step->identity, &step->extensions->peers[0], &family, NULL);
	else
		family = -1;
	if (!socket)
		return 0;
	local = identity_address(step->identity, &step->extensions->local, NULL, NULL);
	if (local)
		socket->row.local_id = local;
	if (family == AF_UNSPEC) { /* connect(2): dissolves the association */
		if (!step->failed && !step->running) {
			socket->row.remote_id = socket->row.reached_id = FACT_NULL;
			socket->connect_pending_ns = FACT_NULL;
		}
		return 0;
	}
	/* One that is connected stays so when it is to be connected elsewhere and that fails. */
	if (step->address_id && !((step->failed || step->running) && socket->row.remote_id != FACT_NULL && socket->row.connected_ns != FACT_NULL &&
	    socket->row.connected_ns <= step->start_ns))
		socket->row.remote_id = address_behind_any(step, step->address_id);
	reached = step->extensions->peer_count > 1 ? identity_address(step->identity, &step->extensions->peers[1], NULL, NULL) : 0;
	if (!step->failed && !step->running)
		socket->row.reached_id = reached ? reached : FACT_NULL;
	earliest(&socket->row.connecting_ns, step->start_ns);
	if (socket->row.connecting_thread_id == FACT_NULL || (!step->failed && !step->running))
		socket->row.connecting_thread_id = step->thread->row.thread_id;
	return !step->running;
}

void apply_connect(struct step *step)
{
	if (!connect_begins(step))
		return;
	if (step_waits_inside(step)) {
		step->socket->row.connect_ns += step->duration_ns;
		step->socket->row.wait_ns += step->duration_ns;
	}
	connect_outcome(step);
}

void apply_fast_open(struct step *step)
{
	int error = step->call->tag.length;

	/* Fast Open is forbidden here, or the address or descriptor was no good: not even tried. */
	if (step->failed && (error == EOPNOTSUPP || error == EINVAL || error == EFAULT || error == EPIPE))
		return;
	if (!connect_begins(step))
		return;
	/* A socket that does not block sends with its SYN, and may yet be refused. */
	if (!step->failed && (step->socket->row.nonblocking || step->call->flags & MSG_DONTWAIT))
		earliest(&step->socket->connect_pending_ns, step->start_ns);
	else
		connect_outcome(step);
}
