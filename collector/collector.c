/*
 * collector.c: see collector.h. One step of the loop over the spools (find new ones, read what is done, notice ends, store and commit, give
 * chunks back), and how it begins and ends.
 *
 * Invariants: a spool is removed, and a chunk given back, only after the records in it are committed; what was consumed is
 * in table `progress` of the same transaction. So this process may die at any moment, and a successor loses nothing and
 * stores nothing twice.
 */
#include "collector/collector_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "collector/clock.h"
#include "collector/memory.h"
#include "collector/outsider.h"

#define BATCH_RECORDS 65536
#define BATCH_RECORDS_SHORT 8192    /* where memory is short, and where others need the processors: nobody is to wait for us long at once */
#define COMMIT_INTERVAL_NS 200000000
#define COMMIT_RECORDS 16384          /* commits as soon as there are so many: chunks that return early are still in the writers' caches */
#define COMMIT_RECORDS_BEHIND 262144  /* but not where more waits than a turn reads: the longer a socket's rows run on, the less a row costs */
#define PATIENCE_MEMORY_SHARE 32   /* of the machine's memory may wait in spools, at most one part in so many; and of a spool's limit an eighth */
#define PATIENCE_SHORT_BYTES (UINT64_C(2) << 20)
#define PATIENCE_SPOOLS 64         /* new ones: each is a file and a mapping, however little it has */
#define LOOK_SHARE 20              /* and at most this fraction of the time, however many there are */
#define HOLDER_AGE_NS INT64_C(2000000000) /* a bind that failed longer ago is not asked about */
#define HOLDERS_MAX 20             /* nor are more: each reads all of /proc */

int64_t collector_trace_now_ns(const struct collector *collector)
{
	return clock_monotonic_ns() - collector->store->start_monotonic_ns;
}

/* --- what the state machine asks for --- */

uint32_t collector_find_caller(void *context, struct process *process, uint64_t address)
{
	struct collector *collector = context;
	struct feed *feed = process->spool ? process->spool->owner : NULL;

	if (!feed)
		return 0;
	return callers_find(&collector->callers, &feed->callers, (int)process->row.pid, address);
}

/* Soon after, or not at all: who has the port an hour later says nothing. */
static int find_holder(void *context, struct outsider *outsider, const struct process *process, const unsigned char *address, size_t length, int stream, int64_t at_ns)
{
	struct collector *collector = context;

	if (collector_trace_now_ns(collector) - at_ns > HOLDER_AGE_NS || collector->holders_asked >= HOLDERS_MAX)
		return -ESTALE;
	collector->holders_asked++;
	return outsider_find(outsider, (int)process->row.pid, address, length, stream);
}

static struct socket *load_socket(void *context, int64_t socket_id)
{
	struct collector *collector = context;

	return store_load_socket(collector->store, collector->identity, socket_id);
}

static int64_t find_cookie(void *context, int64_t cookie)
{
	struct collector *collector = context;

	return store_find_cookie(collector->store, cookie);
}

static uint32_t find_address(void *context, const void *bytes, size_t length)
{
	struct collector *collector = context;

	return store_find_address(collector->store, bytes, length);
}

/* --- storing --- */

static int store_all_progress(struct collector *collector, struct feed *feed)
{
	int error = 0;

	for (uint32_t i = 0; i < feed->reader.chunk_used && !error; i++) {
		struct spool_chunk *chunk = &feed->reader.chunks[i];

		if (chunk->changed)
			error = store_progress(collector->store, feed->reader.name, i, chunk->generation, chunk->consumed);
		chunk->changed = 0;
	}
	return error;
}

static void remove_finished(struct collector *collector)
{
	size_t kept = 0;

	for (size_t i = 0; i < collector->feed_count; i++) {
		struct feed *feed = collector->feeds[i];

		if (!feed->finished) {
			collector->feeds[kept++] = feed;
			continue;
		}
		directory_drop(collector, feed);
		backlog_forget(&collector->backlog);
	}
	collector->feed_count = kept;
}

