/* callers.h: return addresses of a process to places in files, numbered for the table `caller`. */
#ifndef COLLECTOR_CALLERS_H
#define COLLECTOR_CALLERS_H

#include "collector/intern.h"
#include "collector/map.h"
#include "collector/process.h"

/* All places of a trace; all zero is empty. */
struct callers {
	struct intern places;   /* module NUL build id NUL offset (store.h) */
	struct intern modules;  /* paths seen */
	struct map build_ids;   /* number in `modules` → struct build_id */
};

/* Those of one program image; its forks share it. All zero is empty. */
struct image_callers {
	struct process_map map;
	struct map known;       /* address → number of the place */
	int64_t read_ns;        /* when the mappings were read last */
};

/* The place of an address in the process pid (0: not there to be asked). An unknown one makes the mappings be read again, now and then. */
uint32_t callers_find(struct callers *callers, struct image_callers *image, int pid, uint64_t address);

void callers_free(struct callers *callers);
void callers_free_image(struct image_callers *image);

#endif
