/* describe.c: sockets in short words; see describe.h. */
#include "viewer/describe.h"

#include <string.h>

void describe_read(struct describe_row *row, sqlite3_stmt *statement)
{
	int64_t *const numbers[] = {[0] = &row->id, [1] = &row->pid, [3] = &row->fd, [9] = &row->parent_id, [10] = &row->peer_id, [11] = &row->opened_ns,
		[12] = &row->listening_ns, [13] = &row->connected_ns, [14] = &row->closed_ns, [15] = &row->duration_ns, [18] = &row->sent_bytes,
		[19] = &row->received_bytes, [20] = &row->errors, [22] = &row->wait_ns, [23] = &row->calls, [24] = &row->accepted_count,
		[25] = &row->backlog, [29] = &row->send_calls, [30] = &row->receive_calls, [32] = &row->unreturned_ns};

	for (int i = 0; i < (int)(sizeof numbers / sizeof numbers[0]); i++)
		if (numbers[i])
			*numbers[i] = sqlite3_column_type(statement, i) == SQLITE_NULL ? -1 : sqlite3_column_int64(statement, i);
	row->statement = statement;
}

const char *describe_text(const struct describe_row *row, enum describe_text column)
{
	const char *string = (const char *)sqlite3_column_text(row->statement, (int)column);

	return string ? string : "";
}

int describe_has(const struct describe_row *row, enum describe_text column)
{
	return sqlite3_column_bytes(row->statement, (int)column) > 0;
}

int describe_hangs(const struct describe_row *row)
{
	return describe_has(row, TEXT_UNRETURNED) && row->unreturned_ns >= 0 && row->listening_ns < 0;
}

int64_t describe_wait_ns(const struct describe_row *row)
{
	return row->wait_ns + (row->unreturned_ns > 0 ? row->unreturned_ns : 0);
}

void describe_add(struct text *text, sqlite3_stmt *statement, int column)
{
	const char *bytes = (const char *)sqlite3_column_text(statement, column);

	if (bytes)
		text_add_quoted(text, bytes, (size_t)sqlite3_column_bytes(statement, column));
	else
		text_add(text, "–");
}

void describe_add_process(struct text *text, sqlite3_stmt *statement, int program_column, int pid_column)
{
	describe_add(text, statement, program_column);
	if (sqlite3_column_type(statement, pid_column) != SQLITE_NULL)
		text_format(text, "[%lld]", (long long)sqlite3_column_int64(statement, pid_column));
}

void describe_add_process_fitted(struct text *text, sqlite3_stmt *statement, int program_column, int pid_column, int width)
{
	struct text program = {.color = text->color, .ascii = text->ascii}, pid = program;

	describe_add(&program, statement, program_column);
	if (sqlite3_column_type(statement, pid_column) != SQLITE_NULL)
		text_format(&pid, "[%lld]", (long long)sqlite3_column_int64(statement, pid_column));
	if (program.columns + pid.columns > width && width > pid.columns)
		text_cut(&program, width - pid.columns);
	text_add_cell(text, &program, program.columns, ALIGN_LEFT);
	text_add_cell(text, &pid, pid.columns, ALIGN_LEFT);
	text_free(&program);
	text_free(&pid);
}

static int never_connected(const struct describe_row *row)
{
	return describe_has(row, TEXT_CONNECT_ERROR) && row->connected_ns < 0;
}

/* libc asks the name service cache daemon before each first lookup; that there is none is no trouble. */
static int is_cache_probe(const struct describe_row *row)
{
	return !strcmp(describe_text(row, TEXT_PEER), "/var/run/nscd/socket") && row->connected_ns < 0;
}

/* Asking an unconnected socket for its peer, or shutting down one whose peer has left, is how programs find out. */
static int has_mild_error(const struct describe_row *row)
{
	return !strcmp(describe_text(row, TEXT_LAST_ERROR), "ENOTCONN");
}

/* A socket whose only story is a call that failed: bind in use, listen refused. */
static int failed_early(const struct describe_row *row)
{
	return row->errors > 0 && !strcmp(describe_text(row, TEXT_ROLE), "unconnected") && !strcmp(describe_text(row, TEXT_STATE), "closed") &&
		(describe_has(row, TEXT_BIND_ERROR) || !has_mild_error(row));
}

enum describe_text describe_failure(const struct describe_row *row)
{
	return describe_has(row, TEXT_CONNECT_ERROR) ? TEXT_CONNECT_ERROR : describe_has(row, TEXT_BIND_ERROR) ? TEXT_BIND_ERROR : TEXT_LAST_ERROR;
}

enum describe_mark describe_mark(const struct describe_row *row)
{
	if (is_cache_probe(row))
		return MARK_NONE;
	if (never_connected(row) || failed_early(row))
		return MARK_ERROR;
	return row->errors > 0 ? MARK_WARNING : MARK_NONE;
}

