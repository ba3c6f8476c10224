/* test_spool_reader.c: which records the reader hands out, what it refuses, and when a chunk goes back to its writers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "collector/spool_reader.h"
#include "spool_file.h"

#define SECOND INT64_C(1000000000)

static char directory[] = "/tmp/test_spool_reader.XXXXXX";
static char path[64];
static int directory_fd;
static struct spool_reader reader;
static struct record_ref refs[1000];
static union record_slot record[1 + SPOOL_MAX_PARTS];

static int make_directory(void **state)
{
	assert_non_null(mkdtemp(directory));
	snprintf(path, sizeof path, "%s/1-1.spool", directory);
	directory_fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return directory_fd < 0;
}

static int remove_directory(void **state)
{
	close(directory_fd);
	return rmdir(directory);
}

static int make_spool(void **state)
{
	spool_file_make(path, 4);
	spool_file_chunk(path, 0, 7, CHUNK_OWNED);
	assert_int_equal(spool_reader_open(&reader, directory_fd, "1-1.spool"), SPOOL_OK);
	return 0;
}

static int remove_spool(void **state)
{
	spool_reader_close(&reader);
	return unlink(path);
}

static int64_t collect(void)
{
	return spool_reader_collect(&reader, refs, 1000, 0, 0);
}

static void finished_records_come_once(void **state)
{
	spool_file_send(path, 0, 0, 1, 100, STATE_DONE);
	spool_file_send(path, 0, 1, 1, 200, STATE_DONE);
	assert_int_equal(collect(), 2);
	assert_int_equal(refs[1].ticks, 200);
	assert_int_equal(spool_reader_copy(&reader, &refs[0], record), 1);
	assert_int_equal(record->call.start_ticks, 100);
	assert_int_equal(spool_reader_copy(&reader, &refs[1], record), 1);
	assert_int_equal(collect(), 0);
}

static void a_running_call_waits_for_its_end_and_does_not_hold_up_others(void **state)
{
	spool_file_send(path, 0, 0, 1, 100, STATE_RUNNING);
	spool_file_send(path, 0, 1, 1, 200, STATE_DONE);
	assert_int_equal(collect(), 1);
	assert_int_equal(refs[0].slot, 1);
	spool_reader_copy(&reader, &refs[0], record);
	spool_file_send(path, 0, 0, 1, 100, STATE_DONE);
	assert_int_equal(collect(), 1);
	assert_int_equal(refs[0].slot, 0);
}

static void running_calls_come_when_their_process_is_gone(void **state)
{
	spool_file_send(path, 0, 0, 1, 100, STATE_RUNNING);
	assert_int_equal(spool_reader_collect(&reader, refs, 1000, 1, 5), 0);
	assert_int_equal(spool_reader_collect(&reader, refs, 1000, 1, 2000000000), 1);
	assert_int_equal(refs[0].running, 1);
	assert_int_equal(spool_reader_copy(&reader, &refs[0], record), 1);
	assert_int_equal(spool_reader_collect(&reader, refs, 1000, 1, 0), 0);
}

static void a_reserved_slot_hides_nothing_behind_it(void **state)
{
	spool_file_send(path, 0, 3, 1, 100, STATE_DONE);
	assert_int_equal(collect(), 1);
	assert_int_equal(refs[0].slot, 3);
}

static void void_records_are_skipped(void **state)
{
	spool_file_send(path, 0, 0, 1, 100, STATE_VOID);
	assert_int_equal(collect(), 0);
	assert_int_equal(reader.malformed_count, 0);
	assert_int_equal(reader.chunks[0].first, 1);
}

/* Two waits, the second within a handler that interrupts the first before that has written what it found; what a wait in another chunk found has its start. */
static void what_a_wait_found_is_of_the_moment_when_it_returned(void **state)
{
	union record_slot wait = {.call = {.tag = {.type = SLOT_CALL, .state = STATE_DONE, .kind = CALL_epoll_wait}, .start_ticks = 100, .duration_ticks = 50}};
	union record_slot nested = {.call = {.tag = {.type = SLOT_CALL, .state = STATE_DONE, .kind = CALL_poll}, .start_ticks = 120, .duration_ticks = 7}};
	union record_slot found = {.epoll_ready = {.tag = {.type = SLOT_EPOLL_READY, .state = STATE_DONE}, .call_start_ticks = 100}};
	union record_slot polled = {.ready = {.tag = {.type = SLOT_READY, .state = STATE_DONE}, .call_start_ticks = 120}};
	union record_slot elsewhere = {.ready = {.tag = {.type = SLOT_READY, .state = STATE_DONE}, .call_start_ticks = 90}};

	spool_file_slot(path, 0, 0, &wait);
	spool_file_slot(path, 0, 1, &nested);
	spool_file_slot(path, 0, 2, &polled);
	spool_file_slot(path, 0, 3, &found);
	spool_file_slot(path, 0, 4, &found);
	spool_file_slot(path, 0, 5, &elsewhere);
	assert_int_equal(collect(), 6);
	assert_int_equal(refs[2].ticks, 127);
	assert_int_equal(refs[3].ticks, 150);
	assert_int_equal(refs[4].ticks, 150);
	assert_int_equal(refs[5].ticks, 90);
}

