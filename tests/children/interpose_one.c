/*
 * interpose_one.c: a preloaded library that interposes the one function NAME, and adds a byte to the file INTERPOSED for every call of it.
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#define AS_TEXT(name) #name
#define TEXT(name) AS_TEXT(name)

long other(long a, long b, long c, long d, long e, long f) __asm__(TEXT(NAME));
long other(long a, long b, long c, long d, long e, long f)
{
	long file = syscall(SYS_openat, AT_FDCWD, getenv("INTERPOSED"), O_WRONLY | O_CREAT | O_APPEND, 0600);

	syscall(SYS_write, file, "x", 1);
	syscall(SYS_close, file);
	return ((long (*)(long, long, long, long, long, long))dlsym(RTLD_NEXT, TEXT(NAME)))(a, b, c, d, e, f);
}
