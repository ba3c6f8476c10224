/* store_rows.c: one prepared statement a table, and the loops that bind facts to them; calls have a file of their own. */
#include "collector/store.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>

#include "collector/address.h"
#include "collector/constant.h"

int store_prepare_rows(struct store *store);

static int prepare(struct store *store, sqlite3_stmt **statement, const char *sql)
{
	return store_translate(sqlite3_prepare_v3(store->db, sql, -1, SQLITE_PREPARE_PERSISTENT, statement, NULL));
}

int store_prepare_rows(struct store *store)
{
	int error;

	store->partner = partner_new();
	if (!store->partner)
		return -ENOMEM;
	if ((error = store_translate(store_bulk_prepare(store->db, &store->bulk))) ||
		(error = prepare(store, &store->call, "INSERT INTO call_row (socket_id, start_ns, sequence, thread_id, site_id, fd, "
			"duration_ns, result, rest_bytes, outcome) VALUES (?,?,?,?,?,?,?,?,?,?)")) ||
		(error = prepare(store, &store->last_start, "SELECT max(start_ns) FROM call_row WHERE socket_id = ?")) ||
		(error = store_site_prepare(store)) ||
		(error = prepare(store, &store->process, "INSERT OR REPLACE INTO process (process_id, pid, parent_id, previous_id, host_id, user_id, "
			"started_ns, start_cause, ended_ns, end_cause, exit_status, exit_signal, intercept, program, executable, command_line, "
			"working_directory, spool, exhausted_count, exhausted_ns, exhausted_socket_id, bad_descriptor_count, bad_descriptor_ns) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)")) ||
		(error = prepare(store, &store->thread, "INSERT OR REPLACE INTO thread (thread_id, process_id, tid, name) VALUES (?,?,?,?)")) ||
		(error = prepare(store, &store->address, "INSERT OR REPLACE INTO address (address_id, family, text, host, port, raw) VALUES (?,?,?,?,?,?)")) ||
		(error = prepare(store, &store->detail, "INSERT OR REPLACE INTO detail (detail_id, text) VALUES (?,?)")) ||
		(error = prepare(store, &store->caller, "INSERT OR REPLACE INTO caller (caller_id, module, build_id, offset) VALUES (?,?,?,?)")) ||
		(error = prepare(store, &store->option, "INSERT INTO option (socket_id, start_ns, is_set, level, number, name, value, raw) "
			"VALUES (?,?,?,?,?,?,?,?)")) ||
		(error = prepare(store, &store->name, "INSERT INTO name (process_id, start_ns, duration_ns, host, error, address_host) VALUES (?,?,?,?,?,?)")) ||
		(error = prepare(store, &store->payload, "INSERT OR REPLACE INTO payload (socket_id, start_ns, sequence, bytes) VALUES (?,?,?,?)")) ||
		(error = prepare(store, &store->passing, "INSERT INTO passing (socket_id, via_id, process_id, fd, at_ns) VALUES (?,?,?,?,?)")) ||
		(error = prepare(store, &store->outsider, "INSERT INTO outsider (socket_id, at_ns, state, pid, program) VALUES (?,?,?,?,?)")) ||
		(error = prepare(store, &store->missing, "INSERT INTO missing (process_id, reason, from_ns, to_ns, count, detail) VALUES (?,?,?,?,?,?)")) ||
		(error = prepare(store, &store->progress, "INSERT OR REPLACE INTO progress (spool, chunk, generation, stored) VALUES (?,?,?,?)")) ||
		(error = prepare(store, &store->progress_forget, "DELETE FROM progress WHERE spool = ?")) ||
		(error = prepare(store, &store->synthetic, "INSERT INTO recording_socket (spool, number, socket_id) VALUES (?,?,?)")) ||
		(error = prepare(store, &store->moments, "INSERT OR REPLACE INTO recording_process (process_id, last_ns, exiting_ns, exec_ns) VALUES (?,?,?,?)")))
		return error;
	return 0;
}

static void bind_number(sqlite3_stmt *statement, int at, int64_t value)
{
	if (value == FACT_NULL)
		sqlite3_bind_null(statement, at);
	else
		sqlite3_bind_int64(statement, at, value);
}

static void bind_word(sqlite3_stmt *statement, int at, const char *const *words, int64_t value)
{
	if (value == FACT_NULL)
		sqlite3_bind_null(statement, at);
	else
		sqlite3_bind_text(statement, at, words[value], -1, SQLITE_STATIC);
}

static void bind_text(sqlite3_stmt *statement, int at, const char *text)
{
	if (text && text[0])
		sqlite3_bind_text(statement, at, text, -1, SQLITE_STATIC);
	else
		sqlite3_bind_null(statement, at);
}

