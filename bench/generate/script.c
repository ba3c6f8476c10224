/*
 * script.c: see script.h. Every part plays the whole script and is handed only its own lines, so that both ends agree on cookies, ports and
 * times without a word between them.
 */
#include "bench/generate/script.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#define GROUP 16u
#define HEAVY_WEIGHT 16u     /* of one connection in five; the others weigh 1: 4 on average */
#define CALLS_WITHOUT_DATA 5 /* socket, connect, close; accept, close */
#define CALLS_A_ROUND 4      /* send, recv; recv, send */
#define SERVER_PORT 8080
#define SERVER_PATH "/run/server.sock"
#define LEAKED_FD 100000

static const struct script_shape shapes[] = {
	{"groups", AF_INET, 0, 0},
	{"open", AF_INET, 1, 0},
	{"one", AF_INET, 0, 1},
	{"unix", AF_UNIX, 0, 0},
};

const struct script_shape *script_find_shape(const char *name)
{
	for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++)
		if (!strcmp(shapes[i].name, name))
			return &shapes[i];
	return NULL;
}

struct connection {
	uint64_t number;
	uint32_t rounds;
	uint16_t port;
	int client_fd, server_fd;
	int leaks, is_refused_first, waits;
	uint64_t sent_ns; /* start of the question under way */
};

struct player {
	const struct script *script;
	uint64_t group; /* connections that are open together, on one client */
	int part;
	script_line *line;
	void *context;
	uint64_t client_ns[SCRIPT_CLIENTS], server_ns[SCRIPT_CLIENTS]; /* each thread's own time */
	uint64_t carried;                                             /* rounds earned and not yet given out, in units of 1/4096 */
};

static uint64_t mix(uint64_t x)
{
	x += UINT64_C(0x9e3779b97f4a7c15);
	x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
	return x ^ x >> 31;
}

static int is_unix(const struct player *player)
{
	return player->script->shape->domain == AF_UNIX;
}

static uint64_t cell_of(const struct player *player, uint64_t cookie)
{
	return cookie | (uint64_t)SOCK_STREAM << CELL_TYPE_SHIFT | (uint64_t)player->script->shape->domain << CELL_DOMAIN_SHIFT | (is_unix(player) ? 0 : CELL_TCP);
}

static uint64_t client_cell(const struct player *player, const struct connection *connection)
{
	return cell_of(player, 2 + 3 * connection->number);
}

static uint64_t server_cell(const struct player *player, const struct connection *connection)
{
	return cell_of(player, 3 + 3 * connection->number);
}

static struct spool_tag record_tag(unsigned kind, unsigned parts, int error)
{
	return (struct spool_tag){.type = SLOT_CALL, .parts = (uint8_t)parts, .state = STATE_DONE, .kind = (uint16_t)kind, .length = (uint16_t)error};
}

/* A call without extensions. The caller's address is one place in the program for each kind of call. */
static union script_slot call_of(unsigned kind, int fd, uint64_t cell, uint64_t start_ns, uint64_t took_ns, int64_t result, uint64_t arg)
{
	return (union script_slot){.call = {
		.tag = record_tag(kind, 0, 0), .fd = fd, .start_ticks = start_ns, .duration_ticks = took_ns, .result = result,
		.socket = cell, .arg = arg, .caller = UINT64_C(0x401000) + 64 * kind,
	}};
}

static void add_bytes(union script_slot *slot, unsigned type, const void *address, size_t length)
{
	memset(slot, 0, sizeof *slot);
	slot->tag = (struct spool_tag){.type = (uint8_t)type, .state = STATE_DONE, .length = (uint16_t)length};
	memcpy(slot->bytes + sizeof slot->tag, address, length);
}

/* The address with that port; in a Unix script the server's path or, for a port of a client's own, none. */
static void add_address(const struct player *player, union script_slot *slot, unsigned type, uint16_t port)
{
	if (is_unix(player)) {
		struct sockaddr_un address = {.sun_family = AF_UNIX};
		size_t length = sizeof address.sun_family;

		if (port == SERVER_PORT || port == SERVER_PORT + 1)
			length += (size_t)snprintf(address.sun_path, sizeof address.sun_path, "%s%s", SERVER_PATH, port == SERVER_PORT ? "" : ".old") + 1;
		add_bytes(slot, type, &address, length);
	} else {
		struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};

		add_bytes(slot, type, &address, sizeof address);
	}
}

static void say(struct player *player, int part, int thread, const union script_slot *record, unsigned new_sockets)
{
	if (part == player->part)
		player->line(player->context, thread, record, new_sockets);
}

/* --- the client's lines; each advances the client's time --- */

