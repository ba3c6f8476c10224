/*
 * suggest.c: edit distance with transpositions (optimal string alignment), so that `shwo` is one step from `show`. A
 * candidate counts when it is near in proportion to its length, or when the typed word is the beginning of it.
 */
#include "viewer/suggest.h"

#include <string.h>

#define LONGEST 40

static int smallest(int a, int b, int c)
{
	int least = a < b ? a : b;

	return least < c ? least : c;
}

static int distance(const char *a, size_t a_length, const char *b, size_t b_length)
{
	int rows[3][LONGEST + 1];
	int *before = rows[0], *above = rows[1], *row = rows[2], *spare;

	for (size_t j = 0; j <= b_length; j++)
		above[j] = (int)j;
	for (size_t i = 1; i <= a_length; i++) {
		row[0] = (int)i;
		for (size_t j = 1; j <= b_length; j++) {
			row[j] = smallest(above[j] + 1, row[j - 1] + 1, above[j - 1] + (a[i - 1] != b[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] && before[j - 2] + 1 < row[j])
				row[j] = before[j - 2] + 1;
		}
		spare = before;
		before = above;
		above = row;
		row = spare;
	}
	return above[b_length];
}

void suggest_offer(struct suggest *suggest, const char *candidate)
{
	size_t length = strlen(suggest->word), candidate_length;
	int steps;

	if (!candidate || !length || length > LONGEST)
		return;
	candidate_length = strlen(candidate);
	if (candidate_length > LONGEST)
		return;
	steps = distance(suggest->word, length, candidate, candidate_length);
	if (length >= 2 && !strncmp(candidate, suggest->word, length))
		steps = 1;
	if (steps > 1 + (int)candidate_length / 3 || steps >= (int)candidate_length)
		return;
	if (suggest->nearest && suggest->distance <= steps)
		return;
	suggest->nearest = candidate;
	suggest->distance = steps;
}
