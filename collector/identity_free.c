/* identity_free.c: gives back all memory of the state machine. */
#include "collector/identity_internal.h"

#include <stdlib.h>

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

void identity_free(struct identity *identity)
{
	if (!identity)
		return;
	identity_changes_clear(identity);
	for (size_t i = 0; i < identity->all_socket_count; i++)
		free_socket(identity, identity->all_sockets[i]);
	for (size_t i = 0; i < identity->all_thread_count; i++)
		free(identity->all_threads[i]);
	for (struct process *process = identity->processes, *next; process; process = next) {
		next = process->next;
		free(process);
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
	map_free(&identity->pids);
	map_free(&identity->process_ids);
	map_free(&identity->socket_ids);
	map_free(&identity->restored_threads);
	map_free(&identity->epolls);
	map_free(&identity->flag_details);
	free(identity->all_sockets);
	free(identity->all_threads);
	free(identity->changed_sockets);
	free(identity->changed_processes);
	free(identity->changed_spans);
	intern_free(&identity->addresses);
	intern_free(&identity->details);
	intern_free(&identity->names);
	facts_free(&identity->facts);
	free(identity);
}
