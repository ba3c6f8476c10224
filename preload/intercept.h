/*
 * intercept.h: calls that libc makes from its own inside, from the patched places (patch.h) to the observers (hooks.h).
 */
#ifndef PRELOAD_INTERCEPT_H
#define PRELOAD_INTERCEPT_H

/* Patches libc unless `mode` (SOCKLIFE_INTERCEPT, NULL: not given) is "symbols"; once, from the constructor. */
void intercept_init(const char *mode);

/* Says in a new spool what is not seen for want of patches. */
void intercept_record_pending(void);

#endif
