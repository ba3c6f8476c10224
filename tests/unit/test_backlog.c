/* test_backlog.c: more waits than one turn reads: what came first is stored first, once, and as much at once as there is room for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "collector/clock.h"
#include "collector/collector_internal.h"
#include "trace_directory.h"

#define TEST(name) cmocka_unit_test_teardown(name, trace_clean)

enum { CHUNKS = 700, BATCH = 65536 };

/* 700 chunks, the last one the oldest; a batch has room for the records of 520. The writers may take so many more. */
static void make_large_spool(uint32_t more)
{
	assert_true(mkdir(spools, 0700) == 0 || errno == EEXIST);
	spool_file_make(spool, CHUNKS);
	spool_file_write(spool, offsetof(struct spool_header, chunk_max), &(uint32_t){CHUNKS + more}, 4);
	for (uint32_t chunk = 0; chunk < CHUNKS; chunk++) {
		uint64_t taken_ns = 2000 + UINT64_C(1000) * (CHUNKS - chunk);

		spool_file_chunk_taken(spool, chunk, 7, CHUNK_RETIRED, taken_ns);
		for (unsigned slot = 0; slot < SPOOL_CHUNK_SLOTS; slot++)
			spool_file_send(spool, chunk, slot, 1, taken_ns + slot, STATE_DONE);
	}
}

static void of_more_than_a_batch_the_oldest_come_first(void **state)
{
	int64_t newest_ns = 2000 + INT64_C(1000) * CHUNKS - 1000 * (CHUNKS - BATCH / SPOOL_CHUNK_SLOTS);
	int held;

	make_large_spool(0);
	held = trace_hold_spool();
	trace_collect_and_die(1);
	assert_int_equal(trace_query("SELECT count(*) FROM call"), BATCH / SPOOL_CHUNK_SLOTS * SPOOL_CHUNK_SLOTS);
	assert_true(trace_query("SELECT max(start_ns) FROM call") < newest_ns);
	close(held);
	assert_int_equal(collector_ingest(database, message), 0);
	assert_int_equal(trace_query("SELECT count(*) FROM call"), CHUNKS * SPOOL_CHUNK_SLOTS);
	assert_int_equal(trace_query("SELECT send_calls FROM socket"), CHUNKS * SPOOL_CHUNK_SLOTS);
}

/* The spool of the test above is full, so that its chunks are given back soonest. */
static void of_more_than_a_batch_several_are_committed_at_once_where_there_is_room(void **state)
{
	int held;

	make_large_spool(2 * CHUNKS);
	held = trace_hold_spool();
	trace_collect_and_die(1);
	assert_int_equal(trace_query("SELECT count(*) FROM call"), BATCH / SPOOL_CHUNK_SLOTS * SPOOL_CHUNK_SLOTS);
	close(held);
	trace_clean(NULL);
	make_large_spool(8 * CHUNKS);
	held = trace_hold_spool();
	trace_collect_and_die(2);
	assert_int_equal(trace_query("SELECT count(*) FROM call"), 0);
	trace_collect_and_die(3); /* a last look finds that there is no more */
	assert_int_equal(trace_query("SELECT count(*) FROM call"), CHUNKS * SPOOL_CHUNK_SLOTS);
	close(held);
}

enum { LISTED = 10, TURN = 4 * SPOOL_CHUNK_SLOTS };

/* Chunks of two threads in turn, whose records overlap by half; one more may be taken. The first chunk has `first` records and is still written to. */
static uint64_t make_list(unsigned first)
{
	uint64_t base_ns = (uint64_t)clock_monotonic_ns() - 1000000000;

	assert_int_equal(mkdir(spools, 0700), 0);
	spool_file_make(spool, LISTED + 1);
	spool_file_write(spool, offsetof(struct spool_header, chunk_fresh), &(uint32_t){LISTED}, 4);
	for (uint32_t chunk = 0; chunk < LISTED; chunk++) {
		uint64_t taken_ns = base_ns + chunk * 1000;

		spool_file_chunk_taken(spool, chunk, chunk == 0 ? 9 : 7 + (int)chunk % 2, chunk == 0 ? CHUNK_OWNED : CHUNK_RETIRED, taken_ns);
		for (unsigned slot = 0; slot < (chunk == 0 ? first : SPOOL_CHUNK_SLOTS); slot++)
			spool_file_send(spool, chunk, slot, 1, taken_ns + slot * 15, STATE_DONE);
	}
	return base_ns;
}

static struct collector *open_collector(void)
{
	struct collector_options options = {.database = database, .keep_data_calls = 1};
	struct collector *collector;

	assert_int_equal(collector_open(&collector, &options, message), 0);
	assert_int_equal(directory_scan(collector, clock_monotonic_ns()), 1);
	collector->turn_records = TURN;
	return collector;
}

