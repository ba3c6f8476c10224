/*
 * collector.c: see collector.h. The loop over the spools: find new ones, read what is done, feed the state machine in the
 * order of time, store and commit, give chunks back, notice ends.
 *
 * Invariants: a spool is removed, and a chunk given back, only after the records in it are committed; what was consumed is
 * in table `progress` of the same transaction. So this process may die at any moment, and a successor loses nothing and
 * stores nothing twice.
 */
#include "collector/collector.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "collector/clock.h"
#include "collector/feed.h"
#include "collector/memory.h"
#include "collector/outsider.h"
#include "collector/running.h"
#include "collector/store.h"

#define BATCH_RECORDS 65536
#define BATCH_RECORDS_SHORT 8192    /* where memory is short */
#define COMMIT_INTERVAL_NS 200000000
#define COMMIT_RECORDS 16384          /* commits as soon as there are so many: chunks that return early are still in the writers' caches */
#define RING_INTERVAL_NS INT64_C(2000000000)
#define LOOK_INTERVAL_NS 20000000  /* at processes */
#define LOOK_SHARE 20              /* and at most this fraction of the time, however many there are */
#define LINGER_NS 200000000        /* a program may come right after the last one has ended */
#define LOCK_NAME "collector.lock"
#define HOLDER_AGE_NS INT64_C(2000000000) /* a bind that failed longer ago is not asked about */
#define HOLDERS_MAX 20             /* nor are more: each reads all of /proc */

struct collector {
	char database[PATH_MAX], directory[PATH_MAX];
	int directory_fd, lock_fd;
	struct store *store;
	struct identity *identity;
	struct callers callers;
	struct running running;
	struct feed **feeds;
	size_t feed_count, feed_room;
	size_t batch_records;              /* records of one batch at most */
	int holders_asked;                 /* how often the machine was asked who has a port */
	struct record_ref *refs;           /* batch_records of them */
	struct ordered { int64_t at_ns; struct feed *feed; const struct record_ref *ref; } *order, *order_spare;
	union record_slot record[1 + SPOOL_MAX_PARTS];
	struct map skipped;                /* hash of names that are no spools of ours, so that each is told once */
	int64_t last_commit_ns, last_look_ns, last_scan_ns, busy_until_ns;
	int64_t look_took_ns;
	int64_t directory_seen_ns;         /* when its present time was first seen */
	struct timespec directory_changed;
	size_t uncommitted;                /* records applied since the last commit */
	int ended_pid, ended_status, ended_signal; /* the launcher's child, once it has ended */
	int failed;
};

static int64_t trace_now_ns(const struct collector *collector)
{
	return clock_monotonic_ns() - collector->store->start_monotonic_ns;
}

static int is_spool_name(const char *name)
{
	size_t length = strlen(name);

	return length > sizeof SPOOL_SUFFIX && strcmp(name + length - strlen(SPOOL_SUFFIX), SPOOL_SUFFIX) == 0 && length < 200;
}

/* --- the directory and its lock --- */

