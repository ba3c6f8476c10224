/*
 * identity_call.c: what a call does to a socket's life, by its effect. One function per effect, in a table; those of connecting are in identity_connect.c, those of data in
 * identity_data.c.
 */
#include "collector/identity_internal.h"
#include "collector/outsider.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <stdbool.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

int is_again(int error)
{
	return error == EAGAIN || error == EWOULDBLOCK;
}

/* The record that made the socket: what was guessed from a passing mention gives way. */
static void socket_made(struct step *step, struct socket *socket, uint64_t cell, int fd, int origin)
{
	struct fact_socket *row = &socket->row;

	socket_describe_cell(socket, cell);
	if (!socket->provisional && row->origin != ORIGIN_INHERITED && row->origin != ORIGIN_ADOPTED && row->origin != ORIGIN_PASSED)
		return;
	socket->provisional = 0;
	row->origin = origin;
	row->opened_ns = step->end_ns;
	row->process_id = step->process->row.process_id;
	row->thread_id = step->thread->row.thread_id;
	row->fd = fd;
	step->caller_id = step_caller(step);
	row->caller_id = step->caller_id ? step->caller_id : FACT_NULL;
	socket_touch(step->identity, socket);
}

static int64_t protocol_of(int domain, int type, int protocol)
{
	if (protocol || (domain != AF_INET && domain != AF_INET6))
		return protocol;
	return type == SOCK_STREAM ? IPPROTO_TCP : type == SOCK_DGRAM ? IPPROTO_UDP : type == SOCK_SEQPACKET ? 132 : 0;
}

static void creation_facts(struct step *step, struct socket *socket)
{
	int domain = (int)(step->call->arg & 0xffff), type = (int)(step->call->arg >> 16 & 0xf);

	socket->row.domain = domain;
	socket->row.type = type;
	socket->row.protocol = protocol_of(domain, type, (int)(step->call->arg >> 32));
	socket->row.network_namespace = step->thread->network_namespace;
	if (step->call->flags & SOCK_NONBLOCK)
		socket->row.nonblocking = 1;
}

static void apply_create(struct step *step)
{
	if (step->failed || step->running || !step->socket)
		return;
	creation_facts(step, step->socket);
	socket_made(step, step->socket, step->call->socket, (int)step->call->result, ORIGIN_SOCKET);
	span_open(step, step->socket, (int)step->call->result, step->end_ns, OPENED_SOCKET);
}

static void apply_pair(struct step *step)
{
	struct socket *ends[2] = {NULL, NULL};

	if (step->failed || step->running)
		return;
	for (unsigned i = 0; i < step->extensions->socket_count && i < 2; i++) {
		const struct spool_ext_socket *made = step->extensions->sockets[i];

		ends[i] = identity_socket_of(step->identity, step->view, made->socket);
		if (!ends[i])
			continue;
		creation_facts(step, ends[i]);
		socket_made(step, ends[i], made->socket, made->fd, ORIGIN_SOCKETPAIR);
		socket_connected(step->identity, ends[i], step->end_ns, PROOF_PAIR);
		span_open(step, ends[i], made->fd, step->end_ns, OPENED_SOCKETPAIR);
	}
	if (ends[0] && ends[1] && ends[0] != ends[1]) {
		ends[0]->row.peer_id = ends[1]->row.socket_id;
		ends[1]->row.peer_id = ends[0]->row.socket_id;
		/* The row of a call stands with one socket: the pair's first. */
		if (!step->socket)
			step->socket = ends[0];
	}
}

/* Somebody else has the address: whom the machine names now, before it is forgotten. */
static void note_holder(struct step *step)
{
	const struct identity_config *config = &step->identity->config;
	const struct record_bytes *address = &step->extensions->local;
	struct facts *facts = &step->identity->facts;
	struct fact_outsider *row;
	struct outsider outsider;

	if (!config->find_holder || !address->bytes || config->find_holder(config->context, &outsider, step->process, address->bytes, address->length,
			step->socket->row.type == SOCK_STREAM, step->end_ns))
		return;
	row = facts_append(facts, outsiders, 1);
	if (!row)
		return;
	row->socket_id = step->socket->row.socket_id;
	row->at_ns = step->end_ns;
	row->pid = outsider.pid ? outsider.pid : FACT_NULL;
	row->state = outsider.state;
	memcpy(row->program, outsider.program, sizeof row->program);
}

