/*
 * store_resume.c: reads a database back into the state machine, so that recording goes on where an earlier collector left
 * it. What a database holds may be foreign: numbers are checked before they become places in arrays.
 */
#include "collector/store.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define NAME_OF(name, ...) #name ","

static int64_t number(sqlite3_stmt *statement, int at)
{
	return sqlite3_column_type(statement, at) == SQLITE_NULL ? FACT_NULL : sqlite3_column_int64(statement, at);
}

static int64_t word(sqlite3_stmt *statement, int at, const char *const *words)
{
	const char *text = (const char *)sqlite3_column_text(statement, at);

	for (int64_t i = 0; text && words[i]; i++)
		if (strcmp(words[i], text) == 0)
			return i;
	return FACT_NULL;
}

static const char *text(sqlite3_stmt *statement, int at)
{
	return (const char *)sqlite3_column_text(statement, at);
}

static int each(struct store *store, const char *sql, void *context, int (*row)(void *context, sqlite3_stmt *statement))
{
	sqlite3_stmt *statement;
	int code = sqlite3_prepare_v2(store->db, sql, -1, &statement, NULL), error = 0;

	if (code != SQLITE_OK)
		return store_translate(code);
	while (!error && (code = sqlite3_step(statement)) == SQLITE_ROW)
		error = row(context, statement);
	sqlite3_finalize(statement);
	return error ? error : store_translate(code);
}

static int process_row(void *identity, sqlite3_stmt *statement)
{
	struct fact_process row = {
		.process_id = number(statement, 0), .pid = number(statement, 1), .parent_id = number(statement, 2),
		.previous_id = number(statement, 3), .host_id = number(statement, 4), .user_id = number(statement, 5),
		.started_ns = number(statement, 6), .start_cause = word(statement, 7, fact_start_words),
		.ended_ns = number(statement, 8), .end_cause = word(statement, 9, fact_end_words),
		.exit_status = number(statement, 10), .exit_signal = number(statement, 11),
		.intercept = word(statement, 12, (const char *const[]){"symbols", "libc", NULL}), .executable = text(statement, 13),
		.command_line = text(statement, 14), .working_directory = text(statement, 15), .spool = text(statement, 16),
		.exhausted_count = number(statement, 17), .exhausted_ns = number(statement, 18), .exhausted_socket_id = number(statement, 19), .bad_descriptor_count = number(statement, 20), .bad_descriptor_ns = number(statement, 21),
	};

	if (row.process_id <= 0 || row.pid <= 0 || row.start_cause == FACT_NULL || (row.ended_ns != FACT_NULL && row.end_cause == FACT_NULL))
		return -EEXIST;
	return identity_restore_process(identity, &row) ? 0 : -ENOMEM;
}

static int moments_row(void *identity, sqlite3_stmt *statement)
{
	identity_restore_moments(identity, number(statement, 0), number(statement, 1), number(statement, 2), number(statement, 3));
	return 0;
}

static int thread_row(void *identity, sqlite3_stmt *statement)
{
	struct fact_thread row = {.thread_id = number(statement, 0), .process_id = number(statement, 1), .tid = number(statement, 2)};
	const char *name = (const char *)sqlite3_column_text(statement, 3);

	if (name)
		strncpy(row.name, name, sizeof row.name - 1);
	if (row.thread_id <= 0)
		return -EEXIST;
	return identity_restore_thread(identity, &row);
}

static const char socket_sql[] = "SELECT "
#define SYMPTOM_COLUMN(name, initial) "s." #name ","
#define SOCKET_NAME(name, ...) "s." #name ","
	FACT_SOCKET(SOCKET_NAME, SOCKET_NAME) SYMPTOM_COLUMNS(SYMPTOM_COLUMN)
#undef SYMPTOM_COLUMN
	" r.number, r.spool FROM socket s LEFT JOIN recording_socket r ON r.socket_id = s.socket_id";

static struct socket *restore_socket(struct identity *identity, sqlite3_stmt *statement)
{
	struct fact_socket row;
	struct symptom symptom;
	struct socket *socket;
	uint64_t cell;
	int at = -1;

