/*
 * rows.h: the machine formats: the rows of a statement as a JSON array, JSON lines or CSV. Column names are the
 * statement's. Text that is not valid UTF-8 is made so (U+FFFD); blobs are hex; a NULL is null, in CSV an empty field.
 */
#ifndef VIEWER_ROWS_H
#define VIEWER_ROWS_H

#include <sqlite3.h>

#include "viewer/output.h"

struct rows {
	struct output *output;
	long count;
};

void rows_open(struct rows *rows, struct output *output, sqlite3_stmt *statement);
void rows_add(struct rows *rows, sqlite3_stmt *statement);
void rows_close(struct rows *rows);

/* All rows of a statement in the output's machine format; returns 0 or a negative errno after a message. */
int rows_print_all(struct output *output, sqlite3 *database, sqlite3_stmt *statement);

/* Writes bytes as a JSON string with its quotes. */
void rows_write_json_string(FILE *file, const char *bytes, size_t length);

/* Writes bytes as a field of CSV, quoted when it has to be. For a terminal (`safe`) control characters become U+FFFD; a file or a pipe gets them as they are. */
void rows_write_csv_field(FILE *file, const char *bytes, size_t length, int safe);

#endif
