/*
 * identity_wait.c: what poll, select and epoll_wait found. poll and select name their descriptors; epoll returns the
 * program's own word (epoll_data), which stands for a socket only when exactly one socket was added with that word.
 */
#include "collector/identity_internal.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>

/* A socket in an epoll instance's set. */
struct interest {
	uint64_t epoll, data;              /* the instance (instance_of); the program's word */
	struct socket *socket;
	int fd;
	struct interest *next_of_word;     /* others with the same hash of (epoll, data) */
	struct interest *next_of_socket;
};

uint64_t instance_of(const struct step *step, uint64_t cell)
{
	return step->view->number << 40 ^ (cell & CELL_COOKIE_MASK);
}

static uint64_t word_key(uint64_t epoll, uint64_t data)
{
	uint64_t key = (epoll * UINT64_C(0x9e3779b97f4a7c15)) ^ data;

	return key ? key : 1;
}

static void unlink_word(struct identity *identity, struct interest *interest)
{
	uint64_t key = word_key(interest->epoll, interest->data);
	struct interest *first = map_get(&identity->epolls, key);

	if (first == interest) {
		if (interest->next_of_word)
			map_set(&identity->epolls, key, interest->next_of_word);
		else
			map_remove(&identity->epolls, key);
		return;
	}
	for (; first; first = first->next_of_word)
		if (first->next_of_word == interest) {
			first->next_of_word = interest->next_of_word;
			return;
		}
}

static void drop_one(struct identity *identity, struct socket *socket, uint64_t epoll, int fd)
{
	for (struct interest **at = &socket->interests; *at; at = &(*at)->next_of_socket) {
		struct interest *interest = *at;

		if (interest->epoll != epoll || interest->fd != fd)
			continue;
		*at = interest->next_of_socket;
		unlink_word(identity, interest);
		free(interest);
		return;
	}
}

void interests_drop(struct identity *identity, struct socket *socket)
{
	while (socket->interests) {
		struct interest *interest = socket->interests;

		socket->interests = interest->next_of_socket;
		unlink_word(identity, interest);
		free(interest);
	}
}

/* What one wait found: who waited, from when, and for how long; 0: that wait is not known. */
struct wait_found {
	struct thread *thread;
	int64_t start_ns, waited_ns;
};

static struct wait_found wait_of(const struct step *step, int64_t start_ns)
{
	return (struct wait_found){step->thread, start_ns, step->thread->wait_start_ns == start_ns ? step->thread->wait_duration_ns : 0};
}

/* What a wait found of it last, if that is not stored yet and no call has taken it; NULL: nothing. */
static struct fact_ready *last_finding(struct identity *identity, const struct socket *socket)
{
	struct fact_ready *ready = identity->facts.ready.rows + socket->found_at;

	return socket->found_at < identity->facts.ready.count && ready->socket_id == socket->row.socket_id ? ready : NULL;
}

static void found_ready(struct identity *identity, const struct wait_found *wait, struct socket *socket, int fd, uint32_t events)
{
	struct fact_ready *ready;

	if (!(events & READY_NOT)) {
		socket->row.poll_ns += wait->waited_ns;
		symptom_note_ready(&socket->symptom, wait->start_ns, (uint64_t)wait->thread->row.thread_id << 48 ^ wait->thread->actions);
	} else {
		symptom_note_vain(&socket->symptom, wait->waited_ns);
	}
	socket_touch(identity, socket);
	if (!identity->config.keep_data_calls)
		return;
	ready = last_finding(identity, socket);
	if (!ready || ready->start_ns != wait->start_ns || ready->thread_id != wait->thread->row.thread_id || ready->fd != fd)
		ready = facts_append(&identity->facts, ready, 1);
	if (!ready)
		return;
	*ready = (struct fact_ready){socket->row.socket_id, wait->start_ns, wait->thread->row.thread_id, fd, events & READY_NOT ? 0 : events};
	socket->found_at = (size_t)(ready - identity->facts.ready.rows);
}

int64_t take_wait(struct step *step, uint32_t *events)
{
	struct socket *socket = step->socket;
	struct fact_ready *ready = last_finding(step->identity, socket);
	int64_t ready_ns;

	if (!ready || !ready->events || ready->thread_id != step->thread->row.thread_id || ready->fd != step->call->fd)
		return FACT_NULL;
	/* Another call since: the wait comes before that one. */
	if (ready->start_ns <= socket->last_call_ns || ready->start_ns > step->start_ns)
		return FACT_NULL;
	ready_ns = step->start_ns - ready->start_ns;
	*events = (uint32_t)ready->events;
	ready->socket_id = FACT_NULL;
	return ready_ns;
}

