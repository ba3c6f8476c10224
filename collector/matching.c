/*
 * matching.c: see matching.h. One assignment of all lefts is found by augmenting paths; a left is certain in it unless an
 * alternating path leads from it to a right that is free, or back to itself (Berge, 1957): those are all other assignments.
 */
#include "collector/matching.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define NONE MATCHING_NONE

struct work {
	struct matching *matching;
	uint32_t *left_of;      /* of each right */
	uint32_t *queue;        /* lefts */
	uint32_t *from;         /* of each right: the left from which the search came to it */
	uint32_t *seen;         /* of each right: the last search that came to it */
	uint32_t *order, *low, *stack, *path; /* of each left, see mark_cycles */
	size_t *next;
	size_t *back_first;     /* of each right: where its lefts begin in back */
	uint32_t *back;
};

/* Gives the right to the left that the search came from, which gives up its own to the one before it, and so on. */
static void augment(struct work *work, uint32_t right)
{
	for (;;) {
		uint32_t left = work->from[right], given_up = work->matching->right_of[left];

		work->matching->right_of[left] = right;
		work->left_of[right] = left;
		if (given_up == NONE)
			return;
		right = given_up;
	}
}

/* Breadth first from a left that has none, along edges to rights and from these back to the lefts that have them. */
static int find_for(struct work *work, uint32_t left, uint32_t search)
{
	const struct matching *matching = work->matching;
	uint32_t head = 0, tail = 0;

	work->queue[tail++] = left;
	while (head < tail) {
		uint32_t at = work->queue[head++];

		for (size_t i = matching->first[at]; i < matching->first[at + 1]; i++) {
			uint32_t right = matching->edge[i];

			if (work->seen[right] == search)
				continue;
			work->seen[right] = search;
			work->from[right] = at;
			if (work->left_of[right] == NONE) {
				augment(work, right);
				return 1;
			}
			work->queue[tail++] = work->left_of[right];
		}
	}
	return 0;
}

static void assign(struct work *work)
{
	struct matching *matching = work->matching;

	for (uint32_t left = 0; left < matching->left_count; left++)
		for (size_t i = matching->first[left]; i < matching->first[left + 1] && matching->right_of[left] == NONE; i++)
			if (work->left_of[matching->edge[i]] == NONE) {
				matching->right_of[left] = matching->edge[i];
				work->left_of[matching->edge[i]] = left;
			}
	for (uint32_t left = 0; left < matching->left_count; left++)
		if (matching->right_of[left] == NONE && !find_for(work, left, left + 1))
			matching->unmatched_count++;
}

static void turn_edges(struct work *work)
{
	const struct matching *matching = work->matching;
	size_t *first = work->back_first;

	for (size_t i = 0; i < matching->first[matching->left_count]; i++)
		first[matching->edge[i] + 2]++;
	for (uint32_t right = 0; right < matching->right_count; right++)
		first[right + 2] += first[right + 1];
	/* first[right + 1] runs from the beginning of its lefts to their end, which is where the next one's begin. */
	for (uint32_t left = 0; left < matching->left_count; left++)
		for (size_t i = matching->first[left]; i < matching->first[left + 1]; i++)
			work->back[first[matching->edge[i] + 1]++] = left;
}

/* A free right may go to whoever may have it; then that one's own is free. */
static void mark_movable(struct work *work)
{
	struct matching *matching = work->matching;
	uint32_t *rights = work->from, count = 0;

	for (uint32_t right = 0; right < matching->right_count; right++)
		if (work->left_of[right] == NONE)
			rights[count++] = right;
	while (count) {
		uint32_t right = rights[--count];

		for (size_t i = work->back_first[right]; i < work->back_first[right + 1]; i++) {
			uint32_t left = work->back[i];

			if (!matching->is_certain[left] || matching->right_of[left] == NONE)
				continue;
			matching->is_certain[left] = 0;
			rights[count++] = matching->right_of[left];
		}
	}
}

/*
 * Tarjan's strongly connected components of "left a may have what left b has", without recursion: a component of more than one
 * can exchange in a ring.
 */
static void mark_cycles(struct work *work)
{
	struct matching *matching = work->matching;
	uint32_t *order = work->order, *low = work->low, *stack = work->stack, *path = work->path;
	uint32_t time = 0, depth, height = 0;

	for (uint32_t start = 0; start < matching->left_count; start++) {
		if (order[start] || !matching->is_certain[start])
			continue;
		depth = 0;
		path[depth++] = start;
		while (depth) {
			uint32_t at = path[depth - 1], to = NONE;

			if (!order[at]) {
				order[at] = low[at] = ++time;
				stack[height++] = at;
				work->next[at] = matching->first[at];
			}
			while (work->next[at] < matching->first[at + 1] && to == NONE) {
				uint32_t other = work->left_of[matching->edge[work->next[at]++]];

				/* Those movable lead nowhere back: whoever reached them would be movable too. */
				if (other == NONE || other == at || !matching->is_certain[other] || low[other] == NONE)
					continue;
				if (!order[other])
					to = other;
				else if (order[other] < low[at])
					low[at] = order[other];
			}
			if (to != NONE) {
				path[depth++] = to;
				continue;
			}
			depth--;
			if (depth && low[at] < low[path[depth - 1]])
				low[path[depth - 1]] = low[at];
			if (low[at] != order[at])
				continue;
			/* The component is what stands on the stack from here; a finished one has low NONE. */
			for (int single = stack[height - 1] == at;;) {
				uint32_t member = stack[--height];

				low[member] = NONE;
				work->queue[member] = !single;
				if (member == at)
					break;
			}
		}
	}
	for (uint32_t left = 0; left < matching->left_count; left++)
		if (order[left] && work->queue[left])
			matching->is_certain[left] = 0;
}

static void *array(size_t count, size_t bytes)
{
	return calloc(count + 1, bytes);
}

int matching_solve(struct matching *matching)
{
	uint32_t lefts = matching->left_count, rights = matching->right_count;
	uint32_t *numbers = array((size_t)lefts * 5 + (size_t)rights * 3 + matching->first[lefts], sizeof *numbers);
	size_t *sizes = array((size_t)lefts + rights + 2, sizeof *sizes);
	struct work work = {.matching = matching};

	matching->right_of = array(lefts, sizeof *matching->right_of);
	matching->is_certain = array(lefts, 1);
	matching->unmatched_count = 0;
	if (!numbers || !sizes || !matching->right_of || !matching->is_certain) {
		free(numbers);
		free(sizes);
		matching_free(matching);
		return -ENOMEM;
	}
	work.left_of = numbers;
	work.from = work.left_of + rights;
	work.seen = work.from + rights;
	work.queue = work.seen + rights;
	work.order = work.queue + lefts;
	work.low = work.order + lefts;
	work.stack = work.low + lefts;
	work.path = work.stack + lefts;
	work.back = work.path + lefts;
	work.next = sizes;
	work.back_first = sizes + lefts;
	memset(work.left_of, 0xff, rights * sizeof *work.left_of);
	memset(matching->right_of, 0xff, lefts * sizeof *matching->right_of);
	memset(matching->is_certain, 1, lefts);
	assign(&work);
	turn_edges(&work);
	mark_movable(&work);
	mark_cycles(&work);
	free(numbers);
	free(sizes);
	return 0;
}

void matching_free(struct matching *matching)
{
	free(matching->right_of);
	free(matching->is_certain);
	matching->right_of = NULL;
	matching->is_certain = NULL;
}
