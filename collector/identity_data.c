/*
 * identity_data.c: calls that move data: totals, what they tell about the connection, and the figures that the rules of
 * `check` suspect from (questions and answers, short sends, full buffers, runs of EAGAIN).
 */
#include "collector/identity_internal.h"

#include <errno.h>
#include <sys/socket.h>

#define SMALL_SEND_BYTES 1460       /* less than a segment: Nagle may hold it back (RFC 896) */
#define DELAYED_ACK_LEAST_NS 36000000  /* Linux delays an acknowledgement by 40 ms (TCP_DELACK_MIN) */
#define DELAYED_ACK_MOST_NS 60000000

static int takes_message_flags(unsigned kind)
{
	return kind >= CALL_send && kind <= CALL_recvmmsg;
}

static int is_stream(const struct socket *socket)
{
	return socket->row.type == SOCK_STREAM;
}

static void count_again(struct step *step)
{
	struct socket *socket = step->socket;

	if (!step->failed) {
		socket->again_run = 0;
		return;
	}
	if (!is_again(step->call->tag.length))
		return;
	if (socket->again_run++ == 0)
		socket->again_run_start_ns = step->start_ns;
	if (socket->again_run > socket->row.again_run_count) {
		socket->row.again_run_count = socket->again_run;
		socket->row.again_run_start_ns = socket->again_run_start_ns;
		socket->row.again_run_ns = step->end_ns - socket->again_run_start_ns;
	}
}

static void sent_data(struct step *step, int64_t requested)
{
	struct socket *socket = step->socket;
	struct fact_socket *row = &socket->row;
	int64_t largest = step->extensions->message_count ? (int64_t)step->extensions->message_largest : step->moved_bytes;

	row->sent_bytes += step->moved_bytes;
	row->sent_messages += step->call->tag.kind == CALL_sendmmsg ? step->call->result : 1;
	if (largest > row->largest_send_bytes)
		row->largest_send_bytes = largest;
	if (is_stream(socket) && requested != FACT_NULL && step->moved_bytes < requested && step->call->tag.kind != CALL_sendmmsg &&
	    step->effect == EFFECT_SEND) {
		row->short_send_count++;
		row->short_send_ns = step->start_ns;
	}
	if (!step->moved_bytes)
		return;
	if (row->first_send_ns == FACT_NULL || step->start_ns < row->first_send_ns)
		row->first_send_ns = step->start_ns;
	if (socket->last_was == 2 && row->last_receive_ns != FACT_NULL && step->start_ns >= row->last_receive_ns) {
		row->turns++;
		row->turn_ns += step->start_ns - row->last_receive_ns;
	}
	socket->small_sends = step->moved_bytes < SMALL_SEND_BYTES && row->protocol == 6 ? socket->small_sends + 1 : 0;
	socket->last_was = 1;
}

static void received_data(struct step *step)
{
	struct socket *socket = step->socket;
	struct fact_socket *row = &socket->row;
	int64_t since;

	if (row->first_receive_ns == FACT_NULL || step->end_ns < row->first_receive_ns)
		row->first_receive_ns = step->end_ns;
	if (socket->last_was == 1 && row->last_send_ns != FACT_NULL && step->end_ns >= row->last_send_ns) {
		since = step->end_ns - row->last_send_ns;
		row->exchanges++;
		row->answer_ns += since;
		if (socket->small_sends >= 2 && since >= DELAYED_ACK_LEAST_NS && since <= DELAYED_ACK_MOST_NS) {
			row->small_write_count++;
			row->small_write_ns += since;
		}
	}
	if (row->last_receive_ns == FACT_NULL || step->end_ns > row->last_receive_ns)
		row->last_receive_ns = step->end_ns;
	socket->small_sends = 0;
	socket->last_was = 2;
}

static void datagram_figures(struct step *step, int64_t requested)
{
	struct fact_socket *row = &step->socket->row;
	int64_t moved = step->moved_bytes;

	if (step->call->tag.kind == CALL_recvmmsg)
		requested = FACT_NULL;
	if (step->extensions->message_flags & MSG_TRUNC || (requested != FACT_NULL && moved > requested)) {
		row->truncated_count++;
	} else if (requested != FACT_NULL && requested > 0 && moved == requested && !step->extensions->message_count) {
		row->full_receive_count++;
		if (row->full_receive_bytes == FACT_NULL || requested < row->full_receive_bytes)
			row->full_receive_bytes = requested;
	}
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
		row->eof_count++;
	}
	if (flags & MSG_PEEK)
		return;
	row->received_bytes += step->moved_bytes;
	row->received_messages += step->call->tag.kind == CALL_recvmmsg ? step->call->result : step->moved_bytes > 0 || !is_stream(socket);
	if (!is_stream(socket))
		datagram_figures(step, requested);
	if (step->moved_bytes > 0)
		received_data(step);
}

static void data_failed(struct step *step)
{
	struct socket *socket = step->socket;
	int error = step->call->tag.length;

	if (error == ECONNRESET || error == EPIPE) {
		if (socket->row.reset_ns == FACT_NULL || step->end_ns < socket->row.reset_ns)
			socket->row.reset_ns = step->end_ns;
		if (error == EPIPE && (socket->row.broken_pipe_ns == FACT_NULL || step->end_ns < socket->row.broken_pipe_ns))
			socket->row.broken_pipe_ns = step->end_ns;
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
	count_again(step);
	if (!step->failed) {
		if (sends)
			sent_data(step, requested);
		else
			receive_succeeded(step, requested);
		data_succeeded(step);
	} else {
		data_failed(step);
	}
	if (sends && (row->last_send_ns == FACT_NULL || step->start_ns > row->last_send_ns))
		row->last_send_ns = step->start_ns;
}
