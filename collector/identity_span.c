/*
 * identity_span.c: who holds a socket, under which number, from when to when. Spans open and close by explicit facts; since
 * threads are read one after another, a close may be read before its opening: it is kept until the opening comes.
 *
 *   thread A:  accept ───────────┤ opens fd 7 at its return
 *   thread B:                       ├─ close(7)  closes it at its entry
 */
#include "collector/identity_internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "collector/constant.h"

static const int64_t ended_by[] = {
	[CLOSED_CLOSE] = ENDED_CLOSE, [CLOSED_DUP2] = ENDED_DUP2, [CLOSED_RANGE] = ENDED_CLOSE, [CLOSED_EXEC] = ENDED_EXEC,
	[CLOSED_EXIT] = ENDED_EXIT, [CLOSED_KILLED] = ENDED_KILLED, [CLOSED_UNKNOWN] = ENDED_CLOSE,
};

/* Closed is when the last holder is gone: the latest end of all spans, once none is open. */
static void socket_settle(struct identity *identity, struct socket *socket)
{
	if (socket->spans) {
		socket->row.closed_ns = socket->row.closed_by_id = FACT_NULL;
		socket->row.how_ended = ENDED_OPEN;
	} else if (socket->last_closed_ns != FACT_NULL) {
		socket->row.closed_ns = socket->last_closed_ns;
		socket->row.closed_by_id = socket->last_closed_process;
		socket->row.how_ended = ended_by[socket->last_closed_by];
		interests_drop(identity, socket);
		socket_closed(identity, socket);
	}
	socket_touch(identity, socket);
}

/* Where the spans of a process under one number are kept: of other sockets and tables as well. */
static uint64_t held_key(const struct process *process, int fd)
{
	return (uint64_t)process->row.process_id << 32 | (uint32_t)fd;
}

/* 0 or -ENOMEM, and then it is linked nowhere. */
static int span_link(struct identity *identity, struct span *span)
{
	struct socket *socket = span->socket;
	struct process *process = span->process;
	uint64_t key = held_key(process, (int)span->row.fd);

	span->next_of_number = map_get(&identity->held, key);
	if (map_set(&identity->held, key, span))
		return -ENOMEM;
	span->next_of_socket = socket->spans;
	if (socket->spans)
		socket->spans->previous_of_socket = span;
	socket->spans = span;
	span->next_of_process = process->spans;
	if (process->spans)
		process->spans->previous_of_process = span;
	process->spans = span;
	return 0;
}

static void span_unlink(struct identity *identity, struct span *span)
{
	uint64_t key = held_key(span->process, (int)span->row.fd);
	struct span *first = map_get(&identity->held, key);

	if (first != span) {
		while (first->next_of_number != span)
			first = first->next_of_number;
		first->next_of_number = span->next_of_number;
	} else if (span->next_of_number) {
		map_set(&identity->held, key, span->next_of_number); /* the key is there: no memory is wanted */
	} else {
		map_remove(&identity->held, key);
	}
	if (span->previous_of_socket)
		span->previous_of_socket->next_of_socket = span->next_of_socket;
	else
		span->socket->spans = span->next_of_socket;
	if (span->next_of_socket)
		span->next_of_socket->previous_of_socket = span->previous_of_socket;
	if (span->previous_of_process)
		span->previous_of_process->next_of_process = span->next_of_process;
	else
		span->process->spans = span->next_of_process;
	if (span->next_of_process)
		span->next_of_process->previous_of_process = span->previous_of_process;
}

/* Of the ends of a socket's spans the latest counts, in whichever order they become known. */
static void note_end(struct socket *socket, const struct fact_span *row)
{
	if (socket->last_closed_ns != FACT_NULL && row->closed_ns < socket->last_closed_ns)
		return;
	socket->last_closed_ns = row->closed_ns;
	socket->last_closed_by = row->closed_by;
	socket->last_closed_process = row->process_id;
}

void span_end(struct identity *identity, struct span *span, int64_t at_ns, int by)
{
	struct socket *socket = span->socket;

	if (at_ns < span->row.opened_ns)
		at_ns = span->row.opened_ns;
	span->row.closed_ns = at_ns;
	span->row.closed_by = by;
	span_unlink(identity, span);
	note_end(socket, &span->row);
	span_touch(identity, span);
	socket_settle(identity, socket);
}

