/*
 * collector_backlog.c: more waits than one turn reads. What came first is read first, from all chunks: they are looked through once, put in the order in which they were
 * taken, and read a turn's worth at a time, until the list is at its end (docs/decisions/backlog.md).
 *
 * Invariant: a chunk that is not in the list was taken after looked_ns, so that whatever is before looked_ns, and before the next chunk of the list was taken, is among what
 * has been read.
 */
#include "collector/collector_internal.h"

#include <errno.h>
#include <stdlib.h>

/* A writer's moment and ours are of one counter, converted with a rate that was measured twice. */
#define CLOCKS_APART_NS 10000

static int by_taking(const void *a, const void *b)
{
	const struct waiting_chunk *left = a, *right = b;

	return left->taken_ns < right->taken_ns ? -1 : left->taken_ns > right->taken_ns;
}

/* The chunks of a thread follow one another: its records are one run of what is to be sorted. */
static int by_thread(const void *a, const void *b)
{
	const struct waiting_chunk *left = a, *right = b;

	if (left->feed != right->feed)
		return left->feed < right->feed ? -1 : 1;
	if (left->tid != right->tid)
		return left->tid < right->tid ? -1 : 1;
	return by_taking(a, b);
}

static int append(struct backlog *backlog, const struct waiting_chunk *chunk)
{
	if (backlog->count == backlog->room) {
		size_t room = backlog->count ? backlog->count * 2 : 1024;
		struct waiting_chunk *grown = realloc(backlog->chunks, room * sizeof *grown);

		if (!grown)
			return -ENOMEM;
		backlog->chunks = grown;
		backlog->room = room;
	}
	backlog->chunks[backlog->count++] = *chunk;
	return 0;
}

static int look_through(struct collector *collector)
{
	struct backlog *backlog = &collector->backlog;

	backlog->at = backlog->count = 0;
	backlog->feeds = collector->feed_count;
	backlog->looked_ns = collector_trace_now_ns(collector) - CLOCKS_APART_NS;
	for (size_t i = 0; i < collector->feed_count; i++) {
		struct waiting_chunk chunk = {.feed = collector->feeds[i]};
		size_t first = backlog->count;
		uint64_t taken;
		int found = 0;

		for (; !chunk.feed->finished && (found = spool_reader_next(&chunk.feed->reader, &chunk.number, &taken, &chunk.tid)) > 0; chunk.number++) {
			chunk.taken_ns = (int64_t)taken;
			if (append(backlog, &chunk))
				return -ENOMEM;
		}
		if (found < 0)
			return found;
		if (backlog->count > first)
			feed_calibrate(chunk.feed);
		for (; first < backlog->count; first++)
			backlog->chunks[first].taken_ns = identity_clock_ns(&chunk.feed->view.clock, (uint64_t)backlog->chunks[first].taken_ns);
	}
	qsort(backlog->chunks, backlog->count, sizeof *backlog->chunks, by_taking);
	return 0;
}

void backlog_forget(struct backlog *backlog)
{
	backlog->at = backlog->turn = backlog->count = 0;
}

int backlog_goes_on(const struct collector *collector)
{
	return collector->backlog.at < collector->backlog.count && collector->backlog.feeds == collector->feed_count;
}

long backlog_collect(struct collector *collector, int64_t *until_ns)
{
	struct backlog *backlog = &collector->backlog;
	int goes_on = backlog_goes_on(collector), error = goes_on ? 0 : look_through(collector);
	size_t count = 0, filled = 0;

	if (error)
		return error;
	for (backlog->turn = backlog->at; backlog->at < backlog->count && collector->turn_records - count >= SPOOL_CHUNK_SLOTS; backlog->at++) {
		struct waiting_chunk *chunk = &backlog->chunks[backlog->at];

		chunk->first = count;
		chunk->refs = chunk->feed->finished ? 0 : spool_reader_collect_chunk(&chunk->feed->reader, chunk->number, collector->refs + count);
		count += chunk->refs;
	}
	collector->behind = goes_on || backlog->at < backlog->count;
	*until_ns = backlog->at < backlog->count ? backlog->chunks[backlog->at].taken_ns : goes_on ? backlog->looked_ns : INT64_MAX;
	qsort(backlog->chunks + backlog->turn, backlog->at - backlog->turn, sizeof *backlog->chunks, by_thread);
	for (size_t i = backlog->turn; i < backlog->at; i++)
		for (size_t j = 0; j < backlog->chunks[i].refs; j++)
			collector->order[filled++] = (struct ordered){0, backlog->chunks[i].feed, &collector->refs[backlog->chunks[i].first + j]};
	return (long)count;
}

void backlog_settle(struct backlog *backlog)
{
	size_t kept = backlog->at;

	if (backlog->at == backlog->count) {
		backlog_forget(backlog);
		return;
	}
	for (size_t i = backlog->at; i-- > backlog->turn;)
		if (!spool_reader_is_drained(&backlog->chunks[i].feed->reader, backlog->chunks[i].number))
			backlog->chunks[--kept] = backlog->chunks[i];
	qsort(backlog->chunks + kept, backlog->at - kept, sizeof *backlog->chunks, by_taking);
	backlog->at = kept;
}