static int open_directory(struct collector *collector, int make)
{
	struct stat status;

	if (make && mkdir(collector->directory, 0700) == 0) {
		/* What root traces may drop its privileges: others add spools of their own, and see or move none (as the shim does). */
		if (geteuid() == 0 && chmod(collector->directory, SPOOL_DIRECTORY_MODE_ROOT))
			return -errno;
	} else if (make && errno != EEXIST) {
		return -errno;
	}
	collector->directory_fd = open(collector->directory, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (collector->directory_fd < 0)
		return -errno;
	if (fstat(collector->directory_fd, &status))
		return -errno;
	/* What root traces may become another user: who may leave spools here, but neither list nor remove those of others. */
	if (geteuid() == 0 && status.st_uid == 0 && (status.st_mode & 07777) != SPOOL_DIRECTORY_MODE_ROOT &&
	    fchmod(collector->directory_fd, SPOOL_DIRECTORY_MODE_ROOT))
		return -errno;
	return geteuid() && status.st_uid != geteuid() ? -EPERM : 0;
}

/* Traced programs take the lock for a moment to see whether it is held: that is not a collector. */
static int take_lock(struct collector *collector)
{
	/* Not O_CREAT at once: another user's lock in root's sticky directory would be refused (fs.protected_regular, proc(5)). */
	collector->lock_fd = openat(collector->directory_fd, LOCK_NAME, O_RDWR | O_NOFOLLOW | O_CLOEXEC);
	if (collector->lock_fd < 0 && errno == ENOENT)
		collector->lock_fd = openat(collector->directory_fd, LOCK_NAME, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (collector->lock_fd < 0)
		return -errno;
	for (int tries = 0; tries < 5; tries++) {
		if (flock(collector->lock_fd, LOCK_EX | LOCK_NB) == 0)
			return 0;
		if (errno != EWOULDBLOCK)
			return -errno;
		nanosleep(&(struct timespec){0, 2000000}, NULL);
	}
	return -EAGAIN;
}

/* The start of a trace made without `run`: the earliest start of the spools there are. */
static void earliest_start(int directory_fd, int64_t *start_ns)
{
	int fd = openat(directory_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *directory = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;

	if (!directory && fd >= 0)
		close(fd);
	while (directory && (entry = readdir(directory))) {
		struct spool_reader reader;

		if (!is_spool_name(entry->d_name) || spool_reader_open(&reader, directory_fd, entry->d_name) != SPOOL_OK)
			continue;
		if ((int64_t)reader.header->start_monotonic_ns > 0 && (int64_t)reader.header->start_monotonic_ns < *start_ns)
			*start_ns = (int64_t)reader.header->start_monotonic_ns;
		if (reader.header->clock == SPOOL_CLOCK_MONOTONIC && (int64_t)reader.header->start_ticks > 0 &&
		    (int64_t)reader.header->start_ticks < *start_ns)
			*start_ns = (int64_t)reader.header->start_ticks;
		spool_reader_close(&reader);
	}
	if (directory)
		closedir(directory);
}

/* --- feeds --- */

static uint32_t find_caller(void *context, struct process *process, uint64_t address)
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

	if (trace_now_ns(collector) - at_ns > HOLDER_AGE_NS || collector->holders_asked >= HOLDERS_MAX)
		return -ESTALE;
	collector->holders_asked++;
	return outsider_find(outsider, (int)process->row.pid, address, length, stream);
}

static struct socket *load_socket(void *context, int64_t socket_id)
{
	struct collector *collector = context;

	return store_load_socket(collector->store, collector->identity, socket_id);
}

static void restore_chunk(void *context, uint32_t chunk, uint32_t generation, const uint64_t stored[2])
{
	spool_reader_restore(context, chunk, generation, stored);
}

static uint64_t name_key(const char *name)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);

	while (*name)
		hash = (hash ^ (unsigned char)*name++) * UINT64_C(0x100000001b3);
	return hash | 1;
}

static const char *damage_of(int status)
{
	return status == -EPROTO ? "written by another version of socklife" : status == -EPERM ? "another user's file" :
		"torn, or not a spool";
}

/* A file that is no spool of ours is kept under another name, said once, and leaves a row. */
static void put_aside(struct collector *collector, const char *name, int status)
{
	char kept[300], detail[512];

	if (map_get(&collector->skipped, name_key(name)) || map_set(&collector->skipped, name_key(name), collector))
		return;
	snprintf(kept, sizeof kept, "%.255s.damaged", name);
	if (renameat(collector->directory_fd, name, collector->directory_fd, kept))
		snprintf(kept, sizeof kept, "%.255s", name);
	snprintf(detail, sizeof detail, "%s: %s", kept, damage_of(status));
	identity_missing(collector->identity, NULL, "damaged_spool", FACT_NULL, FACT_NULL, 1, detail, strlen(detail));
	collector->uncommitted++;
	fprintf(stderr, "socklife: %s/%s\n", collector->directory, detail);
}

/* A spool that is still being made: when its maker is gone, it never will be. */
static void look_at_unready(struct collector *collector, const char *name)
{
	int pid = atoi(name);
	struct stat status;

	if (pid > 0 && process_start_time(pid))
		return;
	if (fstatat(collector->directory_fd, name, &status, AT_SYMLINK_NOFOLLOW) == 0 && time(NULL) - status.st_mtime > 2)
		unlinkat(collector->directory_fd, name, 0);
}