	symptom_init(&symptom);
#define READ_INTEGER(name) row.name = number(statement, ++at);
#define READ_WORD(name, words) row.name = word(statement, ++at, words);
#define SYMPTOM_COLUMN(name, initial) symptom.name = number(statement, ++at);
	FACT_SOCKET(READ_INTEGER, READ_WORD)
	SYMPTOM_COLUMNS(SYMPTOM_COLUMN)
#undef SYMPTOM_COLUMN
	symptom_restore(&symptom, row.longest_ns);
	if (row.socket_id <= 0 || row.origin == FACT_NULL || row.how_ended == FACT_NULL)
		return NULL;
	cell = row.cookie != FACT_NULL ? (uint64_t)row.cookie & CELL_COOKIE_MASK : 0;
	if (!cell && sqlite3_column_type(statement, at + 1) != SQLITE_NULL)
		cell = (uint64_t)sqlite3_column_int64(statement, at + 1) & (CELL_COOKIE_MASK | CELL_SYNTHETIC);
	socket = identity_restore_socket(identity, &row, cell, (const char *)sqlite3_column_text(statement, at + 2));
	if (socket)
		socket->symptom = symptom;
	return socket;
}

static int socket_row(void *identity, sqlite3_stmt *statement)
{
	return restore_socket(identity, statement) ? 0 : -EEXIST;
}

struct socket *store_load_socket(struct store *store, struct identity *identity, int64_t socket_id)
{
	char sql[sizeof socket_sql + 32];
	struct socket *socket = NULL;

	strcpy(sql, socket_sql);
	strcat(sql, " WHERE s.socket_id = ?");
	if (!store->load && sqlite3_prepare_v2(store->db, sql, -1, &store->load, NULL) != SQLITE_OK)
		return NULL;
	sqlite3_bind_int64(store->load, 1, socket_id);
	if (sqlite3_step(store->load) == SQLITE_ROW)
		socket = restore_socket(identity, store->load);
	sqlite3_reset(store->load);
	return socket;
}

int64_t store_find_cookie(struct store *store, int64_t cookie)
{
	int64_t socket_id = 0;

	if (!store->by_cookie) {
		sqlite3_exec(store->db, "CREATE INDEX IF NOT EXISTS " STORE_COOKIE_INDEX " ON socket (cookie) WHERE cookie IS NOT NULL", NULL, NULL, NULL);
		/* Of two boots' sockets with the same cookie, the later. */
		if (sqlite3_prepare_v2(store->db, "SELECT max(socket_id) FROM socket WHERE cookie = ?", -1, &store->by_cookie, NULL) != SQLITE_OK)
			return 0;
	}
	sqlite3_bind_int64(store->by_cookie, 1, cookie);
	if (sqlite3_step(store->by_cookie) == SQLITE_ROW)
		socket_id = sqlite3_column_int64(store->by_cookie, 0);
	sqlite3_reset(store->by_cookie);
	return socket_id;
}

uint32_t store_find_address(struct store *store, const void *bytes, size_t length)
{
	int64_t address_id = 0;

	/* Not an index of the table itself, which would leave its pages behind in the file. */
	if (!store->by_address && (sqlite3_exec(store->db, "CREATE TEMP TABLE IF NOT EXISTS known_address (raw BLOB PRIMARY KEY, address_id INTEGER) WITHOUT ROWID; "
		"INSERT OR IGNORE INTO temp.known_address SELECT raw, min(address_id) FROM address GROUP BY raw", NULL, NULL, NULL) != SQLITE_OK ||
		sqlite3_prepare_v2(store->db, "INSERT OR IGNORE INTO temp.known_address VALUES (?,?)", -1, &store->note_address, NULL) != SQLITE_OK ||
		sqlite3_prepare_v2(store->db, "SELECT address_id FROM temp.known_address WHERE raw = ?", -1, &store->by_address, NULL) != SQLITE_OK))
		return 0;
	sqlite3_bind_blob(store->by_address, 1, bytes, (int)length, SQLITE_STATIC);
	if (sqlite3_step(store->by_address) == SQLITE_ROW)
		address_id = sqlite3_column_int64(store->by_address, 0);
	sqlite3_reset(store->by_address);
	return address_id > 0 && address_id <= INT32_MAX ? (uint32_t)address_id : 0;
}

static int span_row(void *identity, sqlite3_stmt *statement)
{
	struct fact_span row;
	int at = -1, error;

	FACT_SPAN(READ_INTEGER, READ_WORD)
	if (row.opened_by == FACT_NULL || (row.closed_by == FACT_NULL) != (row.closed_ns == FACT_NULL))
		return 0;
	error = identity_restore_span(identity, &row);
	return error == -ENOENT ? 0 : error;
}

static int entry_row(void *intern, sqlite3_stmt *statement)
{
	return intern_restore(intern, sqlite3_column_int64(statement, 0), sqlite3_column_blob(statement, 1),
		(size_t)sqlite3_column_bytes(statement, 1));
}

