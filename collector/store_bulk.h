/* store_bulk.h: inserts many rows with one statement. */
#ifndef COLLECTOR_STORE_BULK_H
#define COLLECTOR_STORE_BULK_H

#include <sqlite3.h>

#include "collector/identity.h"

/* The columns of the two tables with the most rows, as store_bulk_source takes them. */
#define STORE_CALL_COLUMNS "socket_id,start_ns,sequence,thread_id,site_id,fd,duration_ns,result,rest_bytes,outcome,"
#define STORE_READY_COLUMNS "socket_id,start_ns,thread_id,fd,events,"

/* What the statement inserts when it is stepped. */
struct store_batch {
	sqlite3_stmt *statement;
	char *declaration; /* of the virtual table */
	void (*column)(sqlite3_context *context, const void *row, int column); /* NULL: a row begins with its columns, an int64_t each; FACT_NULL: NULL */
	const void *const *rows;
	size_t count;
};

/* Makes `module` a table of these columns ("a,b,") over what the batch points to at the time; *batch must outlive the connection. SQLite's code. */
int store_bulk_source(sqlite3 *db, struct store_batch *batch, const char *module, const char *columns);

struct store_bulk {
	/*
	 * struct fact_call: in the order of the table's key. Fails at the first key that is there already; sqlite3_changes tells how many went in
	 * before it. So SQLite need not keep what each page was before the statement.
	 */
	struct store_batch calls;
	struct store_batch ready; /* struct fact_ready: likewise, but replaces the row that is there */
	struct store_batch sockets; /* struct socket: replaces the row that is there */
	struct store_batch spans; /* struct span: likewise */
};

/* Prepares the statements; *bulk must outlive the connection, and store_bulk_free come after its end. Returns SQLite's code. */
int store_bulk_prepare(sqlite3 *db, struct store_bulk *bulk);
void store_bulk_free(struct store_bulk *bulk);

/* Inserts the things that `rows`, an array of pointers, points to. Returns SQLite's code; unless SQLITE_OK, nothing was inserted (but of calls, see above). */
int store_bulk_insert(struct store_batch *batch, void *rows, size_t count);

#endif