/* So that a later collector knows a socket without a cookie again. */
static int store_synthetic(struct store *store, struct socket *socket)
{
	if (!(socket->cell & CELL_SYNTHETIC) || socket->stored || !socket->spool_name)
		return 0;
	sqlite3_bind_text(store->synthetic, 1, socket->spool_name, -1, SQLITE_STATIC);
	sqlite3_bind_int64(store->synthetic, 2, (int64_t)(socket->cell & (CELL_COOKIE_MASK | CELL_SYNTHETIC)));
	sqlite3_bind_int64(store->synthetic, 3, socket->row.socket_id);
	return store_run(store, store->synthetic);
}

/* Is the last part of that path of `length` bytes the name of the executable? */
static bool ends_alike(const char *path, size_t length, const char *executable)
{
	const char *name = strrchr(executable, '/') ? strrchr(executable, '/') + 1 : executable;
	size_t name_length = strlen(name);

	return length >= name_length && !memcmp(path + length - name_length, name, name_length) && (length == name_length || path[length - name_length - 1] == '/');
}

/*
 * The name by which people know the program: what it was called as (redis-server, not the redis-check-rdb that its executable happens to be
 * linked to), without path, the dash of a login shell, or the colon of a process title; else its executable's. A title that the program has given itself
 * is its first argument as well, and may have a path in what follows its first word: "puma 5.6 (unix:///run/p.sock) [app]".
 */
static void name_program(const struct fact_process *row, char *name, size_t room)
{
	const char *word = row->command_line ? row->command_line : "";
	const char *end = *word == '\'' ? strchr(++word, '\'') : strchr(word, ' ');
	const char *executable = row->executable && row->executable[0] ? row->executable : "?";
	size_t length = end ? (size_t)(end - word) : strlen(word);
	const char *space = *word == '/' || *word == '.' ? NULL : memchr(word, ' ', length);

	if (space && !ends_alike(word, length, executable))
		length = (size_t)(space - word);
	for (size_t i = 0; i < length; i++) {
		if (word[i] == '/' && i + 1 < length) {
			word += i + 1;
			length -= i + 1;
			i = (size_t)-1;
		}
	}
	if (length && *word == '-') {
		word++;
		length--;
	}
	if (length && word[length - 1] == ':')
		length--;
	if (!length) {
		word = strrchr(executable, '/') && strrchr(executable, '/')[1] ? strrchr(executable, '/') + 1 : executable;
		length = strlen(word);
	}
	snprintf(name, room, "%.*s", (int)(length < room ? length : room - 1), word);
}

static int store_process(struct store *store, const struct fact_process *row)
{
	static const char *const intercepts[] = {"symbols", "libc"};
	sqlite3_stmt *statement = store->process;
	char program[256];

	name_program(row, program, sizeof program);
	sqlite3_bind_int64(statement, 1, row->process_id);
	sqlite3_bind_int64(statement, 2, row->pid);
	bind_number(statement, 3, row->parent_id);
	bind_number(statement, 4, row->previous_id);
	bind_number(statement, 5, row->host_id);
	bind_number(statement, 6, row->user_id);
	sqlite3_bind_int64(statement, 7, row->started_ns);
	bind_word(statement, 8, fact_start_words, row->start_cause);
	bind_number(statement, 9, row->ended_ns);
	bind_word(statement, 10, fact_end_words, row->end_cause);
	bind_number(statement, 11, row->exit_status);
	bind_number(statement, 12, row->exit_signal);
	bind_word(statement, 13, intercepts, row->intercept);
	sqlite3_bind_text(statement, 14, program, -1, SQLITE_TRANSIENT);
	bind_text(statement, 15, row->executable);
	bind_text(statement, 16, row->command_line);
	bind_text(statement, 17, row->working_directory);
	bind_text(statement, 18, row->spool);
	bind_number(statement, 19, row->exhausted_count);
	bind_number(statement, 20, row->exhausted_ns);
	bind_number(statement, 21, row->exhausted_socket_id);
	bind_number(statement, 22, row->bad_descriptor_count);
	bind_number(statement, 23, row->bad_descriptor_ns);
	return store_run(store, statement);
}

/* So that a later collector knows how, and when at the earliest, it ended. */
static int store_moments(struct store *store, const struct process *process)
{
	if (process->row.ended_ns != FACT_NULL)
		return 0;
	sqlite3_bind_int64(store->moments, 1, process->row.process_id);
	sqlite3_bind_int64(store->moments, 2, process->last_ns);
	bind_number(store->moments, 3, process->exiting_ns);
	bind_number(store->moments, 4, process->exec_ns);
	return store_run(store, store->moments);
}

