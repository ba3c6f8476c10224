/*
 * libc_threads.c: functions behind which libc starts a thread by itself, past pthread_create's symbol: timers and message queues that notify by one
 * (SIGEV_THREAD), asynchronous input, output and name resolution. That thread has the descriptors and the network namespace of the one that made it
 * necessary; where those are not the process's (unshare.h), what it does cannot be followed: a gap. The calls themselves are passed on as they came.
 */
#include "preload/hooks.h"
#include "preload/sharing.h"
#include "preload/unshare.h"
#include "preload/writer.h"

#include <aio.h>
#include <dlfcn.h>
#include <errno.h>
#include <mqueue.h>
#include <netdb.h>
#include <signal.h>
#include <time.h>

extern void *dlsym(void *handle, const char *symbol) __attribute__((weak));
extern void *dlopen(const char *path, int mode) __attribute__((weak));
extern int dlclose(void *handle) __attribute__((weak));

/*
 * Looked for when it is called, since none of these functions is async-signal-safe: before glibc 2.34 they are in libraries of their own, which may
 * come late and be seen by nobody but who has opened them.
 */
__attribute__((noinline)) static void *find(const char *symbol, const char *library)
{
	void *found = dlsym ? dlsym(RTLD_NEXT, symbol) : NULL;
	void *handle;

	if (found || !dlopen || !dlclose)
		return found;
	handle = dlopen(library, RTLD_LAZY | RTLD_NOLOAD);
	if (!handle)
		return NULL;
	found = dlsym(handle, symbol);
	dlclose(handle);
	return found;
}

static int by_thread(const struct sigevent *event)
{
	return event && event->sigev_notify == SIGEV_THREAD;
}

static int elsewhere(void)
{
	return writer_enabled && ((sharing && sharing_own_table()) || thread_state.network_namespace);
}

static int lacking(void)
{
	errno = ENOSYS;
	return -1;
}

static int lacking_resolver(void)
{
	errno = ENOSYS;
	return EAI_SYSTEM;
}

/* starts: whether libc needs a thread for it, looked at only where that matters; failure: what it returns where libc lacks it. */
#define PASSED_ON(name, symbol, exported, library, parameters, arguments, starts, failure) \
	int hook_##name parameters exported; \
	int hook_##name parameters \
	{ \
		static int (*real) parameters; \
		if (elsewhere() && (starts)) \
			unshare_not_followed(#symbol ", which lets libc start a thread, by one with descriptors or a network of its own"); \
		if (!real) \
			*(void **)&real = find(#symbol, library); \
		return real ? real arguments : failure; \
	}

#define PASSED_ON_AIO(name, type) \
	PASSED_ON(name, name, EXPORT_AS(name), "librt.so.1", (struct type *block), (block), 1, lacking())
#define PASSED_ON_SYNC(name, type) \
	PASSED_ON(name, name, EXPORT_AS(name), "librt.so.1", (int operation, struct type *block), (operation, block), 1, lacking())
PASSED_ON_AIO(aio_read, aiocb)
PASSED_ON_AIO(aio_read64, aiocb64)
PASSED_ON_AIO(aio_write, aiocb)
PASSED_ON_AIO(aio_write64, aiocb64)
PASSED_ON_SYNC(aio_fsync, aiocb)
PASSED_ON_SYNC(aio_fsync64, aiocb64)
PASSED_ON(mq_notify, mq_notify, EXPORT_AS(mq_notify), "librt.so.1", (mqd_t queue, const struct sigevent *event), (queue, event), by_thread(event), lacking())
PASSED_ON(getaddrinfo_a, getaddrinfo_a, EXPORT_AS(getaddrinfo_a), "libanl.so.1", (int mode, struct gaicb *list[], int count, struct sigevent *event),
	(mode, list, count, event), 1, lacking_resolver())

/*
 * glibc on x86-64 has these in a first version too, of before 2006, which takes other arguments or answers otherwise: who asks for that one gets it
 * from libc (preload/exports.map).
 */
#define PASSED_ON_LIST(name, symbol, exported, type) \
	PASSED_ON(name, symbol, exported, "librt.so.1", (int mode, struct type *const list[], int count, struct sigevent *event), (mode, list, count, event), 1, \
		lacking())
#define PASSED_ON_TIMER(name, exported) \
	PASSED_ON(name, timer_create, exported, "librt.so.1", (clockid_t clock, struct sigevent *event, timer_t *timer), (clock, event, timer), by_thread(event), \
		lacking())
PASSED_ON_LIST(list_now, lio_listio, EXPORT_VERSION(list_now, lio_listio, "@@GLIBC_2.34"), aiocb)
PASSED_ON_LIST(list64_now, lio_listio64, EXPORT_VERSION(list64_now, lio_listio64, "@@GLIBC_2.34"), aiocb64)
PASSED_ON_TIMER(timer_now, EXPORT_VERSION(timer_now, timer_create, "@@GLIBC_2.34"))
#if defined(__x86_64__)
PASSED_ON_LIST(list_librt, lio_listio, EXPORT_VERSION(list_librt, lio_listio, "@GLIBC_2.4"), aiocb)
PASSED_ON_LIST(list64_librt, lio_listio64, EXPORT_VERSION(list64_librt, lio_listio64, "@GLIBC_2.4"), aiocb64)
PASSED_ON_TIMER(timer_librt, EXPORT_VERSION(timer_librt, timer_create, "@GLIBC_2.3.3"))
#endif