static void chunks_that_nobody_has_are_passed_over(void **state)
{
	uint32_t number = 0;
	uint64_t taken_ns;
	int32_t tid;

	spool_file_chunk_taken(path, 2, 7, CHUNK_RETIRED, 5000);
	spool_file_send(path, 2, 0, 1, 5100, STATE_DONE);
	assert_int_equal(spool_reader_next(&reader, &number, &taken_ns, &tid), 1);
	assert_int_equal(number, 0);
	number++;
	assert_int_equal(spool_reader_next(&reader, &number, &taken_ns, &tid), 1);
	assert_int_equal(number, 2);
	assert_int_equal(taken_ns, 5000);
	assert_int_equal(tid, 7);
	assert_int_equal(spool_reader_collect_chunk(&reader, 2, refs), 1);
	assert_int_equal(refs[0].ticks, 5100);
	assert_int_equal(spool_reader_collect_chunk(&reader, 1, refs), 0);
	number++;
	assert_int_equal(spool_reader_next(&reader, &number, &taken_ns, &tid), 0);
}

static void a_chunk_is_drained_when_nothing_more_can_come(void **state)
{
	spool_file_chunk_taken(path, 2, 7, CHUNK_OWNED, 5000);
	spool_file_send(path, 2, 0, 1, 5100, STATE_DONE);
	spool_file_send(path, 2, 1, 1, 5200, STATE_RUNNING);
	assert_int_equal(spool_reader_collect(&reader, refs, 1, 0, 0), 1);
	assert_int_equal(spool_reader_collect_chunk(&reader, 2, refs), 1);
	assert_int_equal(spool_reader_copy(&reader, &refs[0], record), 1);
	assert_int_equal(spool_reader_is_drained(&reader, 2), 0); /* its writer may go on */
	spool_file_chunk_taken(path, 2, 7, CHUNK_RETIRED, 5000);
	assert_int_equal(spool_reader_is_drained(&reader, 2), 0); /* a call is in progress */
	spool_file_send(path, 2, 1, 1, 5200, STATE_DONE);
	assert_int_equal(spool_reader_collect_chunk(&reader, 2, refs), 1);
	assert_int_equal(spool_reader_copy(&reader, &refs[0], record), 1);
	assert_int_equal(spool_reader_is_drained(&reader, 2), 1);
}

