/* pairing_group.c: see pairing_group.h. Sorts twice: by key, to find the groups; then the groups by their first socket. */
#include "collector/pairing_group.h"

#include <stdlib.h>
#include <string.h>

#define MEMBERS_MAX 262144 /* about so many sockets in a part: 6 MB, and as much again to sort them */

/* FNV-1a. */
static uint64_t add_text(uint64_t key, const char *text)
{
	for (; *text; text++)
		key = (key ^ (unsigned char)*text) * UINT64_C(0x100000001b3);
	return (key ^ 0xff) * UINT64_C(0x100000001b3);
}

static const char *text_of(sqlite3_value *value)
{
	const char *text = (const char *)sqlite3_value_text(value);

	return text ? text : "";
}

static void key_function(sqlite3_context *context, int argc, sqlite3_value **argv)
{
	const char *a = text_of(argv[1]), *b = text_of(argv[2]);
	int is_ordered = strcmp(a, b) <= 0;
	uint64_t key = UINT64_C(0xcbf29ce484222325) ^ (uint64_t)sqlite3_value_int64(argv[0]) * UINT64_C(0x9e3779b97f4a7c15);

	key = add_text(add_text(key, is_ordered ? a : b), is_ordered ? b : a);
	sqlite3_result_int64(context, (int64_t)(key ^ key >> 32));
}

static int compare_members(const void *left, const void *right)
{
	const struct pairing_member *a = left, *b = right;

	if (a->key != b->key)
		return a->key < b->key ? -1 : 1;
	return a->socket_id < b->socket_id ? -1 : a->socket_id > b->socket_id;
}

static size_t group_end(const struct pairing_members *members, size_t from)
{
	size_t to = from + 1;

	while (to < members->count && members->rows[to].key == members->rows[from].key)
		to++;
	return to;
}

static int append(struct pairing_members *members, const struct pairing_member *member)
{
	if (members->count == members->room) {
		size_t room = members->room ? members->room * 2 : 1024;
		struct pairing_member *rows = realloc(members->rows, room * sizeof *rows);

		if (!rows)
			return SQLITE_NOMEM;
		members->rows = rows;
		members->room = room;
	}
	members->rows[members->count++] = *member;
	return SQLITE_OK;
}

/* Who stands alone goes; the key of the others becomes their group's first socket. */
static void keep_groups(struct pairing_members *members)
{
	size_t kept = 0;

	for (size_t from = 0, to; from < members->count; from = to) {
		uint64_t first = (uint64_t)members->rows[from].socket_id;

		to = group_end(members, from);
		if (to - from < 2 && !members->rows[from].is_judged)
			continue;
		for (size_t i = from; i < to; i++) {
			members->rows[kept] = members->rows[i];
			members->rows[kept++].key = first;
		}
	}
	members->count = kept;
}

static int read_part(struct pairing_members *members)
{
	int code;

	members->count = 0;
	while ((code = sqlite3_step(members->statement)) == SQLITE_ROW) {
		struct pairing_member member = {(uint64_t)sqlite3_column_int64(members->statement, 1), sqlite3_column_int64(members->statement, 0),
			sqlite3_column_int64(members->statement, 2)};

		if (member.key % members->parts == members->part && append(members, &member) != SQLITE_OK)
			return SQLITE_NOMEM;
	}
	members->part++;
	sqlite3_reset(members->statement);
	if (code != SQLITE_DONE)
		return code;
	if (members->count) {
		qsort(members->rows, members->count, sizeof *members->rows, compare_members);
		keep_groups(members);
		qsort(members->rows, members->count, sizeof *members->rows, compare_members);
	}
	return SQLITE_OK;
}

static int count_parts(struct pairing_members *members, sqlite3 *db)
{
	sqlite3_stmt *largest = NULL;
	int code = sqlite3_prepare_v2(db, "SELECT max(socket_id) FROM socket", -1, &largest, NULL);

	members->parts = 1;
	if (code == SQLITE_OK && (code = sqlite3_step(largest)) == SQLITE_ROW) {
		int64_t sockets = sqlite3_column_int64(largest, 0);

		members->parts += sockets > 0 ? (uint64_t)sockets / MEMBERS_MAX : 0;
		if (members->parts > 4096) /* a foreign file's numbers */
			members->parts = 4096;
		code = SQLITE_OK;
	}
	sqlite3_finalize(largest);
	return code;
}

int pairing_members_open(struct pairing_members *members, sqlite3 *db, const char *sql)
{
	int code;

	*members = (struct pairing_members){0};
	code = sqlite3_create_function(db, "pairing_key", 3, SQLITE_UTF8 | SQLITE_DETERMINISTIC, NULL, key_function, NULL, NULL);
	if (code == SQLITE_OK)
		code = count_parts(members, db);
	if (code == SQLITE_OK)
		code = sqlite3_prepare_v2(db, sql, -1, &members->statement, NULL);
	return code;
}

int pairing_members_next(struct pairing_members *members)
{
	int code = members->part == members->parts ? SQLITE_DONE : read_part(members);

	return code == SQLITE_OK ? SQLITE_ROW : code;
}

void pairing_members_close(struct pairing_members *members)
{
	sqlite3_finalize(members->statement);
	free(members->rows);
}
