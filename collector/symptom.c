/*
 * symptom.c: see symptom.h. One function per kind of symptom; each looks at the call before it only through struct symptom.
 */
#include "collector/symptom.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>

#include "schema/spool.h"

#define SMALL_SEND_BYTES 1400         /* below one segment of Ethernet: what Nagle's algorithm holds back */
#define DELAYED_ACK_MIN_NS 36000000   /* Linux delays an acknowledgement 40 ms at first */
#define DELAYED_ACK_MAX_NS 60000000
#define CALIBRATION_NS 100000        /* more than a start moves by the clock's calibration */

void symptom_init(struct symptom *symptom)
{
	*symptom = (struct symptom){
#define SYMPTOM_COLUMN(name, initial) .name = initial,
		SYMPTOM_COLUMNS(SYMPTOM_COLUMN)
#undef SYMPTOM_COLUMN
		.longest_ns = -1,
	};
}

void symptom_restore(struct symptom *symptom, int64_t longest_ns)
{
	symptom->longest_ns = longest_ns;
	symptom->last_was_receive = symptom->last_receive_ns != SYMPTOM_NONE &&
		(symptom->last_send_ns == SYMPTOM_NONE || symptom->last_receive_ns > symptom->last_send_ns);
	symptom->last_was_send = !symptom->last_was_receive && symptom->first_send_ns != SYMPTOM_NONE;
	symptom->last_data_ns = symptom->last_was_receive ? symptom->last_receive_ns : symptom->last_send_ns;
}

static void note_first(int64_t *first, int64_t at)
{
	if (*first == SYMPTOM_NONE || at < *first)
		*first = at;
}

static void note_last(int64_t *last, int64_t at)
{
	if (*last == SYMPTOM_NONE || at > *last)
		*last = at;
}

/* Of the threads that did it the first two that are read, in no order. */
static void note_thread(int64_t *one, int64_t *other, int64_t thread_id)
{
	if (*one == SYMPTOM_NONE)
		*one = thread_id;
	else if (*one != thread_id && *other == SYMPTOM_NONE)
		*other = thread_id;
}

static bool is_stream(const struct symptom_call *call)
{
	return call->type == SOCK_STREAM;
}

/* A message that is longer than the buffer is cut. */
static bool keeps_messages(const struct symptom_call *call)
{
	return call->type == SOCK_DGRAM || call->type == SOCK_SEQPACKET;
}

/* Whoever only asks whether the number is open uses no socket: a shell does before each redirection, a daemon as it looks for what it inherited. */
static bool asks_whether_open(const struct symptom_call *call)
{
	return call->kind == CALL_fcntl && (call->flags == F_GETFD || call->flags == F_GETFL);
}

static void note_stale(struct symptom *symptom, const struct symptom_call *call)
{
	if (asks_whether_open(call))
		return;
	if (call->effect == EFFECT_CLOSE)
		symptom->stale_close_count++;
	else
		symptom->stale_use_count++;
	note_first(&symptom->stale_ns, call->start_ns);
}

static void note_again(struct symptom *symptom, const struct symptom_call *call)
{
	if (call->error == EAGAIN) {
		if (symptom->run_count++ == 0)
			symptom->run_start_ns = call->start_ns;
		if (symptom->run_count > symptom->again_run_count) {
			symptom->again_run_count = symptom->run_count;
			symptom->again_run_start_ns = symptom->run_start_ns;
			symptom->again_run_ns = call->start_ns + call->duration_ns - symptom->run_start_ns;
		}
	} else if (call->effect == EFFECT_SEND || call->effect == EFFECT_RECEIVE || call->effect == EFFECT_ACCEPT || call->effect == EFFECT_CONNECT) {
		symptom->run_count = 0;
	}
}

void symptom_note_ready(struct symptom *symptom, int64_t start_ns, uint64_t state)
{
	if (symptom->unheeded_state != state)
		symptom->unheeded_count = 0;
	symptom->unheeded_state = state;
	if (symptom->unheeded_count++ == 0)
		symptom->unheeded_start_ns = start_ns;
	if (symptom->unheeded_count > symptom->ready_run_count) {
		symptom->ready_run_count = symptom->unheeded_count;
		symptom->ready_run_start_ns = symptom->unheeded_start_ns;
		symptom->ready_run_ns = start_ns - symptom->unheeded_start_ns;
	}
}

void symptom_note_vain(struct symptom *symptom, int64_t waited_ns)
{
	if (waited_ns > symptom->vain_wait_ns)
		symptom->vain_wait_ns = waited_ns;
}

/* sendfile and splice are told to send up to a length: fewer bytes are the file's end. */
static bool is_offer(const struct symptom_call *call)
{
	return is_stream(call) && call->kind != CALL_sendfile && call->kind != CALL_splice && call->kind != CALL_tee && call->requested_bytes > 0;
}

static void note_short_send(struct symptom *symptom, const struct symptom_call *call)
{
	if (symptom->short_offered_bytes && call->requested_bytes == symptom->short_offered_bytes)
		symptom->rest_dropped_count++;
	symptom->short_offered_bytes = 0;
	if (call->error || call->duration_ns < 0)
		return;
	symptom->owed_bytes -= symptom->owed_bytes < call->bytes ? symptom->owed_bytes : call->bytes;
	if (!is_offer(call) || call->bytes >= call->requested_bytes)
		return;
	if (symptom->owed_bytes < call->requested_bytes - call->bytes)
		symptom->owed_bytes = call->requested_bytes - call->bytes;
	symptom->short_send_count++;
	symptom->short_offered_bytes = call->requested_bytes;
	note_last(&symptom->short_send_ns, call->start_ns);
}

static int lacks_peer(int error)
{
	return error == ENOTCONN || error == EDESTADDRREQ;
}