static void say_socket(struct player *player, int client, int fd, uint64_t cell)
{
	union script_slot record = call_of(CALL_socket, -1, cell, player->client_ns[client], 4000, fd, (uint64_t)player->script->shape->domain | SOCK_STREAM << 16);

	say(player, client + 1, 0, &record, 1);
	player->client_ns[client] += 6000;
}

static void say_connect(struct player *player, int client, const struct connection *connection, uint64_t cell, int error)
{
	union script_slot record[3] = {call_of(CALL_connect, connection->client_fd, cell, player->client_ns[client], 30000, error ? -1 : 0, 0)};

	record[0].tag = record_tag(CALL_connect, error ? 1 : 2, error);
	add_address(player, &record[1], SLOT_EXT_ADDRESS_PEER, error ? SERVER_PORT + 1 : SERVER_PORT);
	add_address(player, &record[2], SLOT_EXT_ADDRESS_LOCAL, connection->port);
	say(player, client + 1, 0, record, 0);
	player->client_ns[client] += 34000;
}

static void say_close(struct player *player, int part, int thread, uint64_t *now_ns, int fd, uint64_t cell, uint64_t bytes)
{
	union script_slot record[2] = {call_of(CALL_close, fd, cell, *now_ns, 9000, 0, 0)};

	record[0].tag = record_tag(CALL_close, !is_unix(player), 0);
	record[1].tcp_info = (struct spool_ext_tcp_info){.tag = {.type = SLOT_EXT_TCP_INFO, .state = STATE_DONE, .kind = 1, .length = 56},
		.rtt_us = 40, .rtt_variance_us = 10, .bytes_acked = bytes, .bytes_received = bytes};
	say(player, part, thread, record, 0);
	*now_ns += 11000;
}

static void say_accept(struct player *player, int client, const struct connection *connection)
{
	union script_slot record[4] = {call_of(CALL_accept4, 3, cell_of(player, 1), player->server_ns[client], 9000, connection->server_fd, 0)};

	record[0].tag = record_tag(CALL_accept4, 3, 0);
	record[0].call.flags = SOCK_CLOEXEC;
	record[1].socket = (struct spool_ext_socket){.tag = {.type = SLOT_EXT_SOCKET, .state = STATE_DONE, .length = 56},
		.socket = server_cell(player, connection), .fd = connection->server_fd, .protocol = UINT32_MAX,
		.peer_pid = is_unix(player) ? player->script->client_pid[client] : 0};
	add_address(player, &record[2], SLOT_EXT_ADDRESS_PEER, connection->port);
	add_address(player, &record[3], SLOT_EXT_ADDRESS_LOCAL, SERVER_PORT);
	say(player, 0, client, record, 1);
	player->server_ns[client] += 12000;
}

/* The listener, before all else: its thread is the server's first. */
static void open_server(struct player *player)
{
	uint64_t now_ns = player->script->start_ns;
	union script_slot record[2] = {call_of(CALL_socket, -1, cell_of(player, 1), now_ns, 4000, 3, (uint64_t)player->script->shape->domain | SOCK_STREAM << 16)};

	say(player, 0, 0, record, 1);
	record[0] = call_of(CALL_bind, 3, cell_of(player, 1), now_ns + 6000, 2000, 0, 0);
	record[0].tag.parts = 1;
	add_address(player, &record[1], SLOT_EXT_ADDRESS_LOCAL, SERVER_PORT);
	say(player, 0, 0, record, 0);
	record[0] = call_of(CALL_listen, 3, cell_of(player, 1), now_ns + 9000, 3000, 0, 511);
	record[0].tag.parts = 1;
	say(player, 0, 0, record, 0);
}

/* --- a group --- */

static void plan(struct player *player, struct connection *connection, uint64_t number, uint64_t connections)
{
	const struct script *script = player->script;
	uint64_t chance = mix(script->seed ^ mix(number));
	uint64_t least = connections * CALLS_WITHOUT_DATA;
	uint64_t rounds = script->calls > least ? (script->calls - least) / CALLS_A_ROUND : 0;
	uint64_t weight = script->shape->equal_weight ? 4 : (number + script->seed) % 5 ? 1 : HEAVY_WEIGHT;

	player->carried += rounds * 4096 / connections * weight / 4;
	memset(connection, 0, sizeof *connection);
	connection->number = number;
	connection->rounds = (uint32_t)(player->carried / 4096);
	player->carried %= 4096;
	connection->port = (uint16_t)(10000 + number % 50000);
	connection->client_fd = 3 + (int)(number % player->group);
	connection->server_fd = 4 + (int)(number / player->group % SCRIPT_CLIENTS * player->group + number % player->group);
	connection->leaks = chance / 8 % 1000 == 0;
	connection->is_refused_first = chance / 8192 % 2000 == 0;
	connection->waits = chance / 8388608 % 5000 == 0;
	if (connection->leaks) /* its numbers are never free again */
		connection->client_fd = connection->server_fd = LEAKED_FD + (int)(number % 1000000);
}

