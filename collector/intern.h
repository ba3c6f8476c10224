/*
 * intern.h: gives each distinct string of bytes a number, from 1 upward: addresses, detail texts, callers. The store inserts
 * the entries that are new since its last look, and puts those of an existing database back when recording goes on.
 *
 * Entries are kept until intern_forget or intern_free: pointers to their bytes stay good. All zero is an empty table.
 *
 * A table that forgets stays small; where equal bytes must keep their number for good (addresses), whoever puts bytes asks the database for them first
 * (intern_find, then intern_recall).
 */
#ifndef COLLECTOR_INTERN_H
#define COLLECTOR_INTERN_H

#include <stddef.h>
#include <stdint.h>

#include "collector/map.h"

struct intern_entry {
	uint32_t hash;
	uint32_t length;
	unsigned char bytes[]; /* length of them, and a NUL */
};

struct intern {
	struct intern_entry **entries; /* of number n: entries[n - 1 - forgotten]; NULL: unused number */
	uint32_t count, room;          /* numbers given so far; entries that the array has room for */
	uint32_t forgotten;            /* the entries of numbers up to this one are gone */
	uint32_t *slots;               /* hash table of numbers; 0: empty */
	uint32_t slot_count;           /* a power of two, or 0 */
	uint32_t stored;               /* entries up to this number are in the database */
	struct map recalled;           /* number → entry, of those that were forgotten and are back */
};

/* The number of these bytes; 0: they are not here. */
uint32_t intern_find(struct intern *intern, const void *bytes, size_t length);

/* The number of these bytes; *is_new (may be NULL) tells whether it was given now. 0: out of memory. */
uint32_t intern_put(struct intern *intern, const void *bytes, size_t length, int *is_new);

/* Puts back an entry under the number it has in a database. 0 or -ENOMEM, -EINVAL for a number beyond 2^31. */
int intern_restore(struct intern *intern, int64_t number, const void *bytes, size_t length);

/* Brings bytes back under the number that they had before it was forgotten. 0, -ENOMEM, or -EINVAL for a number that was not. */
int intern_recall(struct intern *intern, uint32_t number, const void *bytes, size_t length);

static inline const struct intern_entry *intern_get(const struct intern *intern, uint32_t number)
{
	if (number <= intern->forgotten)
		return map_get(&intern->recalled, number);
	return number <= intern->count ? intern->entries[number - 1 - intern->forgotten] : NULL;
}

/* How many are in memory. */
static inline size_t intern_size(const struct intern *intern)
{
	return intern->count - intern->forgotten + intern->recalled.used;
}

/*
 * Gives up all entries, and the numbers up to `number`: bytes that come again get a new one. For tables whose stored rows may be
 * equal, so that memory is bounded. Nothing of it may wait to be stored.
 */
void intern_forget(struct intern *intern, uint32_t number);

void intern_free(struct intern *intern);

#endif
