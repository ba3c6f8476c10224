/* materialise.h: views that would be too slow in a large trace become tables of the same name when recording ends. */
#ifndef COLLECTOR_MATERIALISE_H
#define COLLECTOR_MATERIALISE_H

#include <sqlite3.h>

/*
 * Both run within the caller's transaction, and return 0, -ENOMEM or -EIO (sqlite3_errmsg says more).
 *
 * materialise_run: after pairing and counting. Small traces keep their views: they are quick enough, and nothing is spent on them.
 * materialise_undo: recording goes on, so that what the tables say will not stay true: they become views again.
 */
int materialise_run(sqlite3 *db);
int materialise_undo(sqlite3 *db);

#endif
