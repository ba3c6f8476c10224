/* test_matching.c: what is certain of an assignment, checked against trying all of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "collector/matching.h"

#define MOST 6

static struct matching matching;
static size_t first[MOST + 1];
static uint32_t edge[MOST * MOST];

/* may[left] has a bit for each right. */
static void solve(uint32_t lefts, uint32_t rights, const unsigned *may)
{
	size_t count = 0;

	matching_free(&matching);
	for (uint32_t left = 0; left < lefts; left++) {
		first[left] = count;
		for (uint32_t right = 0; right < rights; right++)
			if (may[left] & 1u << right)
				edge[count++] = right;
	}
	first[lefts] = count;
	matching = (struct matching){.left_count = lefts, .right_count = rights, .first = first, .edge = edge};
	assert_int_equal(matching_solve(&matching), 0);
}

static int stop(void **state)
{
	matching_free(&matching);
	return 0;
}

static void one_with_a_single_choice_decides_for_the_others(void **state)
{
	solve(3, 3, (const unsigned[]){7, 6, 4});
	for (uint32_t i = 0; i < 3; i++) {
		assert_int_equal(matching.right_of[i], i);
		assert_true(matching.is_certain[i]);
	}
}

static void two_that_could_be_exchanged_are_not_certain(void **state)
{
	solve(3, 3, (const unsigned[]){3, 3, 4});
	assert_false(matching.is_certain[0]);
	assert_false(matching.is_certain[1]);
	assert_true(matching.is_certain[2]);
}

static void a_right_that_nobody_needs_makes_those_doubtful_who_could_have_it(void **state)
{
	solve(2, 3, (const unsigned[]){3, 4});
	assert_false(matching.is_certain[0]);
	assert_true(matching.is_certain[1]);
	solve(2, 3, (const unsigned[]){3, 6});
	assert_false(matching.is_certain[0]);
	assert_false(matching.is_certain[1]);
}

static void a_contradiction_is_counted(void **state)
{
	solve(2, 2, (const unsigned[]){1, 1});
	assert_int_equal(matching.unmatched_count, 1);
	solve(1, 1, (const unsigned[]){0});
	assert_int_equal(matching.unmatched_count, 1);
}

/* Calls of this count the assignments of all lefts from `left` on, and note which rights each had. */
static unsigned try_all(uint32_t lefts, uint32_t left, unsigned taken, const unsigned *may, unsigned *had, unsigned *now)
{
	unsigned found = 0;

	if (left == lefts) {
		for (uint32_t i = 0; i < lefts; i++)
			had[i] |= now[i];
		return 1;
	}
	for (unsigned bit = 1; bit < 1u << MOST; bit <<= 1)
		if (may[left] & bit & ~taken) {
			now[left] = bit;
			found += try_all(lefts, left + 1, taken | bit, may, had, now);
		}
	return found;
}

static void it_agrees_with_trying_everything(void **state)
{
	unsigned solvable = 0;

	srand(1);
	for (int round = 0; round < 20000; round++) {
		uint32_t lefts = 1 + (uint32_t)rand() % MOST, rights = lefts + (uint32_t)rand() % (MOST + 1 - lefts);
		unsigned may[MOST], had[MOST] = {0}, now[MOST];

		for (uint32_t i = 0; i < lefts; i++)
			may[i] = (unsigned)rand() & (unsigned)rand() & ((1u << rights) - 1);
		solve(lefts, rights, may);
		if (!try_all(lefts, 0, 0, may, had, now)) {
			assert_true(matching.unmatched_count > 0);
			continue;
		}
		solvable++;
		assert_int_equal(matching.unmatched_count, 0);
		for (uint32_t i = 0; i < lefts; i++) {
			assert_true(had[i] & 1u << matching.right_of[i]);
			assert_int_equal(matching.is_certain[i], (had[i] & (had[i] - 1)) == 0);
		}
	}
	assert_true(solvable > 1000);
}

static void long_chains_need_no_deep_stack(void **state)
{
	enum { MANY = 200000 };
	size_t *firsts = calloc(MANY + 1, sizeof *firsts);
	uint32_t *edges = calloc((size_t)MANY * 2, sizeof *edges);
	struct matching chain = {.left_count = MANY, .right_count = MANY, .first = firsts, .edge = edges};
	size_t count = 0;

	/* Each may have its own or the next one's; the last only its own, which settles all. */
	for (uint32_t i = 0; i < MANY; i++) {
		firsts[i] = count;
		if (i + 1 < MANY)
			edges[count++] = i + 1;
		edges[count++] = i;
	}
	firsts[MANY] = count;
	assert_int_equal(matching_solve(&chain), 0);
	assert_int_equal(chain.unmatched_count, 0);
	for (uint32_t i = 0; i < MANY; i++)
		assert_true(chain.right_of[i] == i && chain.is_certain[i]);
	matching_free(&chain);
	free(firsts);
	free(edges);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(one_with_a_single_choice_decides_for_the_others, stop),
		cmocka_unit_test_teardown(two_that_could_be_exchanged_are_not_certain, stop),
		cmocka_unit_test_teardown(a_right_that_nobody_needs_makes_those_doubtful_who_could_have_it, stop),
		cmocka_unit_test_teardown(a_contradiction_is_counted, stop),
		cmocka_unit_test_teardown(it_agrees_with_trying_everything, stop),
		cmocka_unit_test_teardown(long_chains_need_no_deep_stack, stop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
