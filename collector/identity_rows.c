/* identity_rows.c: the rows that calls leave: call itself with its text, option, name, payload. */
#include "collector/identity_internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "collector/address.h"

static void address_text(struct step *step, struct address *address)
{
	const struct intern_entry *entry = intern_get(&step->identity->addresses, step->address_id);

	address->text[0] = 0;
	if (entry && address_read(address, entry->bytes, entry->length))
		address->text[0] = 0;
}

static uint32_t write_detail(struct step *step)
{
	char text[WORDING_BYTES];
	struct address address;

	address_text(step, &address);
	return identity_detail(step->identity, text, wording_write_call(step->call, step->extensions, address.text, text));
}

/*
 * Most data calls have the same few flags, and no more to say; most waits the same few timeouts and numbers of descriptors: their text is looked up, not
 * written.
 */
static uint32_t detail_of(struct step *step)
{
	enum wording_source source = wording_source(step->call->tag.kind);
	struct map *known = &step->identity->known_details;
	uint64_t arg = source == WORDING_FROM_FLAGS_AND_ARG ? step->call->arg : 0;
	uint64_t key = (uint64_t)1 << 63 | arg << 40 | (uint64_t)step->call->tag.kind << 32 | step->call->flags;
	void *value;
	uint32_t detail;

	if (source == WORDING_FROM_MORE || arg >> 22 || step->address_id || step->extensions->message_flags)
		return write_detail(step);
	if (source == WORDING_FROM_FLAGS && !step->call->flags)
		return 0;
	value = map_get(known, key);
	if (value)
		return (uint32_t)(uintptr_t)value - 1;
	detail = write_detail(step);
	if (known->used < 4096 && map_set(known, key, (void *)(uintptr_t)(detail + 1)))
		step->identity->failed = -ENOMEM;
	return detail;
}

static int moves_data(enum call_effect effect)
{
	return effect == EFFECT_SEND || effect == EFFECT_RECEIVE || effect == EFFECT_TRANSFER;
}

static int takes_no_descriptor(const struct step *step)
{
	return step->effect == EFFECT_CREATE || step->effect == EFFECT_PAIR || step->effect == EFFECT_PROCESS ||
		step->effect == EFFECT_NAME ||
		(step->call->fd < 0 && (step->effect == EFFECT_WAIT || step->call->tag.kind == CALL_epoll_create ||
			step->call->tag.kind == CALL_epoll_create1));
}

/* --detail=sockets: no row for what is repeated without bound on one socket. */
static int is_left_out(struct step *step)
{
	if (step->identity->config.keep_data_calls)
		return 0;
	return moves_data(step->effect) || step->effect == EFFECT_WAIT ||
		(step->effect == EFFECT_ACCEPT && step->failed && is_again(step->call->tag.length));
}

static void keep_payload(struct step *step, struct fact_call *row)
{
	const struct record_bytes *bytes = &step->extensions->payload;
	struct facts *facts = &step->identity->facts;
	struct fact_payload *payload;
	unsigned char *copy;

	if (!bytes->length)
		return;
	payload = facts_append(facts, payloads, 1);
	copy = payload ? facts_append(facts, payload_bytes, bytes->length) : NULL;
	if (!copy)
		return;
	memcpy(copy, bytes->bytes, bytes->length);
	payload->offset = (uint32_t)(facts->payload_bytes.count - bytes->length);
	payload->bytes = (uint32_t)bytes->length;
	row->payload = 1;
	row->payload_index = (uint32_t)(facts->payloads.count - 1);
}

/* Of several messages, for all of which there is one result. */
static int is_vector(const struct step *step)
{
	return step->call->tag.kind == CALL_sendmmsg || step->call->tag.kind == CALL_recvmmsg;
}

/* What was asked for less the result: for most sends that is 0, which takes no room. */
static int64_t rest_bytes(const struct step *step, int64_t result)
{
	int64_t requested = is_vector(step) ? (int64_t)step->extensions->message_requested : (int64_t)step->call->arg, rest;

	if (is_vector(step) ? requested == 0 : step->call->arg == SPOOL_UNKNOWN)
		return FACT_NULL;
	if (step->running)
		return requested;
	return __builtin_sub_overflow(requested, result, &rest) ? FACT_NULL : rest;
}

