/* map.c: see map.h. Linear probing; a removal moves later entries back, so that no tombstones pile up. */
#include "collector/map.h"

#include <errno.h>
#include <stdlib.h>

static int map_grow(struct map *map)
{
	size_t capacity = map->capacity ? map->capacity * 2 : 16;
	struct map_entry *entries = calloc(capacity, sizeof *entries);

	if (!entries)
		return -ENOMEM;
	for (size_t i = 0; i < map->capacity; i++) {
		size_t at = map_hash(map->entries[i].key);

		if (!map->entries[i].key)
			continue;
		while (entries[at & (capacity - 1)].key)
			at++;
		entries[at & (capacity - 1)] = map->entries[i];
	}
	free(map->entries);
	map->entries = entries;
	map->capacity = capacity;
	return 0;
}

int map_set(struct map *map, uint64_t key, void *value)
{
	int error;

	if (map->used * 4 >= map->capacity * 3 && (error = map_grow(map)))
		return error;
	for (size_t at = map_hash(key);; at++) {
		struct map_entry *entry = &map->entries[at & (map->capacity - 1)];

		if (entry->key && entry->key != key)
			continue;
		map->used += !entry->key;
		*entry = (struct map_entry){key, value};
		return 0;
	}
}

void *map_remove(struct map *map, uint64_t key)
{
	size_t mask = map->capacity - 1, hole, at;
	void *value;

	if (!map->used)
		return NULL;
	for (hole = map_hash(key) & mask; map->entries[hole].key != key; hole = (hole + 1) & mask)
		if (!map->entries[hole].key)
			return NULL;
	value = map->entries[hole].value;
	for (at = (hole + 1) & mask; map->entries[at].key; at = (at + 1) & mask) {
		size_t home = map_hash(map->entries[at].key) & mask;

		/* Move it when its home is not cyclically within (hole, at]. */
		if (((at - home) & mask) >= ((at - hole) & mask)) {
			map->entries[hole] = map->entries[at];
			hole = at;
		}
	}
	map->entries[hole] = (struct map_entry){0, NULL};
	map->used--;
	return value;
}

void map_free(struct map *map)
{
	free(map->entries);
	*map = (struct map){NULL, 0, 0};
}
