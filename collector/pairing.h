/* pairing.h: finds the two ends of each connection when recording ends, and how long a connection waited to be accepted. */
#ifndef COLLECTOR_PAIRING_H
#define COLLECTOR_PAIRING_H

#include <sqlite3.h>

/*
 * Sets socket.peer_id, accept_wait_ns and peer_candidates from the rows of `socket`, `address`, `process` and `host`. May be
 * run again on the same database (more was recorded): pairs found before are kept. Runs within the caller's transaction.
 * Time grows with n log n of the sockets. Returns 0, -ENOMEM or -EIO (sqlite3_errmsg says more).
 */
int pairing_run(sqlite3 *db);

#endif
