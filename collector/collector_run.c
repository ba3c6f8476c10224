/*
 * collector_run.c: the loop as a whole: `socklife collect`, and what a viewer's command does first with spools that were left behind.
 */
#include "collector/collector_internal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "collector/clock.h"

#define LINGER_NS 200000000        /* a program may come right after the last one has ended */

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
		if (!collector->feed_count && !collector->spools_left && !collector->uncommitted && (once || now_ns - idle_since_ns > LINGER_NS))
			return 1;
		if (once && !count && now_ns - idle_since_ns > (collector->spools_left ? 50 : 2) * LOOK_INTERVAL_NS && !collector->uncommitted)
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
	/* A collector is at work: what it has committed is all there is to see; or it has finished since. */
	if (error == -EAGAIN || error == -ENOENT)
		return 0;
	if (error)
		return error;
	if (!directory_has_spools(collector) && access(database, F_OK) != 0) {
		collector_free(collector);
		return 0;
	}
	error = collector_open_store(collector, &options, message);
	if (error) {
		collector_free(collector);
		return error;
	}
	ended = tail(collector, 1);
	error = collector_close(collector, ended == 1);
	if (error)
		snprintf(message, 512, "%.300s: %s", database, collector_reason_of(error));
	return error;
}

/* Are there spools that no collector is at? *status: of their directory; zeroed when it cannot be told. */
static int spools_are_left(const char *database, struct stat *status)
{
	struct collector *collector;
	char message[512];
	int left;

	memset(status, 0, sizeof *status);
	if (collector_prepare(&collector, database, 0, message))
		return 0;
	left = directory_has_spools(collector) && fstat(collector->directory_fd, status) == 0;
	collector_free(collector);
	return left;
}

int collector_is_wanted(const char *database)
{
	struct stat status;

	return spools_are_left(database, &status);
}

int collector_run(const char *database, char *message)
{
	const char *detail = getenv("SOCKLIFE_DETAIL");
	struct collector_options options = {.database = database, .keep_data_calls = !detail || strcmp(detail, "sockets") != 0, .yields = 1};
	struct collector *collector;
	struct stat before, after = {.st_ino = 0};
	int error;
	long ended;

	do {
		before = after;
		error = collector_open(&collector, &options, message);
		if (error)
			return error == -EAGAIN ? 0 : error;
		ended = tail(collector, 0);
		error = collector_close(collector, ended == 1);
		if (error) {
			snprintf(message, 512, "%.300s: %s", database, collector_reason_of(error));
			return error;
		}
		/* A program may have begun between the last look and letting go of the lock. */
		if (!spools_are_left(database, &after))
			return 0;
		/* What stays there however often it is looked at, because it can be neither read nor put aside, is none of its spools. */
	} while (after.st_ino != before.st_ino || after.st_mtim.tv_sec != before.st_mtim.tv_sec || after.st_mtim.tv_nsec != before.st_mtim.tv_nsec);
	return 0;
}
