/*
 * facts.h: what the state machine finds out, as plain rows: what identity.c makes and store.c writes. A struct holds one
 * row of the table of the same name (schema/tables.sql says what each column means).
 *
 * Every column of FACT_SOCKET and FACT_SPAN is one int64_t, named as in the table: unknown is FACT_NULL, a word out of
 * a CHECK list is its place in the array of words named beside it. So the store binds and reloads them in a loop.
 */
#ifndef COLLECTOR_FACTS_H
#define COLLECTOR_FACTS_H

#include <stddef.h>
#include <stdint.h>

#define FACT_NULL INT64_MIN

enum fact_origin { ORIGIN_SOCKET, ORIGIN_SOCKETPAIR, ORIGIN_ACCEPT, ORIGIN_INHERITED, ORIGIN_PASSED, ORIGIN_ADOPTED };
enum fact_proof { PROOF_CONNECT, PROOF_ACCEPT, PROOF_PAIR, PROOF_SO_ERROR, PROOF_GETPEERNAME, PROOF_DATA, PROOF_INHERITED };
enum fact_ended { ENDED_CLOSE, ENDED_DUP2, ENDED_EXIT, ENDED_EXEC, ENDED_KILLED, ENDED_OPEN };
enum fact_opened_by {
	OPENED_SOCKET, OPENED_SOCKETPAIR, OPENED_ACCEPT, OPENED_DUP, OPENED_FORK, OPENED_EXEC, OPENED_INHERITED, OPENED_PASSED,
	OPENED_PIDFD_GETFD, OPENED_SPAWN, OPENED_UNSHARE, OPENED_UNKNOWN,
};
enum fact_closed_by { CLOSED_CLOSE, CLOSED_DUP2, CLOSED_RANGE, CLOSED_EXEC, CLOSED_EXIT, CLOSED_KILLED, CLOSED_UNKNOWN };
enum fact_start { START_START, START_FORK, START_VFORK, START_EXEC };
enum fact_end { END_EXIT, END_EXEC, END_KILLED };

/* The words of the enums above, in their order; ended by NULL. */
extern const char *const fact_origin_words[], *const fact_proof_words[], *const fact_ended_words[], *const fact_opened_words[],
	*const fact_closed_words[], *const fact_start_words[], *const fact_end_words[];

/* INTEGER(column), WORD(column, words); the columns of symptom.h are stored beside them. */
#define FACT_SOCKET(INTEGER, WORD) \
	INTEGER(socket_id) INTEGER(cookie) INTEGER(domain) INTEGER(type) INTEGER(protocol) WORD(origin, fact_origin_words) \
	INTEGER(process_id) INTEGER(thread_id) INTEGER(fd) INTEGER(caller_id) INTEGER(parent_id) INTEGER(peer_id) \
	INTEGER(local_id) INTEGER(remote_id) INTEGER(opened_ns) INTEGER(bound_ns) INTEGER(listening_ns) INTEGER(backlog) \
	INTEGER(accepted_count) INTEGER(connecting_ns) INTEGER(connected_ns) INTEGER(connect_errno) \
	WORD(connect_proof, fact_proof_words) INTEGER(shutdown_receive_ns) INTEGER(shutdown_send_ns) INTEGER(eof_ns) \
	INTEGER(reset_ns) INTEGER(closed_ns) WORD(how_ended, fact_ended_words) INTEGER(closed_by_id) \
	INTEGER(first_activity_ns) INTEGER(last_activity_ns) INTEGER(calls) INTEGER(send_calls) INTEGER(receive_calls) \
	INTEGER(sent_bytes) INTEGER(received_bytes) INTEGER(sent_messages) INTEGER(received_messages) INTEGER(errors) \
	INTEGER(again_count) INTEGER(last_errno) INTEGER(wait_ns) INTEGER(connect_ns) INTEGER(accept_ns) INTEGER(send_ns) \
	INTEGER(receive_ns) INTEGER(poll_ns) INTEGER(longest_ns) INTEGER(tcp_state) INTEGER(rtt_us) INTEGER(retransmits) \
	INTEGER(bytes_acked) INTEGER(bytes_received) INTEGER(unread_bytes) INTEGER(unsent_bytes) INTEGER(linger_seconds) \
	INTEGER(nonblocking) INTEGER(accept_wait_ns) INTEGER(peer_candidates) INTEGER(connecting_thread_id) INTEGER(accepting_ns) \
	INTEGER(peer_pid) INTEGER(reached_id) INTEGER(only_remote_id) INTEGER(network_namespace)

