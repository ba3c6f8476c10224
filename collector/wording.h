/* wording.h: a call's human text for call.detail, from its kind, flags, arg and extensions. Pure. */
#ifndef COLLECTOR_WORDING_H
#define COLLECTOR_WORDING_H

#include "collector/record.h"

#define WORDING_BYTES 1024

/*
 * Writes the text of a finished (or never returned) call into text; its length, 0: nothing to say. address: text of the
 * address in question; "": none. error: its errno.
 */
size_t wording_write_call(const struct spool_call *call, const struct record_extensions *extensions, const char *address,
	char text[WORDING_BYTES]);

/* What the text of a call without extensions and address depends on besides its kind: it can be looked up by that, and need not be written again. */
enum wording_source {
	WORDING_FROM_MORE,
	WORDING_FROM_FLAGS, /* and is empty without any */
	WORDING_FROM_FLAGS_AND_ARG,
};
enum wording_source wording_source(unsigned kind);

/* Bytes of hostile text made printable: control characters as \xNN. Returns the length written (size > 0; always terminated). */
size_t wording_clean_text(char *text, size_t size, const unsigned char *bytes, size_t length);

/* Value of an int option (4 bytes, or 1); 1 when it is one. */
int wording_option_value(int level, int number, const struct record_bytes *option, int64_t *value);

#endif