static int add_feed(struct collector *collector, const char *name)
{
	struct feed *feed, **grown;
	int status;

	for (size_t i = 0; i < collector->feed_count; i++)
		if (strcmp(collector->feeds[i]->reader.name, name) == 0)
			return 0;
	status = feed_open(&feed, collector->directory_fd, name, collector->store->start_monotonic_ns, collector->store->start_unix_ns);
	if (status == SPOOL_NOT_READY) {
		look_at_unready(collector, name);
		return 0;
	}
	if (status == -EPERM || status == -EBADMSG || status == -EPROTO) {
		put_aside(collector, name, status);
		return 0;
	}
	if (status)
		return status == -ENOENT ? 0 : status;
	if (collector->feed_count == collector->feed_room) {
		grown = realloc(collector->feeds, (collector->feed_room + 64) * sizeof *grown);
		if (!grown) {
			feed_close(feed);
			return -ENOMEM;
		}
		collector->feeds = grown;
		collector->feed_room += 64;
	}
	feed->view.host_id = store_host(collector->store, feed->reader.header->network_namespace);
	if (!feed->view.host_id)
		feed->view.host_id = FACT_NULL;
	store_each_progress(collector->store, name, &feed->reader, restore_chunk);
	collector->feeds[collector->feed_count++] = feed;
	return identity_spool_add(collector->identity, &feed->view, &feed->maker);
}

static int compare_names(const struct dirent **a, const struct dirent **b)
{
	/* By the start ticks behind the pid, so that sockets are numbered in the order of time. */
	unsigned long long left = 0, right = 0;

	sscanf((*a)->d_name, "%*d-%llx", &left);
	sscanf((*b)->d_name, "%*d-%llx", &right);
	return left < right ? -1 : left > right;
}

static int keep_spools(const struct dirent *entry)
{
	return is_spool_name(entry->d_name);
}

/* Looks for new spools when the directory has changed, or may have within its clock's grain. */
static int scan_directory(struct collector *collector, int64_t now_ns)
{
	struct stat status;
	struct dirent **entries = NULL;
	int count, error = 0;

	if (fstat(collector->directory_fd, &status))
		return -errno;
	/* Its time moves in jiffies: a spool made right after a look may have left it as it was. */
	if (status.st_mtim.tv_sec == collector->directory_changed.tv_sec && status.st_mtim.tv_nsec == collector->directory_changed.tv_nsec &&
	    collector->last_scan_ns - collector->directory_seen_ns > 50000000 && now_ns - collector->last_scan_ns < 500000000 &&
	    now_ns >= collector->busy_until_ns)
		return 0;
	if (status.st_mtim.tv_sec != collector->directory_changed.tv_sec || status.st_mtim.tv_nsec != collector->directory_changed.tv_nsec)
		collector->directory_seen_ns = now_ns;
	collector->directory_changed = status.st_mtim;
	collector->last_scan_ns = now_ns;
	count = scandirat(collector->directory_fd, ".", &entries, keep_spools, compare_names);
	if (count < 0)
		return -errno;
	for (int i = 0; i < count; i++) {
		if (!error)
			error = add_feed(collector, entries[i]->d_name);
		free(entries[i]);
	}
	free(entries);
	return error;
}

/* --- reading --- */

static struct thread *owner_of(struct collector *collector, struct feed *feed, uint32_t number)
{
	struct spool_chunk *chunk = &feed->reader.chunks[number];
	char name[16];
	uint64_t taken;
	int pid, tid;

	if (chunk->thread)
		return chunk->thread;
	spool_reader_owner(&feed->reader, number, &pid, &tid, &taken, name);
	chunk->thread = identity_thread_of(collector->identity, &feed->view, pid, tid, name, identity_clock_ns(&feed->view.clock, taken));
	return chunk->thread;
}

static struct thread *owner_for_running(void *context, struct feed *feed, uint32_t number)
{
	return owner_of(context, feed, number);
}