static void apply_bind(struct step *step)
{
	struct fact_socket *row;

	step->address_id = identity_address(step->identity, &step->extensions->local, NULL, NULL);
	if (!step->socket || step->running)
		return;
	row = &step->socket->row;
	if (step->failed) {
		if (step->call->tag.length == EADDRINUSE)
			note_holder(step);
		return;
	}
	earliest(&row->bound_ns, step->end_ns);
	if (step->address_id)
		row->local_id = step->address_id;
}

static void apply_listen(struct step *step)
{
	struct fact_socket *row;
	uint32_t local;

	if (!step->socket || step->running)
		return;
	row = &step->socket->row;
	if (step->failed)
		return;
	earliest(&row->listening_ns, step->end_ns);
	row->backlog = (int64_t)step->call->arg;
	local = identity_address(step->identity, &step->extensions->local, NULL, NULL);
	if (local)
		row->local_id = local;
}

static void apply_accept(struct step *step)
{
	const struct record_extensions *extensions = step->extensions;
	struct socket *accepted;
	int64_t protocol = FACT_NULL;
	uint32_t local;

	if (step_waits_inside(step)) {
		step->socket->row.accept_ns += step->duration_ns;
		step->socket->row.wait_ns += step->duration_ns;
	}
	if (extensions->peer_count)
		step->address_id = identity_address(step->identity, &extensions->peers[0], NULL, NULL);
	if (step->failed || step->running || !extensions->socket_count)
		return;
	accepted = identity_socket_of(step->identity, step->view, extensions->sockets[0]->socket);
	if (!accepted)
		return;
	if (step->socket) {
		step->socket->row.accepted_count++;
		/* That it listened may have been before our time. */
		accepted->row.parent_id = step->socket->row.socket_id;
		accepted->row.network_namespace = step->socket->row.network_namespace;
		protocol = step->socket->row.protocol;
	}
	if (extensions->sockets[0]->protocol != UINT32_MAX)
		protocol = extensions->sockets[0]->protocol;
	if (protocol != FACT_NULL)
		accepted->row.protocol = protocol;
	socket_made(step, accepted, extensions->sockets[0]->socket, (int)step->call->result, ORIGIN_ACCEPT);
	accepted->row.nonblocking = step->call->tag.kind == CALL_accept4 && step->call->flags & SOCK_NONBLOCK;
	accepted->row.accepting_ns = step->start_ns;
	if (extensions->sockets[0]->peer_pid > 0)
		accepted->row.peer_pid = extensions->sockets[0]->peer_pid;
	socket_connected(step->identity, accepted, step->end_ns, PROOF_ACCEPT);
	local = identity_address(step->identity, &extensions->local, NULL, NULL);
	if (local)
		accepted->row.local_id = local;
	if (step->address_id)
		accepted->row.remote_id = step->address_id;
	span_open(step, accepted, (int)step->call->result, step->end_ns, OPENED_ACCEPT);
}

/* From its start on, as with close: the peer may have read the end, and closed, before the call returns. */
static void apply_shutdown(struct step *step)
{
	if (!step->socket || step->failed || step->running)
		return;
	if (step->call->flags != SHUT_WR)
		earliest(&step->socket->row.shutdown_receive_ns, step->start_ns);
	if (step->call->flags != SHUT_RD)
		earliest(&step->socket->row.shutdown_send_ns, step->start_ns);
}

