/*
 * identity_process.c: images of processes and their threads: how they begin (start, fork, exec), which image an exec
 * replaced, and what their end closes.
 */
#include "collector/identity_internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define DONE_PROCESSES_KEPT 8192 /* that late records may still concern: 4 MB */

/* The names of spools outlive them here, each kept once. */
const char *identity_keep_text(struct identity *identity, const char *text)
{
	const struct intern_entry *entry;

	if (!text)
		return NULL;
	entry = intern_get(&identity->names, intern_put(&identity->names, text, strlen(text), NULL));
	return entry ? (const char *)entry->bytes : NULL;
}

struct spool_part *identity_part(struct identity *identity, struct spool_view *view)
{
	struct spool_part *part = map_get(&identity->parts, (uint64_t)(uintptr_t)view);

	if (part)
		return part;
	part = calloc(1, sizeof *part);
	if (!part || map_set(&identity->parts, (uint64_t)(uintptr_t)view, part)) {
		free(part);
		identity->failed = -ENOMEM;
		return NULL;
	}
	part->view = view;
	view->number = ++identity->last_view_number;
	return part;
}

static void process_link(struct identity *identity, struct process *process)
{
	process->previous = identity->last_process;
	*(identity->last_process ? &identity->last_process->next : &identity->processes) = process;
	identity->last_process = process;
	process->next_of_pid = map_get(&identity->pids, (uint64_t)process->row.pid);
	if (map_set(&identity->pids, (uint64_t)process->row.pid, process) ||
	    map_set(&identity->process_ids, (uint64_t)process->row.process_id, process))
		identity->failed = -ENOMEM;
}

/* The row's texts outlive the spool, and whatever else they come from. */
static int keep_texts(struct process *process, const char *const texts[4])
{
	const char **const kept[4] = {&process->row.executable, &process->row.command_line, &process->row.working_directory, &process->row.spool};
	size_t bytes = 0;
	char *at;

	for (int i = 0; i < 4; i++)
		bytes += texts[i] ? strlen(texts[i]) + 1 : 0;
	at = process->texts = malloc(bytes ? bytes : 1);
	if (!at)
		return -ENOMEM;
	for (int i = 0; i < 4; i++) {
		*kept[i] = texts[i] ? at : NULL;
		if (texts[i])
			at = stpcpy(at, texts[i]) + 1;
	}
	return 0;
}

static void join_spool(struct process *process, struct spool_view *view)
{
	process->spool = view;
	process->previous_of_spool = NULL;
	process->next_of_spool = view->images;
	if (view->images)
		view->images->previous_of_spool = process;
	view->images = process;
	process->watched = 1;
	process->next_living = view->living;
	view->living = process;
}

static struct process *process_new(struct identity *identity, struct spool_view *view, int pid, int64_t at_ns)
{
	struct spool_part *part = identity_part(identity, view);
	struct process *process = part && pid > 0 ? calloc(1, sizeof *process) : NULL;

	if (!process || keep_texts(process, (const char *const[]){view->executable, view->command_line, view->working_directory, view->name})) {
		free(process);
		identity->failed = -ENOMEM;
		return NULL;
	}
	process->row = (struct fact_process){
		.process_id = ++identity->last_process_id, .pid = pid, .parent_id = FACT_NULL, .previous_id = FACT_NULL,
		.host_id = view->host_id, .user_id = view->user_id, .started_ns = at_ns, .start_cause = START_FORK,
		.ended_ns = FACT_NULL, .end_cause = FACT_NULL, .exit_status = FACT_NULL, .exit_signal = FACT_NULL, .exhausted_ns = FACT_NULL, .exhausted_socket_id = FACT_NULL, .bad_descriptor_ns = FACT_NULL,
		.intercept = view->intercept, .executable = process->row.executable, .command_line = process->row.command_line,
		.working_directory = process->row.working_directory, .spool = process->row.spool,
	};
	join_spool(process, view);
	process->last_ns = at_ns;
	process->exiting_ns = process->exec_ns = FACT_NULL;
	process_link(identity, process);
	if (map_set(&part->images, (uint64_t)pid, process))
		identity->failed = -ENOMEM;
	process_touch(identity, process);
	return process;
}

