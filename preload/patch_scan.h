/*
 * patch_scan.h: finds the places in a mapped library's text that can be patched.
 */
#ifndef PRELOAD_PATCH_SCAN_H
#define PRELOAD_PATCH_SCAN_H

#include "preload/patch.h"
#include "preload/patch_module.h"
#include "preload/patch_site.h"

struct patch_found {
	struct patch_site *site;      /* room for `max` */
	uint32_t count, max;
	uint32_t *left;               /* counters, by enum patch_left */
};

/* Appends the sites of one module, in ascending order. Reads only; calls nothing. */
void patch_scan_module(const struct patch_module *module, struct patch_found *found);

#endif
