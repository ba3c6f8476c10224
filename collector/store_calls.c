/*
 * store_calls.c: the two tables that have a row for nearly every record: `call_row` and `ready`. Both are clustered by socket; a batch
 * is inserted in the order of their keys, which touches each page once.
 */
#include "collector/store.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>

static int64_t socket_of(const void *row)
{
	return *(const int64_t *)row;
}

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

	for (int column = 0; column < STORE_CALL_COLUMNS; column++) {
		int64_t value = store_bulk_value(row, column);

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

/* Where the latest start of socket_id's stored calls is kept; grows as sockets come. NULL: no memory. */
static int64_t *last_start_of(struct store *store, int64_t socket_id)
{
	size_t room = store->last_start_room ? store->last_start_room : 1024;
	int64_t *grown;

	if ((uint64_t)socket_id < store->last_start_room)
		return &store->last_start_ns[socket_id];
	while (room <= (uint64_t)socket_id)
		room *= 2;
	grown = realloc(store->last_start_ns, room * sizeof *grown);
	if (!grown)
		return NULL;
	for (size_t i = store->last_start_room; i < room; i++)
		grown[i] = store->stored_before_ns;
	store->last_start_ns = grown;
	store->last_start_room = room;
	return &store->last_start_ns[socket_id];
}

/*
 * Calls that started after every stored one of their socket cannot meet an equal key: they go in bulk. The few that a busy
 * thread's chunk brings late are inserted one by one, ahead of them, so that they may look for a free sequence.
 */
int store_calls(struct store *store, struct facts *facts)
{
	int error = order_by_socket(store, facts->calls.rows, sizeof *facts->calls.rows, facts->calls.count);
	int64_t *last_start_ns = NULL, newest_ns = 0;
	size_t fresh = 0;

	for (size_t i = 0; i < facts->calls.count && !error; i++) {
		struct fact_call *row = store->order[i], *before = i ? store->order[i - 1] : NULL;

		if (!before || before->socket_id != row->socket_id) {
			if (last_start_ns && newest_ns > *last_start_ns)
				*last_start_ns = newest_ns;
			last_start_ns = last_start_of(store, row->socket_id);
			if (!last_start_ns)
				return -ENOMEM;
			newest_ns = *last_start_ns;
		} else if (before->start_ns == row->start_ns) {
			row->sequence = before->sequence + 1;
		}
		error = store_site(store, row);
		if (error)
			break;
		if (row->start_ns <= *last_start_ns)
			error = store_call(store, row);
		else
			store->order_spare[fresh++] = row;
		if (row->start_ns > newest_ns)
			newest_ns = row->start_ns;
	}
	if (last_start_ns && newest_ns > *last_start_ns)
		*last_start_ns = newest_ns;
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
	int error = order_by_socket(store, facts->ready.rows, sizeof *facts->ready.rows, facts->ready.count);

	return error ? error : store_translate(store_bulk_insert(&store->bulk.ready, store->order, facts->ready.count));
}