int identity_spool_add(struct identity *identity, struct spool_view *view, struct process **process)
{
	struct spool_part *part = identity_part(identity, view);
	struct process *image;

	if (!part)
		return -ENOMEM;
	/* A database that is continued knows the spool's images already. */
	for (image = identity->restored ? identity->processes : NULL; image; image = image->next) {
		if (image->spool || !image->row.spool || strcmp(image->row.spool, view->name) != 0)
			continue;
		join_spool(image, view);
		if (map_set(&part->images, (uint64_t)image->row.pid, image))
			return -ENOMEM;
	}
	for (size_t i = 0; identity->socket_ids.used && i < identity->all_socket_count; i++) {
		struct socket *socket = identity->all_sockets[i];

		if (socket->cell & CELL_SYNTHETIC && socket->spool_name && strcmp(socket->spool_name, view->name) == 0 &&
		    map_set(&part->synthetic, socket->cell & CELL_COOKIE_MASK, socket))
			return -ENOMEM;
	}
	image = map_get(&part->images, (uint64_t)view->pid);
	if (!image) {
		image = process_new(identity, view, view->pid, view->started_ns);
		if (!image)
			return view->pid > 0 ? -ENOMEM : -EINVAL;
		image->row.start_cause = view->forked ? START_FORK : view->follows_exec ? START_EXEC : START_START;
		image->forked_seen = 1;
	}
	image->pids_known = view->pids_known;
	image->made_spool = 1;
	*process = image;
	return identity->failed;
}

void identity_spool_remove(struct identity *identity, struct spool_view *view)
{
	struct spool_part *part = map_remove(&identity->parts, (uint64_t)(uintptr_t)view);

	for (struct process *process = view->images; process; process = process->next_of_spool) {
		process->spool = NULL;
		identity_process_done(identity, process);
	}
	if (!part)
		return;
	map_free(&part->synthetic);
	map_free(&part->images);
	map_free(&part->threads);
	free(part);
}

struct process *identity_process_of(struct identity *identity, struct spool_view *view, int pid, int64_t at_ns)
{
	struct spool_part *part = identity_part(identity, view);
	struct process *process = part ? map_get(&part->images, (uint64_t)pid) : NULL;

	if (process && (process->row.ended_ns == FACT_NULL || at_ns <= process->row.ended_ns || process->row.end_cause == END_EXEC))
		return process;
	return pid > 0 ? process_new(identity, view, pid, at_ns) : NULL;
}

struct process *identity_processes(struct identity *identity)
{
	return identity->processes;
}

static uint64_t thread_key(int64_t pid, int64_t tid)
{
	return (uint64_t)(uint32_t)pid << 32 | (uint32_t)tid;
}

static uint64_t restored_key(const struct fact_thread *row)
{
	return (uint64_t)row->process_id << 32 | (uint32_t)(row->tid == FACT_NULL ? 0 : row->tid);
}

static struct thread *thread_new(struct process *process, const struct fact_thread *row)
{
	struct thread *thread = calloc(1, sizeof *thread);

	if (!thread)
		return NULL;
	thread->row = *row;
	thread->wait_start_ns = thread->network_namespace = FACT_NULL;
	thread->process = process;
	thread->next_of_process = process->threads;
	process->threads = thread;
	return thread;
}

struct thread *identity_thread_of(struct identity *identity, struct spool_view *view, int pid, int tid, const char *name, int64_t at_ns)
{
	struct process *process = identity_process_of(identity, view, pid, at_ns);
	struct spool_part *part = identity_part(identity, view);
	uint64_t key = thread_key(pid, tid);
	struct fact_thread found, *row;
	struct thread *thread;
	int is_new = 0;

