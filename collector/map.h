/*
 * map.h: a hash table from non-zero 64-bit numbers to pointers: sockets by cell, threads by process and tid, epoll interests.
 *
 * Invariants: capacity is 0 or a power of two, at most three quarters of it used; a key stands at or after its home place
 * without an empty place in between. The map owns its arrays, never what the values point to. All zero is an empty map.
 */
#ifndef COLLECTOR_MAP_H
#define COLLECTOR_MAP_H

#include <stddef.h>
#include <stdint.h>

struct map_entry {
	uint64_t key; /* 0: empty */
	void *value;
};

struct map {
	struct map_entry *entries;
	size_t capacity, used;
};

static inline size_t map_hash(uint64_t key)
{
	key *= UINT64_C(0x9e3779b97f4a7c15);
	return (size_t)(key ^ key >> 32);
}

/* The value of a key; NULL: none. */
static inline void *map_get(const struct map *map, uint64_t key)
{
	if (!map->used)
		return NULL;
	for (size_t at = map_hash(key);; at++) {
		const struct map_entry *entry = &map->entries[at & (map->capacity - 1)];

		if (entry->key == key)
			return entry->value;
		if (!entry->key)
			return NULL;
	}
}

/* Sets a key's value (not NULL). 0 or -ENOMEM. */
int map_set(struct map *map, uint64_t key, void *value);

/* Forgets a key; what it stood for, or NULL. */
void *map_remove(struct map *map, uint64_t key);

void map_free(struct map *map);

#endif
