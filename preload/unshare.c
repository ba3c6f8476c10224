/*
 * unshare.c: see unshare.h. The thread gets a copy of our table as the kernel's is copied, and reports what it holds in it: as far as descriptors are
 * concerned it is alone now. When it ends, and nobody that it started has the table, so does what was held in it, which a thread-specific destructor
 * tells (pthread_key_create(3)); the key is made by the first thread that ever does this.
 *
 * A process of several threads has its spool before one of them leaves: its first record says where all others stay.
 */
#include "preload/unshare.h"
#include "preload/guard.h"
#include "preload/real.h"
#include "preload/rights.h"
#include "preload/spool.h"
#include "preload/table.h"
#include "preload/writer.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <sys/stat.h>

extern int pthread_key_create(pthread_key_t *key, void (*destructor)(void *)) __attribute__((weak));
extern int pthread_setspecific(pthread_key_t key, const void *value) __attribute__((weak));

#define NO_KEY UINT32_MAX
#define LAST_ROUND 3 /* PTHREAD_DESTRUCTOR_ITERATIONS is 4 at least: what other destructors do to sockets in the first ones is still seen */

static uint32_t ending_key = NO_KEY;

/* Each thread has an entry in /proc/self/task. Not known: as if there were others. */
static int is_only_thread(void)
{
	struct stat task;

	return raw_syscall(SYS_newfstatat, AT_FDCWD, "/proc/self/task", &task, 0) == 0 && task.st_nlink == 3;
}

/* In place of a copy that is needed and cannot be made. */
static struct table not_copied;
static uint64_t last_number;

struct table *unshare_prepare(void)
{
	struct table *own = sharing_own_table(), *copy;

	if (!writer_enabled || (sharing && !own))
		return NULL;
	if (!guard_system_calls_allowed())
		return &not_copied;
	if (own ? __atomic_load_n(&own->users, __ATOMIC_RELAXED) == 1 : is_only_thread())
		return NULL;
	spool_open();
	copy = table_copy(table_current());
	return copy ? copy : &not_copied;
}

static void leave(void)
{
	struct table *own = sharing_own_table();
	uint64_t number = own ? own->number : 0;

	if (!own)
		return;
	if (!sharing_leave_own_table())
		number = 0;
	if (writer_spool)
		writer_table(PROCESS_THREAD_ENDING, number);
}

static void thread_is_ending(void *round)
{
	uintptr_t next = (uintptr_t)round + 1;

	if (next <= LAST_ROUND && pthread_setspecific((pthread_key_t)ending_key, (void *)next) == 0)
		return;
	leave();
}

static void watch_end(void)
{
	uint32_t none = NO_KEY;
	pthread_key_t made;

	if (!pthread_key_create || !pthread_setspecific)
		return;
	if (__atomic_load_n(&ending_key, __ATOMIC_ACQUIRE) == NO_KEY) {
		if (pthread_key_create(&made, thread_is_ending))
			return;
		/* Of two that come at once, one key stays unused. */
		__atomic_compare_exchange_n(&ending_key, &none, (uint32_t)made, 0, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE);
	}
	pthread_setspecific((pthread_key_t)__atomic_load_n(&ending_key, __ATOMIC_ACQUIRE), (void *)(uintptr_t)1);
}

void unshare_not_followed(const char *how)
{
	writer_gap(GAP_SHARED_DESCRIPTORS, 1, how);
}

void unshare_join(struct table *table)
{
	if (sharing_set_own_table(table) < 0) {
		unshare_not_followed("no memory for a thread that does not share its process's descriptors");
		return;
	}
	watch_end();
	if (writer_spool)
		writer_table(PROCESS_UNSHARED, table->number);
}

void unshare_done(struct table *copy, int succeeded)
{
	uint64_t cell;

	if (copy == &not_copied) {
		if (succeeded)
			unshare_not_followed("a thread has unshared its descriptors where no memory may be asked for");
		return;
	}
	if (!copy)
		return;
	if (!succeeded) {
		table_free(copy);
		return;
	}
	leave();
	copy->users = 1;
	copy->number = __atomic_add_fetch(&last_number, 1, __ATOMIC_RELAXED);
	unshare_join(copy);
	if (sharing_own_table() != copy) {
		table_free(copy);
		return;
	}
	for (int fd = table_next(0, &cell); writer_spool && fd >= 0; fd = table_next(fd + 1, &cell))
		if (!(cell & CELL_EPOLL))
			writer_span(SPAN_OPENED_UNSHARE, fd, cell, UINT32_MAX, 0, 0);
}

void unshare_note_network(void)
{
	uint64_t now;

	if (!writer_enabled || !guard_system_calls_allowed())
		return;
	now = spool_network_namespace();
	if (now)
		writer_network(now);
}

/* Before the real call. */
static struct table *prepare(long flags)
{
	if (flags & CLONE_NEWNS)
		rights_before_leaving();
	if (flags & CLONE_NEWNET && writer_enabled && guard_system_calls_allowed() && !is_only_thread())
		spool_open();
	return flags & CLONE_FILES ? unshare_prepare() : NULL;
}

static void done(struct table *copy, long flags, int succeeded)
{
	unshare_done(copy, succeeded);
	if (succeeded && flags & CLONE_NEWNET)
		unshare_note_network();
}

int hook_unshare(int flags) EXPORT_AS(unshare);
int hook_unshare(int flags)
{
	struct table *copy = prepare(flags);
	int result, error;

	result = REAL(unshare)(flags);
	error = errno;
	done(copy, flags, result == 0);
	errno = error;
	return result;
}

/* A type of 0 takes what the descriptor is (setns(2)); with a pidfd, it is a set of flags. */
static int may_change_network(int type)
{
	return type == 0 || type & CLONE_NEWNET;
}

int hook_setns(int fd, int type) EXPORT_AS(setns);
int hook_setns(int fd, int type)
{
	int result, error;

	prepare((may_change_network(type) ? CLONE_NEWNET : 0) | (type & CLONE_NEWNS));
	result = REAL(setns)(fd, type);
	error = errno;
	if (result == 0 && may_change_network(type))
		unshare_note_network();
	errno = error;
	return result;
}

static long through_unshare(const long *w, unsigned via, const void *caller)
{
	struct table *copy = prepare(w[0]);
	long result;

	(void)via;
	(void)caller;
	result = raw_syscall(SYS_unshare, w[0]);
	done(copy, w[0], result == 0);
	return result;
}

static long through_setns(const long *w, unsigned via, const void *caller)
{
	long result;

	(void)via;
	(void)caller;
	prepare((may_change_network((int)w[1]) ? CLONE_NEWNET : 0) | (w[1] & CLONE_NEWNS));
	result = raw_syscall(SYS_setns, w[0], w[1]);
	if (result == 0 && may_change_network((int)w[1]))
		unshare_note_network();
	return result;
}

hook_through *unshare_through(long number)
{
	return number == SYS_unshare ? through_unshare : number == SYS_setns ? through_setns : NULL;
}