/* What was given back is room in any case, once it is an eighth of the spool; a few chunks on the free list may be those of a run. */
static void there_is_room_below_the_bounds_or_where_chunks_are_free(void **state)
{
	struct spool_chunk_header *first = (struct spool_chunk_header *)((char *)reader.header + SPOOL_HEADER_BYTES);

	reader.header->chunk_fresh = 1;
	reader.chunk_max = 4;
	assert_int_equal(spool_reader_has_fresh(&reader, 3), 1);
	assert_int_equal(spool_reader_has_fresh(&reader, 4), 0);
	assert_int_equal(spool_reader_has_room(&reader, UINT64_C(1) << 30), 0); /* an eighth of 4 is none */
	reader.chunk_max = 16;
	assert_int_equal(spool_reader_has_room(&reader, UINT64_C(1) << 30), 1);
	assert_int_equal(spool_reader_has_room(&reader, SPOOL_CHUNK_BYTES), 0);
	reader.chunk_used = 4;
	reader.header->chunk_free = 1;
	assert_int_equal(spool_reader_has_room(&reader, SPOOL_CHUNK_BYTES), 0);
	first->next_free = 2;
	assert_int_equal(spool_reader_has_room(&reader, SPOOL_CHUNK_BYTES), 1);
	/* A list that leads out of the file, or in a circle, ends. */
	first->next_free = UINT32_MAX;
	assert_int_equal(spool_reader_has_room(&reader, SPOOL_CHUNK_BYTES), 0);
	first->next_free = 1;
	assert_int_equal(spool_reader_has_room(&reader, SPOOL_CHUNK_BYTES), 1);
}

static void parts_beyond_the_chunk_are_refused(void **state)
{
	union record_slot slot = {.tag = {.type = SLOT_CALL, .state = STATE_DONE, .kind = CALL_send, .parts = 3}};

	spool_file_slot(path, 0, SPOOL_CHUNK_SLOTS - 3, &slot);
	slot.tag.parts = 255;
	spool_file_slot(path, 0, 0, &slot);
	slot.tag = (struct spool_tag){.type = SLOT_CALL, .state = 77};
	spool_file_slot(path, 0, 1, &slot);
	slot.tag = (struct spool_tag){.type = SLOT_EXT_TEXT, .state = STATE_DONE};
	spool_file_slot(path, 0, 2, &slot);
	assert_int_equal(collect(), 0);
	assert_int_equal(reader.malformed_count, 4);
	assert_int_equal(collect(), 0);
	assert_int_equal(reader.malformed_count, 4);
}

static void a_record_that_changes_under_our_eyes_is_refused(void **state)
{
	spool_file_send(path, 0, 0, 1, 100, STATE_DONE);
	assert_int_equal(collect(), 1);
	spool_file_send(path, 0, 0, 1, 100, STATE_RUNNING);
	assert_int_equal(spool_reader_copy(&reader, &refs[0], record), 0);
}

static void fill_chunk(unsigned slots)
{
	for (unsigned i = 0; i < slots; i++)
		spool_file_send(path, 0, i, 1, 100 + i, STATE_DONE);
	spool_file_chunk(path, 0, 7, CHUNK_RETIRED);
}

static void consume_all(void)
{
	int64_t count = collect();

	for (int64_t i = 0; i < count; i++)
		spool_reader_copy(&reader, &refs[i], record);
}

static void a_drained_chunk_goes_back_zeroed(void **state)
{
	fill_chunk(SPOOL_CHUNK_SLOTS);
	assert_int_equal(spool_reader_return_chunks(&reader, SECOND), 0);
	consume_all();
	assert_int_equal(spool_reader_return_chunks(&reader, SECOND), 1);
	assert_int_equal((uint32_t)reader.header->chunk_free, 1);
	assert_int_equal(reader.header->chunk_free >> 32, 1);
	assert_int_equal(collect(), 0);
	assert_int_equal(reader.chunks[0].generation, 1);
	spool_file_chunk(path, 0, 8, CHUNK_OWNED);
	reader.chunks[0].generation = 0;
	spool_file_send(path, 0, 0, 1, 900, STATE_DONE);
	assert_int_equal(collect(), 1);
}

static void a_chunk_with_a_running_call_stays(void **state)
{
	fill_chunk(SPOOL_CHUNK_SLOTS);
	spool_file_send(path, 0, 50, 1, 150, STATE_RUNNING);
	consume_all();
	assert_int_equal(spool_reader_return_chunks(&reader, SECOND), 0);
	spool_file_send(path, 0, 50, 1, 150, STATE_DONE);
	assert_int_equal(spool_reader_return_chunks(&reader, SECOND), 0);
	consume_all();
	assert_int_equal(spool_reader_return_chunks(&reader, SECOND), 1);
}

