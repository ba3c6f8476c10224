/*
 * test_spool.c: how preload/ makes a spool and room in it: threads that do so at once all find it, and pages are made in runs. Under `make tsan` and `make asan` as well.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "preload/clock.c"
#include "preload/own_table.c"
#include "preload/spool.c"
#include "preload/spool_growth.c"

int guard_level;
uint8_t patch_awake[2] = {1, 0};
struct spool_header *writer_spool;
int writer_pid = 4711;
__thread struct sharing *sharing;

void epoll_record_pending(void) { }
void intercept_record_pending(void) { }
void mappings_read(struct spool_header *made, char *text, uint32_t room) { }
void spool_start_collector(void) { }

#define THREADS 4
#define ROUNDS 3000

static char directory[] = "/tmp/test_spool.XXXXXX";
static struct spool_header *spool;
static uint32_t first_limit;

static uint64_t file_bytes(void)
{
	struct stat status;

	assert_int_equal(stat(spool_path, &status), 0);
	return (uint64_t)status.st_size;
}

static void it_is_as_long_as_it_can_be(void **state)
{
	assert_int_equal(spool->chunk_max, spool_window);
	assert_int_equal(file_bytes(), spool_bytes_of(spool_window));
	assert_int_equal(first_limit, SPOOL_FIRST_BYTES / SPOOL_CHUNK_BYTES);
}

static pthread_barrier_t all;

static void *open_at_once(void *nothing)
{
	pthread_barrier_wait(&all);
	return spool_open();
}

static void threads_that_make_it_at_once_all_have_one(void **state)
{
	pthread_t threads[4 * OPEN_ATTEMPTS];
	void *got;

#ifdef __SANITIZE_THREAD__
	/* What the loser unmaps another thread maps, by system calls that the sanitizer does not see: it takes the two for one place. */
	print_message("skipped under the thread sanitizer\n");
	skip();
#endif
	pthread_barrier_init(&all, NULL, sizeof threads / sizeof *threads);
	for (int round = 0; round < 20; round++) {
		munmap(spool, spool_bytes_of(spool_window));
		unlink(spool_path);
		writer_spool = NULL;
		for (unsigned i = 0; i < sizeof threads / sizeof *threads; i++)
			pthread_create(&threads[i], NULL, open_at_once, NULL);
		for (unsigned i = 0; i < sizeof threads / sizeof *threads; i++) {
			pthread_join(threads[i], &got);
			assert_non_null(got);
			assert_ptr_equal(got, writer_spool);
		}
		spool = writer_spool;
		assert_int_equal(spool->ready, 1);
	}
	pthread_barrier_destroy(&all);
}

static struct spool_chunk_header *chunk_of(uint32_t index)
{
	return (struct spool_chunk_header *)((char *)spool + spool_bytes_of(index));
}

/* The free list from its head: *count indices. */
static void free_list(uint32_t indices[64], unsigned *count)
{
	uint32_t next = (uint32_t)spool->chunk_free;

	for (*count = 0; next && *count < 64; next = chunk_of(next - 1)->next_free)
		indices[(*count)++] = next - 1;
}

static void a_second_chunk_brings_a_run_of_others(void **state)
{
	uint32_t indices[64];
	unsigned count;
	int passed;

	spool->chunk_fresh = 5;
	assert_ptr_equal(spool_make_run(spool, 1, &passed), &passed);
	assert_int_equal(spool->chunk_fresh, 5); /* it may have been the only one */
	assert_ptr_equal(spool_make_run(spool, 1, &passed), &passed);
	assert_int_equal(spool->chunk_fresh, 5 + RUN_CHUNKS);
	free_list(indices, &count);
	assert_int_equal(count, RUN_CHUNKS);
	for (unsigned i = 0; i < count; i++) {
		assert_int_equal(indices[i], 5 + i);
		assert_int_equal(chunk_of(indices[i])->state, CHUNK_FREE);
	}
	spool_make_run(spool, 1, NULL);
	assert_int_equal(spool->chunk_fresh, 5 + RUN_CHUNKS); /* there are some */
}

/* Pages that the collector has made are mapped with the first chunk of a run that is taken, and only then. */
static void the_first_of_a_run_brings_the_pages_of_all(void **state)
{
	const char *run = (const char *)spool + spool_bytes_of(16);
	unsigned char is_there[RUN_BYTES / 4096];
	int passed;

	spool->chunk_fresh = 24;
	assert_ptr_equal(spool_make_run(spool, 17, &passed), &passed);
	assert_int_equal(mincore((void *)run, RUN_BYTES, is_there), 0);
	assert_false(is_there[3] & 1);
	assert_ptr_equal(spool_make_run(spool, 16, &passed), &passed);
	assert_int_equal(mincore((void *)run, RUN_BYTES, is_there), 0);
	for (unsigned i = 0; i < sizeof is_there; i++)
		assert_true(is_there[i] & 1);
	assert_int_equal(spool->chunk_fresh, 24);
}

