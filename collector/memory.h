/*
 * memory.h: is memory short? A control group may hold the traced program and its collector to a few megabytes together (containers): then the
 * collector reads and commits in smaller steps.
 */
#ifndef COLLECTOR_MEMORY_H
#define COLLECTOR_MEMORY_H

#define MEMORY_SHORT_BYTES (256LL << 20)

/* 1: the limit of our control group, or of one around it, is below MEMORY_SHORT_BYTES. Asks the kernel once. */
int memory_is_short(void);

#endif