static void a_chunk_with_room_at_its_end_is_kept_for_a_second(void **state)
{
	fill_chunk(100);
	consume_all();
	assert_int_equal(spool_reader_return_chunks(&reader, 10 * SECOND), 0);
	assert_int_equal(spool_reader_return_chunks(&reader, 10 * SECOND + SECOND / 2), 0);
	assert_int_equal(spool_reader_return_chunks(&reader, 12 * SECOND), 1);
}

static void a_chunk_with_a_hole_stays(void **state)
{
	union record_slot none = {0};

	fill_chunk(SPOOL_CHUNK_SLOTS);
	spool_file_slot(path, 0, 60, &none);
	consume_all();
	assert_int_equal(spool_reader_return_chunks(&reader, SECOND), 0);
	assert_int_equal(spool_reader_return_chunks(&reader, 5 * SECOND), 0);
}

static void what_was_stored_is_not_read_again(void **state)
{
	uint64_t stored[2] = {1 | UINT64_C(1) << 2, 0};

	for (unsigned i = 0; i < 3; i++)
		spool_file_send(path, 0, i, 1, 100 + i, STATE_DONE);
	assert_int_equal(spool_reader_restore(&reader, 0, 0, stored), 0);
	assert_int_equal(collect(), 1);
	assert_int_equal(refs[0].slot, 1);
}

static void what_was_stored_of_an_earlier_generation_counts_no_more(void **state)
{
	uint64_t stored[2] = {~UINT64_C(0), ~UINT64_C(0)};

	spool_file_send(path, 0, 0, 1, 100, STATE_DONE);
	assert_int_equal(spool_reader_restore(&reader, 0, 41, stored), 0);
	assert_int_equal(collect(), 1);
}

static void the_reserved_part_grows_ahead_of_the_writers(void **state)
{
	struct stat status;

	reader.header->chunk_max = 1000;
	spool_reader_close(&reader);
	spool_file_make(path, 4);
	spool_file_write(path, offsetof(struct spool_header, chunk_max), &(uint32_t){1000}, 4);
	assert_int_equal(spool_reader_open(&reader, directory_fd, "1-1.spool"), SPOOL_OK);
	assert_int_equal(spool_reader_extend(&reader, UINT64_MAX), 0);
	assert_int_equal(reader.header->chunk_limit, 8);
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_size, SPOOL_HEADER_BYTES + 8 * SPOOL_CHUNK_BYTES);
}

/* As a spool is made that may get long, with a writer that has taken its first chunks. */
static void make_long(uint32_t taken)
{
	spool_reader_close(&reader);
	spool_file_make(path, 64);
	spool_file_write(path, offsetof(struct spool_header, chunk_max), &(uint32_t){4000}, 4);
	assert_int_equal(truncate(path, SPOOL_HEADER_BYTES + 4000 * (off_t)SPOOL_CHUNK_BYTES), 0);
	assert_int_equal(spool_reader_open(&reader, directory_fd, "1-1.spool"), SPOOL_OK);
	reader.header->chunk_fresh = taken;
	reader.header->chunk_free = 0;
}

static unsigned free_chunks(void)
{
	unsigned count = 0;

	for (uint32_t next = (uint32_t)reader.header->chunk_free; next; count++) {
		struct spool_chunk_header *chunk = (struct spool_chunk_header *)((char *)reader.header + SPOOL_HEADER_BYTES + (next - 1) * (uint64_t)SPOOL_CHUNK_BYTES);

		assert_true(next <= reader.header->chunk_limit);
		assert_int_equal(chunk->state, CHUNK_FREE);
		next = chunk->next_free;
	}
	return count;
}

