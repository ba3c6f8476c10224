/*
 * collector_read.c: takes the records out of the spools and feeds them to the state machine in the order of time.
 */
#include "collector/collector_internal.h"

#include <errno.h>
#include <stdlib.h>

#define RECORDS_AHEAD 8

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
int feeds_look_at_running(struct collector *collector)
{
	struct running_source source = {.identity = collector->identity, .feeds = collector->feeds, .feed_count = collector->feed_count,
		.refs = collector->refs, .ref_room = collector->batch_records, .owner = owner_for_running, .caller = collector_find_caller, .context = collector};
	int64_t now_ns = collector_trace_now_ns(collector);
	int result = running_look(&collector->running, &source, now_ns);

	if (collector->running.last_look_ns == now_ns)
		collector->running.look_took_ns = collector_trace_now_ns(collector) - now_ns;
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

/* What is there, spool by spool; fills the refs. Returns how many, or a negative errno. */
static long collect_all(struct collector *collector)
{
	size_t count = 0;

	for (size_t i = 0; i < collector->feed_count && count < collector->turn_records; i++) {
		struct feed *feed = collector->feeds[i];
		int64_t got;

		if (feed->finished)
			continue;
		got = spool_reader_collect(&feed->reader, collector->refs + count, collector->turn_records - count, 0, 0);
		if (got < 0)
			return (long)got;
		for (int64_t j = 0; j < got; j++, count++)
			collector->order[count] = (struct ordered){0, feed, &collector->refs[count]};
	}
	return (long)count;
}

/* Puts the moment beside each; how many of them are before until_ns, which come first then. */
static size_t put_moments(struct collector *collector, size_t count, int64_t until_ns)
{
	size_t kept = 0;

	for (size_t i = 0; i < collector->feed_count; i++)
		if (!collector->feeds[i]->finished)
			feed_calibrate(collector->feeds[i]);
	for (size_t i = 0; i < count; i++) {
		collector->order[i].at_ns = moment_of(collector->order[i].feed, collector->order[i].ref);
		kept += collector->order[i].at_ns / 2 < until_ns;
	}
	if (kept == 0 || kept == count)
		return kept;
	kept = 0;
	for (size_t i = 0; i < count; i++)
		if (collector->order[i].at_ns / 2 < until_ns)
			collector->order[kept++] = collector->order[i];
	return kept;
}

/* A list that was made before may have nothing left that is older than what it does not know of: then another is made. */
static long collect_oldest(struct collector *collector)
{
	for (;;) {
		int goes_on = backlog_goes_on(collector);
		int64_t until_ns = INT64_MAX;
		long count = backlog_collect(collector, &until_ns), kept = count <= 0 ? count : (long)put_moments(collector, (size_t)count, until_ns);

		if (kept || !goes_on)
			return kept ? kept : count;
		backlog_forget(&collector->backlog);
	}
}

long feeds_read(struct collector *collector)
{
	long count = 0;
	int error = 0, from_backlog = collector->behind;

	if (!from_backlog) { /* else there was too much for one turn, and most likely still is */
		count = collect_all(collector);
		from_backlog = count == (long)collector->turn_records;
	}
	if (from_backlog)
		count = collect_oldest(collector);
	else if (count > 0)
		put_moments(collector, (size_t)count, INT64_MAX);
	if (count <= 0)
		return count;
	sort_order(&collector->order, &collector->order_spare, (size_t)count);
	for (long i = 0; i < count && !error; i++) {
		if (i + 2 * RECORDS_AHEAD < count)
			__builtin_prefetch(collector->order[i + 2 * RECORDS_AHEAD].ref);
		if (i + RECORDS_AHEAD < count)
			spool_reader_fetch(&collector->order[i + RECORDS_AHEAD].feed->reader, collector->order[i + RECORDS_AHEAD].ref);
		error = apply_one(collector, collector->order[i].feed, collector->order[i].ref);
	}
	if (from_backlog)
		backlog_settle(&collector->backlog);
	return error ? error : count;
}

/* Calls in progress of a process that is gone: they never returned. */
int feed_apply_unreturned(struct collector *collector, struct feed *feed, int pid)
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