static void a_run_makes_room_beyond_what_is_reserved(void **state)
{
	spool_make_run(spool, 1, NULL);
	spool->chunk_fresh = spool->chunk_limit - 3;
	spool_make_run(spool, 1, NULL);
	assert_int_equal(spool->chunk_fresh, first_limit + RUN_CHUNKS - 3);
	assert_int_equal(spool->chunk_limit, spool->chunk_fresh);
	assert_int_equal(spool->chunk_free & UINT32_MAX, first_limit - 3 + 1);
	spool->chunk_free = 0;
	spool->chunk_fresh = spool_window - RUN_CHUNKS + 1;
	spool_make_run(spool, 1, NULL);
	assert_int_equal(spool->chunk_free, 0);
}

static void a_run_that_has_no_room_is_left(void **state)
{
	char *at = (char *)spool + spool_bytes_of(first_limit);

	spool_make_run(spool, 1, NULL);
	assert_int_equal(mprotect(at, RUN_BYTES, PROT_READ), 0);
	spool->chunk_fresh = first_limit - 3;
	spool_make_run(spool, 1, NULL);
	assert_int_equal(spool->chunk_fresh, first_limit - 3);
	assert_int_equal(spool->chunk_limit, first_limit);
	assert_int_equal(spool->chunk_free, 0);
	spool->chunk_fresh = first_limit - RUN_CHUNKS;
	spool_make_run(spool, 1, NULL);
	assert_int_equal(spool->chunk_fresh, first_limit); /* reserved: they are given, whatever it is with their pages */
}

static void a_claim_makes_room_for_a_run(void **state)
{
	uint32_t indices[64];
	unsigned count;

	spool->chunk_fresh = first_limit;
	assert_int_equal(spool_claim(spool), first_limit);
	assert_int_equal(spool->chunk_limit, first_limit + RUN_CHUNKS);
	assert_int_equal(spool->chunk_fresh, first_limit + RUN_CHUNKS);
	free_list(indices, &count);
	assert_int_equal(count, RUN_CHUNKS - 1);
	for (unsigned i = 0; i < count; i++)
		assert_int_equal(indices[i], first_limit + 1 + i);
	spool->chunk_fresh = spool_window - 3;
	assert_int_equal(spool_claim(spool), spool_window - 3);
	assert_int_equal(spool_claim(spool), -1);
}

static void where_some_reach_less_a_claim_is_of_one(void **state)
{
	spool->narrowed = 1;
	spool->chunk_fresh = first_limit;
	assert_int_equal(spool_claim(spool), first_limit);
	assert_int_equal(spool->chunk_fresh, first_limit + 1);
	assert_int_equal(spool->chunk_free, 0);
}

/* Each writes on chunks that it has claimed, beside others who claim: what it wrote stays. */
static void *claim_often(void *taken)
{
	int64_t index;

	while ((index = spool_claim(spool)) >= 0) {
		((uint8_t *)taken)[index]++;
		memset((char *)spool + spool_bytes_of((uint64_t)index), (int)(index % 251) + 1, SPOOL_CHUNK_BYTES);
	}
	return NULL;
}

static void threads_that_write_on_runs_at_once_have_each_their_own(void **state)
{
	pthread_t threads[THREADS];
	uint8_t *taken[THREADS];
	uint32_t claimed = 0;

	spool->chunk_fresh = first_limit;
	for (int i = 0; i < THREADS; i++)
		pthread_create(&threads[i], NULL, claim_often, taken[i] = calloc(spool_window, 1));
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	for (uint32_t index = 0; index < spool_window; index++) {
		const uint8_t *bytes = (uint8_t *)spool + spool_bytes_of(index);
		unsigned owners = 0;

		for (int i = 0; i < THREADS; i++)
			owners += taken[i][index];
		assert_true(owners <= 1);
		claimed += owners;
		if (owners)
			for (unsigned at = 0; at < SPOOL_CHUNK_BYTES; at++)
				assert_int_equal(bytes[at], index % 251 + 1);
	}
	assert_int_equal(claimed, (spool_window - first_limit + RUN_CHUNKS - 1) / RUN_CHUNKS);
	assert_int_equal(spool->chunk_limit, spool_window);
	for (int i = 0; i < THREADS; i++)
		free(taken[i]);
}