/* Calls that have been in progress for a while, for whoever looks at the database meanwhile. */
static int look_at_running(struct collector *collector)
{
	struct running_source source = {.identity = collector->identity, .feeds = collector->feeds, .feed_count = collector->feed_count,
		.refs = collector->refs, .ref_room = collector->batch_records, .owner = owner_for_running, .caller = find_caller, .context = collector};
	int64_t now_ns = trace_now_ns(collector);
	int result = running_look(&collector->running, &source, now_ns);

	if (collector->running.last_look_ns == now_ns)
		collector->running.look_took_ns = trace_now_ns(collector) - now_ns;
	if (result > 0)
		collector->uncommitted++;
	return result < 0 ? result : 0;
}

static int apply_one(struct collector *collector, struct feed *feed, const struct record_ref *ref)
{
	struct thread *thread;
	int running = ref->running;

	if (!spool_reader_copy(&feed->reader, ref, collector->record))
		return 0;
	thread = owner_of(collector, feed, ref->chunk);
	if (!thread)
		return -ENOMEM;
	collector->uncommitted++;
	if (running && collector->record->tag.state == STATE_RUNNING)
		return identity_apply_running(collector->identity, thread, collector->record);
	if (ref->type == SLOT_PROCESS)
		feed->reader.chunks[ref->chunk].thread = NULL; /* it may have begun another image of the same number */
	return identity_apply(collector->identity, thread, collector->record);
}

/* A stable merge of the runs that the chunks are: most are long, and a lone thread's is the whole. */
static void sort_order(struct ordered **rows, struct ordered **spare, size_t count)
{
	for (size_t width = 1; width < count;) {
		struct ordered *from = *rows, *to = *spare;
		size_t at = 0, out = 0, runs = 0;

		while (at < count) {
			size_t left = at, middle, right, end;

			for (middle = left + 1; middle < count && from[middle - 1].at_ns <= from[middle].at_ns; middle++)
				;
			for (end = middle + (middle < count); end < count && from[end - 1].at_ns <= from[end].at_ns; end++)
				;
			for (right = middle; left < middle || right < end;)
				to[out++] = right >= end || (left < middle && from[left].at_ns <= from[right].at_ns) ? from[left++] : from[right++];
			at = end;
			runs++;
		}
		*rows = to;
		*spare = from;
		if (runs <= 1)
			return;
		width *= 2;
	}
}

/* What a wait found comes after the wait: same moment, second place. */
static int64_t moment_of(const struct feed *feed, const struct record_ref *ref)
{
	return identity_clock_ns(&feed->view.clock, ref->ticks) * 2 + (ref->type == SLOT_READY || ref->type == SLOT_EPOLL_READY);
}

static long read_feeds(struct collector *collector)
{
	size_t count = 0;
	int error = 0;

	for (size_t i = 0; i < collector->feed_count && count < collector->batch_records; i++) {
		struct feed *feed = collector->feeds[i];
		int64_t got;

		if (feed->finished)
			continue;
		got = spool_reader_collect(&feed->reader, collector->refs + count, collector->batch_records - count, 0, 0);
		if (got < 0)
			return (long)got;
		if (got)
			feed_calibrate(feed);
		for (int64_t j = 0; j < got; j++, count++)
			collector->order[count] = (struct ordered){moment_of(feed, &collector->refs[count]), feed, &collector->refs[count]};
	}
	sort_order(&collector->order, &collector->order_spare, count);
	for (size_t i = 0; i < count && !error; i++)
		error = apply_one(collector, collector->order[i].feed, collector->order[i].ref);
	return error ? error : (long)count;
}

/* Calls in progress of a process that is gone: they never returned. */
static int apply_unreturned(struct collector *collector, struct feed *feed, int pid)
{
	int error = 0;

	for (;;) {
		int64_t got = spool_reader_collect(&feed->reader, collector->refs, collector->batch_records, 1, pid);

		if (got <= 0)
			return got < 0 ? (int)got : 0;
		feed_calibrate(feed);
		for (int64_t i = 0; i < got && !error; i++)
			error = apply_one(collector, feed, &collector->refs[i]);
		if (error)
			return error;
	}
}

/* --- ends --- */

