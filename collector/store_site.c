/*
 * store_site.c: what many calls have in common (kind, flags, address, text, caller, what was waited for) is stored once, and a call names it by number.
 *
 * The sites seen last are kept in a table of fixed size, each in the one place that its hash gives. What another has driven out
 * is stored again under a new number: equal rows do no harm, memory stays bounded, and a continued recording needs only the count.
 */
#include "collector/store.h"

#include <errno.h>
#include <stdlib.h>

#define SITE_PLACES 16384 /* a power of two */

struct store_site {
	uint32_t kind, flags, address_id, detail_id, caller_id, ready_events;
	uint32_t site_id; /* 0: nothing here */
};

int store_site_prepare(struct store *store)
{
	sqlite3_stmt *count;

	store->sites = calloc(SITE_PLACES, sizeof *store->sites);
	if (!store->sites)
		return -ENOMEM;
	if (sqlite3_prepare_v2(store->db, "SELECT max(site_id) FROM site", -1, &count, NULL) == SQLITE_OK && sqlite3_step(count) == SQLITE_ROW)
		store->site_count = sqlite3_column_int64(count, 0);
	sqlite3_finalize(count);
	return store_translate(sqlite3_prepare_v3(store->db, "INSERT INTO site (site_id, call_kind_id, flags, address_id, detail_id, caller_id, ready_events) "
		"VALUES (?,?,?,?,?,?,?)", -1, SQLITE_PREPARE_PERSISTENT, &store->site, NULL));
}

static void bind_unless_0(sqlite3_stmt *statement, int at, uint32_t value)
{
	if (value)
		sqlite3_bind_int64(statement, at, value);
	else
		sqlite3_bind_null(statement, at);
}

int store_site(struct store *store, struct fact_call *call)
{
	uint64_t hash = call->kind * 0x9e3779b97f4a7c15u;
	struct store_site *site;

	hash = (hash ^ call->flags) * 0x9e3779b97f4a7c15u;
	hash = (hash ^ hash >> 32 ^ call->address_id) * 0x9e3779b97f4a7c15u;
	hash = (hash ^ hash >> 32 ^ call->detail_id) * 0x9e3779b97f4a7c15u;
	hash = (hash ^ hash >> 32 ^ call->caller_id) * 0x9e3779b97f4a7c15u;
	hash = (hash ^ hash >> 32 ^ call->ready_events) * 0x9e3779b97f4a7c15u;
	site = &store->sites[hash >> 32 & (SITE_PLACES - 1)];
	if (site->site_id && site->kind == call->kind && site->flags == call->flags && site->address_id == call->address_id &&
	    site->detail_id == call->detail_id && site->caller_id == call->caller_id && site->ready_events == call->ready_events) {
		call->site_id = site->site_id;
		return 0;
	}
	if (store->site_count >= UINT32_MAX)
		return -EOVERFLOW;
	*site = (struct store_site){call->kind, call->flags, call->address_id, call->detail_id, call->caller_id, call->ready_events, (uint32_t)++store->site_count};
	call->site_id = site->site_id;
	sqlite3_bind_int64(store->site, 1, site->site_id);
	sqlite3_bind_int64(store->site, 2, site->kind);
	bind_unless_0(store->site, 3, site->flags);
	bind_unless_0(store->site, 4, site->address_id);
	bind_unless_0(store->site, 5, site->detail_id);
	bind_unless_0(store->site, 6, site->caller_id);
	bind_unless_0(store->site, 7, site->ready_events);
	return store_run(store, store->site);
}
