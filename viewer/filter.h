/*
 * filter.h: the one filter language of all views. Words on the command line become a statement that yields the ids of
 * the sockets that match all of them, in the order asked for. Values are bound, never pasted into SQL.
 *
 *	s12  s3-s9  :8080  nginx  state:leaked  proto:tcp,udp  port:8080  age>1s  has:error  -word  sort:-age  limit:20
 */
#ifndef VIEWER_FILTER_H
#define VIEWER_FILTER_H

#include <sqlite3.h>
#include <stdint.h>

#include "viewer/database.h"
#include "viewer/options.h"

struct filter_value {
	char *text;       /* NULL: an integer */
	int64_t integer;
};

struct condition;

struct filter_range {
	int64_t first, last;
};

struct filter {
	const struct command *command; /* for messages */
	char *ids;        /* condition of the sockets named by id: any of them; NULL: none was */
	struct condition *conditions; /* of the other words: a socket must meet all */
	int condition_count;
	struct filter_value *values;
	int value_count;
	char order[160];  /* ORDER BY terms; empty: by id */
	int64_t limit;    /* 0: none */
	int64_t offset;   /* rows to leave out first */
	struct filter_range *named; /* sockets named by id */
	int named_count;
	int named_missing; /* of them not there: filter_check_named has said so */
	int words;
	const char *first_word; /* for the hint when nothing matches */
};

/* Adds a word; returns 0, or a negative errno after a message with the nearest valid word. */
int filter_add(struct filter *filter, const char *word);
void filter_free(struct filter *filter);

/* Words as help.c lists them. */
extern const struct command_term filter_term_table[];

/* `SELECT <columns> FROM socket s JOIN lifecycle l … WHERE … ` with values bound; `tail` NULL: the filter's order and limit. */
sqlite3_stmt *filter_prepare(struct filter *filter, struct database *database, const char *columns, const char *tail);

/* Says on standard error which of the sockets named by id are not there; returns how many. Of a range one is enough. */
int filter_check_named(struct filter *filter, struct database *database);

/* Says on standard error that nothing matched, and what would be near. */
void filter_explain_empty(struct filter *filter, struct database *database);

#endif