static void note_send(struct symptom *symptom, const struct symptom_call *call)
{
	note_short_send(symptom, call);
	note_thread(&symptom->sender_id, &symptom->other_sender_id, call->thread_id);
	note_last(&symptom->last_send_ns, call->start_ns);
	if (call->error == EPIPE)
		note_first(&symptom->broken_pipe_ns, call->start_ns);
	if (lacks_peer(call->error))
		note_first(&symptom->not_connected_ns, call->start_ns);
	if (call->error == EMSGSIZE) {
		symptom->oversize_count++;
		note_first(&symptom->oversize_ns, call->start_ns);
	}
	if (call->error || call->duration_ns < 0)
		return;
	if (call->bytes <= 0)
		return;
	note_first(&symptom->first_send_ns, call->start_ns);
	if (call->bytes > symptom->largest_send_bytes)
		symptom->largest_send_bytes = call->bytes;
	if (symptom->last_was_receive && call->start_ns >= symptom->last_data_ns) {
		symptom->turns++;
		symptom->turn_ns += call->start_ns - symptom->last_data_ns;
	}
	if (call->bytes < SMALL_SEND_BYTES && !(call->flags & MSG_MORE))
		symptom->small_sends++;
	else
		symptom->small_sends = 0;
	symptom->last_was_send = true;
	symptom->last_was_receive = false;
	symptom->last_data_ns = call->start_ns;
}

static void note_receive(struct symptom *symptom, const struct symptom_call *call)
{
	int64_t end_ns = call->start_ns + call->duration_ns;

	note_thread(&symptom->receiver_id, &symptom->other_receiver_id, call->thread_id);
	/* A TLS library asks for one byte to learn whether there is a peer. */
	if (lacks_peer(call->error) && call->requested_bytes != 1)
		note_first(&symptom->not_connected_ns, call->start_ns);
	if (call->error || call->duration_ns < 0)
		return;
	if (call->bytes == 0 && is_stream(call) && call->requested_bytes != 0)
		symptom->eof_count++;
	/* One that was only looked at is still whole. */
	if (keeps_messages(call) && !(call->flags & MSG_PEEK)) {
		if (call->truncated || (call->flags & MSG_TRUNC && call->bytes > call->requested_bytes && call->requested_bytes >= 0)) {
			symptom->truncated_count++;
		} else if (call->bytes > 0 && call->bytes == call->requested_bytes) {
			symptom->full_receive_count++;
			note_first(&symptom->full_receive_bytes, call->bytes);
		}
	}
	if (call->bytes <= 0)
		return;
	note_first(&symptom->first_receive_ns, end_ns);
	note_last(&symptom->last_receive_ns, end_ns);
	if (symptom->last_was_send && end_ns >= symptom->last_data_ns) {
		int64_t answer_ns = end_ns - symptom->last_data_ns;

		symptom->exchanges++;
		symptom->answer_ns += answer_ns;
		if (call->tcp && symptom->small_sends >= 2 && answer_ns >= DELAYED_ACK_MIN_NS && answer_ns <= DELAYED_ACK_MAX_NS) {
			symptom->small_write_count++;
			symptom->small_write_ns += answer_ns;
		}
	}
	symptom->small_sends = 0;
	symptom->last_was_send = false;
	symptom->last_was_receive = true;
	symptom->last_data_ns = end_ns;
}

/* The call that was last seen in progress. Its start may have been told a little differently, since the clock is calibrated as time goes on. */
static bool was_in_progress(const struct symptom *symptom, const struct symptom_call *call)
{
	int64_t difference_ns = symptom->unreturned_start_ns == SYMPTOM_NONE ? CALIBRATION_NS : symptom->unreturned_start_ns - call->start_ns;

	return symptom->unreturned_kind_id == call->kind && difference_ns < CALIBRATION_NS && difference_ns > -CALIBRATION_NS;
}

void symptom_note_call(struct symptom *symptom, const struct symptom_call *call)
{
	if (call->duration_ns < 0) {
		if (was_in_progress(symptom, call))
			symptom->unreturned_start_ns = call->start_ns;
		note_last(&symptom->unreturned_start_ns, call->start_ns);
		if (symptom->unreturned_start_ns == call->start_ns)
			symptom->unreturned_kind_id = call->kind;
	} else if (was_in_progress(symptom, call)) {
		symptom->unreturned_start_ns = symptom->unreturned_kind_id = SYMPTOM_NONE;
	}
	if (call->duration_ns > symptom->longest_ns) {
		symptom->longest_ns = call->duration_ns;
		symptom->longest_start_ns = call->start_ns;
		symptom->longest_kind_id = call->kind;
	}
	if (call->stale && call->error == EBADF) {
		note_stale(symptom, call);
		return;
	}
	if (call->error && (call->effect == EFFECT_BIND || call->effect == EFFECT_LISTEN)) {
		symptom->bind_errno = call->error;
		symptom->bind_failed_ns = call->start_ns;
	}
	if (call->effect == EFFECT_ACCEPT && (call->error == EINVAL || call->error == EOPNOTSUPP)) {
		symptom->accept_errno = call->error;
		symptom->accept_failed_ns = call->start_ns;
	}
	if (call->effect != EFFECT_WAIT)
		symptom->unheeded_count = 0; /* something was done about it */
	if (call->effect == EFFECT_SEND || call->effect == EFFECT_CONNECT || (call->effect == EFFECT_RECEIVE && call->bytes > 0))
		symptom->vain_wait_ns = 0;
	if (call->duration_ns >= 0)
		note_again(symptom, call);
	if (call->effect == EFFECT_SEND)
		note_send(symptom, call);
	else if (call->effect == EFFECT_RECEIVE)
		note_receive(symptom, call);
}
