/*
 * own_table.h: work that needs a descriptor for a moment. In the program's table it would have the lowest free number, which another thread may be about to use:
 * with close(1) and open(), with dup2 over it, or by a fork that takes it along. So a program of several threads gets a thread more for that moment, with a
 * copy of the table for itself (clone(2): CLONE_THREAD without CLONE_FILES), which works in the calling one's place, on its thread-local storage too, while that
 * waits. Not by CLONE_VFORK: debuggers take it for a process. All signals are blocked meanwhile: a handler may jump, and the descriptor would stay.
 */
#ifndef PRELOAD_OWN_TABLE_H
#define PRELOAD_OWN_TABLE_H

#include "preload/raw.h"

#define OWN_TABLE_STACK_BYTES 32768

/*
 * Calls run(argument) in such a thread. In one of the caller's own table where there is no other thread, where a filter may not know of clone, where there
 * is no memory, and in processes that run in our memory.
 */
void own_table_run(void (*run)(void *argument), void *argument);

/*
 * clone(2) onto another stack: the child calls run(argument) and ends. alive: for CLONE_CHILD_CLEARTID. Returns what the kernel does, in the parent; -1 where this
 * machine's is not known.
 */
long own_table_clone(unsigned long flags, void *stack_top, int *alive, void (*run)(void *argument), void *argument);

/* A stack for it, mapped, and its top; NULL: no memory. */
void *own_table_stack(long *mapped);

#endif
