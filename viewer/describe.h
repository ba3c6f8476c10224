/*
 * describe.h: a socket in short words, from a row of `lifecycle`: `curl[4711]`, `:8080 ← s2`, `closed`. All views use
 * these, so that a socket reads the same everywhere.
 */
#ifndef VIEWER_DESCRIBE_H
#define VIEWER_DESCRIBE_H

#include <sqlite3.h>
#include <stdint.h>

#include "viewer/text.h"

/* Columns of lifecycle in the order that struct describe_row is read from; last the error of bind or listen, of a socket that came to nothing. */
#define DESCRIBE_COLUMNS "socket_id, pid, program, fd, protocol, role, local, peer, peer_name, parent_id, peer_id, opened_ns, listening_ns, " \
	"connected_ns, closed_ns, duration_ns, state, how_ended, sent_bytes, received_bytes, errors, last_error, wait_ns, calls, " \
	"accepted_count, backlog, connect_error, type, domain, send_calls, receive_calls, unreturned_call, unreturned_ns, " \
	"CASE WHEN errors > 0 AND role = 'unconnected' THEN (SELECT e.name FROM socket b JOIN constant e ON e.kind = 'errno' AND e.number = b.bind_errno WHERE b.socket_id = lifecycle.socket_id) END"

/* Strings belong to the statement and live until its next step. Numbers: -1 for NULL. */
struct describe_row {
	int64_t id, pid, fd, parent_id, peer_id;
	int64_t opened_ns, listening_ns, connected_ns, closed_ns, duration_ns;
	int64_t sent_bytes, received_bytes, errors, wait_ns, calls, accepted_count, backlog, send_calls, receive_calls, unreturned_ns;
	sqlite3_stmt *statement;
};

enum describe_mark { MARK_NONE, MARK_WARNING, MARK_ERROR };

void describe_read(struct describe_row *row, sqlite3_stmt *statement);

/* A column of text by its name's position; "" for NULL. */
enum describe_text { TEXT_PROGRAM = 2, TEXT_PROTOCOL = 4, TEXT_ROLE, TEXT_LOCAL, TEXT_PEER, TEXT_PEER_NAME, TEXT_STATE = 16, TEXT_HOW_ENDED,
	TEXT_LAST_ERROR = 21, TEXT_CONNECT_ERROR = 26, TEXT_TYPE, TEXT_DOMAIN, TEXT_UNRETURNED = 31, TEXT_BIND_ERROR = 33 };
const char *describe_text(const struct describe_row *row, enum describe_text column);
int describe_has(const struct describe_row *row, enum describe_text column);

/* Whether somebody is in a call on it right now: a listener's accept is its rest, and counts for none. */
int describe_hangs(const struct describe_row *row);
/* Time spent in calls that block, the one that has not returned included. */
int64_t describe_wait_ns(const struct describe_row *row);

/* Adds a column of text from the trace, escaped. */
void describe_add(struct text *text, sqlite3_stmt *statement, int column);

void describe_add_process(struct text *text, sqlite3_stmt *statement, int program_column, int pid_column);
/* The same in at most `width` columns: the program's name gives way, the pid stays. */
void describe_add_process_fitted(struct text *text, sqlite3_stmt *statement, int program_column, int pid_column, int width);
void describe_add_state(struct text *text, const struct describe_row *row);
enum describe_mark describe_mark(const struct describe_row *row);
/* The error of what failed, of a socket that came to nothing: connect's, else bind's or listen's, else the last. */
enum describe_text describe_failure(const struct describe_row *row);

/* `127.0.0.1:45002 → s3`, shortened to the ports when it would not fit in `width`. */
void describe_add_ends(struct text *text, const struct describe_row *row, int width);

#endif
