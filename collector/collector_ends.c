/*
 * collector_ends.c: processes that are gone, and spools that nobody can write any more: how they ended, what never returned, what was lost.
 */
#include "collector/collector_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "collector/clock.h"

#define RING_INTERVAL_NS INT64_C(2000000000)

static int end_image(struct collector *collector, struct feed *feed, struct process *process, int64_t now_ns)
{
	struct watch *watch = process->owner;
	int64_t at_ns, status = FACT_NULL, signal = FACT_NULL;
	int cause = END_KILLED, error = 0, pid = (int)process->row.pid;

	/* When the number is used again, what the chunks of that number hold may be the living process's: its end will tell. */
	if (identity_process_of(collector->identity, &feed->view, pid, INT64_MIN + 1) == process) {
		error = feed_apply_unreturned(collector, feed, pid);
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

void watch_forget(struct process *process)
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
		watch_forget(process);
	}
	feed->view.living = NULL;
	if (!error)
		error = feed_apply_unreturned(collector, feed, 0);
	if (error)
		return error;
	note_drops(collector, feed);
	feed->finished = 1;
	collector->uncommitted++;
	return 0;
}

/* One of another namespace, perhaps: as long as the spool is mapped, only an image that was seen can be missed. */
static int image_has_ended(struct feed *feed, struct process *process, int mapped)
{
	struct watch *watch;

	return !feed_image_lives(feed, process) && !((watch = process->owner) && mapped == 1 && !watch->start_time && !process->pids_known);
}

int feeds_any_ended(struct collector *collector)
{
	for (size_t i = 0; i < collector->feed_count; i++) {
		struct feed *feed = collector->feeds[i];
		int mapped = feed->finished ? 1 : spool_reader_is_mapped(&feed->reader);

		/* Nobody maps it; or that cannot be told, and it has no image left that could: look_at_feed takes leave of both. */
		if (mapped == 0 || (mapped < 0 && !feed->view.living))
			return 1;
		for (struct process *process = feed->view.living; process; process = process->next_living)
			if (image_has_ended(feed, process, mapped))
				return 1;
	}
	return 0;
}

static int look_at_feed(struct collector *collector, struct feed *feed, int64_t now_ns)
{
	int mapped = spool_reader_is_mapped(&feed->reader), living = 0, error = 0;

	if (mapped == 0)
		return finish_feed(collector, feed, now_ns);
	for (struct process **at = &feed->view.living, *process; (process = *at) && !error;) {
		if (!image_has_ended(feed, process, mapped)) {
			look_for_ring(collector, process, now_ns);
			living += process->row.ended_ns == FACT_NULL;
			at = &process->next_living;
			continue;
		}
		error = end_image(collector, feed, process, now_ns);
		watch_forget(process);
		/* What its calls have told may have put another in front of it. */
		while (*at != process)
			at = &(*at)->next_living;
		*at = process->next_living;
		identity_process_done(collector->identity, process);
	}
	if (!error && mapped < 0 && !living)
		error = finish_feed(collector, feed, now_ns);
	return error;
}

int feeds_look_at_ends(struct collector *collector, int64_t now_ns)
{
	int64_t trace_ns = now_ns - collector->store->start_monotonic_ns;
	int error = 0;

	collector->living_count = 0;
	for (size_t i = 0; i < collector->feed_count && !error; i++) {
		if (!collector->feeds[i]->finished)
			error = look_at_feed(collector, collector->feeds[i], trace_ns);
		collector->living_count += !collector->feeds[i]->finished;
	}
	return error;
}

size_t collector_live_count(struct collector *collector)
{
	size_t count = collector->spools_left;

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
