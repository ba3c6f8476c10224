/*
 * pairing_group.h: the sockets that agree in a key, group by group: those that may be each other's peers.
 *
 * Groups come in the order of their first sockets, so that whoever then reads the sockets' rows finds neighbours beside each other. Memory is
 * bounded whatever the trace's size: a large trace is gone through several times, for a part of the keys each.
 */
#ifndef COLLECTOR_PAIRING_GROUP_H
#define COLLECTOR_PAIRING_GROUP_H

#include <sqlite3.h>
#include <stddef.h>
#include <stdint.h>

struct pairing_member {
	uint64_t key;
	int64_t socket_id;
	int64_t is_judged; /* its row says something already, which may have to go */
};

/* A part of the members, group by group: key is the group's first socket. */
struct pairing_members {
	sqlite3_stmt *statement;
	struct pairing_member *rows;
	size_t count, room;
	uint64_t part, parts; /* the part in hand is of keys with key % parts == part - 1 */
};

/*
 * sql gives socket_id, key, is_judged; it may ask for pairing_key(number, text, text), which is the same whichever text comes first. Returns SQLite's
 * code; close it in any case.
 */
int pairing_members_open(struct pairing_members *members, sqlite3 *db, const char *sql);

/* Reads the next part: the groups of two and more, or of one that is judged. SQLITE_ROW: there was one; SQLITE_DONE: that was all; or an error. */
int pairing_members_next(struct pairing_members *members);
void pairing_members_close(struct pairing_members *members);

#endif