static int end_image(struct collector *collector, struct feed *feed, struct process *process, int64_t now_ns)
{
	struct watch *watch = process->owner;
	int64_t at_ns, status = FACT_NULL, signal = FACT_NULL;
	int cause = END_KILLED, error = 0, pid = (int)process->row.pid;

	/* When the number is used again, what the chunks of that number hold may be the living process's: its end will tell. */
	if (identity_process_of(collector->identity, &feed->view, pid, INT64_MIN + 1) == process) {
		error = apply_unreturned(collector, feed, pid);
		if (!error)
			spool_reader_retire(&feed->reader, pid);
	}
	if (error)
		return error;
	/* Seen alive a moment ago: about now. Else its last sign of life is all there is. */
	at_ns = watch && watch->start_time && process->row.ended_ns == FACT_NULL ? now_ns : process->last_ns;
	if (process->exec_ns != FACT_NULL) {
		cause = END_EXEC;
		at_ns = process->exec_ns;
	} else if (process->exiting_ns != FACT_NULL) {
		cause = END_EXIT;
		at_ns = process->exiting_ns > process->last_ns ? process->exiting_ns : process->last_ns;
		status = process->row.exit_status;
	}
	if (collector->ended_pid == process->row.pid && cause != END_EXEC) {
		cause = collector->ended_signal ? END_KILLED : END_EXIT;
		if (collector->ended_signal)
			signal = collector->ended_signal;
		else
			status = collector->ended_status;
	}
	identity_process_end(collector->identity, process, at_ns, cause, status, signal);
	collector->uncommitted++;
	return 0;
}

static void forget_watch(struct process *process)
{
	free(process->owner);
	process->owner = NULL;
}

/*
 * A program that sets up its io_uring with an instruction of its own, and is killed, has told nobody. Looked for at first, and then at twice
 * the age each time, up to RING_INTERVAL_NS.
 */
static void look_for_ring(struct collector *collector, struct process *process, int64_t now_ns)
{
	static const char how[] = "an io_uring descriptor was open while it ran";
	struct watch *watch = process->owner;
	int64_t age_ns = now_ns - process->row.started_ns;

	if (!watch || now_ns < watch->ring_look_ns)
		return;
	watch->ring_look_ns = now_ns + (age_ns < RING_INTERVAL_NS ? age_ns : RING_INTERVAL_NS);
	if (!process_has_ring((int)process->row.pid))
		return;
	watch->ring_look_ns = INT64_MAX;
	identity_missing(collector->identity, process, "io_uring", now_ns, FACT_NULL, FACT_NULL, how, sizeof how - 1);
	collector->uncommitted++;
}

static void note_drops(struct collector *collector, struct feed *feed)
{
	for (unsigned i = 0; i < SPOOL_DROP_ENTRIES; i++) {
		uint64_t count, first, last;
		int pid;

		if (spool_reader_drops(&feed->reader, i, &pid, &count, &first, &last))
			identity_missing(collector->identity, identity_process_of(collector->identity, &feed->view, pid, INT64_MIN + 1), "dropped",
				identity_clock_ns(&feed->view.clock, first), identity_clock_ns(&feed->view.clock, last), (int64_t)count, "", 0);
	}
	if (feed->reader.malformed_count)
		identity_missing(collector->identity, feed->maker, "unknown_record", FACT_NULL, FACT_NULL,
			(int64_t)feed->reader.malformed_count, "malformed slots", 15);
}

/* Nobody can write it any more: the rest is read, every image of it ends. */
static int finish_feed(struct collector *collector, struct feed *feed, int64_t now_ns)
{
	int64_t got = spool_reader_collect(&feed->reader, collector->refs, collector->batch_records, 0, 0);
	int error = 0;

	if (got)
		return got < 0 ? (int)got : 0; /* not all read yet: the next round goes on */
	for (struct process *process = feed->view.living; process && !error; process = process->next_living) {
		error = end_image(collector, feed, process, now_ns);
		forget_watch(process);
	}
	feed->view.living = NULL;
	if (!error)
		error = apply_unreturned(collector, feed, 0);
	if (error)
		return error;
	note_drops(collector, feed);
	feed->finished = 1;
	collector->uncommitted++;
	return 0;
}