/* What could not be written on is not lost: a disk may have room again. */
static void a_run_that_cannot_be_written_on_is_nobodys(void **state)
{
	char *at = (char *)spool + spool_bytes_of(first_limit);

	spool->chunk_fresh = first_limit;
	assert_int_equal(mprotect(at, RUN_BYTES, PROT_READ), 0);
	assert_int_equal(spool_claim(spool), -1);
	assert_int_equal(spool->chunk_fresh, first_limit);
	assert_int_equal(spool->chunk_limit, first_limit);
	assert_int_equal(mprotect(at, RUN_BYTES, PROT_READ | PROT_WRITE), 0);
	assert_int_equal(spool_claim(spool), -1); /* nobody tries again and again */
	spool_after_fork(0);
	assert_int_equal(spool_claim(spool), first_limit);
}

static void old_kernels_make_pages_one_by_one(void **state)
{
	char *at = (char *)spool + spool_bytes_of(first_limit), *end = at + RUN_BYTES;

	assert_int_equal(write_pages(at, end), 0);
	assert_int_equal(mprotect(end - 4096, 4096, PROT_READ), 0);
	assert_int_equal(write_pages(at, end), -EFAULT);
}

/* A write beyond it would be a SIGXFSZ for the program (setrlimit(2)), also where the file is that long already. */
static void a_limit_on_the_size_of_files_is_kept(void **state)
{
	struct rlimit before, small;

	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	small = (struct rlimit){spool_bytes_of(3), before.rlim_max};
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	spool_make_run(spool, 1, NULL);
	spool_make_run(spool, 1, NULL);
	assert_int_equal(spool->chunk_fresh, RUN_CHUNKS);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
}

static void it_is_no_longer_than_a_limit(void **state)
{
	struct rlimit before, small;

	munmap(spool, spool_bytes_of(spool_window));
	unlink(spool_path);
	writer_spool = NULL;
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	small = (struct rlimit){spool_bytes_of(300) + 5, before.rlim_max};
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	spool = spool_open();
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	assert_non_null(spool);
	assert_int_equal(spool_window, 300);
	assert_int_equal(file_bytes(), spool_bytes_of(300));
}

/* Another thread has the lowest free number closed and opened all the time: it is its own at any moment. */
static void *reopen_often(void *others)
{
	int number = open("/dev/null", O_RDONLY);

	while (!__atomic_load_n((int *)others, __ATOMIC_RELAXED)) {
		close(number);
		if (open("/dev/null", O_RDONLY) != number)
			return "another descriptor was there";
	}
	close(number);
	return NULL;
}

static void no_descriptor_is_in_another_threads_way(void **state)
{
	pthread_t thread;
	int done = 0;
	void *complaint;

	pthread_create(&thread, NULL, reopen_often, &done);
	for (int i = 0; i < 300; i++) {
		munmap(spool, spool_bytes_of(spool_window));
		unlink(spool_path);
		writer_spool = NULL;
		spool = spool_open();
		assert_non_null(spool);
		for (int run = 0; run < 5; run++) {
			spool->chunk_free = 0;
			spool_make_run(spool, 1, NULL);
			assert_true(spool_claim(spool) >= 0);
		}
	}
	__atomic_store_n(&done, 1, __ATOMIC_RELAXED);
	pthread_join(thread, &complaint);
	assert_null(complaint);
}

static int make_spool_of_ours(void **state)
{
	clock_init();
	spool_after_fork(0); /* forgets what the test before has done */
	spool_options.max_bytes = 64 << 20;
	raw_copy(spool_options.directory, directory, sizeof directory);
	spool = spool_open();
	if (!spool)
		return -1;
	first_limit = spool->chunk_limit;
	return 0;
}

static int remove_spool(void **state)
{
	munmap(spool, spool_bytes_of(spool_window));
	writer_spool = NULL;
	return unlink(spool_path);
}

static int make_directory(void **state)
{
	return mkdtemp(directory) ? 0 : -1;
}

static int remove_directory(void **state)
{
	return rmdir(directory);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_spool_of_ours, remove_spool)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(it_is_as_long_as_it_can_be),
		TEST(it_is_no_longer_than_a_limit),
		TEST(a_second_chunk_brings_a_run_of_others),
		TEST(the_first_of_a_run_brings_the_pages_of_all),
		TEST(a_run_makes_room_beyond_what_is_reserved),
		TEST(a_run_that_has_no_room_is_left),
		TEST(a_limit_on_the_size_of_files_is_kept),
		TEST(a_claim_makes_room_for_a_run),
		TEST(where_some_reach_less_a_claim_is_of_one),
		TEST(a_run_that_cannot_be_written_on_is_nobodys),
		TEST(old_kernels_make_pages_one_by_one),
		/* From here on the process has had several threads, and works as such. */
		TEST(threads_that_make_it_at_once_all_have_one),
		TEST(threads_that_write_on_runs_at_once_have_each_their_own),
		TEST(no_descriptor_is_in_another_threads_way),
		TEST(a_second_chunk_brings_a_run_of_others),
	};

	return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
