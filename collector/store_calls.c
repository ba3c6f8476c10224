/*
 * store_calls.c: the two tables that have a row for nearly every record: `call_row` and `ready_row`. Both are clustered by socket; a batch
 * is inserted in the order of their keys, which touches each page once.
 */
#include "collector/store.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>

#define LAST_STARTS_KEPT 131072
#define ROWS_AHEAD 8

static int64_t socket_of(const void *row)
{
	return *(const int64_t *)row;
}

_Static_assert(offsetof(struct fact_call, flags) == FACT_CALL_COLUMNS * sizeof(int64_t), "call_row");
_Static_assert(offsetof(struct fact_call, socket_id) == 0 && offsetof(struct fact_ready, socket_id) == 0, "socket_of");

/* Stable radix sort by socket of pointers to the `count` rows, into store->order; rows come in the order of time. */
static int order_by_socket(struct store *store, void *rows, size_t row_bytes, size_t count)
{
	int64_t largest = 0;

	if (count > store->order_room) {
		free(store->order);
		free(store->order_spare);
		store->order_room = count * 2;
		store->order = malloc(store->order_room * sizeof *store->order);
		store->order_spare = malloc(store->order_room * sizeof *store->order);
		if (!store->order || !store->order_spare) {
			store->order_room = 0;
			return -ENOMEM;
		}
	}
	for (size_t i = 0; i < count; i++) {
		store->order[i] = (char *)rows + i * row_bytes;
		if (socket_of(store->order[i]) > largest)
			largest = socket_of(store->order[i]);
	}
	for (int shift = 0; shift < 64 && largest >> shift; shift += 11) {
		size_t places[2049] = {0};
		void **swap = store->order;

		for (size_t i = 0; i < count; i++)
			places[(socket_of(store->order[i]) >> shift & 2047) + 1]++;
		for (size_t i = 1; i < 2049; i++)
			places[i] += places[i - 1];
		for (size_t i = 0; i < count; i++)
			store->order_spare[places[socket_of(store->order[i]) >> shift & 2047]++] = store->order[i];
		store->order = store->order_spare;
		store->order_spare = swap;
	}
	return 0;
}

static int store_call(struct store *store, struct fact_call *row)
{
	sqlite3_stmt *statement = store->call;
	int code;

	for (int column = 0; column < FACT_CALL_COLUMNS; column++) {
		int64_t value = ((const int64_t *)row)[column];

		if (value == FACT_NULL)
			sqlite3_bind_null(statement, column + 1);
		else
			sqlite3_bind_int64(statement, column + 1, value);
	}
	/* The same nanosecond in an earlier batch: the next free sequence. */
	for (unsigned tries = 0; ; tries++) {
		sqlite3_bind_int64(statement, 3, row->sequence);
		code = sqlite3_step(statement);
		sqlite3_reset(statement);
		if ((code & 0xff) != SQLITE_CONSTRAINT || tries > 100000)
			break;
		row->sequence++;
	}
	return store_translate(code);
}

static int store_payload(struct store *store, const struct facts *facts, const struct fact_call *call)
{
	const struct fact_payload *payload = &facts->payloads.rows[call->payload_index];

	sqlite3_bind_int64(store->payload, 1, call->socket_id);
	sqlite3_bind_int64(store->payload, 2, call->start_ns);
	sqlite3_bind_int64(store->payload, 3, call->sequence);
	sqlite3_bind_blob(store->payload, 4, facts->payload_bytes.rows + payload->offset, (int)payload->bytes, SQLITE_STATIC);
	return store_run(store, store->payload);
}

static int insert_bulk(struct store *store, void **rows, size_t count)
{
	int error = 0;

	while (count && !error) {
		int code = store_bulk_insert(&store->bulk.calls, rows, count);
		size_t done;

		if ((code & 0xff) != SQLITE_CONSTRAINT)
			return store_translate(code);
		/* A call of the same nanosecond that did not come beside this one: those before it are stored. */
		done = (size_t)sqlite3_changes(store->db);
		error = store_call(store, rows[done]);
		rows += done + 1;
		count -= done + 1;
	}
	return error;
}

