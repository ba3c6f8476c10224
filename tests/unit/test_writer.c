/*
 * test_writer.c: the writer of preload/ against the reader of collector/, in one process: threads and signal handlers write while the reader
 * reads and returns chunks. Every record arrives once and whole, or is counted as dropped. Under `make tsan` and `make asan` as well: the
 * writer works in the reader's own mapping, so that a sanitizer sees both sides.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/time.h>

#include "collector/spool_reader.h"
#include "tests/unit/spool_file.h"

/* libc's own dispatch of dlsym and the like is not what is tested: the modules themselves, with what they lean on replaced below. */
#include "preload/clock.c"
#include "preload/table.c"
#include "preload/writer.c"

int guard_level, guard_report_due;
uint8_t patch_awake[2] = {1, 0};
__thread struct sharing *sharing;
static __thread int own_tid;

int guard_own_pid(void) { return 2000000000; }
int guard_own_tid(void) { return own_tid; }
void guard_report(void) { }
void sharing_after_fork(void) { }
struct thread_state *sharing_state(void) { return &thread_state; }
struct table *sharing_table(void) { return &table_process; }
void spool_after_fork(int parent_pid) { }
void subject_after_fork(void) { }
void thread_end_watch(void) { }
uint32_t spool_window = UINT32_MAX;

int64_t spool_claim(struct spool_header *spool) { return -1; }
void *spool_make_run(struct spool_header *spool, uint32_t taken, void *passed) { return passed; }
struct spool_header *spool_open(void) { return writer_spool; }

#define THREADS 4
#define HANDLERS_TID 100

static char directory[] = "/tmp/test_writer.XXXXXX", path[64];
static int directory_fd;
static struct spool_reader reader;
static long records_each = 60000;
static uint64_t attempted, written, ended;
static struct record_ref refs[4096];

/* Writes one call of its number, with an extension; the reader checks that all parts agree. */
static void write_one(uint64_t number)
{
	unsigned parts = number % 3;
	struct spool_call *call = writer_call_begin(CALL_send, (int)(number & 0xffff), number, 0, number, 0, parts, NULL);
	struct writer_extension extension;

	__atomic_fetch_add(&attempted, 1, __ATOMIC_RELAXED);
	if (!call)
		return;
	extension = writer_extensions_of(call);
	for (unsigned i = 0; i < parts; i++) {
		struct spool_ext_socket *slot = writer_extend(&extension, SLOT_EXT_SOCKET, 0, 56);

		slot->socket = number;
	}
	writer_call_returned(call);
	writer_call_end(call, (int64_t)number, 0);
	__atomic_fetch_add(&written, 1, __ATOMIC_RELEASE);
}

static void on_alarm(int signal_number)
{
	static uint64_t next;

	if (own_tid && own_tid != HANDLERS_TID)
		write_one(UINT64_C(1) << 40 | __atomic_add_fetch(&next, 1, __ATOMIC_RELAXED));
}

static void *write_many(void *given)
{
	own_tid = 1 + (int)(long)given;
	for (long i = 0; i < records_each; i++)
		write_one((uint64_t)own_tid << 32 | (uint64_t)i);
	writer_cursor_drop(__atomic_exchange_n(&thread_state.cursor, 0, __ATOMIC_RELAXED));
	__atomic_fetch_add(&ended, 1, __ATOMIC_RELEASE);
	own_tid = 0;
	return NULL;
}

/* Reads all there is; each record must be of one number throughout. Returns how many. */
static uint64_t read_some(void)
{
	static union record_slot record[1 + SPOOL_MAX_PARTS];
	struct timespec now;
	int64_t count = spool_reader_collect(&reader, refs, sizeof refs / sizeof *refs, 0, 0);
	uint64_t good = 0;

	assert_true(count >= 0);
	assert_int_equal(reader.malformed_count, 0);
	for (int64_t i = 0; i < count; i++) {
		if (spool_reader_copy(&reader, &refs[i], record) != 1)
			continue;
		good++;
		assert_int_equal(record->call.socket, record->call.arg);
		assert_int_equal(record->call.socket, record->call.result);
		assert_int_equal(record->call.tag.parts, record->call.socket % 3);
		for (unsigned part = 1; part <= record->call.tag.parts; part++)
			assert_int_equal(((struct spool_ext_socket *)&record[part])->socket, record->call.socket);
	}
	clock_gettime(CLOCK_MONOTONIC, &now);
	spool_reader_return_chunks(&reader, (int64_t)now.tv_sec * 1000000000 + now.tv_nsec);
	return good;
}

static uint64_t dropped(void)
{
	uint64_t sum = 0;

	for (int i = 0; i < SPOOL_DROP_ENTRIES; i++)
		sum += reader.header->drop[i].count;
	return sum;
}

static void begin(unsigned chunks)
{
	static struct process_page page = {7};

	snprintf(path, sizeof path, "%s/1-1.spool", directory);
	spool_file_make(path, chunks);
	assert_int_equal(spool_reader_open(&reader, directory_fd, "1-1.spool"), SPOOL_OK);
	reader.header->chunk_fresh = 0;
	guard_level = 1; /* no madvise of our own */
	process_page = &page;
	page.generation++;
	writer_spool = reader.header;
	writer_enabled = 1;
	writer_pid = 2000000000;
	attempted = written = ended = 0;
}

static void run(int with_signals, unsigned pause_us)
{
	struct sigaction action = {.sa_handler = on_alarm, .sa_flags = SA_RESTART};
	struct itimerval often = {{0, 150}, {0, 150}}, never = {{0, 0}, {0, 0}};
	pthread_t threads[THREADS];
	uint64_t got = 0;

	own_tid = HANDLERS_TID;
	sigaction(SIGALRM, &action, NULL);
	for (long i = 0; i < THREADS; i++)
		pthread_create(&threads[i], NULL, write_many, (void *)i);
	if (with_signals)
		setitimer(ITIMER_REAL, &often, NULL);
	while (__atomic_load_n(&ended, __ATOMIC_ACQUIRE) < THREADS) {
		got += read_some();
		if (pause_us)
			usleep(pause_us);
	}
	setitimer(ITIMER_REAL, &never, NULL);
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	for (uint64_t more = 1; more; got += more)
		more = read_some();
	assert_int_equal(got, written);
	assert_int_equal(attempted, written + dropped());
	writer_spool = NULL;
	writer_enabled = 0;
	spool_reader_close(&reader);
	unlink(path);
}

static void every_record_of_every_thread_arrives_once_and_whole(void **state)
{
	begin(20000);
	run(0, 0);
}

static void handlers_write_between_any_two_steps(void **state)
{
	begin(20000);
	run(1, 0);
}

static void what_finds_no_room_is_counted_exactly(void **state)
{
	begin(40);
	run(1, 3000);
}

static int make_directory(void **state)
{
	clock_init();
	assert_non_null(mkdtemp(directory));
	directory_fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return directory_fd < 0;
}

static int remove_directory(void **state)
{
	close(directory_fd);
	return rmdir(directory);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_record_of_every_thread_arrives_once_and_whole),
		cmocka_unit_test(handlers_write_between_any_two_steps),
		cmocka_unit_test(what_finds_no_room_is_counted_exactly),
	};

	return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