/* A descriptor table: that of a process, or one that some of its threads have for themselves. */
struct holder {
	struct process *process;
	uint64_t table; /* 0: that of the process */
};

static struct holder holder_of(const struct step *step)
{
	return (struct holder){step->process, step->thread->table};
}

static int is_held_by(const struct span *span, struct holder holder, int fd)
{
	return span->process == holder.process && span->table == holder.table && span->row.fd == fd;
}

/* A fork server's listener is held by all that live, and most sockets by one. */
static struct span *span_find(const struct identity *identity, const struct socket *socket, struct holder holder, int fd)
{
	struct span *span = socket->spans;

	if (!span || is_held_by(span, holder, fd))
		return span;
	for (span = map_get(&identity->held, held_key(holder.process, fd)); span; span = span->next_of_number)
		if (span->socket == socket && is_held_by(span, holder, fd))
			return span;
	return NULL;
}

/* Takes the earliest kept close of that descriptor that is not before at_ns. */
static int take_early_close(struct socket *socket, struct holder holder, int fd, int64_t at_ns, int64_t *closed_ns, int *by)
{
	struct early_close **best = NULL, *taken;

	for (struct early_close **at = &socket->early_closes; *at; at = &(*at)->next)
		if ((*at)->process == holder.process && (*at)->table == holder.table && (*at)->fd == fd && (*at)->at_ns >= at_ns && (!best || (*at)->at_ns < (*best)->at_ns))
			best = at;
	if (!best)
		return 0;
	taken = *best;
	*best = taken->next;
	*closed_ns = taken->at_ns;
	*by = (int)taken->by;
	taken->process->early_closes--;
	free(taken);
	return 1;
}

static struct span *open_span(struct identity *identity, struct holder holder, struct socket *socket, int fd, int64_t at_ns, int by)
{
	static const int process_closed_by[] = {[END_EXIT] = CLOSED_EXIT, [END_EXEC] = CLOSED_EXEC, [END_KILLED] = CLOSED_KILLED};
	struct process *process = holder.process;
	struct span *span = span_find(identity, socket, holder, fd);
	int64_t closed_ns;
	int closed_by;

	if (span) { /* told twice (a span record and the call's own effect), or its close was never seen */
		if (by == OPENED_INHERITED || by == OPENED_EXEC || at_ns <= span->row.opened_ns || span->row.opened_by == OPENED_INHERITED)
			return span;
		span_end(identity, span, at_ns, by == OPENED_DUP ? CLOSED_DUP2 : CLOSED_UNKNOWN);
	}
	span = calloc(1, sizeof *span);
	if (!span) {
		identity->failed = -ENOMEM;
		return NULL;
	}
	span->row = (struct fact_span){.span_id = ++identity->last_span_id, .socket_id = socket->row.socket_id,
		.process_id = process->row.process_id, .fd = fd, .opened_ns = at_ns, .opened_by = by, .closed_ns = FACT_NULL,
		.closed_by = FACT_NULL};
	span->socket = socket;
	span->process = process;
	span->table = holder.table;
	if (span_link(identity, span)) {
		free(span);
		identity->failed = -ENOMEM;
		return NULL;
	}
	span_touch(identity, span);
	socket_settle(identity, socket);
	if (take_early_close(socket, holder, fd, at_ns, &closed_ns, &closed_by))
		span_end(identity, span, closed_ns, closed_by);
	else if (process->row.ended_ns != FACT_NULL)
		span_end(identity, span, process->row.ended_ns, process_closed_by[process->row.end_cause]);
	return span;
}

void span_open(const struct step *step, struct socket *socket, int fd, int64_t at_ns, int by)
{
	open_span(step->identity, holder_of(step), socket, fd, at_ns, by);
}

