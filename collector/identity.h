/*
 * identity.h: the state machine that answers "which socket is this?" and keeps each socket's story: records in, facts out.
 *
 * Pure: no I/O, no clock, no SQLite. The collector feeds it the records of all spools (roughly in the order of time; where it
 * matters the machine does not rely on it: threads are read one after another), and drains `facts` into the store.
 *
 *   identity_spool_add        a spool was found: its first image begins
 *   identity_thread_of        whose chunk is this?
 *   identity_apply            one finished record           identity_apply_running   one call that never returned
 *   identity_process_end      an image is gone
 *   identity_facts, identity_changed_…                      what to store
 *
 * Functions that return int: 0 or a negative errno (-ENOMEM). Not for several threads.
 */
#ifndef COLLECTOR_IDENTITY_H
#define COLLECTOR_IDENTITY_H

#include "collector/facts.h"
#include "collector/intern.h"
#include "collector/record.h"
#include "collector/symptom.h"

struct identity;
struct process;

/* Ticks of a spool's clock to nanoseconds since the trace's start. */
struct identity_clock {
	uint64_t ticks;
	int64_t base_ns;    /* the same moment, since the trace's start */
	double ns_per_tick; /* 1: ticks are nanoseconds */
};

/* No time of a trace is farther from its start (36 years): what a hostile spool says cannot overflow in sums and differences. */
#define IDENTITY_FAR_NS (INT64_C(1) << 60)

static inline int64_t identity_clamp_ns(int64_t ns)
{
	return ns > IDENTITY_FAR_NS ? IDENTITY_FAR_NS : ns < -IDENTITY_FAR_NS ? -IDENTITY_FAR_NS : ns;
}

static inline int64_t identity_clock_scale(const struct identity_clock *clock, int64_t ticks)
{
	double ns = (double)ticks * clock->ns_per_tick;

	if (clock->ns_per_tick == 1)
		return identity_clamp_ns(ticks);
	return ns >= (double)IDENTITY_FAR_NS ? IDENTITY_FAR_NS : ns > -(double)IDENTITY_FAR_NS ? (int64_t)ns : -IDENTITY_FAR_NS;
}

static inline int64_t identity_clock_ns(const struct identity_clock *clock, uint64_t ticks)
{
	return identity_clamp_ns(identity_clamp_ns(clock->base_ns) + identity_clock_scale(clock, (int64_t)(ticks - clock->ticks)));
}

/* One spool's share in the machine; made by identity_spool_add, gone with identity_spool_remove. */
struct spool_view {
	struct identity_clock clock;
	int pid, parent_pid, follows_exec, forked;
	int pids_known;                /* 1: the maker's number is known to be what the caller sees as well: no PID namespace is between */
	int64_t started_ns, user_id, host_id, intercept; /* FACT_NULL: not known */
	const char *name, *executable, *command_line, *working_directory; /* NULL: not known; kept by the caller while the view lives */
	void *owner; /* the caller's */
	uint64_t number;               /* of all that were added: the machine's */
	struct process *images;        /* all that it ever had (process.next_of_spool): the machine's */
	struct process *living;        /* those the caller still watches (process.next_living) */
};

/* One image of a process. */
struct process {
	struct fact_process row;
	struct spool_view *spool;      /* NULL: its spool is finished */
	struct process *next, *previous, *next_of_pid; /* all; of the same pid, newest first */
	struct process *next_of_spool, *previous_of_spool, *next_living; /* see struct spool_view; the caller takes an image off `living` */
	struct process *next_done;     /* those the caller is done with, the first first */
	struct thread *threads;
	struct span *spans;            /* open ones */
	size_t early_closes;           /* that wait on sockets */
	char *texts;                   /* what the row's texts point into */
	int64_t last_ns;               /* end of its latest record */
	int64_t exiting_ns;            /* exit() or _exit() was called; FACT_NULL: not seen */
	int64_t exec_ns;               /* start of an exec that has not returned; FACT_NULL: none */
	int forked_seen, changed;
	int watched, done;             /* on `living` of its spool; among those the caller is done with */
	int made_spool;                /* the image that the spool began with */
	int pids_known;                /* as in the view: if the number is not there, the process is gone */
	void *owner;                   /* the caller's: how it watches the process */
};

struct thread {
	struct fact_thread row;
	struct process *process;
	struct thread *next_of_process;
	int64_t wait_start_ns, wait_duration_ns; /* its last finished wait */
	uint64_t wait_epoll; /* the epoll instance it waited on */
	uint64_t actions;    /* its calls on sockets that are no waits */
	int64_t network_namespace; /* it has changed to that one; FACT_NULL: not */
	uint64_t table;      /* number of its descriptor table, of those of its process; 0: that of the process itself */
	int kept;            /* the caller's: nonzero while it keeps a pointer to it */
};

struct span {
	struct fact_span row;
	struct socket *socket;
	struct process *process;
	uint64_t table;                /* the descriptor table, as struct thread has it */
	struct span *next_of_socket, *previous_of_socket, *next_of_process, *previous_of_process;
	struct span *next_of_number;   /* open, and its process's under the same descriptor number */
	int changed;
};

/* A close that was read before the opening it belongs to. */
struct early_close {
	struct early_close *next;
	struct process *process;
	uint64_t table;
	int fd;
	int64_t at_ns, by;
};