/* One turn, of records that are not older than those of the turns before. */
static long read_turn(struct collector *collector, int64_t *latest_ns)
{
	long count = feeds_read(collector);

	for (long i = 0; i < count; i++) {
		assert_true(collector->order[i].at_ns >= *latest_ns);
		*latest_ns = collector->order[i].at_ns;
	}
	return count;
}

static void chunks_are_looked_through_once_and_read_in_turns(void **state)
{
	long total = 0, count, looks = 0;
	int64_t latest_ns = INT64_MIN, looked_ns = INT64_MIN;
	struct collector *collector;
	int held;

	make_list(SPOOL_CHUNK_SLOTS);
	held = trace_hold_spool();
	collector = open_collector();
	while ((count = read_turn(collector, &latest_ns)) > 0) {
		assert_true(count <= TURN);
		total += count;
		looks += collector->backlog.looked_ns != looked_ns;
		looked_ns = collector->backlog.looked_ns;
	}
	assert_int_equal(count, 0);
	assert_int_equal(collector->behind, 0);
	assert_int_equal(total, LISTED * SPOOL_CHUNK_SLOTS);
	assert_int_equal(looks, 1);
	close(held);
	assert_int_equal(collector_close(collector, 1), 0);
	assert_int_equal(trace_query("SELECT count(*) FROM call"), LISTED * SPOOL_CHUNK_SLOTS);
}

static void what_is_written_meanwhile_waits_for_what_is_older(void **state)
{
	uint64_t base_ns = make_list(1), later_ns = base_ns + 2000000000;
	int64_t latest_ns = INT64_MIN;
	struct collector *collector;
	long total, count;
	int held = trace_hold_spool();

	collector = open_collector();
	total = read_turn(collector, &latest_ns);
	/* A chunk of the list goes on; then one is taken that the list does not have, and has the older record. */
	spool_file_send(spool, 0, 1, 1, base_ns + 5500, STATE_DONE);
	spool_file_send(spool, 0, 2, 1, later_ns + 2000, STATE_DONE);
	spool_file_chunk_taken(spool, LISTED, 10, CHUNK_OWNED, later_ns);
	spool_file_send(spool, LISTED, 0, 1, later_ns + 1000, STATE_DONE);
	spool_file_write(spool, offsetof(struct spool_header, chunk_fresh), &(uint32_t){LISTED + 1}, 4);
	while ((count = read_turn(collector, &latest_ns)) > 0)
		total += count;
	assert_int_equal(count, 0);
	assert_int_equal(total, (LISTED - 1) * SPOOL_CHUNK_SLOTS + 4);
	close(held);
	assert_int_equal(collector_close(collector, 1), 0);
	assert_int_equal(trace_query("SELECT count(*) FROM call"), total);
}

/* It has what is older than most that is left of the list. */
static void a_spool_that_is_found_meanwhile_is_looked_through_as_well(void **state)
{
	uint64_t base_ns = make_list(SPOOL_CHUNK_SLOTS);
	int64_t latest_ns = INT64_MIN;
	struct collector *collector;
	int held = trace_hold_spool(), held_other;
	char first[sizeof spool];
	long total, count;

	collector = open_collector();
	total = read_turn(collector, &latest_ns);
	snprintf(first, sizeof first, "%s", spool);
	snprintf(spool, sizeof spool, "%s/2000000001-3e8.spool", spools);
	spool_file_make(spool, 1);
	spool_file_chunk_taken(spool, 0, 11, CHUNK_RETIRED, base_ns + 4500);
	for (unsigned slot = 0; slot < SPOOL_CHUNK_SLOTS; slot++)
		spool_file_send(spool, 0, slot, 2, base_ns + 4500 + slot, STATE_DONE);
	held_other = trace_hold_spool();
	memcpy(spool, first, sizeof spool);
	assert_int_equal(directory_scan(collector, INT64_MAX / 2), 1);
	while ((count = read_turn(collector, &latest_ns)) > 0)
		total += count;
	assert_int_equal(count, 0);
	assert_int_equal(total, (LISTED + 1) * SPOOL_CHUNK_SLOTS);
	close(held);
	close(held_other);
	assert_int_equal(collector_close(collector, 1), 0);
	assert_int_equal(trace_query("SELECT count(*) FROM call"), total);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(of_more_than_a_batch_the_oldest_come_first),
		TEST(of_more_than_a_batch_several_are_committed_at_once_where_there_is_room),
		TEST(chunks_are_looked_through_once_and_read_in_turns),
		TEST(what_is_written_meanwhile_waits_for_what_is_older),
		TEST(a_spool_that_is_found_meanwhile_is_looked_through_as_well),
	};

	return cmocka_run_group_tests(tests, trace_make_directory, trace_remove_directory);
}
