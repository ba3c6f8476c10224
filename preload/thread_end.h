/*
 * thread_end.h: a thread that ends gives its chunk of the spool to the reader, however few records are in it: a server that starts a thread for each
 * connection would else use up a spool of any size.
 */
#ifndef PRELOAD_THREAD_END_H
#define PRELOAD_THREAD_END_H

/* Once, from the constructor. */
void thread_end_init(void);

/* This thread has a chunk, or is about to: async-signal-safe. */
void thread_end_watch(void);

#endif
