/*
 * interpose.c: another preloaded library that interposes socket calls: it passes them on to the next library (NEXT), or makes them with syscall() (CALL).
 */
#include <dlfcn.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifdef NEXT
#define MAKE(name, a, b, c, d, e, f) ((long (*)(long, long, long, long, long, long))dlsym(RTLD_NEXT, #name))(a, b, c, d, e, f)
#else
#define MAKE(name, a, b, c, d, e, f) syscall(SYS_##name, a, b, c, d, e, f)
#endif

#define INTERPOSE(name) \
	long other_##name(long a, long b, long c, long d, long e, long f) __asm__(#name); \
	long other_##name(long a, long b, long c, long d, long e, long f) { return MAKE(name, a, b, c, d, e, f); }
INTERPOSE(socket)
INTERPOSE(connect)
INTERPOSE(accept)
INTERPOSE(sendto)
INTERPOSE(recvfrom)
INTERPOSE(read)
INTERPOSE(write)
INTERPOSE(close)
INTERPOSE(shutdown)
INTERPOSE(poll)
INTERPOSE(dup2)