static void those_that_writers_take_quickly_are_made_ahead(void **state)
{
	make_long(7);
	assert_int_equal(spool_reader_extend(&reader, UINT64_MAX), 0);
	assert_int_equal(free_chunks(), 0); /* few */
	reader.header->chunk_fresh += 20;
	assert_int_equal(spool_reader_extend(&reader, UINT64_MAX), 0);
	assert_int_equal(free_chunks(), 45); /* twice as many, in runs that end at a multiple of 8 */
	assert_int_equal(reader.header->chunk_fresh, 72);
	assert_int_equal(spool_reader_extend(&reader, UINT64_MAX), 0);
	assert_int_equal(free_chunks(), 45); /* none was taken */
	reader.header->chunk_free = 0;
	assert_int_equal(spool_reader_extend(&reader, UINT64_MAX), 0);
	assert_int_equal(free_chunks(), 80); /* not enough */
	for (int i = 0; i < 4; i++) {
		reader.header->chunk_free = 0;
		assert_int_equal(spool_reader_extend(&reader, UINT64_MAX), 0);
	}
	assert_int_equal(free_chunks(), 504); /* an eighth of the spool at most */
	assert_true(reader.header->chunk_fresh <= 4000);
}

static void little_is_made_ahead_where_memory_is_short(void **state)
{
	make_long(0);
	reader.header->chunk_fresh = 200;
	assert_int_equal(spool_reader_extend(&reader, 24 * SPOOL_CHUNK_BYTES), 0);
	assert_int_equal(free_chunks(), 24);
}

static void nothing_is_made_ahead_for_those_that_reach_less(void **state)
{
	make_long(7);
	reader.header->narrowed = 1;
	assert_int_equal(spool_reader_extend(&reader, UINT64_MAX), 0);
	reader.header->chunk_fresh += 20;
	assert_int_equal(spool_reader_extend(&reader, UINT64_MAX), 0);
	assert_int_equal(free_chunks(), 0);
}

static void a_count_beyond_the_file_is_not_believed(void **state)
{
	reader.header->chunk_fresh = UINT32_MAX;
	assert_int_equal(collect(), 0);
	assert_int_equal(reader.chunk_used, 4);
}

/* In a mount namespace of its own: a tmpfs that is full, and a spool of four chunks in it, of which the first and the last have room. */
static void read_on_a_full_disk(void)
{
	static char filler[1 << 20];
	int holder, fd;

	if (unshare(CLONE_NEWNS) || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) || mount("none", directory, "tmpfs", 0, "size=128k"))
		_exit(77);
	spool_file_make(path, 4);
	spool_file_write(path, offsetof(struct spool_header, locked), &(uint32_t){1}, sizeof reader.header->locked);
	spool_file_chunk(path, 0, 7, CHUNK_OWNED);
	spool_file_send(path, 0, 0, 1, 100, STATE_DONE);
	spool_file_write(path, SPOOL_HEADER_BYTES + SPOOL_CHUNK_BYTES - 1, "", 1);
	spool_file_chunk(path, 3, 8, CHUNK_OWNED);
	spool_file_send(path, 3, 0, 1, 200, STATE_DONE);
	directory_fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	fd = openat(directory_fd, "filler", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	while (write(fd, filler, 4096) == 4096)
		;
	holder = open(path, O_RDONLY | O_CLOEXEC);
	if (flock(holder, LOCK_SH) || spool_reader_open(&reader, directory_fd, "1-1.spool") != SPOOL_OK)
		_exit(1);
	/* As long as somebody may still fill the hole, nothing behind it is looked at. */
	if (collect() != 1 || reader.chunk_used != 1)
		_exit(2);
	close(holder);
	_exit(collect() == 2 && reader.chunk_used == 4 && spool_reader_return_chunks(&reader, SECOND) == 0 ? 0 : 3);
}

static void a_hole_on_a_full_tmpfs_is_passed_over(void **state)
{
	pid_t child = fork();
	int status;

	if (child == 0)
		read_on_a_full_disk();
	assert_int_equal(waitpid(child, &status, 0), child);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
		skip();
	assert_int_equal(status, 0);
}