static int look_at_feed(struct collector *collector, struct feed *feed, int64_t now_ns)
{
	int mapped = spool_reader_is_mapped(&feed->reader), living = 0, error = 0;

	if (mapped == 0)
		return finish_feed(collector, feed, now_ns);
	for (struct process **at = &feed->view.living, *process; (process = *at) && !error;) {
		struct watch *watch;
		int lives = feed_image_lives(feed, process);

		if (lives)
			look_for_ring(collector, process, now_ns);
		/* Of another namespace, perhaps: as long as the spool is mapped, only one that was seen can be missed. */
		if (lives || ((watch = process->owner) && mapped == 1 && !watch->start_time)) {
			living += process->row.ended_ns == FACT_NULL;
			at = &process->next_living;
			continue;
		}
		error = end_image(collector, feed, process, now_ns);
		forget_watch(process);
		*at = process->next_living;
	}
	if (!error && mapped < 0 && !living)
		error = finish_feed(collector, feed, now_ns);
	return error;
}

static int look_at_feeds(struct collector *collector, int64_t now_ns)
{
	int64_t trace_ns = now_ns - collector->store->start_monotonic_ns;
	int error = 0;

	for (size_t i = 0; i < collector->feed_count && !error; i++)
		if (!collector->feeds[i]->finished)
			error = look_at_feed(collector, collector->feeds[i], trace_ns);
	return error;
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
		unlinkat(collector->directory_fd, feed->reader.name, 0);
		identity_spool_remove(collector->identity, &feed->view);
		feed_close(feed);
	}
	collector->feed_count = kept;
}

static int commit(struct collector *collector, int64_t now_ns)
{
	int error;

	identity_link_images(collector->identity);
	error = store_begin(collector->store);
	for (size_t i = 0; i < collector->feed_count && !error; i++)
		error = store_all_progress(collector, collector->feeds[i]);
	if (!error)
		error = running_store(&collector->running, collector->store, trace_now_ns(collector));
	if (!error)
		error = store_facts(collector->store, collector->identity, &collector->callers.places);
	if (!error)
		error = store_meta_number(collector->store, "end_ns", trace_now_ns(collector));
	if (!error)
		error = store_commit(collector->store);
	if (error)
		return error;
	identity_changes_clear(collector->identity);
	remove_finished(collector);
	for (size_t i = 0; i < collector->feed_count; i++)
		spool_reader_return_chunks(&collector->feeds[i]->reader, now_ns);
	collector->uncommitted = 0;
	collector->last_commit_ns = now_ns;
	return 0;
}

long collector_step(struct collector *collector)
{
	int64_t now_ns = clock_monotonic_ns();
	long count;
	int error;

	if (collector->failed)
		return collector->failed;
	error = scan_directory(collector, now_ns);
	for (size_t i = 0; i < collector->feed_count; i++)
		spool_reader_extend(&collector->feeds[i]->reader);
	count = error ? error : read_feeds(collector);
	if (count >= 0 && count < (long)collector->batch_records &&
	    (now_ns - collector->last_look_ns > LOOK_INTERVAL_NS + collector->look_took_ns * LOOK_SHARE || now_ns < collector->busy_until_ns)) {
		error = look_at_feeds(collector, now_ns);
		collector->last_look_ns = clock_monotonic_ns();
		collector->look_took_ns = collector->last_look_ns - now_ns;
	}
	if (!error && count >= 0 && count < (long)collector->batch_records)
		error = look_at_running(collector);
	if (!error && count >= 0 && collector->uncommitted &&
	    (collector->uncommitted >= COMMIT_RECORDS || !count || now_ns - collector->last_commit_ns > COMMIT_INTERVAL_NS))
		error = commit(collector, now_ns);
	if (error || count < 0)
		collector->failed = error ? error : (int)count;
	return collector->failed ? collector->failed : count;
}

void collector_missing(struct collector *collector, const char *reason, const char *detail)
{
	identity_missing(collector->identity, NULL, reason, FACT_NULL, FACT_NULL, 1, detail, strlen(detail));
	collector->uncommitted++;
}