static int store_thread(struct store *store, const struct fact_thread *row)
{
	sqlite3_bind_int64(store->thread, 1, row->thread_id);
	sqlite3_bind_int64(store->thread, 2, row->process_id);
	bind_number(store->thread, 3, row->tid);
	bind_text(store->thread, 4, row->name);
	return store_run(store, store->thread);
}

static int store_addresses(struct store *store, struct intern *addresses)
{
	struct address address;
	int error = 0;

	for (; addresses->stored < addresses->count && !error; addresses->stored++) {
		const struct intern_entry *entry = intern_get(addresses, addresses->stored + 1);

		if (!entry || address_read(&address, entry->bytes, entry->length))
			continue;
		sqlite3_bind_int64(store->address, 1, addresses->stored + 1);
		sqlite3_bind_int(store->address, 2, address.family);
		sqlite3_bind_text(store->address, 3, address.text, -1, SQLITE_STATIC);
		bind_text(store->address, 4, address.host);
		bind_number(store->address, 5, address.port < 0 ? FACT_NULL : address.port);
		sqlite3_bind_blob(store->address, 6, entry->bytes, (int)entry->length, SQLITE_STATIC);
		error = store_run(store, store->address);
		if (store->note_address && !error) {
			sqlite3_bind_blob(store->note_address, 1, entry->bytes, (int)entry->length, SQLITE_STATIC);
			sqlite3_bind_int64(store->note_address, 2, addresses->stored + 1);
			error = store_run(store, store->note_address);
		}
	}
	if (!error && intern_size(addresses) > STORE_ADDRESSES_KEPT)
		intern_forget(addresses, addresses->count);
	return error;
}

#define DETAILS_KEPT 65536

/* Most details are said once (the addresses of connections): beyond a number, those that are stored are forgotten, and may be stored again. */
static int store_details(struct store *store, struct intern *details)
{
	int error = 0;

	for (; details->stored < details->count && !error; details->stored++) {
		const struct intern_entry *entry = intern_get(details, details->stored + 1);

		if (!entry)
			continue;
		sqlite3_bind_int64(store->detail, 1, details->stored + 1);
		sqlite3_bind_text(store->detail, 2, (const char *)entry->bytes, (int)entry->length, SQLITE_STATIC);
		error = store_run(store, store->detail);
	}
	if (!error && details->count - details->forgotten > DETAILS_KEPT)
		intern_forget(details, details->count);
	return error;
}

static int store_callers(struct store *store, struct intern *callers)
{
	int error = 0;

	for (; callers && callers->stored < callers->count && !error; callers->stored++) {
		const struct intern_entry *entry = intern_get(callers, callers->stored + 1);
		const char *module, *build_id;
		int64_t offset;

		if (!entry || entry->length < 2 + STORE_CALLER_OFFSET_BYTES)
			continue;
		module = (const char *)entry->bytes;
		build_id = module + strlen(module) + 1;
		memcpy(&offset, entry->bytes + entry->length - STORE_CALLER_OFFSET_BYTES, sizeof offset);
		sqlite3_bind_int64(store->caller, 1, callers->stored + 1);
		bind_text(store->caller, 2, module);
		bind_text(store->caller, 3, build_id);
		sqlite3_bind_int64(store->caller, 4, offset);
		error = store_run(store, store->caller);
	}
	return error;
}

static int store_option(struct store *store, const struct fact_option *row)
{
	const char *name = constant_find_option((int)row->level, (int)row->number);
	sqlite3_stmt *statement = store->option;

	sqlite3_bind_int64(statement, 1, row->socket_id);
	sqlite3_bind_int64(statement, 2, row->start_ns);
	sqlite3_bind_int64(statement, 3, row->is_set);
	sqlite3_bind_int64(statement, 4, row->level);
	sqlite3_bind_int64(statement, 5, row->number);
	if (name)
		sqlite3_bind_text(statement, 6, name, -1, SQLITE_STATIC);
	else
		sqlite3_bind_int64(statement, 6, row->number);
	bind_number(statement, 7, row->value);
	if (row->raw_bytes == UINT32_MAX)
		sqlite3_bind_null(statement, 8);
	else
		sqlite3_bind_blob(statement, 8, row->raw, (int)row->raw_bytes, SQLITE_STATIC);
	return store_run(store, statement);
}

static int store_name(struct store *store, const struct fact_name *row)
{
	sqlite3_bind_int64(store->name, 1, row->process_id);
	sqlite3_bind_int64(store->name, 2, row->start_ns);
	bind_number(store->name, 3, row->duration_ns);
	sqlite3_bind_text(store->name, 4, row->host, -1, SQLITE_STATIC);
	sqlite3_bind_int64(store->name, 5, row->error);
	bind_text(store->name, 6, row->address_host);
	return store_run(store, store->name);
}