/* They are looked up again. */
static void forget_owners(struct collector *collector)
{
	for (size_t i = 0; i < collector->feed_count; i++)
		for (uint32_t j = 0; j < collector->feeds[i]->reader.chunk_used; j++)
			collector->feeds[i]->reader.chunks[j].thread = NULL;
}

static int commit(struct collector *collector, int64_t now_ns)
{
	int error;

	identity_link_images(collector->identity, collector->behind);
	error = store_begin(collector->store);
	for (size_t i = 0; i < collector->feed_count && !error; i++)
		error = store_all_progress(collector, collector->feeds[i]);
	if (!error)
		error = running_store(&collector->running, collector->store, collector_trace_now_ns(collector));
	if (!error)
		error = store_facts(collector->store, collector->identity, &collector->callers.places);
	if (!error)
		error = store_meta_number(collector->store, "end_ns", collector_trace_now_ns(collector));
	if (!error)
		error = store_commit(collector->store);
	if (error)
		return error;
	if (identity_changes_clear(collector->identity))
		forget_owners(collector);
	remove_finished(collector);
	for (size_t i = 0; i < collector->feed_count; i++)
		spool_reader_return_chunks(&collector->feeds[i]->reader, now_ns);
	collector->uncommitted = 0;
	collector->last_commit_ns = now_ns;
	return 0;
}

/* How much of a spool may wait, or be made ahead: little where it would cost somebody memory. */
static uint64_t patience_bytes(const struct collector *collector)
{
	uint64_t memory = (uint64_t)sysconf(_SC_PHYS_PAGES) * (uint64_t)sysconf(_SC_PAGESIZE);

	return (memory_is_short() ? PATIENCE_SHORT_BYTES : memory / PATIENCE_MEMORY_SHARE) / (collector->feed_count ? collector->feed_count : 1);
}

/* Others need all processors, and nothing is lost by waiting. */
static int may_wait(struct collector *collector, uint64_t patience, int64_t now_ns)
{
	if (!collector->yields || collector->ending || now_ns < collector->busy_until_ns || !contention_waits(&collector->contention, INT64_MIN))
		return 0;
	if (collector_new_count(collector) > PATIENCE_SPOOLS)
		return 0;
	for (size_t i = 0; i < collector->feed_count; i++)
		if (!collector->feeds[i]->finished && !spool_reader_has_room(&collector->feeds[i]->reader, patience))
			return 0;
	if (now_ns - collector->last_peek_ns <= LOOK_INTERVAL_NS)
		return 1;
	collector->last_peek_ns = now_ns;
	collector->ending = feeds_any_ended(collector);
	return !collector->ending;
}

static int look_at_ends(struct collector *collector, int64_t now_ns)
{
	size_t before = collector->feed_count;
	int error = 0;

	if (now_ns - collector->last_look_ns > LOOK_INTERVAL_NS + collector->look_took_ns * LOOK_SHARE || now_ns < collector->busy_until_ns || collector->ending) {
		error = feeds_look_at_ends(collector, now_ns);
		collector->last_look_ns = clock_monotonic_ns();
		/* What it took to find out that they live: to take leave of one that ended is no vain look. */
		collector->look_took_ns = before ? (collector->last_look_ns - now_ns) / (int64_t)before * (int64_t)collector->living_count : 0;
		collector->ending = 0;
	}
	return error ? error : feeds_look_at_running(collector);
}

/* Chunks come back only with a commit: may the next one come later, with no spool running full meanwhile? */
static int may_gather(const struct collector *collector)
{
	if (!collector->behind || collector->uncommitted >= COMMIT_RECORDS_BEHIND)
		return 0;
	for (size_t i = 0; i < collector->feed_count; i++)
		if (!collector->feeds[i]->finished && !spool_reader_has_fresh(&collector->feeds[i]->reader, 2 * COMMIT_RECORDS_BEHIND / SPOOL_CHUNK_SLOTS))
			return 0;
	return 1;
}

