/* suspects.h: reads findings without preparing the rules that cannot have any. */
#ifndef VIEWER_SUSPECTS_H
#define VIEWER_SUSPECTS_H

#include "viewer/database.h"

/*
 * From now on `problem` and `found_problem` mean, on this connection, the same rows from fewer rules (@suspect in schema/problems/): SQLite takes far longer to prepare
 * all rules than to read a small trace. Where they are tables, or the database has no such views, they stay what they are. What a rule without a suspect would find in
 * what is recorded from now on is not seen.
 */
void suspects_only(struct database *database);

#endif
