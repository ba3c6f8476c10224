/*
 * symptom.h: per-socket facts that the rules of `check` suspect from: runs of EAGAIN, short sends, ends of file that
 * were ignored, turnarounds, the longest call.
 *
 * The collector keeps one struct symptom in each of its sockets, tells it every call of that socket, and stores its columns
 * (SYMPTOM_COLUMNS: name in table `socket`, whether 0 means NULL) with the socket's row. So `check` reads totals and
 * need not look at calls. Calls of one thread arrive in order; calls of several threads may not, so that order matters only
 * for hints, never for identity. Pure: no database, no allocation, no system call.
 */
#ifndef COLLECTOR_SYMPTOM_H
#define COLLECTOR_SYMPTOM_H

#include <stdbool.h>
#include <stdint.h>

#define SYMPTOM_NONE INT64_MIN /* stored as NULL */

/*
 * SYMPTOM_COLUMN(name, initial value): the columns of table `socket` that this module owns, in order. accept_wait_ns and
 * peer_candidates are not among them: pairing fills them.
 */
#define SYMPTOM_COLUMNS(SYMPTOM_COLUMN) \
	SYMPTOM_COLUMN(bind_errno, SYMPTOM_NONE) \
	SYMPTOM_COLUMN(bind_failed_ns, SYMPTOM_NONE) \
	SYMPTOM_COLUMN(eof_count, 0) \
	SYMPTOM_COLUMN(broken_pipe_ns, SYMPTOM_NONE) \
	SYMPTOM_COLUMN(not_connected_ns, SYMPTOM_NONE) \
	SYMPTOM_COLUMN(accept_errno, SYMPTOM_NONE) \
	SYMPTOM_COLUMN(accept_failed_ns, SYMPTOM_NONE) \
	SYMPTOM_COLUMN(first_send_ns, SYMPTOM_NONE) \
	SYMPTOM_COLUMN(last_send_ns, SYMPTOM_NONE) \
	SYMPTOM_COLUMN(first_receive_ns, SYMPTOM_NONE) \
	SYMPTOM_COLUMN(last_receive_ns, SYMPTOM_NONE) \
	SYMPTOM_COLUMN(longest_start_ns, SYMPTOM_NONE) \
	SYMPTOM_COLUMN(longest_kind_id, SYMPTOM_NONE) \
	SYMPTOM_COLUMN(unreturned_start_ns, SYMPTOM_NONE) \
	SYMPTOM_COLUMN(unreturned_kind_id, SYMPTOM_NONE) \
	SYMPTOM_COLUMN(exchanges, 0) \
	SYMPTOM_COLUMN(answer_ns, 0) \
	SYMPTOM_COLUMN(turns, 0) \
	SYMPTOM_COLUMN(turn_ns, 0) \
	SYMPTOM_COLUMN(short_send_count, 0) \
	SYMPTOM_COLUMN(short_send_ns, SYMPTOM_NONE) \
	SYMPTOM_COLUMN(rest_dropped_count, 0) \
	SYMPTOM_COLUMN(owed_bytes, 0) \
	SYMPTOM_COLUMN(largest_send_bytes, 0) \
	SYMPTOM_COLUMN(oversize_count, 0) \
	SYMPTOM_COLUMN(oversize_ns, SYMPTOM_NONE) \
	SYMPTOM_COLUMN(truncated_count, 0) \
	SYMPTOM_COLUMN(full_receive_count, 0) \
	SYMPTOM_COLUMN(full_receive_bytes, SYMPTOM_NONE) \
	SYMPTOM_COLUMN(small_write_count, 0) \
	SYMPTOM_COLUMN(small_write_ns, 0) \
	SYMPTOM_COLUMN(again_run_count, 0) \
	SYMPTOM_COLUMN(again_run_start_ns, SYMPTOM_NONE) \
	SYMPTOM_COLUMN(again_run_ns, 0) \
	SYMPTOM_COLUMN(ready_run_count, 0) \
	SYMPTOM_COLUMN(ready_run_start_ns, SYMPTOM_NONE) \
	SYMPTOM_COLUMN(ready_run_ns, 0) \
	SYMPTOM_COLUMN(vain_wait_ns, 0) \
	SYMPTOM_COLUMN(stale_close_count, 0) \
	SYMPTOM_COLUMN(stale_use_count, 0) \
	SYMPTOM_COLUMN(stale_ns, SYMPTOM_NONE) \
	SYMPTOM_COLUMN(sender_id, SYMPTOM_NONE) \
	SYMPTOM_COLUMN(other_sender_id, SYMPTOM_NONE) \
	SYMPTOM_COLUMN(receiver_id, SYMPTOM_NONE) \
	SYMPTOM_COLUMN(other_receiver_id, SYMPTOM_NONE)

struct symptom {
#define SYMPTOM_COLUMN(name, initial) int64_t name;
	SYMPTOM_COLUMNS(SYMPTOM_COLUMN)
#undef SYMPTOM_COLUMN
	/* between calls; not stored */
	int64_t longest_ns;       /* duration of the call at longest_start_ns; -1: none */
	int64_t run_start_ns, run_count; /* the present run of EAGAIN */
	int64_t unheeded_start_ns, unheeded_count; /* the present run of waits that found it ready */
	uint64_t unheeded_state;
	int64_t last_data_ns;     /* start of the last send, or end of the last receive, whichever came later */
	int64_t short_offered_bytes; /* what the last send offered, when it was short; 0: it was not */
	int32_t small_sends;      /* small sends in a row since the last receive */
	bool last_was_send, last_was_receive;
};

struct symptom_call {
	uint16_t kind;            /* enum call_number */
	uint8_t effect;           /* enum call_effect; a transfer as EFFECT_SEND or EFFECT_RECEIVE */
	uint8_t type;             /* SOCK_* of the socket, 0 unknown */
	bool tcp;                 /* the socket is TCP */
	bool stale;               /* TAG_STALE */
	bool truncated;           /* MSG_TRUNC in a received message's flags */
	uint32_t flags;           /* as given */
	int64_t thread_id;        /* who made it */
	int error;                /* errno, 0: it succeeded */
	int64_t start_ns;
	int64_t duration_ns;      /* -1: it has not returned */
	int64_t requested_bytes;  /* -1: not known */
	int64_t bytes;            /* transferred, MSG_PEEK included; 0 when it failed */
};

/* Sets `symptom` to its initial state: nothing seen. */
void symptom_init(struct symptom *symptom);

/* Its columns have been read back: what they tell of the last call that moved data is known again. longest_ns: -1: none. */
void symptom_restore(struct symptom *symptom, int64_t longest_ns);

/* Takes note of one call of the socket; tell each call once, when it has returned or is known never to return. */
void symptom_note_call(struct symptom *symptom, const struct symptom_call *call);

/*
 * Takes note of a wait that began at start_ns and found the socket ready. `state` changes whenever the thread has done something about any socket: waits in
 * between which it was busy with others are no run.
 */
void symptom_note_ready(struct symptom *symptom, int64_t start_ns, uint64_t state);

/* Takes note of a wait that named the socket and found it not ready. */
void symptom_note_vain(struct symptom *symptom, int64_t waited_ns);

#endif
