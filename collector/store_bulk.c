/*
 * store_bulk.c: inserts a batch of calls with one statement: INSERT INTO call_row SELECT … FROM batch, where `batch` is a virtual
 * table over the array in memory (sqlite.org/vtab.html). It spares binding, stepping and resetting per row, which is half of
 * what a row costs.
 */
#include "collector/store_bulk.h"

#include <stdlib.h>
#include <string.h>

struct batch_table {
	sqlite3_vtab base;
	struct store_batch *batch;
};

struct batch_cursor {
	sqlite3_vtab_cursor base;
	size_t at;
};

static int batch_connect(sqlite3 *db, void *batch, int argc, const char *const *argv, sqlite3_vtab **table, char **error)
{
	struct batch_table *made;
	int code = sqlite3_declare_vtab(db, "CREATE TABLE x (socket_id, start_ns, sequence, thread_id, site_id, fd, duration_ns, result, "
		"rest_bytes, outcome)");

	if (code != SQLITE_OK)
		return code;
	made = sqlite3_malloc(sizeof *made);
	if (!made)
		return SQLITE_NOMEM;
	memset(made, 0, sizeof *made);
	made->batch = batch;
	*table = &made->base;
	return SQLITE_OK;
}

static int batch_disconnect(sqlite3_vtab *table)
{
	sqlite3_free(table);
	return SQLITE_OK;
}

static int batch_best_index(sqlite3_vtab *table, sqlite3_index_info *info)
{
	info->estimatedCost = 1;
	return SQLITE_OK;
}

static int batch_open(sqlite3_vtab *table, sqlite3_vtab_cursor **cursor)
{
	struct batch_cursor *made = sqlite3_malloc(sizeof *made);

	if (!made)
		return SQLITE_NOMEM;
	memset(made, 0, sizeof *made);
	*cursor = &made->base;
	return SQLITE_OK;
}

static int batch_close(sqlite3_vtab_cursor *cursor)
{
	sqlite3_free(cursor);
	return SQLITE_OK;
}

static int batch_filter(sqlite3_vtab_cursor *cursor, int number, const char *text, int argc, sqlite3_value **argv)
{
	((struct batch_cursor *)cursor)->at = 0;
	return SQLITE_OK;
}

static int batch_next(sqlite3_vtab_cursor *cursor)
{
	((struct batch_cursor *)cursor)->at++;
	return SQLITE_OK;
}

static int batch_eof(sqlite3_vtab_cursor *cursor)
{
	return ((struct batch_cursor *)cursor)->at >= ((struct batch_table *)cursor->pVtab)->batch->count;
}

static int batch_rowid(sqlite3_vtab_cursor *cursor, sqlite3_int64 *rowid)
{
	*rowid = (sqlite3_int64)((struct batch_cursor *)cursor)->at;
	return SQLITE_OK;
}

/* What was asked for less the result: for most sends that is 0, which takes no room. */
static int64_t rest_bytes(const struct fact_call *row)
{
	int64_t rest;

	if (row->requested_bytes == FACT_NULL || row->running)
		return row->requested_bytes;
	return __builtin_sub_overflow(row->requested_bytes, row->result, &rest) ? FACT_NULL : rest;
}

int64_t store_bulk_value(const struct fact_call *row, int column)
{
	switch (column) {
	case 0:
		return row->socket_id;
	case 1:
		return row->start_ns;
	case 2:
		return row->sequence;
	case 3:
		return row->thread_id;
	case 4:
		return row->site_id;
	case 5:
		return row->fd == INT32_MIN ? FACT_NULL : row->fd;
	case 6:
		return row->running ? FACT_NULL : row->duration_ns;
	case 7:
		return row->running ? FACT_NULL : row->result;
	case 8:
		return rest_bytes(row);
	default:
		return row->error && !row->running ? -(int64_t)row->error : row->bytes < 0 ? FACT_NULL : row->bytes;
	}
}

static int batch_column(sqlite3_vtab_cursor *cursor, sqlite3_context *context, int column)
{
	const struct store_batch *batch = ((struct batch_table *)cursor->pVtab)->batch;
	int64_t value = store_bulk_value(batch->rows[((struct batch_cursor *)cursor)->at], column);

	if (value != FACT_NULL)
		sqlite3_result_int64(context, value);
	return SQLITE_OK;
}

/* No xCreate: the table is eponymous and lives in no schema. */
static const sqlite3_module batch_module = {
	.xConnect = batch_connect, .xBestIndex = batch_best_index, .xDisconnect = batch_disconnect, .xOpen = batch_open,
	.xClose = batch_close, .xFilter = batch_filter, .xNext = batch_next, .xEof = batch_eof, .xColumn = batch_column,
	.xRowid = batch_rowid,
};

int store_bulk_prepare(sqlite3 *db, struct store_batch *batch, sqlite3_stmt **statement)
{
	int code = sqlite3_create_module(db, "batch", &batch_module, batch);

	return code != SQLITE_OK ? code :
		sqlite3_prepare_v3(db, "INSERT INTO call_row SELECT * FROM batch", -1, SQLITE_PREPARE_PERSISTENT, statement, NULL);
}