static int caller_row(void *intern, sqlite3_stmt *statement)
{
	unsigned char packed[8192];
	const char *module = (const char *)sqlite3_column_text(statement, 1), *build_id = (const char *)sqlite3_column_text(statement, 2);
	int64_t offset = sqlite3_column_int64(statement, 3);
	size_t module_length = module ? strlen(module) + 1 : 1, build_length = build_id ? strlen(build_id) + 1 : 1;

	if (module_length + build_length + sizeof offset > sizeof packed)
		return 0;
	memcpy(packed, module ? module : "", module_length);
	memcpy(packed + module_length, build_id ? build_id : "", build_length);
	memcpy(packed + module_length + build_length, &offset, sizeof offset);
	return intern_restore(intern, sqlite3_column_int64(statement, 0), packed, module_length + build_length + sizeof offset);
}

static int last_span_row(void *identity, sqlite3_stmt *statement)
{
	identity_restore_counters(identity, sqlite3_column_int64(statement, 0));
	return 0;
}

static int last_number_row(void *context, sqlite3_stmt *statement)
{
	int64_t number = sqlite3_column_int64(statement, 0);

	if (number < 0 || number > INT32_MAX)
		return -EINVAL;
	intern_forget(context, (uint32_t)number);
	return 0;
}

#define TEXT_OF_WORD(word) #word
#define TEXT_OF(macro) TEXT_OF_WORD(macro)

int store_resume(struct store *store, struct identity *identity, struct intern *callers)
{
	char spans[512] = "SELECT " FACT_SPAN(NAME_OF, NAME_OF);
	int error;

	/* Those that are open, and the ends of others that held the same sockets. */
	strcpy(spans + strlen(spans) - 1, " FROM span WHERE socket_id IN (SELECT socket_id FROM span WHERE closed_ns IS NULL)");
	if ((error = each(store, "SELECT process_id, pid, parent_id, previous_id, host_id, user_id, started_ns, start_cause, ended_ns, end_cause, "
		"exit_status, exit_signal, intercept, executable, command_line, working_directory, spool, exhausted_count, exhausted_ns, exhausted_socket_id, bad_descriptor_count, bad_descriptor_ns FROM process ORDER BY process_id",
		identity, process_row)) ||
		(error = each(store, "SELECT process_id, last_ns, exiting_ns, exec_ns FROM recording_process", identity, moments_row)) ||
		(error = each(store, "SELECT thread_id, process_id, tid, name FROM thread", identity, thread_row)) ||
		(error = each(store, socket_sql, identity, socket_row)) ||
		(error = each(store, spans, identity, span_row)) ||
		(error = each(store, "SELECT coalesce(max(span_id), 0) FROM span", identity, last_span_row)) ||
		(error = each(store, "SELECT max(address_id) FROM address WHERE (SELECT count(*) FROM address) > " TEXT_OF(STORE_ADDRESSES_KEPT), identity_addresses(identity), last_number_row)) ||
		(error = each(store, "SELECT address_id, raw FROM address WHERE (SELECT count(*) FROM address) <= " TEXT_OF(STORE_ADDRESSES_KEPT),
			identity_addresses(identity), entry_row)) ||
		(error = each(store, "SELECT coalesce(max(detail_id), 0) FROM detail", identity_details(identity), last_number_row)) ||
		(error = each(store, "SELECT caller_id, module, build_id, offset FROM caller", callers, caller_row)))
		return error;
	return 0;
}

int store_each_progress(struct store *store, const char *spool, void *context,
	void (*row)(void *context, uint32_t chunk, uint32_t generation, const uint64_t stored[2]))
{
	sqlite3_stmt *statement;
	int code = sqlite3_prepare_v2(store->db, "SELECT chunk, generation, stored FROM progress WHERE spool = ?", -1, &statement, NULL);

	if (code != SQLITE_OK)
		return store_translate(code);
	sqlite3_bind_text(statement, 1, spool, -1, SQLITE_STATIC);
	while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
		uint64_t stored[2];
		int64_t chunk = sqlite3_column_int64(statement, 0);

		if (sqlite3_column_bytes(statement, 2) != sizeof stored || chunk < 0 || chunk > UINT32_MAX)
			continue;
		memcpy(stored, sqlite3_column_blob(statement, 2), sizeof stored);
		row(context, (uint32_t)chunk, (uint32_t)sqlite3_column_int64(statement, 1), stored);
	}
	sqlite3_finalize(statement);
	return store_translate(code);
}
