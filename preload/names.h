/*
 * names.h: the one setting of names.c.
 */
#ifndef PRELOAD_NAMES_H
#define PRELOAD_NAMES_H

extern int names_recorded __attribute__((visibility("hidden"))); /* 0: SOCKLIFE_NAMES=0 */

#endif
