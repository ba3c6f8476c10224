/*
 * identity_free.c: gives back memory: of the whole state machine, and of sockets that are closed and stored, so that a long
 * recording needs no more than a few bytes for each of them.
 */
#include "collector/identity_internal.h"

#include <errno.h>
#include <stdlib.h>

#define CLOSED_SOCKETS_KEPT 16384
#define FORGOTTEN_KEPT 131072 /* numbers of one generation */

static void free_values(struct map *map)
{
	for (size_t i = 0; i < map->capacity; i++)
		if (map->entries[i].key)
			free(map->entries[i].value);
	map_free(map);
}

static void free_socket(struct identity *identity, struct socket *socket)
{
	interests_drop(identity, socket);
	while (socket->early_closes) {
		struct early_close *next = socket->early_closes->next;

		socket->early_closes->process->early_closes--;
		free(socket->early_closes);
		socket->early_closes = next;
	}
	while (socket->spans) {
		struct span *next = socket->spans->next_of_socket;

		free(socket->spans);
		socket->spans = next;
	}
	free(socket);
}

void socket_closed(struct identity *identity, struct socket *socket)
{
	size_t room = identity->closed_room;
	struct socket **grown;

	if (socket->queued || socket->cell & CELL_SYNTHETIC || !identity->config.load_socket)
		return;
	if (identity->closed_count == room) {
		room = room ? room * 2 : 1024;
		grown = malloc(room * sizeof *grown);
		if (!grown)
			return;
		for (size_t i = 0; i < identity->closed_count; i++)
			grown[i] = identity->closed[(identity->closed_first + i) % identity->closed_room];
		free(identity->closed);
		identity->closed = grown;
		identity->closed_room = room;
		identity->closed_first = 0;
	}
	identity->closed[(identity->closed_first + identity->closed_count++) % room] = socket;
	socket->queued = 1;
}

/*
 * Where a forgotten socket's row is. Two generations of numbers are kept in memory; of those before them only how far their cookies went, which the
 * kernel gives out upward but for a few thousand (DEFINE_COOKIE: a batch for each processor): what is beyond is new, the others are looked for.
 */
static void remember_forgotten(struct identity *identity, const struct socket *socket)
{
	uint64_t cookie = socket->cell & CELL_COOKIE_MASK;

	if (identity->forgotten[0].used >= FORGOTTEN_KEPT) {
		if (identity->forgotten_up_to[1] > identity->dropped_up_to)
			identity->dropped_up_to = identity->forgotten_up_to[1];
		map_free(&identity->forgotten[1]);
		identity->forgotten[1] = identity->forgotten[0];
		identity->forgotten_up_to[1] = identity->forgotten_up_to[0];
		identity->forgotten[0] = (struct map){NULL, 0, 0};
		identity->forgotten_up_to[0] = 0;
	}
	if (cookie > identity->forgotten_up_to[0])
		identity->forgotten_up_to[0] = cookie;
	if (map_set(&identity->forgotten[0], socket->cell & CELL_IDENTITY, (void *)(uintptr_t)socket->row.socket_id))
		identity->failed = -ENOMEM;
}

struct socket *socket_forgotten(struct identity *identity, uint64_t cell)
{
	const struct identity_config *config = &identity->config;
	int64_t socket_id = (int64_t)(uintptr_t)map_get(&identity->forgotten[0], cell & CELL_IDENTITY);

	if (!socket_id)
		socket_id = (int64_t)(uintptr_t)map_get(&identity->forgotten[1], cell & CELL_IDENTITY);
	if (!socket_id && config->find_cookie && (cell & CELL_COOKIE_MASK) <= identity->dropped_up_to)
		socket_id = config->find_cookie(config->context, (int64_t)(cell & CELL_COOKIE_MASK));
	return socket_id && config->load_socket ? config->load_socket(config->context, socket_id) : NULL;
}

static void forget(struct identity *identity, struct socket *socket)
{
	struct socket *last = identity->all_sockets[--identity->all_socket_count];

	remember_forgotten(identity, socket);
	map_remove(&identity->sockets, socket->cell & CELL_IDENTITY);
	map_remove(&identity->socket_ids, (uint64_t)socket->row.socket_id);
	identity->all_sockets[socket->index] = last;
	last->index = socket->index;
	free(socket);
}

/* Forgets the oldest of the closed sockets beyond a number that late records may still concern. Right after a commit. */
void sockets_forget(struct identity *identity)
{
	while (identity->closed_count > CLOSED_SOCKETS_KEPT) {
		struct socket *socket = identity->closed[identity->closed_first];

		identity->closed_first = (identity->closed_first + 1) % identity->closed_room;
		identity->closed_count--;
		socket->queued = 0;
		if (socket->row.closed_ns == FACT_NULL || socket->spans || socket->early_closes || socket->interests || !socket->stored)
			continue; /* opened again: its next close queues it anew */
		forget(identity, socket);
	}
}

void identity_free(struct identity *identity)
{
	if (!identity)
		return;
	identity_changes_clear(identity);
	for (size_t i = 0; i < identity->all_socket_count; i++)
		free_socket(identity, identity->all_sockets[i]);
	for (struct process *process = identity->processes, *next; process; process = next) {
		next = process->next;
		process_free(process);
	}
	for (size_t i = 0; i < identity->parts.capacity; i++) {
		struct spool_part *part = identity->parts.entries[i].key ? identity->parts.entries[i].value : NULL;

		if (part) {
			map_free(&part->synthetic);
			map_free(&part->images);
			map_free(&part->threads);
		}
	}
	free_values(&identity->parts);
	map_free(&identity->sockets);
	map_free(&identity->forgotten[0]);
	map_free(&identity->forgotten[1]);
	map_free(&identity->pids);
	map_free(&identity->process_ids);
	map_free(&identity->socket_ids);
	map_free(&identity->restored_threads);
	map_free(&identity->held);
	map_free(&identity->epolls);
	map_free(&identity->known_details);
	free(identity->all_sockets);
	free(identity->closed);
	free(identity->changed_sockets);
	free(identity->changed_processes);
	free(identity->changed_spans);
	intern_free(&identity->addresses);
	intern_free(&identity->details);
	intern_free(&identity->names);
	facts_free(&identity->facts);
	free(identity);
}
