/*
 * filter_internal.h: what the files of the filter language share with each other and with nobody else: filter.c (words, and the statement they
 * become), filter_fields.c (`field:value` and bare words), filter_compare.c (`age>1s` and `sort:-age`), filter_condition.c (SQL and its parameters), filter_rare.c (words
 * that select few sockets), filter_names.c (names of protocols and errors).
 *
 * Values are bound, never pasted: what a word holds stands in the SQL only as the number of a parameter.
 */
#ifndef VIEWER_FILTER_INTERNAL_H
#define VIEWER_FILTER_INTERNAL_H

#include <stddef.h>
#include <stdint.h>

#include "viewer/filter.h"
#include "viewer/suggest.h"

#define RARE_BEYOND "1001" /* so many sockets are not few any more */

/* A word's condition over `socket s` and `lifecycle l`. */
struct condition {
	char *sql;
	char *found;  /* a statement that yields the ids of the same sockets, each at least once, by indexes; NULL: no index knows them */
	int negated;
};

/* Words that a field knows, with their conditions. */
struct keyword {
	const char *word, *sql;
	int indexed; /* 1: over `socket s` alone, and an index finds them */
};

/* filter_condition.c. condition_add appends to the condition, condition_find to what finds its sockets: a FROM clause with a table s. */
void condition_add(struct condition *condition, const char *format, ...) __attribute__((format(printf, 2, 3)));
void condition_find(struct condition *condition, const char *format, ...) __attribute__((format(printf, 2, 3)));
void condition_free(struct condition *condition);

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

/* Whether word[0 … length) is what stands before a colon: a field, sort or limit. */
int filter_is_field(const char *word, size_t length);

/* `field:value[,value…]`; the colon is at word[length]. */
int filter_add_field(struct filter *filter, struct condition *condition, const char *word, size_t length);

/*
 * filter_rare.c: the condition as ` AND s.socket_id IN (…)` when indexes say soon that it selects few sockets. Returns NULL when it selects many, or nothing
 * can say so; the caller frees it.
 */
char *filter_find_rare(struct filter *filter, struct database *database, const struct condition *condition);

/* filter_names.c. A word that is to be one of the names in constants.def; the nearest of those that were compared with it. */
#define FILTER_NAME_MOST 32
struct filter_name {
	struct suggest suggest;
	int (*fold)(int);       /* to the case that the word has */
	char nearest[FILTER_NAME_MOST];
};

/* Whether it is a name of that kind, in any case of its letters. */
int filter_is_name(const char *kind, struct filter_name *name);

/* filter.c. Binds all values to a statement's `?N`. */
void filter_bind(struct filter *filter, sqlite3_stmt *statement);

/* filter_compare.c: `age>1s`, the operator is at word[length]; whether what stands before it is a quantity; the value of `sort:`. */
int filter_is_quantity(const char *word, size_t length);
int filter_add_comparison(struct filter *filter, struct condition *condition, const char *word, size_t length);
int filter_add_sort(struct filter *filter, const char *value);

#endif