static void tcp_facts(struct step *step)
{
	const struct spool_ext_tcp_info *info = step->extensions->tcp_info;
	struct fact_socket *row = &step->socket->row;

	row->tcp_state = info->tag.kind;
	row->rtt_us = info->rtt_us;
	row->retransmits = info->retransmits;
	row->bytes_acked = (int64_t)info->bytes_acked;
	row->bytes_received = (int64_t)info->bytes_received;
	row->unread_bytes = info->unread_bytes == UINT32_MAX ? FACT_NULL : info->unread_bytes;
	row->unsent_bytes = info->unsent_bytes == UINT32_MAX ? FACT_NULL : info->unsent_bytes;
}

/* close(2) on Linux frees the number even when it fails, EBADF apart. close_range's spans have records of their own. */
static void apply_close(struct step *step)
{
	if (!step->socket || step->running)
		return;
	if (step->extensions->tcp_info)
		tcp_facts(step);
	if (step->call->tag.kind == CALL_close && step->call->tag.length != EBADF && !(step->call->tag.flags & TAG_STALE))
		span_close(step, step->socket, step->call->fd, step->start_ns, CLOSED_CLOSE);
}

static void apply_duplicate(struct step *step)
{
	struct socket *socket = step->socket;
	int by = step->call->tag.kind == CALL_pidfd_getfd ? OPENED_PIDFD_GETFD : OPENED_DUP;

	if (step->failed || step->running)
		return;
	if (step->extensions->socket_count)
		socket = identity_socket_of(step->identity, step->view, step->extensions->sockets[0]->socket);
	if (!socket || (by == OPENED_DUP && step->call->result == step->call->fd))
		return;
	if (by == OPENED_PIDFD_GETFD && socket->provisional)
		socket_made(step, socket, socket->cell, (int)step->call->result, ORIGIN_PASSED);
	step->socket = socket;
	span_open(step, socket, (int)step->call->result, step->end_ns, by);
}

static void apply_control(struct step *step)
{
	const struct spool_call *call = step->call;

	if (step->failed || step->running || !step->socket)
		return;
	if (call->tag.kind == CALL_fcntl) {
		if (call->flags == F_DUPFD || call->flags == F_DUPFD_CLOEXEC)
			span_open(step, step->socket, (int)call->result, step->end_ns, OPENED_DUP);
		else if (call->flags == F_SETFL)
			step->socket->row.nonblocking = (call->arg & O_NONBLOCK) != 0;
	} else if (call->tag.kind == CALL_ioctl && call->flags == FIONBIO) {
		step->socket->row.nonblocking = (int)call->arg != 0;
	}
}

static void count_error(struct fact_socket *row, int error)
{
	row->errors++;
	row->last_errno = error;
}

/* What SO_ERROR tells is told to no other call: it counts as a failed one. */
static void apply_pending_error(struct step *step, int64_t error)
{
	struct socket *socket = step->socket;

	if (error == 0 && socket->connect_pending_ns != FACT_NULL && step->start_ns >= socket->connect_pending_ns)
		socket_connected(step->identity, socket, step->end_ns, PROOF_SO_ERROR);
	if (error == 0)
		return;
	count_error(&socket->row, (int)error);
	if (error == ECONNRESET)
		earliest(&socket->row.reset_ns, step->end_ns);
	if (socket->row.connecting_ns != FACT_NULL && (socket->connect_pending_ns != FACT_NULL ||
		(socket->row.connected_ns != FACT_NULL && socket->row.connect_proof == PROOF_SO_ERROR))) {
		if (socket->row.connect_proof == PROOF_SO_ERROR)
			socket->row.connected_ns = socket->row.connect_proof = FACT_NULL;
		socket_not_connected(socket, (int)error);
	}
}

static void apply_option(struct step *step)
{
	int level = (int)(step->call->arg >> 32), number = (int)step->call->flags;
	const struct record_bytes *value = &step->extensions->option;
	int64_t error;

	if (!step->socket || step->running)
		return;
	emit_option(step);
	if (step->failed || level != SOL_SOCKET)
		return;
	if (number == SO_LINGER && step->call->tag.kind == CALL_setsockopt && value->length >= sizeof(struct linger)) {
		struct linger linger;

		memcpy(&linger, value->bytes, sizeof linger);
		step->socket->row.linger_seconds = linger.l_onoff ? linger.l_linger : FACT_NULL;
	} else if (number == SO_ERROR && step->call->tag.kind == CALL_getsockopt && wording_option_value(level, number, value, &error)) {
		apply_pending_error(step, error);
	}
}

