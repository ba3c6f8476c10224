/* callers.c: see callers.h. */
#include "collector/callers.h"

#include <stdlib.h>
#include <string.h>

#include "collector/clock.h"

#define REREAD_NS 20000000

struct build_id {
	char hex[65];
	int fixed; /* linked to fixed addresses: they are the offsets */
};

static const struct build_id *build_id_of(struct callers *callers, const char *path)
{
	uint32_t number = intern_put(&callers->modules, path, strlen(path), NULL);
	struct build_id *id = number ? map_get(&callers->build_ids, number) : NULL;

	if (id || !number)
		return id;
	id = calloc(1, sizeof *id);
	if (!id)
		return NULL;
	process_read_build_id(path, id->hex, &id->fixed);
	if (map_set(&callers->build_ids, number, id)) {
		free(id);
		return NULL;
	}
	return id;
}

static uint32_t place_of(struct callers *callers, const struct process_mapping *mapping, uint64_t address)
{
	const struct build_id *id = mapping ? build_id_of(callers, mapping->path) : NULL;
	unsigned char packed[4400];
	size_t at = 0;
	uint64_t offset = mapping && !(id && id->fixed) ? address - mapping->base : address;
	const char *texts[] = {mapping ? mapping->path : "", id ? id->hex : ""};

	for (int i = 0; i < 2; i++) {
		size_t length = strlen(texts[i]) + 1;

		if (at + length + sizeof offset > sizeof packed)
			return 0;
		memcpy(packed + at, texts[i], length);
		at += length;
	}
	memcpy(packed + at, &offset, sizeof offset);
	return intern_put(&callers->places, packed, at + sizeof offset, NULL);
}

uint32_t callers_find(struct callers *callers, struct image_callers *image, int pid, uint64_t address)
{
	void *value = map_get(&image->known, address);
	const struct process_mapping *mapping;
	int64_t now_ns;
	uint32_t place;

	if (value)
		return (uint32_t)(uintptr_t)value;
	now_ns = clock_monotonic_ns();
	mapping = process_map_find(&image->map, address);
	if (!mapping && pid && now_ns - image->read_ns > REREAD_NS) {
		image->read_ns = now_ns;
		if (process_map_read(&image->map, pid) == 0)
			mapping = process_map_find(&image->map, address);
	}
	place = place_of(callers, mapping, address);
	if (place && image->known.used < 100000 && map_set(&image->known, address, (void *)(uintptr_t)place))
		return 0;
	return place;
}

void callers_free_image(struct image_callers *image)
{
	process_map_free(&image->map);
	map_free(&image->known);
}

void callers_free(struct callers *callers)
{
	intern_free(&callers->places);
	intern_free(&callers->modules);
	for (size_t i = 0; i < callers->build_ids.capacity; i++)
		if (callers->build_ids.entries[i].key)
			free(callers->build_ids.entries[i].value);
	map_free(&callers->build_ids);
}
