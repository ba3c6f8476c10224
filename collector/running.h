/*
 * running.h: calls in progress. A call that has not returned for a while is a row of table `running`, so that a program that hangs is seen to hang
 * while it does; once the call returns, or its process ends, the row gives way to the call's own.
 */
#ifndef COLLECTOR_RUNNING_H
#define COLLECTOR_RUNNING_H

#include "collector/feed.h"
#include "collector/store.h"

struct running_call {
	struct thread *thread;
	struct socket *socket; /* valid during a look only */
	uint64_t cell;
	int64_t start_ns, requested_bytes;
	int32_t fd;
	uint32_t flags, caller_id;
	uint16_t kind;
};

struct running {
	struct running_call *calls, *before; /* now, and at the look before */
	size_t count, before_count, room, before_room;
	int changed;             /* since it was last stored */
	int64_t last_look_ns, look_took_ns, last_store_ns;
};

/* What a look needs of the collector. */
struct running_source {
	struct identity *identity;
	struct feed **feeds;
	size_t feed_count;
	struct record_ref *refs; /* room for them */
	size_t ref_room;
	struct thread *(*owner)(void *context, struct feed *feed, uint32_t chunk);
	uint32_t (*caller)(void *context, struct process *process, uint64_t address);
	void *context;
};

/*
 * Looks at all spools, when it is time: now_ns on the trace's clock. Returns 1 when there is something to store, 0, or a negative errno.
 * The sockets concerned are told which of their calls has not returned (symptom.unreturned_start_ns), or that it has.
 */
int running_look(struct running *running, const struct running_source *source, int64_t now_ns);

/* Writes the table. Within a transaction. */
int running_store(struct running *running, struct store *store, int64_t now_ns);

/* A new collector takes over: what an earlier one saw running may have returned since. Within a transaction. */
int running_forget(sqlite3 *db);

void running_free(struct running *running);

#endif
