/*
 * store_bulk.c: inserts a batch of rows with one statement: INSERT INTO call_row SELECT … FROM batch_call, where `batch_call` is a
 * virtual table over the array in memory (sqlite.org/vtab.html). It spares binding, stepping and resetting per row, and opening the
 * cursors of all indexes, which is half of what a row costs.
 */
#include "collector/store_bulk.h"

#include <stddef.h>
#include <string.h>

#define ROWS_AHEAD 4

struct batch_table {
	sqlite3_vtab base;
	struct store_batch *batch;
};

struct batch_cursor {
	sqlite3_vtab_cursor base;
	size_t at;
};

static int batch_connect(sqlite3 *db, void *context, int argc, const char *const *argv, sqlite3_vtab **table, char **error)
{
	struct batch_table *made;
	struct store_batch *batch = context;
	int code = sqlite3_declare_vtab(db, batch->declaration);

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

/* Rows come in the order of their keys, which is none in memory: each is fetched a few rows ahead. */
static int batch_next(sqlite3_vtab_cursor *cursor)
{
	const struct store_batch *batch = ((struct batch_table *)cursor->pVtab)->batch;
	size_t at = ++((struct batch_cursor *)cursor)->at;

	if (at + ROWS_AHEAD < batch->count) {
		__builtin_prefetch(batch->rows[at + ROWS_AHEAD]);
		__builtin_prefetch((const char *)batch->rows[at + ROWS_AHEAD] + 64);
	}
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

/* Where a column's value is, and the words that it is a place in; NULL: it is the number itself. */
struct place {
	size_t offset;
	const char *const *words;
};

static void place_column(sqlite3_context *context, const void *row, const struct place *place)
{
	int64_t value;

	memcpy(&value, (const char *)row + place->offset, sizeof value);
	if (value == FACT_NULL)
		return;
	if (place->words)
		sqlite3_result_text(context, place->words[value], -1, SQLITE_STATIC);
	else
		sqlite3_result_int64(context, value);
}

#define NAME_OF(name, ...) #name ","
#define SOCKET_INTEGER(name) {offsetof(struct socket, row.name), NULL},
#define SOCKET_WORD(name, words) {offsetof(struct socket, row.name), words},
#define SPAN_INTEGER(name) {offsetof(struct span, row.name), NULL},
#define SPAN_WORD(name, words) {offsetof(struct span, row.name), words},

static void socket_column(sqlite3_context *context, const void *row, int column)
{
#define SYMPTOM_COLUMN(name, initial) {offsetof(struct socket, symptom.name), NULL},
	static const struct place places[] = {FACT_SOCKET(SOCKET_INTEGER, SOCKET_WORD) SYMPTOM_COLUMNS(SYMPTOM_COLUMN)};
#undef SYMPTOM_COLUMN

	place_column(context, row, &places[column]);
}

static void span_column(sqlite3_context *context, const void *row, int column)
{
	static const struct place places[] = {FACT_SPAN(SPAN_INTEGER, SPAN_WORD)};

	place_column(context, row, &places[column]);
}

static int batch_column(sqlite3_vtab_cursor *cursor, sqlite3_context *context, int column)
{
	const struct store_batch *batch = ((struct batch_table *)cursor->pVtab)->batch;

	batch->column(context, batch->rows[((struct batch_cursor *)cursor)->at], column);
	return SQLITE_OK;
}

/* Of the rows that there are most of. */
static int integer_column(sqlite3_vtab_cursor *cursor, sqlite3_context *context, int column)
{
	const struct store_batch *batch = ((struct batch_table *)cursor->pVtab)->batch;
	int64_t value = ((const int64_t *)batch->rows[((struct batch_cursor *)cursor)->at])[column];

	if (value != FACT_NULL)
		sqlite3_result_int64(context, value);
	return SQLITE_OK;
}

/* No xCreate: the table is eponymous and lives in no schema. */
#define MODULE(column) { \
	.xConnect = batch_connect, .xBestIndex = batch_best_index, .xDisconnect = batch_disconnect, .xOpen = batch_open, \
	.xClose = batch_close, .xFilter = batch_filter, .xNext = batch_next, .xEof = batch_eof, .xColumn = column, \
	.xRowid = batch_rowid, \
}
static const sqlite3_module batch_module = MODULE(batch_column), integer_module = MODULE(integer_column);

int store_bulk_source(sqlite3 *db, struct store_batch *batch, const char *module, const char *columns)
{
	sqlite3_free(batch->declaration);
	batch->declaration = sqlite3_mprintf("CREATE TABLE x (%.*s)", (int)strlen(columns) - 1, columns); /* without the last comma */
	return batch->declaration ? sqlite3_create_module(db, module, batch->column ? &batch_module : &integer_module, batch) : SQLITE_NOMEM;
}

static int prepare(sqlite3 *db, struct store_batch *batch, const char *module, const char *columns, const char *insert)
{
	char *sql = sqlite3_mprintf("%s (%.*s) SELECT * FROM %s", insert, (int)strlen(columns) - 1, columns, module);
	int code = sql ? store_bulk_source(db, batch, module, columns) : SQLITE_NOMEM;

	if (code == SQLITE_OK)
		code = sqlite3_prepare_v3(db, sql, -1, SQLITE_PREPARE_PERSISTENT, &batch->statement, NULL);
	sqlite3_free(sql);
	return code;
}

#define SYMPTOM_COLUMN(name, initial) #name ","

int store_bulk_prepare(sqlite3 *db, struct store_bulk *bulk)
{
	int code;

	bulk->sockets.column = socket_column;
	bulk->spans.column = span_column;
	code = prepare(db, &bulk->calls, "batch_call", STORE_CALL_COLUMNS, "INSERT OR FAIL INTO call_row");
	if (code == SQLITE_OK)
		code = prepare(db, &bulk->ready, "batch_ready", STORE_READY_COLUMNS, "INSERT OR REPLACE INTO ready_row");
	if (code == SQLITE_OK)
		code = prepare(db, &bulk->sockets, "batch_socket", FACT_SOCKET(NAME_OF, NAME_OF) SYMPTOM_COLUMNS(SYMPTOM_COLUMN), "INSERT OR REPLACE INTO socket");
	if (code == SQLITE_OK)
		code = prepare(db, &bulk->spans, "batch_span", FACT_SPAN(NAME_OF, NAME_OF), "INSERT OR REPLACE INTO span");
	return code;
}

int store_bulk_insert(struct store_batch *batch, void *rows, size_t count)
{
	int code;

	if (!count)
		return SQLITE_OK;
	batch->rows = rows;
	batch->count = count;
	code = sqlite3_step(batch->statement);
	sqlite3_reset(batch->statement);
	batch->count = 0;
	return code == SQLITE_DONE ? SQLITE_OK : code;
}

void store_bulk_free(struct store_bulk *bulk)
{
	sqlite3_free(bulk->calls.declaration);
	sqlite3_free(bulk->sockets.declaration);
	sqlite3_free(bulk->spans.declaration);
	sqlite3_free(bulk->ready.declaration);
}
