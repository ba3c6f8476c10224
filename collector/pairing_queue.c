/*
 * pairing_queue.c: see pairing_queue.h. A queue of connections is first in, first out; but when exactly a connection went in or
 * out, only the kernel knows: at some moment between the entry and the return of connect, and of accept.
 *
 *   connect A  ├────┤                    A went in before C, whatever happened; B may have been the first or the second.
 *   connect B     ├────┤                 So A's place in the queue is 0 or 1, B's 0 or 1, C's 2.
 *   connect C               ├──┤
 *   accept  x                  ├──────┤  x may have gone out as the first or the second, or the third: its place is 0 to 2.
 *   accept  y             ├──────┤
 *   accept  z                     ├─────┤
 *
 * A thread that waits in accept may be put to sleep between taking a connection and returning with it: accepts that overlap say
 * nothing of who went first, however far apart they returned.
 *
 * So: who may belong to whom? Whose places in the queue can be the same, and of whom nothing else speaks against it. Then a pair is
 * certain when every assignment of all accepts to connects has it (matching.h). SO_PEERCRED divides the queue into one for each
 * connecting process, each first in, first out by itself, so that strangers do not disturb.
 */
#include "collector/pairing_queue.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>

#include "collector/matching.h"

#define NONE PAIRING_NONE
#define FOREVER PAIRING_FOREVER
#define CROWD_MAX 512 /* so many candidates tell nothing any more: what it was is not looked for */
#define CLOCK_NS PAIRING_CLOCK_NS

struct span_ns {
	int64_t from_ns, to_ns, process_id;
};

/* A connect as one listener sees it. */
struct queued {
	struct end *end;
	struct span_ns at;
	uint32_t index;       /* among the clients of the class */
	bool sure;            /* it did stand in this queue */
	size_t lowest, highest, highest_before; /* places; highest_before: the highest of all up to this one */
};

struct class {
	const struct end_group *group;
	struct end **clients, **servers, **listeners;
	size_t client_count, server_count, listener_count;
	struct queued *queued;
	struct span_ns *spans_by_end, *spans_by_start;
	size_t *first;
	uint32_t *edge;
	size_t edge_count, edge_room;
	uint32_t *degree;     /* of each client */
};

static int compare_numbers(int64_t a, int64_t b)
{
	return a < b ? -1 : a > b;
}

static int compare_end_times(const void *left, const void *right)
{
	return compare_numbers(((const struct span_ns *)left)->to_ns, ((const struct span_ns *)right)->to_ns);
}

static int compare_start_times(const void *left, const void *right)
{
	return compare_numbers(((const struct span_ns *)left)->from_ns, ((const struct span_ns *)right)->from_ns);
}

static int compare_queued(const void *left, const void *right)
{
	return compare_numbers(((const struct queued *)left)->at.from_ns, ((const struct queued *)right)->at.from_ns);
}

static int compare_servers(const void *left, const void *right)
{
	const struct end *a = *(struct end *const *)left, *b = *(struct end *const *)right;

	return a->parent_id != b->parent_id ? compare_numbers(a->parent_id, b->parent_id) : compare_numbers(a->opened_ns, b->opened_ns);
}

static struct span_ns accept_span(const struct end *server)
{
	return (struct span_ns){server->accepting_ns, server->opened_ns, server->process_id};
}

static struct span_ns connect_span(const struct end *client)
{
	return (struct span_ns){client->connecting_ns, client->connected_ns == NONE ? FOREVER : client->connected_ns, client->process_id};
}

static int64_t minus(int64_t ns, int64_t less_ns)
{
	return ns < INT64_MIN + less_ns ? INT64_MIN : ns - less_ns;
}

/* How many of `by_end` ended before `at` began, for certain. */
static size_t count_before(const struct span_ns *by_end, size_t count, const struct span_ns *at)
{
	size_t low = 0, high = count, before;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (by_end[middle].to_ns < minus(at->from_ns, CLOCK_NS))
			low = middle + 1;
		else
			high = middle;
	}
	before = low;
	for (; low < count && by_end[low].to_ns < at->from_ns; low++)
		before += by_end[low].process_id == at->process_id;
	return before;
}