void describe_add_state(struct text *text, const struct describe_row *row)
{
	const char *ended = describe_text(row, TEXT_HOW_ENDED);

	if (is_cache_probe(row)) {
		text_style(text, STYLE_DIM);
		text_add(text, "no cache");
	} else if (never_connected(row) || failed_early(row)) {
		text_style(text, STYLE_ERROR);
		text_format(text, "✗%s", describe_text(row, describe_failure(row)));
	} else if (!strcmp(ended, "killed")) {
		text_style(text, STYLE_WARNING);
		text_add(text, "killed");
	} else if (row->errors > 0 && !has_mild_error(row)) {
		text_style(text, STYLE_WARNING);
		text_format(text, "▲%s", describe_text(row, TEXT_LAST_ERROR));
	} else if (row->listening_ns >= 0 && !strcmp(ended, "exit")) {
		text_add(text, "LISTEN");
	} else if (!strcmp(ended, "exit")) {
		text_add(text, "at exit");
	} else if (row->listening_ns >= 0 && row->closed_ns < 0) {
		text_style(text, STYLE_GOOD);
		text_add(text, "LISTEN");
	} else if (row->closed_ns < 0 && describe_hangs(row)) {
		text_style(text, STYLE_WAIT);
		text_format(text, "in %s", describe_text(row, TEXT_UNRETURNED));
	} else if (row->closed_ns < 0) {
		text_style(text, STYLE_GOOD);
		text_add(text, describe_text(row, TEXT_STATE));
	} else {
		text_add(text, describe_text(row, TEXT_STATE));
	}
	text_style(text, STYLE_NONE);
}

/* An address without what says nothing: `*:80` for any IPv4 address; with `brief` only `:80`. */
static void add_address(struct text *text, const struct describe_row *row, enum describe_text column, int brief)
{
	const char *address = describe_text(row, column), *port = strrchr(address, ':');
	int is_ip = !strncmp(describe_text(row, TEXT_DOMAIN), "INET", 4);

	if (!describe_has(row, column))
		text_add(text, "–");
	else if (is_ip && port && brief)
		text_add_quoted(text, port, strlen(port));
	else if (is_ip && port && !strncmp(address, "0.0.0.0:", 8))
		text_format(text, "*%s", port);
	else
		describe_add(text, row->statement, (int)column);
}

/* Whole, brief, or as short as it can be. */
enum { ENDS_WHOLE, ENDS_BRIEF, ENDS_SHORT, ENDS_FORMS };

static void add_listener(struct text *text, const struct describe_row *row, int form)
{
	add_address(text, row, TEXT_LOCAL, 0);
	if (form == ENDS_SHORT)
		text_format(text, " ←%lld", (long long)row->accepted_count);
	else if (form == ENDS_BRIEF)
		text_format(text, " · %lld accepted", (long long)row->accepted_count);
	else
		text_format(text, "  backlog %lld · %lld accepted", (long long)row->backlog, (long long)row->accepted_count);
}

static void add_peer(struct text *text, const struct describe_row *row)
{
	const char *address = describe_text(row, TEXT_PEER), *port = strrchr(address, ':');

	if (row->peer_id > 0) {
		text_format(text, "s%lld", (long long)row->peer_id);
	} else if (describe_has(row, TEXT_PEER_NAME)) {
		describe_add(text, row->statement, TEXT_PEER_NAME);
		if (port)
			text_add_quoted(text, port, strlen(port));
	} else {
		add_address(text, row, TEXT_PEER, 0);
	}
}

static void add_ends(struct text *text, const struct describe_row *row, int form)
{
	const char *role = describe_text(row, TEXT_ROLE);
	int known = row->peer_id > 0 || describe_has(row, TEXT_PEER);

	if (!strcmp(role, "listener")) {
		add_listener(text, row, form);
		return;
	}
	if (!strcmp(role, "pair")) {
		text_add(text, "⇄ ");
		add_peer(text, row);
		return;
	}
	if (!known) {
		if (!describe_has(row, TEXT_LOCAL) || !strcmp(describe_text(row, TEXT_LOCAL), "(unnamed)"))
			text_format(text, "%s", describe_text(row, TEXT_PROTOCOL));
		else
			add_address(text, row, TEXT_LOCAL, 0);
		return;
	}
	if (describe_has(row, TEXT_LOCAL) && strcmp(describe_text(row, TEXT_LOCAL), "(unnamed)"))
		add_address(text, row, TEXT_LOCAL, form != ENDS_WHOLE || !strcmp(role, "accepted"));
	if (text->columns)
		text_add(text, " ");
	text_add(text, !strcmp(role, "accepted") ? "← " : !strcmp(role, "datagram") ? "⇄ " : "→ ");
	add_peer(text, row);
}

void describe_add_ends(struct text *text, const struct describe_row *row, int width)
{
	struct text ends = {.color = text->color, .ascii = text->ascii};

	for (int form = ENDS_WHOLE; form < ENDS_FORMS && (form == ENDS_WHOLE || ends.columns > width); form++) {
		text_clear(&ends);
		add_ends(&ends, row, form);
	}
	if (width > 0 && ends.columns > width)
		text_add_cell(text, &ends, width, ALIGN_LEFT);
	else
		text_add_cell(text, &ends, ends.columns, ALIGN_LEFT);
	text_free(&ends);
}
