/*
 * thread_start.c: pthread_create and thrd_create by a thread that has a descriptor table of its own, or is in another network namespace than its process
 * (unshare.h): what it starts is there too (clone(2): CLONE_FILES; namespaces are inherited), and says so before it does anything else. Every other
 * thread starts without us: its call is passed on as it came.
 */
#include "preload/guard.h"
#include "preload/real.h"
#include "preload/hooks.h"
#include "preload/sharing.h"
#include "preload/table.h"
#include "preload/unshare.h"
#include "preload/writer.h"

#include <sys/mman.h>
#include <threads.h>

/* Mapped by the thread that starts another; the new one gives it back first of all. */
struct start {
	void *(*function)(void *);
	int (*c11_function)(void *);
	void *argument;
	struct table *table;
	uint64_t network_namespace;
};

static struct start begin(void *given)
{
	struct start start = *(struct start *)given;

	raw_syscall(SYS_munmap, given, sizeof start);
	if (start.table)
		unshare_join(start.table);
	if (start.network_namespace)
		writer_network(start.network_namespace);
	return start;
}

static void *posix_start(void *given)
{
	struct start start = begin(given);

	return start.function(start.argument);
}

static int c11_start(void *given)
{
	struct start start = begin(given);

	return start.c11_function(start.argument);
}

/* NULL: nothing to hand on. */
static struct start *prepare(void *argument)
{
	struct table *table = sharing_own_table();
	struct start *start;
	long address;

	if (!writer_enabled || (!table && !thread_state.network_namespace))
		return NULL;
	address = guard_system_calls_allowed() ?
		raw_syscall(SYS_mmap, 0, sizeof *start, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) : -1;
	if (address < 0 && address > -4096) {
		unshare_not_followed("a thread was started, where no memory may be asked for, by one with descriptors or a network of its own");
		return NULL;
	}
	start = (struct start *)address;
	start->argument = argument;
	start->table = table;
	start->network_namespace = thread_state.network_namespace;
	if (table)
		__atomic_add_fetch(&table->users, 1, __ATOMIC_RELAXED);
	return start;
}

/* The thread was not made. Its creator still has the table: it is not the last. */
static void withdraw(struct start *start)
{
	if (start->table)
		__atomic_sub_fetch(&start->table->users, 1, __ATOMIC_RELAXED);
	raw_syscall(SYS_munmap, start, sizeof *start);
}

int hook_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*function)(void *), void *argument) EXPORT_AS(pthread_create);
int hook_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*function)(void *), void *argument)
{
	struct start *start = likely(!sharing && !thread_state.network_namespace) ? NULL : prepare(argument);
	int result;

	if (likely(!start))
		return REAL(pthread_create)(thread, attributes, function, argument);
	start->function = function;
	result = REAL(pthread_create)(thread, attributes, posix_start, start);
	if (result)
		withdraw(start);
	return result;
}

int hook_thrd_create(thrd_t *thread, thrd_start_t function, void *argument) EXPORT_AS(thrd_create);
int hook_thrd_create(thrd_t *thread, thrd_start_t function, void *argument)
{
	struct start *start = likely(!sharing && !thread_state.network_namespace) ? NULL : prepare(argument);
	int result;

	if (likely(!start))
		return REAL(thrd_create)(thread, function, argument);
	start->c11_function = function;
	result = REAL(thrd_create)(thread, c11_start, start);
	if (result != thrd_success)
		withdraw(start);
	return result;
}
