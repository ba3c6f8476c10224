/*
 * constant.h: the names of schema/constants.def, by number, for the collector's human texts and for filling the tables
 * `constant` and `gap_reason`.
 */
#ifndef COLLECTOR_CONSTANT_H
#define COLLECTOR_CONSTANT_H

#include <stddef.h>
#include <stdint.h>

struct constant_row {
	const char *kind;
	int64_t number;
	const char *name;
	const char *meaning; /* NULL: the name says it */
};

struct constant_gap_reason {
	int number; /* enum spool_gap_reason; 0: found by the collector */
	const char *reason;
	int incomplete;
	const char *meaning, *remedy;
};

enum constant_flag_set {
	FLAG_SET_message, FLAG_SET_creation, FLAG_SET_status, FLAG_SET_rwf, FLAG_SET_splice, FLAG_SET_epoll_create, FLAG_SET_epoll,
	FLAG_SET_close_range, FLAG_SET_clone, FLAG_SET_shutdown, FLAG_SET_fcntl, FLAG_SET_ioctl, FLAG_SET_epoll_ctl,
};

/* All rows of a kind of table; ended by one whose name (reason) is NULL. */
extern const struct constant_row constant_rows[];
extern const struct constant_gap_reason constant_gap_reasons[];

/* The name of a number of that kind ('domain', 'errno' …); NULL: none known. */
const char *constant_find_name(const char *kind, int64_t number);

/* The reason of an enum spool_gap_reason; NULL: none known. */
const char *constant_find_gap_reason(int number);

/* Name of an option level, of an option in it; NULL: none known. */
const char *constant_find_level(int level);
const char *constant_find_option(int level, int number);

/* Name of a value in a set; NULL: none known. */
const char *constant_find_value(enum constant_flag_set set, uint32_t number);

/*
 * Writes the names of the bits in `flags`, joined by '|', into text (size bytes, always terminated); bits without a name as
 * one hexadecimal number. Returns the length written; 0 for no flags.
 */
size_t constant_format_flags(enum constant_flag_set set, uint32_t flags, char *text, size_t size);

#endif
