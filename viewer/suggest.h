/* suggest.h: finds the valid word that a mistyped one was probably meant to be. */
#ifndef VIEWER_SUGGEST_H
#define VIEWER_SUGGEST_H

struct suggest {
	const char *word;    /* what was typed */
	const char *nearest; /* NULL: nothing near enough */
	int distance;
};

#define SUGGEST_START(word_) {.word = (word_)}

/* Offers a candidate (kept by pointer); NULL is ignored. The nearest one offered stays in `nearest`. */
void suggest_offer(struct suggest *suggest, const char *candidate);

#endif
