/* schema.h: makes a new database's tables, views and constant rows. */
#ifndef COLLECTOR_SCHEMA_H
#define COLLECTOR_SCHEMA_H

#include <sqlite3.h>

/*
 * Creates every table and view of schema/ in the empty database `db`, and fills call_kind, constant, gap_reason and rule.
 * Runs in the caller's transaction, or in its own when there is none. Does not set application_id and user_version, and
 * writes nothing to meta. This connection knows the views only after schema_read_views; another that opens the file, at once. Returns 0, or -EEXIST, -ENOMEM or -EIO (sqlite3_errmsg says more); then the database is as before.
 */
int schema_create(sqlite3 *db);

/* Makes the views known to the connection that created them; none of its statements may be running. Returns 0, or -ENOMEM or -EIO. */
int schema_read_views(sqlite3 *db);

#endif
