/* test_contention.c: whose turn it is when the processors are needed by others. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "collector/contention.h"

#define MILLISECOND INT64_C(1000000)

static char path[] = "/tmp/test_contention.XXXXXX";
static struct contention contention;

/* As proc_loadavg(5) has it, ourselves among those that can run. */
static void others_can_run(int count)
{
	FILE *file = fopen(path, "we");

	assert_non_null(file);
	fprintf(file, "1.37 0.90 0.61 %d/123 4567\n", count + 1);
	fclose(file);
}

static void look(int times)
{
	while (times--)
		contention_look(&contention, 10 * MILLISECOND);
}

static int make_file(void **state)
{
	int fd = mkstemp(path);

	close(fd);
	return fd < 0;
}

static int remove_file(void **state)
{
	return unlink(path);
}

static int begin(void **state)
{
	others_can_run(0);
	contention_open(&contention, path, 2);
	contention_look(&contention, 0);
	/* A step that took 3 ms of processor time at 10 ms. */
	contention_begin(&contention, 5 * MILLISECOND);
	contention_end(&contention, 8 * MILLISECOND, 10 * MILLISECOND);
	return 0;
}

static int end(void **state)
{
	contention_close(&contention);
	return 0;
}

static void busy_from_the_first_look_our_turn_comes_later(void **state)
{
	contention_close(&contention);
	contention_open(&contention, path, 2);
	assert_false(contention_waits(&contention, 0));
	others_can_run(8);
	look(1);
	assert_true(contention_waits(&contention, 11 * MILLISECOND));
	assert_true(contention_waits(&contention, 509 * MILLISECOND));
	assert_false(contention_waits(&contention, 510 * MILLISECOND));
}

static void where_a_processor_is_free_nothing_waits(void **state)
{
	others_can_run(1);
	look(100);
	assert_false(contention_waits(&contention, 11 * MILLISECOND));
}

static void where_all_are_needed_a_fiftieth_is_ours(void **state)
{
	others_can_run(2);
	look(100);
	assert_true(contention_waits(&contention, 11 * MILLISECOND));
	assert_true(contention_waits(&contention, 159 * MILLISECOND));
	assert_false(contention_waits(&contention, 160 * MILLISECOND));
}

static void one_look_decides_nothing(void **state)
{
	others_can_run(2);
	look(3);
	assert_false(contention_waits(&contention, 11 * MILLISECOND));
	others_can_run(1000);
	look(100);
	others_can_run(0);
	look(1);
	assert_true(contention_waits(&contention, 11 * MILLISECOND));
	look(30);
	assert_false(contention_waits(&contention, 11 * MILLISECOND));
}

static void two_that_wait_for_each_other_now_and_then_need_both(void **state)
{
	for (int i = 0; i < 100; i++) {
		others_can_run(i % 2 ? 2 : 1);
		look(1);
	}
	assert_true(contention_waits(&contention, 11 * MILLISECOND));
}

static void where_nobody_tells_nobody_is_in_the_way(void **state)
{
	contention_close(&contention);
	contention_open(&contention, "/nothing/there", 1);
	contention_end(&contention, MILLISECOND, 10 * MILLISECOND);
	look(100);
	assert_false(contention_waits(&contention, 11 * MILLISECOND));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(busy_from_the_first_look_our_turn_comes_later),
		TEST(where_a_processor_is_free_nothing_waits),
		TEST(where_all_are_needed_a_fiftieth_is_ours),
		TEST(one_look_decides_nothing),
		TEST(two_that_wait_for_each_other_now_and_then_need_both),
		TEST(where_nobody_tells_nobody_is_in_the_way),
	};

	return cmocka_run_group_tests_name("contention", tests, make_file, remove_file);
}