static size_t count_after(const struct span_ns *by_start, size_t count, const struct span_ns *at)
{
	size_t low = 0, high = count, after;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (by_start[middle].from_ns <= pairing_plus_ns(at->to_ns, CLOCK_NS))
			low = middle + 1;
		else
			high = middle;
	}
	after = count - low;
	while (low > 0 && by_start[low - 1].from_ns > at->to_ns)
		after += by_start[--low].process_id == at->process_id;
	return after;
}

static const struct end *find_listener(const struct class *class, int64_t socket_id)
{
	for (size_t i = 0; i < class->listener_count; i++)
		if (class->listeners[i]->socket_id == socket_id)
			return class->listeners[i];
	return NULL;
}

/* Could the client as well have gone to another listener of the same name? */
static bool has_other_queue(const struct class *class, const struct end *client, const struct end *listener)
{
	for (size_t i = 0; i < class->listener_count; i++)
		if (class->listeners[i] != listener && pairing_may_reach(client, class->listeners[i]))
			return true;
	return false;
}

/*
 * The clients that may have stood in the queue of `listener` (NULL: TCP's, of which all did that were not turned away), in the order of
 * their connects, with their places. A TCP connect returns before the connection is in the queue, and where that is full, it never is.
 */
static size_t enqueue(struct class *class, const struct end *listener)
{
	struct queued *queued = class->queued;
	size_t count = 0, sure = 0, highest = 0;

	for (size_t i = 0; i < class->client_count; i++) {
		struct end *client = class->clients[i];

		if (listener && !pairing_may_reach(client, listener))
			continue;
		queued[count++] = (struct queued){.end = client, .at = connect_span(client), .index = (uint32_t)i,
			.sure = client->connected_ns != NONE && listener && !has_other_queue(class, client, listener)};
	}
	qsort(queued, count, sizeof *queued, compare_queued);
	for (size_t i = 0; i < count; i++) {
		class->spans_by_start[i] = queued[i].at;
		if (queued[i].sure)
			class->spans_by_end[sure++] = queued[i].at;
	}
	qsort(class->spans_by_end, sure, sizeof *class->spans_by_end, compare_end_times);
	for (size_t i = 0; i < count; i++) {
		queued[i].lowest = count_before(class->spans_by_end, sure, &queued[i].at);
		queued[i].highest = count - 1 - count_after(class->spans_by_start, count, &queued[i].at);
		if (queued[i].highest > highest)
			highest = queued[i].highest;
		queued[i].highest_before = highest;
	}
	return count;
}

static int add_edge(struct class *class, uint32_t client)
{
	if (class->edge_count == class->edge_room) {
		size_t room = class->edge_room ? class->edge_room * 2 : 256;
		uint32_t *edge = realloc(class->edge, room * sizeof *edge);

		if (!edge)
			return -ENOMEM;
		class->edge = edge;
		class->edge_room = room;
	}
	class->edge[class->edge_count++] = client;
	class->degree[client]++;
	return 0;
}

/* Whom may this accept have got? Returns how many; more than CROWD_MAX: not all were looked at. */
static int find_edges(struct class *class, const struct end *server, size_t queued_count, size_t lowest, size_t highest, size_t *found)
{
	const struct queued *queued = class->queued;
	size_t low = 0, high = queued_count;

	*found = 0;
	while (low < high) {
		size_t middle = (low + high) / 2;

		if (queued[middle].highest_before < lowest)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < queued_count && queued[low].lowest <= highest && *found <= CROWD_MAX; low++) {
		int error;

		if (queued[low].highest < lowest || !pairing_may_be(class->group, queued[low].end, server))
			continue;
		(*found)++;
		error = add_edge(class, queued[low].index);
		if (error)
			return error;
	}
	return 0;
}

/* Accepts of this listener that never returned and had begun by then. */
static size_t count_lost(const struct end_group *group, int64_t listener_id, int64_t until_ns)
{
	size_t count = 0;

	for (size_t i = 0; i < group->lost_count; i++)
		count += group->lost[i].listener_id == listener_id && group->lost[i].accepting_ns <= until_ns;
	return count;
}