/* What is read is committed before the collector waits for its next turn: whoever looks meanwhile sees it. */
static int is_commit_due(const struct collector *collector, long count, int64_t now_ns)
{
	if (collector->turn_records == BATCH_RECORDS && may_gather(collector))
		return 0;
	return collector->uncommitted && (collector->uncommitted >= COMMIT_RECORDS || !count || now_ns - collector->last_commit_ns > COMMIT_INTERVAL_NS ||
		(collector->yields && contention_waits(&collector->contention, INT64_MIN)));
}

static long work(struct collector *collector, int64_t now_ns)
{
	long count = feeds_read(collector);
	int error = count < 0 || collector->behind ? 0 : look_at_ends(collector, now_ns);

	if (!error && count >= 0 && is_commit_due(collector, count, now_ns))
		error = commit(collector, now_ns);
	return error ? error : count;
}

long collector_step(struct collector *collector)
{
	int64_t now_ns = clock_monotonic_ns();
	uint64_t patience;
	long count, added;

	if (collector->failed)
		return collector->failed;
	contention_look(&collector->contention, now_ns);
	added = count = directory_scan(collector, now_ns);
	patience = patience_bytes(collector);
	for (size_t i = 0; i < collector->feed_count && count >= 0; i++) {
		int error = collector->feeds[i]->finished ? 0 : spool_reader_extend(&collector->feeds[i]->reader, patience);

		count = error ? error : count;
	}
	collector->turn_records = collector->batch_records;
	if (count >= 0 && may_wait(collector, patience, now_ns)) {
		if (contention_waits(&collector->contention, now_ns) && !collector->uncommitted)
			return 0;
		collector->turn_records = BATCH_RECORDS_SHORT;
	}
	contention_begin(&collector->contention, clock_ns(CLOCK_PROCESS_CPUTIME_ID));
	if (count >= 0)
		count = work(collector, now_ns);
	contention_end(&collector->contention, clock_ns(CLOCK_PROCESS_CPUTIME_ID), now_ns);
	if (count < 0)
		collector->failed = (int)count;
	return count ? count : added > 0 && collector->spools_left;
}

int collector_is_behind(const struct collector *collector)
{
	return collector->behind || collector->spools_left;
}

void collector_missing(struct collector *collector, const char *reason, const char *detail)
{
	identity_missing(collector->identity, NULL, reason, FACT_NULL, FACT_NULL, 1, detail, strlen(detail));
	collector->uncommitted++;
}

void collector_hurry(struct collector *collector)
{
	collector->busy_until_ns = clock_monotonic_ns() + 100000000;
}

/* --- opening and closing --- */

void collector_free(struct collector *collector)
{
	for (size_t i = 0; i < collector->feed_count; i++) {
		for (struct process *process = collector->feeds[i]->view.living; process; process = process->next_living)
			watch_forget(process);
		feed_close(collector->feeds[i]);
	}
	store_close(collector->store);
	identity_free(collector->identity);
	callers_free(&collector->callers);
	running_free(&collector->running);
	map_free(&collector->skipped);
	map_free(&collector->feeds_by_name);
	free(collector->feeds);
	free(collector->refs);
	free(collector->order);
	free(collector->order_spare);
	free(collector->backlog.chunks);
	contention_close(&collector->contention);
	if (collector->lock_fd >= 0)
		close(collector->lock_fd);
	if (collector->directory_fd >= 0)
		close(collector->directory_fd);
	free(collector);
}

const char *collector_reason_of(int error)
{
	return error == -EEXIST ? "it is not a socklife database, or it is damaged" :
		error == -EPROTO ? "it was made by another version of socklife" : strerror(-error);
}