/*
 * A wait may return with a socket before the call that adds it has, and be read before it. Not one that had returned before that call began: what it found
 * was another file with the same word.
 */
static void name_earlier_findings(struct step *step, const struct interest *interest)
{
	struct identity *identity = step->identity;

	for (unsigned i = 0; i < UNNAMED_MAX; i++) {
		struct unnamed_ready *found = &identity->unnamed[i];
		struct wait_found wait = {found->thread, found->start_ns, found->waited_ns};

		if (!found->thread || found->epoll != interest->epoll || found->data != interest->data || found->start_ns + found->waited_ns < step->start_ns)
			continue;
		found_ready(identity, &wait, interest->socket, interest->fd, found->events);
		found->thread = NULL;
	}
}

void apply_epoll_control(struct step *step)
{
	const struct spool_ext_epoll *event = step->extensions->epoll;
	struct interest *interest;
	uint64_t epoll, key;

	if (!event || !step->socket)
		return;
	epoll = instance_of(step, event->epoll);
	drop_one(step->identity, step->socket, epoll, step->call->fd);
	if (step->call->flags == EPOLL_CTL_DEL)
		return;
	interest = calloc(1, sizeof *interest);
	if (!interest) {
		step->identity->failed = -ENOMEM;
		return;
	}
	key = word_key(epoll, event->data);
	*interest = (struct interest){.epoll = epoll, .data = event->data, .socket = step->socket, .fd = step->call->fd,
		.next_of_word = map_get(&step->identity->epolls, key), .next_of_socket = step->socket->interests};
	step->socket->interests = interest;
	if (map_set(&step->identity->epolls, key, interest))
		step->identity->failed = -ENOMEM;
	name_earlier_findings(step, interest);
}

void apply_ready(struct step *step, const union record_slot *record)
{
	const struct spool_ready *ready = &record->ready;
	int64_t start_ns = identity_clock_ns(&step->view->clock, ready->call_start_ticks);
	unsigned count = ready->tag.length < 3 ? ready->tag.length : 3;
	struct wait_found wait = wait_of(step, start_ns);

	for (unsigned i = 0; i < count; i++) {
		struct socket *socket = identity_socket_of(step->identity, step->view, ready->entry[i].socket);

		if (socket)
			found_ready(step->identity, &wait, socket, ready->entry[i].fd, ready->entry[i].events);
	}
}

/* The one socket that was added with this word; NULL: none, or (*ambiguous 1) more than one. */
static struct interest *only_interest(struct identity *identity, uint64_t epoll, uint64_t data, int *ambiguous)
{
	struct interest *only = NULL;

	*ambiguous = 0;
	for (struct interest *at = map_get(&identity->epolls, word_key(epoll, data)); at; at = at->next_of_word) {
		if (at->epoll != epoll || at->data != data)
			continue;
		*ambiguous = only && only->socket != at->socket;
		if (*ambiguous)
			return NULL;
		only = at;
	}
	return only;
}

/* Most words without a socket are those of other files; the latest few are kept for the call that brings a socket with such a word. */
static void remember_unnamed(struct step *step, const struct wait_found *wait, uint64_t data, uint32_t events)
{
	struct identity *identity = step->identity;

	identity->unnamed[identity->unnamed_next++ % UNNAMED_MAX] = (struct unnamed_ready){wait->thread, step->thread->wait_epoll, data, events,
		wait->start_ns, wait->waited_ns};
}

void apply_epoll_ready(struct step *step, const union record_slot *record)
{
	const struct spool_epoll_ready *ready = &record->epoll_ready;
	int64_t start_ns = identity_clock_ns(&step->view->clock, ready->call_start_ticks);
	unsigned count = ready->tag.length < 4 ? ready->tag.length : 4;
	struct wait_found wait;

	if (step->thread->wait_start_ns != start_ns)
		return; /* the wait itself is not read yet, or was not recorded: its epoll instance is not known */
	wait = wait_of(step, start_ns);
	for (unsigned i = 0; i < count; i++) {
		uint64_t data = ready->entry[i].data_low | (uint64_t)ready->entry[i].data_high << 32;
		int ambiguous;
		struct interest *interest = only_interest(step->identity, step->thread->wait_epoll, data, &ambiguous);

		if (interest)
			found_ready(step->identity, &wait, interest->socket, interest->fd, ready->entry[i].events);
		else if (!ambiguous)
			remember_unnamed(step, &wait, data, ready->entry[i].events);
	}
}
