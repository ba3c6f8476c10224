/*
 * constant.c: schema/constants.def as C tables and look-ups in them. The tables are short and the results are interned by
 * the callers, so the look-ups are linear.
 */
#include "collector/constant.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <linux/sockios.h>
#include <netdb.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "schema/spool.h"

const struct constant_row constant_rows[] = {
#define CONSTANT(kind, number, name, meaning) {#kind, number, name, meaning},
#include "schema/constants.def"
	{NULL, 0, NULL, NULL},
};

const struct constant_gap_reason constant_gap_reasons[] = {
#define GAP_REASON(number, reason, incomplete, meaning, remedy) {number, #reason, incomplete, meaning, remedy},
#include "schema/constants.def"
	{0, NULL, 0, NULL, NULL},
};

struct numbered_name {
	int space; /* option level, or enum constant_flag_set */
	uint32_t number;
	const char *name;
};

static const struct numbered_name levels[] = {
#define OPTION_LEVEL(level, name) {0, level, name},
#include "schema/constants.def"
	{0, 0, NULL},
};

static const struct numbered_name options[] = {
#define OPTION(level, number, name) {level, number, name},
#include "schema/constants.def"
	{0, 0, NULL},
};

static const struct numbered_name flag_names[] = {
#define FLAG(set, bits, name) {FLAG_SET_##set, (uint32_t)(bits), name},
#include "schema/constants.def"
	{0, 0, NULL},
};

static const struct numbered_name values[] = {
#define VALUE(set, number, name) {FLAG_SET_##set, (uint32_t)(number), name},
#include "schema/constants.def"
	{0, 0, NULL},
};

const char *constant_find_name(const char *kind, int64_t number)
{
	for (const struct constant_row *row = constant_rows; row->name; row++)
		if (row->number == number && strcmp(row->kind, kind) == 0)
			return row->name;
	return NULL;
}

const char *constant_find_gap_reason(int number)
{
	for (const struct constant_gap_reason *row = constant_gap_reasons; row->reason; row++)
		if (number && row->number == number)
			return row->reason;
	return NULL;
}

static const char *find(const struct numbered_name *row, int space, uint32_t number)
{
	for (; row->name; row++)
		if (row->space == space && row->number == number)
			return row->name;
	return NULL;
}

const char *constant_find_level(int level)
{
	return find(levels, 0, (uint32_t)level);
}

const char *constant_find_option(int level, int number)
{
	return find(options, level, (uint32_t)number);
}

const char *constant_find_value(enum constant_flag_set set, uint32_t number)
{
	return find(values, set, number);
}

size_t constant_format_flags(enum constant_flag_set set, uint32_t flags, char *text, size_t size)
{
	size_t used = 0;

	text[0] = 0;
	for (const struct numbered_name *row = flag_names; row->name && flags; row++) {
		if (row->space != (int)set || (flags & row->number) != row->number || !row->number)
			continue;
		flags &= ~row->number;
		used += (size_t)snprintf(text + used, size - used, "%s%s", used ? "|" : "", row->name);
		if (used >= size)
			return size - 1;
	}
	if (flags) {
		used += (size_t)snprintf(text + used, size - used, "%s%#x", used ? "|" : "", flags);
		if (used >= size)
			return size - 1;
	}
	return used;
}