static void foreign_files_are_refused(void **state)
{
	struct spool_reader other;

	spool_file_write(path, 0, "x", 1);
	assert_int_equal(spool_reader_open(&other, directory_fd, "1-1.spool"), -EBADMSG);
	spool_file_make(path, 4);
	spool_file_write(path, offsetof(struct spool_header, version), &(uint32_t){SPOOL_VERSION + 1}, 4);
	assert_int_equal(spool_reader_open(&other, directory_fd, "1-1.spool"), -EPROTO);
	spool_file_make(path, 4);
	spool_file_write(path, offsetof(struct spool_header, ready), &(uint32_t){0}, 4);
	assert_int_equal(spool_reader_open(&other, directory_fd, "1-1.spool"), SPOOL_NOT_READY);
	spool_file_make(path, 4);
	spool_file_write(path, offsetof(struct spool_header, chunk_max), &(uint32_t){UINT32_MAX}, 4);
	assert_int_equal(spool_reader_open(&other, directory_fd, "1-1.spool"), -EBADMSG);
	assert_int_equal(symlinkat("1-1.spool", directory_fd, "2-1.spool"), 0);
	assert_int_equal(spool_reader_open(&other, directory_fd, "2-1.spool"), -EPERM);
	assert_int_equal(unlinkat(directory_fd, "2-1.spool", 0), 0);
	assert_int_equal(linkat(directory_fd, "1-1.spool", directory_fd, "2-1.spool", 0), 0);
	assert_int_equal(spool_reader_open(&other, directory_fd, "2-1.spool"), -EPERM);
	assert_int_equal(unlinkat(directory_fd, "2-1.spool", 0), 0);
}

/* Threads that make a spool at the same time remove all but one again: that is no damage to tell of. */
static void a_file_that_goes_as_it_is_opened_is_just_gone(void **state)
{
	struct spool_reader other;
	char gone[80];
	pid_t child;
	int gone_count = 0;

	snprintf(gone, sizeof gone, "%s/3-1.spool", directory);
	child = fork();
	assert_true(child >= 0);
	for (int i = 0; child == 0 && i < 20000; i++) {
		close(open(gone, O_RDWR | O_CREAT | O_CLOEXEC, 0600));
		unlink(gone);
	}
	if (child == 0)
		_exit(0);
	while (waitpid(child, NULL, WNOHANG) == 0) {
		int result = spool_reader_open(&other, directory_fd, "3-1.spool");

		assert_true(result == -ENOENT || result == SPOOL_NOT_READY);
		gone_count += result == -ENOENT;
	}
	assert_true(gone_count > 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_spool, remove_spool)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(finished_records_come_once),
		TEST(a_file_that_goes_as_it_is_opened_is_just_gone),
		TEST(a_running_call_waits_for_its_end_and_does_not_hold_up_others),
		TEST(running_calls_come_when_their_process_is_gone),
		TEST(a_reserved_slot_hides_nothing_behind_it),
		TEST(void_records_are_skipped),
		TEST(what_a_wait_found_is_of_the_moment_when_it_returned),
		TEST(chunks_that_nobody_has_are_passed_over),
		TEST(a_chunk_is_drained_when_nothing_more_can_come),
		TEST(there_is_room_below_the_bounds_or_where_chunks_are_free),
		TEST(parts_beyond_the_chunk_are_refused),
		TEST(a_record_that_changes_under_our_eyes_is_refused),
		TEST(a_drained_chunk_goes_back_zeroed),
		TEST(a_chunk_with_a_running_call_stays),
		TEST(a_chunk_with_room_at_its_end_is_kept_for_a_second),
		TEST(a_chunk_with_a_hole_stays),
		TEST(what_was_stored_is_not_read_again),
		TEST(what_was_stored_of_an_earlier_generation_counts_no_more),
		TEST(the_reserved_part_grows_ahead_of_the_writers),
		TEST(those_that_writers_take_quickly_are_made_ahead),
		TEST(little_is_made_ahead_where_memory_is_short),
		TEST(nothing_is_made_ahead_for_those_that_reach_less),
		TEST(a_count_beyond_the_file_is_not_believed),
		TEST(a_hole_on_a_full_tmpfs_is_passed_over),
		TEST(foreign_files_are_refused),
	};

	return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