	if (!process || !part)
		return NULL;
	found = (struct fact_thread){.process_id = process->row.process_id, .tid = tid ? tid : FACT_NULL};
	thread = map_get(&part->threads, key);
	if (!thread && identity->restored_threads.used) {
		thread = map_get(&identity->restored_threads, restored_key(&found));
		if (thread && map_set(&part->threads, key, thread))
			identity->failed = -ENOMEM;
	}
	if (!thread || thread->process != process) {
		found.thread_id = ++identity->last_thread_id;
		thread = thread_new(process, &found);
		if (!thread || map_set(&part->threads, key, thread)) {
			identity->failed = -ENOMEM;
			return NULL;
		}
		is_new = 1;
	}
	if (!is_new && (!name[0] || strncmp(thread->row.name, name, sizeof thread->row.name - 1) == 0))
		return thread;
	wording_clean_text(thread->row.name, sizeof thread->row.name, (const unsigned char *)name, strnlen(name, 15));
	row = facts_append(&identity->facts, threads, 1);
	if (row)
		*row = thread->row;
	return thread;
}

void apply_process_record(struct step *step, const union record_slot *record)
{
	const struct spool_process *event = &record->process;
	int64_t at_ns = identity_clock_ns(&step->view->clock, event->at_ticks);
	struct process *process = step->process, *parent;
	struct spool_part *part;
	struct fact_thread *row;

	switch (event->tag.kind) {
	case PROCESS_STARTED:
		break;
	case PROCESS_FORKED:
	case PROCESS_VFORKED:
		if (process->forked_seen) { /* the number is used again */
			if (process->row.started_ns == at_ns)
				return;
			if (event->pid <= 0) {
				identity_missing(step->identity, process, "unknown_record", FACT_NULL, FACT_NULL, 1, "process without a number", 24);
				return;
			}
			identity_process_end(step->identity, process, process->last_ns, END_KILLED, FACT_NULL, FACT_NULL);
			process = process_new(step->identity, step->view, event->pid, at_ns);
			if (!process)
				return;
		}
		process->forked_seen = 1;
		process->row.started_ns = at_ns;
		process->row.start_cause = event->tag.kind == PROCESS_FORKED ? START_FORK : START_VFORK;
		part = identity_part(step->identity, step->view);
		parent = part ? map_get(&part->images, (uint64_t)event->parent_pid) : NULL;
		if (parent && parent != process) {
			process->row.parent_id = parent->row.process_id;
			process->pids_known = event->same_pids == 1 && parent->pids_known;
		}
		break;
	case PROCESS_EXITING:
		if (process->exiting_ns == FACT_NULL)
			process->exiting_ns = at_ns;
		break;
	case PROCESS_RENAMED:
		wording_clean_text(step->thread->row.name, sizeof step->thread->row.name, step->extensions->text.bytes, step->extensions->text.length);
		row = facts_append(&step->identity->facts, threads, 1);
		if (row)
			*row = step->thread->row;
		return;
	case PROCESS_NETWORK:
		if (event->network_namespace && event->network_namespace <= INT64_MAX)
			step->thread->network_namespace = (int64_t)event->network_namespace;
		return;
	case PROCESS_UNSHARED:
		step->thread->table = event->table;
		break;
	case PROCESS_THREAD_ENDING:
		if (event->table)
			spans_end_of_table(step, event->table, at_ns);
		step->thread->table = 0; /* the thread's number may be another one's */
		break;
	default:
		return;
	}
	process_seen(step->identity, process, at_ns);
	process_touch(step->identity, process);
}

void identity_process_end(struct identity *identity, struct process *process, int64_t at_ns, int cause, int64_t status, int64_t signal)
{
	static const int64_t closed_by[] = {[END_EXIT] = CLOSED_EXIT, [END_EXEC] = CLOSED_EXEC, [END_KILLED] = CLOSED_KILLED};

	if (status != FACT_NULL && cause == END_EXIT)
		process->row.exit_status = status;
	if (signal != FACT_NULL)
		process->row.exit_signal = signal;
	process_touch(identity, process);
	if (process->row.ended_ns != FACT_NULL)
		return;
	if (at_ns < process->row.started_ns)
		at_ns = process->row.started_ns;
	process->row.ended_ns = at_ns;
	process->row.end_cause = cause;
	while (process->spans)
		span_end(identity, process->spans, at_ns, (int)closed_by[cause]);
}

/* The image of the same pid that ran just before this one. */
static struct process *image_before(struct identity *identity, const struct process *process)
{
	struct process *best = NULL;