struct socket {
	struct fact_socket row;
	uint64_t cell;
	struct span *spans;            /* open ones */
	struct early_close *early_closes;
	struct interest *interests;    /* epoll instances that watch it */
	int64_t last_closed_ns, last_closed_by, last_closed_process; /* latest end of a span so far */
	int64_t connect_pending_ns;    /* start of a connect in progress; FACT_NULL: none */
	int64_t first_success_ns;      /* end of the first successful data call */
	int64_t last_call_ns;          /* start of the latest call so far; 0: none */
	size_t found_at;               /* where facts.ready may have what a wait found of it last */
	struct symptom symptom;        /* what the rules of check suspect from */
	int provisional;               /* 1: first seen in passing: the record that made it may still come */
	int changed;
	int queued;                    /* closed, and waiting to be forgotten */
	size_t index;                  /* its place among all */
	int stored;                    /* the store has written it once (the store's) */
	const char *spool_name;        /* of a synthetic socket: the spool that it belongs to; NULL: another, or gone */
};

struct outsider;

struct identity_config {
	int keep_data_calls;           /* 0: --detail=sockets */
	/* The number of a place in code, in the table `caller`; 0: not known. NULL: never known. */
	uint32_t (*caller)(void *context, struct process *process, uint64_t address);
	/* Restores a stored socket that was forgotten to bound memory (identity_restore_socket); NULL: cannot. */
	struct socket *(*load_socket)(void *context, int64_t socket_id);
	/* The socket_id of a stored socket that was forgotten so long ago that its number is forgotten as well; 0: none has that cookie. NULL: none ever is. */
	int64_t (*find_cookie)(void *context, int64_t cookie);
	/* The number of a stored address that was forgotten to bound memory; 0: it is none. NULL: none ever is. */
	uint32_t (*find_address)(void *context, const void *bytes, size_t length);
	/* Who has the address that a bind, which ended at at_ns, could not have: fills `outsider`. 0, or a negative errno. NULL: nobody is asked. */
	int (*find_holder)(void *context, struct outsider *outsider, const struct process *process, const unsigned char *address, size_t length, int stream, int64_t at_ns);
	void *context;
};

int identity_new(struct identity **identity, const struct identity_config *config);
void identity_free(struct identity *identity);

/* Takes over `view` (its strings stay the caller's); *process is the image that made the spool. */
int identity_spool_add(struct identity *identity, struct spool_view *view, struct process **process);
void identity_spool_remove(struct identity *identity, struct spool_view *view);

/* The thread that owns a chunk taken at at_ns. name: NUL-terminated; empty: not known. NULL: out of memory. */
struct thread *identity_thread_of(struct identity *identity, struct spool_view *view, int pid, int tid, const char *name, int64_t at_ns);

/* record: a whole record, its extension slots behind it (tag.parts of them). */
int identity_apply(struct identity *identity, struct thread *thread, const union record_slot *record);
int identity_apply_running(struct identity *identity, struct thread *thread, const union record_slot *record);

/* The newest image with that pid in this spool, made when missing. */
struct process *identity_process_of(struct identity *identity, struct spool_view *view, int pid, int64_t at_ns);
struct process *identity_processes(struct identity *identity);
/* The image is gone. cause: enum fact_end; status, signal: FACT_NULL: not known. Closes its open spans. */
void identity_process_end(struct identity *identity, struct process *process, int64_t at_ns, int cause, int64_t status, int64_t signal);
/* Links images of one pid by exec; call when the records of a batch are applied. behind: 1: there are more, which may be of an image that another has replaced. */
void identity_link_images(struct identity *identity, int behind);
/* The caller no longer watches the image: once it has ended and is stored, and many others after it, it may be given up. */
void identity_process_done(struct identity *identity, struct process *process);
/* Closes that never found their opening become spans; call when nothing more will come. */
void identity_finish(struct identity *identity);

void identity_missing(struct identity *identity, struct process *process, const char *reason, int64_t from_ns, int64_t to_ns,
	int64_t count, const char *detail, size_t detail_length);

/*
 * What to store. The lists of what changed are emptied (and closed spans freed) by identity_changes_clear, right after a commit. It returns 1 when it has given
 * up threads: pointers to those that are not `kept` may be no good any more; else 0.
 */
struct facts *identity_facts(struct identity *identity);
struct intern *identity_addresses(struct identity *identity); /* of raw sockaddr bytes */
struct intern *identity_details(struct identity *identity);
size_t identity_changed_sockets(struct identity *identity, struct socket ***sockets);
size_t identity_changed_processes(struct identity *identity, struct process ***processes);
size_t identity_changed_spans(struct identity *identity, struct span ***spans);
int identity_changes_clear(struct identity *identity);

/* Put back what a database holds, so that recording goes on where it was left. */
struct process *identity_restore_process(struct identity *identity, const struct fact_process *row);
/* What was known of a restored image that had not ended: as in struct process. */
void identity_restore_moments(struct identity *identity, int64_t process_id, int64_t last_ns, int64_t exiting_ns, int64_t exec_ns);
int identity_restore_thread(struct identity *identity, const struct fact_thread *row);
struct socket *identity_restore_socket(struct identity *identity, const struct fact_socket *row, uint64_t cell, const char *spool);
/* One that has closed counts for when its socket does. */
int identity_restore_span(struct identity *identity, const struct fact_span *row);
void identity_restore_counters(struct identity *identity, int64_t last_span_id);

/* The socket of a cell seen in this spool, made when missing; NULL: the cell names none (or an epoll instance). */
struct socket *identity_socket_of(struct identity *identity, struct spool_view *view, uint64_t cell);

#endif
