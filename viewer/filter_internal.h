/*
 * filter_internal.h: what the files of the filter language share with each other and with nobody else: filter.c (words, and the statement they
 * become), filter_fields.c (`field:value` and bare words), filter_compare.c (`age>1s` and `sort:-age`), filter_condition.c (SQL and its parameters).
 *
 * Values are bound, never pasted: what a word holds stands in the SQL only as the number of a parameter.
 */
#ifndef VIEWER_FILTER_INTERNAL_H
#define VIEWER_FILTER_INTERNAL_H

#include <stddef.h>
#include <stdint.h>

#include "viewer/filter.h"

struct condition {
	char *sql;
	size_t length;
};

/* Words that a field knows, with their conditions. */
struct keyword {
	const char *word, *sql;
};

/* filter_condition.c. Appends to the condition, whose owner frees sql. */
void condition_add(struct condition *condition, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Each keeps a value and returns the number of its parameter in the SQL: ?1, ?2 … condition_bind_value takes the text over. */
int condition_bind_value(struct filter *filter, struct filter_value value);
int condition_bind_text(struct filter *filter, const char *text, size_t length);
int condition_bind_integer(struct filter *filter, int64_t integer);

/* filter_fields.c. Functions that add and return int: 0, or a negative errno after a message. */
extern const struct keyword filter_state_words[]; /* to a word that is NULL */

/* Reads the digits that text begins with; returns the characters taken, 0: none, or a number out of range. */
int filter_read_number(const char *text, int64_t *number);

/* A port or a range of them, of either end. */
int filter_add_port(struct filter *filter, struct condition *condition, const char *field, const char *value);

/* Whether a socket's program, address, name, protocol, role or state is the word, or has it in it. */
void filter_add_bare(struct filter *filter, struct condition *condition, const char *word);

/* Whether `field:` before a colon looks like one of ours and not like an address (::1, 10.0.0.7:80). */
int filter_looks_like_field(const char *word, size_t length);

/* `field:value[,value…]`; the colon is at word[length]. */
int filter_add_field(struct filter *filter, struct condition *condition, const char *word, size_t length);

/* filter_compare.c: `age>1s`, the operator is at word[length]; the value of `sort:`. */
int filter_add_comparison(struct filter *filter, struct condition *condition, const char *word, size_t length);
int filter_add_sort(struct filter *filter, const char *value);

#endif
