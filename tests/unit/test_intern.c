/* test_intern.c: numbers for bytes: the same for the same bytes, kept across growth, given anew after they were forgotten. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "collector/intern.h"

#define MANY 5000

static uint32_t put(struct intern *intern, int n)
{
	char text[32];

	snprintf(text, sizeof text, "text %d", n);
	return intern_put(intern, text, strlen(text), NULL);
}

static void equal_bytes_have_one_number(void **state)
{
	struct intern intern = {0};

	for (int i = 0; i < MANY; i++)
		assert_int_equal(put(&intern, i), i + 1);
	for (int i = 0; i < MANY; i++)
		assert_int_equal(put(&intern, i), i + 1);
	assert_int_equal(intern.count, MANY);
	assert_string_equal(intern_get(&intern, 42)->bytes, "text 41");
	assert_null(intern_get(&intern, 0));
	assert_null(intern_get(&intern, MANY + 1));
	intern_free(&intern);
}

static void forgotten_bytes_get_a_new_number_and_old_numbers_stay_taken(void **state)
{
	struct intern intern = {0};

	for (int i = 0; i < MANY; i++)
		put(&intern, i);
	intern.stored = intern.count;
	intern_forget(&intern, intern.count);
	assert_null(intern_get(&intern, 42));
	assert_int_equal(put(&intern, 41), MANY + 1);
	assert_int_equal(put(&intern, 41), MANY + 1);
	assert_string_equal(intern_get(&intern, MANY + 1)->bytes, "text 41");
	for (int i = MANY; i < 2 * MANY; i++)
		assert_int_equal(put(&intern, i), i + 2);
	assert_int_equal(intern.stored, MANY);
	intern_free(&intern);
}

static void forgotten_bytes_can_be_recalled_under_their_number(void **state)
{
	struct intern intern = {0};

	for (int i = 0; i < MANY; i++)
		put(&intern, i);
	intern_forget(&intern, intern.count);
	assert_int_equal(intern_find(&intern, "text 41", 7), 0);
	for (int i = 0; i < MANY; i += 2) {
		char text[32];

		snprintf(text, sizeof text, "text %d", i);
		assert_int_equal(intern_recall(&intern, (uint32_t)i + 1, text, strlen(text)), 0);
	}
	assert_int_equal(intern_size(&intern), MANY / 2);
	assert_int_equal(intern_find(&intern, "text 42", 7), 43);
	assert_string_equal(intern_get(&intern, 43)->bytes, "text 42");
	assert_null(intern_get(&intern, 42));
	/* What is put next has a new number, and what was recalled keeps its own through every growth. */
	for (int i = 0; i < MANY; i++)
		assert_int_equal(put(&intern, i), i % 2 ? MANY + 1 + i / 2 : i + 1);
	assert_int_equal(intern_size(&intern), MANY);
	assert_int_equal(intern_recall(&intern, 43, "text 42", 7), -EINVAL);
	assert_int_equal(intern_recall(&intern, MANY + 1, "text 1", 6), -EINVAL);
	assert_int_equal(intern_recall(&intern, 0, "", 0), -EINVAL);
	intern_forget(&intern, intern.count);
	assert_int_equal(intern_find(&intern, "text 42", 7), 0);
	assert_int_equal(intern_size(&intern), 0);
	intern_free(&intern);
}

static void a_number_that_was_forgotten_is_not_restored(void **state)
{
	struct intern intern = {0};

	intern_forget(&intern, 10);
	assert_true(intern_restore(&intern, 10, "a", 1) < 0);
	assert_int_equal(intern_restore(&intern, 20, "b", 1), 0);
	assert_int_equal(intern_put(&intern, "b", 1, NULL), 20);
	assert_int_equal(intern_put(&intern, "c", 1, NULL), 21);
	intern_free(&intern);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(equal_bytes_have_one_number),
		cmocka_unit_test(forgotten_bytes_get_a_new_number_and_old_numbers_stay_taken),
		cmocka_unit_test(forgotten_bytes_can_be_recalled_under_their_number),
		cmocka_unit_test(a_number_that_was_forgotten_is_not_restored),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