static void connect_all(struct player *player, int client, struct connection *group, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		struct connection *connection = &group[i];

		if (connection->is_refused_first) {
			uint64_t cell = cell_of(player, 4 + 3 * connection->number);

			say_socket(player, client, connection->client_fd, cell);
			say_connect(player, client, connection, cell, ECONNREFUSED);
			say_close(player, client + 1, 0, &player->client_ns[client], connection->client_fd, cell, 0);
		}
		say_socket(player, client, connection->client_fd, client_cell(player, connection));
		say_connect(player, client, connection, client_cell(player, connection), 0);
		if (player->server_ns[client] < player->client_ns[client])
			player->server_ns[client] = player->client_ns[client];
		say_accept(player, client, connection);
	}
}

static void ask_and_answer(struct player *player, int client, struct connection *group, unsigned count, uint32_t round)
{
	uint64_t *client_ns = &player->client_ns[client], *server_ns = &player->server_ns[client];
	union script_slot record;

	for (unsigned i = 0; i < count; i++) {
		if (round >= group[i].rounds)
			continue;
		group[i].sent_ns = *client_ns;
		record = call_of(CALL_send, group[i].client_fd, client_cell(player, &group[i]), *client_ns, 3000, 64, 64);
		say(player, client + 1, 0, &record, 0);
		*client_ns += 3500;
	}
	for (unsigned i = 0; i < count; i++) {
		uint64_t bytes = 64 + mix(group[i].number + round) % 4096;

		if (round >= group[i].rounds)
			continue;
		if (*server_ns < group[i].sent_ns + 5000)
			*server_ns = group[i].sent_ns + 5000;
		record = call_of(CALL_recv, group[i].server_fd, server_cell(player, &group[i]), *server_ns, 1500, 64, 16384);
		say(player, 0, client, &record, 0);
		*server_ns += 2000 + (group[i].waits && round == 0 ? 200000000 : mix(group[i].number * 31 + round) % 4000);
		record = call_of(CALL_send, group[i].server_fd, server_cell(player, &group[i]), *server_ns, 3000, (int64_t)bytes, bytes);
		say(player, 0, client, &record, 0);
		*server_ns += 3500;
		record = call_of(CALL_recv, group[i].client_fd, client_cell(player, &group[i]), *client_ns,
			*server_ns > *client_ns ? *server_ns - *client_ns + 1000 : 1500, (int64_t)bytes, 16384);
		say(player, client + 1, 0, &record, 0);
		*client_ns = record.call.start_ticks + record.call.duration_ticks + 500;
	}
}

static void close_all(struct player *player, int client, struct connection *group, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		if (group[i].leaks)
			continue;
		say_close(player, client + 1, 0, &player->client_ns[client], group[i].client_fd, client_cell(player, &group[i]), 64 * group[i].rounds);
		if (player->server_ns[client] < player->client_ns[client])
			player->server_ns[client] = player->client_ns[client];
		say_close(player, 0, client, &player->server_ns[client], group[i].server_fd, server_cell(player, &group[i]), 64 * group[i].rounds);
	}
}

uint64_t script_play(const struct script *script, int part, script_line *line, void *context)
{
	uint64_t connections = script->sockets / 2, last_ns = 0;
	struct player player = {.script = script, .part = part, .line = line, .context = context,
		.group = script->shape->all_open ? (connections + SCRIPT_CLIENTS - 1) / SCRIPT_CLIENTS : GROUP};
	struct connection *group = calloc(player.group, sizeof *group);

	if (!group)
		abort();
	open_server(&player);
	for (int i = 0; i < SCRIPT_CLIENTS; i++)
		player.client_ns[i] = player.server_ns[i] = script->start_ns + 1000000 + (uint64_t)i * 1000;
	for (uint64_t first = 0; first < connections; first += player.group) {
		unsigned count = (unsigned)(connections - first < player.group ? connections - first : player.group);
		int client = (int)(first / player.group % SCRIPT_CLIENTS);
		uint32_t rounds = 0;

		for (unsigned i = 0; i < count; i++) {
			plan(&player, &group[i], first + i, connections);
			rounds = group[i].rounds > rounds ? group[i].rounds : rounds;
		}
		connect_all(&player, client, group, count);
		for (uint32_t round = 0; round < rounds; round++)
			ask_and_answer(&player, client, group, count, round);
		close_all(&player, client, group, count);
	}
	for (int i = 0; i < SCRIPT_CLIENTS; i++)
		if (part == 0 || part == i + 1)
			last_ns = player.server_ns[i] > last_ns ? player.server_ns[i] : last_ns;
	free(group);
	return last_ns;
}
