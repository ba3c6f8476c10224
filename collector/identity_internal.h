/* identity_internal.h: what the files of the state machine share with each other and with nobody else. */
#ifndef COLLECTOR_IDENTITY_INTERNAL_H
#define COLLECTOR_IDENTITY_INTERNAL_H

#include "collector/wording.h"
#include "collector/identity.h"
#include "collector/map.h"

#define UNNAMED_MAX 64

/* A spool's private part: sockets without a cookie, images and threads by number. */
struct spool_part {
	struct spool_view *view;
	struct map synthetic;  /* number → struct socket */
	struct map images;     /* pid → newest struct process */
	struct map threads;    /* pid << 32 | tid → newest struct thread */
	struct spool_part *next;
};

struct identity {
	struct identity_config config;
	struct facts facts;
	struct intern addresses, details, names;
	struct map sockets;       /* cell identity → struct socket */
	struct map forgotten[2];  /* cell identity → socket_id, of two generations, the younger first: their rows are in the database */
	uint64_t forgotten_up_to[2], dropped_up_to; /* the highest cookie of each, and of all before them */
	struct map pids;          /* pid → newest struct process of any spool */
	struct map process_ids;   /* process_id → struct process */
	struct map socket_ids;    /* socket_id → struct socket: only those restored */
	struct map restored_threads; /* process_id << 32 | tid → struct thread */
	struct map held;          /* process_id << 32 | descriptor → open struct span (next_of_number) */
	struct map epolls;        /* hash of epoll and data → struct interest */
	struct unnamed_ready {    /* what waits found by a word that no socket had; thread NULL: none, or named since */
		struct thread *thread;
		uint64_t epoll, data;
		uint32_t events;
		int64_t start_ns, waited_ns;
	} unnamed[UNNAMED_MAX];
	unsigned unnamed_next;
	struct map parts;         /* struct spool_view * → struct spool_part */
	struct map known_details; /* kind, flags and number → detail number + 1 */
	struct process *processes, *last_process;
	struct process *done, *last_done;
	size_t done_count;
	struct socket **changed_sockets;
	size_t changed_socket_count, changed_socket_room;
	struct span **changed_spans;
	size_t changed_span_count, changed_span_room;
	struct process **changed_processes;
	size_t changed_process_count, changed_process_room;
	struct socket **all_sockets;
	size_t all_socket_count, all_socket_room;
	struct socket **closed;       /* first in, first out: those that may be forgotten */
	size_t closed_first, closed_count, closed_room;
	int64_t last_socket_id, last_span_id, last_process_id, last_thread_id;
	uint64_t last_view_number;
	int restored;             /* processes of an earlier recording are among ours */
	int failed;
	struct record_extensions extensions;
};

/* One record being applied. */
struct step {
	struct identity *identity;
	struct thread *thread;
	struct process *process;
	struct spool_view *view;
	const struct spool_call *call;
	const struct record_extensions *extensions; /* of no record: all empty */
	struct socket *socket;     /* the subject; NULL: none */
	enum call_effect effect;
	int64_t start_ns, end_ns, duration_ns;
	int64_t moved_bytes;       /* data calls: bytes transferred */
	int failed, running;       /* running: it never returned */
	uint32_t address_id, local_address_id, caller_id;
};

extern const uint8_t identity_effects[256]; /* enum call_effect by call number */

int identity_grow(void **rows, size_t *room, size_t count, size_t row_bytes);

void socket_closed(struct identity *identity, struct socket *socket);
void sockets_forget(struct identity *identity);
int processes_forget(struct identity *identity);
void process_free(struct process *process);
void socket_touch(struct identity *identity, struct socket *socket);
void process_touch(struct identity *identity, struct process *process);

/* A sign of life: the latest is stored, for a collector that goes on may find the process gone. */
static inline void process_seen(struct identity *identity, struct process *process, int64_t at_ns)
{
	if (at_ns > process->last_ns) {
		process->last_ns = at_ns;
		process_touch(identity, process);
	}
}

static inline void earliest(int64_t *column, int64_t at_ns)
{
	if (*column == FACT_NULL || at_ns < *column)
		*column = at_ns;
}

/* Is what the call took a wait of its socket's? */
static inline int step_waits_inside(const struct step *step)
{
	return step->socket && !step->socket->row.nonblocking && !step->running;
}

void span_touch(struct identity *identity, struct span *span);
const char *identity_keep_text(struct identity *identity, const char *text);
struct spool_part *identity_part(struct identity *identity, struct spool_view *view);

uint32_t identity_address(struct identity *identity, const struct record_bytes *bytes, int *family, int *is_any);
uint32_t identity_detail(struct identity *identity, const char *text, size_t length);
uint32_t step_caller(struct step *step);

/* identity_span.c */
void span_open(const struct step *step, struct socket *socket, int fd, int64_t at_ns, int by);
void span_close(const struct step *step, struct socket *socket, int fd, int64_t at_ns, int by);
void spans_end_of_table(struct step *step, uint64_t table, int64_t at_ns);
void span_end(struct identity *identity, struct span *span, int64_t at_ns, int by);
void span_count_call(struct step *step);
void apply_span_record(struct step *step, const union record_slot *record);
void apply_process_record(struct step *step, const union record_slot *record);
void apply_gap_record(struct step *step, const union record_slot *record);

/* identity_call.c */
void apply_call(struct step *step);
void socket_describe_cell(struct socket *socket, uint64_t cell);

int is_again(int error);

/* identity_connect.c */
void socket_connected(struct identity *identity, struct socket *socket, int64_t at_ns, int proof);
void socket_not_connected(struct socket *socket, int error);
void apply_connect(struct step *step);
/* A send with MSG_FASTOPEN: connects as well. */
void apply_fast_open(struct step *step);

/* identity_data.c */
void apply_data(struct step *step);

/* identity_wait.c */
void apply_epoll_control(struct step *step);
void apply_ready(struct step *step, const union record_slot *record);
void apply_epoll_ready(struct step *step, const union record_slot *record);
/*
 * What the thread's last wait found of the step's socket, if this call is the first on the socket since it began: how long ago that was, and *events.
 * It is then no row of its own. FACT_NULL: it found nothing, or not just before.
 */
int64_t take_wait(struct step *step, uint32_t *events);
/* Comes back from the database; NULL: it was never forgotten. Not for synthetic cells. */
struct socket *socket_forgotten(struct identity *identity, uint64_t cell);

/* An epoll instance of the trace: its cell names it within its spool only. */
uint64_t instance_of(const struct step *step, uint64_t cell);
void interests_drop(struct identity *identity, struct socket *socket);

/* identity_rows.c */
void emit_call(struct step *step);
void emit_option(struct step *step);
void emit_names(struct step *step);

#endif
