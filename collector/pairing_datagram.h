/* pairing_datagram.h: datagram sockets of which one end, or both, never connected. */
#ifndef COLLECTOR_PAIRING_DATAGRAM_H
#define COLLECTOR_PAIRING_DATAGRAM_H

#include <sqlite3.h>

/* In SQL: the network namespace of the socket `s`; 0: not known. */
#define PAIRING_NAMESPACE "coalesce(s.network_namespace, (SELECT h.network_namespace FROM process p JOIN host h ON h.host_id = p.host_id WHERE p.process_id = s.process_id), 0)"

/* To be called when the others have their peers. Returns SQLITE_OK, or the error. */
int pairing_datagram_servers(sqlite3 *db);

#endif
