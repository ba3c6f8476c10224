/* intern.c: see intern.h. An open hash table of numbers over an array of separately allocated entries. */
#include "collector/intern.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static uint32_t hash_of(const unsigned char *bytes, size_t length)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325) ^ length;

	for (size_t i = 0; i < length; i++)
		hash = (hash ^ bytes[i]) * UINT64_C(0x100000001b3);
	return (uint32_t)(hash ^ hash >> 32);
}

/* The slot that holds these bytes, or the empty one where they belong. */
static uint32_t *find_slot(struct intern *intern, const void *bytes, size_t length, uint32_t hash)
{
	uint32_t mask = intern->slot_count - 1;

	for (uint32_t at = hash & mask;; at = (at + 1) & mask) {
		uint32_t number = intern->slots[at];
		const struct intern_entry *entry = intern_get(intern, number);

		if (!entry || (entry->hash == hash && entry->length == length && memcmp(entry->bytes, bytes, length) == 0))
			return &intern->slots[at];
	}
}

static int grow_slots(struct intern *intern)
{
	uint32_t count = intern->slot_count ? intern->slot_count * 2 : 256;
	uint32_t *slots = calloc(count, sizeof *slots);

	if (!slots)
		return -ENOMEM;
	free(intern->slots);
	intern->slots = slots;
	intern->slot_count = count;
	for (uint32_t number = intern->forgotten + 1; number <= intern->count; number++) {
		const struct intern_entry *entry = intern_get(intern, number);

		if (entry)
			*find_slot(intern, entry->bytes, entry->length, entry->hash) = number;
	}
	for (size_t i = 0; i < intern->recalled.capacity; i++) {
		const struct intern_entry *entry = intern->recalled.entries[i].key ? intern->recalled.entries[i].value : NULL;

		if (entry)
			*find_slot(intern, entry->bytes, entry->length, entry->hash) = (uint32_t)intern->recalled.entries[i].key;
	}
	return 0;
}

static int make_room(struct intern *intern, uint32_t number)
{
	uint32_t room = intern->room ? intern->room : 64, wanted = number - intern->forgotten;
	struct intern_entry **entries;

	while (room < wanted)
		room *= 2;
	if (room != intern->room) {
		entries = realloc(intern->entries, room * sizeof *entries);
		if (!entries)
			return -ENOMEM;
		memset(entries + intern->room, 0, (room - intern->room) * sizeof *entries);
		intern->entries = entries;
		intern->room = room;
	}
	while (intern->slot_count < (wanted + intern->recalled.used) * 2)
		if (grow_slots(intern))
			return -ENOMEM;
	return 0;
}

static struct intern_entry *make_entry(const void *bytes, size_t length, uint32_t hash)
{
	struct intern_entry *entry = malloc(sizeof *entry + length + 1);

	if (!entry)
		return NULL;
	entry->hash = hash;
	entry->length = (uint32_t)length;
	memcpy(entry->bytes, bytes, length);
	entry->bytes[length] = 0;
	return entry;
}

static int add(struct intern *intern, uint32_t number, const void *bytes, size_t length, uint32_t hash)
{
	struct intern_entry *entry = make_entry(bytes, length, hash);

	if (!entry)
		return -ENOMEM;
	free(intern->entries[number - 1 - intern->forgotten]);
	intern->entries[number - 1 - intern->forgotten] = entry;
	if (number > intern->count)
		intern->count = number;
	return 0;
}

uint32_t intern_find(struct intern *intern, const void *bytes, size_t length)
{
	return intern->slot_count ? *find_slot(intern, bytes, length, hash_of(bytes, length)) : 0;
}

int intern_recall(struct intern *intern, uint32_t number, const void *bytes, size_t length)
{
	uint32_t hash = hash_of(bytes, length);
	struct intern_entry *entry;

	if (!number || number > intern->forgotten || map_get(&intern->recalled, number))
		return -EINVAL;
	entry = make_room(intern, intern->count + 1) ? NULL : make_entry(bytes, length, hash);
	if (!entry || map_set(&intern->recalled, number, entry)) {
		free(entry);
		return -ENOMEM;
	}
	*find_slot(intern, bytes, length, hash) = number;
	return 0;
}

uint32_t intern_put(struct intern *intern, const void *bytes, size_t length, int *is_new)
{
	uint32_t hash = hash_of(bytes, length);
	uint32_t *slot;

	if (is_new)
		*is_new = 0;
	if (make_room(intern, intern->count + 1))
		return 0;
	slot = find_slot(intern, bytes, length, hash);
	if (*slot)
		return *slot;
	if (add(intern, intern->count + 1, bytes, length, hash))
		return 0;
	if (is_new)
		*is_new = 1;
	return *slot = intern->count;
}

int intern_restore(struct intern *intern, int64_t number, const void *bytes, size_t length)
{
	uint32_t hash = hash_of(bytes, length);
	uint32_t *slot;

	if (number <= (int64_t)intern->forgotten || number > INT32_MAX)
		return -EINVAL;
	if (make_room(intern, (uint32_t)number))
		return -ENOMEM;
	slot = find_slot(intern, bytes, length, hash);
	if (add(intern, (uint32_t)number, bytes, length, hash))
		return -ENOMEM;
	if (!*slot)
		*slot = (uint32_t)number;
	if ((uint32_t)number > intern->stored)
		intern->stored = (uint32_t)number;
	return 0;
}

void intern_forget(struct intern *intern, uint32_t number)
{
	intern_free(intern);
	intern->forgotten = intern->stored = intern->count = number;
}

void intern_free(struct intern *intern)
{
	for (uint32_t i = 0; i < intern->count - intern->forgotten; i++)
		free(intern->entries[i]);
	for (size_t i = 0; i < intern->recalled.capacity; i++)
		if (intern->recalled.entries[i].key)
			free(intern->recalled.entries[i].value);
	map_free(&intern->recalled);
	free(intern->entries);
	free(intern->slots);
	*intern = (struct intern){0};
}
