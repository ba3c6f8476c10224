/*
 * rights.h: what a process does before it leaves the place from which its spool can be made.
 */
#ifndef PRELOAD_RIGHTS_H
#define PRELOAD_RIGHTS_H

/* It is about to enter other mounts (CLONE_NEWNS). */
void rights_before_leaving(void);

/* The same calls made through syscall(). */
void rights_watch(long number);

#endif
