/*
 * thread_end.c: see thread_end.h. A thread-specific destructor (pthread_key_create(3)) tells; the key is made by our constructor, before the program makes
 * its own, so that it is one of those for which libc has room in its thread descriptor: to set it is two stores, and nothing is allocated.
 */
#include "preload/thread_end.h"
#include "preload/sharing.h"
#include "preload/writer.h"

#include <pthread.h>

extern int pthread_key_create(pthread_key_t *key, void (*destructor)(void *)) __attribute__((weak));
extern int pthread_key_delete(pthread_key_t key) __attribute__((weak));
extern int pthread_setspecific(pthread_key_t key, const void *value) __attribute__((weak));

#define KEYS_IN_DESCRIPTOR 32 /* glibc: PTHREAD_KEY_2NDLEVEL_SIZE; musl has room for all */
#define LAST_ROUND 4          /* PTHREAD_DESTRUCTOR_ITERATIONS: other destructors make calls in the ones before */

static pthread_key_t ending_key;
static int has_key;

static void thread_is_ending(void *round)
{
	uintptr_t next = (uintptr_t)round + 1;

	if (!sharing)
		writer_cursor_drop(__atomic_exchange_n(&thread_state.cursor, 0, __ATOMIC_RELAXED));
	/* What a destructor records after this one goes to another chunk, which the next round gives back. */
	if (next <= LAST_ROUND)
		pthread_setspecific(ending_key, (void *)next);
}

void thread_end_init(void)
{
	if (!pthread_key_create || !pthread_key_delete || !pthread_setspecific || pthread_key_create(&ending_key, thread_is_ending))
		return;
	if (ending_key >= KEYS_IN_DESCRIPTOR)
		pthread_key_delete(ending_key);
	else
		has_key = 1;
}

void thread_end_watch(void)
{
	if (has_key && !sharing)
		pthread_setspecific(ending_key, (void *)(uintptr_t)1);
}
