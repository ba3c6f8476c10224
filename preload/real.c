/*
 * real.c: see real.h. dlsym of a symbol that exists allocates nothing; one that does not exist would (its error text), which is
 * why this happens in the constructor and nowhere else.
 */
#include "preload/real.h"

#include <dlfcn.h>

struct real_functions real;

extern void *dlsym(void *handle, const char *symbol) __attribute__((weak));

READ_BY_EVERY_CALL int real_calls_are_libc;

extern const char *gnu_get_libc_version(void) __attribute__((weak));
extern __typeof__(_dl_find_object) _dl_find_object __attribute__((weak)); /* glibc 2.35 */

static int calls_are_libc(void)
{
	const void *const functions[] = {(void *)real.socket, (void *)real.connect, (void *)real.accept, (void *)real.accept4, (void *)real.setsockopt,
		(void *)real.close, (void *)real.send, (void *)real.sendto, (void *)real.sendmsg, (void *)real.recv, (void *)real.recvfrom, (void *)real.recvmsg,
		(void *)real.read, (void *)real.write, (void *)real.readv, (void *)real.writev, (void *)real.poll, (void *)real.epoll_ctl, (void *)real.epoll_wait};
	struct dl_find_object libc;

	if (!&__libc_single_threaded || !gnu_get_libc_version || !_dl_find_object || _dl_find_object((void *)&gnu_get_libc_version, &libc))
		return 0;
	for (unsigned i = 0; i < sizeof functions / sizeof *functions; i++)
		if (functions[i] < libc.dlfo_map_start || functions[i] >= libc.dlfo_map_end)
			return 0;
	return 1;
}

#define RESOLVE(name) *(void **)&real.name = dlsym(RTLD_NEXT, #name)

void real_resolve(void)
{
	if (!dlsym)
		return;
#define CALL(number, name, ...) RESOLVE(name);
#define VARIANT(symbol, ...) RESOLVE(symbol);
#include "schema/calls.def"
#define X(name, ...) RESOLVE(name);
	REAL_BY_HAND(X)
#undef X
	RESOLVE(clone);
	exec_resolve();
	RESOLVE(vfork);
	real_calls_are_libc = calls_are_libc();
}
