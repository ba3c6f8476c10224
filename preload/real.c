/*
 * real.c: see real.h. dlsym of a symbol that exists allocates nothing; one that does not exist would (its error text), which is
 * why this happens in the constructor and nowhere else.
 */
#include "preload/real.h"

#include <dlfcn.h>

struct real_functions real;

extern void *dlsym(void *handle, const char *symbol) __attribute__((weak));

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
}
