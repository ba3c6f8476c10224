/* test_store.c: from spools to a database and back: what is stored, once, whatever happens to the collector. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "collector/clock.h"
#include "collector/collector.h"
#include "collector/collector_internal.h"
#include "collector/identity_internal.h"
#include "collector/store.h"
#include "trace_directory.h"

#define TEST(name) cmocka_unit_test_teardown(name, trace_clean)

static int is_there(const char *path)
{
	struct stat status;

	return stat(path, &status) == 0;
}

/* Three sends in two chunks of two threads, one of them running. */
static void make_spool(void)
{
	assert_true(mkdir(spools, 0700) == 0 || errno == EEXIST);
	spool_file_make(spool, 4);
	spool_file_chunk(spool, 0, 7, CHUNK_OWNED);
	spool_file_chunk(spool, 1, 8, CHUNK_OWNED);
	spool_file_send(spool, 0, 0, 1, 1100, STATE_DONE);
	spool_file_send(spool, 0, 1, 1, 1300, STATE_RUNNING);
	spool_file_send(spool, 1, 0, 1, 1200, STATE_DONE);
}

static void ingest(void)
{
	assert_int_equal(collector_ingest(database, message), 0);
	assert_string_equal(message, "");
}

static void spools_left_behind_become_a_finished_database(void **state)
{
	struct stat status;

	make_spool();
	ingest();
	assert_int_equal(trace_query("SELECT count(*) FROM call"), 3);
	assert_int_equal(trace_query("SELECT count(*) FROM call WHERE duration_ns IS NULL AND result IS NULL"), 1);
	assert_int_equal(trace_query("SELECT sent_bytes FROM socket"), 10);
	assert_int_equal(trace_query("SELECT start_ns FROM call ORDER BY start_ns"), 100);
	assert_int_equal(trace_query("SELECT count(*) FROM thread WHERE name = 'worker'"), 2);
	assert_int_equal(trace_query("SELECT count(*) FROM process WHERE program = 'program' AND end_cause = 'killed' AND command_line = 'program ''it''\\''''s'''"), 1);
	assert_int_equal(trace_query("SELECT value = 'complete' FROM meta WHERE key = 'state'"), 1);
	assert_int_equal(trace_query("SELECT count(*) FROM progress"), 0);
	assert_int_equal(trace_query("PRAGMA application_id"), 0x736c6665);
	assert_false(is_there(spools));
	assert_int_equal(stat(database, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0600);
}

static void named_as(const char *argument, const char *executable, const char *program)
{
	struct spool_header header = {0};
	char sql[200];

	make_spool();
	snprintf(header.command_line, sizeof header.command_line, "%s", argument);
	header.command_line_bytes = (uint32_t)strlen(argument) + 1;
	spool_file_write(spool, offsetof(struct spool_header, command_line), header.command_line, sizeof header.command_line);
	spool_file_write(spool, offsetof(struct spool_header, command_line_bytes), &header.command_line_bytes, sizeof header.command_line_bytes);
	snprintf(header.executable, sizeof header.executable, "%s", executable);
	spool_file_write(spool, offsetof(struct spool_header, executable), header.executable, sizeof header.executable);
	ingest();
	snprintf(sql, sizeof sql, "SELECT count(*) FROM process WHERE program = '%s'", program);
	assert_int_equal(trace_query(sql), 1);
	assert_int_equal(unlink(database), 0);
}

static void a_program_is_named_by_what_it_was_called_as_or_the_first_word_of_its_title(void **state)
{
	named_as("/usr/bin/redis-server", "/usr/bin/redis-check-rdb", "redis-server");
	named_as("-bash", "/usr/bin/bash", "bash");
	named_as("puma 5.6 (unix:///run/p.sock) [app]", "/usr/bin/ruby", "puma");
	named_as("nginx: master process /usr/sbin/nginx -c /etc/nginx.conf", "/usr/sbin/nginx", "nginx");
	named_as("/opt/My Server/my server", "/opt/My Server/my server", "my server");
	named_as("bin dir/my server", "/opt/bin dir/my server", "my server");
}

static void a_second_look_stores_nothing_twice(void **state)
{
	make_spool();
	ingest();
	ingest();
	assert_int_equal(trace_query("SELECT count(*) FROM call"), 3);
	assert_int_equal(trace_query("SELECT count(*) FROM socket"), 1);
}

static void a_successor_goes_on_where_a_killed_collector_was(void **state)
{
	int held;

	make_spool();
	held = trace_hold_spool();
	trace_collect_and_die(3);
	assert_true(is_there(spool));
	assert_int_equal(trace_query("SELECT count(*) FROM call"), 2);
	assert_int_equal(trace_query("SELECT value = 'recording' FROM meta WHERE key = 'state'"), 1);
	spool_file_send(spool, 1, 1, 1, 1400, STATE_DONE);
	spool_file_send(spool, 0, 1, 1, 1300, STATE_DONE);
	close(held);
	ingest();
	assert_int_equal(trace_query("SELECT count(*) FROM call"), 4);
	assert_int_equal(trace_query("SELECT count(*) FROM socket"), 1);
	assert_int_equal(trace_query("SELECT sent_bytes FROM socket"), 20);
	assert_int_equal(trace_query("SELECT send_calls FROM socket"), 4);
	assert_int_equal(trace_query("SELECT count(*) FROM process"), 1);
	assert_int_equal(trace_query("SELECT count(*) FROM thread"), 2);
	assert_false(is_there(spools));
}

static void write_slot(uint32_t chunk, unsigned slot, union record_slot record)
{
	record.tag.state = STATE_DONE;
	spool_file_slot(spool, chunk, slot, &record);
}

/* A process and its child hold a socket; the child exits at 300 and the parent closes it at 900, of which the first collector does not see the ends. */
static void make_spool_of_two(void)
{
	const uint64_t cell = 1 | CELL_TCP | UINT64_C(2) << CELL_DOMAIN_SHIFT | UINT64_C(1) << CELL_TYPE_SHIFT;
	struct spool_chunk_header child = {.state = CHUNK_OWNED, .pid = 2000000001, .tid = 2000000001, .taken_ticks = 1100};

	assert_true(mkdir(spools, 0700) == 0 || errno == EEXIST);
	spool_file_make(spool, 4);
	spool_file_chunk(spool, 0, 2000000000, CHUNK_OWNED);
	spool_file_chunk(spool, 1, 0, CHUNK_OWNED);
	spool_file_write(spool, SPOOL_HEADER_BYTES + SPOOL_CHUNK_BYTES, &child, sizeof child);
	write_slot(0, 0, (union record_slot){.span = {.tag = {.type = SLOT_SPAN, .kind = SPAN_OPENED_INHERITED}, .fd = 3, .protocol = UINT32_MAX, .at_ticks = 1100, .socket = cell}});
	write_slot(1, 0, (union record_slot){.span = {.tag = {.type = SLOT_SPAN, .kind = SPAN_OPENED_FORK}, .fd = 3, .protocol = UINT32_MAX, .at_ticks = 1150, .socket = cell}});
	write_slot(1, 1, (union record_slot){.process = {.tag = {.type = SLOT_PROCESS, .kind = PROCESS_EXITING}, .pid = 2000000001, .at_ticks = 1300}});
	write_slot(0, 1, (union record_slot){.call = {.tag = {.type = SLOT_CALL, .kind = CALL_close}, .fd = 3, .start_ticks = 1900, .duration_ticks = 10, .socket = cell}});
	spool_file_send(spool, 0, 2, 2, 2100, STATE_DONE);
}

static void a_successor_knows_when_processes_were_seen_last_and_how_they_ended(void **state)
{
	int held;

	make_spool_of_two();
	held = trace_hold_spool();
	trace_collect_and_die(3);
	assert_int_equal(trace_query("SELECT count(*) FROM process WHERE ended_ns IS NULL"), 2);
	close(held);
	ingest();
	assert_int_equal(trace_query("SELECT ended_ns FROM process WHERE pid = 2000000000 AND end_cause = 'killed'"), 1110);
	assert_int_equal(trace_query("SELECT ended_ns FROM process WHERE pid = 2000000001 AND end_cause = 'exit'"), 300);
	assert_int_equal(trace_query("SELECT closed_ns FROM span JOIN process USING (process_id) WHERE pid = 2000000001 AND closed_by = 'exit'"), 300);
	assert_int_equal(trace_query("SELECT closed_ns FROM socket WHERE cookie = 1 AND how_ended = 'close'"), 900);
	assert_int_equal(trace_query("SELECT count(*) FROM sqlite_schema WHERE name LIKE 'recording%'"), 0);
}

static int note_time(void *context)
{
	*(int64_t *)context = clock_monotonic_ns();
	return 0;
}

static void a_trace_begins_before_what_run_starts_for_it(void **state)
{
	int64_t started_ns = 0;
	struct collector_options options = {.database = database, .keep_data_calls = 1, .ready = note_time, .context = &started_ns};
	struct collector *collector;

	assert_int_equal(collector_open(&collector, &options, message), 0);
	assert_int_equal(collector_close(collector, 1), 0);
	assert_true(started_ns > 0);
	assert_true(trace_query("SELECT value FROM meta WHERE key = 'start_monotonic_ns'") <= started_ns);
}

/* The clock of the spool is the counter, read when the spool was made, which is a while after the image began. */
static void a_trace_without_run_begins_with_its_first_image(void **state)
{
#if defined(__x86_64__)
	uint64_t ticks = __builtin_ia32_rdtsc(), now_ns = (uint64_t)clock_monotonic_ns();

	make_spool();
	spool_file_write(spool, offsetof(struct spool_header, clock), &(uint32_t){SPOOL_CLOCK_TSC}, 4);
	spool_file_write(spool, offsetof(struct spool_header, clock_ticks), &ticks, sizeof ticks);
	spool_file_write(spool, offsetof(struct spool_header, clock_monotonic_ns), &now_ns, sizeof now_ns);
	spool_file_write(spool, offsetof(struct spool_header, start_monotonic_ns), &now_ns, sizeof now_ns);
	now_ns += (uint64_t)(clock_unix_ns() - clock_monotonic_ns());
	spool_file_write(spool, offsetof(struct spool_header, start_unix_ns), &now_ns, sizeof now_ns);
	ticks -= 1000000;
	spool_file_write(spool, offsetof(struct spool_header, start_ticks), &ticks, sizeof ticks);
	usleep(2000);
	ingest();
	assert_in_range(trace_query("SELECT started_ns FROM process"), 0, 1000000);
#else
	skip();
#endif
}

static void a_spool_that_is_still_mapped_is_left_to_its_writers(void **state)
{
	int held;

	make_spool();
	held = trace_hold_spool();
	ingest();
	assert_true(is_there(spool));
	assert_int_equal(trace_query("SELECT count(*) FROM call"), 2);
	close(held);
	ingest();
	assert_int_equal(trace_query("SELECT count(*) FROM call"), 3);
}

static void calls_of_one_nanosecond_are_told_apart(void **state)
{
	make_spool();
	for (unsigned i = 2; i < 6; i++)
		spool_file_send(spool, i & 1, i, 1, 1100, i == 5 ? STATE_RUNNING : STATE_DONE);
	ingest();
	assert_int_equal(trace_query("SELECT count(*) FROM call WHERE start_ns = 100"), 5);
	assert_int_equal(trace_query("SELECT count(DISTINCT sequence) FROM call WHERE start_ns = 100"), 5);
}

static void sockets_alone_keep_their_totals(void **state)
{
	struct collector_options options = {.database = database, .keep_data_calls = 0};
	struct collector *collector;

	make_spool();
	assert_int_equal(collector_open(&collector, &options, message), 0);
	while (collector_live_count(collector) || collector_step(collector) > 0)
		assert_true(collector_step(collector) >= 0);
	assert_int_equal(collector_close(collector, 1), 0);
	assert_int_equal(trace_query("SELECT count(*) FROM call"), 0);
	assert_int_equal(trace_query("SELECT send_calls FROM socket"), 3);
	assert_int_equal(trace_query("SELECT sent_bytes FROM socket"), 10);
}

/* The spool's sends are of the socket with the cookie 1. */
static void a_socket_is_found_by_its_cookie_while_recording_only(void **state)
{
	struct store_origin origin = {.keep_data_calls = 1};
	struct store *store;

	make_spool();
	ingest();
	assert_int_equal(store_open(&store, database, &origin), 0);
	assert_int_equal(store_find_cookie(store, 1), trace_query("SELECT socket_id FROM socket"));
	assert_int_equal(store_find_cookie(store, 2), 0);
	assert_int_equal(trace_query("SELECT count(*) FROM sqlite_schema WHERE type = 'index' AND name LIKE 'recording%'"), 1);
	assert_int_equal(store_finish(store, 2000), 0);
	store_close(store);
	assert_int_equal(trace_query("SELECT count(*) FROM sqlite_schema WHERE type = 'index' AND name LIKE 'recording%'"), 0);
}

static void a_torn_spool_is_kept_and_told(void **state)
{
	char kept[140];

	make_spool();
	assert_int_equal(truncate(spool, 100), 0);
	snprintf(kept, sizeof kept, "%s.damaged", spool);
	ingest();
	assert_true(is_there(kept));
	assert_int_equal(trace_query("SELECT count(*) FROM gap WHERE reason = 'damaged_spool' AND incomplete = 1"), 1);
	ingest();
	assert_int_equal(trace_query("SELECT count(*) FROM gap"), 1);
}

static void dropped_records_are_a_gap(void **state)
{
	struct spool_drop_entry drop = {.pid = 2000000000, .count = 7, .first_ticks = 1500, .last_ticks = 1600};

	make_spool();
	spool_file_write(spool, offsetof(struct spool_header, drop), &drop, sizeof drop);
	ingest();
	assert_int_equal(trace_query("SELECT count FROM gap WHERE reason = 'dropped' AND from_ns = 500 AND to_ns = 600 AND process_id = 1"), 7);
}

static void a_foreign_file_is_refused_and_left_alone(void **state)
{
	make_spool();
	spool_file_write(database, 0, "precious", 8);
	assert_int_equal(collector_ingest(database, message), -EEXIST);
	assert_string_not_equal(message, "");
	assert_true(is_there(spool));
	unlink(database);
	sqlite3 *db;
	assert_int_equal(sqlite3_open(database, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "CREATE TABLE a (b)", NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
	assert_int_equal(collector_ingest(database, message), -EEXIST);
	assert_int_equal(trace_query("SELECT count(*) FROM sqlite_schema"), 1);
}

static void a_database_of_another_version_is_refused(void **state)
{
	static const char *const versions[] = {"PRAGMA user_version = 1000", "PRAGMA user_version = 1"};

	make_spool();
	ingest();
	make_spool();
	for (unsigned i = 0; i < 2; i++) {
		sqlite3 *db;

		assert_int_equal(sqlite3_open(database, &db), SQLITE_OK);
		assert_int_equal(sqlite3_exec(db, versions[i], NULL, NULL, NULL), SQLITE_OK);
		sqlite3_close(db);
		assert_int_equal(collector_ingest(database, message), -EPROTO);
		assert_true(is_there(spool));
	}
}

static void two_collectors_do_not_work_at_once(void **state)
{
	struct collector_options options = {.database = database, .keep_data_calls = 1};
	struct collector *first, *second;

	assert_int_equal(collector_open(&first, &options, message), 0);
	assert_int_equal(collector_open(&second, &options, message), -EAGAIN);
	assert_int_equal(collector_close(first, 1), 0);
	assert_int_equal(collector_open(&second, &options, message), 0);
	assert_int_equal(collector_close(second, 1), 0);
}

static uint32_t find_address(void *store, const void *bytes, size_t length)
{
	return store_find_address(store, bytes, length);
}

static uint32_t address(struct identity *identity, int number)
{
	struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons(80), .sin_addr.s_addr = htonl(0x0a000000 + (uint32_t)number)};

	return identity_address(identity, &(struct record_bytes){(const unsigned char *)&in, sizeof in}, NULL, NULL);
}

static void store_all(struct store *store, struct identity *identity)
{
	assert_int_equal(store_begin(store), 0);
	assert_int_equal(store_facts(store, identity, NULL), 0);
	assert_int_equal(store_commit(store), 0);
	identity_changes_clear(identity);
}

/* As proc_loadavg(5) has it: so many threads can run beside ours. */
static void others_can_run(struct collector *collector, int count)
{
	char path[96];
	FILE *file;

	snprintf(path, sizeof path, "%s/loadavg", directory);
	file = fopen(path, "we");
	assert_non_null(file);
	fprintf(file, "1.37 0.90 0.61 %d/123 4567\n", count + 1);
	fclose(file);
	contention_close(&collector->contention);
	contention_open(&collector->contention, path, 2);
}

static void a_turn_while_others_need_the_processors_is_short(void **state)
{
	struct collector_options options = {.database = database, .keep_data_calls = 1, .yields = 1};
	const int records = 100 * SPOOL_CHUNK_SLOTS;
	const uint32_t chunks = 100;
	struct collector *collector;

	assert_int_equal(mkdir(spools, 0700), 0);
	spool_file_make(spool, 10 * chunks); /* room enough to wait */
	spool_file_write(spool, offsetof(struct spool_header, chunk_fresh), &chunks, sizeof chunks);
	for (uint32_t chunk = 0; chunk < chunks; chunk++) {
		uint64_t taken_ns = 1000 + chunk * 1000;

		spool_file_chunk_taken(spool, chunk, 7, CHUNK_OWNED, taken_ns);
		for (unsigned slot = 0; slot < SPOOL_CHUNK_SLOTS; slot++)
			spool_file_send(spool, chunk, slot, 1, taken_ns + slot, STATE_DONE);
	}
	assert_int_equal(collector_open(&collector, &options, message), 0);
	collector->last_peek_ns = INT64_MAX; /* the spool's process is none, and is not to be missed */
	others_can_run(collector, 8);
	assert_int_equal(collector_step(collector), 0);
	collector->contention.next_ns = 0; /* its turn */
	assert_int_equal(collector_step(collector), 8192 / SPOOL_CHUNK_SLOTS * SPOOL_CHUNK_SLOTS);
	assert_int_equal(collector_step(collector), 0);
	others_can_run(collector, 0);
	assert_int_equal(collector_step(collector), records - 8192 / SPOOL_CHUNK_SLOTS * SPOOL_CHUNK_SLOTS);
	assert_int_equal(collector_close(collector, 1), 0);
	assert_int_equal(trace_query("SELECT count(*) FROM call"), records);
}

/* Holds the lock, tells so, and after a while removes it and the directory, as the collector does that has finished. */
static void hold_and_remove(int told, useconds_t hold_us)
{
	char lock[PATH_MAX];
	int fd;

	snprintf(lock, sizeof lock, "%s/collector.lock", spools);
	mkdir(spools, 0700);
	fd = open(lock, O_RDWR | O_CREAT, 0600);
	if (fd < 0 || flock(fd, LOCK_EX) || write(told, "x", 1) != 1)
		_exit(1);
	usleep(hold_us);
	unlink(lock);
	rmdir(spools);
	_exit(0);
}

static void a_lock_that_was_removed_is_not_taken_for_one(void **state)
{
	struct collector_options options = {.database = database, .keep_data_calls = 1};
	int told[2], status;
	char lock[PATH_MAX], byte;

	snprintf(lock, sizeof lock, "%s/collector.lock", spools);
	assert_int_equal(pipe(told), 0);
	for (int i = 0; i < 20; i++) {
		struct collector *collector;
		pid_t holder = fork();
		int error;

		if (holder == 0)
			hold_and_remove(told[1], (useconds_t)(i % 10 * 400));
		assert_int_equal(read(told[0], &byte, 1), 1);
		error = collector_open(&collector, &options, message);
		/* Refused while it is held, which is right: then once more when it is not. */
		if (error) {
			assert_int_equal(waitpid(holder, &status, 0), holder);
			error = collector_open(&collector, &options, message);
		} else {
			assert_int_equal(waitpid(holder, &status, 0), holder);
		}
		assert_int_equal(error, 0);
		assert_int_equal(status, 0);
		assert_true(is_there(lock));
		assert_int_equal(collector_close(collector, 1), 0);
	}
}

static void an_address_keeps_its_number_though_it_was_forgotten(void **state)
{
	const struct store_origin origin = {.keep_data_calls = 1};
	struct identity_config config = {.find_address = find_address};
	struct identity *identity;
	struct store *store;

	assert_int_equal(store_open(&store, database, &origin), 0);
	config.context = store;
	assert_int_equal(identity_new(&identity, &config), 0);
	for (int i = 1; i <= 100; i++)
		assert_int_equal(address(identity, i), i);
	store_all(store, identity);
	intern_forget(identity_addresses(identity), 100);
	assert_int_equal(address(identity, 42), 42);
	assert_int_equal(address(identity, 101), 101);
	assert_int_equal(address(identity, 42), 42);
	store_all(store, identity);
	/* What is stored after the first was looked for is found as well. */
	intern_forget(identity_addresses(identity), 101);
	assert_int_equal(address(identity, 101), 101);
	assert_int_equal(address(identity, 1), 1);
	assert_int_equal(address(identity, 102), 102);
	store_all(store, identity);
	identity_free(identity);
	store_close(store);
	assert_int_equal(trace_query("SELECT count(*) FROM address"), 102);
	assert_int_equal(trace_query("SELECT count(*) FROM address WHERE text = '10.0.0.' || address_id || ':80'"), 102);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(spools_left_behind_become_a_finished_database),
		TEST(a_program_is_named_by_what_it_was_called_as_or_the_first_word_of_its_title),
		TEST(a_second_look_stores_nothing_twice),
		TEST(a_successor_goes_on_where_a_killed_collector_was),
		TEST(a_successor_knows_when_processes_were_seen_last_and_how_they_ended),
		TEST(a_trace_begins_before_what_run_starts_for_it),
		TEST(a_trace_without_run_begins_with_its_first_image),
		TEST(a_spool_that_is_still_mapped_is_left_to_its_writers),
		TEST(calls_of_one_nanosecond_are_told_apart),
		TEST(sockets_alone_keep_their_totals),
		TEST(a_socket_is_found_by_its_cookie_while_recording_only),
		TEST(a_torn_spool_is_kept_and_told),
		TEST(dropped_records_are_a_gap),
		TEST(a_foreign_file_is_refused_and_left_alone),
		TEST(a_database_of_another_version_is_refused),
		TEST(two_collectors_do_not_work_at_once),
		TEST(a_turn_while_others_need_the_processors_is_short),
		TEST(a_lock_that_was_removed_is_not_taken_for_one),
		TEST(an_address_keeps_its_number_though_it_was_forgotten),
	};

	return cmocka_run_group_tests(tests, trace_make_directory, trace_remove_directory);
}