/* Servers `from` up to `to` have one listener. Leaves out those with too many candidates: what is certain without them is certain. */
static int add_queue(struct class *class, size_t from, size_t to, size_t *kept)
{
	struct end **servers = class->servers;
	const struct end *listener = class->group->is_tuple ? NULL : find_listener(class, servers[from]->parent_id);
	size_t queued_count = enqueue(class, listener), count = to - from, found;
	bool in_order = queued_count >= count && (class->group->is_tuple || (listener && !listener->is_dim));
	struct span_ns *by_end, *by_start;
	int error = 0;

	/* enqueue is done with them. */
	by_end = class->spans_by_end;
	by_start = class->spans_by_start;
	for (size_t i = 0; i < count; i++)
		by_end[i] = by_start[i] = accept_span(servers[from + i]);
	qsort(by_end, count, sizeof *by_end, compare_end_times);
	qsort(by_start, count, sizeof *by_start, compare_start_times);
	for (size_t i = from; i < to && !error; i++) {
		struct span_ns at = accept_span(servers[i]);
		size_t lowest = in_order ? count_before(by_end, count, &at) : 0;
		size_t highest = in_order ? count - 1 - count_after(by_start, count, &at) + count_lost(class->group, servers[i]->parent_id, at.to_ns) : SIZE_MAX;

		class->first[*kept] = class->edge_count;
		error = find_edges(class, servers[i], queued_count, lowest, highest, &found);
		if (found > CROWD_MAX) {
			servers[i]->candidates = CROWD_MAX;
			while (class->edge_count > class->first[*kept])
				class->degree[class->edge[--class->edge_count]]--;
		} else {
			servers[(*kept)++] = servers[i];
		}
	}
	return error;
}

static int at_least_two(size_t candidates)
{
	return candidates < 2 ? 2 : candidates > INT_MAX ? INT_MAX : (int)candidates;
}

static void join(struct end *client, struct end *server)
{
	client->peer = server;
	client->peer_id = server->socket_id;
	server->peer = client;
	server->peer_id = client->socket_id;
}

static void conclude(struct class *class, const struct matching *matching, size_t kept)
{
	for (size_t i = 0; i < kept; i++) {
		struct end *server = class->servers[i];
		size_t count = class->first[i + 1] - class->first[i];

		if (!matching->unmatched_count && matching->is_certain[i])
			join(class->clients[matching->right_of[i]], server);
		else if (count)
			server->candidates = at_least_two(count);
	}
	for (size_t i = 0; i < class->client_count; i++)
		if (class->clients[i]->peer_id == NONE && class->degree[i])
			class->clients[i]->candidates = at_least_two(class->degree[i]);
}

/*
 * More accepts of an address pair than connects: others, whom we do not see, had the same port at other times. The pair is one
 * connection at a time: an accept gets the connect that waits for one, if only one does.
 */
static void solve_with_strangers(struct class *class)
{
	for (size_t i = 0; i < class->server_count; i++) {
		struct end *server = class->servers[i], *waiting = NULL;
		size_t count = 0;

		for (size_t j = 0; j < class->client_count; j++)
			if (class->clients[j]->peer_id == NONE && pairing_may_be(class->group, class->clients[j], server)) {
				waiting = class->clients[j];
				count++;
			}
		if (count == 1)
			join(waiting, server);
		else if (count)
			server->candidates = at_least_two(count);
		for (size_t j = 0; j < class->client_count && count > 1; j++)
			if (class->clients[j]->peer_id == NONE && pairing_may_be(class->group, class->clients[j], server))
				class->clients[j]->candidates = at_least_two(count);
	}
}

static int compare_opened(const void *left, const void *right)
{
	return compare_numbers((*(struct end *const *)left)->opened_ns, (*(struct end *const *)right)->opened_ns);
}

