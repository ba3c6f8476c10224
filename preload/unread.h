/*
 * unread.h: has a TCP socket data that nobody has read? As far as this thread's latest records tell, which spares a system call for most connections: whoever closes one has
 * just read its last bytes.
 */
#ifndef PRELOAD_UNREAD_H
#define PRELOAD_UNREAD_H

#include <stddef.h>

#include "schema/spool.h"

/*
 * 1: the receives in the slots before `closing`, the record of the call that is about to close the socket, add up to all `received_bytes` that have come for it (tcpi_bytes_received
 * less the FIN), so that nothing is left. 0: not known. Exact whatever other threads and processes read: what they took is missing from the sum. Once a TCP socket has been
 * disconnected (spool_header.tcp_reused) it is not known of any.
 */
int unread_is_nothing(const struct spool_call *closing, uint64_t received_bytes);

/* A connect that succeeded: was it the end of a TCP connection, after which the socket may have another? */
void unread_after_connect(uint64_t cell, const void *address, size_t length);

#endif
