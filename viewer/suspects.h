/* suspects.h: reads findings without preparing the rules that cannot have any. */
#ifndef VIEWER_SUSPECTS_H
#define VIEWER_SUSPECTS_H

#include "viewer/database.h"

/*
 * From now on `problem` and `found_problem` mean, on this connection, the same rows from fewer rules (schema/suspected.h). Where they are tables, or the database has
 * no such views, they stay what they are. What is recorded meanwhile by a rule that had no suspect is not seen.
 */
void suspects_only(struct database *database);

#endif