static void apply_address(struct step *step)
{
	struct socket *socket = step->socket;
	uint32_t local = identity_address(step->identity, &step->extensions->local, NULL, NULL), peer = 0;

	if (step->extensions->peer_count)
		peer = identity_address(step->identity, &step->extensions->peers[0], NULL, NULL);
	step->address_id = step->call->tag.kind == CALL_getpeername ? peer : local;
	if (!socket || step->failed || step->running)
		return;
	if (local)
		socket->row.local_id = local;
	if (step->call->tag.kind != CALL_getpeername)
		return;
	if (peer)
		socket->row.remote_id = peer;
	if (socket->connect_pending_ns != FACT_NULL && step->end_ns >= socket->connect_pending_ns)
		socket_connected(step->identity, socket, step->end_ns, PROOF_GETPEERNAME);
}

static void apply_wait(struct step *step)
{
	if (step->running)
		return;
	step->thread->wait_start_ns = step->start_ns;
	step->thread->wait_duration_ns = step->duration_ns;
	step->thread->wait_epoll = instance_of(step, step->call->socket);
	if (step->socket) /* it waited on this socket alone */
		step->socket->row.poll_ns += step->duration_ns;
}

static void apply_epoll(struct step *step)
{
	if (step->call->tag.kind == CALL_epoll_ctl && !step->failed && !step->running)
		apply_epoll_control(step);
}

static void apply_process(struct step *step)
{
	struct process *process = step->process;

	if (step->call->tag.kind == CALL__exit) {
		process->row.exit_status = (int64_t)(step->call->arg & 0xff);
		if (process->exiting_ns == FACT_NULL || process->exiting_ns < step->start_ns)
			process->exiting_ns = step->start_ns;
		process_touch(step->identity, process);
	} else if ((step->call->tag.kind == CALL_execve || step->call->tag.kind == CALL_execveat) && step->running) {
		process->exec_ns = step->start_ns;
	}
}

/* A question whether a text is an address, and no lookup: that it is none is an answer. */
static bool asks_whether_numeric(const struct spool_call *call)
{
	return call->tag.kind == CALL_getaddrinfo && call->flags & AI_NUMERICHOST && call->result == EAI_NONAME;
}

static void apply_name(struct step *step)
{
	if (step->extensions->peer_count)
		step->address_id = identity_address(step->identity, &step->extensions->peers[0], NULL, NULL);
	if (step->running || !asks_whether_numeric(step->call))
		emit_names(step);
}

static void (*const effects[])(struct step *step) = {
	[EFFECT_CREATE] = apply_create, [EFFECT_PAIR] = apply_pair, [EFFECT_BIND] = apply_bind, [EFFECT_LISTEN] = apply_listen,
	[EFFECT_ACCEPT] = apply_accept, [EFFECT_CONNECT] = apply_connect, [EFFECT_SHUTDOWN] = apply_shutdown,
	[EFFECT_CLOSE] = apply_close, [EFFECT_SEND] = apply_data, [EFFECT_RECEIVE] = apply_data, [EFFECT_TRANSFER] = apply_data,
	[EFFECT_DUPLICATE] = apply_duplicate, [EFFECT_CONTROL] = apply_control, [EFFECT_OPTION] = apply_option,
	[EFFECT_ADDRESS] = apply_address, [EFFECT_WAIT] = apply_wait, [EFFECT_EPOLL] = apply_epoll,
	[EFFECT_PROCESS] = apply_process, [EFFECT_NAME] = apply_name,
};

static int is_tcp(const struct fact_socket *row)
{
	return row->type == SOCK_STREAM && row->protocol == IPPROTO_TCP;
}