void span_close(const struct step *step, struct socket *socket, int fd, int64_t at_ns, int by)
{
	struct holder holder = holder_of(step);
	struct span *span = span_find(step->identity, socket, holder, fd);
	struct early_close *early;

	if (span && span->row.opened_ns <= at_ns) {
		span_end(step->identity, span, at_ns, by);
		return;
	}
	early = malloc(sizeof *early);
	if (!early) {
		step->identity->failed = -ENOMEM;
		return;
	}
	*early = (struct early_close){socket->early_closes, holder.process, holder.table, fd, at_ns, by};
	socket->early_closes = early;
	holder.process->early_closes++;
}

void identity_finish(struct identity *identity)
{
	for (size_t i = 0; i < identity->all_socket_count; i++) {
		struct socket *socket = identity->all_sockets[i];

		while (socket->early_closes) {
			struct early_close *early = socket->early_closes;
			int64_t opened_ns = socket->row.opened_ns != FACT_NULL && socket->row.opened_ns < early->at_ns ?
				socket->row.opened_ns : early->at_ns;

			/* An opening that stands in the way began after this close, or is the one it belongs to by a hair. */
			socket->early_closes = early->next;
			struct holder holder = {early->process, early->table};
			struct span *span = span_find(identity, socket, holder, early->fd);
			if (!span)
				span = open_span(identity, holder, socket, early->fd, opened_ns, OPENED_UNKNOWN);
			if (span && span->row.closed_ns == FACT_NULL)
				span_end(identity, span, early->at_ns, (int)early->by);
			early->process->early_closes--;
			free(early);
		}
	}
}

void span_count_call(struct step *step)
{
	struct span *span;

	if (!step->socket || step->call->tag.kind == CALL_close || step->call->tag.flags & TAG_STALE)
		return;
	span = span_find(step->identity, step->socket, holder_of(step), step->effect == EFFECT_CREATE ? (int)step->call->result : step->call->fd);
	if (span) {
		span->row.calls++;
		span_touch(step->identity, span);
	}
}

/* A socket that this image found, or was given, and whose making nobody saw. */
static void note_origin(struct step *step, struct socket *socket, int fd, int64_t at_ns, int origin)
{
	if (!socket->provisional)
		return;
	socket->provisional = 0;
	socket->row.origin = origin;
	socket->row.process_id = step->process->row.process_id;
	socket->row.thread_id = step->thread->row.thread_id;
	socket->row.fd = fd;
	if (socket->row.opened_ns == FACT_NULL || at_ns < socket->row.opened_ns)
		socket->row.opened_ns = at_ns;
}

static void note_addresses(struct step *step, struct socket *socket, int64_t at_ns)
{
	int family;
	uint32_t local = identity_address(step->identity, &step->extensions->local, NULL, NULL);
	uint32_t peer = step->extensions->peer_count ? identity_address(step->identity, &step->extensions->peers[0], &family, NULL) : 0;

	if (local)
		socket->row.local_id = local;
	if (peer) {
		socket->row.remote_id = peer;
		socket_connected(step->identity, socket, at_ns, PROOF_INHERITED);
	}
}

static void opened_outside(struct step *step, const struct spool_span *event, struct socket *socket, int64_t at_ns)
{
	int by = event->tag.kind == SPAN_OPENED_FORK ? OPENED_FORK : event->tag.kind == SPAN_OPENED_PASSED ? OPENED_PASSED :
		event->tag.kind == SPAN_OPENED_SPAWN ? OPENED_SPAWN : event->tag.kind == SPAN_OPENED_UNSHARE ? OPENED_UNSHARE : OPENED_INHERITED;
	int adopted = event->tag.flags & TAG_ADOPTED;

	if (by == OPENED_INHERITED && !adopted && step->process->row.start_cause == START_EXEC)
		by = OPENED_EXEC;
	if (event->protocol != UINT32_MAX)
		socket->row.protocol = event->protocol;
	note_origin(step, socket, event->fd, at_ns, by == OPENED_PASSED ? ORIGIN_PASSED : adopted ? ORIGIN_ADOPTED : ORIGIN_INHERITED);
	note_addresses(step, socket, at_ns);
	span_open(step, socket, event->fd, at_ns, by);
}

/*
 * The record is written after the call; the number was taken at the call's entry. dup2 over another number of the same
 * socket: its own record, if it was read first, has ended the old span and opened the one that is found here.
 */
