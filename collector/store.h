/*
 * store.h: writes facts into the SQLite database of a trace, one transaction a batch, and reads them back when recording
 * goes on where an earlier collector left it.
 *
 *   store_open → (store_begin → store_facts, store_progress, … → store_commit)* → store_finish → store_close
 *
 * While recording the database is in WAL mode with synchronous=OFF: what is committed survives the death of this process at any
 * moment; against a power failure nothing helps, since the spools are in the same page cache. store_finish makes one plain file
 * of it. Functions return 0 or a negative errno (-EIO: store_error says what SQLite said).
 */
#ifndef COLLECTOR_STORE_H
#define COLLECTOR_STORE_H

#include <sqlite3.h>

#include "collector/identity.h"
#include "collector/map.h"
#include "collector/partner.h"
#include "collector/store_bulk.h"

#define STORE_COOKIE_INDEX "recording_cookie"
#define STORE_ADDRESSES_KEPT 262144 /* in memory: 20 MB */

struct store {
	sqlite3 *db;
	struct sqlite3_stmt *call, *site, *process, *thread, *address, *detail, *caller, *option, *name, *payload,
		*passing, *outsider, *missing, *progress, *progress_forget, *synthetic, *moments, *meta, *load;
	void **order, **order_spare; /* pointers to a batch's rows in the order of their table */
	size_t order_room;
	int64_t start_monotonic_ns, start_unix_ns; /* the trace's start on two clocks */
	struct store_bulk bulk;
	struct map last_starts;  /* socket_id + 1 → the latest start of its stored calls, as store_calls.c keeps it: one that starts later meets no equal key */
	int64_t largest_kept_id, asked_up_to_id; /* for sockets up to the latter, what is not in the map is in the database */
	sqlite3_stmt *last_start, *by_cookie, *by_address, *note_address;
	struct store_site *sites; /* see store_site.c */
	int64_t site_count;
	struct partner *partner;
	int64_t last_host_id; /* above 1: there are several network namespaces */
	int existed;   /* 1: the database was there before */
	int keep_data_calls;
};

/* What a new database is made with. */
struct store_origin {
	int64_t start_monotonic_ns, start_unix_ns;
	const char *command_line; /* NULL: not known */
	int keep_data_calls;      /* 0: --detail=sockets */
};

/*
 * Opens the database at path, or makes it (mode 0600). -EEXIST: a foreign file; -EPROTO: of a newer version; -EBUSY: another
 * process writes to it.
 */
int store_open(struct store **store, const char *path, const struct store_origin *origin);
void store_close(struct store *store);

/* 1: the file at path is a trace of any version, or empty; 0: something else, and not to be replaced; -errno: that cannot be told. */
int store_is_trace(const char *path);
const char *store_error(const struct store *store);

int store_begin(struct store *store);
int store_commit(struct store *store);

/* Writes all that changed in the machine, and the new entries of its tables and of `callers`. Within a transaction. */
int store_facts(struct store *store, struct identity *identity, struct intern *callers);
int store_progress(struct store *store, const char *spool, uint32_t chunk, uint32_t generation, const uint64_t stored[2]);
int store_progress_forget(struct store *store, const char *spool);
int store_meta(struct store *store, const char *key, const char *value);
int store_meta_number(struct store *store, const char *key, int64_t value);

/* The host row of that network namespace (0: not known) on this machine; made when missing. 0: could not. */
int64_t store_host(struct store *store, uint64_t network_namespace);

/* Fills the machine and `callers` with what the database holds. */
int store_resume(struct store *store, struct identity *identity, struct intern *callers);
/* Restores one socket into the machine; NULL: not there, or no memory. */
struct socket *store_load_socket(struct store *store, struct identity *identity, int64_t socket_id);
/* The socket_id of that cookie; 0: none is stored. Makes an index at its first call, which store_finish takes away. */
int64_t store_find_cookie(struct store *store, int64_t cookie);
/* The address_id of a sockaddr; 0: none is stored. Makes a temporary table of them at its first call. */
uint32_t store_find_address(struct store *store, const void *bytes, size_t length);
/* Calls `row` for each row of `progress` of that spool. */
int store_each_progress(struct store *store, const char *spool, void *context,
	void (*row)(void *context, uint32_t chunk, uint32_t generation, const uint64_t stored[2]));

/* The last transaction: pairs, end_ns, state 'complete', counts; then one plain file without -wal and -shm. */
int store_finish(struct store *store, int64_t end_ns);

/* Shared by the store's files. */
int store_calls(struct store *store, struct facts *facts);
int store_ready(struct store *store, struct facts *facts);
/* Gives the call its site_id, and stores the site when it is new. */
int store_site(struct store *store, struct fact_call *call);
int store_site_prepare(struct store *store);
int store_translate(int code);
int store_run(struct store *store, sqlite3_stmt *statement);

/* callers are interned as module NUL build id NUL offset (8 bytes) */
#define STORE_CALLER_OFFSET_BYTES 8

#endif
