/*
 * listeners.h: what TCP listeners are bound to. A connection that is accepted has the local address of its listener, so that the kernel need not be
 * asked each time; not so where the listener takes connections to any address: a wildcard, or one that is transparent (IP_TRANSPARENT, ip(7)).
 */
#ifndef PRELOAD_LISTENERS_H
#define PRELOAD_LISTENERS_H

#include "preload/raw.h"

/* fd listens, its address is this. Where it is kept, fd's cell has CELL_BOUND from here on. */
void listeners_note(int fd, uint64_t cell, const void *address, size_t length);

/* Bytes of the local address of what this listener accepts, and where they are; 0: the kernel must be asked. */
size_t listeners_address(uint64_t listener, const void **address);

#endif
