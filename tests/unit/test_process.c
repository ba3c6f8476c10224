/* test_process.c: what is read of other processes in /proc. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "collector/process.h"

static void the_code_of_a_running_process_is_found(void **state)
{
	struct process_map map = {NULL, 0, 0};

	assert_int_equal(process_map_read(&map, getpid()), 0);
	assert_non_null(process_map_find(&map, (uint64_t)(uintptr_t)&process_map_read));
	process_map_free(&map);
}

static void what_was_known_of_a_process_outlives_it(void **state)
{
	struct process_map map = {NULL, 0, 0};
	siginfo_t info;
	pid_t pid;

	assert_int_equal(process_map_read(&map, getpid()), 0);
	pid = fork();
	if (!pid)
		_exit(0);
	assert_int_equal(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT), 0);
	assert_int_equal(process_map_read(&map, pid), -ESRCH);
	assert_non_null(process_map_find(&map, (uint64_t)(uintptr_t)&process_map_read));
	waitpid(pid, NULL, 0);
	process_map_free(&map);
}

static void another_program_after_exec_is_not_taken_for_it(void **state)
{
	struct process_map map = {NULL, 0, 0};
	int ready[2];
	char byte;
	pid_t pid;

	assert_int_equal(process_map_read(&map, getpid()), 0);
	assert_int_equal(pipe2(ready, O_CLOEXEC), 0);
	pid = fork();
	if (!pid) {
		execlp("sleep", "sleep", "10", NULL);
		_exit(127);
	}
	close(ready[1]);
	assert_int_equal(read(ready[0], &byte, 1), 0); /* closed by the exec */
	close(ready[0]);
	assert_int_equal(process_map_read(&map, pid), -ESRCH);
	assert_non_null(process_map_find(&map, (uint64_t)(uintptr_t)&process_map_read));
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	process_map_free(&map);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_code_of_a_running_process_is_found),
		cmocka_unit_test(another_program_after_exec_is_not_taken_for_it),
		cmocka_unit_test(what_was_known_of_a_process_outlives_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