size_t collector_live_count(struct collector *collector)
{
	size_t count = 0;

	for (size_t i = 0; i < collector->feed_count; i++) {
		struct feed *feed = collector->feeds[i];
		size_t living = 0;

		if (feed->finished)
			continue;
		for (struct process *process = feed->view.living; process; process = process->next_living)
			living += process->row.ended_ns == FACT_NULL;
		count += living ? living : 1;
	}
	return count;
}

void collector_hurry(struct collector *collector)
{
	collector->busy_until_ns = clock_monotonic_ns() + 100000000;
}

void collector_process_ended(struct collector *collector, int pid, int exit_status, int exit_signal)
{
	collector->ended_pid = pid;
	collector->ended_status = exit_status;
	collector->ended_signal = exit_signal;
	collector_hurry(collector);
	for (struct process *process = identity_processes(collector->identity); process; process = process->next)
		if (process->row.pid == pid && process->row.ended_ns != FACT_NULL && process->row.end_cause != END_EXEC) {
			process->row.end_cause = exit_signal ? END_KILLED : END_EXIT;
			identity_process_end(collector->identity, process, process->row.ended_ns, (int)process->row.end_cause,
				exit_signal ? FACT_NULL : exit_status, exit_signal ? exit_signal : FACT_NULL);
			collector->uncommitted++;
		}
}

/* --- opening and closing --- */

static void collector_free(struct collector *collector)
{
	for (size_t i = 0; i < collector->feed_count; i++) {
		for (struct process *process = collector->feeds[i]->view.living; process; process = process->next_living)
			forget_watch(process);
		feed_close(collector->feeds[i]);
	}
	store_close(collector->store);
	identity_free(collector->identity);
	callers_free(&collector->callers);
	running_free(&collector->running);
	map_free(&collector->skipped);
	free(collector->feeds);
	free(collector->refs);
	free(collector->order);
	free(collector->order_spare);
	if (collector->lock_fd >= 0)
		close(collector->lock_fd);
	if (collector->directory_fd >= 0)
		close(collector->directory_fd);
	free(collector);
}

static const char *reason_of(int error)
{
	return error == -EEXIST ? "it is not a socklife database, or it is damaged" :
		error == -EPROTO ? "it was made by a newer version of socklife" : strerror(-error);
}

static int open_store(struct collector *collector, const struct collector_options *options, char *message)
{
	int64_t now_ns = clock_monotonic_ns();
	struct store_origin origin = {.start_monotonic_ns = now_ns, .command_line = options->command_line,
		.keep_data_calls = options->keep_data_calls};
	struct identity_config config = {.caller = find_caller, .load_socket = load_socket, .find_holder = find_holder, .context = collector};
	int error;

	earliest_start(collector->directory_fd, &origin.start_monotonic_ns);
	origin.start_unix_ns = clock_unix_ns() - (clock_monotonic_ns() - origin.start_monotonic_ns);
	error = store_open(&collector->store, collector->database, &origin);
	if (error) {
		snprintf(message, 512, "%.300s: %s", collector->database, reason_of(error));
		return error;
	}
	config.keep_data_calls = collector->store->keep_data_calls;
	error = identity_new(&collector->identity, &config);
	if (!error && collector->store->existed)
		error = store_resume(collector->store, collector->identity, &collector->callers.places);
	if (error)
		snprintf(message, 512, "%.300s: cannot go on recording into it: %s", collector->database, reason_of(error));
	return error;
}

