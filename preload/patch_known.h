/*
 * patch_known.h: the sites of the libc that the library was built beside, found when it was built (preload/generate/known_libc.c). To scan libc's
 * 1.4 MB of text is most of what patching costs a program at its start; another libc, known by its build id, is scanned.
 */
#ifndef PRELOAD_PATCH_KNOWN_H
#define PRELOAD_PATCH_KNOWN_H

#include "preload/patch_scan.h"

struct patch_known_site {
	uint32_t at;            /* bytes into the text */
	uint16_t number;
	uint8_t resume;         /* bytes behind `at` */
	uint8_t kind;           /* enum patch_kind */
	uint8_t loads;
	struct patch_load load[PATCH_LOADS_MAX];
};

/* As patch_scan_module. 0: it is another module, or its text is not what it was, and nothing was appended. */
int patch_known_module(const struct patch_module *module, struct patch_found *found);

#endif