	/* All of them: two images have two spools, and the later one may have been read first. */
	for (struct process *other = map_get(&identity->pids, (uint64_t)process->row.pid); other; other = other->next_of_pid)
		if ((other->row.started_ns < process->row.started_ns ||
			    (other->row.started_ns == process->row.started_ns && other->row.process_id < process->row.process_id)) &&
		    (!best || other->row.started_ns > best->row.started_ns))
			best = other;
	return best;
}

static struct process *alive_at(struct identity *identity, int pid, int64_t at_ns)
{
	for (struct process *other = map_get(&identity->pids, (uint64_t)pid); other; other = other->next_of_pid)
		if (other->row.started_ns <= at_ns && (other->row.ended_ns == FACT_NULL || other->row.ended_ns >= at_ns))
			return other;
	return NULL;
}

static void link_to_image_before(struct identity *identity, struct process *process, int behind)
{
	struct process *before;

	if (process->row.start_cause != START_EXEC || process->row.previous_id != FACT_NULL)
		return;
	before = image_before(identity, process);
	if (!before || (before->row.spool && process->row.spool && strcmp(before->row.spool, process->row.spool) == 0))
		return;
	process->row.previous_id = before->row.process_id;
	process->row.parent_id = before->row.parent_id;
	process_touch(identity, process);
	/* Sockets may begin and end in what has not been read yet: the end of its spool, or of the process, ends it. */
	if (behind && before->spool && before->row.ended_ns == FACT_NULL) {
		if (before->exec_ns == FACT_NULL)
			before->exec_ns = process->row.started_ns;
		process_touch(identity, before);
		return;
	}
	identity_process_end(identity, before, process->row.started_ns, END_EXEC, FACT_NULL, FACT_NULL);
	before->row.end_cause = END_EXEC;
}

void identity_link_images(struct identity *identity, int behind)
{
	for (size_t i = 0; i < identity->changed_process_count; i++) {
		struct process *process = identity->changed_processes[i], *parent;

		for (struct process *other = map_get(&identity->pids, (uint64_t)process->row.pid); other; other = other->next_of_pid)
			link_to_image_before(identity, other, behind);
		if (process->row.parent_id == FACT_NULL && process->spool && process->row.pid == process->spool->pid &&
		    process->spool->parent_pid > 0) {
			parent = alive_at(identity, process->spool->parent_pid, process->row.started_ns);
			if (parent && parent != process)
				process->row.parent_id = parent->row.process_id;
		}
	}
}

struct process *identity_restore_process(struct identity *identity, const struct fact_process *row)
{
	struct process *process = calloc(1, sizeof *process);

	if (!process)
		return NULL;
	process->row = *row;
	if (keep_texts(process, (const char *const[]){row->executable, row->command_line, row->working_directory, row->spool})) {
		free(process);
		return NULL;
	}
	process->last_ns = row->ended_ns != FACT_NULL ? row->ended_ns : row->started_ns;
	process->exiting_ns = process->exec_ns = FACT_NULL;
	process->forked_seen = 1;
	identity->restored = 1;
	if (row->process_id > identity->last_process_id)
		identity->last_process_id = row->process_id;
	process_link(identity, process);
	if (row->ended_ns != FACT_NULL)
		identity_process_done(identity, process);
	return process;
}

void identity_restore_moments(struct identity *identity, int64_t process_id, int64_t last_ns, int64_t exiting_ns, int64_t exec_ns)
{
	struct process *process = map_get(&identity->process_ids, (uint64_t)process_id);

	if (!process || process->row.ended_ns != FACT_NULL)
		return;
	if (last_ns > process->last_ns)
		process->last_ns = last_ns;
	process->exiting_ns = exiting_ns;
	process->exec_ns = exec_ns;
}

int identity_restore_thread(struct identity *identity, const struct fact_thread *row)
{
	struct process *process = map_get(&identity->process_ids, (uint64_t)row->process_id);
	struct thread *thread;

	if (row->thread_id > identity->last_thread_id)
		identity->last_thread_id = row->thread_id;
	if (!process) /* not from us: nothing will be said of it */
		return 0;
	thread = thread_new(process, row);
	return thread && !map_set(&identity->restored_threads, restored_key(row), thread) ? 0 : -ENOMEM;
}