int collector_open_store(struct collector *collector, const struct collector_options *options, char *message)
{
	struct store_origin origin = {.start_monotonic_ns = collector->prepared_ns, .command_line = options->command_line,
		.keep_data_calls = options->keep_data_calls};
	struct identity_config config = {.caller = collector_find_caller, .load_socket = load_socket, .find_cookie = find_cookie, .find_address = find_address, .find_holder = find_holder, .context = collector};
	int error;

	directory_earliest_start(collector->directory_fd, &origin.start_monotonic_ns);
	origin.start_unix_ns = clock_unix_ns() - (clock_monotonic_ns() - origin.start_monotonic_ns);
	error = store_open(&collector->store, collector->database, &origin);
	if (error) {
		snprintf(message, 512, "%.300s: %s", collector->database, collector_reason_of(error));
		return error;
	}
	config.keep_data_calls = collector->store->keep_data_calls;
	collector->yields = options->yields;
	error = identity_new(&collector->identity, &config);
	if (!error && collector->store->existed)
		error = store_resume(collector->store, collector->identity, &collector->callers.places);
	if (error)
		snprintf(message, 512, "%.300s: cannot go on recording into it: %s", collector->database, collector_reason_of(error));
	return error;
}

int collector_prepare(struct collector **result, const char *database, int make, char *message)
{
	struct collector *collector = calloc(1, sizeof *collector);
	int error = -ENOMEM;

	message[0] = 0;
	if (!collector)
		return error;
	collector->directory_fd = collector->lock_fd = -1;
	collector->prepared_ns = clock_monotonic_ns();
	contention_open(&collector->contention, "/proc/loadavg", (int)sysconf(_SC_NPROCESSORS_ONLN));
	collector->batch_records = memory_is_short() ? BATCH_RECORDS_SHORT : BATCH_RECORDS;
	collector->refs = malloc(collector->batch_records * sizeof *collector->refs);
	collector->order = malloc(collector->batch_records * sizeof *collector->order);
	collector->order_spare = malloc(collector->batch_records * sizeof *collector->order_spare);
	if (!collector->refs || !collector->order || !collector->order_spare)
		goto free_collector;
	error = -ENAMETOOLONG;
	if (snprintf(collector->database, sizeof collector->database, "%s", database) >= (int)sizeof collector->database ||
	    snprintf(collector->directory, sizeof collector->directory, "%s" SPOOL_SUFFIX, database) >= (int)sizeof collector->directory)
		goto free_collector;
	error = directory_take(collector, make);
	if (error)
		goto free_collector;
	*result = collector;
	return 0;

free_collector:
	if (error != -EAGAIN)
		snprintf(message, 512, "%.300s" SPOOL_SUFFIX ": %s", database, strerror(-error));
	collector_free(collector);
	return error;
}

/* Finds out early what would fail later. An empty file is a database yet to be made. */
static int try_database(const char *path, char *message)
{
	int fd = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	int error = fd < 0 ? -errno : 0;

	if (error)
		snprintf(message, 512, "cannot write %s: %s", path, strerror(-error));
	else
		close(fd);
	return error;
}

int collector_open(struct collector **result, const struct collector_options *options, char *message)
{
	struct collector *collector;
	int error = collector_prepare(&collector, options->database, 1, message);

	if (error)
		return error;
	if (options->locked)
		error = options->locked(options->context);
	if (!error && options->ready)
		error = try_database(options->database, message);
	if (!error && options->ready)
		error = options->ready(options->context);
	if (!error)
		error = collector_open_store(collector, options, message);
	if (error) {
		directory_remove(collector);
		collector_free(collector);
		return error;
	}
	*result = collector;
	return 0;
}

int collector_close(struct collector *collector, int finish)
{
	int64_t now_ns = clock_monotonic_ns();
	long count = collector->failed;
	int error = collector->failed;

	/* The last round: until nothing more comes. */
	collector->yields = 0;
	collector->busy_until_ns = now_ns + 1000000000;
	for (int rounds = 0; rounds < 1000000 && (count = collector_step(collector)) > 0; rounds++)
		;
	if (count < 0)
		error = (int)count;
	if (!error && finish)
		identity_finish(collector->identity);
	if (!error)
		error = commit(collector, now_ns);
	if (!error && finish)
		error = store_finish(collector->store, collector_trace_now_ns(collector));
	if (!error && finish && collector->feed_count == 0 && !collector->spools_left)
		directory_remove(collector);
	collector_free(collector);
	return error;
}