void emit_call(struct step *step)
{
	const struct spool_call *call = step->call;
	struct fact_call *row;
	uint32_t detail;

	if (is_left_out(step))
		return;
	detail = detail_of(step);
	row = facts_append(&step->identity->facts, calls, 1);
	if (!row)
		return;
	row->socket_id = step->socket ? step->socket->row.socket_id : 0;
	row->start_ns = step->start_ns;
	row->thread_id = (uint32_t)step->thread->row.thread_id;
	row->kind = call->tag.kind;
	row->fd = takes_no_descriptor(step) ? FACT_NULL : call->fd;
	row->duration_ns = step->running ? FACT_NULL : step->duration_ns;
	row->result = step->running ? FACT_NULL : step->failed && call->result < -1 ? -1 : call->result; /* libc's insides see -errno */
	row->flags = call->flags;
	row->rest_bytes = FACT_NULL;
	row->outcome = FACT_NULL;
	if (!step->running && call->tag.length)
		row->outcome = -(int64_t)call->tag.length;
	else if (!step->running && !step->failed && is_vector(step))
		row->outcome = step->moved_bytes < 0 ? FACT_NULL : step->moved_bytes;
	if (moves_data(step->effect)) {
		row->rest_bytes = rest_bytes(step, row->result);
		keep_payload(step, row);
		if (step->socket && row->outcome == FACT_NULL)
			row->outcome = take_wait(step, &row->ready_events);
	}
	if (step->socket && step->start_ns > step->socket->last_call_ns)
		step->socket->last_call_ns = step->start_ns;
	row->address_id = step->address_id;
	row->detail_id = detail;
	row->caller_id = step->caller_id ? step->caller_id : step_caller(step);
}

void emit_option(struct step *step)
{
	const struct record_bytes *value = &step->extensions->option;
	struct fact_option *row = facts_append(&step->identity->facts, options, 1);

	if (!row)
		return;
	row->socket_id = step->socket->row.socket_id;
	row->start_ns = step->start_ns;
	row->is_set = step->call->tag.kind == CALL_setsockopt;
	row->level = (int32_t)(step->call->arg >> 32);
	row->number = (int32_t)step->call->flags;
	row->value = FACT_NULL;
	row->raw_bytes = UINT32_MAX;
	if (step->failed || !value->bytes)
		return;
	if (!wording_option_value((int)row->level, (int)row->number, value, &row->value))
		row->value = FACT_NULL;
	row->raw_bytes = (uint32_t)(value->length < sizeof row->raw ? value->length : sizeof row->raw);
	memcpy(row->raw, value->bytes, row->raw_bytes);
}

static int64_t name_error(const struct step *step)
{
	if (step->running)
		return 0;
	if (step->call->tag.kind == CALL_getaddrinfo)
		return step->call->result;
	return step->call->result > 0 ? 0 : 1; /* HOST_NOT_FOUND: of these calls only the count of answers is recorded */
}

void emit_names(struct step *step)
{
	const struct record_extensions *extensions = step->extensions;
	unsigned count = extensions->peer_count ? extensions->peer_count : 1;

	if (!extensions->text.length)
		return;
	for (unsigned i = 0; i < count; i++) {
		struct fact_name *row = facts_append(&step->identity->facts, names, 1);
		struct address address;

		if (!row)
			return;
		row->process_id = step->process->row.process_id;
		row->start_ns = step->start_ns;
		row->duration_ns = step->running ? FACT_NULL : step->duration_ns;
		row->error = name_error(step);
		wording_clean_text(row->host, sizeof row->host, extensions->text.bytes, extensions->text.length);
		if (i < extensions->peer_count && address_read(&address, extensions->peers[i].bytes, extensions->peers[i].length) == 0)
			memcpy(row->address_host, address.host, sizeof row->address_host);
	}
}