/* --- giving up what has ended --- */

static void join_done(struct identity *identity, struct process *process)
{
	process->done = 1;
	process->next_done = NULL;
	*(identity->last_done ? &identity->last_done->next_done : &identity->done) = process;
	identity->last_done = process;
	identity->done_count++;
}

void identity_process_done(struct identity *identity, struct process *process)
{
	process->watched = 0;
	if (!process->done)
		join_done(identity, process);
}

static struct process *take_done(struct identity *identity)
{
	struct process *process = identity->done;

	identity->done = process->next_done;
	if (!identity->done)
		identity->last_done = NULL;
	identity->done_count--;
	process->done = 0;
	return process;
}

void process_free(struct process *process)
{
	for (struct thread *thread = process->threads, *next; thread; thread = next) {
		next = thread->next_of_process;
		free(thread);
	}
	free(process->texts);
	free(process);
}

static void forget_threads(struct identity *identity, struct spool_part *part, struct process *process)
{
	for (struct thread *thread = process->threads; thread; thread = thread->next_of_process) {
		uint64_t key = thread_key(process->row.pid, thread->row.tid == FACT_NULL ? 0 : thread->row.tid);

		if (part && map_get(&part->threads, key) == thread)
			map_remove(&part->threads, key);
		if (map_get(&identity->restored_threads, restored_key(&thread->row)) == thread)
			map_remove(&identity->restored_threads, restored_key(&thread->row));
		for (int i = 0; i < UNNAMED_MAX; i++)
			if (identity->unnamed[i].thread == thread)
				identity->unnamed[i].thread = NULL;
	}
}

static void leave_spool(struct spool_part *part, struct process *process)
{
	if (map_get(&part->images, (uint64_t)process->row.pid) == process)
		map_remove(&part->images, (uint64_t)process->row.pid);
	*(process->previous_of_spool ? &process->previous_of_spool->next_of_spool : &part->view->images) = process->next_of_spool;
	if (process->next_of_spool)
		process->next_of_spool->previous_of_spool = process->previous_of_spool;
}

static void leave_pids(struct identity *identity, struct process *process)
{
	struct process *newer = map_get(&identity->pids, (uint64_t)process->row.pid);

	if (newer != process) {
		while (newer->next_of_pid != process)
			newer = newer->next_of_pid;
		newer->next_of_pid = process->next_of_pid;
	} else if (process->next_of_pid) {
		map_set(&identity->pids, (uint64_t)process->row.pid, process->next_of_pid);
	} else {
		map_remove(&identity->pids, (uint64_t)process->row.pid);
	}
}

static void forget(struct identity *identity, struct process *process)
{
	struct spool_part *part = process->spool ? map_get(&identity->parts, (uint64_t)(uintptr_t)process->spool) : NULL;

	forget_threads(identity, part, process);
	if (part)
		leave_spool(part, process);
	leave_pids(identity, process);
	map_remove(&identity->process_ids, (uint64_t)process->row.process_id);
	*(process->previous ? &process->previous->next : &identity->processes) = process->next;
	*(process->next ? &process->next->previous : &identity->last_process) = process->previous;
	process_free(process);
}

static int is_asked_for(const struct process *process)
{
	int kept = 0;

	for (const struct thread *thread = process->threads; thread; thread = thread->next_of_process)
		kept |= thread->kept;
	return kept || process->watched || process->spans || process->early_closes || process->changed || process->row.ended_ns == FACT_NULL || (process->spool && process->made_spool);
}

int processes_forget(struct identity *identity)
{
	size_t beyond = identity->done_count > DONE_PROCESSES_KEPT ? identity->done_count - DONE_PROCESSES_KEPT : 0;
	int forgotten = 0;

	while (beyond--) {
		struct process *process = take_done(identity);

		if (is_asked_for(process)) {
			join_done(identity, process);
			continue;
		}
		forget(identity, process);
		forgotten = 1;
	}
	return forgotten;
}