/* The latest start of the socket's stored calls; INT64_MIN: none is. Kept as start_ns - INT64_MIN, so that this is NULL. */
static int64_t last_start_ns(struct store *store, int64_t socket_id)
{
	uintptr_t kept = (uintptr_t)map_get(&store->last_starts, (uint64_t)socket_id + 1);
	int64_t start_ns = INT64_MIN;

	if (kept || socket_id > store->asked_up_to_id)
		return (int64_t)(kept + (uintptr_t)INT64_MIN);
	sqlite3_bind_int64(store->last_start, 1, socket_id);
	if (sqlite3_step(store->last_start) == SQLITE_ROW && sqlite3_column_type(store->last_start, 0) != SQLITE_NULL)
		start_ns = sqlite3_column_int64(store->last_start, 0);
	sqlite3_reset(store->last_start);
	return start_ns;
}

static int keep_last_start(struct store *store, int64_t socket_id, int64_t start_ns)
{
	if (socket_id > store->largest_kept_id)
		store->largest_kept_id = socket_id;
	return map_set(&store->last_starts, (uint64_t)socket_id + 1, (void *)((uintptr_t)start_ns - (uintptr_t)INT64_MIN));
}

/* Memory is bounded: the database knows as well. */
static void forget_last_starts(struct store *store)
{
	if (store->last_starts.used < LAST_STARTS_KEPT)
		return;
	map_free(&store->last_starts);
	if (store->largest_kept_id > store->asked_up_to_id)
		store->asked_up_to_id = store->largest_kept_id;
}

/*
 * Calls that started after every stored one of their socket cannot meet an equal key: they go in bulk. The few that a busy
 * thread's chunk brings late are inserted one by one, ahead of them, so that they may look for a free sequence.
 */
int store_calls(struct store *store, struct facts *facts)
{
	int error = order_by_socket(store, facts->calls.rows, sizeof *facts->calls.rows, facts->calls.count);
	int64_t stored_ns = INT64_MIN, newest_ns = INT64_MIN;
	size_t fresh = 0;

	forget_last_starts(store);
	for (size_t i = 0; i < facts->calls.count && !error; i++) {
		struct fact_call *row = store->order[i], *before = i ? store->order[i - 1] : NULL, *after = i + 1 < facts->calls.count ? store->order[i + 1] : NULL;

		if (!before || before->socket_id != row->socket_id)
			newest_ns = stored_ns = last_start_ns(store, row->socket_id);
		else if (before->start_ns == row->start_ns)
			row->sequence = before->sequence + 1;
		if (i + ROWS_AHEAD < facts->calls.count) {
			__builtin_prefetch(store->order[i + ROWS_AHEAD]);
			__builtin_prefetch((const char *)store->order[i + ROWS_AHEAD] + 64);
		}
		error = store_site(store, row);
		if (error)
			break;
		if (row->start_ns <= stored_ns)
			error = store_call(store, row);
		else
			store->order_spare[fresh++] = row;
		if (row->start_ns > newest_ns)
			newest_ns = row->start_ns;
		if (!error && (!after || after->socket_id != row->socket_id))
			error = keep_last_start(store, row->socket_id, newest_ns);
	}
	if (!error)
		error = insert_bulk(store, store->order_spare, fresh);
	for (size_t i = 0; i < facts->calls.count && facts->payloads.count && !error; i++) {
		const struct fact_call *row = store->order[i];

		if (row->payload)
			error = store_payload(store, facts, row);
	}
	return error;
}

int store_ready(struct store *store, struct facts *facts)
{
	size_t kept = 0;
	int error;

	for (size_t i = 0; i < facts->ready.count; i++)
		if (facts->ready.rows[i].socket_id != FACT_NULL)
			facts->ready.rows[kept++] = facts->ready.rows[i];
	facts->ready.count = kept;
	error = order_by_socket(store, facts->ready.rows, sizeof *facts->ready.rows, facts->ready.count);
	return error ? error : store_translate(store_bulk_insert(&store->bulk.ready, store->order, facts->ready.count));
}
