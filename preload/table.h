/*
 * table.h: the descriptor table: which socket does descriptor N refer to? One 64-bit cell a descriptor (schema/spool.h),
 * 0 for what is no socket. Two levels, so that high descriptors cost nothing until they are used; an entry is read and
 * written with one atomic access, so that no reader ever sees half of one. No lock: a descriptor belongs to the thread that was
 * just given it, or that is about to close it.
 *
 * Invariant: a live cell stands in entry N only while the kernel's descriptor N refers to that socket. Whoever closes detaches
 * the entry *before* the real call, whoever opens sets it after.
 *
 * The child of a vfork shares our memory but not our descriptors: it works on a copy (sharing.h).
 */
#ifndef PRELOAD_TABLE_H
#define PRELOAD_TABLE_H

#include "preload/raw.h"
#include "preload/sharing.h"
#include "schema/spool.h"

#define TABLE_PAGE_BITS 12
#define TABLE_PAGE_ENTRIES (1u << TABLE_PAGE_BITS)
#define TABLE_PAGES 4096u
#define TABLE_LIMIT (TABLE_PAGES * TABLE_PAGE_ENTRIES) /* 16 Mi descriptors; a higher one is a gap */

struct table {
	uint32_t highest;            /* no live entry beyond this one */
	uint32_t users;              /* threads that go on with it; 0: that of a process, or of one child */
	uint64_t number;             /* of one that threads share: what it is called in the spool */
	uint64_t *page[TABLE_PAGES]; /* NULL: no socket there yet */
};

extern struct table table_process;

always_inline struct table *table_current(void)
{
	return unlikely(sharing != NULL) ? sharing_table() : &table_process;
}

/* The cell of fd, possibly with CELL_CLOSED; 0: no socket known. Any value of fd is allowed. */
always_inline uint64_t table_get(int fd)
{
	struct table *table = table_current();
	uint64_t *page;

	if (unlikely((unsigned)fd >= TABLE_LIMIT))
		return 0;
	page = __atomic_load_n(&table->page[(unsigned)fd >> TABLE_PAGE_BITS], __ATOMIC_ACQUIRE);
	if (page == NULL)
		return 0;
	return __atomic_load_n(&page[(unsigned)fd & (TABLE_PAGE_ENTRIES - 1)], __ATOMIC_RELAXED);
}

/* No memory may be asked for from now on: room for so many descriptors, or for 65,536. */
void table_reserve(uint64_t descriptors);

/* Sets fd's cell. Returns 0, or -1 when fd is beyond the table or no memory is left (the descriptor is then not traced). */
int table_set(int fd, uint64_t cell);

/* Sets fd's cell, as far as that can be done, and returns what stood there. */
uint64_t table_exchange(int fd, uint64_t cell);

/* Replaces a live cell by its closed form and returns what stood there (0, live or closed). */
uint64_t table_detach(int fd);

/*
 * The same of one that is about to be closed: until table_end_close, given what this returned, a socket's cell is CELL_CLOSING as well. That returns whether it still
 * stood there: something else has the number since if not, or was duplicated over it before it was closed.
 */
uint64_t table_begin_close(int fd);
int table_end_close(int fd, uint64_t cell);

/* Is this the cell of a socket that a thread is about to close, or has just closed? */
always_inline int table_is_closing(uint64_t cell)
{
	return (cell & (CELL_CLOSED | CELL_CLOSING | CELL_EPOLL)) == (CELL_CLOSED | CELL_CLOSING);
}

/* Whose cell it is, live or not: without CELL_CLOSED and CELL_CLOSING. */
always_inline uint64_t table_named(uint64_t cell)
{
	return cell & ~(table_is_closing(cell) ? CELL_CLOSED | CELL_CLOSING : CELL_CLOSED);
}

/* Puts `to` in the place of `cell` (0: nothing), if that still stands there. Returns whether it did. */
int table_change(int fd, uint64_t cell, uint64_t to);

/* Sets fd's entry to 0 if it still is `cell`. */
void table_forget(int fd, uint64_t cell);

/* The number that this thread is closing at this moment, for a handler that forks meanwhile: the child goes on closing it. -1: none. */
extern __thread int table_own_close __attribute__((visibility("hidden")));

/* The next descriptor >= from whose cell is live, or is CELL_CLOSING, or -1; *cell is then its cell. */
int table_next(int from, uint64_t *cell);
int table_next_closing(int from, uint64_t *cell);
/* The same of any cell that is not 0. */
int table_next_any(int from, uint64_t *cell);

/* A private copy, for a process that runs in our memory. NULL: no memory. */
struct table *table_copy(const struct table *from);
void table_free(struct table *copy);

/* The calling process, forked from one that worked on a copy, goes on with that. */
void table_adopt(const struct table *copy);

#endif
