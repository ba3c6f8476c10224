/* store_bulk.h: inserts many calls with one statement. */
#ifndef COLLECTOR_STORE_BULK_H
#define COLLECTOR_STORE_BULK_H

#include <sqlite3.h>

#include "collector/facts.h"

/* What the statement inserts when it is stepped: rows in the order of the table's key, none of which is there yet. */
struct store_batch {
	struct fact_call **rows;
	size_t count;
};

/* Prepares the statement that inserts *batch as it is at the time; batch must outlive the connection. Returns SQLite's code. */
int store_bulk_prepare(sqlite3 *db, struct store_batch *batch, sqlite3_stmt **statement);

#define STORE_CALL_COLUMNS 10

/* Value of a column of table `call_row`, by its place; FACT_NULL: NULL. */
int64_t store_bulk_value(const struct fact_call *row, int column);

#endif