/* Clients and servers of which each server has its client among them. */
static int solve_class(struct class *class)
{
	size_t most = class->client_count > class->server_count ? class->client_count : class->server_count, kept = 0;
	struct matching matching;
	int error = -ENOMEM;

	if (class->group->is_tuple && class->server_count > class->client_count) {
		qsort(class->servers, class->server_count, sizeof *class->servers, compare_opened);
		solve_with_strangers(class);
		return 0;
	}
	class->queued = calloc(class->client_count + 1, sizeof *class->queued);
	class->spans_by_end = calloc(most + 1, sizeof *class->spans_by_end);
	class->spans_by_start = calloc(most + 1, sizeof *class->spans_by_start);
	class->first = calloc(class->server_count + 1, sizeof *class->first);
	class->degree = calloc(class->client_count + 1, sizeof *class->degree);
	if (!class->queued || !class->spans_by_end || !class->spans_by_start || !class->first || !class->degree)
		goto free_arrays;
	qsort(class->servers, class->server_count, sizeof *class->servers, compare_servers);
	error = 0;
	for (size_t from = 0, to; from < class->server_count && !error; from = to) {
		for (to = from + 1; to < class->server_count && class->servers[to]->parent_id == class->servers[from]->parent_id; to++)
			;
		error = add_queue(class, from, to, &kept);
	}
	class->first[kept] = class->edge_count;
	matching = (struct matching){.left_count = (uint32_t)kept, .right_count = (uint32_t)class->client_count, .first = class->first, .edge = class->edge};
	if (!error)
		error = matching_solve(&matching);
	if (!error) {
		conclude(class, &matching, kept);
		matching_free(&matching);
	}
free_arrays:
	free(class->queued);
	free(class->spans_by_end);
	free(class->spans_by_start);
	free(class->first);
	free(class->edge);
	free(class->degree);
	class->edge = NULL;
	class->edge_count = class->edge_room = 0;
	return error;
}

static int compare_pids(const void *left, const void *right)
{
	return compare_numbers((*(struct end *const *)left)->pid, (*(struct end *const *)right)->pid);
}

/* Takes those of one pid from two arrays that are sorted by it, and moves on. */
static struct class take_class(struct class *rest, int64_t pid, bool by_pid)
{
	struct class class = *rest;

	class.client_count = class.server_count = 0;
	while (class.client_count < rest->client_count && (!by_pid || rest->clients[class.client_count]->pid == pid))
		class.client_count++;
	while (class.server_count < rest->server_count && (!by_pid || rest->servers[class.server_count]->pid == pid))
		class.server_count++;
	rest->clients += class.client_count;
	rest->client_count -= class.client_count;
	rest->servers += class.server_count;
	rest->server_count -= class.server_count;
	return class;
}

/* Of one side of an address pair: the accepted ones that are low, and the connecting ones that are not; or the other way round. */
static bool is_of_side(const struct end_group *group, const struct end *end, bool low)
{
	return !group->is_tuple || (end->is_accepted ? end->low == low : end->low != low);
}

static int solve_side(const struct end_group *group, struct end **room, bool low)
{
	struct class rest = {.group = group, .clients = room, .servers = room + group->count, .listeners = room + group->count * 2};
	bool by_pid = true;
	int error = 0;

	for (size_t i = 0; i < group->count; i++) {
		struct end *end = &group->ends[i];

		if (end->peer_id != NONE || !is_of_side(group, end, low))
			continue;
		if (end->listening_ns != NONE && !end->is_accepted) {
			rest.listeners[rest.listener_count++] = end;
			continue;
		}
		if (end->is_accepted)
			rest.servers[rest.server_count++] = end;
		else if (end->connected_ns != NONE || end->connecting_ns != NONE)
			rest.clients[rest.client_count++] = end;
		else
			continue;
		by_pid = by_pid && end->pid != NONE;
	}
	if (by_pid) {
		qsort(rest.clients, rest.client_count, sizeof *rest.clients, compare_pids);
		qsort(rest.servers, rest.server_count, sizeof *rest.servers, compare_pids);
	}
	while (!error && rest.server_count && rest.client_count) {
		int64_t client_pid = rest.clients[0]->pid, server_pid = rest.servers[0]->pid;
		struct class class = take_class(&rest, client_pid < server_pid ? client_pid : server_pid, by_pid);

		if (class.client_count && class.server_count)
			error = solve_class(&class);
	}
	return error;
}

int pairing_queue_solve(const struct end_group *group)
{
	struct end **room = calloc(group->count * 3 + 1, sizeof *room);
	int error;

	if (!room)
		return -ENOMEM;
	error = solve_side(group, room, true);
	if (!error && group->is_tuple)
		error = solve_side(group, room, false);
	free(room);
	return error;
}
