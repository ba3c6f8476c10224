/*
 * test_spool.c: how preload/ makes room in a spool: threads that grow it at once all find it, and pages are made in runs. Under `make tsan` and `make asan` as well.
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
#include "preload/spool.c"
#include "preload/spool_growth.c"

int guard_level;
uint8_t patch_awake[2] = {1, 0};
struct spool_header *writer_spool;
int writer_pid = 4711;

void epoll_record_pending(void) { }
void intercept_record_pending(void) { }
void mappings_read(struct spool_header *made, char *text, uint32_t room) { }
void spool_start_collector(void) { }

#define THREADS 4
#define ROUNDS 3000

static char directory[] = "/tmp/test_spool.XXXXXX";
static struct spool_header *spool;
static uint32_t first_limit;
static uint64_t refused;

static uint64_t file_bytes(void)
{
	struct stat status;

	assert_int_equal(stat(spool_path, &status), 0);
	return (uint64_t)status.st_size;
}

static void a_spool_grows_to_twice_its_size_with_blocks_to_write_on(void **state)
{
	assert_int_equal(spool_grow(spool, first_limit), 1);
	assert_int_equal(spool->chunk_limit, 2 * first_limit);
	assert_true(file_bytes() >= spool_bytes_of(2 * first_limit));
}

static void room_that_another_has_made_is_room(void **state)
{
	spool->chunk_limit = 2 * first_limit;
	assert_int_equal(spool_grow(spool, first_limit), 1);
	assert_int_equal(spool->chunk_limit, 2 * first_limit);
}

static void what_is_mapped_is_the_bound(void **state)
{
	spool->chunk_limit = spool_window;
	assert_int_equal(spool_grow(spool, spool_window), 0);
	assert_int_equal(spool->chunk_limit, spool_window);
}

/* Each asks for the chunk behind the limit that it has seen, as one does who finds no chunk. */
static void *grow_often(void *barrier)
{
	for (int round = 0; round < ROUNDS; round++) {
		uint32_t limit;

		pthread_barrier_wait(barrier);
		while ((limit = __atomic_load_n(&spool->chunk_limit, __ATOMIC_ACQUIRE)) < 8 * first_limit)
			if (!spool_grow(spool, limit))
				__atomic_fetch_add(&refused, 1, __ATOMIC_RELAXED);
		if (pthread_barrier_wait(barrier) == PTHREAD_BARRIER_SERIAL_THREAD)
			__atomic_store_n(&spool->chunk_limit, first_limit, __ATOMIC_RELEASE);
	}
	return NULL;
}

static void threads_that_grow_it_at_once_all_find_room(void **state)
{
	pthread_t threads[THREADS];
	pthread_barrier_t barrier;

	pthread_barrier_init(&barrier, NULL, THREADS);
	for (int i = 0; i < THREADS; i++)
		pthread_create(&threads[i], NULL, grow_often, &barrier);
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	pthread_barrier_destroy(&barrier);
	assert_int_equal(refused, 0);
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
	assert_ptr_equal(spool_make_run(spool, &passed), &passed);
	assert_int_equal(spool->chunk_fresh, 5); /* it may have been the only one */
	assert_ptr_equal(spool_make_run(spool, &passed), &passed);
	assert_int_equal(spool->chunk_fresh, 5 + RUN_CHUNKS);
	free_list(indices, &count);
	assert_int_equal(count, RUN_CHUNKS);
	for (unsigned i = 0; i < count; i++) {
		assert_int_equal(indices[i], 5 + i);
		assert_int_equal(chunk_of(indices[i])->state, CHUNK_FREE);
	}
	spool_make_run(spool, NULL);
	assert_int_equal(spool->chunk_fresh, 5 + RUN_CHUNKS); /* there are some */
}

static void a_run_ends_where_blocks_are_reserved(void **state)
{
	spool_make_run(spool, NULL);
	spool->chunk_fresh = spool->chunk_limit - RUN_CHUNKS + 1;
	spool_make_run(spool, NULL);
	assert_int_equal(spool->chunk_free, 0);
	spool->chunk_fresh = spool->chunk_limit - RUN_CHUNKS;
	spool_make_run(spool, NULL);
	assert_int_equal(spool->chunk_fresh, spool->chunk_limit);
}

static void without_fallocate_a_thread_writes_on_a_run_of_its_own(void **state)
{
	uint32_t indices[64];
	unsigned count;

	lacks_fallocate = 1;
	spool->chunk_fresh = first_limit;
	assert_int_equal(spool_grow(spool, first_limit), 0);
	assert_int_equal(spool_claim(spool), first_limit);
	assert_int_equal(spool->chunk_limit, first_limit + RUN_CHUNKS);
	assert_int_equal(spool->chunk_fresh, first_limit + RUN_CHUNKS);
	assert_true(file_bytes() >= spool_bytes_of(first_limit + RUN_CHUNKS));
	free_list(indices, &count);
	assert_int_equal(count, RUN_CHUNKS - 1);
	for (unsigned i = 0; i < count; i++)
		assert_int_equal(indices[i], first_limit + 1 + i);
	spool->chunk_fresh = spool_window - 3;
	assert_int_equal(spool_claim(spool), spool_window - 3);
	assert_int_equal(spool_claim(spool), -1);
}

static void with_fallocate_nothing_is_written(void **state)
{
	spool->chunk_fresh = first_limit;
	assert_int_equal(spool_claim(spool), -1);
	assert_int_equal(spool->chunk_fresh, first_limit);
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

	lacks_fallocate = 1;
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

/* What could not be written on is not lost: a limit may be raised again, or a disk have room. */
static void a_run_that_cannot_be_written_on_is_nobodys(void **state)
{
	struct rlimit before, small;

	lacks_fallocate = 1;
	spool->chunk_fresh = first_limit;
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	small = (struct rlimit){spool_bytes_of(first_limit), before.rlim_max};
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	assert_int_equal(spool_claim(spool), -1);
	assert_int_equal(spool->chunk_fresh, first_limit);
	assert_int_equal(spool->chunk_limit, first_limit);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	spool_after_fork();
	assert_int_equal(spool_claim(spool), first_limit);
}

/* A write beyond it would be a SIGXFSZ for the program (setrlimit(2)), also where the file is that long already. */
static void a_limit_on_the_size_of_files_is_kept(void **state)
{
	struct rlimit before, small;

	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	small = (struct rlimit){spool_bytes_of(3), before.rlim_max};
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	spool_make_run(spool, NULL);
	spool_make_run(spool, NULL);
	assert_int_equal(spool->chunk_fresh, RUN_CHUNKS);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
}

static int make_spool_of_ours(void **state)
{
	clock_init();
	spool_after_fork(); /* forgets what the test before has done */
	lacks_fallocate = 0;
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
		TEST(a_spool_grows_to_twice_its_size_with_blocks_to_write_on),
		TEST(room_that_another_has_made_is_room),
		TEST(what_is_mapped_is_the_bound),
		TEST(threads_that_grow_it_at_once_all_find_room),
		TEST(threads_that_make_it_at_once_all_have_one),
		TEST(a_second_chunk_brings_a_run_of_others),
		TEST(a_run_ends_where_blocks_are_reserved),
		TEST(a_limit_on_the_size_of_files_is_kept),
		TEST(without_fallocate_a_thread_writes_on_a_run_of_its_own),
		TEST(with_fallocate_nothing_is_written),
		TEST(threads_that_write_on_runs_at_once_have_each_their_own),
		TEST(a_run_that_cannot_be_written_on_is_nobodys),
	};

	return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
