/*
 * running.c: see running.h. The record of a call is begun before the call and completed after it: what is begun and not completed is in progress, and
 * lies in the spool for the collector to see. It is read there, and not consumed.
 *
 *	         100 ms            returned                     process gone
 *	begun ──────────▶ running ──────────▶ call_row   or   ──────────────▶ call_row with no duration
 */
#include "collector/running.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "collector/identity_internal.h"

#define LONG_NS INT64_C(100000000)          /* shorter calls are no news */
#define LOOK_INTERVAL_NS INT64_C(100000000)
#define LOOK_SHARE 20                       /* at most this fraction of the time goes into looking */
#define STORE_INTERVAL_NS INT64_C(1000000000) /* how long a call has been running grows in the views at least so often */

static int append(struct running *running, const struct running_call *call)
{
	if (running->count == running->room) {
		size_t room = running->room ? running->room * 2 : 64;
		struct running_call *calls = realloc(running->calls, room * sizeof *calls);

		if (!calls)
			return -ENOMEM;
		running->calls = calls;
		running->room = room;
	}
	running->calls[running->count++] = *call;
	call->thread->kept++;
	return 0;
}

static int moves_data(const struct spool_call *call)
{
	enum call_effect effect = identity_effects[call->tag.kind & 0xff];

	return (effect == EFFECT_SEND || effect == EFFECT_RECEIVE || effect == EFFECT_TRANSFER) && call->arg != SPOOL_UNKNOWN &&
		call->tag.kind != CALL_sendmmsg && call->tag.kind != CALL_recvmmsg;
}

static int take(struct running *running, const struct running_source *source, struct feed *feed, const struct record_ref *ref, int64_t now_ns)
{
	struct running_call running_call;
	struct spool_call call;
	struct thread *thread;

	if (!spool_reader_peek(&feed->reader, ref, &call) || call.tag.kind >= CALL_NUMBERS || !identity_effects[call.tag.kind])
		return 0;
	running_call = (struct running_call){.cell = call.socket, .start_ns = identity_clock_ns(&feed->view.clock, call.start_ticks), .fd = call.fd,
		.flags = call.flags, .kind = call.tag.kind, .requested_bytes = moves_data(&call) ? (int64_t)call.arg : FACT_NULL};
	if (now_ns - running_call.start_ns < LONG_NS)
		return 0;
	thread = running_call.thread = source->owner(source->context, feed, ref->chunk);
	if (!thread)
		return -ENOMEM;
	if (!thread->process->spool || thread->process->row.ended_ns != FACT_NULL)
		return 0;
	running_call.socket = identity_socket_of(source->identity, thread->process->spool, call.socket);
	if (call.caller)
		running_call.caller_id = source->caller(source->context, thread->process, call.caller);
	return append(running, &running_call);
}

static int is_same(const struct running_call *a, const struct running_call *b)
{
	return a->thread == b->thread && a->start_ns == b->start_ns;
}

static int is_unchanged(const struct running *running)
{
	if (running->count != running->before_count)
		return 0;
	for (size_t i = 0; i < running->count; i++)
		if (!is_same(&running->calls[i], &running->before[i]))
			return 0;
	return 1;
}

/* A call that ended with its process never returned, and stays said of its socket; the others take back what was said. */
static void unmark(const struct running *running, const struct running_source *source)
{
	for (size_t i = 0; i < running->before_count; i++) {
		const struct running_call *call = &running->before[i];
		struct spool_view *view = call->thread->process->spool;
		struct socket *socket = view && call->thread->process->row.ended_ns == FACT_NULL ? identity_socket_of(source->identity, view, call->cell) : NULL;

		if (socket && socket->symptom.unreturned_start_ns == call->start_ns) {
			socket->symptom.unreturned_start_ns = socket->symptom.unreturned_kind_id = SYMPTOM_NONE;
			socket_touch(source->identity, socket);
		}
	}
}

static void mark(const struct running *running, const struct running_source *source)
{
	for (size_t i = 0; i < running->count; i++) {
		const struct running_call *call = &running->calls[i];

		if (!call->socket)
			continue;
		symptom_note_call(&call->socket->symptom, &(struct symptom_call){.kind = call->kind, .start_ns = call->start_ns, .duration_ns = -1});
		socket_touch(source->identity, call->socket);
	}
}

