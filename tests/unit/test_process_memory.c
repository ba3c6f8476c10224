/* test_process_memory.c: images of processes that ended long ago are given up, with their threads; not those that something still asks for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "collector/identity.h"

#define CHILDREN 20000
#define KEPT_MOST 9000 /* ended ones that are kept for what is read late, and a few */

static struct identity *machine;
static struct spool_view view;
static struct process *maker;

static int start(void **state)
{
	struct identity_config config = {.keep_data_calls = 1};

	assert_int_equal(identity_new(&machine, &config), 0);
	view = (struct spool_view){.clock = {.ns_per_tick = 1}, .pid = 100, .parent_pid = 1, .name = "100-1.spool", .host_id = FACT_NULL, .executable = "/bin/program"};
	assert_int_equal(identity_spool_add(machine, &view, &maker), 0);
	assert_non_null(identity_thread_of(machine, &view, 100, 100, "main", 0));
	return 0;
}

static int stop(void **state)
{
	identity_free(machine);
	return 0;
}

static struct thread *begin(int pid, int64_t at_ns)
{
	return identity_thread_of(machine, &view, pid, pid, "child", at_ns);
}

/* As the caller does when the process is gone. */
static void end(struct process *process, int64_t at_ns)
{
	identity_process_end(machine, process, at_ns, END_EXIT, 0, FACT_NULL);
	for (struct process **at = &view.living; *at; at = &(*at)->next_living)
		if (*at == process) {
			*at = process->next_living;
			break;
		}
	identity_process_done(machine, process);
}

static void run_children(int first_pid, int count)
{
	for (int i = 0; i < count; i++) {
		end(begin(first_pid + i, 10 * i)->process, 10 * i + 5);
		if (i % 100 == 99)
			identity_changes_clear(machine);
	}
}

static size_t count_processes(int pid)
{
	size_t count = 0;

	for (struct process *process = identity_processes(machine); process; process = process->next)
		count += !pid || process->row.pid == pid;
	return count;
}

static void many_that_ended_are_given_up(void **state)
{
	run_children(1000, CHILDREN);
	assert_in_range(count_processes(0), 2, KEPT_MOST);
	assert_int_equal(count_processes(1000), 0);
	assert_int_equal(count_processes(1000 + CHILDREN - 1), 1);
	/* The spool's own image ended too, but the spool goes on. */
	end(maker, 1);
	run_children(1000, CHILDREN);
	assert_int_equal(count_processes(100), 1);
	assert_string_equal(maker->row.executable, "/bin/program");
}

static void a_number_used_again_is_another_image(void **state)
{
	int64_t before = begin(1000, 1)->process->row.process_id;
	struct thread *thread;

	end(begin(1000, 1)->process, 2);
	run_children(2000, CHILDREN);
	assert_int_equal(count_processes(1000), 0);
	thread = begin(1000, 900000);
	assert_int_not_equal(thread->process->row.process_id, before);
	assert_int_equal(thread->process->row.pid, 1000);
	assert_string_equal(thread->row.name, "child");
}

static void what_is_asked_for_stays(void **state)
{
	struct thread *living = begin(1000, 1), *kept = begin(1001, 1);
	union record_slot close = {.call = {.tag = {.type = SLOT_CALL, .state = STATE_DONE, .kind = CALL_close}, .fd = 5, .start_ticks = 3, .duration_ticks = 1,
		.socket = 77 | CELL_TCP}};
	struct thread *early = begin(1002, 1);

	assert_int_equal(identity_apply(machine, early, &close), 0); /* its opening was not read yet */
	kept->kept = 1;
	end(kept->process, 2);
	end(early->process, 9);
	run_children(2000, CHILDREN);
	assert_int_equal(count_processes(1000) + count_processes(1001) + count_processes(1002), 3);
	assert_ptr_equal(begin(1000, 3), living);
	kept->kept = 0;
	run_children(2000, CHILDREN);
	assert_int_equal(count_processes(1001), 0);
	assert_int_equal(count_processes(1002), 1);
	identity_finish(machine);
	run_children(2000, CHILDREN);
	assert_int_equal(count_processes(1002), 0);
}

static void images_of_a_finished_spool_are_given_up(void **state)
{
	begin(1000, 1);
	for (struct process *process = view.images; process; process = process->next_of_spool)
		identity_process_end(machine, process, 2, END_EXIT, 0, FACT_NULL);
	identity_spool_remove(machine, &view);
	view = (struct spool_view){.clock = {.ns_per_tick = 1}, .pid = 200, .parent_pid = 1, .name = "200-1.spool", .host_id = FACT_NULL};
	assert_int_equal(identity_spool_add(machine, &view, &maker), 0);
	run_children(2000, CHILDREN);
	assert_int_equal(count_processes(100) + count_processes(1000), 0);
	assert_int_equal(count_processes(200), 1);
}

static void a_continued_recording_keeps_as_few(void **state)
{
	for (int i = 0; i < CHILDREN; i++) {
		struct fact_process row = {.process_id = 1000 + i, .pid = 1000 + i, .parent_id = FACT_NULL, .previous_id = FACT_NULL, .host_id = FACT_NULL, .user_id = FACT_NULL,
			.started_ns = i, .start_cause = START_FORK, .ended_ns = i + 1, .end_cause = END_EXIT, .exit_status = 0, .exit_signal = FACT_NULL, .spool = "9-9.spool"};
		struct fact_thread thread = {.thread_id = 1000 + i, .process_id = 1000 + i, .tid = 1000 + i};

		assert_non_null(identity_restore_process(machine, &row));
		assert_int_equal(identity_restore_thread(machine, &thread), 0);
	}
	assert_int_equal(identity_changes_clear(machine), 1);
	assert_in_range(count_processes(0), 2, KEPT_MOST);
	assert_int_equal(identity_changes_clear(machine), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(many_that_ended_are_given_up, start, stop),
		cmocka_unit_test_setup_teardown(a_number_used_again_is_another_image, start, stop),
		cmocka_unit_test_setup_teardown(what_is_asked_for_stays, start, stop),
		cmocka_unit_test_setup_teardown(images_of_a_finished_spool_are_given_up, start, stop),
		cmocka_unit_test_setup_teardown(a_continued_recording_keeps_as_few, start, stop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
