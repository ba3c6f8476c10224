/*
 * identity_data.c: calls that move data: totals, and what they tell about the connection. What the rules of `check`
 * suspect from is symptom.c's.
 */
#include "collector/identity_internal.h"

#include <errno.h>
#include <sys/socket.h>

static int takes_message_flags(unsigned kind)
{
	return kind >= CALL_send && kind <= CALL_recvmmsg;
}

static int is_stream(const struct socket *socket)
{
	return socket->row.type == SOCK_STREAM;
}

static void sent_data(struct step *step)
{
	struct fact_socket *row = &step->socket->row;

	row->sent_bytes += step->moved_bytes;
	row->sent_messages += step->call->tag.kind == CALL_sendmmsg ? step->call->result : 1;
}

static void receive_succeeded(struct step *step, int64_t requested)
{
	struct socket *socket = step->socket;
	struct fact_socket *row = &socket->row;
	uint32_t flags = takes_message_flags(step->call->tag.kind) ? step->call->flags : 0;

	if (flags & MSG_ERRQUEUE)
		return;
	if (step->moved_bytes == 0 && (is_stream(socket) || row->type == SOCK_SEQPACKET) && requested != 0 &&
	    row->shutdown_receive_ns == FACT_NULL) {
		if (row->eof_ns == FACT_NULL || step->end_ns < row->eof_ns)
			row->eof_ns = step->end_ns;
	}
	if (flags & MSG_PEEK)
		return;
	row->received_bytes += step->moved_bytes;
	row->received_messages += step->call->tag.kind == CALL_recvmmsg ? step->call->result : step->moved_bytes > 0 || !is_stream(socket);
}

/* EPIPE tells of the peer's end where there was a peer, and this side had not ended its own. */
static int tells_reset(const struct fact_socket *row, int error)
{
	if (error != EPIPE || row->type == SOCK_DGRAM)
		return error == ECONNRESET || error == EPIPE;
	if (row->shutdown_send_ns != FACT_NULL || row->listening_ns != FACT_NULL)
		return 0;
	return row->connected_ns != FACT_NULL || row->first_activity_ns != FACT_NULL || row->origin != ORIGIN_SOCKET ||
	       (row->connecting_ns != FACT_NULL && row->connect_errno == FACT_NULL);
}

static void data_failed(struct step *step)
{
	struct socket *socket = step->socket;
	int error = step->call->tag.length;

	if (tells_reset(&socket->row, error)) {
		if (socket->row.reset_ns == FACT_NULL || step->end_ns < socket->row.reset_ns)
			socket->row.reset_ns = step->end_ns;
	}
	/* A connect in progress reports its failure to whoever comes first. */
	if (socket->connect_pending_ns != FACT_NULL && !is_again(error) && error != EINTR && error != ENOTCONN && error != EPIPE &&
	    error != EBADF && error != EFAULT && error != EINVAL) {
		socket->row.connect_errno = error;
		socket->connect_pending_ns = FACT_NULL;
	}
}

static void data_succeeded(struct step *step)
{
	struct socket *socket = step->socket;
	struct fact_socket *row = &socket->row;

	if (row->first_activity_ns == FACT_NULL || step->start_ns < row->first_activity_ns)
		row->first_activity_ns = step->start_ns;
	if (row->last_activity_ns == FACT_NULL || step->end_ns > row->last_activity_ns)
		row->last_activity_ns = step->end_ns;
	if (socket->first_success_ns == FACT_NULL || step->end_ns < socket->first_success_ns)
		socket->first_success_ns = step->end_ns;
	if (socket->connect_pending_ns != FACT_NULL && step->end_ns >= socket->connect_pending_ns)
		socket_connected(step->identity, socket, step->end_ns, PROOF_DATA);
}

/* With whom an unconnected datagram socket talks: as long as it is one, that is as good as connected. */
static void note_remote(struct step *step)
{
	struct fact_socket *row = &step->socket->row;
	const struct record_extensions *extensions = step->extensions;

	if (row->type != SOCK_DGRAM || row->remote_id != FACT_NULL || row->only_remote_id == 0)
		return;
	for (unsigned i = 0; i < extensions->peer_count; i++) {
		uint32_t remote = i == 0 ? step->address_id : identity_address(step->identity, &extensions->peers[i], NULL, NULL);

		if (remote && row->only_remote_id != FACT_NULL && row->only_remote_id != remote)
			remote = 0;
		row->only_remote_id = remote;
		if (!remote)
			return;
	}
	if (extensions->peer_count == RECORD_ADDRESSES && extensions->message_count > RECORD_ADDRESSES)
		row->only_remote_id = 0; /* those beyond have not been kept */
}

/* TCP Fast Open: a send that connects as well (tcp(7)). */
static int opens_fast(const struct step *step)
{
	return step->effect == EFFECT_SEND && takes_message_flags(step->call->tag.kind) && step->call->flags & MSG_FASTOPEN && step->socket->row.type == SOCK_STREAM;
}

void apply_data(struct step *step)
{
	const struct spool_call *call = step->call;
	int sends = step->effect == EFFECT_SEND || (step->effect == EFFECT_TRANSFER && !(call->tag.flags & TAG_RECEIVES));
	int64_t requested = call->arg == SPOOL_UNKNOWN ? FACT_NULL : (int64_t)call->arg;
	struct fact_socket *row;

	if (step->extensions->peer_count)
		step->address_id = identity_address(step->identity, &step->extensions->peers[0], NULL, NULL);
	if (call->tag.kind == CALL_sendmmsg || call->tag.kind == CALL_recvmmsg)
		step->moved_bytes = (int64_t)step->extensions->message_bytes;
	else if (!step->running && call->result > 0)
		step->moved_bytes = call->result;
	if (!step->socket)
		return;
	row = &step->socket->row;
	if (sends)
		row->send_calls++;
	else
		row->receive_calls++;
	if (step->running)
		return;
	if (!row->nonblocking && !(takes_message_flags(call->tag.kind) && call->flags & MSG_DONTWAIT)) {
		row->wait_ns += step->duration_ns;
		*(sends ? &row->send_ns : &row->receive_ns) += step->duration_ns;
	}
	if (!step->failed) {
		note_remote(step);
		if (sends)
			sent_data(step);
		else
			receive_succeeded(step, requested);
		data_succeeded(step);
	} else {
		data_failed(step);
	}
	if (opens_fast(step)) /* last: the first data does not prove the connection that it asks for */
		apply_fast_open(step);
}