static int collector_prepare(struct collector **result, const char *database, int make, char *message)
{
	struct collector *collector = calloc(1, sizeof *collector);
	int error = -ENOMEM;

	message[0] = 0;
	if (!collector)
		return error;
	collector->directory_fd = collector->lock_fd = -1;
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
	error = open_directory(collector, make);
	if (!error)
		error = take_lock(collector);
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

/* Removes the directory when nothing is in it but the lock; a program that starts now makes it again. */
static void remove_directory(struct collector *collector)
{
	struct dirent **entries = NULL;
	int count = scandirat(collector->directory_fd, ".", &entries, NULL, NULL), others = 0;

	for (int i = 0; i < count; i++) {
		others += strcmp(entries[i]->d_name, ".") != 0 && strcmp(entries[i]->d_name, "..") != 0 &&
			strcmp(entries[i]->d_name, LOCK_NAME) != 0;
		free(entries[i]);
	}
	free(entries);
	if (count >= 0 && !others) {
		unlinkat(collector->directory_fd, LOCK_NAME, 0);
		rmdir(collector->directory);
	}
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
	error = options->ready ? try_database(options->database, message) : 0;
	if (!error && options->ready)
		error = options->ready(options->context);
	if (!error)
		error = open_store(collector, options, message);
	if (error) {
		remove_directory(collector);
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
		error = store_finish(collector->store, trace_now_ns(collector));
	if (!error && finish && collector->feed_count == 0)
		remove_directory(collector);
	collector_free(collector);
	return error;
}

static int has_spools(const struct collector *collector)
{
	struct dirent **entries = NULL;
	int count = scandirat(collector->directory_fd, ".", &entries, keep_spools, NULL);

	for (int i = 0; i < count; i++)
		free(entries[i]);
	free(entries);
	return count > 0;
}

static void pause_ms(long ms)
{
	nanosleep(&(struct timespec){ms / 1000, ms % 1000 * 1000000}, NULL);
}

/* Tails until no traced process is left; once: only what is there now. Returns 1 when all have ended, 0 else, or an errno. */
static long tail(struct collector *collector, int once)
{
	int64_t idle_since_ns = clock_monotonic_ns();
	long pause = 1;

	for (;;) {
		long count = collector_step(collector);
		int64_t now_ns = clock_monotonic_ns();

		if (count < 0)
			return count;
		if (count || collector->feed_count)
			idle_since_ns = count || !once ? now_ns : idle_since_ns;
		if (!collector->feed_count && !collector->uncommitted && (once || now_ns - idle_since_ns > LINGER_NS))
			return 1;
		if (once && !count && now_ns - idle_since_ns > 2 * LOOK_INTERVAL_NS && !collector->uncommitted)
			return collector_live_count(collector) == 0;
		pause = count ? 1 : pause < 20 ? pause * 2 : 20;
		if (count < (long)collector->batch_records / 8)
			pause_ms(pause);
	}
}

int collector_ingest(const char *database, char *message)
{
	struct collector_options options = {.database = database, .keep_data_calls = 1};
	struct collector *collector;
	struct stat status;
	char directory[PATH_MAX];
	long ended;
	int error;

	message[0] = 0;
	if (snprintf(directory, sizeof directory, "%s" SPOOL_SUFFIX, database) >= (int)sizeof directory || lstat(directory, &status))
		return 0;
	error = collector_prepare(&collector, database, 0, message);
	if (error == -EAGAIN) /* a collector is at work: what it has committed is all there is to see */
		return 0;
	if (error)
		return error;
	if (!has_spools(collector) && access(database, F_OK) != 0) {
		collector_free(collector);
		return 0;
	}
	error = open_store(collector, &options, message);
	if (error) {
		collector_free(collector);
		return error;
	}
	ended = tail(collector, 1);
	error = collector_close(collector, ended == 1);
	if (error)
		snprintf(message, 512, "%.300s: %s", database, reason_of(error));
	return error;
}

int collector_run(const char *database, char *message)
{
	const char *detail = getenv("SOCKLIFE_DETAIL");
	struct collector_options options = {.database = database, .keep_data_calls = !detail || strcmp(detail, "sockets") != 0};
	struct collector *collector;
	int error;
	long ended;

	for (;;) {
		error = collector_open(&collector, &options, message);
		if (error)
			return error == -EAGAIN ? 0 : error;
		ended = tail(collector, 0);
		error = collector_close(collector, ended == 1);
		if (error) {
			snprintf(message, 512, "%.300s: %s", database, reason_of(error));
			return error;
		}
		/* A program may have begun between the last look and letting go of the lock. */
		error = collector_prepare(&collector, database, 0, message);
		if (error)
			return 0;
		ended = has_spools(collector);
		collector_free(collector);
		if (!ended)
			return 0;
	}
}
