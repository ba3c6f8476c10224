/*
 * collector_directory.c: the directory of the spools and its lock: who may write there, which spools are there, which files are none.
 */
#include "collector/collector_internal.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "collector/clock.h"

#define LOCK_NAME "collector.lock"
#define FILES_SPARED 32
#define NEW_MOST 512 /* spools taken up before those before them were looked at: of the many that short processes leave, few are open at a time */

static int ends_in(const char *name, const char *suffix)
{
	size_t length = strlen(name), end = strlen(suffix);

	return length > end + 1 && strcmp(name + length - end, suffix) == 0 && length < 200;
}

static int is_spool_name(const char *name)
{
	return ends_in(name, SPOOL_SUFFIX);
}

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

/* Another that held the lock may have removed it, and the directory with it, before this one had it. */
static int lock_is_in_place(const struct collector *collector)
{
	struct stat locked, there;

	return fstat(collector->lock_fd, &locked) == 0 && fstatat(collector->directory_fd, LOCK_NAME, &there, AT_SYMLINK_NOFOLLOW) == 0 &&
		locked.st_dev == there.st_dev && locked.st_ino == there.st_ino;
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
			return lock_is_in_place(collector) ? 0 : -ESTALE;
		if (errno != EWOULDBLOCK)
			return -errno;
		nanosleep(&(struct timespec){0, 2000000}, NULL);
	}
	return -EAGAIN;
}

int directory_take(struct collector *collector, int make)
{
	int error = -ESTALE;

	for (int tries = 0; tries < 10 && (error == -ESTALE || (make && error == -ENOENT)); tries++) {
		if (collector->lock_fd >= 0)
			close(collector->lock_fd);
		if (collector->directory_fd >= 0)
			close(collector->directory_fd);
		collector->lock_fd = collector->directory_fd = -1;
		error = open_directory(collector, make);
		if (!error)
			error = take_lock(collector);
	}
	return error;
}

/*
 * The start of a trace made without `run`: the earliest start of the images whose spools there are, or a little earlier: the rate of their counter is estimated again
 * when they are read, and of a new spool two estimates may differ by some ten thousandths.
 */
void directory_earliest_start(int directory_fd, int64_t *start_ns)
{
	const int64_t now_ns = clock_monotonic_ns(), boot_unix_ns = clock_unix_ns() - now_ns;
	int fd = openat(directory_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *directory = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;

	if (!directory && fd >= 0)
		close(fd);
	while (directory && (entry = readdir(directory))) {
		struct feed *feed;
		int64_t before_ns;

		if (!is_spool_name(entry->d_name) || feed_open(&feed, directory_fd, entry->d_name, 0, boot_unix_ns) != SPOOL_OK)
			continue;
		before_ns = feed->view.started_ns;
		if (feed->view.clock.ns_per_tick != 1)
			before_ns -= 1000 + (now_ns - before_ns) / 1000;
		if (before_ns > 0 && before_ns < *start_ns)
			*start_ns = before_ns;
		feed_close(feed);
	}
	if (directory)
		closedir(directory);
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

static void restore_chunk(void *context, uint32_t chunk, uint32_t generation, const uint64_t stored[2])
{
	spool_reader_restore(context, chunk, generation, stored);
}

/* Whether one more spool may be open: SQLite, and looks into /proc, need files as well. As many as the hard limit has; the traced program was started with its own. */
static int may_open_one(const struct collector *collector)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) || collector->feed_count + FILES_SPARED < limit.rlim_cur)
		return 1;
	limit.rlim_cur = limit.rlim_max;
	return setrlimit(RLIMIT_NOFILE, &limit) == 0 && collector->feed_count + FILES_SPARED < limit.rlim_cur;
}

/* 1: it is read from now on; 0: it was before, or cannot be; -EMFILE, -ENFILE: not before others have ended. */
static int add_feed(struct collector *collector, const char *name)
{
	struct feed *feed = map_get(&collector->feeds_by_name, name_key(name)), **grown;
	int status;

	if (feed && strcmp(feed->reader.name, name) == 0)
		return 0;
	if (!may_open_one(collector))
		return -EMFILE;
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
	status = identity_spool_add(collector->identity, &feed->view, &feed->maker);
	if (!status)
		status = map_set(&collector->feeds_by_name, name_key(name), feed);
	return status ? status : 1;
}

void directory_drop(struct collector *collector, struct feed *feed)
{
	unlinkat(collector->directory_fd, feed->reader.name, 0);
	map_remove(&collector->feeds_by_name, name_key(feed->reader.name));
	identity_spool_remove(collector->identity, &feed->view);
	feed_close(feed);
}

