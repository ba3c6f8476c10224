/*
 * matching.h: who must belong to whom, when each of the left ones belongs to one of the right ones, and all that is known is who may?
 *
 *   left 0: {0, 1}      0 ── 0        left 1 can only have 1, so left 0 must have 0: both are certain.
 *   left 1: {1}           ╲
 *                       1 ── 1
 *
 * Two that may be exchanged are not certain; nor is one that could have a right one that nobody needs. Pure, no I/O.
 */
#ifndef COLLECTOR_MATCHING_H
#define COLLECTOR_MATCHING_H

#include <stddef.h>
#include <stdint.h>

#define MATCHING_NONE UINT32_MAX

struct matching {
	/* In: left i may have any of edge[first[i]] … edge[first[i + 1] - 1], best guess first. The caller's. */
	uint32_t left_count, right_count;
	const size_t *first;     /* left_count + 1 entries */
	const uint32_t *edge;
	/* Out: freed by matching_free. */
	uint32_t *right_of;      /* of each left; MATCHING_NONE: all that it may have are taken */
	unsigned char *is_certain; /* of each left: in no assignment of all of them has it another one */
	uint32_t unmatched_count; /* lefts without a right: then what was given contradicts itself, and certainty means nothing */
};

/* Time: edges × lefts at worst, edges when guesses are good. Returns 0 or -ENOMEM. */
int matching_solve(struct matching *matching);
void matching_free(struct matching *matching);

#endif