static void replaced_by_dup2(struct step *step, const struct spool_span *event, struct socket *socket, int64_t at_ns)
{
	const struct span *span = span_find(step->identity, socket, holder_of(step), event->fd);

	if (event->call_start_ticks && event->call_start_ticks <= event->at_ticks)
		at_ns = identity_clock_ns(&step->view->clock, event->call_start_ticks);
	if (span && span->row.opened_by == OPENED_DUP && span->row.opened_ns >= at_ns)
		return;
	span_close(step, socket, event->fd, at_ns, CLOSED_DUP2);
}

/* The last thread that had this descriptor table is gone, and with it all that was held there. */
void spans_end_of_table(struct step *step, uint64_t table, int64_t at_ns)
{
	struct span *next;

	for (struct span *span = step->process->spans; span; span = next) {
		next = span->next_of_process;
		if (span->table == table)
			span_end(step->identity, span, at_ns, CLOSED_EXIT);
	}
}

void apply_span_record(struct step *step, const union record_slot *record)
{
	const struct spool_span *event = &record->span;
	int64_t at_ns = identity_clock_ns(&step->view->clock, event->at_ticks);
	struct socket *socket = identity_socket_of(step->identity, step->view, event->socket), *via;
	struct fact_passing *passing;

	if (!socket)
		return;
	process_seen(step->identity, step->process, at_ns);
	switch (event->tag.kind) {
	case SPAN_OPENED_FORK:
	case SPAN_OPENED_INHERITED:
	case SPAN_OPENED_PASSED:
	case SPAN_OPENED_SPAWN:
	case SPAN_OPENED_UNSHARE:
		opened_outside(step, event, socket, at_ns);
		break;
	case SPAN_CLOSED_DUP2:
		replaced_by_dup2(step, event, socket, at_ns);
		break;
	case SPAN_CLOSED_RANGE:
		span_close(step, socket, event->fd, at_ns, CLOSED_RANGE);
		break;
	case SPAN_CLOSED_EXEC:
		span_close(step, socket, event->fd, at_ns, CLOSED_EXEC);
		break;
	case SPAN_CLOSED_FOUND:
		span_close(step, socket, event->fd, at_ns, CLOSED_UNKNOWN);
		break;
	case SPAN_SENT:
		passing = facts_append(&step->identity->facts, passings, 1);
		via = identity_socket_of(step->identity, step->view, event->via);
		if (passing)
			*passing = (struct fact_passing){socket->row.socket_id, via ? via->row.socket_id : FACT_NULL,
				step->process->row.process_id, event->fd, at_ns};
		break;
	default:
		identity_missing(step->identity, step->process, "unknown_record", FACT_NULL, FACT_NULL, 1, "span of a cause not known", 25);
	}
	socket_touch(step->identity, socket);
}

void apply_gap_record(struct step *step, const union record_slot *record)
{
	const char *reason = constant_find_gap_reason(record->gap.tag.kind);
	int64_t at_ns = identity_clock_ns(&step->view->clock, record->gap.at_ticks);

	if (!reason)
		reason = "unknown_record";
	identity_missing(step->identity, step->process, reason, at_ns, FACT_NULL,
		record->gap.count ? (int64_t)record->gap.count : FACT_NULL, (const char *)step->extensions->text.bytes,
		step->extensions->text.length);
}

int identity_restore_span(struct identity *identity, const struct fact_span *row)
{
	struct socket *socket = map_get(&identity->socket_ids, (uint64_t)row->socket_id);
	struct process *process = map_get(&identity->process_ids, (uint64_t)row->process_id);
	struct span *span;

	if (socket && row->closed_ns != FACT_NULL) {
		note_end(socket, row);
		return 0;
	}
	if (!socket || !process)
		return -ENOENT;
	span = calloc(1, sizeof *span);
	if (!span)
		return -ENOMEM;
	span->row = *row;
	span->socket = socket;
	span->process = process;
	if (span_link(identity, span)) {
		free(span);
		return -ENOMEM;
	}
	return 0;
}

void identity_restore_counters(struct identity *identity, int64_t last_span_id)
{
	identity->last_span_id = last_span_id;
}
