/*
 * patch_module.h: the libraries whose text can be patched, as they are mapped into this process.
 */
#ifndef PRELOAD_PATCH_MODULE_H
#define PRELOAD_PATCH_MODULE_H

#include <stddef.h>
#include <stdint.h>

#define PATCH_MODULES_MAX 2 /* libc, and libpthread before glibc 2.34 */

struct patch_module {
	const char *path;
	const uint8_t *text;          /* the executable segment, in memory */
	size_t text_bytes;
	uint64_t text_offset;         /* of `text` in the file */
	const uint8_t *frame_header;  /* .eh_frame_hdr: where functions begin and end */
	const uint8_t *build_id;      /* NULL: it has none */
	size_t build_id_bytes;
};

/* Fills module[PATCH_MODULES_MAX]; returns how many there are. Of libc it calls dl_iterate_phdr. */
unsigned patch_modules(struct patch_module *module);

#endif