/* A process has left word that it could not make a spool (schema/spool.h): a row, and the word is taken away. */
static void take_word(struct collector *collector, const char *name)
{
	char target[1100], detail[1400], *program = NULL;
	struct stat status;
	int64_t at_ns = FACT_NULL;
	ssize_t length = readlinkat(collector->directory_fd, name, target, sizeof target - 1);
	long error;

	if (length < 0) {
		if (errno == EINVAL)
			put_aside(collector, name, -EBADMSG);
		return;
	}
	if (map_get(&collector->skipped, name_key(name)) || map_set(&collector->skipped, name_key(name), collector))
		return;
	target[length] = 0;
	error = strtol(target, &program, 10);
	if (fstatat(collector->directory_fd, name, &status, AT_SYMLINK_NOFOLLOW) == 0)
		at_ns = status.st_mtim.tv_sec * INT64_C(1000000000) + status.st_mtim.tv_nsec - collector->store->start_unix_ns;
	snprintf(detail, sizeof detail, "%s (pid %d), and the children it forks: %s", *program == ' ' ? program + 1 : "a program", atoi(name),
		strerror((int)(error & 0xfff)));
	identity_missing(collector->identity, NULL, "no_spool", at_ns, FACT_NULL, FACT_NULL, detail, strlen(detail));
	collector->uncommitted++;
	unlinkat(collector->directory_fd, name, 0);
}

static unsigned long long ticks_of(const char *name)
{
	const char *ticks = strchr(name, '-');

	return ticks ? strtoull(ticks + 1, NULL, 16) : 0;
}

/* By the start ticks behind the pid, so that sockets are numbered in the order of time. */
static int compare_names(const struct dirent **a, const struct dirent **b)
{
	unsigned long long left = ticks_of((*a)->d_name), right = ticks_of((*b)->d_name);

	return left < right ? -1 : left > right;
}

static int keep_spools(const struct dirent *entry)
{
	return is_spool_name(entry->d_name) || ends_in(entry->d_name, SPOOL_REFUSED_SUFFIX);
}

/* Spools are left, and some of those that were in their way have ended, or live on. */
static int has_room_for_left(const struct collector *collector)
{
	return collector->spools_left && (collector->feed_count < collector->scanned_count || collector_new_count(collector) < collector->scanned_new);
}

/* Looks for new spools when the directory has changed, or may have within its clock's grain. */
int directory_scan(struct collector *collector, int64_t now_ns)
{
	struct stat status;
	struct dirent **entries = NULL;
	int count, added = 0, result = 0;

	if (fstat(collector->directory_fd, &status))
		return -errno;
	/* Its time moves in jiffies: a spool made right after a look may have left it as it was. */
	if (status.st_mtim.tv_sec == collector->directory_changed.tv_sec && status.st_mtim.tv_nsec == collector->directory_changed.tv_nsec &&
	    collector->last_scan_ns - collector->directory_seen_ns > 50000000 && now_ns - collector->last_scan_ns < 500000000 &&
	    now_ns >= collector->busy_until_ns && !has_room_for_left(collector))
		return 0;
	if (status.st_mtim.tv_sec != collector->directory_changed.tv_sec || status.st_mtim.tv_nsec != collector->directory_changed.tv_nsec)
		collector->directory_seen_ns = now_ns;
	collector->directory_changed = status.st_mtim;
	collector->last_scan_ns = now_ns;
	count = scandirat(collector->directory_fd, ".", &entries, keep_spools, compare_names);
	if (count < 0)
		return -errno;
	collector->spools_left = 0;
	for (int i = 0; i < count; i++) {
		if (!is_spool_name(entries[i]->d_name))
			take_word(collector, entries[i]->d_name);
		else if (result >= 0 && collector_new_count(collector) < NEW_MOST)
			added += (result = add_feed(collector, entries[i]->d_name)) > 0;
		else
			collector->spools_left = 1;
		free(entries[i]);
	}
	free(entries);
	collector->scanned_count = collector->feed_count;
	collector->scanned_new = collector_new_count(collector);
	if (result == -EMFILE || result == -ENFILE) {
		collector->spools_left = 1;
		result = 0;
	}
	return result < 0 ? result : added;
}

int directory_has_spools(const struct collector *collector)
{
	struct dirent **entries = NULL;
	int count = scandirat(collector->directory_fd, ".", &entries, keep_spools, NULL);

	for (int i = 0; i < count; i++)
		free(entries[i]);
	free(entries);
	return count > 0;
}

/* Removes the directory when nothing is in it but the lock; a program that starts now makes it again. */
void directory_remove(struct collector *collector)
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
