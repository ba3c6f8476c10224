/* process.h: what /proc tells about a process: whether it lives, and where code is mapped in it. */
#ifndef COLLECTOR_PROCESS_H
#define COLLECTOR_PROCESS_H

#include <stddef.h>
#include <stdint.h>

/* Field 22 of /proc/PID/stat: clock ticks since boot; 0: no such process, or it is a zombie. */
uint64_t process_start_time(int pid);

/* Is an io_uring among its descriptors? Looks at the first few hundred; 0 also when it may not. */
int process_has_ring(int pid);

struct process_mapping {
	uint64_t start, end; /* of executable memory */
	uint64_t base;       /* where the file's first byte is mapped (lowest mapping of the file) */
	char *path;
};

struct process_map {
	struct process_mapping *mappings;
	size_t count, room;
};

/* Reads the executable file mappings of a process. 0, or a negative errno (-ESRCH: it is ending and has none, or went on by exec): then `map` keeps what it held. */
int process_map_read(struct process_map *map, int pid);
/* The same from a spool's header: its `mappings` bytes, which may be anything. */
int process_map_unpack(struct process_map *map, const unsigned char *bytes, size_t length);
const struct process_mapping *process_map_find(const struct process_map *map, uint64_t address);
void process_map_free(struct process_map *map);

/* Arguments separated by NUL as a shell would need them; a malloc'd string, NULL: none. */
char *process_quote_arguments(const char *arguments, size_t length);

/* GNU build id of an ELF file in hex; hex: room for 65 bytes, empty when there is none. *fixed 1: not position-independent. */
void process_read_build_id(const char *path, char *hex, int *fixed);

#endif
