/*
 * identity.c: the state machine's centre: which socket a cell names, whose chunk a thread's is, and the hand-over of each
 * record to the file that knows its type. See identity.h for the contract.
 *
 * Invariants: a socket is found by (cell & CELL_IDENTITY), a synthetic one within its spool only; socket_id, process_id,
 * thread_id and span_id are given in the order of first sight and never reused; every row that changed since the last
 * identity_changes_clear is in exactly one place of its list.
 */
#include "collector/identity_internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "collector/address.h"

const uint8_t identity_effects[256] = {
#define CALL(number, name, effect, ...) [number] = effect,
#define CALL_BY_HAND(number, name, effect, ...) [number] = effect,
#include "schema/calls.def"
};

int identity_grow(void **rows, size_t *room, size_t count, size_t row_bytes)
{
	size_t wanted = *room ? *room * 2 : 64;
	void *grown;

	if (count < *room)
		return 0;
	grown = realloc(*rows, wanted * row_bytes);
	if (!grown)
		return -ENOMEM;
	*rows = grown;
	*room = wanted;
	return 0;
}

#define TOUCH(identity, thing, list) \
	do { \
		if ((thing)->changed) \
			return; \
		if (identity_grow((void **)&(identity)->changed_##list##s, &(identity)->changed_##list##_room, \
			    (identity)->changed_##list##_count, sizeof *(identity)->changed_##list##s)) { \
			(identity)->failed = -ENOMEM; \
			return; \
		} \
		(identity)->changed_##list##s[(identity)->changed_##list##_count++] = (thing); \
		(thing)->changed = 1; \
	} while (0)

#define changed_processs changed_processes


void socket_touch(struct identity *identity, struct socket *socket)
{
	TOUCH(identity, socket, socket);
}

void process_touch(struct identity *identity, struct process *process)
{
	TOUCH(identity, process, process);
}

void span_touch(struct identity *identity, struct span *span)
{
	TOUCH(identity, span, span);
}

static void set_unknown(int64_t *columns, size_t count)
{
	for (size_t i = 0; i < count; i++)
		columns[i] = FACT_NULL;
}

/* Counters start at 0; every other column starts unknown. */
static void socket_row_start(struct fact_socket *row)
{
	set_unknown((int64_t *)row, sizeof *row / sizeof(int64_t));
	row->domain = row->type = row->accepted_count = row->calls = row->send_calls = row->receive_calls = 0;
	row->sent_bytes = row->received_bytes = row->sent_messages = row->received_messages = row->errors = 0;
	row->again_count = row->wait_ns = row->connect_ns = row->accept_ns = row->send_ns = row->receive_ns = 0;
	row->poll_ns = row->longest_ns = row->nonblocking = row->peer_candidates = 0;
	row->how_ended = ENDED_OPEN;
	row->origin = ORIGIN_ADOPTED;
}

void socket_describe_cell(struct socket *socket, uint64_t cell)
{
	int domain = (int)(cell >> CELL_DOMAIN_SHIFT & CELL_DOMAIN_MASK);
	int type = (int)(cell >> CELL_TYPE_SHIFT & CELL_TYPE_MASK);

	if (domain)
		socket->row.domain = domain;
	if (type)
		socket->row.type = type;
	if (cell & CELL_TCP && socket->row.protocol == FACT_NULL)
		socket->row.protocol = 6;
}

static struct socket *socket_new(struct identity *identity)
{
	struct socket *socket = calloc(1, sizeof *socket);

	if (!socket || identity_grow((void **)&identity->all_sockets, &identity->all_socket_room, identity->all_socket_count,
			       sizeof *identity->all_sockets)) {
		free(socket);
		identity->failed = -ENOMEM;
		return NULL;
	}
	socket->index = identity->all_socket_count;
	identity->all_sockets[identity->all_socket_count++] = socket;
	socket_row_start(&socket->row);
	symptom_init(&socket->symptom);
	socket->last_closed_ns = socket->connect_pending_ns = socket->first_success_ns = FACT_NULL;
	socket->provisional = 1;
	return socket;
}

static int socket_register(struct identity *identity, struct spool_view *view, uint64_t cell, struct socket *socket)
{
	struct spool_part *part;
	int error;

	if (!(cell & CELL_SYNTHETIC))
		return map_set(&identity->sockets, cell & CELL_IDENTITY, socket);
	part = identity_part(identity, view);
	error = part ? map_set(&part->synthetic, cell & CELL_COOKIE_MASK, socket) : -ENOMEM;
	return error;
}

struct socket *identity_socket_of(struct identity *identity, struct spool_view *view, uint64_t cell)
{
	struct socket *socket;
	struct spool_part *part;

	if (!(cell & CELL_COOKIE_MASK) || cell & CELL_EPOLL)
		return NULL;
	if (cell & CELL_SYNTHETIC) {
		part = identity_part(identity, view);
		socket = part ? map_get(&part->synthetic, cell & CELL_COOKIE_MASK) : NULL;
	} else {
		socket = map_get(&identity->sockets, cell & CELL_IDENTITY);
		if (!socket)
			socket = socket_forgotten(identity, cell);
	}
	if (socket)
		return socket;
	socket = socket_new(identity);
	if (!socket || socket_register(identity, view, cell, socket)) {
		identity->failed = -ENOMEM;
		return NULL;
	}
	socket->cell = cell;
	if (cell & CELL_SYNTHETIC)
		socket->spool_name = identity_keep_text(identity, view->name);
	socket->row.socket_id = ++identity->last_socket_id;
	if (!(cell & CELL_SYNTHETIC))
		socket->row.cookie = (int64_t)(cell & CELL_COOKIE_MASK);
	socket_describe_cell(socket, cell);
	socket_touch(identity, socket);
	return socket;
}

static uint32_t put_address(struct identity *identity, const void *bytes, size_t length)
{
	const struct identity_config *config = &identity->config;
	uint32_t number = identity->addresses.forgotten && config->find_address ? intern_find(&identity->addresses, bytes, length) : 0;

	if (number || !identity->addresses.forgotten || !config->find_address)
		return number ? number : intern_put(&identity->addresses, bytes, length, NULL);
	number = config->find_address(config->context, bytes, length);
	return number && !intern_recall(&identity->addresses, number, bytes, length) ? number : intern_put(&identity->addresses, bytes, length, NULL);
}

uint32_t identity_address(struct identity *identity, const struct record_bytes *bytes, int *family, int *is_any)
{
	unsigned char canonical[16] = {0};
	struct address address;

	if (family)
		*family = -1;
	if (is_any)
		*is_any = 0;
	if (!bytes->bytes || address_read(&address, bytes->bytes, bytes->length))
		return 0;
	if (family)
		*family = address.family;
	if (is_any)
		*is_any = address.is_any;
	/* sin_zero may hold anything: the same address must not become two. */
	if (address.family == 2 && bytes->length >= 8) {
		memcpy(canonical, bytes->bytes, 8);
		return put_address(identity, canonical, sizeof canonical);
	}
	return put_address(identity, bytes->bytes, bytes->length);
}

uint32_t identity_detail(struct identity *identity, const char *text, size_t length)
{
	return length ? intern_put(&identity->details, text, length, NULL) : 0;
}

uint32_t step_caller(struct step *step)
{
	if (!step->call || !step->call->caller || !step->identity->config.caller)
		return 0;
	return step->identity->config.caller(step->identity->config.context, step->process, step->call->caller);
}

static const struct record_extensions no_extensions;

/* No name and no end: the numbers of a step that are the same for all records. */
static void step_start(struct step *step, struct identity *identity, struct thread *thread, const union record_slot *record)
{
	memset(step, 0, sizeof *step);
	step->identity = identity;
	step->thread = thread;
	step->process = thread->process;
	step->view = step->process->spool;
	step->extensions = &no_extensions;
	if (!record->tag.parts)
		return;
	step->extensions = &identity->extensions;
	record_unpack(&identity->extensions, record + 1, record->tag.parts);
	if (identity->extensions.unknown_count)
		identity_missing(identity, step->process, "unknown_record", FACT_NULL, FACT_NULL,
			identity->extensions.unknown_count, "extensions of a type not known", 30);
}

static void step_call(struct step *step, const union record_slot *record, int running)
{
	const struct spool_call *call = &record->call;

	step->call = call;
	step->running = running;
	step->failed = !running && call->tag.length != 0;
	step->effect = identity_effects[call->tag.kind & 0xff];
	step->start_ns = identity_clock_ns(&step->view->clock, call->start_ticks);
	step->end_ns = step->start_ns;
	if (!running) {
		step->end_ns = identity_clock_ns(&step->view->clock, call->start_ticks + call->duration_ticks);
		step->duration_ns = step->end_ns - step->start_ns;
		if (step->duration_ns < 0) { /* a clock that ran backwards, or hostile bytes */
			step->duration_ns = 0;
			step->end_ns = step->start_ns;
		}
	}
	process_seen(step->identity, step->process, step->end_ns);
	step->socket = identity_socket_of(step->identity, step->view, call->socket);
	apply_call(step);
}

int identity_apply(struct identity *identity, struct thread *thread, const union record_slot *record)
{
	struct step step;

	if (!thread->process->spool)
		return -EINVAL;
	step_start(&step, identity, thread, record);
	switch (record->tag.type) {
	case SLOT_CALL:
		if (record->tag.kind >= CALL_NUMBERS || !identity_effects[record->tag.kind])
			identity_missing(identity, step.process, "unknown_record", FACT_NULL, FACT_NULL, 1, "call of a kind not known", 24);
		else
			step_call(&step, record, 0);
		break;
	case SLOT_SPAN:
		apply_span_record(&step, record);
		break;
	case SLOT_READY:
		apply_ready(&step, record);
		break;
	case SLOT_EPOLL_READY:
		apply_epoll_ready(&step, record);
		break;
	case SLOT_PROCESS:
		apply_process_record(&step, record);
		break;
	case SLOT_GAP:
		apply_gap_record(&step, record);
		break;
	default:
		identity_missing(identity, step.process, "unknown_record", FACT_NULL, FACT_NULL, 1, "record of a type not known", 26);
	}
	return identity->failed ? identity->failed : identity->facts.failed;
}

int identity_apply_running(struct identity *identity, struct thread *thread, const union record_slot *record)
{
	struct step step;

	if (record->tag.type != SLOT_CALL || !thread->process->spool || record->tag.kind >= CALL_NUMBERS ||
	    !identity_effects[record->tag.kind])
		return 0;
	/* The number of a closed socket: only its outcome would have told whether a file had it by then, which is voided. */
	if (record->tag.kind == CALL_close && record->tag.flags & TAG_STALE)
		return 0;
	step_start(&step, identity, thread, record);
	step_call(&step, record, 1);
	return identity->failed ? identity->failed : identity->facts.failed;
}

void identity_missing(struct identity *identity, struct process *process, const char *reason, int64_t from_ns, int64_t to_ns,
	int64_t count, const char *detail, size_t detail_length)
{
	struct facts *facts = &identity->facts;
	struct fact_missing *missing = NULL;
	int64_t process_id = process ? process->row.process_id : FACT_NULL;

	if (!detail)
		detail = "";
	/* The like of it in one batch is one row: hostile bytes must not fill the database. */
	for (size_t i = 0; i < facts->missing.count && i < 64; i++) {
		struct fact_missing *other = &facts->missing.rows[i];

		if (other->process_id == process_id && strcmp(other->reason, reason) == 0 && count != FACT_NULL &&
		    other->count != FACT_NULL && strncmp(other->detail, detail, detail_length) == 0 && strlen(other->detail) == detail_length) {
			other->count += count;
			return;
		}
	}
	missing = facts_append(facts, missing, 1);
	if (!missing)
		return;
	missing->process_id = process_id;
	missing->reason = reason;
	missing->from_ns = from_ns;
	missing->to_ns = to_ns;
	missing->count = count;
	wording_clean_text(missing->detail, sizeof missing->detail, (const unsigned char *)detail, detail_length);
}

int identity_new(struct identity **identity, const struct identity_config *config)
{
	struct identity *made = calloc(1, sizeof *made);

	if (!made)
		return -ENOMEM;
	made->config = *config;
	*identity = made;
	return 0;
}

struct facts *identity_facts(struct identity *identity)
{
	return &identity->facts;
}

struct intern *identity_addresses(struct identity *identity)
{
	return &identity->addresses;
}

struct intern *identity_details(struct identity *identity)
{
	return &identity->details;
}

size_t identity_changed_sockets(struct identity *identity, struct socket ***sockets)
{
	*sockets = identity->changed_sockets;
	return identity->changed_socket_count;
}

size_t identity_changed_processes(struct identity *identity, struct process ***processes)
{
	*processes = identity->changed_processes;
	return identity->changed_process_count;
}

size_t identity_changed_spans(struct identity *identity, struct span ***spans)
{
	*spans = identity->changed_spans;
	return identity->changed_span_count;
}

int identity_changes_clear(struct identity *identity)
{
	for (size_t i = 0; i < identity->changed_socket_count; i++)
		identity->changed_sockets[i]->changed = 0;
	for (size_t i = 0; i < identity->changed_process_count; i++)
		identity->changed_processes[i]->changed = 0;
	for (size_t i = 0; i < identity->changed_span_count; i++) {
		identity->changed_spans[i]->changed = 0;
		if (identity->changed_spans[i]->row.closed_ns != FACT_NULL)
			free(identity->changed_spans[i]);
	}
	identity->changed_socket_count = identity->changed_process_count = identity->changed_span_count = 0;
	sockets_forget(identity);
	facts_clear(&identity->facts);
	return processes_forget(identity);
}

struct socket *identity_restore_socket(struct identity *identity, const struct fact_socket *row, uint64_t cell, const char *spool)
{
	struct socket *socket = socket_new(identity);

	if (!socket)
		return NULL;
	socket->row = *row;
	socket->cell = cell;
	socket->provisional = 0;
	socket->stored = 1;
	if (cell & CELL_SYNTHETIC && spool)
		socket->spool_name = identity_keep_text(identity, spool);
	socket->first_success_ns = row->first_activity_ns;
	if (row->connecting_ns != FACT_NULL && row->connected_ns == FACT_NULL && row->connect_errno == FACT_NULL)
		socket->connect_pending_ns = row->connecting_ns;
	if (row->closed_ns != FACT_NULL) {
		socket->last_closed_ns = row->closed_ns;
		socket->last_closed_process = row->closed_by_id;
		socket->last_closed_by = row->how_ended == ENDED_DUP2 ? CLOSED_DUP2 : row->how_ended == ENDED_EXIT ? CLOSED_EXIT :
			row->how_ended == ENDED_EXEC ? CLOSED_EXEC : row->how_ended == ENDED_KILLED ? CLOSED_KILLED : CLOSED_CLOSE;
	}
	if (row->socket_id > identity->last_socket_id)
		identity->last_socket_id = row->socket_id;
	if (cell & CELL_COOKIE_MASK && !(cell & CELL_SYNTHETIC) && map_set(&identity->sockets, cell & CELL_IDENTITY, socket))
		identity->failed = -ENOMEM;
	if (map_set(&identity->socket_ids, (uint64_t)row->socket_id, socket))
		identity->failed = -ENOMEM;
	return socket;
}