static int store_passing(struct store *store, const struct fact_passing *row)
{
	sqlite3_bind_int64(store->passing, 1, row->socket_id);
	bind_number(store->passing, 2, row->via_id);
	sqlite3_bind_int64(store->passing, 3, row->process_id);
	sqlite3_bind_int64(store->passing, 4, row->fd);
	sqlite3_bind_int64(store->passing, 5, row->at_ns);
	return store_run(store, store->passing);
}

static int store_outsider(struct store *store, const struct fact_outsider *row)
{
	sqlite3_bind_int64(store->outsider, 1, row->socket_id);
	sqlite3_bind_int64(store->outsider, 2, row->at_ns);
	bind_text(store->outsider, 3, row->state);
	bind_number(store->outsider, 4, row->pid);
	bind_text(store->outsider, 5, row->program[0] ? row->program : NULL);
	return store_run(store, store->outsider);
}

static int store_missing(struct store *store, const struct fact_missing *row)
{
	bind_number(store->missing, 1, row->process_id);
	sqlite3_bind_text(store->missing, 2, row->reason, -1, SQLITE_STATIC);
	bind_number(store->missing, 3, row->from_ns);
	bind_number(store->missing, 4, row->to_ns);
	bind_number(store->missing, 5, row->count);
	bind_text(store->missing, 6, row->detail);
	return store_run(store, store->missing);
}

static int store_lists(struct store *store, const struct facts *facts)
{
	int error = 0;

	for (size_t i = 0; i < facts->threads.count && !error; i++)
		error = store_thread(store, &facts->threads.rows[i]);
	for (size_t i = 0; i < facts->options.count && !error; i++)
		error = store_option(store, &facts->options.rows[i]);
	for (size_t i = 0; i < facts->names.count && !error; i++)
		error = store_name(store, &facts->names.rows[i]);
	for (size_t i = 0; i < facts->passings.count && !error; i++)
		error = store_passing(store, &facts->passings.rows[i]);
	for (size_t i = 0; i < facts->outsiders.count && !error; i++)
		error = store_outsider(store, &facts->outsiders.rows[i]);
	for (size_t i = 0; i < facts->missing.count && !error; i++)
		error = store_missing(store, &facts->missing.rows[i]);
	return error;
}

static int store_changed(struct store *store, struct identity *identity)
{
	struct process **processes;
	struct socket **sockets;
	struct span **spans;
	size_t count;
	int error = 0;

	count = identity_changed_processes(identity, &processes);
	for (size_t i = 0; i < count && !error; i++) {
		error = store_process(store, &processes[i]->row);
		if (!error)
			error = store_moments(store, processes[i]);
	}
	count = identity_changed_sockets(identity, &sockets);
	for (size_t i = 0; i < count && !error; i++) {
		struct fact_socket *row = &sockets[i]->row;

		if (row->opened_ns == FACT_NULL) /* known by a mention only */
			row->opened_ns = row->connected_ns != FACT_NULL ? row->connected_ns : row->first_activity_ns != FACT_NULL ?
				row->first_activity_ns : 0;
		error = store_synthetic(store, sockets[i]);
		sockets[i]->stored = 1;
	}
	if (store->last_host_id <= 1)
		partner_find(store->partner, sockets, count);
	if (!error)
		error = store_translate(store_bulk_insert(&store->bulk.sockets, sockets, count));
	count = identity_changed_spans(identity, &spans);
	if (!error)
		error = store_translate(store_bulk_insert(&store->bulk.spans, spans, count));
	return error;
}

int store_facts(struct store *store, struct identity *identity, struct intern *callers)
{
	struct facts *facts = identity_facts(identity);
	int error;

	if ((error = store_changed(store, identity)) ||
		(error = store_addresses(store, identity_addresses(identity))) ||
		(error = store_details(store, identity_details(identity))) ||
		(error = store_callers(store, callers)) ||
		(error = store_lists(store, facts)) ||
		(error = store_ready(store, facts)) ||
		(error = store_calls(store, facts)))
		return error;
	return 0;
}

int store_progress(struct store *store, const char *spool, uint32_t chunk, uint32_t generation, const uint64_t stored[2])
{
	sqlite3_bind_text(store->progress, 1, spool, -1, SQLITE_STATIC);
	sqlite3_bind_int64(store->progress, 2, chunk);
	sqlite3_bind_int64(store->progress, 3, generation);
	sqlite3_bind_blob(store->progress, 4, stored, 16, SQLITE_STATIC);
	return store_run(store, store->progress);
}

int store_progress_forget(struct store *store, const char *spool)
{
	sqlite3_bind_text(store->progress_forget, 1, spool, -1, SQLITE_STATIC);
	return store_run(store, store->progress_forget);
}