static void note_symptoms(struct step *step)
{
	const struct spool_call *call = step->call;
	const struct fact_socket *row = &step->socket->row;
	int effect = step->effect != EFFECT_TRANSFER ? (int)step->effect : call->tag.flags & TAG_RECEIVES ? EFFECT_RECEIVE : EFFECT_SEND;

	symptom_note_call(&step->socket->symptom, &(struct symptom_call){
		.kind = call->tag.kind, .effect = (uint8_t)effect, .type = (uint8_t)row->type, .tcp = is_tcp(row),
		.stale = (call->tag.flags & TAG_STALE) != 0, .truncated = (step->extensions->message_flags & MSG_TRUNC) != 0,
		.flags = call->flags, .thread_id = step->thread->row.thread_id, .error = step->running ? 0 : call->tag.length, .start_ns = step->start_ns,
		.duration_ns = step->running ? -1 : step->duration_ns,
		.requested_bytes = call->arg == SPOOL_UNKNOWN || call->tag.kind == CALL_recvmmsg || call->tag.kind == CALL_sendmmsg ?
			-1 : (int64_t)call->arg,
		.bytes = step->failed ? 0 : step->moved_bytes,
	});
}

static void count_call(struct step *step)
{
	struct fact_socket *row = &step->socket->row;
	int error = step->call->tag.length;

	row->calls++;
	if (!step->running && step->duration_ns > row->longest_ns)
		row->longest_ns = step->duration_ns;
	if (step->failed) {
		if (is_again(error)) {
			row->again_count++;
		} else if (error != EINPROGRESS && error != EINTR) {
			count_error(row, error);
		}
	}
	socket_touch(step->identity, step->socket);
}

/* Of calls that make a descriptor. */
static void count_exhausted(struct step *step)
{
	struct fact_process *row = &step->process->row;
	int error = step->call->tag.length;

	if (!step->failed || (error != EMFILE && error != ENFILE) ||
	    (step->effect != EFFECT_CREATE && step->effect != EFFECT_PAIR && step->effect != EFFECT_ACCEPT && step->effect != EFFECT_DUPLICATE))
		return;
	if (row->exhausted_count++ == 0 || step->start_ns < row->exhausted_ns) {
		row->exhausted_ns = step->start_ns;
		row->exhausted_socket_id = step->socket ? step->socket->row.socket_id : FACT_NULL;
	}
	process_touch(step->identity, step->process);
}

static void count_bad_descriptor(struct step *step)
{
	struct fact_process *row = &step->process->row;
	enum call_effect effect = step->effect;

	if (step->socket || !step->failed || step->call->tag.length != EBADF ||
	    (effect != EFFECT_BIND && effect != EFFECT_LISTEN && effect != EFFECT_ACCEPT && effect != EFFECT_CONNECT && effect != EFFECT_SEND && effect != EFFECT_RECEIVE))
		return;
	if (row->bad_descriptor_count++ == 0 || step->start_ns < row->bad_descriptor_ns)
		row->bad_descriptor_ns = step->start_ns;
	process_touch(step->identity, step->process);
}

static void first_sight(struct step *step)
{
	struct socket *socket = step->socket;

	if (!socket->provisional || step->effect == EFFECT_CREATE || step->effect == EFFECT_PAIR)
		return;
	/* Until the record that made it is read (another thread's), or for good: adopted. */
	if (socket->row.opened_ns == FACT_NULL || step->start_ns < socket->row.opened_ns) {
		socket->row.opened_ns = step->start_ns;
		socket->row.process_id = step->process->row.process_id;
		socket->row.thread_id = step->thread->row.thread_id;
		socket->row.fd = step->call->fd >= 0 ? step->call->fd : FACT_NULL;
	}
}

void apply_call(struct step *step)
{
	if (step->socket)
		first_sight(step);
	if (!(step->call->tag.flags & TAG_STALE) && effects[step->effect])
		effects[step->effect](step);
	if (step->socket) {
		if (step->effect != EFFECT_WAIT)
			step->thread->actions++;
		count_call(step);
		note_symptoms(step);
		span_count_call(step);
	}
	count_exhausted(step);
	count_bad_descriptor(step);
	emit_call(step);
}
