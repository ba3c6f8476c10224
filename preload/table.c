/*
 * table.c: see table.h. Pages after the first are mapped when a socket first needs them and never given back.
 */
#include "preload/table.h"
#include "preload/guard.h"
#include "preload/patch.h"

#include <sys/mman.h>

#define RESERVE_MOST (16 * TABLE_PAGE_ENTRIES) /* half a megabyte of address space */

static uint64_t first_page[TABLE_PAGE_ENTRIES];

struct table table_process = {.page = {first_page}};

__thread int table_own_close = -1;

static void *map_zeroed(size_t bytes)
{
	long address = raw_syscall(SYS_mmap, 0, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return address < 0 && address > -4096 ? NULL : (void *)address;
}

static uint64_t *entry_of(int fd)
{
	struct table *table = table_current();
	uint64_t *page;

	if ((unsigned)fd >= TABLE_LIMIT)
		return NULL;
	page = __atomic_load_n(&table->page[(unsigned)fd >> TABLE_PAGE_BITS], __ATOMIC_ACQUIRE);
	return page ? &page[(unsigned)fd & (TABLE_PAGE_ENTRIES - 1)] : NULL;
}

static uint64_t *entry_make(int fd)
{
	struct table *table = table_current();
	uint64_t **slot, *expected = NULL, *page;

	if ((unsigned)fd >= TABLE_LIMIT)
		return NULL;
	slot = &table->page[(unsigned)fd >> TABLE_PAGE_BITS];
	page = __atomic_load_n(slot, __ATOMIC_ACQUIRE);
	if (!page) {
		page = guard_system_calls_allowed() ? map_zeroed(TABLE_PAGE_ENTRIES * sizeof *page) : NULL;
		if (!page)
			return NULL;
		if (!__atomic_compare_exchange_n(slot, &expected, page, 0, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) {
			raw_syscall(SYS_munmap, page, TABLE_PAGE_ENTRIES * sizeof *page);
			page = expected;
		}
	}
	return &page[(unsigned)fd & (TABLE_PAGE_ENTRIES - 1)];
}

void table_reserve(uint64_t descriptors)
{
	for (uint64_t fd = 0; fd < descriptors && fd < TABLE_LIMIT && fd < RESERVE_MOST; fd += TABLE_PAGE_ENTRIES)
		entry_make((int)fd);
}

/* Entry fd is in use. */
static void reach(struct table *table, int fd)
{
	uint32_t highest = __atomic_load_n(&table->highest, __ATOMIC_RELAXED);

	while ((uint32_t)fd > highest &&
	       !__atomic_compare_exchange_n(&table->highest, &highest, (uint32_t)fd, 1, __ATOMIC_RELAXED, __ATOMIC_RELAXED))
		;
}

int table_set(int fd, uint64_t cell)
{
	struct table *table = table_current();
	uint64_t *entry = cell ? entry_make(fd) : entry_of(fd);

	if (!entry)
		return cell ? -1 : 0;
	patch_wake();
	__atomic_store_n(entry, cell, __ATOMIC_RELEASE);
	if (cell)
		reach(table, fd);
	return 0;
}

uint64_t table_exchange(int fd, uint64_t cell)
{
	uint64_t *entry = entry_of(fd);
	uint64_t before = entry ? __atomic_exchange_n(entry, cell, __ATOMIC_ACQ_REL) : 0;

	if (!before)
		table_set(fd, cell);
	return before;
}

static uint64_t detach(int fd, uint64_t closing)
{
	uint64_t *entry = entry_of(fd);
	uint64_t cell = entry ? __atomic_load_n(entry, __ATOMIC_RELAXED) : 0;

	while (cell && !(cell & CELL_CLOSED) &&
	       !__atomic_compare_exchange_n(entry, &cell, cell | CELL_CLOSED | (cell & CELL_EPOLL ? 0 : closing), 1, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
		;
	return cell;
}

uint64_t table_detach(int fd)
{
	return detach(fd, 0);
}

uint64_t table_begin_close(int fd)
{
	return detach(fd, CELL_CLOSING);
}

int table_end_close(int fd, uint64_t cell)
{
	return !cell || cell & (CELL_CLOSED | CELL_EPOLL) || table_change(fd, cell | CELL_CLOSED | CELL_CLOSING, cell | CELL_CLOSED);
}

int table_change(int fd, uint64_t cell, uint64_t to)
{
	struct table *table = table_current();
	uint64_t *entry = cell ? entry_of(fd) : entry_make(fd);

	/* Where something stood, the table reaches and is in use. */
	if (!cell && entry) {
		patch_wake();
		reach(table, fd);
	}
	return entry && __atomic_compare_exchange_n(entry, &cell, to, 0, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED);
}

void table_forget(int fd, uint64_t cell)
{
	uint64_t *entry = entry_of(fd);

	if (entry && cell)
		__atomic_compare_exchange_n(entry, &cell, 0, 0, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED);
}

static int is_any(uint64_t cell)
{
	return cell != 0;
}

static int is_live(uint64_t cell)
{
	return cell && !(cell & CELL_CLOSED);
}

static int next(int from, uint64_t *cell, int (*wanted)(uint64_t cell))
{
	struct table *table = table_current();
	uint32_t highest = __atomic_load_n(&table->highest, __ATOMIC_RELAXED);

	for (uint32_t fd = from < 0 ? 0 : (uint32_t)from; fd <= highest && fd < TABLE_LIMIT; fd++) {
		uint64_t *page = __atomic_load_n(&table->page[fd >> TABLE_PAGE_BITS], __ATOMIC_ACQUIRE);
		uint64_t found;

		if (!page) {
			fd |= TABLE_PAGE_ENTRIES - 1;
			continue;
		}
		found = __atomic_load_n(&page[fd & (TABLE_PAGE_ENTRIES - 1)], __ATOMIC_RELAXED);
		if (wanted(found)) {
			*cell = found;
			return (int)fd;
		}
	}
	return -1;
}

int table_next(int from, uint64_t *cell)
{
	return next(from, cell, is_live);
}

int table_next_closing(int from, uint64_t *cell)
{
	return next(from, cell, table_is_closing);
}

int table_next_any(int from, uint64_t *cell)
{
	return next(from, cell, is_any);
}

struct table *table_copy(const struct table *from)
{
	struct table *copy = map_zeroed(sizeof *copy);

	if (!copy)
		return NULL;
	copy->highest = __atomic_load_n(&from->highest, __ATOMIC_RELAXED);
	for (unsigned i = 0; i <= copy->highest >> TABLE_PAGE_BITS; i++) {
		const uint64_t *page = __atomic_load_n(&from->page[i], __ATOMIC_ACQUIRE);
		unsigned last = copy->highest - (i << TABLE_PAGE_BITS);

		if (!page)
			continue;
		copy->page[i] = map_zeroed(TABLE_PAGE_ENTRIES * sizeof *page);
		for (unsigned j = 0; copy->page[i] && j < TABLE_PAGE_ENTRIES && j <= last; j++)
			copy->page[i][j] = __atomic_load_n(&page[j], __ATOMIC_RELAXED);
	}
	return copy;
}

void table_free(struct table *copy)
{
	for (unsigned i = 0; i <= copy->highest >> TABLE_PAGE_BITS; i++)
		if (copy->page[i])
			raw_syscall(SYS_munmap, copy->page[i], TABLE_PAGE_ENTRIES * sizeof(uint64_t));
	raw_syscall(SYS_munmap, copy, sizeof *copy);
}

void table_adopt(const struct table *copy)
{
	raw_copy(&table_process, copy, sizeof table_process);
	table_process.users = 0;
	table_process.number = 0;
}