#define FACT_SPAN(INTEGER, WORD) \
	INTEGER(span_id) INTEGER(socket_id) INTEGER(process_id) INTEGER(fd) INTEGER(opened_ns) \
	WORD(opened_by, fact_opened_words) INTEGER(closed_ns) WORD(closed_by, fact_closed_words) INTEGER(calls)

#define FACT_FIELD(name, ...) int64_t name;

struct fact_socket {
	FACT_SOCKET(FACT_FIELD, FACT_FIELD)
};

struct fact_span {
	FACT_SPAN(FACT_FIELD, FACT_FIELD)
};

struct fact_process {
	int64_t process_id, pid, parent_id, previous_id, host_id, user_id, started_ns, start_cause, ended_ns, end_cause,
		exit_status, exit_signal, exhausted_count, exhausted_ns, exhausted_socket_id, bad_descriptor_count, bad_descriptor_ns, intercept; /* intercept: 0 'symbols', 1 'libc' */
	const char *executable, *command_line, *working_directory, *spool; /* kept by the machine; NULL: not known */
};

struct fact_thread {
	int64_t thread_id, process_id, tid;
	char name[16]; /* NUL-terminated; empty: not known */
};

#define FACT_CALL_COLUMNS 10

struct fact_call {
	/* The columns of table `call_row`, in their order; FACT_NULL: NULL. The store fills in sequence and site_id. */
	int64_t socket_id, start_ns, sequence, thread_id, site_id, fd, duration_ns, result, rest_bytes, outcome;
	/* What is stored as its site. */
	uint32_t flags, address_id, detail_id, caller_id, ready_events; /* 0: none */
	uint16_t kind;
	uint8_t payload;        /* 1: it has a row in facts.payloads */
	uint32_t payload_index; /* which */
};

/* The columns of table `ready_row`, in their order. */
struct fact_ready {
	int64_t socket_id, start_ns, thread_id, fd, events; /* socket_id FACT_NULL: no row, but part of a call */
};

struct fact_option {
	int64_t socket_id, start_ns, is_set, level, number, value;
	uint32_t raw_bytes; /* UINT32_MAX: the call failed */
	unsigned char raw[56];
};

struct fact_name {
	int64_t process_id, start_ns, duration_ns, error;
	char host[256];
	char address_host[64]; /* empty: none */
};

struct fact_payload {
	uint32_t offset, bytes; /* within facts.payload_bytes */
};

struct fact_passing {
	int64_t socket_id, via_id, process_id, fd, at_ns;
};

struct fact_outsider {
	int64_t socket_id, at_ns, pid; /* pid: FACT_NULL: not known */
	const char *state;             /* a constant */
	char program[64];              /* empty: not known */
};

struct fact_missing {
	int64_t process_id, from_ns, to_ns, count;
	const char *reason;
	char detail[512]; /* empty: nothing to add */
};

/* A growing array of rows; count is reset by the store, the memory stays. */
#define FACT_ARRAY(type) \
	struct { \
		type *rows; \
		size_t count, room; \
	}

/* Everything found since the store's last look. */
struct facts {
	FACT_ARRAY(struct fact_call) calls;
	FACT_ARRAY(struct fact_ready) ready;
	FACT_ARRAY(struct fact_option) options;
	FACT_ARRAY(struct fact_name) names;
	FACT_ARRAY(struct fact_payload) payloads;
	FACT_ARRAY(unsigned char) payload_bytes;
	FACT_ARRAY(struct fact_passing) passings;
	FACT_ARRAY(struct fact_outsider) outsiders;
	FACT_ARRAY(struct fact_missing) missing;
	FACT_ARRAY(struct fact_thread) threads;  /* new, or with a new name */
	int failed; /* -ENOMEM: a row found no memory and is not here */
};

/* Room for `more` rows at the array's end; the first of them, zeroed and counted, or NULL: out of memory (`failed` is set). */
#define facts_append(facts, array, more) \
	((__typeof__((facts)->array.rows))facts_append_rows((facts), (void **)&(facts)->array.rows, &(facts)->array.count, \
		&(facts)->array.room, sizeof *(facts)->array.rows, (more)))
void *facts_append_rows(struct facts *facts, void **rows, size_t *count, size_t *room, size_t row_bytes, size_t more);

/* Forgets all rows; the memory stays for the next ones. */
void facts_clear(struct facts *facts);
void facts_free(struct facts *facts);

#endif