static void swap(struct running *running)
{
	struct running_call *calls = running->before;
	size_t room = running->before_room;

	for (size_t i = 0; i < running->before_count; i++)
		running->before[i].thread->kept--;
	running->before = running->calls;
	running->before_room = running->room;
	running->before_count = running->count;
	running->calls = calls;
	running->room = room;
	running->count = 0;
}

static int look(struct running *running, const struct running_source *source, int64_t now_ns)
{
	for (size_t i = 0; i < source->feed_count; i++) {
		struct feed *feed = source->feeds[i];
		int64_t got = feed->finished ? 0 : spool_reader_collect(&feed->reader, source->refs, source->ref_room, 1, 0);
		int error = 0;

		if (got < 0)
			return (int)got;
		for (int64_t j = 0; j < got && !error; j++)
			if (source->refs[j].running && source->refs[j].type == SLOT_CALL)
				error = take(running, source, feed, &source->refs[j], now_ns);
		if (error)
			return error;
	}
	return 0;
}

int running_look(struct running *running, const struct running_source *source, int64_t now_ns)
{
	int error;

	if (running->last_look_ns && now_ns - running->last_look_ns < LOOK_INTERVAL_NS + running->look_took_ns * LOOK_SHARE)
		return 0;
	swap(running);
	error = look(running, source, now_ns);
	if (error)
		return error;
	if (!is_unchanged(running)) {
		unmark(running, source);
		mark(running, source);
		running->changed = 1;
	}
	running->last_look_ns = now_ns;
	return running->changed || (running->count && now_ns - running->last_store_ns >= STORE_INTERVAL_NS);
}

static void bind(sqlite3_stmt *statement, int at, int64_t value, int64_t null)
{
	if (value == null)
		sqlite3_bind_null(statement, at);
	else
		sqlite3_bind_int64(statement, at, value);
}

int running_store(struct running *running, struct store *store, int64_t now_ns)
{
	sqlite3_stmt *insert = NULL;
	int code;

	running->last_store_ns = now_ns;
	if (!running->changed)
		return 0;
	code = sqlite3_exec(store->db, "DELETE FROM running", NULL, NULL, NULL);
	if (code == SQLITE_OK)
		code = sqlite3_prepare_v2(store->db, "INSERT OR REPLACE INTO running (thread_id, start_ns, socket_id, call_kind_id, fd, requested_bytes, flags, caller_id) "
			"VALUES (?,?,?,?,?,?,?,?)", -1, &insert, NULL);
	for (size_t i = 0; i < running->count && code == SQLITE_OK; i++) {
		const struct running_call *call = &running->calls[i];

		sqlite3_bind_int64(insert, 1, call->thread->row.thread_id);
		sqlite3_bind_int64(insert, 2, call->start_ns);
		sqlite3_bind_int64(insert, 3, call->socket ? call->socket->row.socket_id : 0);
		sqlite3_bind_int64(insert, 4, call->kind);
		bind(insert, 5, call->fd, -1);
		bind(insert, 6, call->requested_bytes, FACT_NULL);
		bind(insert, 7, call->flags, 0);
		bind(insert, 8, call->caller_id, 0);
		code = sqlite3_step(insert) == SQLITE_DONE ? SQLITE_OK : sqlite3_errcode(store->db);
		sqlite3_reset(insert);
	}
	sqlite3_finalize(insert);
	running->changed = code != SQLITE_OK;
	return store_translate(code);
}

int running_forget(sqlite3 *db)
{
	static const char has_table[] = "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'running'";
	sqlite3_stmt *statement;
	int code = sqlite3_prepare_v2(db, has_table, -1, &statement, NULL), there = code == SQLITE_OK && sqlite3_step(statement) == SQLITE_ROW;

	sqlite3_finalize(statement);
	if (there)
		code = sqlite3_exec(db, "UPDATE socket SET unreturned_start_ns = NULL, unreturned_kind_id = NULL "
			"WHERE (socket_id, unreturned_start_ns) IN (SELECT socket_id, start_ns FROM running); DELETE FROM running", NULL, NULL, NULL);
	else if (code == SQLITE_OK) /* of an earlier version: what its views do not ask for is kept all the same */
		code = sqlite3_exec(db, "CREATE TABLE running (thread_id, start_ns, socket_id, call_kind_id, fd, requested_bytes, flags, caller_id)", NULL, NULL, NULL);
	return store_translate(code);
}

void running_free(struct running *running)
{
	free(running->calls);
	free(running->before);
	*running = (struct running){.count = 0};
}
